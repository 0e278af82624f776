//! The outer loop against its definition: tasks in lanes and on threads, per-task γ, refusals.

use std::num::NonZeroUsize;

use fairness::{Notion, Reading, Regularizer};
use meta::algorithm::{Algorithm, FairMaml, InnerProblem};
use meta::{
    AbsentGroup, FairLoss, Gamma, Implicit, InnerLoop, LearnerError, MetaLearner, MetaOptions,
    MetaSettings, Precision, Workspace,
};
use mlp::{Activation, Adam, Initialization, Network, Optimizer};
use tasks::synthetic::SyntheticConfig;
use tasks::{Batch, EpisodeOptions, EpisodePool, Purpose, Task, stream};

const SEED: u64 = 11;

fn count(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

fn options(tasks_per_batch: usize, gamma: Gamma) -> MetaOptions {
    MetaOptions {
        algorithm: meta::algorithm::FAIR_MAML,
        inner: InnerLoop::new(0.3, 2).unwrap(),
        meta_rate: 1e-2,
        tasks_per_batch: count(tasks_per_batch),
        initialization: Initialization::Glorot,
        regularizer: Some(Regularizer {
            notion: Notion::DEMOGRAPHIC_PARITY,
            reading: Reading::GroupMean,
        }),
        gamma,
        absent_group: AbsentGroup::Skip,
    }
}

fn settings(options: MetaOptions) -> MetaSettings {
    MetaSettings::try_from(options).unwrap()
}

fn synthetic_pool(tasks: u64, kept: Option<NonZeroUsize>) -> EpisodePool {
    let generator = SyntheticConfig::default();
    let tasks = (0..tasks).map(|index| generator.training_task(SEED, index)).collect();
    EpisodePool::new(tasks, EpisodeOptions::new(count(5), kept), SEED).unwrap()
}

/// Another γ for each task.
fn gammas(pool: &EpisodePool) -> Gamma {
    Gamma::PerTask((0..pool.tasks().len()).map(|task| 0.3 * task as f64).collect())
}

/// Algorithm 1 as it stands in the paper: one task after another, a plain sum, Adam. Returns the
/// meta-loss of every iteration and the weights after the last.
fn by_definition(
    settings: &MetaSettings,
    network: &Network,
    pool: &EpisodePool,
    iterations: u64,
) -> (Vec<f64>, Vec<f64>) {
    let mut rng = stream(SEED, Purpose::Initialization, 0, 0);
    let mut theta = network.initialize(settings.initialization, &mut rng);
    let mut adam = Adam::new(settings.meta_rate).unwrap();
    let mut workspace = Workspace::<f64>::new();
    let (mut draws, mut meta_losses) = (Vec::new(), Vec::new());
    for iteration in 0..iterations {
        pool.batch(SEED, iteration, settings.tasks_per_batch, &mut draws);
        let mut sum = vec![0.0; theta.len()];
        let mut meta_loss = 0.0;
        for &draw in &draws {
            let episode = pool.episode(draw);
            let gamma = match &settings.gamma {
                Gamma::Shared(gamma) => *gamma,
                Gamma::PerTask(gammas) => gammas[draw.task],
            };
            let of = |batch| FairLoss {
                network,
                regularizer: settings.regularizer,
                batch: move |_| (batch, gamma),
            };
            let (support, query) = (of(&episode.support), of(&episode.query));
            let inner = InnerProblem::new(settings.inner, &support);
            let gradient = FairMaml.meta_gradient(&inner, &query, &theta, &mut workspace);
            meta_loss += gradient.losses().query;
            sum.iter_mut().zip(gradient.to_vec()).for_each(|(sum, g)| *sum += g);
        }
        adam.step(&mut theta, &sum);
        meta_losses.push(meta_loss);
    }
    (meta_losses, theta)
}

fn learned<R: Precision>(
    settings: &MetaSettings,
    network: &Network,
    pool: &EpisodePool,
    iterations: u64,
) -> (Vec<f64>, Vec<f64>) {
    let mut learner = MetaLearner::<R>::new(settings.clone(), network, pool, SEED).unwrap();
    let meta_losses = (0..iterations).map(|_| learner.step().unwrap()).collect();
    assert_eq!(learner.iterations(), iterations);
    (meta_losses, learner.theta().iter().map(|theta| theta.lane(0)).collect())
}

/// Largest difference, relative to the larger of 1 and the expected.
fn error(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let errors = found.iter().zip(expected).map(|(f, e)| (f - e).abs() / e.abs().max(1.0));
    errors.fold(0.0, f64::max)
}

/// Whatever the number of tasks, and so the number of lanes and of lanes left over.
///
/// Lanes may round otherwise than scalars, and Adam divides by small gradients; a task counted
/// twice, or with another's γ, is off by more than 1e-3.
#[test]
fn batches_of_any_size_follow_algorithm_1() {
    let network = Network::new(&[2, 6, 5, 2], Activation::Tanh).unwrap();
    for kept in [None, Some(count(3))] {
        let pool = synthetic_pool(40, kept);
        for tasks_per_batch in [1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 32, 33, 41] {
            let settings = settings(options(tasks_per_batch, gammas(&pool)));
            let (losses, theta) = learned::<f64>(&settings, &network, &pool, 6);
            let (expected_losses, expected) = by_definition(&settings, &network, &pool, 6);
            let (losses, theta) = (error(&losses, &expected_losses), error(&theta, &expected));
            assert!(losses < 1e-10, "{tasks_per_batch} tasks: losses {losses:e} off");
            assert!(theta < 1e-9, "{tasks_per_batch} tasks: weights {theta:e} off");
        }
    }
}

#[test]
fn a_large_network_follows_algorithm_1() {
    let network = Network::new(&[2, 160, 120, 2], Activation::Tanh).unwrap();
    assert!(network.parameter_count() > 16_384);
    let pool = synthetic_pool(4, None);
    let settings = settings(options(3, gammas(&pool)));
    let (losses, theta) = learned::<f64>(&settings, &network, &pool, 3);
    let (expected_losses, expected) = by_definition(&settings, &network, &pool, 3);
    assert!(error(&losses, &expected_losses) < 1e-10);
    assert!(error(&theta, &expected) < 1e-9);
}

#[test]
fn every_reading_of_the_regularizer_reaches_the_learner() {
    let network = Network::new(&[2, 5, 2], Activation::Sigmoid).unwrap();
    let pool = synthetic_pool(6, Some(count(2)));
    let mut seen: Vec<Vec<f64>> = Vec::new();
    for notion in [Notion::DEMOGRAPHIC_PARITY, Notion::EQUAL_OPPORTUNITY] {
        for reading in [Reading::GroupMean, Reading::PublishedCode] {
            let regularizer = Some(Regularizer { notion, reading });
            let options = MetaOptions { regularizer, ..options(5, Gamma::Shared(2.0)) };
            let settings = settings(options);
            let (_, theta) = learned::<f64>(&settings, &network, &pool, 3);
            let (_, expected) = by_definition(&settings, &network, &pool, 3);
            assert!(error(&theta, &expected) < 1e-9, "{notion:?}, {reading:?}");
            assert!(!seen.contains(&theta), "{notion:?}, {reading:?}");
            seen.push(theta);
        }
    }
}

#[test]
fn single_precision_learns_the_same() {
    let network = Network::new(&[2, 6, 2], Activation::Tanh).unwrap();
    let pool = synthetic_pool(40, Some(count(4)));
    for tasks_per_batch in [1, 3, 8, 9, 16, 33] {
        let settings = settings(options(tasks_per_batch, gammas(&pool)));
        let (single_losses, single) = learned::<f32>(&settings, &network, &pool, 5);
        let (losses, double) = learned::<f64>(&settings, &network, &pool, 5);
        let (losses, theta) = (error(&single_losses, &losses), error(&single, &double));
        assert!(losses < 1e-4, "{tasks_per_batch} tasks: losses {losses:e} off");
        assert!(theta < 1e-3, "{tasks_per_batch} tasks: weights {theta:e} off");
    }
}

#[test]
fn the_same_bits_on_any_number_of_threads() {
    let network = Network::new(&[2, 20, 20, 2], Activation::Relu).unwrap();
    let pool = synthetic_pool(40, None);
    for tasks_per_batch in [5, 33] {
        let settings = settings(options(tasks_per_batch, gammas(&pool)));
        let bits = |threads| {
            let threads = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let (losses, theta) = threads.install(|| learned::<f64>(&settings, &network, &pool, 6));
            losses.iter().chain(&theta).map(|x| x.to_bits()).collect::<Vec<_>>()
        };
        let one = bits(1);
        for threads in [2, 3, 8] {
            assert_eq!(bits(threads), one, "{threads} threads, {tasks_per_batch} tasks");
        }
        assert_eq!(bits(2), one, "twice on 2 threads");
    }
}

/// Every algorithm, from no inner step to 20: 33 tasks fill lanes and leave one over, 5 are too few
/// for many lanes.
#[test]
fn every_algorithm_has_the_same_bits_on_any_number_of_threads() {
    let network = Network::new(&[2, 6, 2], Activation::Tanh).unwrap();
    let pool = synthetic_pool(40, None);
    // λ exceeds the negative curvature of these tasks.
    let implicit = Implicit { proximal: 1e3, ..Implicit::default() };
    for algorithm in meta::algorithm::ALL {
        for (tasks_per_batch, steps) in [(5, 0), (5, 1), (33, 2), (5, 5), (33, 20)] {
            // iMAML's inner steps diverge if α (λ + the curvature) is above 2.
            let rate = if algorithm.name() == "imaml" { 1e-3 } else { 0.1 };
            let inner = InnerLoop::new(rate, steps).unwrap().with_implicit(implicit).unwrap();
            let options = options(tasks_per_batch, gammas(&pool));
            let settings = settings(MetaOptions { algorithm, inner, ..options });
            let bits = |threads| {
                let threads = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                threads.install(|| {
                    let mut learner =
                        MetaLearner::<f64>::new(settings.clone(), &network, &pool, 6).unwrap();
                    learner.train(5, |_, _| ()).unwrap();
                    let residual = learner.residual();
                    assert_eq!(residual.is_some(), algorithm.name() == "imaml", "{algorithm:?}");
                    assert!(residual.is_none_or(|residual| residual < 1e-9), "{residual:?}");
                    learner.learned().iter().map(|x| x.to_bits()).collect::<Vec<_>>()
                })
            };
            assert_eq!(bits(1), bits(3), "{algorithm:?}, {tasks_per_batch} tasks, {steps} steps");
        }
    }
}

/// λ is below the most negative curvature: training stops and names the task.
#[test]
fn a_matrix_that_is_not_positive_definite_is_named() {
    let network = Network::new(&[2, 6, 2], Activation::Tanh).unwrap();
    let pool = synthetic_pool(4, None);
    let implicit = Implicit { proximal: 1e-6, conjugate_gradient_steps: 50 };
    let inner = InnerLoop::new(0.1, 1).unwrap().with_implicit(implicit).unwrap();
    let algorithm = "imaml".parse().unwrap();
    let settings = settings(MetaOptions { algorithm, inner, ..options(4, Gamma::Shared(5.0)) });
    let error = MetaLearner::<f64>::new(settings, &network, &pool, 0).unwrap().step().unwrap_err();
    let LearnerError::NotPositiveDefinite { iteration: 0, source, .. } = error else {
        panic!("{error}")
    };
    assert!(source.curvature <= 0.0, "{source}");
}

/// A task of 12 rows with one feature.
fn task(name: &str, x: f64, positive: bool, protected: bool) -> Task {
    let x = (0..12).map(|row| x * (1.0 + 0.1 * f64::from(row))).collect();
    let data = Batch::new(1, x, vec![positive; 12], vec![protected; 12]).unwrap();
    Task::new(name, data)
}

fn pool_of(tasks: Vec<Task>) -> EpisodePool {
    EpisodePool::new(tasks, EpisodeOptions::new(count(5), None), SEED).unwrap()
}

fn small_network() -> Network {
    Network::new(&[1, 4, 2], Activation::Relu).unwrap()
}

#[test]
fn batches_without_the_group_are_counted() {
    let pool = pool_of(vec![
        task("protected and positive", 1.0, true, true),
        task("protected only", -1.0, false, true),
        task("positive only", 0.5, true, false),
    ]);
    let network = small_network();
    let absent = |notion: Option<Notion>| {
        let reading = Reading::GroupMean;
        let regularizer = notion.map(|notion| Regularizer { notion, reading });
        let options = MetaOptions { regularizer, ..options(3, Gamma::Shared(1.0)) };
        let mut learner =
            MetaLearner::<f64>::new(settings(options), &network, &pool, SEED).unwrap();
        assert_eq!((learner.absent().batches, learner.absent().absent), (0, 0));
        for _ in 0..4 {
            learner.step().unwrap();
        }
        (learner.absent().batches, learner.absent().absent)
    };
    // 4 iterations of 3 tasks with a support and a query batch each.
    assert_eq!(absent(Some(Notion::DEMOGRAPHIC_PARITY)), (24, 8));
    assert_eq!(absent(Some(Notion::EQUAL_OPPORTUNITY)), (24, 16));
    assert_eq!(absent(None), (0, 0));
}

/// Steps until an error; what it says, and whether it left the weights alone.
fn first_error(options: MetaOptions, pool: &EpisodePool) -> (LearnerError, u64) {
    let network = small_network();
    let mut learner = MetaLearner::<f64>::new(settings(options), &network, pool, SEED).unwrap();
    loop {
        let before = learner.theta().to_vec();
        if let Err(error) = learner.step() {
            assert_eq!(learner.theta(), before, "the weights moved");
            return (error, learner.iterations());
        }
        assert_ne!(learner.theta(), before);
        assert!(learner.iterations() < 100, "no error in 100 iterations");
    }
}

/// The first iteration, of batches of one task, in which task `wanted` comes up.
fn first_draw_of(pool: &EpisodePool, wanted: usize) -> u64 {
    let mut draws = Vec::new();
    let comes_up = |&iteration: &u64| {
        pool.batch(SEED, iteration, count(1), &mut draws);
        draws[0].task == wanted
    };
    (0..).find(comes_up).unwrap()
}

/// Ordinary tasks, and `odd` at a place that comes up later than the first iteration.
fn pool_with(odd: Task) -> (EpisodePool, u64) {
    (0..5)
        .map(|place| {
            let mut tasks: Vec<Task> = (0..4)
                .map(|i| task(&format!("ordinary {i}"), 1.0 - 0.5 * f64::from(i), i < 2, true))
                .collect();
            tasks.insert(place, odd.clone());
            let pool = pool_of(tasks);
            let first = first_draw_of(&pool, place);
            (pool, first)
        })
        .find(|(_, first)| *first > 0)
        .unwrap()
}

#[test]
fn a_refused_absence_names_task_and_iteration() {
    let (pool, iteration) = pool_with(task("nobody here", 1.0, true, false));
    let absent_group = AbsentGroup::Refuse;
    let options = MetaOptions { absent_group, ..options(1, Gamma::Shared(1.0)) };
    let (error, iterations) = first_error(options, &pool);
    assert_eq!(iterations, iteration);
    let part = "support";
    assert_eq!(error, LearnerError::AbsentGroup { iteration, task: "nobody here".into(), part });
    let said = error.to_string();
    assert!(said.starts_with(&format!("iteration {iteration}, task nobody here: ")), "{said}");
    assert!(said.contains("support") && !said.contains('\n'), "{said}");
}

#[test]
fn an_overflow_names_iteration_task_and_settings() {
    let (pool, expected_iteration) = pool_with(task("far out", 1e200, true, true));
    let gammas = (0..5).map(|task| 0.5 * f64::from(task)).collect();
    let place = pool.tasks().iter().position(|task| task.name == "far out").unwrap();
    let (error, iterations) = first_error(options(1, Gamma::PerTask(gammas)), &pool);
    assert_eq!(iterations, expected_iteration);
    let said = error.to_string();
    let LearnerError::NotFinite {
        iteration,
        task,
        inner_rate,
        inner_steps,
        meta_rate,
        gamma,
        quantity,
    } = error
    else {
        panic!("{said}");
    };
    assert_eq!((iteration, task.as_str()), (expected_iteration, "far out"));
    assert_eq!((inner_rate, inner_steps, meta_rate), (0.3, 2, 1e-2));
    assert_eq!(gamma, 0.5 * place as f64);
    for part in ["far out", quantity, "inner rate 0.3", "2 inner step(s)", "meta rate 0.01"] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(!said.contains('\n'), "{said}");
}

/// In a full batch, the task at fault is named and not its neighbors in the lanes.
#[test]
fn an_overflow_is_blamed_on_its_task() {
    for place in [0, 3, 4, 8] {
        let mut tasks: Vec<Task> =
            (0..9).map(|i| task(&format!("ordinary {i}"), 1.0, i % 2 == 0, true)).collect();
        tasks[place].data = task("", 1e200, true, true).data;
        let (error, _) = first_error(options(9, Gamma::Shared(1.0)), &pool_of(tasks));
        let blamed = format!("iteration 0, task ordinary {place}: ");
        assert!(error.to_string().starts_with(&blamed), "{error}");
    }
}

/// Every loss is finite, but not the gradient: the task at fault is found by asking each alone.
#[test]
fn a_gradient_that_overflows_is_blamed_on_its_task() {
    // ∂L/∂W1 is x times a difference of two weights of W2, which may be above 1.
    let network = Network::new(&[1, 1, 2], Activation::Relu).unwrap();
    let mut tasks: Vec<Task> = (0..7).map(|i| task(&format!("{i}"), 1.0, true, true)).collect();
    tasks.push(task("far out", 8e307, true, true));
    let mut slots = blamed(&network, tasks, |task| assert_eq!(task, "far out"));
    slots.dedup();
    assert!(slots.len() > 1, "the task at fault stood in slots {slots:?} only");
}

/// Each gradient is finite, but not their sum: the last is blamed.
#[test]
fn a_sum_of_gradients_that_overflows_is_named() {
    // Without a hidden layer, ∂L/∂W is x times an error of at most 1.
    let network = Network::new(&[1, 2], Activation::Relu).unwrap();
    let tasks = (0..8).map(|i| task(&format!("{i}"), 8e307, i % 2 == 0, true)).collect();
    assert!(!blamed(&network, tasks, |_| ()).is_empty());
}

/// Steps once from many initial weights on a batch of all `tasks`, without inner steps. Wherever
/// the meta-gradient overflows, `check` is given the task that is named; returns the slot in which
/// the last task stood.
fn blamed(network: &Network, tasks: Vec<Task>, check: impl Fn(&str)) -> Vec<usize> {
    let pool = pool_of(tasks);
    let last = pool.tasks().len() - 1;
    let base = options(last + 1, Gamma::Shared(0.0));
    let options = MetaOptions { inner: InnerLoop::new(0.0, 0).unwrap(), regularizer: None, ..base };
    let mut slots = Vec::new();
    for seed in 0..1000 {
        let mut learner =
            MetaLearner::<f64>::new(settings(options.clone()), network, &pool, seed).unwrap();
        let before = learner.theta().to_vec();
        if let Err(LearnerError::NotFinite { quantity: "meta-gradient", iteration, task, .. }) =
            learner.step()
        {
            assert_eq!((iteration, learner.theta()), (0, &before[..]));
            check(&task);
            let mut draws = Vec::new();
            pool.batch(seed, 0, count(last + 1), &mut draws);
            slots.extend(draws.iter().position(|draw| draw.task == last));
        }
    }
    slots
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let of = |change: fn(&mut MetaOptions)| {
        let mut options = options(2, Gamma::Shared(1.0));
        change(&mut options);
        MetaSettings::try_from(options).unwrap_err().to_string()
    };
    for (change, value) in [
        ((|o| o.meta_rate = 0.0) as fn(&mut MetaOptions), "0"),
        (|o| o.meta_rate = -1.0, "-1"),
        (|o| o.meta_rate = f64::NAN, "NaN"),
        (|o| o.gamma = Gamma::Shared(-1.0), "-1"),
        (|o| o.gamma = Gamma::PerTask(vec![1.0, f64::INFINITY]), "inf"),
    ] {
        let said = of(change);
        assert!(
            said.contains(" must be a finite number ") && said.ends_with(&format!(", got {value}")),
            "{said}"
        );
    }
    for rate in [-0.1, f64::NAN, f64::INFINITY] {
        assert!(InnerLoop::new(rate, 1).is_err(), "{rate}");
    }
    let pool = synthetic_pool(3, None);
    let refused = |gamma, widths: &[usize]| {
        let network = Network::new(widths, Activation::Relu).unwrap();
        MetaLearner::<f64>::new(settings(options(2, gamma)), &network, &pool, SEED)
            .err()
            .map(|error| error.to_string())
    };
    assert_eq!(refused(Gamma::PerTask(vec![1.0; 3]), &[2, 2]), None);
    for (gamma, widths, said) in [
        (Gamma::PerTask(vec![1.0; 2]), &[2, 2], "gamma must be one value for each task, got 2"),
        (Gamma::Shared(1.0), &[3, 2], "network inputs must be the number of features, got 3"),
        (Gamma::Shared(1.0), &[2, 1], "network outputs must be 2 logits, got 1"),
    ] {
        let found = refused(gamma, widths).unwrap();
        assert!(found.starts_with(said), "{found}");
    }
}
