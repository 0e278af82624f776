//! From scratch: a fresh network, trained on the K support rows alone.

use std::borrow::Cow;

use baselines::fit;
use meta::initial_weights;
use tasks::Episode;

use super::{Cost, FIRST_NOTION, HELD_OUT, Method, Needs, REGULARIZER, Reads, Training, Work};
use crate::error::{Error, Result};
use crate::plan::{Arm, Plan};
use crate::results::outcome::Adaptation;
use crate::results::trained::Learned;
use crate::run::adapt::{Classifier, Run};
use crate::run::size::PlanSize;

pub(super) struct FromScratch;

impl Method for FromScratch {
    fn label(&self, _: &Plan, _: Arm) -> Cow<'static, str> {
        "from scratch".into()
    }

    fn adaptations(&self, plan: &Plan, _: Arm) -> Vec<Adaptation> {
        vec![Adaptation::after(plan.scratch.rate, plan.scratch.epochs.get())]
    }

    fn reads(&self) -> Reads {
        Reads {
            training: &[&["network", "initialization"]],
            regularized: &[REGULARIZER],
            judging: &[HELD_OUT, &["scratch", "points", FIRST_NOTION, "gamma_shown"]],
        }
    }

    fn needs(&self, size: PlanSize<'_>, _: &[Arm], _: f64) -> Needs {
        let (network, epochs) = (size.network, size.plan.scratch.epochs.get() as f64);
        let fitted = Cost::of_adaptation(size, network, size.support_rows(), epochs);
        Needs::fresh_networks(network.parameters, fitted)
    }

    /// The initial weights of meta-learning.
    fn learn(&self, work: Work<'_>) -> Result<Vec<Training>> {
        let Work { plan, prepared, .. } = work;
        let fresh = |&arm: &Arm| {
            let settings = plan.settings(arm)?;
            let theta = initial_weights(&settings, &plan.network, &prepared.pool, prepared.seed)?;
            Ok(Training::without(Learned::Weights(theta)))
        };
        work.arms.iter().map(fresh).collect()
    }

    fn adapt(
        &self,
        run: Run<'_>,
        learned: &Learned,
        adaptation: Adaptation,
        (task, episode): (&str, &Episode),
    ) -> Result<Classifier> {
        let (rate, steps) = (adaptation.rate.unwrap_or(0.0), adaptation.steps as usize);
        let (network, gamma) = (&run.plan.network, run.gamma(adaptation));
        let regularizer = run.regularizer(gamma);
        let theta =
            fit(network, regularizer, gamma, rate, steps, learned.weights(), &episode.support)
                .map_err(|source| Error::Fit { run: run.name(), task: task.into(), source })?;
        Ok(Classifier::Network(network.clone(), theta))
    }

    fn is_compared_over_points(&self, plan: &Plan, arm: Arm) -> bool {
        arm.notion.is_none() || arm == plan.shown(arm.method)
    }
}
