//! The time of one meta-iteration, of a gradient and of a Hessian-vector product, on problems of
//! three sizes.

use std::num::NonZeroUsize;
use std::time::Instant;

use fairness::{Notion, Reading, Regularizer};
use meta::{
    AbsentGroup, AnyAlgorithm, FairLoss, Gamma, Implicit, InnerLoop, MetaLearner, MetaOptions,
    MetaSettings, Precision,
};
use mlp::{Activation, Initialization, Network};
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};
use serde::Serialize;
use tape::{Lanes, Objective, Scalar, Tape, Var, Work};
use tasks::{Batch, Episode, EpisodeOptions, EpisodePool, Purpose, SupportDraw, Task, stream};

use crate::error::{Error, Result};
use crate::run::jobs;

/// A problem size. A meta-iteration computes the inner step, query loss and exact meta-gradient of
/// every task, their sum, and one Adam update.
struct Workload {
    name: &'static str,
    widths: &'static [usize],
    k: usize,
    tasks: usize,
    /// Iterations in one measurement.
    stretch: u64,
}

const WORKLOADS: [Workload; 3] = [
    Workload { name: "synthetic", widths: &[2, 20, 20, 2], k: 5, tasks: 32, stretch: 100 },
    Workload { name: "communities", widths: &[95, 20, 20, 2], k: 10, tasks: 8, stretch: 100 },
    Workload { name: "wide", widths: &[95, 256, 256, 2], k: 10, tasks: 8, stretch: 4 },
];

/// The number of measurements of each quantity.
const MEASUREMENTS: usize = 21;
const ALPHA: f64 = 0.3;
const BETA: f64 = 1e-3;
const GAMMA: f64 = 2.0;
/// Stored episodes of each task.
const EPISODES: usize = 20;

/// The time of one operation, in microseconds.
#[derive(Debug, Serialize)]
pub struct Timing {
    /// The workload.
    pub workload: String,
    /// The meta-learning algorithm, of a meta-iteration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<&'static str>,
    /// The type of the numbers: f64 or f32.
    pub precision: &'static str,
    /// The number of threads.
    pub threads: usize,
    /// The median over the measurements.
    pub median_us: f64,
    /// The shortest measurement.
    pub min_us: f64,
    /// The longest measurement.
    pub max_us: f64,
    /// The counted multiply-adds of the sweeps, for all tasks.
    pub multiply_adds: u64,
}

/// Times every workload with 64-bit numbers on `threads` threads, with each of the algorithms.
///
/// # Errors
/// If the threads cannot be started.
pub fn in_f64(threads: usize, algorithms: &[AnyAlgorithm]) -> Result<Vec<Timing>> {
    jobs::on(threads, || time_all::<f64, Lanes<f64, 8>>("f64", threads, algorithms))
}

/// Times every workload with 32-bit numbers on `threads` threads, with each of the algorithms.
///
/// # Errors
/// If the threads cannot be started.
pub fn in_f32(threads: usize, algorithms: &[AnyAlgorithm]) -> Result<Vec<Timing>> {
    jobs::on(threads, || time_all::<f32, Lanes<f32, 16>>("f32", threads, algorithms))
}

/// Times training in numbers `R`, and derivatives in lanes `L` of them.
fn time_all<R: Precision, L: Scalar>(
    precision: &'static str,
    threads: usize,
    algorithms: &[AnyAlgorithm],
) -> Result<Vec<Timing>> {
    let mut timings = Vec::new();
    for workload in &WORKLOADS {
        let (network, pool) = (network(workload)?, pool(workload)?);
        for &algorithm in algorithms {
            let named = |source| Error::Learner { run: workload.name.into(), source };
            let settings = settings(workload, algorithm)?;
            let mut learner = MetaLearner::<R>::new(settings, &network, &pool, 0).map_err(named)?;
            let times = measure(workload.stretch, |n| learner.train(n, |_, _| ()));
            let times = times.map_err(named)?;
            let timing = timing(workload.name.into(), precision, threads, times);
            let each = of_meta_gradient(algorithm, &network, &episode(workload, &pool)?);
            let multiply_adds = each * workload.tasks as u64;
            timings.push(Timing { algorithm: Some(algorithm.name()), multiply_adds, ..timing });
        }
    }
    let workload = &WORKLOADS[1];
    let (network, pool) = (network(workload)?, pool(workload)?);
    let episode = episode(workload, &pool)?;
    let (gradient, hvp) = derivatives::<L>(&network, &episode)?;
    let (tasks, work) = (L::LANES, recorded(&network, &episode).0.work());
    let mut add = |name: &str, times, work: Work| {
        let timing = timing(format!("{name} of {tasks} tasks"), precision, 1, times);
        let multiply_adds = work.multiply_adds * tasks as u64;
        timings.push(Timing { multiply_adds, ..timing });
    };
    add("gradient", gradient, work.gradient());
    add("hvp", hvp, work.gradient() + work.hessian_vector());
    Ok(timings)
}

