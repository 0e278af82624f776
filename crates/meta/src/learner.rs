//! This module implements the outer loop: Algorithm 1 of the paper.

use std::ops::ControlFlow;

use mlp::{Adam, Network, Optimizer};
use tape::vectorized;
use tasks::{Draw, EpisodePool, Purpose, stream};

use crate::absent::AbsentCounts;
use crate::batch::{BatchProblem, BatchTask, Gradient, MetaBatch, Precision, Round};
use crate::meta_settings::MetaSettings;
use crate::objective::labels;
use crate::settings::{AbsentGroup, Gamma, SettingsError};
use crate::state::LearnerState;
use crate::workspace::NotPositiveDefinite;

/// Explains why training cannot start or continue.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LearnerError {
    /// A setting does not fit the tasks or the network.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A loss or a gradient is no longer finite.
    #[error(
        "iteration {iteration}, task {task}: the {quantity} is not finite \
         (inner rate {inner_rate:?}, {inner_steps} inner step(s), meta rate {meta_rate:?}, gamma {gamma:?}); \
         use smaller rates or a smaller gamma"
    )]
    NotFinite {
        /// The meta-iteration, counted from 0.
        iteration: u64,
        /// The name of the task, or of the rows if they are of several tasks.
        task: String,
        /// The quantity that is not finite.
        quantity: &'static str,
        /// The inner rate α.
        inner_rate: f64,
        /// The number T of inner steps.
        inner_steps: usize,
        /// The meta rate β.
        meta_rate: f64,
        /// The weight γ of the task.
        gamma: f64,
    },
    /// A batch contained no member of the regularized group, and the settings refuse such batches.
    #[error(
        "iteration {iteration}, task {task}: the {part} batch contained no member of the \
         regularized group; use a larger K, or skip such batches"
    )]
    AbsentGroup {
        /// The meta-iteration, counted from 0.
        iteration: u64,
        /// The name of the task.
        task: String,
        /// The part of the episode: `support` or `query`.
        part: &'static str,
    },
    /// The linear system of iMAML has a matrix that is not positive definite.
    #[error("iteration {iteration}, task {task}: {source} (λ is `proximal` in the settings)")]
    NotPositiveDefinite {
        /// The meta-iteration, counted from 0.
        iteration: u64,
        /// The name of the task.
        task: String,
        /// The curvature that was found.
        source: NotPositiveDefinite,
    },
}

impl MetaSettings {
    /// Makes the error for a run under these settings in which `quantity` was not finite.
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

/// Learns initial weights over many tasks. Each iteration draws a batch of tasks and adapts to each
/// of them. Then it takes one Adam step with the sum of the gradients of their query losses. The
/// algorithm of the settings says what these gradients are.
///
/// ```
/// use std::num::NonZeroUsize;
/// use meta::{AbsentGroup, Gamma, InnerLoop, MetaLearner, MetaOptions, MetaSettings};
/// use fairness::{Notion, Reading, Regularizer};
/// use mlp::{Activation, Initialization, Network};
/// use tasks::{EpisodeOptions, EpisodePool, synthetic::SyntheticConfig};
///
/// let synthetic = SyntheticConfig::default();
/// let tasks = (0..10).map(|i| synthetic.training_task(0, i)).collect();
/// let k = NonZeroUsize::new(5).unwrap();
/// let pool = EpisodePool::new(tasks, EpisodeOptions::new(k, None), 0)?;
/// let notion = Notion::DEMOGRAPHIC_PARITY;
/// let regularizer = Regularizer { notion, reading: Reading::GroupMean };
/// let settings = MetaSettings::try_from(MetaOptions {
///     algorithm: meta::algorithm::FAIR_MAML,
///     inner: InnerLoop::new(0.3, 1)?,
///     meta_rate: 1e-3,
///     tasks_per_batch: NonZeroUsize::new(4).unwrap(),
///     initialization: Initialization::He,
///     regularizer: Some(regularizer),
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
    batch: Box<dyn MetaBatch<R>>,
    training: Training<'a, R>,
}

/// Holds the state of the outer loop.
struct Training<'a, R> {
    settings: MetaSettings,
    network: &'a Network,
    pool: &'a EpisodePool,
    seed: u64,
    iteration: u64,
    adam: Adam<R>,
    absent: AbsentCounts,
    draws: Vec<Draw>,
    /// The current weights and the last meta-batch.
    round: Round<'a, R>,
}

