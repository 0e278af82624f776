//! The alternation of the two players over mini-batches.

use fairness::metrics::GroupCounts;
use meta::SettingsError;
use mlp::{Adam, Network, NetworkError, Optimizer};
use rand::seq::SliceRandom;
use tape::{Scalar, Tape, Var, vectorized};
use tasks::{Batch, Purpose, stream};

use super::game::{Each, Inputs, Objective};
use super::objective::{Labels, Recorded, Weights};
use super::{Encoder, LaftrArm, LaftrSettings};

/// Why LAFTR cannot begin or go on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LaftrError {
    /// A setting that does not fit.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Networks that cannot be.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// A loss or a gradient that is no longer a finite number.
    #[error(
        "epoch {epoch}, {arm}: the {quantity} is not finite (rate {rate:?}, alpha {alpha:?}, \
         beta {beta:?}); a smaller rate, smaller weights or scaled features are needed"
    )]
    NotFinite {
        /// Epoch, from 0.
        epoch: u64,
        /// Which training.
        arm: LaftrArm,
        /// What overflowed.
        quantity: &'static str,
        /// Adam's rate
        rate: f64,
        /// α
        alpha: f64,
        /// β
        beta: f64,
    },
}

/// How one arm fared over an epoch: means over its rows, each mini-batch at the weights before its
/// steps.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ArmLosses {
    /// L_C, the classifier's mean cross-entropy; at least 0.
    pub classification: f64,
    /// L_Dec, the mean squared error of the reconstruction; `None` without a decoder (β = 0).
    pub reconstruction: Option<f64>,
    /// L_Adv. 0 is an adversary that guesses; 1 (2 for equalized odds) is one that always knows.
    pub adversary: f64,
    /// How many mini-batches lacked a group of the arm's notion, which then contributed nothing.
    pub absent: usize,
}

/// Learning adversarially fair and transferable representations (Madras, Creager, Pitassi and Zemel
/// 2018): an encoder f, a classifier g and a decoder k against an adversary h, which guesses a
/// row's group from its code f(x),
///
/// ```text
/// min over f, g, k and max over h of α L_C(g(f(x)), y) + β L_Dec(k(f(x), a), x) + γ L_Adv(h(f(x)), a)
/// ```
///
/// with cross-entropy L_C, mean squared error L_Dec and the L_Adv of
/// [`AdversaryFairness`](crate::AdversaryFairness). Hidden layers are
/// [leaky](mlp::Activation::LeakyRelu), codes and reconstructions are linear, g and h end in a
/// sigmoid. For each mini-batch the encoder, the classifier and the decoder take one Adam step
/// with h as it is, then the adversary takes one up L_Adv with the new f. (γ is no part of the
/// adversary's step, so that it plays at γ = 0 too, where nobody listens.)
///
/// `S` has a lane for each arm: `f64` trains one, `Lanes<f64, 8>` eight at once. The arms start from
/// the same weights and see the same mini-batches, so that they are paired.
///
/// ```
/// use baselines::{AdversaryFairness, Laftr, LaftrArm, LaftrOptions, LaftrSettings};
/// use tape::Lanes;
/// use tasks::{Batch, synthetic::SyntheticConfig};
///
/// let synthetic = SyntheticConfig::default();
/// let tasks: Vec<_> = (0..4).map(|i| synthetic.training_task(0, i).data).collect();
/// let data = Batch::concat(&tasks.iter().collect::<Vec<_>>());
/// let settings = LaftrSettings::try_from(LaftrOptions { epochs: 2, ..LaftrOptions::default() })?;
/// let arms = [
///     LaftrArm::new(AdversaryFairness::DemographicParity, 1.0)?,
///     LaftrArm::new(AdversaryFairness::EqualOpportunity, 1.0)?,
/// ];
/// let mut laftr = Laftr::<Lanes<f64, 2>>::new(settings, &arms, &data, 0)?;
/// laftr.train(|_epoch, losses| assert_eq!(losses.len(), 2))?;
/// let codes = laftr.encoders()[0].encode(&data)?;
/// assert_eq!((codes.rows(), codes.features()), (data.rows(), 20));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Laftr<'a, S> {
    settings: LaftrSettings,
    arms: Vec<LaftrArm>,
    data: &'a Batch,
    seed: u64,
    epoch: u64,
    networks: Each<Network>,
    players: Each<Player<S>>,
    tape: Tape<S>,
    /// All rows in the order of the epoch.
    order: Vec<usize>,
    /// The weights of L_Adv over a mini-batch, for each arm.
    weights: Vec<Weights>,
}

/// The weights of one network, one arm to a lane, and their optimizer.
#[derive(Clone, Debug)]
struct Player<S> {
    theta: Vec<S>,
    adam: Adam<S>,
}

