//! The adaptation and the decisions of each method.

use ::meta::{AnyAlgorithm, Implicit, InnerLoop};
use fairness::metrics::GroupCounts;
use mlp::{Activation, Network};
use tasks::Batch;

use super::*;
use crate::plan::FineTuning;
use crate::progress::Silent;
use crate::run::job::{Job, jobs};
use crate::run::prepare::Source;
use crate::run::train::{Known, train};
use crate::sample;

/// The classifier of an arm.
fn adapt(
    run: Run<'_>,
    learned: &Learned,
    adaptation: Adaptation,
    task: (&str, &Episode),
) -> Result<Classifier> {
    run.arm.method.implementation().adapt(run, learned, adaptation, task)
}

/// The weights of an arm's network after an adaptation from `theta`.
fn weights(
    run: Run<'_>,
    theta: &[f64],
    adaptation: Adaptation,
    episode: &Episode,
) -> Result<Vec<f64>> {
    match adapt(run, &Learned::Weights(theta.to_vec()), adaptation, ("line", episode))? {
        Classifier::Network(_, theta) => Ok(theta),
        _ => panic!("a network"),
    }
}

/// Two support rows on a line, x = 2 positive and x = −1 negative.
fn line() -> Episode {
    let support = Batch::new(1, vec![2.0, -1.0], vec![true, false], vec![false, true]).unwrap();
    let query = support.clone();
    Episode { support, query }
}

/// The weights of a network without hidden layers after one step from 0.
fn adapted(
    fine_tuning: FineTuning,
    method: MethodName,
    rate: f64,
    episode: &Episode,
) -> Result<Vec<f64>> {
    let network = Network::new(&[1, 2], Activation::Relu).unwrap();
    let plan = Plan { network, fine_tuning, ..sample::synthetic() };
    let run = Run { plan: &plan, arm: Arm::plain(method), seed: 0 };
    weights(run, &[0.0; 4], Adaptation::after(rate, 1), episode)
}

/// Logistic regression by hand. With a difference of logits d = w x + b, the loss of a positive
/// row has the slope p − 1 in it, that of a negative row p, where p = 1 / (1 + e⁻ᵈ).
#[test]
fn rows_one_by_one_or_all_at_once() {
    let slope = |(w, b): (f64, f64), x: f64, label: f64| 1.0 / (1.0 + (-(w * x + b)).exp()) - label;
    // Both logits move, so their difference moves twice as far.
    let step = |(w, b): (f64, f64), (dw, db): (f64, f64)| (w - 0.2 * dw, b - 0.2 * db);
    let of = |at, x: f64, label| (slope(at, x, label) * x, slope(at, x, label));
    let (first, second) = (of((0.0, 0.0), 2.0, 1.0), of((0.0, 0.0), -1.0, 0.0));
    let mean = ((first.0 + second.0) / 2.0, (first.1 + second.1) / 2.0);
    let at_once = step((0.0, 0.0), mean);
    let after_first = step((0.0, 0.0), first);
    let one_by_one = step(after_first, of(after_first, -1.0, 0.0));

    for (fine_tuning, expected) in
        [(FineTuning::AllRows, at_once), (FineTuning::RowByRow, one_by_one)]
    {
        let theta = adapted(fine_tuning, MethodName::Pretrained, 0.1, &line()).unwrap();
        let found = (theta[1] - theta[0], theta[3] - theta[2]);
        let error = (found.0 - expected.0).abs().max((found.1 - expected.1).abs());
        assert!(error < 1e-14, "{fine_tuning:?}: {found:?}, expected {expected:?}");
    }
}

#[test]
fn only_the_pretrained_network_goes_row_by_row() {
    let adapt = |fine_tuning, method| adapted(fine_tuning, method, 0.1, &line()).unwrap();
    let [all, rows] = [FineTuning::AllRows, FineTuning::RowByRow];
    assert_eq!(adapt(all, MethodName::Meta), adapt(rows, MethodName::Meta));
    assert_ne!(adapt(all, MethodName::Pretrained), adapt(rows, MethodName::Pretrained));
}

