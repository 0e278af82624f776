//! One training, recorded along its course.

use std::time::Instant;

use experiment::error::{Error, Result};
use experiment::progress::Progress;
use experiment::run::prepare::Prepared;
use fairness::metrics::GroupCounts;
use meta::{AnyAlgorithm, MetaLearner, adapt_to, decisions};
use serde::{Deserialize, Serialize};

use super::plan::StudyPlan;
use crate::split::{Split, SplitSizes};
use crate::{Local, Subject};

/// The course of one training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingRecord {
    /// The seed.
    pub seed: u64,
    /// The name of the algorithm.
    pub algorithm: String,
    /// Why training stopped early, if it did.
    pub failed: Option<String>,
    /// What was measured at each checkpoint, the start first.
    pub points: Vec<TrainingPoint>,
    /// The parts of the exact meta-gradient at the weights of each checkpoint, for the reference.
    pub splits: Vec<SplitPoint>,
    /// The seconds of training up to each checkpoint, without what was measured there.
    pub seconds: Vec<f64>,
}

/// What was measured at one checkpoint: means over the held-out tasks, after adaptation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingPoint {
    /// The number of meta-iterations so far.
    pub iteration: u64,
    /// The work so far, in gradients of a task. A Hessian-vector product counts as many gradients
    /// as it has multiply-adds.
    pub gradients: f64,
    /// The mean L + γ R of the query rows. `None` if it is not finite.
    pub loss: Option<f64>,
    /// The mean accuracy.
    pub accuracy: Option<f64>,
    /// The mean parity min(r, 1/r) over the tasks where it is defined.
    pub parity: Option<f64>,
    /// The mean opportunity, likewise.
    pub opportunity: Option<f64>,
    /// The number of held-out tasks.
    pub tasks: usize,
    /// The number of tasks without a parity.
    pub undefined_parities: usize,
    /// The number of tasks without an opportunity.
    pub undefined_opportunities: usize,
    /// The largest relative residual of the linear systems of the last meta-iteration, for iMAML.
    pub residual: Option<f64>,
}

/// The parts of a meta-gradient at one checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitPoint {
    /// The number of meta-iterations so far.
    pub iteration: u64,
    /// The parts of the sum over the meta-batch of this iteration.
    pub sizes: SplitSizes,
}

/// Trains with `algorithm` and records after each number of meta-iterations of `at`, which rise.
/// `with_splits` asks for the parts of the exact meta-gradient.
///
/// # Errors
/// Returns an error if the settings do not fit the tasks, or if `progress` stops the run. A
/// training that fails is recorded.
pub fn train(
    study: &StudyPlan,
    prepared: &Prepared,
    algorithm: AnyAlgorithm,
    at: &[u64],
    with_splits: bool,
    progress: &dyn Progress,
) -> Result<TrainingRecord> {
    let (plan, seed) = (&study.plan, prepared.seed);
    let settings = study.settings(algorithm)?;
    let named = |source| {
        let run = format!("{}, {}, seed {seed}", plan.problem.name(), algorithm.name());
        Error::Learner { run, source }
    };
    let mut learner =
        MetaLearner::<f64>::new(settings, &plan.network, &prepared.pool, seed).map_err(named)?;
    let mut record = TrainingRecord {
        seed,
        algorithm: algorithm.name().into(),
        failed: None,
        points: Vec::new(),
        splits: Vec::new(),
        seconds: Vec::new(),
    };
    let each = work(study, prepared, algorithm) * plan.tasks_per_batch.get() as f64;
    let mut seconds = 0.0;
    for &iteration in at {
        let start = Instant::now();
        let next = iteration - learner.iterations();
        if let Err(error) = learner.train_while(next, |_, _| progress.flow()) {
            record.failed = Some(error.to_string());
            break;
        }
        progress.go_on()?;
        seconds += start.elapsed().as_secs_f64();
        record.seconds.push(seconds);
        let gradients = each * iteration as f64;
        let found = measure(study, prepared, algorithm, learner.learned(), iteration, gradients);
        record.points.push(TrainingPoint { residual: learner.residual(), ..found });
        if with_splits {
            let sizes = split(study, prepared, learner.learned(), iteration).sizes();
            record.splits.push(SplitPoint { iteration, sizes });
        }
    }
    Ok(record)
}

