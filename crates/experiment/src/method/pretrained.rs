//! The pre-trained network: one network trained on all tasks together, and one step of fine-tuning.

use std::borrow::Cow;

use baselines::{Pretrained, Pretraining};
use meta::sizes::NUMBER;
use tape::{Lanes, Scalar};
use tasks::Episode;

use super::{
    Cost, EPISODES, FIRST_NOTION, HELD_OUT, LANES, Method, Needs, REGULARIZER, Reads,
    TRAINING_ROWS, Training, Work, lanes,
};
use crate::error::{Error, Result};
use crate::plan::{Arm, FineTuning, Plan};
use crate::results::outcome::Adaptation;
use crate::results::trained::Learned;
use crate::run::adapt::{Classifier, Run};
use crate::run::curve::Curve;
use crate::run::size::PlanSize;

pub(super) struct PretrainedNetwork;

impl Method for PretrainedNetwork {
    fn label(&self, _: &Plan, _: Arm) -> Cow<'static, str> {
        "pre-trained".into()
    }

    fn adaptations(&self, plan: &Plan, arm: Arm) -> Vec<Adaptation> {
        let rates = plan.fine_tuning_rates.iter().map(|&rate| Adaptation::after(rate, 1));
        let other_gammas = plan.other_gammas(arm, shown(plan));
        std::iter::once(Adaptation::BEFORE).chain(rates).chain(other_gammas).collect()
    }

    fn shown_adaptation(&self, plan: &Plan, _: Arm) -> Adaptation {
        shown(plan)
    }

    fn reads(&self) -> Reads {
        Reads {
            training: &[
                TRAINING_ROWS,
                EPISODES,
                &["network", "initialization"],
                &["iterations", "tasks_per_batch", "pretraining", "pretraining_rate"],
            ],
            regularized: &[REGULARIZER],
            judging: &[
                HELD_OUT,
                &["fine_tuning", "fine_tuning_rates", "fine_tuning_shown", "fine_tuning_gammas"],
                &["points", FIRST_NOTION, "gamma_shown"],
            ],
        }
    }

    /// Arms under one notion see the same rows and differ only in numbers. γ = 0 has no notion and
    /// joins the first.
    fn groups(&self, arms: &[Arm]) -> Vec<Vec<Arm>> {
        let notion = |arm: &Arm| arm.notion.or(arms.iter().find_map(|arm| arm.notion));
        let under_one_notion = arms.chunk_by(|a, b| notion(a) == notion(b));
        under_one_notion.flat_map(|arms| arms.chunks(LANES)).map(<[Arm]>::to_vec).collect()
    }

    fn work(&self, plan: &Plan, arms: usize) -> u64 {
        (1 + arms as u64 / 2).saturating_mul(plan.iterations.get())
    }

    /// Weights, gradients and moments, a tape on the rows of a step, these rows, and a copy of all
    /// rows if steps are on mini-batches of them.
    fn needs(&self, size: PlanSize<'_>, arms: &[Arm], _: f64) -> Needs {
        let PlanSize { plan, data, network } = size;
        let (tasks, k) = (plan.tasks_per_batch.get() as f64, data.k);
        let (rows, copy) = match plan.pretraining {
            Pretraining::StepPerTask => (2.0 * k, 0.0),
            Pretraining::StepPerBatch => (2.0 * k * tasks, 0.0),
            Pretraining::MiniBatches => (2.0 * k, data.all_training_rows()),
        };
        let lanes = lanes(arms);
        let number = lanes * NUMBER;
        let vectors = 3.0 * number * network.parameters;
        let batch = 3.0 * rows * (NUMBER * data.features + 2.0);
        let steps = plan.iterations.get() as f64 * 2.0 * k * tasks / rows;
        Needs {
            learned: network.parameters,
            training: Cost {
                bytes: vectors + network.recording(rows, 2.0, number) + batch + copy,
                multiply_adds: steps * lanes * network.gradient(rows),
            },
            judging: Cost::of_adaptation(size, network, size.support_rows(), 1.0),
            memory_is_for: "the pre-trained network: parameters × lanes",
            work_is_for: "the pre-trained network: iterations × rows × seeds",
        }
    }

    fn learn(&self, work: Work<'_>) -> Result<Vec<Training>> {
        match work.arms.len() {
            1 => learn::<f64>(work),
            _ => learn::<Lanes<f64, LANES>>(work),
        }
    }

    fn adapt(
        &self,
        run: Run<'_>,
        learned: &Learned,
        adaptation: Adaptation,
        (task, episode): (&str, &Episode),
    ) -> Result<Classifier> {
        match run.plan.fine_tuning {
            FineTuning::AllRows => {
                // Fine-tuning is gradient descent on all weights, like adaptation in MAML.
                run.stepped(
                    ::meta::algorithm::FAIR_MAML,
                    learned.weights(),
                    adaptation,
                    (task, episode),
                )
            }
            FineTuning::RowByRow => {
                run.stepped_row_by_row(learned.weights(), adaptation, (task, episode))
            }
        }
    }

    fn is_compared_over_points(&self, plan: &Plan, arm: Arm) -> bool {
        arm.notion.is_none() || arm == plan.shown(arm.method)
    }

    fn decides_without_rows(&self) -> bool {
        true
    }

    fn has_grid(&self) -> bool {
        true
    }
}

/// The fine-tuning in tables and figures.
pub(super) fn shown(plan: &Plan) -> Adaptation {
    Adaptation::after(plan.fine_tuning_shown, 1)
}

/// Trains arms in lanes.
fn learn<S: Scalar>(work: Work<'_>) -> Result<Vec<Training>> {
    let Work { plan, prepared, arms, progress, .. } = work;
    let named = |source| Error::Learner { run: work.name(), source };
    let settings = arms.iter().map(|&arm| plan.settings(arm));
    let settings = settings.collect::<std::result::Result<Vec<_>, _>>()?;
    let (network, pool) = (&plan.network, &prepared.pool);
    let mut networks =
        Pretrained::<S>::new(&settings, plan.pretraining, network, pool, prepared.seed)
            .map_err(named)?;
    let mut curves: Vec<Curve> = arms.iter().map(|_| Curve::new(plan)).collect();
    let cost = PretrainedNetwork.work(plan, arms.len()) / plan.iterations;
    for _ in 0..plan.iterations.get() {
        let losses = networks.step().map_err(named)?;
        let done = curves.iter_mut().zip(losses).map(|(curve, loss)| curve.add(loss)).max();
        progress.advance(cost * done.unwrap_or(0));
        progress.go_on()?;
    }
    let training = |(lane, curve): (usize, Curve)| {
        let learned = Learned::Weights(networks.theta(lane));
        Training { curve: curve.points, ..Training::without(learned) }
    };
    Ok(curves.into_iter().enumerate().map(training).collect())
}