#[test]
fn an_overflow_says_after_how_many_rows() {
    let x = vec![1.0, -1e200];
    let support = Batch::new(1, x, vec![true, false], vec![false, true]).unwrap();
    let episode = Episode { support, ..line() };
    let error = adapted(FineTuning::RowByRow, MethodName::Pretrained, 1e200, &episode);
    let error = error.unwrap_err().to_string();
    assert!(error.contains("after 2 step(s)"), "{error}");
}

/// All adaptations, written out by hand from the paper's settings.
#[test]
fn adaptations_of_each_method() {
    let plan = sample::communities();
    let of = |method| Run { plan: &plan, arm: Arm::plain(method), seed: 0 };
    let (before, after) = (Adaptation::BEFORE, Adaptation::after);
    let rates = [1e-4, 1e-3, 1e-2, 1e-1];
    let fine_tuned = rates.map(|rate| after(rate, 1));
    for (method, ways, shown) in [
        (MethodName::Meta, vec![before, after(0.01, 1)], after(0.01, 1)),
        (MethodName::GroupThresholds, vec![before, after(0.01, 1)], after(0.01, 1)),
        (MethodName::Pretrained, [vec![before], fine_tuned.into()].concat(), after(0.1, 1)),
        (
            MethodName::Laftr,
            [1, 10, 100, 1_000].map(|epochs| after(1e-3, epochs)).into(),
            after(1e-3, 100),
        ),
        (MethodName::Scratch, vec![after(1e-3, 500)], after(1e-3, 500)),
        (MethodName::Majority, vec![before], before),
        (MethodName::ProbeMeta, vec![before], before),
    ] {
        let Run { plan, arm, .. } = of(method);
        assert_eq!((plan.adaptations(arm), plan.shown_adaptation(arm)), (ways, shown));
    }
    let (_, published) = plan.companions().unwrap().remove(0);
    assert_eq!(published.adaptations(Arm::plain(MethodName::Meta)), [before, after(0.4, 5)]);
    // On the synthetic tasks the γ of the step also varies.
    let grid = sample::synthetic();
    let fair = grid.shown(MethodName::Meta);
    let step = after(0.3, 1);
    assert_eq!(grid.adaptations(fair), [before, step, step.at_gamma(0.0), step.at_gamma(1.0)]);
    assert_eq!(grid.shown_adaptation(fair), step);
    // The rate in tables need not be the last.
    let plan = Plan { fine_tuning_shown: 1e-3, ..plan };
    assert_eq!(plan.shown_adaptation(Arm::plain(MethodName::Pretrained)), after(1e-3, 1));
}

#[test]
fn a_constant_decides_alike_about_everybody() {
    let plan = sample::synthetic();
    let run = Run { plan: &plan, arm: Arm::plain(MethodName::Majority), seed: 0 };
    let episode = line();
    for decision in [true, false] {
        let learned = Learned::Decision(decision);
        let classifier = adapt(run, &learned, Adaptation::BEFORE, ("line", &episode)).unwrap();
        let counts = classifier.decide(&episode.query).unwrap();
        // One positive row, and a negative, protected one.
        let accepted = u64::from(decision);
        assert_eq!(
            (counts.unprotected.true_positives, counts.protected.false_positives),
            (accepted, accepted)
        );
        assert_eq!((counts.unprotected.total(), counts.protected.total()), (1, 1));
    }
}

