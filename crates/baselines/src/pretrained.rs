//! This module implements the pre-trained network.

use std::borrow::Cow;
use std::ops::Range;

use fairness::Regularizer;
use meta::{
    FairLoss, Gamma, LearnerError, MetaOptions, MetaSettings, SettingsError, initial_weights,
};
use mlp::{Adam, Network, Optimizer};
use serde::{Deserialize, Serialize};
use tape::{Scalar, Tape};
use tasks::{Batch, Draw, Episode, EpisodePool};

use crate::fit::loss_and_gradient;
use crate::order::shuffled;

/// Selects the rows on which [`Pretrained`] takes a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pretraining {
    /// Each task of a batch gives one step, on its support and query rows. The tasks follow one
    /// after another.
    #[default]
    StepPerTask,
    /// Each batch gives one step, on the support and query rows of all its tasks together. L is the
    /// mean over all of these rows. R is computed over the members of its group in all of them.
    StepPerBatch,
    /// Each batch gives as many steps as it has tasks. Each step uses the next 2K rows of all
    /// training tasks together. The rows are shuffled anew for every pass, and the last step of a
    /// pass uses the rows that are left. There are no episodes. The labels are those of the tasks,
    /// and no row occurs twice in a pass.
    MiniBatches,
}

/// Trains a network on the rows of all tasks together. It takes Adam steps on L + γ R over support
/// and query rows alike. By default there is one step for each task of each batch.
///
/// The network uses the settings of the meta-learner, without the inner loop. Except with
/// [`Pretraining::MiniBatches`], it draws the same tasks and the same rows in the same order as
/// `meta::MetaLearner`. The two methods then differ only in the algorithm. Networks that differ
/// only in γ see the same rows. They are trained together, one network in each lane of `S`.
///
/// ```
/// use std::num::NonZeroUsize;
/// use baselines::{Pretrained, Pretraining};
/// use meta::{AbsentGroup, Gamma, InnerLoop, MetaOptions, MetaSettings};
/// use mlp::{Activation, Initialization, Network};
/// use tasks::{EpisodeOptions, EpisodePool, synthetic::SyntheticConfig};
///
/// let synthetic = SyntheticConfig::default();
/// let tasks = (0..4).map(|i| synthetic.training_task(0, i)).collect();
/// let k = NonZeroUsize::new(5).unwrap();
/// let pool = EpisodePool::new(tasks, EpisodeOptions::new(k, None), 0)?;
/// let settings = MetaSettings::try_from(MetaOptions {
///     algorithm: meta::algorithm::FAIR_MAML,
///     inner: InnerLoop::new(0.0, 0)?,
///     meta_rate: 1e-3,
///     tasks_per_batch: NonZeroUsize::new(4).unwrap(),
///     initialization: Initialization::He,
///     regularizer: None,
///     gamma: Gamma::Shared(0.0),
///     absent_group: AbsentGroup::Skip,
/// })?;
/// let network = Network::new(&[2, 20, 20, 2], Activation::Relu)?;
/// let mut pretrained =
///     Pretrained::<f64>::new(&[settings], Pretraining::StepPerTask, &network, &pool, 0)?;
/// assert!(pretrained.step()?[0].is_finite());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Pretrained<'a, S> {
    /// The settings of each network.
    settings: Vec<MetaSettings>,
    regularizer: Option<Regularizer>,
    pretraining: Pretraining,
    network: &'a Network,
    pool: &'a EpisodePool,
    seed: u64,
    iteration: u64,
    theta: Vec<S>,
    adam: Adam<S>,
    tape: Tape<S>,
    draws: Vec<Draw>,
    mini_batches: Option<MiniBatches>,
}

/// The number by which [`Purpose`](tasks::Purpose) names this network among those that draw
/// mini-batches.
const NETWORK: u64 = 1;

/// Holds all rows of the training tasks, in the order of the current pass.
struct MiniBatches {
    rows: Batch,
    order: Vec<usize>,
    /// The position in `order` of the next row.
    next: usize,
    /// The number of passes that have begun.
    passes: u64,
}

impl MiniBatches {
    fn of(pool: &EpisodePool) -> Self {
        MiniBatches { rows: pool.all_rows(), order: Vec::new(), next: 0, passes: 0 }
    }

    /// Returns the next `size` rows, or the rows that are left in the pass.
    fn draw(&mut self, size: usize, seed: u64) -> Batch {
        if self.next == self.order.len() {
            shuffled(&mut self.order, self.rows.rows(), seed, self.passes, NETWORK);
            (self.next, self.passes) = (0, self.passes + 1);
        }
        let end = self.order.len().min(self.next + size);
        let rows = self.rows.select(&self.order[self.next..end]);
        self.next = end;
        rows
    }
}

