//! The outer loop: Algorithm 1 of the paper.

use mlp::{Adam, Network, Optimizer};
use tape::vectorized;
use tasks::{Draw, EpisodePool, Purpose, stream};

use crate::batch::{Case, MetaBatch, Precision, Problem};
use crate::objective::labels;
use crate::{AbsentGroup, Gamma, MetaSettings, SettingsError};

/// Why training cannot begin or go on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LearnerError {
    /// A setting that does not fit the tasks.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A loss or a gradient that is no longer a finite number.
    #[error(
        "iteration {iteration}, task {task}: the {quantity} is not finite \
         (inner rate {inner_rate:?}, {inner_steps} inner step(s), meta rate {meta_rate:?}, gamma {gamma:?}); \
         smaller rates or a smaller gamma are needed"
    )]
    NotFinite {
        /// Meta-iteration, from 0.
        iteration: u64,
        /// Name of the task.
        task: String,
        /// What overflowed.
        quantity: &'static str,
        /// α
        inner_rate: f64,
        /// T
        inner_steps: usize,
        /// β
        meta_rate: f64,
        /// γ of the task
        gamma: f64,
    },
    /// A batch without anyone in the regularizer's group, where that is refused.
    #[error(
        "iteration {iteration}, task {task}: nobody of the regularizer's group is in the \
         {part} batch; a larger K or skipping such batches is needed"
    )]
    AbsentGroup {
        /// Meta-iteration, from 0.
        iteration: u64,
        /// Name of the task.
        task: String,
        /// `support` or `query`.
        part: &'static str,
    },
}

impl MetaSettings {
    /// The error of a run under these settings whose `quantity` overflowed.
    pub fn not_finite(
        &self,
        iteration: u64,
        task: String,
        quantity: &'static str,
        gamma: f64,
    ) -> LearnerError {
        let (inner_rate, inner_steps) = (self.inner.rate(), self.inner.steps());
        let meta_rate = self.meta_rate;
        LearnerError::NotFinite {
            iteration,
            task,
            quantity,
            inner_rate,
            inner_steps,
            meta_rate,
            gamma,
        }
    }
}

/// How many batches lacked the regularizer's group, so that the regularizer was silent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AbsentCounts {
    /// Batches met so far: two for each task of each iteration.
    pub batches: u64,
    /// Those without anyone in the group.
    pub absent: u64,
}

/// Learns initial weights over many tasks: each iteration draws a batch of tasks, adapts to each
/// of them, and follows the sum of the exact gradients of their query losses with Adam.
///
/// ```
/// use std::num::NonZeroUsize;
/// use meta::{AbsentGroup, Gamma, InnerLoop, MetaLearner, MetaOptions, MetaSettings};
/// use fairness::{Notion, Reading, Regularizer};
/// use mlp::{Activation, Initialization, Network};
/// use tasks::{EpisodePool, synthetic::SyntheticConfig};
///
/// let synthetic = SyntheticConfig::default();
/// let tasks = (0..10).map(|i| synthetic.training_task(0, i)).collect();
/// let pool = EpisodePool::new(tasks, NonZeroUsize::new(5).unwrap(), None, 0)?;
/// let settings = MetaSettings::try_from(MetaOptions {
///     inner: InnerLoop::new(0.3, 1)?,
///     meta_rate: 1e-3,
///     tasks_per_batch: NonZeroUsize::new(4).unwrap(),
///     initialization: Initialization::He,
///     regularizer: Some(Regularizer { notion: Notion::DemographicParity, reading: Reading::GroupMean }),
///     gamma: Gamma::Shared(10.0),
///     absent_group: AbsentGroup::Skip,
/// })?;
/// let network = Network::new(&[2, 20, 20, 2], Activation::Relu)?;
/// let mut learner = MetaLearner::<f64>::new(settings, &network, &pool, 0)?;
/// for _ in 0..3 {
///     let meta_loss = learner.step()?;
///     assert!(meta_loss.is_finite());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct MetaLearner<'a, R> {
    settings: MetaSettings,
    network: &'a Network,
    pool: &'a EpisodePool,
    seed: u64,
    iteration: u64,
    theta: Vec<R>,
    adam: Adam<R>,
    absent: AbsentCounts,
    batch: Box<dyn MetaBatch<R>>,
    // Buffers, kept from iteration to iteration.
    draws: Vec<Draw>,
    cases: Vec<Case<'a>>,
    gradient: Vec<R>,
    losses: Vec<f64>,
}

impl<'a, R: Precision> MetaLearner<'a, R> {
    /// A learner at its initial weights, drawn from `seed`, as is everything after.
    ///
    /// # Errors
    /// If the settings do not fit the pool or the network.
    pub fn new(
        settings: MetaSettings,
        network: &'a Network,
        pool: &'a EpisodePool,
        seed: u64,
    ) -> Result<Self, LearnerError> {
        let theta = initial_weights(&settings, network, pool, seed)?;
        let theta: Vec<R> = theta.into_iter().map(R::from_f64).collect();
        let adam = Adam::new(settings.meta_rate).expect("a validated rate");
        let batch = R::meta_batch(settings.tasks_per_batch.get(), theta.len());
        Ok(MetaLearner {
            gradient: vec![R::zero(); theta.len()],
            settings,
            network,
            pool,
            seed,
            iteration: 0,
            theta,
            adam,
            absent: AbsentCounts::default(),
            batch,
            draws: Vec::new(),
            cases: Vec::new(),
            losses: Vec::new(),
        })
    }