/// Before adaptation there is no step, for any weights and any rows.
#[test]
fn before_is_as_learned() {
    let network = Network::new(&[1, 2], Activation::Relu).unwrap();
    let plan = Plan { network, ..sample::synthetic() };
    // The logits are 0 and x − 1: above 1 is positive.
    let theta = vec![0.0, 1.0, 0.0, -1.0];
    for method in [MethodName::Meta, MethodName::Pretrained] {
        let run = Run { plan: &plan, arm: Arm::plain(method), seed: 0 };
        let learned = Learned::Weights(theta.clone());
        let decided = |adaptation| {
            let classifier = adapt(run, &learned, adaptation, ("line", &line())).unwrap();
            let Classifier::Network(_, weights) = &classifier else { panic!("a network") };
            (weights.clone(), classifier.decide(&line().query).unwrap().overall())
        };
        let (weights, counts) = decided(Adaptation::BEFORE);
        assert_eq!(weights, theta);
        assert_eq!((counts.true_positives, counts.true_negatives), (1, 1));
        assert_ne!(decided(Adaptation::after(0.1, 1)).0, theta);
        assert_eq!(decided(Adaptation::after(0.0, 1)).0, theta);
    }
}

/// A code of a few rows, and a network that learns to tell two of them apart.
#[test]
fn a_network_on_codes_learns_from_the_support_rows() {
    use baselines::{AdversaryFairness, Laftr, LaftrArm};
    let mut plan = sample::quick(sample::communities());
    let laftr = plan.laftr.as_mut().unwrap();
    laftr.rate = 0.05;
    let settings = laftr.settings;
    let arm = LaftrArm::new(AdversaryFairness::DemographicParity, 1.0).unwrap();
    let episode = line();
    let mut learner = Laftr::<f64>::new(settings, &[arm], &episode.support, 0).unwrap();
    learner.train(|_, _| {}).unwrap();
    let encoder = learner.encoders().remove(0);
    let run = Run { plan: &plan, arm: Arm::plain(MethodName::Laftr), seed: 0 };
    let learned = Learned::Code(encoder.clone());
    let after = |epochs| {
        let adaptation = Adaptation::after(0.05, epochs);
        adapt(run, &learned, adaptation, ("line", &episode)).unwrap()
    };
    let classifier = after(300);
    let counts = classifier.decide(&episode.query).unwrap();
    assert_eq!((counts.overall().accuracy(), counts.overall().total()), (Some(1.0), 2));
    let weights = |classifier: Classifier| match classifier {
        Classifier::Coded(code, network, theta) => {
            assert_eq!(code, encoder);
            assert_eq!(theta.len(), network.parameter_count());
            theta
        }
        _ => panic!("a network on codes"),
    };
    // Fresh weights are the same in every arm and for every number of epochs.
    let (none, one) = (weights(after(0)), weights(after(1)));
    assert_ne!(none, one);
    // Adam's first step has the length of its rate.
    assert!(none.iter().zip(&one).all(|(a, b)| (a - b).abs() < 0.05 + 1e-12));
    assert_eq!(weights(after(300)), weights(classifier));
}

/// A step with its own γ equals the step of a network trained with this γ, from the same weights.
#[test]
fn the_step_may_have_another_gamma() {
    let network = Network::new(&[1, 2], Activation::Relu).unwrap();
    let plan = Plan { network, ..sample::synthetic() };
    let notion = fairness::Notion::DEMOGRAPHIC_PARITY;
    let plain = Arm::plain(MethodName::Meta);
    let fair = Arm::regularized(MethodName::Meta, notion, 10.0);
    let adapted = |arm, adaptation| {
        let run = Run { plan: &plan, arm, seed: 0 };
        let learned = Learned::Weights(vec![0.0; 4]);
        let classifier = adapt(run, &learned, adaptation, ("line", &line())).unwrap();
        let Classifier::Network(_, theta) = classifier else { panic!("a network") };
        theta
    };
    let step = Adaptation::after(0.1, 1);
    assert_eq!(adapted(plain, step.at_gamma(10.0)), adapted(fair, step));
    assert_eq!(adapted(fair, step.at_gamma(0.0)), adapted(plain, step));
    assert_ne!(adapted(fair, step), adapted(plain, step));
}

