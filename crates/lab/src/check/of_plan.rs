//! The check of a plan: of its data, its network, its settings, at the weights of its training.

use experiment::error::{Error, Result};
use experiment::plan::{Arm, Plan};
use experiment::run::prepare::{Prepared, Source};
use fairness::Regularizer;
use meta::{AnyAlgorithm, MetaLearner, MetaOptions, MetaSettings};
use tasks::Episode;

use super::{CheckReport, CheckSettings, check};
use crate::Subject;

/// What a check of a plan found, and on what.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// The report.
    pub report: CheckReport,
    /// The name of the training task.
    pub task: String,
    /// Whether support and query rows have the regularizer's group, or there is no regularizer. If
    /// not, R is 0 and its derivatives are not checked.
    pub group_present: bool,
}

/// Checks one algorithm under a plan: on a training task, at the initial weights, after the plan's
/// iterations of training, and at the weights adapted from these. The task is the first of the
/// first meta-batch that has the regularizer's group, or the first if none has.
///
/// # Errors
/// Returns an error if the tasks cannot be made, or if training fails.
pub fn check_plan(
    plan: &Plan,
    arm: Arm,
    algorithm: AnyAlgorithm,
    settings: &CheckSettings,
) -> Result<Checked> {
    let prepared = Source::open(plan)?.prepare(plan, settings.seed)?;
    let options = MetaOptions { algorithm, ..(*plan.settings(arm)?).clone() };
    let meta_settings = MetaSettings::try_from(options)?;
    let run = format!("{}, {}, seed {}", plan.problem.name(), algorithm.name(), settings.seed);
    let named = |source| Error::Learner { run: run.clone(), source };
    let mut learner =
        MetaLearner::<f64>::new(meta_settings, &plan.network, &prepared.pool, settings.seed)
            .map_err(named)?;
    let initial = learner.learned().to_vec();
    learner.train(plan.iterations.get(), |_, _| ()).map_err(named)?;
    let trained = learner.learned().to_vec();

    let (task, episode, group_present) = episode(plan, &prepared, plan.regularizer(arm));
    let subject = Subject {
        network: &plan.network,
        regularizer: plan.regularizer(arm),
        gamma: arm.gamma,
        algorithm: under_check(algorithm),
        inner: plan.inner,
        episode: &episode,
    };
    let support = subject.support();
    let mut adapted = trained.clone();
    let theta = algorithm.adapt(&subject.inner_problem(&support), &trained);
    adapted[..theta.len()].copy_from_slice(&theta);
    let points = [("initial", initial), ("trained", trained), ("adapted", adapted)];
    Ok(Checked { report: check(&subject, &points, settings), task, group_present })
}

/// The algorithm itself.
#[cfg(not(feature = "planted"))]
fn under_check(algorithm: AnyAlgorithm) -> AnyAlgorithm {
    algorithm
}

/// The algorithm with a planted mistake.
#[cfg(feature = "planted")]
fn under_check(algorithm: AnyAlgorithm) -> AnyAlgorithm {
    super::planted::wrong(algorithm).next().map_or(algorithm, |(_, wrong)| wrong)
}

/// A training episode, with the name of its task, and whether the regularizer has its group.
fn episode(
    plan: &Plan,
    prepared: &Prepared,
    regularizer: Option<Regularizer>,
) -> (String, Episode, bool) {
    let pool = &prepared.pool;
    let mut draws = Vec::new();
    pool.batch(prepared.seed, 0, plan.tasks_per_batch, &mut draws);
    let has_group_in = |batch: &tasks::Batch| crate::subject::has_group(regularizer, batch);
    let has_group =
        |episode: &Episode| has_group_in(&episode.support) && has_group_in(&episode.query);
    let found = draws.iter().position(|&draw| has_group(&pool.episode(draw)));
    let draw = draws.swap_remove(found.unwrap_or(0));
    (pool.tasks()[draw.task].name.clone(), pool.episode(draw).into_owned(), found.is_some())
}
