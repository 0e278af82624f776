//! The pre-trained network against its definition.

use std::num::NonZeroUsize;

use baselines::Pretrained;
use fairness::{Notion, Reading, Regularizer};
use meta::{
    AbsentGroup, FairLoss, Gamma, InnerLoop, LearnerError, MetaLearner, MetaOptions, MetaSettings,
};
use mlp::{Activation, Adam, Initialization, Network, Optimizer};
use tasks::synthetic::SyntheticConfig;
use tasks::{Batch, EpisodePool, Purpose, Task, stream};

const SEED: u64 = 5;

fn count(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

fn settings(rate: f64, tasks_per_batch: usize, gamma: Gamma) -> MetaSettings {
    MetaSettings::try_from(MetaOptions {
        inner: InnerLoop::new(0.3, 1).unwrap(),
        meta_rate: rate,
        tasks_per_batch: count(tasks_per_batch),
        initialization: Initialization::Glorot,
        regularizer: Some(Regularizer {
            notion: Notion::DemographicParity,
            reading: Reading::GroupMean,
        }),
        gamma,
        absent_group: AbsentGroup::Skip,
    })
    .unwrap()
}

fn synthetic_pool(tasks: u64) -> EpisodePool {
    let generator = SyntheticConfig::default();
    let tasks = (0..tasks).map(|index| generator.training_task(SEED, index)).collect();
    EpisodePool::new(tasks, count(5), None, SEED).unwrap()
}

/// For each task of each batch: one Adam step on L + γ R over its support and query rows together.
#[test]
fn it_is_adam_on_one_task_after_another() {
    let network = Network::new(&[2, 6, 2], Activation::Tanh).unwrap();
    let pool = synthetic_pool(9);
    let gammas: Vec<f64> = (0..9).map(f64::from).collect();
    for tasks_per_batch in [1, 4, 20] {
        let settings = settings(1e-2, tasks_per_batch, Gamma::PerTask(gammas.clone()));
        let mut pretrained = Pretrained::new(settings.clone(), &network, &pool, SEED).unwrap();

        let mut rng = stream(SEED, Purpose::Initialization, 0, 0);
        let mut theta = network.initialize(Initialization::Glorot, &mut rng);
        assert_eq!(pretrained.theta(), theta);
        let mut adam = Adam::new(1e-2).unwrap();
        let mut draws = Vec::new();
        for iteration in 0..5 {
            pool.batch(SEED, iteration, settings.tasks_per_batch, &mut draws);
            let mut total = 0.0;
            for &draw in &draws {
                let episode = pool.episode(draw);
                let rows = Batch::concat(&[&episode.support, &episode.query]);
                assert_eq!(rows.rows(), 10);
                let gamma = gammas[draw.task];
                let regularizer = settings.regularizer;
                let objective =
                    FairLoss { network: &network, regularizer, batch: |_| (&rows, gamma) };
                let (loss, gradient) = tape::gradient(&objective, &theta);
                adam.step(&mut theta, &gradient);
                total += loss;
            }
            assert_eq!(pretrained.step().unwrap(), total);
            assert_eq!(pretrained.theta(), theta);
        }
    }
}

/// It differs from the meta-learner of the same settings and seed in the algorithm alone.
#[test]
fn it_starts_where_the_meta_learner_does() {
    let network = Network::new(&[2, 6, 2], Activation::Relu).unwrap();
    let pool = synthetic_pool(4);
    let settings = settings(1e-2, 3, Gamma::Shared(1.0));
    let mut learner = MetaLearner::<f64>::new(settings.clone(), &network, &pool, SEED).unwrap();
    let mut pretrained = Pretrained::new(settings, &network, &pool, SEED).unwrap();
    assert_eq!(pretrained.theta(), learner.theta());
    learner.step().unwrap();
    pretrained.step().unwrap();
    assert_ne!(pretrained.theta(), learner.theta());
}

#[test]
fn an_overflow_names_iteration_task_and_settings() {
    let task = |name: &str, x: f64| {
        let x = (0..12).map(|row| x * (1.0 + f64::from(row))).collect();
        let data = Batch::new(1, x, vec![true; 12], vec![true; 12]).unwrap();
        Task { name: name.into(), data }
    };
    let network = Network::new(&[1, 2], Activation::Relu).unwrap();
    let tasks = [("one", 1.0), ("two", 1.0), ("three", 1.0), ("far out", 1e300)];
    let tasks = tasks.map(|(name, x)| task(name, x)).to_vec();
    let pool = EpisodePool::new(tasks, count(5), None, SEED).unwrap();
    let settings = settings(1e150, 1, Gamma::PerTask(vec![0.0, 1.0, 2.0, 3.0]));
    let mut pretrained = Pretrained::new(settings, &network, &pool, SEED).unwrap();
    for expected in 0..100 {
        let before = pretrained.theta().to_vec();
        match pretrained.step() {
            Ok(loss) => assert!(loss.is_finite()),
            Err(error) => {
                assert_eq!(pretrained.theta(), before, "the weights moved");
                let said = error.to_string();
                let LearnerError::NotFinite { iteration, task, meta_rate, gamma, .. } = error
                else {
                    panic!("{said}");
                };
                let place = pool.tasks().iter().position(|other| other.name == task).unwrap();
                assert_eq!((iteration, meta_rate), (expected, 1e150));
                assert_eq!(gamma, place as f64);
                assert!(said.contains("meta rate 1e150"), "{said}");
                return;
            }
        }
    }
    panic!("no overflow in 100 iterations");
}

#[test]
fn settings_must_fit() {
    let pool = synthetic_pool(3);
    let refused = |gamma, widths: &[usize]| {
        let network = Network::new(widths, Activation::Relu).unwrap();
        let error = Pretrained::new(settings(1e-2, 2, gamma), &network, &pool, SEED).err();
        error.expect("an error").to_string()
    };
    for (gamma, widths, said) in [
        (Gamma::PerTask(vec![1.0; 2]), &[2, 2], "gamma: 2 values for 3 training tasks"),
        (Gamma::Shared(1.0), &[3, 2], "network inputs: 3 for 2 features"),
        (Gamma::Shared(1.0), &[2, 1], "network outputs: 1 given"),
    ] {
        let found = refused(gamma, widths);
        assert!(found.starts_with(said), "{found}");
    }
}
