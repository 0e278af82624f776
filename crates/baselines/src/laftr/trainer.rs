//! This module trains the two players alternately over mini-batches.

use fairness::metrics::{GroupCounts, NotAProbability};
use meta::SettingsError;
use mlp::{Network, NetworkError};
use tape::{Scalar, Tape, Var, vectorized};
use tasks::Batch;

use super::classification::{ClassLoss, ClassWeights};
use super::game::{Each, Inputs, Objective, Original};
use super::input::{InputLayer, gather};
use super::objective::{AdversaryFairness, Counts, GroupSizes, Recorded, RowLabels, Weights};
use super::player::{Player, initial};
use super::{Encoder, LaftrArm, LaftrSettings};
use crate::order::shuffled;

/// Explains why LAFTR cannot start or continue.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LaftrError {
    /// A setting does not fit.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A network cannot be made.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// A loss or a gradient is no longer finite.
    #[error(
        "epoch {epoch}, {arm}: the {quantity} is not finite (rate {rate:?}, alpha {alpha:?}, \
         beta {beta:?}); use a smaller rate, smaller weights or scaled features"
    )]
    NotFinite {
        /// The epoch, counted from 0.
        epoch: u64,
        /// The setting whose training failed.
        arm: LaftrArm,
        /// The quantity that is not finite.
        quantity: &'static str,
        /// Adam's rate.
        rate: f64,
        /// The weight α of the classifier's loss.
        alpha: f64,
        /// The weight β of the reconstruction.
        beta: f64,
    },
}

/// Holds the losses of one setting over an epoch. Each loss is a mean over all rows. The losses of
/// a mini-batch are measured at the weights before its steps.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ArmLosses {
    /// L_C, the classifier's loss. It is at least 0.
    pub classification: f64,
    /// L_Dec, the mean squared error of the reconstruction. `None` without a decoder (β = 0).
    pub reconstruction: Option<f64>,
    /// L_Adv, the adversary's objective. It is 0 for an adversary that guesses. It is 1 (2 for
    /// equalized odds) for an adversary that always knows the group.
    ///
    /// The value describes this adversary. It does not show how much of the group the code reveals.
    /// An adversary that gives the same answer for every row also has 0. Its sigmoid can be flat
    /// there, so that it stops learning, while a new network may still predict the group from the
    /// code.
    pub adversary: f64,
    /// The number of mini-batches that lacked a group of the notion. The absent group contributed
    /// nothing.
    pub absent: usize,
}

/// Learns adversarially fair and transferable representations (Madras, Creager, Pitassi and Zemel
/// 2018). An encoder f, a classifier g and a decoder k play against an adversary h. The adversary
/// predicts the group of a row from its code f(x):
///
/// ```text
/// min over f, g, k and max over h of
///     α L_C(g(f(x)), y) + β L_Dec(k(f(x), a), x) + γ L_Adv(h(f(x)), a)
/// ```
///
/// [`Classification`](crate::Classification) and [`ClassWeights`] define L_C. L_Dec is the mean
/// squared error. [`AdversaryFairness`] defines L_Adv. Hidden layers have the activation of the
/// settings. Codes and reconstructions are linear, and g and h end in a sigmoid.
///
/// For each mini-batch, the encoder, the classifier and the decoder take one Adam step while h is
/// fixed. Then the adversary takes one Adam step up L_Adv with the new f. The adversary's step does
/// not contain γ. The adversary therefore also learns at γ = 0, where it has no influence on the
/// encoder.
///
/// `S` has a lane for each setting, which is a [`LaftrArm`]. `f64` trains one setting, and
/// `Lanes<f64, 8>` trains eight at once. All settings start from the same weights and see the same
/// mini-batches, so that they are paired.
///
/// ```
/// use baselines::{AdversaryFairness, Laftr, LaftrArm, LaftrOptions, LaftrSettings};
/// use tape::Lanes;
/// use tasks::{Batch, synthetic::SyntheticConfig};
///
/// let synthetic = SyntheticConfig::default();
/// let tasks = (0..4).map(|i| synthetic.training_task(0, i).data.into_batch());
/// let data = Batch::concat(&tasks.collect::<Vec<_>>().iter().collect::<Vec<_>>());
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
pub struct Laftr<'a, S: Scalar> {
    settings: LaftrSettings,
    arms: Vec<LaftrArm>,
    data: &'a Batch,
    seed: u64,
    epoch: u64,
    /// The whole encoder.
    encoder: Network,
    networks: Each<Network>,
    /// The first layer of the encoder.
    input: InputLayer<S>,
    players: Each<Player<S>>,
    tapes: Tapes<S>,
    /// All rows in the order of the epoch.
    order: Vec<usize>,
    /// The weights of L_Adv over a mini-batch, for each setting.
    weights: Vec<Weights>,
    /// The weights of demographic parity, if the groups have equal weight in the classifier's loss.
    groups: Option<Weights>,
    /// The features of a mini-batch.
    x: Vec<S::Flat>,
}