/// The regularizer changes a fresh network if the rows contain a member of its group.
#[test]
fn from_scratch_is_regularized_too() {
    let network = Network::new(&[1, 2], Activation::Relu).unwrap();
    let plan = Plan { network, ..sample::synthetic() };
    let descended = |arm| {
        let run = Run { plan: &plan, arm, seed: 0 };
        weights(run, &[0.0; 4], Adaptation::after(0.1, 5), &line()).unwrap()
    };
    let notion = fairness::Notion::DEMOGRAPHIC_PARITY;
    let plain = descended(Arm::plain(MethodName::Scratch));
    let fair = descended(Arm::regularized(MethodName::Scratch, notion, 10.0));
    let logit = |theta: &[f64], x: f64| (theta[1] - theta[0]) * x + theta[3] - theta[2];
    // The protected row, x = −1, is negative; the regularizer favors its acceptance.
    assert!(logit(&plain, -1.0) < 0.0 && logit(&fair, -1.0) > 0.0);
}

fn judged(plan: &Plan, method: MethodName) -> Vec<Trained> {
    let prepared = Source::open(plan).unwrap().prepare(plan, 0).unwrap();
    let arms = plan.arms().into_iter().filter(|arm| arm.method == method).collect();
    train(plan, &prepared, &Job { arms }, &Known::default(), &Silent).unwrap()
}

fn mean(run: &Trained, quantity: fn(&GroupCounts) -> Option<f64>) -> f64 {
    let values: Vec<f64> = run.outcomes.iter().filter_map(|o| quantity(&o.counts)).collect();
    assert!(!values.is_empty());
    values.iter().sum::<f64>() / values.len() as f64
}

fn accuracy(counts: &GroupCounts) -> Option<f64> {
    counts.overall().accuracy()
}

/// 95 of 195 query rows are positive.
#[test]
fn a_coin_is_right_half_of_the_time_and_fair() {
    let plan = sample::synthetic();
    for run in judged(&plan, MethodName::Coin) {
        let share = run.arm.target.unwrap();
        let expected = share * 95.0 / 195.0 + (1.0 - share) * 100.0 / 195.0;
        assert!((mean(&run, accuracy) - expected).abs() < 0.03, "{share}");
        let accepted = mean(&run, |counts| counts.overall().positive_rate());
        assert!((accepted - share).abs() < 0.03, "{accepted} for {share}");
    }
}

#[test]
fn labels_make_no_mistake() {
    for plan in [sample::synthetic(), sample::communities()] {
        let [run] = &judged(&plan, MethodName::Labels)[..] else { panic!("one arm") };
        assert_eq!(mean(run, accuracy), 1.0);
    }
}

/// Most of the first Gaussian, which is negative by default, lies above y = 0.
#[test]
fn the_line_is_as_wrong_as_the_lower_gaussian_is_positive() {
    let [run] = &judged(&sample::synthetic(), MethodName::Line)[..] else { panic!("one arm") };
    // P(y > 0): Φ(2/√5) = 0.814 of the first, 1 − Φ(2/√3) = 0.124 of the second.
    let right = (95.0 * 0.124 + 100.0 * (1.0 - 0.814)) / 195.0;
    assert!((mean(run, accuracy) - right).abs() < 0.03, "{}", mean(run, accuracy));
}

/// No decision is more accurate than the Bayes decision without a target. Fairer ones cost
/// accuracy.
#[test]
fn the_bayes_front_falls() {
    let plan = sample::synthetic();
    let front = judged(&plan, MethodName::Bayes);
    let points: Vec<(f64, f64)> = front
        .iter()
        .map(|run| (mean(run, accuracy), mean(run, GroupCounts::demographic_parity_closeness)))
        .collect();
    assert_eq!(front.len(), plan.targets.len());
    assert!(points[0].0 > 0.85, "{points:?}");
    assert!(points.windows(2).all(|pair| pair[1].0 < pair[0].0 + 0.01), "{points:?}");
    let [first, .., last] = &points[..] else { panic!("a front") };
    assert!(last.0 < first.0 - 0.05 && last.1 > first.1 + 0.3, "{points:?}");
}