/// An episode of the first task.
fn episode(workload: &Workload, pool: &EpisodePool) -> Result<Episode> {
    let mut rng = stream(0, Purpose::Support, 0, 0);
    Ok(pool.tasks()[0].split(workload.k, SupportDraw::Random, &mut rng)?)
}

/// Records the support objective of one task. Returns its parameters too.
fn recorded(network: &Network, episode: &Episode) -> (Tape<f64>, Var) {
    let batch = |_lane| (&episode.support, GAMMA);
    let objective = FairLoss { network, regularizer: Some(regularizer()), batch };
    let mut tape = Tape::<f64>::new();
    let parameters = tape.variable_with(1, network.parameter_count(), |theta| theta.fill(0.1));
    objective.eval(&mut tape, parameters);
    (tape, parameters)
}

/// The multiply-adds of the meta-gradient of one task.
fn of_meta_gradient(algorithm: AnyAlgorithm, network: &Network, episode: &Episode) -> u64 {
    let cost = InnerLoop::new(ALPHA, 1).map(|inner| algorithm.cost(inner));
    let Ok(cost) = cost else { return 0 };
    let (tape, parameters) = recorded(network, episode);
    cost.work(&tape, parameters, network.last_layer()).multiply_adds
}

/// The time of a gradient, and of a value with its gradient and a Hessian-vector product, for the
/// support objective of one task in each lane. The two alternate, so that a disturbance affects
/// both.
fn derivatives<S: Scalar>(network: &Network, episode: &Episode) -> Result<(Vec<f64>, Vec<f64>)> {
    let batch = |_lane| (&episode.support, GAMMA);
    let objective = FairLoss { network, regularizer: Some(regularizer()), batch };
    let theta =
        network.initialize(Initialization::He, &mut stream(0, Purpose::Initialization, 0, 0));
    let theta: Vec<S> = theta.into_iter().map(S::from_f64).collect();
    let mut tape = Tape::new();
    let gradient = |tape: &mut Tape<S>| {
        tape.clear();
        let parameters = tape.variable(1, theta.len(), &theta);
        let loss = objective.eval(tape, parameters);
        tape.backward(loss);
        (parameters, loss)
    };
    let stretch = 100;
    let (mut gradients, mut hvps) = (Vec::new(), Vec::new());
    for _ in 0..=MEASUREMENTS {
        gradients.push(stretch_of(stretch, || {
            gradient(&mut tape);
        }));
        hvps.push(stretch_of(stretch, || {
            let (parameters, loss) = gradient(&mut tape);
            tape.hessian_vector(parameters, &theta, loss);
        }));
    }
    Ok((gradients.split_off(1), hvps.split_off(1)))
}

/// Microseconds per call, over `n` calls.
fn stretch_of(n: usize, mut call: impl FnMut()) -> f64 {
    let start = Instant::now();
    (0..n).for_each(|_| call());
    start.elapsed().as_secs_f64() * 1e6 / n as f64
}

/// Several measurements in microseconds per iteration, after one to warm up.
fn measure<E>(
    stretch: u64,
    mut iterate: impl FnMut(u64) -> std::result::Result<(), E>,
) -> std::result::Result<Vec<f64>, E> {
    let mut times = Vec::new();
    for _ in 0..=MEASUREMENTS {
        let start = Instant::now();
        iterate(stretch)?;
        times.push(start.elapsed().as_secs_f64() * 1e6 / stretch as f64);
    }
    Ok(times.split_off(1))
}

