//! These tests compare the trainer with a second implementation, and they check its results.

use std::num::NonZeroUsize;

use AdversaryFairness::{DemographicParity, EqualOpportunity, EqualizedOdds};
use mlp::{Activation, Adam, Initialization, Optimizer};
use rand::seq::SliceRandom;
use tape::check::{Settings, check};
use tape::{Lanes, Objective as Function};
use tasks::{Purpose, stream};

use super::*;
use crate::{AdversaryFairness, Classification, LaftrOptions};

const NOTIONS: [AdversaryFairness; 3] = [DemographicParity, EqualOpportunity, EqualizedOdds];

fn count(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

fn options() -> LaftrOptions {
    let (hidden, code, batch) = (count(5), count(3), count(8));
    LaftrOptions { hidden, code, batch, rate: 0.01, epochs: 3, ..LaftrOptions::default() }
}

/// Returns options with the default choices, and three more that cover all other choices.
fn readings() -> [LaftrOptions; 4] {
    let good = LaftrOptions { alpha: 0.8, beta: 0.7, ..options() };
    let (groups, batch) = (ClassWeights::EqualGroups, GroupSizes::MiniBatch);
    let other = LaftrOptions {
        activation: Activation::LeakyRelu,
        classification: Classification::CrossEntropy,
        group_sizes: batch,
        initialization: Initialization::Glorot,
        ..good
    };
    [
        LaftrOptions { beta: 0.0, ..good },
        LaftrOptions { class_weights: groups, ..good },
        other,
        LaftrOptions { class_weights: groups, activation: Activation::Tanh, ..other },
    ]
}

fn settings(options: LaftrOptions) -> LaftrSettings {
    LaftrSettings::try_from(options).unwrap()
}

fn arm(fairness: AdversaryFairness, gamma: f64) -> LaftrArm {
    LaftrArm::new(fairness, gamma).unwrap()
}

/// Makes rows whose first feature shows the group and whose second feature shows the label. The
/// other features are noise. One row in three is protected. Positive labels are equally frequent in
/// both groups.
fn data(rows: usize) -> Batch {
    let noise = |i: usize, k: usize| ((i * 37 + k * 101 + 1) as f64 * 0.7548776662).fract() - 0.5;
    let protected: Vec<bool> = (0..rows).map(|i| i % 3 == 0).collect();
    let positive: Vec<bool> = (0..rows).map(|i| noise(i, 9) > 0.0).collect();
    let x = (0..rows)
        .flat_map(|i| {
            let of = |truth: bool| if truth { 1.0 } else { -1.0 };
            let (group, label) = (of(protected[i]), of(positive[i]));
            [group + noise(i, 0), label + noise(i, 1), noise(i, 2), noise(i, 3)]
        })
        .collect();
    Batch::new(4, x, positive, protected).unwrap()
}

/// Holds the weights of the four networks as plain numbers.
#[derive(Clone, Debug)]
struct Plain {
    f: Vec<f64>,
    g: Vec<f64>,
    h: Vec<f64>,
    k: Vec<f64>,
}

impl Plain {
    fn of<S: Scalar>(laftr: &Laftr<'_, S>, lane: usize) -> Self {
        let numbers = |player: &Player<S>| -> Vec<f64> {
            player.theta.iter().map(|entry| entry.lane(lane)).collect()
        };
        let Each { encoder, classifier, adversary, decoder } = &laftr.players;
        Plain {
            f: [numbers(&laftr.input.player), numbers(encoder)].concat(),
            g: numbers(classifier),
            h: numbers(adversary),
            k: decoder.as_ref().map_or(Vec::new(), numbers),
        }
    }

    fn largest_difference(&self, other: &Plain) -> f64 {
        let all = |plain: &Plain| [&plain.f[..], &plain.g, &plain.h, &plain.k].concat();
        let (ours, theirs) = (all(self), all(other));
        assert_eq!(ours.len(), theirs.len());
        ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    }
}

/// Implements the objectives of the paper a second time, written for clarity.
struct Paper<'a> {
    settings: LaftrSettings,
    arm: LaftrArm,
    /// The rows of the mini-batch.
    rows: &'a Batch,
    /// All rows.
    data: &'a Batch,
    weights: &'a Plain,
    adversary_plays: bool,
}

