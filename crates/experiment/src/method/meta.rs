//! MAML and Fair-MAML: initial weights learned through the inner step, and adaptation by that step.

use meta::MetaLearner;
use tasks::Episode;

use super::{
    EPISODES, FIRST_NOTION, HELD_OUT, Method, REGULARIZER, Reads, TRAINING_ROWS, Training, Work,
};
use crate::error::{Error, Result};
use crate::plan::{Arm, Plan};
use crate::results::outcome::Adaptation;
use crate::results::trained::Learned;
use crate::run::adapt::{Classifier, Run};
use crate::run::curve::Curve;

pub(super) struct Meta;

impl Method for Meta {
    fn label(&self, is_regularized: bool) -> &'static str {
        if is_regularized { "Fair-MAML" } else { "MAML" }
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

    fn learn(&self, work: Work<'_>) -> Result<Vec<Training>> {
        let Work { plan, prepared, arms, progress } = work;
        let learn = |&arm: &Arm| {
            let named = |source| Error::Learner { run: work.run(arm).name(), source };
            let (settings, seed) = (plan.settings(arm)?, prepared.seed);
            let mut learner =
                MetaLearner::<f64>::new(settings, &plan.network, &prepared.pool, seed)
                    .map_err(named)?;
            let mut curve = Curve::new(plan);
            let after = |_, loss| progress.advance(curve.add(loss));
            learner.train(plan.iterations.get(), after).map_err(named)?;
            let learned = Learned::Weights(learner.learned().to_vec());
            Ok(Training { learned, curve: curve.points, absent: Some(learner.absent()) })
        };
        arms.iter().map(learn).collect()
    }

    fn adapt(
        &self,
        run: Run<'_>,
        learned: &Learned,
        adaptation: Adaptation,
        (task, episode): (&str, &Episode),
    ) -> Result<Classifier> {
        run.stepped(run.plan.algorithm, learned.weights(), adaptation, (task, episode))
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

/// The adaptation of its weights to a held-out task.
pub(super) fn step(plan: &Plan) -> Adaptation {
    let inner = plan.adaptation();
    Adaptation::after(inner.rate(), inner.steps() as u64)
}
