//! The pre-trained network against its definition.

use std::num::NonZeroUsize;

use baselines::{Pretrained, Pretraining};
use fairness::{Notion, Reading, Regularizer};
use meta::{
    AbsentGroup, FairLoss, Gamma, InnerLoop, LearnerError, MetaLearner, MetaOptions, MetaSettings,
};
use mlp::{Activation, Adam, Initialization, Network, Optimizer};
use rand::seq::SliceRandom;
use tape::Lanes;
use tasks::synthetic::SyntheticConfig;
use tasks::{Batch, EpisodeOptions, EpisodePool, Purpose, Task, stream};

const SEED: u64 = 5;

fn count(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

fn settings(rate: f64, tasks_per_batch: usize, gamma: Gamma) -> MetaSettings {
    MetaSettings::try_from(MetaOptions {
        algorithm: meta::algorithm::FAIR_MAML,
        inner: InnerLoop::new(0.3, 1).unwrap(),
        meta_rate: rate,
        tasks_per_batch: count(tasks_per_batch),
        initialization: Initialization::Glorot,
        regularizer: Some(Regularizer {
            notion: Notion::DEMOGRAPHIC_PARITY,
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
    EpisodePool::new(tasks, EpisodeOptions::new(count(5), None), SEED).unwrap()
}

/// For each task of each batch: one Adam step on L + γ R over its support and query rows together.
#[test]
fn it_is_adam_on_one_task_after_another() {
    let network = Network::new(&[2, 6, 2], Activation::Tanh).unwrap();
    let pool = synthetic_pool(9);
    let gammas: Vec<f64> = (0..9).map(f64::from).collect();
    for tasks_per_batch in [1, 4, 20] {
        let settings = settings(1e-2, tasks_per_batch, Gamma::PerTask(gammas.clone()));
        let mut pretrained = Pretrained::<f64>::new(
            std::slice::from_ref(&settings),
            Pretraining::StepPerTask,
            &network,
            &pool,
            SEED,
        )
        .unwrap();

        let mut rng = stream(SEED, Purpose::Initialization, 0, 0);
        let mut theta = network.initialize(Initialization::Glorot, &mut rng);
        assert_eq!(pretrained.theta(0), theta);
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
            assert_eq!(pretrained.step().unwrap()[0], total);
            assert_eq!(pretrained.theta(0), theta);
        }
    }
}

/// For each batch: one Adam step on the mean loss of all rows of all its tasks, and on R over all
/// of them. The gradient of the loss is the mean of the tasks' gradients, each having 2K rows.
#[test]
fn it_is_adam_on_whole_batches() {
    let network = Network::new(&[2, 6, 2], Activation::Tanh).unwrap();
    let pool = synthetic_pool(9);
    for (tasks_per_batch, gamma) in [(1, 2.0), (4, 0.0), (4, 2.0), (20, 2.0)] {
        let settings = settings(1e-2, tasks_per_batch, Gamma::Shared(gamma));
        let whole = Pretraining::StepPerBatch;
        let mut pretrained =
            Pretrained::<f64>::new(std::slice::from_ref(&settings), whole, &network, &pool, SEED)
                .unwrap();
        let mut theta = pretrained.theta(0).to_vec();
        let mut adam = Adam::new(1e-2).unwrap();
        let mut draws = Vec::new();
        for iteration in 0..5 {
            pool.batch(SEED, iteration, settings.tasks_per_batch, &mut draws);
            let episodes: Vec<_> = draws.iter().map(|&draw| pool.episode(draw)).collect();
            let parts: Vec<_> =
                episodes.iter().flat_map(|episode| [&episode.support, &episode.query]).collect();
            let rows = Batch::concat(&parts);
            assert_eq!(rows.rows(), 10 * tasks_per_batch);
            let of = |rows: &Batch| {
                let regularizer = settings.regularizer;
                let objective =
                    FairLoss { network: &network, regularizer, batch: |_| (rows, gamma) };
                tape::gradient(&objective, &theta)
            };
            let (loss, gradient) = of(&rows);
            if gamma == 0.0 {
                let tasks: Vec<_> =
                    parts.chunks(2).map(|part| of(&Batch::concat(part)).1).collect();
                for (at, whole) in gradient.iter().enumerate() {
                    let mean = tasks.iter().map(|g| g[at]).sum::<f64>() / tasks.len() as f64;
                    assert!((mean - whole).abs() < 1e-14, "{mean} and {whole}");
                }
            }
            adam.step(&mut theta, &gradient);
            let total = pretrained.step().unwrap()[0];
            assert!((total - tasks_per_batch as f64 * loss).abs() <= 1e-14 * total, "{total}");
            let moved = theta.iter().zip(pretrained.theta(0));
            for (expected, found) in moved {
                assert!((expected - found).abs() < 1e-12, "{expected} and {found}");
            }
        }
    }
}

/// As many Adam steps as with a step for each task, on mini-batches of 2K of all tasks' rows, every
/// one of which comes once in a pass; the passes differ in their order.
#[test]
fn it_is_adam_on_mini_batches() {
    let network = Network::new(&[2, 6, 2], Activation::Tanh).unwrap();
    // 104 rows in all: ten mini-batches of ten, and one of four.
    let generator = SyntheticConfig::default();
    let tasks = (0..2).map(|index| {
        let task = generator.training_task(SEED, index);
        Task::new(task.name, task.data.select(&(0..52).collect::<Vec<_>>()))
    });
    let pool =
        EpisodePool::new(tasks.collect(), EpisodeOptions::new(count(5), None), SEED).unwrap();
    let rows = pool.all_rows();
    let orders = [0, 1, 2].map(|pass| {
        let mut order: Vec<usize> = (0..rows.rows()).collect();
        order.shuffle(&mut stream(SEED, Purpose::MiniBatch, pass, 1));
        order
    });
    assert_ne!(orders[0], orders[1]);
    let mut mini_batches = orders.iter().flat_map(|order| order.chunks(10));
    let settings = settings(1e-2, 4, Gamma::Shared(2.0));
    let arms = std::slice::from_ref(&settings);
    let mut pretrained =
        Pretrained::<f64>::new(arms, Pretraining::MiniBatches, &network, &pool, SEED).unwrap();
    let mut theta = pretrained.theta(0);
    let mut adam = Adam::new(1e-2).unwrap();
    for _ in 0..8 {
        let mut total = 0.0;
        for rows_of_step in mini_batches.by_ref().take(4) {
            let rows = rows.select(rows_of_step);
            let regularizer = settings.regularizer;
            let objective = FairLoss { network: &network, regularizer, batch: |_| (&rows, 2.0) };
            let (loss, gradient) = tape::gradient(&objective, &theta);
            adam.step(&mut theta, &gradient);
            total += loss;
        }
        assert_eq!(pretrained.step().unwrap(), [total]);
        assert_eq!(pretrained.theta(0), theta);
    }
}

/// With one task in a batch there is nothing to put together.
#[test]
fn a_batch_of_one_task_is_a_task() {
    let network = Network::new(&[2, 6, 2], Activation::Relu).unwrap();
    let pool = synthetic_pool(4);
    let learned = |pretraining, tasks_per_batch| {
        let settings = settings(1e-2, tasks_per_batch, Gamma::Shared(1.0));
        let mut pretrained =
            Pretrained::<f64>::new(&[settings], pretraining, &network, &pool, SEED).unwrap();
        let losses: Vec<f64> = (0..4).map(|_| pretrained.step().unwrap()[0]).collect();
        (losses, pretrained.theta(0).to_vec())
    };
    assert_eq!(learned(Pretraining::StepPerTask, 1), learned(Pretraining::StepPerBatch, 1));
    assert_ne!(learned(Pretraining::StepPerTask, 2), learned(Pretraining::StepPerBatch, 2));
}

/// It differs from the meta-learner of the same settings and seed in the algorithm alone.
#[test]
fn it_starts_where_the_meta_learner_does() {
    let network = Network::new(&[2, 6, 2], Activation::Relu).unwrap();
    let pool = synthetic_pool(4);
    let settings = settings(1e-2, 3, Gamma::Shared(1.0));
    let mut learner = MetaLearner::<f64>::new(settings.clone(), &network, &pool, SEED).unwrap();
    let mut pretrained =
        Pretrained::<f64>::new(&[settings], Pretraining::StepPerTask, &network, &pool, SEED)
            .unwrap();
    assert_eq!(pretrained.theta(0), learner.theta());
    learner.step().unwrap();
    pretrained.step().unwrap();
    assert_ne!(pretrained.theta(0), learner.theta());
}

#[test]
fn an_overflow_names_iteration_task_and_settings() {
    let task = |name: &str, x: f64| {
        let x = (0..12).map(|row| x * (1.0 + f64::from(row))).collect();
        let data = Batch::new(1, x, vec![true; 12], vec![true; 12]).unwrap();
        Task::new(name, data)
    };
    let network = Network::new(&[1, 2], Activation::Relu).unwrap();
    let tasks = [("one", 1.0), ("two", 1.0), ("three", 1.0), ("far out", 1e300)];
    let tasks = tasks.map(|(name, x)| task(name, x)).to_vec();
    let pool = EpisodePool::new(tasks, EpisodeOptions::new(count(5), None), SEED).unwrap();
    let settings = settings(1e150, 1, Gamma::PerTask(vec![0.0, 1.0, 2.0, 3.0]));
    let mut pretrained =
        Pretrained::<f64>::new(&[settings], Pretraining::StepPerTask, &network, &pool, SEED)
            .unwrap();
    for expected in 0..100 {
        let before = pretrained.theta(0).to_vec();
        match pretrained.step() {
            Ok(loss) => assert!(loss[0].is_finite()),
            Err(error) => {
                assert_eq!(pretrained.theta(0), before, "the weights moved");
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

/// Arms side by side are the arms alone, but for the order of sums in the products.
#[test]
fn arms_in_lanes_are_arms_alone() {
    let network = Network::new(&[2, 6, 2], Activation::Tanh).unwrap();
    let pool = synthetic_pool(9);
    let plain = MetaSettings::try_from(MetaOptions {
        regularizer: None,
        ..(*settings(1e-2, 4, Gamma::Shared(0.0))).clone()
    })
    .unwrap();
    let arms =
        [plain, settings(1e-2, 4, Gamma::Shared(2.0)), settings(1e-2, 4, Gamma::Shared(9.0))];
    for pretraining in
        [Pretraining::StepPerTask, Pretraining::StepPerBatch, Pretraining::MiniBatches]
    {
        let train = |arms: &[MetaSettings]| {
            let mut together =
                Pretrained::<Lanes<f64, 4>>::new(arms, pretraining, &network, &pool, SEED).unwrap();
            let losses: Vec<Vec<f64>> = (0..20).map(|_| together.step().unwrap()).collect();
            (together, losses)
        };
        let (together, losses) = train(&arms);
        for (lane, arm) in arms.iter().enumerate() {
            let mut alone = Pretrained::<f64>::new(
                std::slice::from_ref(arm),
                pretraining,
                &network,
                &pool,
                SEED,
            )
            .unwrap();
            for losses in &losses {
                let loss = alone.step().unwrap()[0];
                assert!((losses[lane] - loss).abs() < 1e-9 * loss.abs(), "{losses:?} {loss}");
            }
            for (a, b) in together.theta(lane).iter().zip(alone.theta(0)) {
                assert!((a - b).abs() < 1e-9, "arm {lane}: {a} {b}");
            }
        }
        assert_ne!(together.theta(0), together.theta(1));
    }
    let refused = |arms: &[MetaSettings]| {
        let refused =
            Pretrained::<Lanes<f64, 4>>::new(arms, Pretraining::StepPerTask, &network, &pool, SEED);
        refused.err().expect("an error").to_string()
    };
    assert!(refused(&[]).ends_with("got 0 with 4 lane(s)"));
    assert!(refused(&[&arms[..], &arms[..]].concat()).ends_with("got 6 with 4 lane(s)"));
    let slower = settings(1e-3, 4, Gamma::Shared(2.0));
    let found = refused(&[arms[1].clone(), slower]);
    assert!(found.starts_with("arms must be settings that differ in gamma only, got"), "{found}");
}

#[test]
fn settings_must_fit() {
    let pool = synthetic_pool(3);
    let refused = |gamma, widths: &[usize]| {
        let network = Network::new(widths, Activation::Relu).unwrap();
        let settings = settings(1e-2, 2, gamma);
        let error =
            Pretrained::<f64>::new(&[settings], Pretraining::StepPerTask, &network, &pool, SEED)
                .err();
        error.expect("an error").to_string()
    };
    for (gamma, widths, said) in [
        (
            Gamma::PerTask(vec![1.0; 2]),
            &[2, 2],
            "gamma must be one value for each task, got 2 values",
        ),
        (Gamma::Shared(1.0), &[3, 2], "network inputs must be the number of features, got 3"),
        (Gamma::Shared(1.0), &[2, 1], "network outputs must be 2 logits, got 1"),
    ] {
        let found = refused(gamma, widths);
        assert!(found.starts_with(said), "{found}");
    }

    let network = Network::new(&[2, 2], Activation::Relu).unwrap();
    let settings = settings(1e-2, 2, Gamma::PerTask(vec![1.0; 3]));
    for pretraining in [Pretraining::StepPerBatch, Pretraining::MiniBatches] {
        let arms = std::slice::from_ref(&settings);
        let refused = Pretrained::<f64>::new(arms, pretraining, &network, &pool, SEED).err();
        assert_eq!(
            refused.expect("an error").to_string(),
            "gamma must be one value for all tasks, because a step uses rows of several tasks, \
             got one value for each task"
        );
    }
}