impl Paper<'_> {
    fn dense<S: Scalar>(&self, tape: &mut Tape<S>, widths: [usize; 3], theta: Var, x: Var) -> Var {
        Network::new(&widths, self.settings.activation).unwrap().logits(tape, theta, x)
    }

    /// Returns |D| for the rows with a = i and, if a label is given, with this label.
    fn size(&self, label: Option<bool>, i: f64) -> f64 {
        let count = |batch: &Batch| -> f64 {
            let labeled = |row: usize| label.is_none_or(|label| batch.positive()[row] == label);
            let member = |&row: &usize| labeled(row) && batch.protected()[row] == (i == 0.0);
            (0..batch.rows()).filter(member).count() as f64
        };
        match self.settings.group_sizes {
            GroupSizes::MiniBatch => count(self.rows),
            GroupSizes::AllRows => {
                self.rows.rows() as f64 * (count(self.data) / self.data.rows() as f64)
            }
        }
    }

    fn column<S: Scalar>(&self, tape: &mut Tape<S>, entry: impl Fn(usize) -> f64) -> Var {
        tape.constant_from(self.rows.rows(), 1, |row, _, _| entry(row))
    }

    fn a(&self, row: usize) -> f64 {
        if self.rows.protected()[row] { 0.0 } else { 1.0 }
    }

    fn classification<S: Scalar>(&self, tape: &mut Tape<S>, logits: Var) -> Var {
        let losses = match self.settings.classification {
            Classification::AbsoluteError => {
                let p = tape.sigmoid(logits);
                let y = self.column(tape, |row| f64::from(u8::from(self.rows.positive()[row])));
                let difference = tape.sub(y, p);
                tape.abs(difference)
            }
            Classification::CrossEntropy => self.cross_entropies(tape, logits),
        };
        let weights = self.column(tape, |row| match self.settings.class_weights {
            ClassWeights::EqualRows => 1.0 / self.rows.rows() as f64,
            ClassWeights::EqualGroups => 1.0 / self.size(None, self.a(row)),
        });
        tape.dot(losses, weights)
    }

    /// Records −[y ln p + (1 − y) ln (1 − p)].
    fn cross_entropies<S: Scalar>(&self, tape: &mut Tape<S>, logits: Var) -> Var {
        let mut sum = self.column(tape, |_| 0.0);
        for positive in [true, false] {
            let signed = tape.scale(logits, if positive { 1.0 } else { -1.0 });
            let p = tape.sigmoid(signed);
            let ln = tape.ln(p);
            let own =
                self.column(tape, |row| f64::from(u8::from(self.rows.positive()[row] == positive)));
            let part = tape.mul(ln, own);
            sum = tape.add(sum, part);
        }
        tape.neg(sum)
    }

    /// Records (1 or 2) − Σ (1/|D|) Σ_D |h − a|.
    fn adversary<S: Scalar>(&self, tape: &mut Tape<S>, logits: Var) -> Var {
        let h = tape.sigmoid(logits);
        let a = self.column(tape, |row| self.a(row));
        let difference = tape.sub(h, a);
        let difference = tape.abs(difference);
        let labels: &[Option<bool>] = match self.arm.fairness() {
            DemographicParity => &[None],
            EqualOpportunity => &[Some(true)],
            EqualizedOdds => &[Some(false), Some(true)],
        };
        let mut objective = tape.scalar(labels.len() as f64);
        for (label, i) in labels.iter().flat_map(|label| [0.0, 1.0].map(|i| (*label, i))) {
            let member = |row: usize| {
                let labeled = label.is_none_or(|label| self.rows.positive()[row] == label);
                f64::from(u8::from(labeled && self.a(row) == i))
            };
            if (0..self.rows.rows()).map(member).sum::<f64>() > 0.0 {
                let size = self.size(label, i);
                let members = self.column(tape, member);
                let sum = tape.dot(difference, members);
                let mean = tape.scale(sum, 1.0 / size);
                objective = tape.sub(objective, mean);
            }
        }
        objective
    }

    /// Records the mean of (k(z, a) − x)². The first layer of k has two parts, one for z and one
    /// for a.
    fn reconstruction<S: Scalar>(&self, tape: &mut Tape<S>, k: Var, code: Var, x: Var) -> Var {
        let (z, hidden, features) =
            (self.settings.code.get(), self.settings.hidden.get(), self.rows.features());
        let for_code = tape.window(k, 0, z, hidden);
        let for_group = tape.window(k, z * hidden, 1, hidden);
        let bias = tape.window(k, (z + 1) * hidden, 1, hidden);
        let start = (z + 2) * hidden;
        let second = tape.window(k, start, hidden, features);
        let last = tape.window(k, start + hidden * features, 1, features);
        let a = self.column(tape, |row| self.a(row));
        let (one, two) = (tape.affine(code, for_code, bias), tape.matmul(a, for_group));
        let units = tape.add(one, two);
        let units = self.settings.activation.eval(tape, units);
        let outputs = tape.affine(units, second, last);
        let errors = tape.sub(outputs, x);
        let squares = tape.powi(errors, 2);
        tape.mean(squares)
    }
}