/// Holds one tape for the encoder, the classifier and the decoder, and one tape for the adversary.
#[derive(Debug)]
struct Tapes<S> {
    encoder: Tape<S>,
    adversary: Tape<S>,
}

impl<'a, S: Scalar> Laftr<'a, S> {
    /// Makes a trainer of the settings `arms`. All of them start at the initial weights of `seed`
    /// and are trained on all rows of `data`.
    ///
    /// Unused lanes repeat the last setting, and their results are ignored.
    ///
    /// # Errors
    /// Returns an error if `arms` is empty or has more entries than `S` has lanes, if there is no
    /// row, or if a network has too many parameters.
    pub fn new(
        settings: LaftrSettings,
        arms: &[LaftrArm],
        data: &'a Batch,
        seed: u64,
    ) -> Result<Self, LaftrError> {
        if arms.is_empty() || arms.len() > S::LANES {
            let given = format!("{} with {} lane(s)", arms.len(), S::LANES);
            return Err(
                SettingsError::new("arms", given, "between 1 and the number of lanes").into()
            );
        }
        if data.rows() == 0 {
            return Err(SettingsError::new("rows", 0, "at least one").into());
        }
        let networks = settings.networks(data.features())?;
        let encoder = settings.encoder(data.features())?;
        let player =
            |network, word| Player::new(initial(network, &settings, seed, word), &settings);
        let mut first = initial(&encoder, &settings, seed, 1);
        let rest = first.split_off((data.features() + 1) * settings.hidden.get());
        let players = Each {
            encoder: Player::new(rest, &settings),
            classifier: player(&networks.classifier, 2),
            adversary: player(&networks.adversary, 3),
            decoder: networks.decoder.as_ref().map(|decoder| player(decoder, 4)),
        };
        let weights = |fairness| {
            let whole = || Counts::new(fairness, labels(data, 0..data.rows()));
            Weights::new(fairness, (settings.group_sizes == GroupSizes::AllRows).then(whole))
        };
        Ok(Laftr {
            settings,
            arms: arms.to_vec(),
            data,
            seed,
            epoch: 0,
            encoder,
            networks,
            input: InputLayer::new(data.features(), Player::new(first, &settings)),
            players,
            tapes: Tapes { encoder: Tape::new(), adversary: Tape::new() },
            order: Vec::new(),
            weights: arms.iter().map(|arm| weights(arm.fairness())).collect(),
            groups: (settings.class_weights == ClassWeights::EqualGroups)
                .then(|| weights(AdversaryFairness::DemographicParity)),
            x: Vec::new(),
        })
    }

    /// Trains the remaining epochs of the settings. Calls `after` after each epoch with the number
    /// of epochs done so far and the losses of each setting.
    ///
    /// # Errors
    /// Returns the errors of an [`epoch`](Laftr::epoch).
    pub fn train(&mut self, mut after: impl FnMut(u64, &[ArmLosses])) -> Result<(), LaftrError> {
        while self.epoch < self.settings.epochs {
            let losses = self.epoch()?;
            after(self.epoch, &losses);
        }
        Ok(())
    }

