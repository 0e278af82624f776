//! After warm-up, a meta-iteration allocates nothing.

use std::num::NonZeroUsize;

use fairness::{Notion, Reading, Regularizer};
use meta::algorithm::{FAIR_MAML, FIRST_ORDER};
use meta::{
    AbsentGroup, AnyAlgorithm, Gamma, InnerLoop, MetaLearner, MetaOptions, MetaSettings, Precision,
};
use mlp::{Activation, Initialization, Network};
use tasks::synthetic::SyntheticConfig;
use tasks::{EpisodeOptions, EpisodePool};

fn count(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

fn settings(tasks: usize, algorithm: AnyAlgorithm, inner: InnerLoop) -> MetaSettings {
    let notion = Notion::DEMOGRAPHIC_PARITY;
    MetaSettings::try_from(MetaOptions {
        algorithm,
        inner,
        meta_rate: 1e-3,
        tasks_per_batch: count(tasks),
        initialization: Initialization::He,
        regularizer: Some(Regularizer { notion, reading: Reading::GroupMean }),
        gamma: Gamma::Shared(2.0),
        absent_group: AbsentGroup::Skip,
    })
    .unwrap()
}

/// Allocations of `iterations` meta-iterations of a warm learner. They are counted on one thread,
/// so all the work is done on one.
fn allocations<R: Precision>(
    tasks: usize,
    algorithm: AnyAlgorithm,
    inner: InnerLoop,
    iterations: u64,
) -> u64 {
    let synthetic = SyntheticConfig::default();
    let training = (0..10).map(|i| synthetic.training_task(0, i)).collect();
    let pool =
        EpisodePool::new(training, EpisodeOptions::new(count(5), Some(count(3))), 0).unwrap();
    let network = Network::new(&[2, 20, 20, 2], Activation::Relu).unwrap();
    let thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    thread.install(|| {
        let settings = settings(tasks, algorithm, inner);
        let mut learner = MetaLearner::<R>::new(settings, &network, &pool, 0).unwrap();
        learner.train(3, |_, _| ()).unwrap();
        let train = || learner.train(iterations, |_, _| ()).unwrap();
        allocation_counter::measure(train).count_total
    })
}

/// What is allocated is allocated once a call of `train`, not once an iteration.
#[test]
fn iterations_allocate_nothing() {
    for steps in [0, 1, 3] {
        for algorithm in [FAIR_MAML, FIRST_ORDER] {
            let inner = InnerLoop::new(0.1, steps).unwrap();
            for tasks in [1, 8, 9, 32] {
                let case = format!("{tasks} tasks, {steps} steps, {algorithm:?}");
                let [few, many] = [2, 12]
                    .map(|iterations| allocations::<f64>(tasks, algorithm, inner, iterations));
                assert_eq!(few, many, "{case}");
                assert!(few < 40, "{few} allocations a call: {case}");
            }
        }
    }
    let inner = InnerLoop::new(0.1, 1).unwrap();
    let exact = meta::algorithm::FAIR_MAML;
    assert_eq!(allocations::<f32>(32, exact, inner, 2), allocations::<f32>(32, exact, inner, 12));
}