impl Function for Paper<'_> {
    /// `parameters` holds h if the adversary is trained. Otherwise it holds f, g and k one after
    /// another.
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        let (features, hidden, code) =
            (self.rows.features(), self.settings.hidden.get(), self.settings.code.get());
        let x = tape.constant_lanes(self.rows.rows(), features, |_| self.rows.x());
        let constant = |tape: &mut Tape<S>, x: &[f64]| tape.constant_lanes(1, x.len(), |_| x);
        if self.adversary_plays {
            let f = constant(tape, &self.weights.f);
            let code_of_x = self.dense(tape, [features, hidden, code], f, x);
            let logits = self.dense(tape, [code, hidden, 1], parameters, code_of_x);
            return self.adversary(tape, logits);
        }
        let (f, g) = (self.weights.f.len(), self.weights.g.len());
        let encoder = tape.window(parameters, 0, 1, f);
        let classifier = tape.window(parameters, f, 1, g);
        let adversary = constant(tape, &self.weights.h);
        let code_of_x = self.dense(tape, [features, hidden, code], encoder, x);
        let logits = self.dense(tape, [code, hidden, 1], classifier, code_of_x);
        let own = self.classification(tape, logits);
        let logits = self.dense(tape, [code, hidden, 1], adversary, code_of_x);
        let against = self.adversary(tape, logits);
        let (own, against) =
            (tape.scale(own, self.settings.alpha), tape.scale(against, self.arm.gamma()));
        let total = tape.add(own, against);
        if self.weights.k.is_empty() {
            return total;
        }
        let decoder = tape.window(parameters, f + g, 1, self.weights.k.len());
        let reconstruction = self.reconstruction(tape, decoder, code_of_x, x);
        let reconstruction = tape.scale(reconstruction, self.settings.beta);
        tape.add(total, reconstruction)
    }
}

/// Runs the algorithm of the paper on plain vectors. For each mini-batch, f, g and k take one Adam
/// step down their objective. Then h takes one Adam step up its own objective.
fn by_the_book(settings: LaftrSettings, arm: LaftrArm, data: &Batch, seed: u64) -> Plain {
    let mut weights = Plain::of(&Laftr::<f64>::new(settings, &[arm], data, seed).unwrap(), 0);
    let [mut down, mut up] = [0, 1].map(|_| Adam::new(settings.rate).unwrap());
    for epoch in 0..settings.epochs {
        let mut order: Vec<usize> = (0..data.rows()).collect();
        order.shuffle(&mut stream(seed, Purpose::MiniBatch, epoch, 0));
        for rows in order.chunks(settings.batch.get()) {
            let rows = data.select(rows);
            let paper = |weights, adversary_plays| Paper {
                settings,
                arm,
                rows: &rows,
                data,
                weights,
                adversary_plays,
            };
            let mut own = [&weights.f[..], &weights.g, &weights.k].concat();
            let (_, gradient) = tape::gradient(&paper(&weights, false), &own);
            down.step(&mut own, &gradient);
            let (f, rest) = own.split_at(weights.f.len());
            let (g, k) = rest.split_at(weights.g.len());
            let next = Plain { f: f.to_vec(), g: g.to_vec(), k: k.to_vec(), h: weights.h.clone() };
            let (_, gradient) = tape::gradient(&paper(&next, true), &next.h);
            let descent: Vec<f64> = gradient.iter().map(|g| -g).collect();
            weights = next.clone();
            up.step(&mut weights.h, &descent);
        }
    }
    weights
}

/// The 30 rows form mini-batches of 8 rows, and the last one has 6. Some of them lack a group of
/// equalized odds.
#[test]
fn it_is_the_algorithm_of_the_paper() {
    let data = data(30);
    for options in readings() {
        let settings = settings(options);
        for arm in NOTIONS.map(|fairness| arm(fairness, 1.5)) {
            let mut laftr = Laftr::<f64>::new(settings, &[arm], &data, 3).unwrap();
            laftr.train(|_, _| ()).unwrap();
            let expected = by_the_book(settings, arm, &data, 3);
            let difference = Plain::of(&laftr, 0).largest_difference(&expected);
            assert!(difference < 1e-9, "{arm}, {options:?}: {difference}");
        }
    }
}