    /// Makes one pass through all rows, in a random order of its own. Returns the losses of each
    /// setting.
    ///
    /// # Errors
    /// Returns an error if a loss or a gradient is not finite. The weights of the player whose step
    /// failed are then those before the mini-batch.
    pub fn epoch(&mut self) -> Result<Vec<ArmLosses>, LaftrError> {
        let mut order = std::mem::take(&mut self.order);
        shuffled(&mut order, self.data.rows(), self.seed, self.epoch, 0);
        let mut losses = vec![ArmLosses::default(); self.arms.len()];
        let done = order
            .chunks(self.settings.batch.get())
            .try_for_each(|rows| self.mini_batch(rows, &mut losses));
        self.order = order;
        done?;
        self.epoch += 1;
        Ok(losses)
    }

    /// Returns the current encoder of each setting.
    pub fn encoders(&self) -> Vec<Encoder> {
        let theta = || self.input.player.theta.iter().chain(&self.players.encoder.theta);
        (0..self.arms.len())
            .map(|lane| theta().map(|entry| entry.lane(lane)).collect())
            .map(|theta| Encoder::new(self.encoder.clone(), theta))
            .collect()
    }

    /// Returns the decisions of each setting's own classifier on `batch`, counted by label and
    /// group. A row is predicted positive if P(y = 1) > 1/2.
    ///
    /// # Errors
    /// Returns [`NotAProbability`] if the logit of a row is NaN.
    ///
    /// # Panics
    /// Panics if the rows do not have the features of the training data.
    pub fn decisions(&self, batch: &Batch) -> Result<Vec<GroupCounts>, NotAProbability> {
        let mut tape = Tape::new();
        let code = self.codes(&mut tape, batch);
        let classifier = self.players.classifier.constant(&mut tape);
        let logits = self.networks.classifier.logits(&mut tape, classifier, code);
        let logits = tape.value(logits);
        let decided = |lane| -> Result<Vec<bool>, NotAProbability> {
            let logits = logits.iter().map(|z| z.lane(lane)).enumerate();
            let decide = |(row, value): (usize, f64)| match value.is_nan() {
                true => Err(NotAProbability { row, value }),
                false => Ok(value > 0.0),
            };
            logits.map(decide).collect()
        };
        (0..self.arms.len())
            .map(|lane| {
                let decided = decided(lane)?;
                Ok(GroupCounts::tally(&decided, batch.positive(), batch.protected()))
            })
            .collect()
    }

    /// Returns L_Adv of each setting's adversary on the whole `batch`. |D| is counted in the batch.
    ///
    /// # Panics
    /// Panics if the rows do not have the features of the training data.
    pub fn adversary_objectives(&self, batch: &Batch) -> Vec<f64> {
        let mut tape = Tape::new();
        let weights = self.arms.iter().map(|arm| {
            let mut weights = Weights::new(arm.fairness(), None);
            weights.set(labels(batch, 0..batch.rows()));
            weights
        });
        let weights: Vec<_> = weights.collect();
        let code = self.codes(&mut tape, batch);
        let fairness =
            Recorded::new(&mut tape, batch.rows(), |lane| &weights[self.arm_index(lane)]);
        let adversary = self.players.adversary.constant(&mut tape);
        let objective = self.networks.adversary_objective(&mut tape, adversary, code, fairness);
        let value = tape.value(objective)[0];
        (0..self.arms.len()).map(|lane| value.lane(lane)).collect()
    }

    /// Records the codes of `batch`, `(rows, code)`, in each lane as constants.
    fn codes(&self, tape: &mut Tape<S>, batch: &Batch) -> Var {
        let (given, wanted) = (batch.features(), self.data.features());
        assert_eq!(given, wanted, "features of the rows and of the training data");
        let mut x = Vec::new();
        gather::<S>(batch, 0..batch.rows(), &mut x);
        self.record_codes(tape, &x, batch.rows())
    }