impl<S: Scalar> Player<S> {
    /// Initial weights from the stream of network `word`, the same in every lane.
    fn new(network: &Network, settings: &LaftrSettings, seed: u64, word: u64) -> Self {
        let mut rng = stream(seed, Purpose::Initialization, 0, word);
        let theta = network.initialize(settings.initialization, &mut rng);
        Player {
            theta: theta.into_iter().map(S::from_f64).collect(),
            adam: Adam::new(settings.rate).expect("a validated rate"),
        }
    }

    fn variable(&self, tape: &mut Tape<S>) -> Var {
        tape.variable(1, self.theta.len(), &self.theta)
    }

    fn constant(&self, tape: &mut Tape<S>) -> Var {
        tape.constant_with(1, self.theta.len(), |entries| entries.copy_from_slice(&self.theta))
    }

    fn step(&mut self, tape: &Tape<S>, weights: Var) {
        self.adam.step(&mut self.theta, tape.adjoint(weights));
    }

    fn lane(&self, lane: usize) -> Vec<f64> {
        self.theta.iter().map(|entry| entry.lane(lane)).collect()
    }
}

impl<S: Scalar> Each<Player<S>> {
    /// The networks' streams are those of words 1 to 4; word 0 is the meta-learner's.
    fn new(networks: &Each<Network>, settings: &LaftrSettings, seed: u64) -> Self {
        let player = |network, word| Player::new(network, settings, seed, word);
        Each {
            encoder: player(&networks.encoder, 1),
            classifier: player(&networks.classifier, 2),
            adversary: player(&networks.adversary, 3),
            decoder: networks.decoder.as_ref().map(|decoder| player(decoder, 4)),
        }
    }
}

impl<'a, S: Scalar> Laftr<'a, S> {
    /// All arms at the initial weights of `seed`, to be trained on all rows of `data`.
    ///
    /// Lanes left over repeat the last arm and are ignored.
    ///
    /// # Errors
    /// If there is no arm, there are more of them than lanes, there is no row, or the networks are
    /// too large to be.
    pub fn new(
        settings: LaftrSettings,
        arms: &[LaftrArm],
        data: &'a Batch,
        seed: u64,
    ) -> Result<Self, LaftrError> {
        if arms.is_empty() || arms.len() > S::LANES {
            let given = format!("{} for {} lane(s)", arms.len(), S::LANES);
            return Err(SettingsError::new("arms", given, "one at least, a lane for each").into());
        }
        if data.rows() == 0 {
            return Err(SettingsError::new("rows", 0, "one at least").into());
        }
        let networks = settings.networks(data.features())?;
        let players = Each::new(&networks, &settings, seed);
        Ok(Laftr {
            settings,
            arms: arms.to_vec(),
            data,
            seed,
            epoch: 0,
            networks,
            players,
            tape: Tape::new(),
            order: Vec::new(),
            weights: vec![Weights::default(); arms.len()],
        })
    }

    /// The epochs of the settings that are not done yet; `after` is called after each with the
    /// number of epochs done so far and the losses of the arms.
    ///
    /// # Errors
    /// As for an [`epoch`](Laftr::epoch).
    pub fn train(&mut self, mut after: impl FnMut(u64, &[ArmLosses])) -> Result<(), LaftrError> {
        while self.epoch < self.settings.epochs {
            let losses = self.epoch()?;
            after(self.epoch, &losses);
        }
        Ok(())
    }

    /// One pass through all rows, in an order of its own; returns the losses of each arm.
    ///
    /// # Errors
    /// If a loss or a gradient is not finite; the weights of that player are then as before the
    /// mini-batch.
    pub fn epoch(&mut self) -> Result<Vec<ArmLosses>, LaftrError> {
        let mut order = std::mem::take(&mut self.order);
        order.clear();
        order.extend(0..self.data.rows());
        order.shuffle(&mut stream(self.seed, Purpose::MiniBatch, self.epoch, 0));
        let mut losses = vec![ArmLosses::default(); self.arms.len()];
        let done = order
            .chunks(self.settings.batch.get())
            .try_for_each(|rows| self.mini_batch(rows, &mut losses));
        self.order = order;
        done?;
        self.epoch += 1;
        Ok(losses)
    }

    /// The encoders so far, one for each arm.
    pub fn encoders(&self) -> Vec<Encoder> {
        let (network, player) = (&self.networks.encoder, &self.players.encoder);
        (0..self.arms.len()).map(|lane| Encoder::new(network.clone(), player.lane(lane))).collect()
    }