/// The test checks the first and second derivatives of the recorded objectives of both players.
#[test]
fn derivatives_of_both_players() {
    struct Encoders<'a>(&'a Laftr<'a, f64>);
    struct Adversaries<'a>(&'a Laftr<'a, f64>);

    impl Function for Encoders<'_> {
        fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
            let laftr = self.0;
            let (features, hidden) = (laftr.data.features(), laftr.input.hidden());
            let mut start = 0;
            let mut window = |tape: &mut Tape<S>, rows: usize, columns: usize| {
                start += rows * columns;
                tape.window(parameters, start - rows * columns, rows, columns)
            };
            let (w, b) = (window(tape, features, hidden), window(tape, 1, hidden));
            let x = tape.constant_lanes(laftr.data.rows(), features, |_| laftr.data.x());
            let first = tape.affine(x, w, b);
            let h = &laftr.players.adversary.theta;
            let networks = &laftr.networks;
            let weights = Each {
                encoder: window(tape, 1, networks.encoder.parameter_count()),
                classifier: window(tape, 1, networks.classifier.parameter_count()),
                adversary: tape.constant_lanes(1, h.len(), |_| h),
                decoder: networks.decoder.as_ref().map(|k| window(tape, 1, k.parameter_count())),
            };
            let group = tape.constant_from(laftr.data.rows(), 4, |row, column, _| {
                f64::from(u8::from(column == 3 && !laftr.data.protected()[row]))
            });
            let positive = laftr.data.positive().iter().copied();
            let (classification, groups) = (laftr.settings.classification, laftr.groups.as_ref());
            let inputs = Inputs {
                first,
                labels: ClassLoss::new(tape, classification, positive, groups),
                fairness: Recorded::new(tape, laftr.data.rows(), |_| &laftr.weights[0]),
                gamma: tape.scalar(1.5),
                original: Some(Original { x, group }),
            };
            networks.objective(tape, &weights, &inputs, (0.8, 0.7)).total
        }
    }

    impl Function for Adversaries<'_> {
        fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
            let laftr = self.0;
            let codes = laftr.encoders()[0].encode(laftr.data).unwrap();
            let code = tape.constant_lanes(codes.rows(), codes.features(), |_| codes.x());
            let fairness = Recorded::new(tape, codes.rows(), |_| &laftr.weights[0]);
            laftr.networks.adversary_objective(tape, parameters, code, fairness)
        }
    }

    let data = data(7);
    let readings = readings().map(|options| LaftrOptions { beta: 0.7, ..options });
    let cases = readings.iter().flat_map(|options| NOTIONS.map(|fairness| (options, fairness)));
    for (options, fairness) in cases {
        let (settings, arm) = (settings(*options), arm(fairness, 1.5));
        let mut laftr = Laftr::<f64>::new(settings, &[arm], &data, 1).unwrap();
        laftr.epoch().unwrap();
        laftr.take(&[0, 1, 2, 3, 4, 5, 6]);
        let Plain { f, g, h, k } = Plain::of(&laftr, 0);
        check(&Encoders(&laftr), &[f, g, k].concat(), Settings::default()).unwrap();
        check(&Adversaries(&laftr), &h, Settings::default()).unwrap();
    }
}