impl<'a, S: Scalar> Pretrained<'a, S> {
    /// Makes one network for each entry of `arms`. All of them have the initial weights of the
    /// meta-learner with the same seed. Unused lanes repeat the last entry, and their results are
    /// ignored.
    ///
    /// # Errors
    /// Returns an error in each of these cases:
    ///
    /// - the settings do not fit the pool or the network;
    /// - the settings have one γ for each task, but a step uses rows of several tasks;
    /// - `arms` is empty, or it has more entries than `S` has lanes;
    /// - the entries differ in more than γ and in whether there is a regularizer.
    pub fn new(
        arms: &[MetaSettings],
        pretraining: Pretraining,
        network: &'a Network,
        pool: &'a EpisodePool,
        seed: u64,
    ) -> Result<Self, LearnerError> {
        let regularizer = shared_regularizer(arms, S::LANES)?;
        let per_task = |arm: &MetaSettings| matches!(arm.gamma, Gamma::PerTask(_));
        if pretraining != Pretraining::StepPerTask && arms.iter().any(per_task) {
            let accepted = "one value for all tasks, because a step uses rows of several tasks";
            return Err(SettingsError::new("gamma", "one value for each task", accepted).into());
        }
        let mut theta = Vec::new();
        for arm in arms {
            theta = initial_weights(arm, network, pool, seed)?;
        }
        Ok(Pretrained {
            settings: arms.to_vec(),
            regularizer,
            pretraining,
            network,
            pool,
            seed,
            iteration: 0,
            theta: theta.into_iter().map(S::from_f64).collect(),
            adam: Adam::new(arms[0].meta_rate).expect("a validated rate"),
            tape: Tape::new(),
            draws: Vec::new(),
            mini_batches: (pretraining == Pretraining::MiniBatches).then(|| MiniBatches::of(pool)),
        })
    }

    /// Trains on one batch of tasks. Returns, for each network, the sum of the losses, each
    /// measured before its step. With [`Pretraining::StepPerBatch`], the loss of the one step
    /// counts once for each task.
    ///
    /// # Errors
    /// Returns an error if a loss or a gradient is not finite. The weights are then those before
    /// the failed step.
    pub fn step(&mut self) -> Result<Vec<f64>, LearnerError> {
        let wanted = self.settings[0].tasks_per_batch;
        if self.mini_batches.is_none() {
            self.pool.batch(self.seed, self.iteration, wanted, &mut self.draws);
        }
        let tasks = wanted.get();
        let tasks_per_step = match self.pretraining {
            Pretraining::StepPerTask | Pretraining::MiniBatches => 1,
            Pretraining::StepPerBatch => tasks,
        };
        let mut total = vec![0.0; self.settings.len()];
        for first in (0..tasks).step_by(tasks_per_step) {
            let size = 2 * self.pool.k().get();
            let loss = match &mut self.mini_batches {
                Some(mini_batches) => {
                    let rows = mini_batches.draw(size, self.seed);
                    self.step_on(&rows, &[])?
                }
                None => self.step_on_tasks(first..first + tasks_per_step)?,
            };
            for (lane, total) in total.iter_mut().enumerate() {
                *total += tasks_per_step as f64 * loss.lane(lane);
            }
        }
        self.iteration += 1;
        Ok(total)
    }

    /// Returns the current weights of the network with number `arm`.
    ///
    /// # Panics
    /// Panics if there is no such network.
    pub fn theta(&self, arm: usize) -> Vec<f64> {
        assert!(arm < self.settings.len(), "arm {arm} of {}", self.settings.len());
        self.theta.iter().map(|entry| entry.lane(arm)).collect()
    }

    /// Takes one step on the tasks in these slots of the batch. Within a lane, all of them must
    /// have the same γ.
    fn step_on_tasks(&mut self, slots: Range<usize>) -> Result<S, LearnerError> {
        let draws = &self.draws[slots];
        let tasks: Vec<usize> = draws.iter().map(|draw| draw.task).collect();
        let episodes: Vec<Cow<Episode>> =
            draws.iter().map(|&draw| self.pool.episode(draw)).collect();
        let parts: Vec<&Batch> =
            episodes.iter().flat_map(|episode| [&episode.support, &episode.query]).collect();
        let rows = Batch::concat(&parts);
        self.step_on(&rows, &tasks)
    }

    /// Takes one step on rows of these tasks. An empty `tasks` means that the rows are of any
    /// tasks.
    fn step_on(&mut self, rows: &Batch, tasks: &[usize]) -> Result<S, LearnerError> {
        let task = tasks.first().copied().unwrap_or(0);
        let gamma = |lane: usize| gamma(&self.settings, lane, task);
        let objective = FairLoss {
            network: self.network,
            regularizer: self.regularizer,
            batch: |lane| (rows, gamma(lane)),
        };
        let (value, gradient) = loss_and_gradient(&mut self.tape, &objective, &self.theta)
            .map_err(|(quantity, lane)| {
                let name = |&task: &usize| self.pool.tasks()[task].name.as_str();
                let task = match tasks {
                    [] => "(a mini-batch of all)".into(),
                    tasks => tasks.iter().map(name).collect::<Vec<_>>().join(" + "),
                };
                self.settings[0].not_finite(self.iteration, task, quantity, gamma(lane))
            })?;
        self.adam.step(&mut self.theta, gradient);
        Ok(value)
    }
}

