//! Short but real runs: on Communities and Crime γ trades accuracy for fairness, and on the
//! synthetic tasks learned weights adapt.

use std::num::NonZeroUsize;

use fairness::metrics::GroupCounts;
use fairness::{Notion, Reading, Regularizer};
use meta::{
    AbsentGroup, Gamma, InnerLoop, MetaLearner, MetaOptions, MetaSettings, adapt_to, decisions,
};
use mlp::{Activation, Initialization, Network};
use tasks::communities::{self, CommunitiesConfig};
use tasks::synthetic::SyntheticConfig;
use tasks::{Episode, EpisodeOptions, EpisodePool, Purpose, SupportDraw, Task, stream};

fn count(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

fn regularizer(gamma: f64) -> Option<Regularizer> {
    let (notion, reading) = (Notion::DEMOGRAPHIC_PARITY, Reading::GroupMean);
    (gamma > 0.0).then_some(Regularizer { notion, reading })
}

/// What a run is told.
struct Run<'a> {
    network: &'a Network,
    inner: InnerLoop,
    meta_rate: f64,
    tasks_per_batch: usize,
    gamma: f64,
    iterations: u64,
    seed: u64,
}

impl Run<'_> {
    fn learn(&self, pool: &EpisodePool) -> Vec<f64> {
        let settings = MetaSettings::try_from(MetaOptions {
            algorithm: meta::algorithm::FAIR_MAML,
            inner: self.inner,
            meta_rate: self.meta_rate,
            tasks_per_batch: count(self.tasks_per_batch),
            initialization: Initialization::He,
            regularizer: regularizer(self.gamma),
            gamma: Gamma::Shared(self.gamma),
            absent_group: AbsentGroup::Skip,
        });
        let mut learner =
            MetaLearner::<f64>::new(settings.unwrap(), self.network, pool, self.seed).unwrap();
        for _ in 0..self.iterations {
            learner.step().unwrap();
        }
        learner.theta().to_vec()
    }

    /// Decisions on the query rows after adaptation to the support rows.
    fn judge(&self, theta: &[f64], episode: &Episode) -> GroupCounts {
        let (gamma, inner, algorithm) = (self.gamma, self.inner, meta::algorithm::FAIR_MAML);
        let regularizer = regularizer(gamma);
        let adapted =
            adapt_to(self.network, regularizer, gamma, algorithm, inner, theta, episode).unwrap();
        decisions(self.network, &adapted, &episode.query).unwrap()
    }
}

fn split(task: &Task, k: usize, draw: SupportDraw, seed: u64, index: u64) -> Episode {
    task.split(k, draw, &mut stream(seed, Purpose::Support, 0, index)).unwrap()
}

fn mean(values: &[f64]) -> f64 {
    assert!(!values.is_empty());
    values.iter().sum::<f64>() / values.len() as f64
}

/// Mean accuracy and demographic-parity ratio over 3 seeds of 5 held-out states.
fn communities(gamma: f64) -> (f64, f64) {
    let table = communities::shipped();
    let network = Network::new(&[95, 20, 20, 2], Activation::Relu).unwrap();
    let (mut accuracies, mut ratios) = (Vec::new(), Vec::new());
    for seed in 0..3 {
        let states = table.partition(&CommunitiesConfig::default(), seed).unwrap();
        assert_eq!((states.training.len(), states.held_out.len()), (25, 5));
        let options = EpisodeOptions::new(count(10), Some(count(32)));
        let pool = EpisodePool::new(states.training, options, seed).unwrap();
        let run = Run {
            network: &network,
            inner: InnerLoop::new(1e-2, 1).unwrap(),
            meta_rate: 5e-4, // five times the paper's, for a fifth of its iterations
            tasks_per_batch: 8,
            gamma,
            iterations: 400,
            seed,
        };
        let theta = run.learn(&pool);
        for (index, state) in (0..).zip(&states.held_out) {
            let episode = split(state, 10, SupportDraw::Random, seed, index);
            let metrics = run.judge(&theta, &episode).metrics();
            accuracies.push(metrics.overall.accuracy.unwrap());
            ratios.extend(metrics.demographic_parity_ratio);
        }
    }
    (mean(&accuracies), mean(&ratios))
}

#[test]
fn on_communities_gamma_trades_accuracy_for_parity() {
    let (accuracy, ratio) = communities(0.0);
    let (fair_accuracy, fair_ratio) = communities(2.0);
    println!("gamma 0: accuracy {accuracy:.3}, ratio {ratio:.3}");
    println!("gamma 2: accuracy {fair_accuracy:.3}, ratio {fair_ratio:.3}");
    assert!((0.68..0.82).contains(&accuracy), "{accuracy}");
    assert!((0.40..0.70).contains(&ratio), "{ratio}");
    assert!((0.48..0.68).contains(&fair_accuracy), "{fair_accuracy}");
    assert!((0.80..1.05).contains(&fair_ratio), "{fair_ratio}");
}

/// Accuracy on new tasks labeled by a line, after adaptation to K random rows and before.
#[test]
fn on_synthetic_tasks_the_learned_weights_adapt() {
    let generator = SyntheticConfig::default();
    let network = Network::new(&[2, 20, 20, 2], Activation::Relu).unwrap();
    let seed = 0;
    let training = (0..100).map(|index| generator.training_task(seed, index)).collect();
    let pool = EpisodePool::new(training, EpisodeOptions::new(count(5), None), seed).unwrap();
    let run = Run {
        network: &network,
        inner: InnerLoop::new(0.3, 1).unwrap(),
        meta_rate: 1e-3,
        tasks_per_batch: 32,
        gamma: 0.0,
        iterations: 400,
        seed,
    };
    let theta = run.learn(&pool);
    let untrained =
        network.initialize(Initialization::He, &mut stream(seed, Purpose::Initialization, 0, 0));
    let accuracy = |theta: &[f64], adapt: bool| {
        // Tasks that training has not seen: their numbers come after its hundred.
        let of_task = |index| {
            let task = generator.training_task(seed, index);
            let episode = split(&task, 5, SupportDraw::Random, seed, index);
            let counts = match adapt {
                true => run.judge(theta, &episode),
                false => decisions(&network, theta, &episode.query).unwrap(),
            };
            counts.overall().accuracy().unwrap()
        };
        mean(&(1000..1200).map(of_task).collect::<Vec<_>>())
    };
    let (before, after) = (accuracy(&theta, false), accuracy(&theta, true));
    let from_scratch = accuracy(&untrained, true);
    println!("before {before:.3}, after {after:.3}, untrained and adapted {from_scratch:.3}");
    // Above y = 0 is a good guess for lines that are not steep, and a bad one for the others.
    assert!((0.5..0.75).contains(&before), "{before}");
    assert!(after > 0.8 && after > before + 0.1, "{before} and {after}");
    assert!(after > from_scratch + 0.03, "{after} and {from_scratch}");
}
