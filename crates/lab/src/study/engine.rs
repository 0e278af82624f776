//! What the engine needs: four ways to a Hessian-vector product by size, and work, memory and time
//! by inner steps.

use std::time::Instant;

use experiment::error::Result;
use experiment::run::prepare::Prepared;
use meta::algorithm::Claim;
use meta::{AnyAlgorithm, Workspace};
use mlp::{Initialization, Network};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::{Deserialize, Serialize};

use super::plan::StudyPlan;
use super::training::{in_gradients, subject};
use crate::products::{ProductReport, Way, compare, time};
use crate::{Local, Subject};

/// A product by one way, at one size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductRecord {
    /// The width of the hidden layers.
    pub width: usize,
    /// Error, operations and memory.
    pub report: ProductReport,
    /// The shortest of several times, in microseconds.
    pub microseconds: f64,
}

/// A meta-gradient at a number of inner steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepsRecord {
    /// The name of the algorithm.
    pub algorithm: String,
    /// The number T of inner steps.
    pub steps: usize,
    /// The counted work, in gradients.
    pub gradients: f64,
    /// The bytes of tapes and vectors.
    pub memory: usize,
    /// The bytes that the recordings of all inner steps would occupy together.
    pub memory_of_all_steps: usize,
    /// The shortest of several times, in microseconds.
    pub microseconds: f64,
}

/// What the engine needs on one task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngineRecord {
    /// Products by size.
    pub products: Vec<ProductRecord>,
    /// Meta-gradients by inner steps.
    pub steps: Vec<StepsRecord>,
}

/// The most weights for which the whole Hessian is computed.
pub(super) const MOST_DENSE: usize = 4_000;
/// How often a time is measured.
const REPETITIONS: u32 = 5;

/// Measures on the first task of the first meta-batch, at random weights.
///
/// # Errors
/// Returns an error if a network or an inner loop is not accepted.
pub fn engine(study: &StudyPlan, prepared: &Prepared) -> Result<EngineRecord> {
    let mut draws = Vec::new();
    prepared.pool.batch(prepared.seed, 0, study.plan.tasks_per_batch, &mut draws);
    let episode = prepared.pool.episode(draws[0]).into_owned();
    let (reference, plan) = (study.algorithms[0], &study.plan);
    let mut record = EngineRecord { products: Vec::new(), steps: Vec::new() };
    for &width in &study.widths {
        let widths = plan.network.widths();
        let hidden = widths.len().saturating_sub(2);
        let ends = (plan.network.inputs(), plan.network.outputs());
        let widths: Vec<usize> =
            [ends.0].into_iter().chain(vec![width; hidden]).chain([ends.1]).collect();
        let Ok(network) = Network::new(&widths, plan.network.activation()) else { continue };
        let subject = Subject { network: &network, ..subject(study, reference, &episode) };
        record.products.extend(products(&subject, width));
    }
    for (&algorithm, &steps) in
        study.algorithms.iter().flat_map(|a| study.inner_steps.iter().map(move |t| (a, t)))
    {
        // The inner steps of iMAML diverge at rates well above 1/λ.
        let rate = match algorithm.claim() {
            Claim::Implicit => plan.inner.rate().min(1.0 / plan.inner.implicit().proximal),
            _ => plan.inner.rate(),
        };
        let study = study.with_inner(rate, steps)?;
        record.steps.push(by_steps(&subject(&study, algorithm, &episode), algorithm));
    }
    Ok(record)
}

fn products(subject: &Subject<'_>, width: usize) -> Vec<ProductRecord> {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let theta = subject.network.initialize(Initialization::He, &mut rng);
    let v = subject.network.initialize(Initialization::Glorot, &mut rng);
    let support = subject.support();
    let dense = |way: &Way| *way != Way::DenseHessian || theta.len() <= MOST_DENSE;
    let ways: Vec<Way> = Way::ALL.into_iter().filter(dense).collect();
    let record = |report: ProductReport| {
        let repetitions = if report.way == Way::DenseHessian { 1 } else { REPETITIONS };
        let time = time(report.way, &support, (&theta, &v), repetitions);
        ProductRecord { width, report, microseconds: time.as_secs_f64() * 1e6 }
    };
    compare(&ways, &support, &theta, &v).into_iter().map(record).collect()
}

fn by_steps(subject: &Subject<'_>, algorithm: AnyAlgorithm) -> StepsRecord {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let theta = subject.network.initialize(Initialization::He, &mut rng);
    let (support, query) = (subject.support(), subject.query());
    let problem = subject.inner_problem(&support);
    let learned = algorithm.initial(theta.clone(), subject.inner);
    let mut workspace = Workspace::new();
    let mut best = f64::INFINITY;
    for _ in 0..REPETITIONS {
        let start = Instant::now();
        let gradient = algorithm.meta_gradient(&problem, &query, &learned, &mut workspace);
        std::hint::black_box(&gradient);
        drop(gradient);
        best = best.min(start.elapsed().as_secs_f64() * 1e6);
    }
    let local = Local::at(&support, &theta);
    StepsRecord {
        algorithm: algorithm.name().into(),
        steps: subject.inner.steps(),
        gradients: in_gradients(subject, &local),
        memory: workspace.memory(),
        memory_of_all_steps: local.memory() * (subject.inner.steps() + 1),
        microseconds: best,
    }
}
