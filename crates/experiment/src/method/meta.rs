//! MAML and Fair-MAML: initial weights learned through the inner step, and adaptation by that step.
//! The plan may name another algorithm in their place, and further ones to compare.

use std::borrow::Cow;

use meta::sizes::{self, LearnerSize, NUMBER};
use meta::{AnyAlgorithm, MetaLearner};
use tasks::Episode;

use super::{
    Cost, EPISODES, FIRST_NOTION, HELD_OUT, Method, NUMBER_AS_TEXT, Needs, REGULARIZER, Reads,
    TRAINING_ROWS, Training, Work, swept,
};
use crate::error::{Error, Result};
use crate::plan::{Arm, MethodName, Plan};
use crate::results::outcome::Adaptation;
use crate::results::trained::Learned;
use crate::run::adapt::{Classifier, Run};
use crate::run::curve::Curve;
use crate::run::size::PlanSize;

/// The number of iterations between two times that a training is kept. The file of a small network
/// takes milliseconds, and so many iterations take at least ten times as long.
const KEPT_EVERY: u64 = 500;
/// The numbers that are kept for each learned one: itself and two moments.
const STATE: f64 = 3.0;

pub(super) struct Meta;

impl Method for Meta {
    fn label(&self, plan: &Plan, arm: Arm) -> Cow<'static, str> {
        plan.algorithm_of(arm).title(arm.notion.is_some()).into()
    }

    /// The arms of the plan's algorithm, and then those of each compared algorithm. A companion
    /// with the name of an algorithm runs it under settings of its own.
    fn arms(&self, plan: &Plan, method: MethodName) -> Vec<Arm> {
        let has_companion = |algorithm: AnyAlgorithm| {
            plan.companions.iter().any(|companion| companion.method.name() == algorithm.name())
        };
        let others = plan.compared.iter().filter(|&&algorithm| !has_companion(algorithm));
        let arms = swept(method, &plan.sweeps);
        let of =
            |&algorithm| arms.iter().map(move |&arm| Arm { algorithm: Some(algorithm), ..arm });
        arms.iter().copied().chain(others.flat_map(of)).collect()
    }

    fn adaptations(&self, plan: &Plan, arm: Arm) -> Vec<Adaptation> {
        let step = step(plan);
        [Adaptation::BEFORE, step].into_iter().chain(plan.other_gammas(arm, step)).collect()
    }

    fn shown_adaptation(&self, plan: &Plan, _: Arm) -> Adaptation {
        step(plan)
    }

    fn reads(&self) -> Reads {
        Reads {
            training: &[
                TRAINING_ROWS,
                EPISODES,
                &["network", "initialization"],
                &["iterations", "tasks_per_batch", "algorithm", "inner", "meta_rate"],
            ],
            regularized: &[REGULARIZER],
            judging: &[
                HELD_OUT,
                &["algorithm", "inner", "adaptation"],
                &["fine_tuning_gammas", "points", FIRST_NOTION],
            ],
        }
    }

    fn work(&self, plan: &Plan, _: usize) -> u64 {
        plan.iterations.get()
    }

    /// The learner, and its state if it is kept on the way: the numbers, a copy, and their text.
    fn needs(&self, size: PlanSize<'_>, arms: &[Arm], threads: f64) -> Needs {
        let PlanSize { plan, data, network } = size;
        let (algorithm, inner) = (plan.algorithm_of(arms[0]), plan.inner);
        let (tasks, k) = (plan.tasks_per_batch.get() as f64, data.k);
        let learner = LearnerSize { network, algorithm, inner, tasks, k, threads };
        let learned = network.parameters * sizes::learned(algorithm, inner);
        let is_kept = plan.iterations.get() > KEPT_EVERY;
        let state = if is_kept { STATE * learned * (2.0 * NUMBER + NUMBER_AS_TEXT) } else { 0.0 };
        let (rows, steps) = (size.support_rows(), plan.adaptation().steps() as f64);
        Needs {
            learned,
            training: Cost {
                bytes: learner.bytes() + state,
                multiply_adds: plan.iterations.get() as f64 * learner.iteration(),
            },
            judging: Cost::of_adaptation(size, network, rows, steps),
            memory_is_for: "meta-learning: parameters × (inner steps + tasks of a batch)",
            work_is_for: "meta-learning: iterations × tasks of a batch × seeds",
        }
    }

    fn learn(&self, work: Work<'_>) -> Result<Vec<Training>> {
        work.arms.iter().map(|&arm| learned(work, arm)).collect()
    }

    fn adapt(
        &self,
        run: Run<'_>,
        learned: &Learned,
        adaptation: Adaptation,
        (task, episode): (&str, &Episode),
    ) -> Result<Classifier> {
        run.stepped(run.plan.algorithm_of(run.arm), learned.weights(), adaptation, (task, episode))
    }

    fn is_compared_over_points(&self, _: &Plan, _: Arm) -> bool {
        true
    }

    fn decides_without_rows(&self) -> bool {
        true
    }

    fn has_grid(&self) -> bool {
        true
    }
}

/// Trains one arm. A training that an earlier run has begun goes on from where it was kept, with
/// the same result to the last bit.
fn learned(work: Work<'_>, arm: Arm) -> Result<Training> {
    let Work { plan, prepared, progress, begun, .. } = work;
    let named = |source| Error::Learner { run: work.run(arm).name(), source };
    let (settings, seed, all) = (plan.settings(arm)?, prepared.seed, plan.iterations.get());
    let mut learner =
        MetaLearner::<f64>::new(settings, &plan.network, &prepared.pool, seed).map_err(named)?;
    let mut curve = Curve::new(plan);
    if let Some((state, drawn)) = begun.and_then(|begun| begun.find(plan, seed, arm)) {
        learner = learner.with_state(state).map_err(named)?;
        curve = drawn;
        progress.advance(curve.counted());
    }
    while learner.iterations() < all {
        let done = learner.iterations();
        let next = (all - done).min(KEPT_EVERY - done % KEPT_EVERY);
        let after = |_, loss| {
            progress.advance(curve.add(loss));
            progress.flow()
        };
        learner.train_while(next, after).map_err(named)?;
        if learner.iterations() < all {
            if let Some(begun) = begun {
                begun.keep(plan, seed, arm, &(learner.state(), curve.clone()));
            }
            progress.go_on()?;
        }
    }
    let learned = Learned::Weights(learner.learned().to_vec());
    Ok(Training { learned, curve: curve.points, absent: Some(learner.absent()) })
}

/// The adaptation of its weights to a held-out task.
pub(super) fn step(plan: &Plan) -> Adaptation {
    let inner = plan.adaptation();
    Adaptation::after(inner.rate(), inner.steps() as u64)
}