/// Returns γ of the network in `lane` on a training task. It is 0 without a regularizer.
fn gamma(arms: &[MetaSettings], lane: usize, task: usize) -> f64 {
    let arm = &arms[lane.min(arms.len() - 1)];
    arm.regularizer.map_or(0.0, |_| arm.gamma.of(task))
}

/// Returns the regularizer that the settings share.
///
/// # Errors
/// Returns an error if there are no settings, if there are more settings than lanes, or if they
/// differ in more than γ and in whether there is a regularizer.
fn shared_regularizer(
    arms: &[MetaSettings],
    lanes: usize,
) -> Result<Option<Regularizer>, SettingsError> {
    if arms.is_empty() || arms.len() > lanes {
        let given = format!("{} with {lanes} lane(s)", arms.len());
        return Err(SettingsError::new("arms", given, "between 1 and the number of lanes"));
    }
    let regularizer = arms.iter().find_map(|arm| arm.regularizer);
    let like = |arm: &MetaSettings| MetaOptions {
        gamma: Gamma::Shared(0.0),
        regularizer: arm.regularizer.or(regularizer),
        ..(**arm).clone()
    };
    match arms.iter().find(|arm| like(arm) != like(&arms[0])) {
        None => Ok(regularizer),
        Some(odd) => {
            let given = format!("{:?} beside {:?}", like(odd), like(&arms[0]));
            Err(SettingsError::new("arms", given, "settings that differ in gamma only"))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use fairness::{Notion, Reading, Regularizer};
    use meta::{AbsentGroup, Gamma, InnerLoop, MetaOptions};
    use mlp::{Activation, Initialization};
    use tasks::{EpisodeOptions, Task};

    use super::*;

    fn settings(rate: f64, gamma: f64) -> MetaSettings {
        MetaSettings::try_from(MetaOptions {
            algorithm: meta::algorithm::FAIR_MAML,
            inner: InnerLoop::new(0.0, 0).unwrap(),
            meta_rate: rate,
            tasks_per_batch: NonZeroUsize::new(2).unwrap(),
            initialization: Initialization::He,
            regularizer: Some(Regularizer {
                notion: Notion::DEMOGRAPHIC_PARITY,
                reading: Reading::GroupMean,
            }),
            gamma: Gamma::Shared(gamma),
            absent_group: AbsentGroup::Skip,
        })
        .unwrap()
    }

    /// Makes two tasks with one feature. The rows above the middle are positive, and all others are
    /// protected.
    fn pool(scale: f64) -> EpisodePool {
        let x: Vec<f64> = (0..40).map(|i| scale * f64::from(i) / 20.0).collect();
        let positive: Vec<bool> = (0..40).map(|i| i > 20).collect();
        let protected = positive.iter().map(|p| !p).collect();
        let data = Batch::new(1, x, positive, protected).unwrap();
        let tasks = ["left", "right"].map(|name| Task::new(name, data.clone()));
        let k = NonZeroUsize::new(10).unwrap();
        EpisodePool::new(tasks.into(), EpisodeOptions::new(k, None), 0).unwrap()
    }

    #[test]
    fn it_learns_and_gamma_makes_it_generous() {
        let network = Network::new(&[1, 8, 2], Activation::Relu).unwrap();
        let pool = pool(1.0);
        let positives = |gamma| {
            let settings = settings(0.01, gamma);
            let mut pretrained =
                Pretrained::<f64>::new(&[settings], Pretraining::StepPerTask, &network, &pool, 3)
                    .unwrap();
            for _ in 0..300 {
                pretrained.step().unwrap();
            }
            let data = pool.tasks()[0].data.all();
            let counts = meta::decisions(&network, &pretrained.theta(0), &data).unwrap().overall();
            (counts.accuracy().unwrap(), counts.predicted_positives())
        };
        let (accuracy, _) = positives(0.0);
        assert!(accuracy > 0.9, "{accuracy}");
        assert_eq!(positives(20.0).1, 40);
    }

    #[test]
    fn an_overflow_is_named() {
        let network = Network::new(&[1, 8, 2], Activation::Relu).unwrap();
        let pool = pool(1e300);
        for (pretraining, named) in [
            (Pretraining::StepPerTask, "task right:"),
            // A step on a whole batch names all of its tasks.
            (Pretraining::StepPerBatch, " + "),
            (Pretraining::MiniBatches, "task (a mini-batch of all):"),
        ] {
            let settings = settings(1e300, 0.0);
            let mut pretrained =
                Pretrained::<f64>::new(&[settings], pretraining, &network, &pool, 0).unwrap();
            let error = (0..10).find_map(|_| pretrained.step().err()).unwrap().to_string();
            assert!(error.contains("not finite") && error.contains("iteration"), "{error}");
            assert!(error.contains(named), "{error}");
        }
    }
}