/// All labels of a task teach more than ten rows, and more than the larger class.
#[test]
fn own_labels_beat_a_constant() {
    let plan = sample::communities();
    for method in [MethodName::OwnNetwork, MethodName::OwnLogistic] {
        let runs = judged(&plan, method);
        assert_eq!(runs.len(), 2 * plan.targets.len());
        assert!(mean(&runs[0], accuracy) > 0.65, "{method:?}");
    }
}

/// The decisions of a probe on each held-out task.
fn probed(plan: &Plan, learned: &Learned, probe: MethodName) -> Vec<GroupCounts> {
    let prepared = Source::open(plan).unwrap().prepare(plan, 0).unwrap();
    let arms = &[Arm::plain(probe)];
    let work = Work { plan, prepared: &prepared, arms, progress: &Silent, begun: None };
    let training = Training::without(learned.clone());
    let judged = probe.implementation().judge(work, &[training]).unwrap();
    judged[0].outcomes.iter().map(|outcome| outcome.counts).collect()
}

/// A layer of +x, −x for each feature loses nothing, so its probe is as good as that of the
/// features. A layer without x, or with a dead unit alone, knows only which class is larger.
#[test]
fn a_probe_finds_what_the_last_hidden_layer_keeps() {
    let network = Network::new(&[2, 4, 2], Activation::Relu).unwrap();
    let plan = Plan { network, ..sample::quick(sample::synthetic()) };
    let weights = |w1: [f64; 8], b1: [f64; 4]| {
        // The last layer is not part of what is probed.
        Learned::Weights([&w1[..], &b1, &[f64::NAN; 10]].concat())
    };
    let kept = weights([1.0, -1.0, 0.0, 0.0, 0.0, 0.0, 1.0, -1.0], [50.0; 4]);
    let lost = weights([0.0; 8], [1.0, -1.0, 0.0, 2.0]);
    let accuracy = |counts: &[GroupCounts]| {
        let of = |counts: &GroupCounts| counts.overall().accuracy().unwrap();
        counts.iter().map(of).sum::<f64>() / counts.len() as f64
    };
    let [kept, lost] = [kept, lost].map(|learned| probed(&plan, &learned, MethodName::ProbeMeta));
    let features = probed(&plan, &Learned::Nothing, MethodName::ProbeFeatures);
    assert_eq!(features.len(), 20);
    assert!(accuracy(&features) > 0.85, "{}", accuracy(&features));
    assert!((accuracy(&kept) - accuracy(&features)).abs() < 0.01, "{}", accuracy(&kept));
    assert!(accuracy(&lost) < 0.55, "{}", accuracy(&lost));
    // 195 rows of each task are judged, none of the support rows.
    assert!(features.iter().all(|counts| counts.overall().total() == 195));
}