    /// The decisions of each arm's own classifier on `batch`, counted by label and group. A row is
    /// predicted positive where P(y = 1) > 1/2.
    ///
    /// # Panics
    /// If the rows do not have the features of the training data.
    pub fn decisions(&self, batch: &Batch) -> Vec<GroupCounts> {
        let mut tape = Tape::new();
        let x = features(&mut tape, batch, 0..batch.rows());
        let [encoder, classifier] = [&self.players.encoder, &self.players.classifier]
            .map(|player| player.constant(&mut tape));
        let code = self.networks.encoder.logits(&mut tape, encoder, x);
        let logits = self.networks.classifier.logits(&mut tape, classifier, code);
        let logits = tape.value(logits);
        let decided = |lane| -> Vec<bool> { logits.iter().map(|z| z.lane(lane) > 0.0).collect() };
        (0..self.arms.len())
            .map(|lane| GroupCounts::tally(&decided(lane), batch.positive(), batch.protected()))
            .collect()
    }

    /// L_Adv of each arm's adversary on `batch` as a whole.
    ///
    /// # Panics
    /// If the rows do not have the features of the training data.
    pub fn adversary_objectives(&self, batch: &Batch) -> Vec<f64> {
        let mut tape = Tape::new();
        let x = features(&mut tape, batch, 0..batch.rows());
        let mut weights = self.weights.clone();
        weigh(&mut weights, &self.arms, batch, 0..batch.rows());
        let fairness =
            Recorded::new(&mut tape, batch.rows(), |lane| &weights[self.arm_index(lane)]);
        let objective = self.record_adversary(&mut tape, x, fairness).1;
        let value = tape.value(objective)[0];
        (0..self.arms.len()).map(|lane| value.lane(lane)).collect()
    }
}