    /// One meta-iteration; returns the meta-loss Σ_i [L_i(θ'_i) + γ_i R_i(θ'_i)] at the weights
    /// before it.
    ///
    /// # Errors
    /// If a loss or a gradient is not finite, or a group is absent where that is refused. The
    /// weights are then as before.
    pub fn step(&mut self) -> Result<f64, LearnerError> {
        self.draw()?;
        let problem = Problem {
            network: self.network,
            regularizer: self.settings.regularizer,
            inner: self.settings.inner,
        };
        let (gradient, losses) = (&mut self.gradient, &mut self.losses);
        self.batch.gradient(problem, &self.cases, &self.theta, gradient, losses);
        self.all_finite()?;
        self.adam.step(&mut self.theta, &self.gradient);
        self.iteration += 1;
        Ok(self.losses.iter().sum())
    }

    /// The meta-learned weights so far.
    pub fn theta(&self) -> &[R] {
        &self.theta
    }

    /// How many iterations have been made.
    pub fn iterations(&self) -> u64 {
        self.iteration
    }

    /// How often the regularizer had nobody to look at.
    pub fn absent(&self) -> AbsentCounts {
        self.absent
    }

    /// Draws the tasks of this iteration.
    fn draw(&mut self) -> Result<(), LearnerError> {
        let (pool, wanted) = (self.pool, self.settings.tasks_per_batch);
        pool.batch(self.seed, self.iteration, wanted, &mut self.draws);
        self.cases.clear();
        for &draw in &self.draws {
            let gamma = self.settings.gamma.of(draw.task);
            self.cases.push(Case { episode: pool.episode(draw), gamma });
        }
        self.count_absent()
    }

    fn count_absent(&mut self) -> Result<(), LearnerError> {
        let Some(regularizer) = self.settings.regularizer else { return Ok(()) };
        for (case, draw) in self.cases.iter().zip(&self.draws) {
            let parts = [("support", &case.episode.support), ("query", &case.episode.query)];
            for (part, batch) in parts {
                self.absent.batches += 1;
                if regularizer.members(labels(batch)) > 0 {
                    continue;
                }
                self.absent.absent += 1;
                if self.settings.absent_group == AbsentGroup::Refuse {
                    let (iteration, task) = (self.iteration, self.task_name(draw));
                    return Err(LearnerError::AbsentGroup { iteration, task, part });
                }
            }
        }
        Ok(())
    }

    /// A gradient sum can only be finite if every task's gradient is, so one look at the sum does;
    /// to blame a task, each is then asked alone.
    fn all_finite(&mut self) -> Result<(), LearnerError> {
        let bad_loss = self.losses.iter().position(|loss| !loss.is_finite());
        let mut gradient_is_finite = true;
        vectorized(
            #[inline(always)]
            || {
                for g in &self.gradient {
                    gradient_is_finite &= g.lane(0).is_finite();
                }
            },
        );
        let (slot, quantity) = match bad_loss {
            Some(slot) => (slot, "query loss"),
            None if gradient_is_finite => return Ok(()),
            None => (self.first_bad_gradient(), "meta-gradient"),
        };
        let (task, gamma) = (self.task_name(&self.draws[slot]), self.cases[slot].gamma);
        Err(self.settings.not_finite(self.iteration, task, quantity, gamma))
    }

    fn first_bad_gradient(&self) -> usize {
        let problem = Problem {
            network: self.network,
            regularizer: self.settings.regularizer,
            inner: self.settings.inner,
        };
        let mut alone = R::meta_batch(1, self.theta.len());
        let mut gradient = self.gradient.clone();
        let is_bad = |case: &Case<'_>| {
            let case = std::slice::from_ref(case);
            alone.gradient(problem, case, &self.theta, &mut gradient, &mut Vec::new());
            gradient.iter().any(|g| !g.lane(0).is_finite())
        };
        // If each is finite alone, it is their sum that overflows, and the last one tips it over.
        self.cases.iter().position(is_bad).unwrap_or(self.cases.len() - 1)
    }

    fn task_name(&self, draw: &Draw) -> String {
        self.pool.tasks()[draw.task].name.clone()
    }
}

/// The weights that training starts from, drawn from `seed`, once settings, network and tasks are
/// known to belong together.
///
/// # Errors
/// Which setting does not fit, and what would.
pub fn initial_weights(
    settings: &MetaSettings,
    network: &Network,
    pool: &EpisodePool,
    seed: u64,
) -> Result<Vec<f64>, SettingsError> {
    let tasks = pool.tasks().len();
    if let Gamma::PerTask(gammas) = &settings.gamma
        && gammas.len() != tasks
    {
        let given = format!("{} values for {tasks} training tasks", gammas.len());
        return Err(SettingsError::new("gamma", given, "one for each task"));
    }
    let features = pool.tasks()[0].data.features();
    if network.inputs() != features {
        let given = format!("{} for {features} features", network.inputs());
        return Err(SettingsError::new("network inputs", given, "one for each feature"));
    }
    if network.outputs() != 2 {
        return Err(SettingsError::new("network outputs", network.outputs(), "2 logits"));
    }
    let mut rng = stream(seed, Purpose::Initialization, 0, 0);
    Ok(network.initialize(settings.initialization, &mut rng))
}