/// A probe uses the weights that its host has learned, for the host's γ, and changes no result of
/// another method.
#[test]
fn probes_are_guests_of_what_they_probe() {
    for plan in [sample::quick(sample::synthetic()), sample::tiny()] {
        let plan = Plan { iterations: 20.try_into().unwrap(), ..plan };
        let bare: Vec<MethodName> =
            plan.methods.iter().filter(|m| !m.name().starts_with("probe")).copied().collect();
        let without = Plan { methods: bare, ..plan.clone() };
        let with = sample::with_probes(without.clone());
        let prepared = Source::open(&plan).unwrap().prepare(&plan, 0).unwrap();
        let all = |plan: &Plan| -> Vec<Trained> {
            let known = Known::default();
            let run = |job: Job| train(plan, &prepared, &job, &known, &Silent).unwrap();
            jobs(plan).into_iter().flat_map(run).collect()
        };
        let (all, others) = (all(&with), all(&without));
        let find = |runs: &[Trained], arm: Arm| runs.iter().find(|run| run.arm == arm).cloned();
        for run in &others {
            assert!(find(&all, run.arm).as_ref() == Some(run), "{:?}", run.arm);
        }
        assert_eq!(all.len(), others.len() + 6);
        let fair = plan.shown(MethodName::Meta);
        for (probe, host) in [
            (MethodName::ProbeMeta, MethodName::Meta),
            (MethodName::ProbePretrained, MethodName::Pretrained),
        ] {
            for host in [Arm::plain(host), Arm { method: host, ..fair }] {
                let arms = &[Arm { method: probe, ..host }];
                let found = find(&all, arms[0]).unwrap();
                let training = Training::without(find(&all, host).unwrap().learned);
                let work =
                    Work { plan: &with, prepared: &prepared, arms, progress: &Silent, begun: None };
                let alone = probe.implementation().judge(work, &[training]).unwrap();
                assert!(alone == [found.clone()], "{host:?}");
                let rows: Vec<usize> =
                    with.points.iter().copied().filter(|&rows| rows > 0).collect();
                assert_eq!(found.points.len() % rows.len().max(1), 0);
                assert_eq!(
                    found.points.is_empty(),
                    prepared.tests.iter().all(|test| test.points().count() == 0)
                );
            }
        }
        // Random weights are those of the fresh network, at which MAML begins.
        let random = Arm::plain(MethodName::ProbeRandom);
        let training =
            Training::without(find(&all, Arm::plain(MethodName::Scratch)).unwrap().learned);
        let arms = &[random];
        let work = Work { plan: &with, prepared: &prepared, arms, progress: &Silent, begun: None };
        let judged = MethodName::ProbeRandom.implementation().judge(work, &[training]).unwrap();
        assert!(judged == [find(&all, random).unwrap()]);
    }
}

/// A layer that overflows is an error, and never a decision.
#[test]
fn an_overflowing_layer_is_not_probed() {
    let plan = sample::quick(sample::synthetic());
    let prepared = Source::open(&plan).unwrap().prepare(&plan, 0).unwrap();
    let arms = &[Arm::plain(MethodName::ProbeMeta)];
    let work = Work { plan: &plan, prepared: &prepared, arms, progress: &Silent, begun: None };
    let theta = vec![1e200; plan.network.parameter_count()];
    let training = Training::without(Learned::Weights(theta));
    let error = MethodName::ProbeMeta.implementation().judge(work, &[training]).unwrap_err();
    let error = error.to_string();
    assert!(error.starts_with("synthetic, MAML, probe with gamma 0.0, seed 0, task "), "{error}");
    assert!(error.contains("the last hidden layer: row 0, feature 0"), "{error}");
}

/// Each compared algorithm has the arms of the first, with results of its own; those of the first
/// stay what they are without it.
#[test]
fn compared_algorithms_have_arms_of_their_own() {
    let plan = Plan { methods: vec![MethodName::Meta], ..sample::quick(sample::synthetic()) };
    let anil: AnyAlgorithm = "anil".parse().unwrap();
    let both = Plan { compared: vec![anil], ..plan.clone() };
    let (one, two) = (plan.arms(), both.arms());
    assert_eq!(two[..one.len()], one);
    let by_anil = one.iter().map(|&arm| Arm { algorithm: Some(anil), ..arm });
    assert!(two[one.len()..].iter().copied().eq(by_anil));
    assert_eq!(both.label(two[one.len()]), "ANIL");
    assert_eq!(both.label(two[one.len() + 1]), "Fair-ANIL");
    let (alone, together) = (judged(&plan, MethodName::Meta), judged(&both, MethodName::Meta));
    assert!(together[..alone.len()] == alone);
    // As the plan's own algorithm it has the same results.
    let own = judged(&Plan { algorithm: anil, ..plan }, MethodName::Meta);
    for (ours, theirs) in own.iter().zip(&together[alone.len()..]) {
        assert!(ours.learned == theirs.learned && ours.outcomes == theirs.outcomes);
    }
    assert!(own[0].learned != alone[0].learned);
    let twice = Plan { compared: vec![anil, anil], ..both.clone() }.check().unwrap_err();
    assert!(twice.starts_with("compared must be other algorithms than fair-maml"), "{twice}");
    let itself = Plan { algorithm: anil, ..both };
    assert!(itself.check().is_err());
}