/// The test trains five settings in eight lanes. Three lanes are unused.
#[test]
fn lanes_are_separate_trainings() {
    let data = data(50);
    let class_weights = ClassWeights::EqualGroups;
    let settings = settings(LaftrOptions { beta: 0.2, class_weights, ..options() });
    let arms = [
        arm(DemographicParity, 0.0),
        arm(DemographicParity, 2.0),
        arm(EqualOpportunity, 1.0),
        arm(EqualizedOdds, 0.5),
        arm(EqualizedOdds, 4.0),
    ];
    let mut together = Laftr::<Lanes<f64, 8>>::new(settings, &arms, &data, 9).unwrap();
    let mut losses = Vec::new();
    together.train(|_, epoch| losses = epoch.to_vec()).unwrap();
    assert_eq!(losses.len(), 5);
    for (lane, arm) in arms.into_iter().enumerate() {
        let mut alone = Laftr::<f64>::new(settings, &[arm], &data, 9).unwrap();
        let mut own = Vec::new();
        alone.train(|_, epoch| own = epoch.to_vec()).unwrap();
        let difference = Plain::of(&alone, 0).largest_difference(&Plain::of(&together, lane));
        assert!(difference < 1e-10, "{arm}: {difference}");
        assert!((own[0].classification - losses[lane].classification).abs() < 1e-10);
        assert!((own[0].adversary - losses[lane].adversary).abs() < 1e-10);
        assert_eq!(own[0].absent, losses[lane].absent);
        assert_eq!(alone.decisions(&data).unwrap()[0], together.decisions(&data).unwrap()[lane]);
        let objectives = together.adversary_objectives(&data)[lane];
        assert!((alone.adversary_objectives(&data)[0] - objectives).abs() < 1e-10);
    }
}

/// At γ = 0 the adversary has no influence on the encoder, whatever its notion. It learns all the
/// same.
#[test]
fn without_weight_the_adversary_is_ignored() {
    let data = data(60);
    let arms = NOTIONS.map(|fairness| arm(fairness, 0.0));
    let settings = settings(LaftrOptions { epochs: 40, ..options() });
    let mut laftr = Laftr::<Lanes<f64, 4>>::new(settings, &arms, &data, 2).unwrap();
    let before = laftr.adversary_objectives(&data);
    laftr.train(|_, _| ()).unwrap();
    let encoders = laftr.encoders();
    assert!(encoders[1] == encoders[0] && encoders[2] == encoders[0]);
    let [first, second] = [0, 1].map(|lane| Plain::of(&laftr, lane).h);
    assert_ne!(first, second);
    for (before, after) in before.iter().zip(laftr.adversary_objectives(&data)) {
        assert!(after > before + 0.3, "{before} and then {after}");
    }
}

/// The test asks the adversary that was trained with the encoder. At γ = 0 it knows the group of
/// nearly every row. At γ = 4 it guesses, and the classifier still predicts the label.
#[test]
fn a_large_gamma_fools_the_adversary() {
    let data = data(150);
    let arms = [arm(DemographicParity, 0.0), arm(DemographicParity, 4.0)];
    let settings = settings(LaftrOptions { epochs: 300, ..LaftrOptions::default() });
    let mut laftr = Laftr::<Lanes<f64, 2>>::new(settings, &arms, &data, 4).unwrap();
    laftr.train(|_, _| ()).unwrap();
    let objectives = laftr.adversary_objectives(&data);
    assert!(objectives[0] > 0.9 && objectives[1] < 0.3, "{objectives:?}");
    for decisions in laftr.decisions(&data).unwrap() {
        assert!(decisions.overall().accuracy().unwrap() > 0.95, "the label is lost");
    }
}

#[test]
fn each_player_moves_its_own_weights() {
    let data = data(20);
    let settings = settings(LaftrOptions { beta: 0.5, ..options() });
    let mut laftr = Laftr::<f64>::new(settings, &[arm(EqualizedOdds, 2.0)], &data, 5).unwrap();
    let rows: Vec<usize> = (0..20).collect();
    laftr.take(&rows);
    let start = Plain::of(&laftr, 0);
    laftr.encoder_step(&rows).unwrap();
    let middle = Plain::of(&laftr, 0);
    assert_eq!(middle.h, start.h);
    assert!(middle.f != start.f && middle.g != start.g && middle.k != start.k);
    laftr.adversary_step(rows.len()).unwrap();
    let end = Plain::of(&laftr, 0);
    assert_eq!((&end.f, &end.g, &end.k), (&middle.f, &middle.g, &middle.k));
    assert_ne!(end.h, middle.h);
}

#[test]
fn the_adversary_ascends() {
    let data = data(20);
    let settings = settings(LaftrOptions { rate: 1e-4, ..options() });
    let arms = NOTIONS.map(|fairness| arm(fairness, 1.0));
    let mut laftr = Laftr::<Lanes<f64, 3>>::new(settings, &arms, &data, 6).unwrap();
    laftr.take(&(0..20).collect::<Vec<_>>());
    let mut last = laftr.adversary_objectives(&data);
    for _ in 0..20 {
        laftr.adversary_step(20).unwrap();
        let next = laftr.adversary_objectives(&data);
        assert!(next.iter().zip(&last).all(|(next, last)| next > last), "{last:?}, {next:?}");
        last = next;
    }
}