    /// Records the codes, `(rows, code)`, of the features `x: (rows, features)` as constants.
    fn record_codes(&self, tape: &mut Tape<S>, x: &[S::Flat], rows: usize) -> Var {
        let first = tape.constant_with(rows, self.input.hidden(), |out| self.input.forward(x, out));
        let encoder = self.players.encoder.constant(tape);
        self.networks.code(tape, encoder, first)
    }
}

/// These methods train on one mini-batch.
impl<S: Scalar> Laftr<'_, S> {
    /// Takes one step of each player. Adds the losses, weighted by the number of rows.
    fn mini_batch(&mut self, rows: &[usize], sums: &mut [ArmLosses]) -> Result<(), LaftrError> {
        self.take(rows);
        let objective = self.encoder_step(rows)?;
        self.add(objective, rows.len(), sums);
        self.adversary_step(rows.len())
    }

    /// Reads the features and computes the weights of a mini-batch.
    fn take(&mut self, rows: &[usize]) {
        gather::<S>(self.data, rows.iter().copied(), &mut self.x);
        for weights in self.weights.iter_mut().chain(&mut self.groups) {
            weights.set(labels(self.data, rows.iter().copied()));
        }
    }

    /// Takes one step of the encoder, the classifier and the decoder down their objective. The
    /// adversary's weights are constants, so no gradient is computed for them.
    fn encoder_step(&mut self, rows: &[usize]) -> Result<Objective, LaftrError> {
        let mut tape = std::mem::take(&mut self.tapes.encoder);
        tape.clear();
        let inputs = self.record_inputs(&mut tape, rows);
        let weights = Each {
            encoder: self.players.encoder.variable(&mut tape),
            classifier: self.players.classifier.variable(&mut tape),
            adversary: self.players.adversary.constant(&mut tape),
            decoder: self.players.decoder.as_ref().map(|decoder| decoder.variable(&mut tape)),
        };
        let coefficients = (self.settings.alpha, self.settings.beta);
        let objective = self.networks.objective(&mut tape, &weights, &inputs, coefficients);
        tape.backward(objective.total);
        self.input.backward(&self.x, tape.adjoint(inputs.first));
        self.tapes.encoder = tape;
        self.encoder_side_is_finite(&objective, &weights)?;

        let (tape, players) = (&self.tapes.encoder, &mut self.players);
        self.input.step();
        players.encoder.step(tape.adjoint(weights.encoder));
        players.classifier.step(tape.adjoint(weights.classifier));
        if let (Some(decoder), Some(weights)) = (&mut players.decoder, weights.decoder) {
            decoder.step(tape.adjoint(weights));
        }
        Ok(objective)
    }

    /// Records the inputs of the encoder, the classifier and the decoder for a mini-batch.
    fn record_inputs(&self, tape: &mut Tape<S>, rows: &[usize]) -> Inputs {
        let data = self.data;
        let first = tape.variable_with(rows.len(), self.input.hidden(), |out| {
            self.input.forward(&self.x, out);
        });
        let original = self.networks.decoder.as_ref().map(|_| self.record_original(tape, rows));
        let positive = rows.iter().map(|&row| data.positive()[row]);
        let (classification, groups) = (self.settings.classification, self.groups.as_ref());
        Inputs {
            first,
            labels: ClassLoss::new(tape, classification, positive, groups),
            fairness: self.record_fairness(tape, rows.len()),
            gamma: tape.constant_from(1, 1, |_, _, lane| self.arms[self.arm_index(lane)].gamma()),
            original,
        }
    }

    /// Records the additional input of the decoder and its target.
    fn record_original(&self, tape: &mut Tape<S>, rows: &[usize]) -> Original {
        let (data, code) = (self.data, self.settings.code.get());
        let x = tape.constant_with(rows.len(), data.features(), |entries| {
            vectorized(
                #[inline(always)]
                || {
                    for (lanes, &x) in S::flat_mut(entries)
                        .chunks_exact_mut(S::LANES / S::Flat::LANES)
                        .zip(&self.x)
                    {
                        lanes.fill(x);
                    }
                },
            );
        });
        let group = tape.constant_from(rows.len(), code + 1, |row, column, _| {
            f64::from(u8::from(column == code && !data.protected()[rows[row]]))
        });
        Original { x, group }
    }

    fn record_fairness(&self, tape: &mut Tape<S>, rows: usize) -> Recorded {
        Recorded::new(tape, rows, |lane| &self.weights[self.arm_index(lane)])
    }

    /// Takes one step of the adversary up its objective. The codes are constants, so no gradient
    /// flows back into the encoder.
    fn adversary_step(&mut self, rows: usize) -> Result<(), LaftrError> {
        let mut tape = std::mem::take(&mut self.tapes.adversary);
        tape.clear();
        let code = self.record_codes(&mut tape, &self.x, rows);
        let fairness = self.record_fairness(&mut tape, rows);
        let adversary = self.players.adversary.variable(&mut tape);
        let objective = self.networks.adversary_objective(&mut tape, adversary, code, fairness);
        tape.backward_from(objective, &[S::from_f64(-1.0)]); // Adam descends, so L_Adv is negated.
        self.tapes.adversary = tape;
        let tape = &self.tapes.adversary;
        self.is_finite("adversary's objective", tape.value(objective))?;
        self.is_finite("gradient of the adversary", tape.adjoint(adversary))?;
        self.players.adversary.step(tape.adjoint(adversary));
        Ok(())
    }

    /// Adds the losses of a mini-batch to the means over all rows.
    fn add(&self, objective: Objective, rows: usize, sums: &mut [ArmLosses]) {
        let share = rows as f64 / self.data.rows() as f64;
        let value = |v: Var, lane| share * self.tapes.encoder.value(v)[0].lane(lane);
        for (lane, sum) in sums.iter_mut().enumerate() {
            sum.classification += value(objective.classification, lane);
            sum.adversary += value(objective.adversary, lane);
            sum.absent += usize::from(self.weights[lane].absent());
            if let Some(reconstruction) = objective.reconstruction {
                *sum.reconstruction.get_or_insert(0.0) += value(reconstruction, lane);
            }
        }
    }

    /// Checks the losses and the gradients that the encoder's step has recorded.
    fn encoder_side_is_finite(
        &self,
        objective: &Objective,
        weights: &Each<Var>,
    ) -> Result<(), LaftrError> {
        let tape = &self.tapes.encoder;
        for (quantity, term) in [
            ("classifier's loss", Some(objective.classification)),
            ("reconstruction's loss", objective.reconstruction),
            ("adversary's objective", Some(objective.adversary)),
            ("weighted sum of the losses", Some(objective.total)),
        ] {
            term.map_or(Ok(()), |term| self.is_finite(quantity, tape.value(term)))?;
        }
        for (quantity, weights) in [
            ("gradient of the encoder", Some(weights.encoder)),
            ("gradient of the classifier", Some(weights.classifier)),
            ("gradient of the decoder", weights.decoder),
        ] {
            weights.map_or(Ok(()), |weights| self.is_finite(quantity, tape.adjoint(weights)))?;
        }
        self.is_finite("gradient of the encoder", &self.input.gradient)
    }

    /// Checks all lanes together. It looks for the setting only if a number is not finite.
    fn is_finite(&self, quantity: &'static str, entries: &[S]) -> Result<(), LaftrError> {
        let mut finite = true;
        let flat = S::flat(entries);
        vectorized(
            #[inline(always)]
            || {
                // The fold works on a local value, because a captured variable would prevent vector
                // code.
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

/// Returns the label and the group of some rows.
fn labels(
    data: &Batch,
    rows: impl Iterator<Item = usize> + Clone,
) -> impl Iterator<Item = RowLabels> + Clone {
    rows.map(|row| RowLabels { positive: data.positive()[row], protected: data.protected()[row] })
}

#[cfg(test)]
mod tests;