/// A method that forgets its needs would be taken for a decision without a network.
#[test]
fn each_method_learns_as_many_numbers_as_it_says() {
    // It learns an inner rate for each weight, too.
    let compared = vec!["meta-sgd".parse().unwrap()];
    let synthetic = sample::quick(sample::synthetic());
    let mut found = Vec::new();
    let plans = [Plan { compared, ..synthetic }, sample::tiny()];
    for plan in plans.map(sample::with_probes) {
        let prepared = Source::open(&plan).unwrap().prepare(&plan, 0).unwrap();
        let size = PlanSize::of(&plan, None);
        for job in jobs(&plan) {
            let arms = &job.arms[..job.own()];
            let method = arms[0].method.implementation();
            let needs = method.needs(size, arms, 1.0);
            let work =
                Work { plan: &plan, prepared: &prepared, arms, progress: &Silent, begun: None };
            for (arm, training) in arms.iter().zip(method.learn(work).unwrap()) {
                let learned = match training.learned {
                    Learned::Weights(theta) => theta.len(),
                    Learned::Code(encoder) => encoder.checkpoint().parameters().len(),
                    Learned::Decision(_) | Learned::Nothing => 0,
                };
                assert_eq!(needs.learned, learned as f64, "{arm:?}");
            }
            let trains = method.work(&plan, arms.len()) > 0;
            assert_eq!(needs.training.multiply_adds > 0.0, trains, "{:?}", arms[0]);
            for (_, guests) in job.guests() {
                let needs = guests[0].method.implementation().needs(size, guests, 1.0);
                assert!(needs.training.multiply_adds > 0.0, "{:?}", guests[0]);
            }
            assert!(needs.judging.multiply_adds > 0.0, "{:?}", arms[0]);
            found.push(arms[0].method);
        }
    }
    for method in [MethodName::Meta, MethodName::Pretrained, MethodName::Laftr] {
        assert!(found.contains(&method), "{found:?}");
    }
}

/// Adaptation to held-out tasks uses λ of the plan.
#[test]
fn a_plan_sets_the_proximal_weight_of_adaptation() {
    let outcomes = |proximal| {
        let implicit = Implicit { proximal, ..Implicit::default() };
        let adaptation = InnerLoop::new(1e-4, 5).unwrap().with_implicit(implicit).unwrap();
        let plan =
            Plan { algorithm: "imaml".parse().unwrap(), ..sample::quick(sample::synthetic()) };
        let plan = Plan { adaptation: Some(adaptation), ..plan };
        let arm = Arm::plain(MethodName::Meta);
        let source = Source::open(&plan).unwrap();
        let prepared = source.prepare(&plan, 0).unwrap();
        let test = &prepared.tests[0];
        let theta: Vec<f64> =
            (0..plan.network.parameter_count()).map(|i| (i as f64).sin()).collect();
        let run = Run { plan: &plan, arm, seed: 0 };
        let step = plan.shown_adaptation(arm);
        let classifier =
            run.stepped(plan.algorithm, &theta, step, (test.name(), &test.episode())).unwrap();
        classifier.scores(&test.episode().query).unwrap()
    };
    assert_ne!(outcomes(4.0), outcomes(4000.0));
}