#[test]
fn a_seed_says_everything() {
    let data = data(30);
    let trained = |seed| {
        let arm = arm(DemographicParity, 1.0);
        let mut laftr = Laftr::<f64>::new(settings(options()), &[arm], &data, seed).unwrap();
        laftr.train(|_, _| ()).unwrap();
        laftr.encoders().remove(0)
    };
    assert_eq!(trained(1), trained(1));
    assert_ne!(trained(1), trained(2));
}

#[test]
fn the_decoder_is_there_if_it_counts() {
    let data = data(90);
    let arms = [arm(DemographicParity, 0.5)];
    let with = |beta| {
        let settings = settings(LaftrOptions { beta, epochs: 60, ..options() });
        let mut laftr = Laftr::<f64>::new(settings, &arms, &data, 7).unwrap();
        let start = laftr.encoders().remove(0);
        let mut losses = Vec::new();
        laftr.train(|_, epoch| losses.push(epoch[0].reconstruction)).unwrap();
        (start, laftr.encoders().remove(0), losses)
    };
    let (start, end, losses) = with(0.0);
    assert!(losses.iter().all(Option::is_none));
    let (same_start, other_end, losses) = with(2.0);
    assert_eq!(start, same_start);
    assert_ne!(end, other_end);
    let (first, last) = (losses[0].unwrap(), losses[59].unwrap());
    // A reconstruction of 0 would have the mean square of the features as its error, about 0.6.
    assert!(first > 0.4 && last < 0.1, "{first} and then {last}");
}

/// One of the two mini-batches contains the only protected row. The other one lacks this group.
#[test]
fn absent_groups_are_counted() {
    let (positive, protected) = (vec![true; 8], (0..8).map(|row| row == 0).collect());
    let data = Batch::new(1, vec![0.5; 8], positive, protected).unwrap();
    let arms = NOTIONS.map(|fairness| arm(fairness, 1.0));
    let settings = settings(LaftrOptions { batch: count(4), ..options() });
    let mut laftr = Laftr::<Lanes<f64, 4>>::new(settings, &arms, &data, 8).unwrap();
    let losses = laftr.epoch().unwrap();
    // No row has a negative label, so both mini-batches lack groups of equalized odds.
    assert_eq!(losses.iter().map(|arm| arm.absent).collect::<Vec<_>>(), [1, 1, 2]);
}

#[test]
fn an_overflow_names_epoch_and_arm() {
    let good = data(30);
    let arms = [arm(DemographicParity, 1.0), arm(EqualOpportunity, 2.0)];
    let mut laftr = Laftr::<Lanes<f64, 4>>::new(settings(options()), &arms, &good, 0).unwrap();
    laftr.epoch().unwrap();
    laftr.players.classifier.theta[0].set_lane(1, f64::NAN);
    let before = Plain::of(&laftr, 0);
    let error = laftr.epoch().unwrap_err();
    assert_eq!(Plain::of(&laftr, 0).largest_difference(&before), 0.0, "the weights moved");
    let LaftrError::NotFinite { epoch: 1, arm, quantity, .. } = error else {
        panic!("{error}");
    };
    assert_eq!((arm, quantity), (arms[1], "classifier's loss"));

    let x = good.x().iter().map(|x| 1e308 * x).collect();
    let (positive, protected) = (good.positive().to_vec(), good.protected().to_vec());
    let far = Batch::new(4, x, positive, protected).unwrap();
    let mut laftr = Laftr::<f64>::new(settings(options()), &arms[..1], &far, 0).unwrap();
    let said = laftr.train(|_, _| ()).unwrap_err().to_string();
    for part in ["epoch 0, demographic parity at gamma 1.0", "not finite", "rate 0.01"] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let data = data(30);
    let refused = |arms: &[LaftrArm], data: &Batch| {
        Laftr::<Lanes<f64, 2>>::new(settings(options()), arms, data, 0).err().unwrap().to_string()
    };
    let one = arm(DemographicParity, 1.0);
    let said = refused(&[], &data);
    assert!(said.starts_with("arms must be between 1 and the number of lanes, got 0"), "{said}");
    let said = refused(&[one; 3], &data);
    assert!(said.starts_with("arms must be between 1 and the number of lanes, got 3"), "{said}");
    let said = refused(&[one], &data.select(&[]));
    assert!(said.starts_with("rows must be at least one, got 0"), "{said}");
}