impl<'a, R: Precision> MetaLearner<'a, R> {
    /// Makes a learner at its initial weights. All random numbers, then and later, come from
    /// `seed`.
    ///
    /// # Errors
    /// Returns an error if the settings do not fit the pool or the network.
    pub fn new(
        settings: MetaSettings,
        network: &'a Network,
        pool: &'a EpisodePool,
        seed: u64,
    ) -> Result<Self, LearnerError> {
        let theta = initial_weights(&settings, network, pool, seed)?;
        let parameters = theta.len();
        let learned = settings.algorithm.initial(theta, settings.inner);
        let adam = Adam::new(settings.meta_rate).expect("a validated rate");
        Ok(MetaLearner {
            batch: R::meta_batch(settings.tasks_per_batch.get(), parameters),
            training: Training {
                settings,
                network,
                pool,
                seed,
                iteration: 0,
                adam,
                absent: AbsentCounts::default(),
                draws: Vec::new(),
                round: Round::at(learned.into_iter().map(R::from_f64).collect()),
            },
        })
    }

    /// Runs one meta-iteration. Returns the meta-loss Σ_i [L_i(θ'_i) + γ_i R_i(θ'_i)] at the
    /// weights before it. To run many iterations, use [`train`](MetaLearner::train), which keeps
    /// its threads awake.
    ///
    /// # Errors
    /// Returns an error if a loss or a gradient is not finite, or if a group is absent and the
    /// settings refuse that. The weights then stay unchanged.
    pub fn step(&mut self) -> Result<f64, LearnerError> {
        let mut meta_loss = 0.0;
        self.train(1, |_, loss| meta_loss = loss)?;
        Ok(meta_loss)
    }

    /// Runs `iterations` meta-iterations. Calls `after` after each one with the number of
    /// iterations so far and the meta-loss at the weights before the iteration.
    ///
    /// The threads of the Rayon pool take part. They stay awake from one iteration to the next.
    ///
    /// # Errors
    /// Returns the errors of [`step`](MetaLearner::step). The weights are then those after the last
    /// successful iteration.
    pub fn train(
        &mut self,
        iterations: u64,
        mut after: impl FnMut(u64, f64),
    ) -> Result<(), LearnerError> {
        self.train_while(iterations, |iteration, meta_loss| {
            after(iteration, meta_loss);
            ControlFlow::Continue(())
        })
    }

    /// Does the same as [`train`](MetaLearner::train), and stops after the iteration for which
    /// `after` returns `Break`. [`iterations`](MetaLearner::iterations) tells how far it came, and
    /// training can go on from there.
    ///
    /// # Errors
    /// Returns the errors of [`train`](MetaLearner::train).
    pub fn train_while(
        &mut self,
        iterations: u64,
        mut after: impl FnMut(u64, f64) -> ControlFlow<()>,
    ) -> Result<(), LearnerError> {
        let MetaLearner { batch, training } = self;
        let mut result = Ok(());
        batch.session(training.problem(), &mut |gradient| {
            for _ in 0..iterations {
                match training.step(gradient) {
                    Ok(meta_loss) => {
                        if after(training.iteration, meta_loss).is_break() {
                            return;
                        }
                    }
                    Err(error) => {
                        result = Err(error);
                        return;
                    }
                }
            }
        });
        result
    }

    /// Returns all that later iterations depend on, to the last bit.
    pub fn state(&self) -> LearnerState {
        let Training { iteration, adam, absent, round, .. } = &self.training;
        let plain = |numbers: &[R]| numbers.iter().map(|number| number.lane(0)).collect();
        LearnerState {
            iteration: *iteration,
            learned: plain(&round.learned),
            powers: adam.powers(),
            moments: adam.moments().map(plain),
            absent: *absent,
        }
    }

    /// Continues at a state of another learner. With the same settings, network, pool and seed, all
    /// later iterations have the same results as those of the other learner, to the last bit.
    ///
    /// # Errors
    /// Returns an error if the state is not one of this network and algorithm.
    pub fn with_state(mut self, state: LearnerState) -> Result<Self, LearnerError> {
        state.check(self.learned().len())?;
        let own = |numbers: Vec<f64>| numbers.into_iter().map(R::from_f64).collect();
        let training = &mut self.training;
        training.iteration = state.iteration;
        training.adam.resume(state.powers, state.moments.map(own));
        training.absent = state.absent;
        training.round = Round::at(own(state.learned));
        Ok(self)
    }

    /// Returns what is learned so far. It starts with the network's flat parameter vector.
    pub fn learned(&self) -> &[R] {
        &self.training.round.learned
    }

    /// Returns the current meta-learned weights, as the network's flat parameter vector.
    pub fn theta(&self) -> &[R] {
        &self.learned()[..self.training.network.parameter_count()]
    }

    /// Returns the largest relative residual of the linear systems of the last iteration. `None`
    /// if the algorithm solves none.
    pub fn residual(&self) -> Option<f64> {
        self.training.round.solves.iter().map(|solve| solve.residual).reduce(f64::max)
    }

    /// Returns the number of iterations so far.
    pub fn iterations(&self) -> u64 {
        self.training.iteration
    }