/// Counts the work of a meta-gradient of one task, in gradients.
pub fn work(study: &StudyPlan, prepared: &Prepared, algorithm: AnyAlgorithm) -> f64 {
    let mut draws = Vec::new();
    prepared.pool.batch(prepared.seed, 0, study.plan.tasks_per_batch, &mut draws);
    let Some(&draw) = draws.first() else { return 0.0 };
    let episode = prepared.pool.episode(draw);
    let subject = subject(study, algorithm, &episode);
    let theta = vec![0.1; study.plan.network.parameter_count()];
    in_gradients(&subject, &Local::at(&subject.support(), &theta))
}

/// The work of a meta-gradient in gradients. `support` is the recorded support objective.
pub fn in_gradients(subject: &Subject<'_>, support: &Local) -> f64 {
    let cost = subject.algorithm.cost(subject.inner);
    let all = support.work_of(cost, subject.network.last_layer());
    all.multiply_adds as f64 / support.work().gradient().multiply_adds.max(1) as f64
}

/// A task of the study.
pub fn subject<'a>(
    study: &'a StudyPlan,
    algorithm: AnyAlgorithm,
    episode: &'a tasks::Episode,
) -> Subject<'a> {
    Subject {
        network: &study.plan.network,
        regularizer: study.plan.regularizer(study.arm()),
        gamma: study.gamma,
        algorithm,
        inner: study.plan.inner,
        episode,
    }
}

/// Adapts to every held-out task and measures.
fn measure(
    study: &StudyPlan,
    prepared: &Prepared,
    algorithm: AnyAlgorithm,
    learned: &[f64],
    iteration: u64,
    gradients: f64,
) -> TrainingPoint {
    let plan = &study.plan;
    let regularizer = plan.regularizer(study.arm());
    let mut losses = Vec::new();
    let mut counts: Vec<GroupCounts> = Vec::new();
    for test in &prepared.tests {
        let (network, inner) = (&plan.network, plan.adaptation());
        let episode = test.episode();
        let adapted =
            adapt_to(network, regularizer, study.gamma, algorithm, inner, learned, &episode);
        // A task whose adaptation overflows has no loss, and so the mean has none.
        let Ok(adapted) = adapted else {
            losses.push(f64::NAN);
            continue;
        };
        // Nor has one whose outputs overflow.
        let Ok(decided) = decisions(network, &adapted, &episode.query) else {
            losses.push(f64::NAN);
            continue;
        };
        let subject = subject(study, algorithm, &episode);
        losses.push(Local::at(&subject.query(), &adapted).value());
        counts.push(decided);
    }
    let defined = |measure: fn(&GroupCounts) -> Option<f64>| -> Vec<f64> {
        counts.iter().filter_map(measure).collect()
    };
    let parities = defined(GroupCounts::demographic_parity_closeness);
    let opportunities = defined(GroupCounts::equal_opportunity_closeness);
    let tasks = prepared.tests.len();
    TrainingPoint {
        iteration,
        gradients,
        loss: mean(&losses),
        accuracy: mean(&defined(|counts| counts.overall().accuracy())),
        parity: mean(&parities),
        opportunity: mean(&opportunities),
        tasks,
        undefined_parities: tasks - parities.len(),
        undefined_opportunities: tasks - opportunities.len(),
        residual: None,
    }
}

/// The mean. `None` of nothing, or if it is not finite.
pub fn mean(values: &[f64]) -> Option<f64> {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    mean.is_finite().then_some(mean)
}

/// The parts of the exact meta-gradient, summed over the meta-batch of an iteration.
fn split(study: &StudyPlan, prepared: &Prepared, learned: &[f64], iteration: u64) -> Split {
    let mut draws = Vec::new();
    prepared.pool.batch(prepared.seed, iteration, study.plan.tasks_per_batch, &mut draws);
    let one = |&draw: &tasks::Draw| {
        let episode = prepared.pool.episode(draw);
        let subject = subject(study, study.algorithms[0], &episode);
        subject.path(learned).map(|mut path| subject.split(&mut path))
    };
    let nothing = vec![0.0; study.plan.network.parameter_count()];
    let zero = Split {
        loss_first: nothing.clone(),
        loss_second: nothing.clone(),
        fairness_first: nothing.clone(),
        fairness_second: nothing,
    };
    draws.iter().filter_map(one).fold(zero, |sum, split| sum.plus(&split))
}
