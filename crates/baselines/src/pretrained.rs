//! The pre-trained network.

use meta::{FairLoss, LearnerError, MetaSettings, initial_weights};
use mlp::{Adam, Network, Optimizer};
use tape::Tape;
use tasks::{Batch, Draw, EpisodePool};

use crate::fit::loss_and_gradient;

/// A network trained on the rows of all tasks together: for each task of each batch, one Adam step
/// on L + γ R over that task's support and query rows.
///
/// It takes the meta-learner's settings and draws the same tasks and the same rows in the same
/// order as [`MetaLearner`](meta::MetaLearner), so the two differ in nothing but the algorithm;
/// the inner loop is ignored.
///
/// ```
/// use std::num::NonZeroUsize;
/// use baselines::Pretrained;
/// use meta::{AbsentGroup, Gamma, InnerLoop, MetaOptions, MetaSettings};
/// use mlp::{Activation, Initialization, Network};
/// use tasks::{EpisodePool, synthetic::SyntheticConfig};
///
/// let synthetic = SyntheticConfig::default();
/// let tasks = (0..4).map(|i| synthetic.training_task(0, i)).collect();
/// let pool = EpisodePool::new(tasks, NonZeroUsize::new(5).unwrap(), None, 0)?;
/// let settings = MetaSettings::try_from(MetaOptions {
///     inner: InnerLoop::new(0.0, 0)?,
///     meta_rate: 1e-3,
///     tasks_per_batch: NonZeroUsize::new(4).unwrap(),
///     initialization: Initialization::He,
///     regularizer: None,
///     gamma: Gamma::Shared(0.0),
///     absent_group: AbsentGroup::Skip,
/// })?;
/// let network = Network::new(&[2, 20, 20, 2], Activation::Relu)?;
/// let mut pretrained = Pretrained::new(settings, &network, &pool, 0)?;
/// assert!(pretrained.step()?.is_finite());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Pretrained<'a> {
    settings: MetaSettings,
    network: &'a Network,
    pool: &'a EpisodePool,
    seed: u64,
    iteration: u64,
    theta: Vec<f64>,
    adam: Adam<f64>,
    tape: Tape<f64>,
    draws: Vec<Draw>,
}

impl<'a> Pretrained<'a> {
    /// A network at the initial weights that the meta-learner of the same seed starts from.
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
        let adam = Adam::new(settings.meta_rate).expect("a validated rate");
        Ok(Pretrained {
            settings,
            network,
            pool,
            seed,
            iteration: 0,
            theta,
            adam,
            tape: Tape::new(),
            draws: Vec::new(),
        })
    }

    /// One batch of tasks; returns the sum of their losses, each before its step.
    ///
    /// # Errors
    /// If a loss or a gradient is not finite; the weights are then as before that task.
    pub fn step(&mut self) -> Result<f64, LearnerError> {
        let wanted = self.settings.tasks_per_batch;
        self.pool.batch(self.seed, self.iteration, wanted, &mut self.draws);
        let mut total = 0.0;
        for slot in 0..self.draws.len() {
            total += self.step_on(self.draws[slot])?;
        }
        self.iteration += 1;
        Ok(total)
    }

    /// The weights so far.
    pub fn theta(&self) -> &[f64] {
        &self.theta
    }

    fn step_on(&mut self, draw: Draw) -> Result<f64, LearnerError> {
        let episode = self.pool.episode(draw);
        let rows = Batch::concat(&[&episode.support, &episode.query]);
        let gamma = self.settings.gamma.of(draw.task);
        let regularizer = self.settings.regularizer;
        let objective = FairLoss { network: self.network, regularizer, batch: |_| (&rows, gamma) };
        let (value, gradient) = loss_and_gradient(&mut self.tape, &objective, &self.theta)
            .map_err(|quantity| {
                let task = self.pool.tasks()[draw.task].name.clone();
                self.settings.not_finite(self.iteration, task, quantity, gamma)
            })?;
        self.adam.step(&mut self.theta, gradient);
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use fairness::{Notion, Reading, Regularizer};
    use meta::{AbsentGroup, Gamma, InnerLoop, MetaOptions};
    use mlp::{Activation, Initialization};
    use tasks::Task;

    use super::*;

    fn settings(rate: f64, gamma: f64) -> MetaSettings {
        MetaSettings::try_from(MetaOptions {
            inner: InnerLoop::new(0.0, 0).unwrap(),
            meta_rate: rate,
            tasks_per_batch: NonZeroUsize::new(2).unwrap(),
            initialization: Initialization::He,
            regularizer: Some(Regularizer {
                notion: Notion::DemographicParity,
                reading: Reading::GroupMean,
            }),
            gamma: Gamma::Shared(gamma),
            absent_group: AbsentGroup::Skip,
        })
        .unwrap()
    }

    /// Two tasks of rows on a line, positive above 1; everyone below is protected.
    fn pool(scale: f64) -> EpisodePool {
        let x: Vec<f64> = (0..40).map(|i| scale * f64::from(i) / 20.0).collect();
        let positive: Vec<bool> = (0..40).map(|i| i > 20).collect();
        let protected = positive.iter().map(|p| !p).collect();
        let data = Batch::new(1, x, positive, protected).unwrap();
        let tasks = ["left", "right"].map(|name| Task { name: name.into(), data: data.clone() });
        let k = NonZeroUsize::new(10).unwrap();
        EpisodePool::new(tasks.into(), k, None, 0).unwrap()
    }

    #[test]
    fn it_learns_and_gamma_makes_it_generous() {
        let network = Network::new(&[1, 8, 2], Activation::Relu).unwrap();
        let pool = pool(1.0);
        let positives = |gamma| {
            let mut pretrained =
                Pretrained::new(settings(0.01, gamma), &network, &pool, 3).unwrap();
            for _ in 0..300 {
                pretrained.step().unwrap();
            }
            let data = &pool.tasks()[0].data;
            let counts = meta::decisions(&network, pretrained.theta(), data).overall();
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
        let mut pretrained = Pretrained::new(settings(1e300, 0.0), &network, &pool, 0).unwrap();
        let error = (0..10).find_map(|_| pretrained.step().err()).unwrap().to_string();
        assert!(error.contains("not finite") && error.contains("iteration"), "{error}");
    }
}
