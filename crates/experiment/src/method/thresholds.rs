//! MAML's weights (γ = 0) with other thresholds, chosen on training tasks.
//!
//! The minimum fairness goes in equal steps from that of the most accurate thresholds to 1, so each
//! step has thresholds of its own. There are as many as a regularizer has weights γ.

use std::borrow::Cow;

use fairness::Notion;

use super::arms::stepped;
use super::{Cost, HELD_OUT, Host, Method, Needs, Reads, SCORED, Shared, TRAINING_ROWS, meta};
use crate::plan::{Arm, MethodName, Plan};
use crate::results::outcome::Adaptation;
use crate::run::score::{Scored, Thresholds};
use crate::run::size::PlanSize;

/// The rows that share a threshold.
pub(super) enum Shifted {
    /// All rows.
    ForAll,
    /// The rows of one group.
    ByGroup,
}

impl Method for Shifted {
    fn label(&self, plan: &Plan, _: Arm) -> Cow<'static, str> {
        let how = match self {
            Shifted::ForAll => "one threshold",
            Shifted::ByGroup => "thresholds by group",
        };
        format!("{}, {how}", plan.algorithm.title(false)).into()
    }

    fn arms(&self, plan: &Plan, method: MethodName) -> Vec<Arm> {
        stepped(method, plan)
    }

    fn adaptations(&self, plan: &Plan, _: Arm) -> Vec<Adaptation> {
        vec![Adaptation::BEFORE, meta::step(plan)]
    }

    fn reads(&self) -> Reads {
        Reads {
            training: &[TRAINING_ROWS],
            regularized: &[],
            judging: &[HELD_OUT, &["algorithm", "inner", "adaptation"]],
        }
    }

    fn host(&self, _: Arm) -> Option<Host> {
        Some(Host { arm: Arm::plain(MethodName::Meta), shares: Shared::Scores })
    }

    /// Adaptations of MAML's weights to every training task, made once for all arms, and the scores
    /// of all rows, from which each arm chooses.
    fn needs(&self, size: PlanSize<'_>, arms: &[Arm], _: f64) -> Needs {
        let PlanSize { plan, data, network } = size;
        let scores = data.training_tasks * data.rows * SCORED;
        let (rows, steps) = (plan.support_rows().get() as f64, plan.adaptation().steps() as f64);
        let one = steps * network.gradient(rows.min(data.most_rows)) + network.values(data.rows);
        let ways = 2.0 + plan.fine_tuning_gammas.len() as f64;
        let adaptations = data.training_tasks * ways * one;
        let multiply_adds = arms.len() as f64 * scores + adaptations;
        Needs { training: Cost { bytes: scores, multiply_adds }, ..Needs::decisions(size) }
    }

    fn thresholds(&self, rows: &[Scored], notion: Notion, share: f64) -> Option<Thresholds> {
        let choose = match self {
            Shifted::ForAll => Thresholds::shared,
            Shifted::ByGroup => Thresholds::by_group,
        };
        Some(Thresholds::towards_fair(choose, rows, notion, share))
    }
}