    /// Returns how many batches so far contained no member of the regularized group.
    pub fn absent(&self) -> AbsentCounts {
        self.training.absent
    }
}

impl<'a, R: Precision> Training<'a, R> {
    fn problem(&self) -> BatchProblem<'a> {
        BatchProblem {
            network: self.network,
            regularizer: self.settings.regularizer,
            algorithm: self.settings.algorithm,
            inner: self.settings.inner,
        }
    }

    fn step(&mut self, gradient: &mut Gradient<'_, 'a, R>) -> Result<f64, LearnerError> {
        self.draw()?;
        gradient(&mut self.round);
        self.all_definite()?;
        self.all_finite()?;
        self.adam.step(&mut self.round.learned, &self.round.gradient);
        self.iteration += 1;
        Ok(self.round.losses.iter().sum())
    }

    /// Draws the tasks of this iteration.
    fn draw(&mut self) -> Result<(), LearnerError> {
        let (pool, wanted) = (self.pool, self.settings.tasks_per_batch);
        pool.batch(self.seed, self.iteration, wanted, &mut self.draws);
        self.round.tasks.clear();
        for &draw in &self.draws {
            let gamma = self.settings.gamma.of(draw.task);
            self.round.tasks.push(BatchTask { episode: pool.episode(draw), gamma });
        }
        self.count_absent()
    }

    fn count_absent(&mut self) -> Result<(), LearnerError> {
        let Some(regularizer) = self.settings.regularizer else { return Ok(()) };
        for (task, draw) in self.round.tasks.iter().zip(&self.draws) {
            let parts = [("support", &task.episode.support), ("query", &task.episode.query)];
            for (part, batch) in parts {
                self.absent.batches += 1;
                if regularizer.has_members(labels(batch)) {
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

    /// Checks that the matrix of every linear system was positive definite.
    fn all_definite(&self) -> Result<(), LearnerError> {
        for (solve, draw) in self.round.solves.iter().zip(&self.draws) {
            solve.definite(self.settings.inner).map_err(|source| {
                let (iteration, task) = (self.iteration, self.task_name(draw));
                LearnerError::NotPositiveDefinite { iteration, task, source }
            })?;
        }
        Ok(())
    }

    /// Checks the losses and the sum of the gradients. The sum can be finite only if the gradient
    /// of every task is finite, so one check is enough. If it fails, each gradient is computed
    /// alone to find the task.
    fn all_finite(&mut self) -> Result<(), LearnerError> {
        let bad_loss = self.round.losses.iter().position(|loss| !loss.is_finite());
        let mut gradient_is_finite = true;
        vectorized(
            #[inline(always)]
            || {
                // The fold works on a local value, because a captured variable would prevent vector
                // code.
                let each = self.round.gradient.iter().map(|g| g.lane(0).is_finite());
                gradient_is_finite = each.fold(true, |all, finite| all & finite);
            },
        );
        let (slot, quantity) = match bad_loss {
            Some(slot) => (slot, "query loss"),
            None if gradient_is_finite => return Ok(()),
            None => (self.first_bad_gradient(), "meta-gradient"),
        };
        let (task, gamma) = (self.task_name(&self.draws[slot]), self.round.tasks[slot].gamma);
        Err(self.settings.not_finite(self.iteration, task, quantity, gamma))
    }

    fn first_bad_gradient(&self) -> usize {
        let mut alone = R::meta_batch(1, self.network.parameter_count());
        let mut bad = None;
        alone.session(self.problem(), &mut |gradient| {
            let mut round = Round::at(self.round.learned.clone());
            bad = self.round.tasks.iter().position(|task| {
                round.tasks.clear();
                round.tasks.push(task.clone());
                gradient(&mut round);
                round.gradient.iter().any(|g| !g.lane(0).is_finite())
            });
        });
        // If each gradient is finite alone, their sum overflows. The error then names the last
        // task.
        bad.unwrap_or(self.round.tasks.len() - 1)
    }

    fn task_name(&self, draw: &Draw) -> String {
        self.pool.tasks()[draw.task].name.clone()
    }
}

/// Draws the weights at which training starts from `seed`. They form the network's flat parameter
/// vector. First it checks that settings, network and tasks fit each other.
///
/// # Errors
/// Returns an error that names the setting that does not fit, and the accepted values.
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
        return Err(SettingsError::new("gamma", given, "one value for each task"));
    }
    let features = pool.tasks()[0].data.features();
    if network.inputs() != features {
        let given = format!("{} with {features} features", network.inputs());
        return Err(SettingsError::new("network inputs", given, "the number of features"));
    }
    if network.outputs() != 2 {
        return Err(SettingsError::new("network outputs", network.outputs(), "2 logits"));
    }
    let mut rng = stream(seed, Purpose::Initialization, 0, 0);
    Ok(network.initialize(settings.initialization, &mut rng))
}