/// One mini-batch.
impl<S: Scalar> Laftr<'_, S> {
    /// One step of each player; adds the losses, weighted by rows.
    fn mini_batch(&mut self, rows: &[usize], sums: &mut [ArmLosses]) -> Result<(), LaftrError> {
        let inputs = self.record_inputs(rows);
        let objective = self.encoder_step(&inputs)?;
        self.add(objective, rows.len(), sums);
        self.adversary_step(&inputs)
    }

    /// Clears the tape and records the constants of a mini-batch.
    fn record_inputs(&mut self, rows: &[usize]) -> Inputs {
        let (data, arms) = (self.data, &self.arms);
        weigh(&mut self.weights, arms, data, rows.iter().copied());
        let last = arms.len() - 1;
        let (tape, weights) = (&mut self.tape, &self.weights);
        tape.clear();
        let sign = |positive| if positive { 1.0 } else { -1.0 };
        let code = self.settings.code.get();
        let group = self.networks.decoder.as_ref().map(|_| {
            tape.constant_from(rows.len(), code + 1, |row, column, _| {
                f64::from(u8::from(column == code && !data.protected()[rows[row]]))
            })
        });
        Inputs {
            x: features(tape, data, rows.iter().copied()),
            signs: tape.constant_from(rows.len(), 1, |row, _, _| sign(data.positive()[rows[row]])),
            group,
            fairness: Recorded::new(tape, rows.len(), |lane| &weights[lane.min(last)]),
            gamma: tape.constant_from(1, 1, |_, _, lane| arms[lane.min(last)].gamma()),
        }
    }

    /// One step of the encoder, the classifier and the decoder down their objective. The
    /// adversary's weights are constants, so no gradient of theirs is computed.
    fn encoder_step(&mut self, inputs: &Inputs) -> Result<Objective, LaftrError> {
        let (tape, players) = (&mut self.tape, &self.players);
        let weights = Each {
            encoder: players.encoder.variable(tape),
            classifier: players.classifier.variable(tape),
            adversary: players.adversary.constant(tape),
            decoder: players.decoder.as_ref().map(|decoder| decoder.variable(tape)),
        };
        let coefficients = (self.settings.alpha, self.settings.beta);
        let objective = self.networks.objective(tape, &weights, inputs, coefficients);
        tape.backward(objective.total);
        self.objective_is_finite(&objective)?;
        self.gradient_is_finite("gradient of the encoder", weights.encoder)?;
        self.gradient_is_finite("gradient of the classifier", weights.classifier)?;
        if let Some(decoder) = weights.decoder {
            self.gradient_is_finite("gradient of the decoder", decoder)?;
        }
        let (tape, players) = (&self.tape, &mut self.players);
        players.encoder.step(tape, weights.encoder);
        players.classifier.step(tape, weights.classifier);
        if let (Some(decoder), Some(weights)) = (&mut players.decoder, weights.decoder) {
            decoder.step(tape, weights);
        }
        Ok(objective)
    }

    /// One step of the adversary up its objective. The encoder's weights, and so the codes, are
    /// constants: nothing flows back into them.
    fn adversary_step(&mut self, inputs: &Inputs) -> Result<(), LaftrError> {
        let mut tape = std::mem::take(&mut self.tape);
        let (adversary, objective) = self.record_adversary(&mut tape, inputs.x, inputs.fairness);
        tape.backward_from(objective, &[S::from_f64(-1.0)]); // Adam descends
        self.tape = tape;
        self.is_finite("adversary's objective", &[self.tape.value(objective)[0]])?;
        self.gradient_is_finite("gradient of the adversary", adversary)?;
        self.players.adversary.step(&self.tape, adversary);
        Ok(())
    }

    /// Records L_Adv with the encoder's weights constant; returns the adversary's weights and L_Adv.
    fn record_adversary(&self, tape: &mut Tape<S>, x: Var, fairness: Recorded) -> (Var, Var) {
        let (networks, players) = (&self.networks, &self.players);
        let encoder = players.encoder.constant(tape);
        let adversary = players.adversary.variable(tape);
        let code = networks.encoder.logits(tape, encoder, x);
        (adversary, networks.adversary_objective(tape, adversary, code, fairness))
    }

    /// Adds the losses of a mini-batch to the means over all rows.
    fn add(&self, objective: Objective, rows: usize, sums: &mut [ArmLosses]) {
        let share = rows as f64 / self.data.rows() as f64;
        let value = |v: Var, lane| share * self.tape.value(v)[0].lane(lane);
        for (lane, sum) in sums.iter_mut().enumerate() {
            sum.classification += value(objective.classification, lane);
            sum.adversary += value(objective.adversary, lane);
            sum.absent += usize::from(self.weights[lane].absent());
            if let Some(reconstruction) = objective.reconstruction {
                *sum.reconstruction.get_or_insert(0.0) += value(reconstruction, lane);
            }
        }
    }

    fn objective_is_finite(&self, objective: &Objective) -> Result<(), LaftrError> {
        for (quantity, term) in [
            ("classifier's loss", Some(objective.classification)),
            ("reconstruction's loss", objective.reconstruction),
            ("adversary's objective", Some(objective.adversary)),
            ("weighted sum of the losses", Some(objective.total)),
        ] {
            if let Some(term) = term {
                self.is_finite(quantity, self.tape.value(term))?;
            }
        }
        Ok(())
    }

    fn gradient_is_finite(&self, quantity: &'static str, weights: Var) -> Result<(), LaftrError> {
        self.is_finite(quantity, self.tape.adjoint(weights))
    }

    /// Looks at all lanes together, and for the arm only if something is wrong.
    fn is_finite(&self, quantity: &'static str, entries: &[S]) -> Result<(), LaftrError> {
        let mut finite = true;
        let flat = S::flat(entries);
        vectorized(
            #[inline(always)]
            || {
                // A local sum of bits: through the captured variable there would be no vector code.
                let each = flat.iter().map(|x| x.lane(0).is_finite());
                finite = each.fold(true, |all, finite| all & finite);
            },
        );
        if finite {
            return Ok(());
        }
        let bad = |lane: &usize| entries.iter().any(|entry| !entry.lane(*lane).is_finite());
        let lane = (0..S::LANES).find(bad).expect("a lane that is not finite");
        let (arm, epoch) = (self.arms[self.arm_index(lane)], self.epoch);
        let (rate, alpha, beta) = (self.settings.rate, self.settings.alpha, self.settings.beta);
        Err(LaftrError::NotFinite { epoch, arm, quantity, rate, alpha, beta })
    }

    fn arm_index(&self, lane: usize) -> usize {
        lane.min(self.arms.len() - 1)
    }
}

/// Records the features of some rows, `(rows, features)`, the same in every lane.
fn features<S: Scalar>(
    tape: &mut Tape<S>,
    data: &Batch,
    rows: impl ExactSizeIterator<Item = usize> + Clone,
) -> Var {
    let features = data.features();
    tape.constant_with(rows.len(), features, |entries| {
        vectorized(
            #[inline(always)]
            || {
                for (line, row) in entries.chunks_exact_mut(features).zip(rows.clone()) {
                    for (entry, &x) in line.iter_mut().zip(data.row(row)) {
                        *entry = S::from_f64(x);
                    }
                }
            },
        );
    })
}

/// The weights of L_Adv over some rows, for each arm.
fn weigh(
    weights: &mut [Weights],
    arms: &[LaftrArm],
    data: &Batch,
    rows: impl Iterator<Item = usize> + Clone,
) {
    let labels =
        rows.map(|row| Labels { positive: data.positive()[row], protected: data.protected()[row] });
    for (weights, arm) in weights.iter_mut().zip(arms) {
        weights.set(arm.fairness(), labels.clone());
    }
}