/// The statistics of measurements in microseconds, of which there is at least one. No work is
/// counted.
pub fn timing(
    workload: String,
    precision: &'static str,
    threads: usize,
    mut times: Vec<f64>,
) -> Timing {
    times.sort_by(f64::total_cmp);
    let n = times.len();
    let median_us = (times[(n - 1) / 2] + times[n / 2]) / 2.0;
    let (algorithm, min_us, max_us) = (None, times[0], times[n - 1]);
    let multiply_adds = 0;
    Timing { workload, algorithm, precision, threads, median_us, min_us, max_us, multiply_adds }
}

fn network(workload: &Workload) -> Result<Network> {
    Ok(Network::new(workload.widths, Activation::Relu)?)
}

fn regularizer() -> Regularizer {
    Regularizer { notion: Notion::DEMOGRAPHIC_PARITY, reading: Reading::GroupMean }
}

fn settings(workload: &Workload, algorithm: AnyAlgorithm) -> Result<MetaSettings> {
    Ok(MetaSettings::try_from(MetaOptions {
        algorithm,
        // The labels are coins, so the loss bends down steeply. iMAML needs a larger λ than that.
        inner: InnerLoop::new(ALPHA, 1)?
            .with_implicit(Implicit { proximal: 1e6, ..Implicit::default() })?,
        meta_rate: BETA,
        tasks_per_batch: NonZeroUsize::new(workload.tasks).unwrap_or(NonZeroUsize::MIN),
        initialization: Initialization::He,
        regularizer: Some(regularizer()),
        gamma: Gamma::Shared(GAMMA),
        absent_group: AbsentGroup::Skip,
    })?)
}

/// Tasks with standard normal features and random labels and groups. [`EPISODES`] episodes of each
/// are drawn beforehand; the compared libraries cycle through as many meta-batches.
fn pool(workload: &Workload) -> Result<EpisodePool> {
    let features = workload.widths[0];
    let rows = 4 * workload.k;
    let task = |index: usize| {
        let mut rng = stream(0, Purpose::TaskGeneration, 0, index as u64);
        let x = (0..rows * features).map(|_| StandardNormal.sample(&mut rng)).collect();
        let mut coins = || (0..rows).map(|_| rng.random()).collect();
        let (positive, protected) = (coins(), coins());
        let data = Batch::new(features, x, positive, protected)?;
        Ok(Task::new(index.to_string(), data))
    };
    let tasks = (0..workload.tasks).map(task).collect::<Result<Vec<_>>>()?;
    let k = NonZeroUsize::new(workload.k).unwrap_or(NonZeroUsize::MIN);
    Ok(EpisodePool::new(tasks, EpisodeOptions::new(k, NonZeroUsize::new(EPISODES)), 0)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// First order has no product, and ANIL a cheaper one than Fair-MAML.
    #[test]
    fn the_work_of_anil_is_between_first_order_and_exact() {
        let workload = &WORKLOADS[1];
        let (network, pool) = (network(workload).unwrap(), pool(workload).unwrap());
        let episode = episode(workload, &pool).unwrap();
        let work = |name: &str| of_meta_gradient(name.parse().unwrap(), &network, &episode);
        let [first, anil, exact] = ["fomaml", "anil", "fair-maml"].map(work);
        assert!(first < anil && 10 * anil < 9 * exact, "{first} {anil} {exact}");
    }

    #[test]
    fn statistics_of_known_times() {
        let statistics = |times: &[f64]| {
            let timing = timing("known".into(), "f64", 1, times.to_vec());
            [timing.min_us, timing.median_us, timing.max_us]
        };
        assert_eq!(statistics(&[9.0, 2.0, 4.0, 100.0, 3.0]), [2.0, 4.0, 100.0]);
        // The mean of the two middle values.
        assert_eq!(statistics(&[8.0, 1.0, 2.0, 5.0]), [1.0, 3.5, 8.0]);
        assert_eq!(statistics(&[7.0]), [7.0; 3]);
    }
}
