//! MAML's weights (γ = 0) with other thresholds, chosen on training tasks.

use std::borrow::Cow;

use fairness::Notion;

use super::arms::aimed;
use super::{HELD_OUT, Method, Reads, TRAINING_ROWS, meta};
use crate::plan::{Arm, MethodName, Plan};
use crate::results::outcome::Adaptation;
use crate::run::score::{Scored, Thresholds};

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
        aimed(method, plan)
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

    fn host(&self) -> Option<MethodName> {
        Some(MethodName::Meta)
    }

    fn thresholds(&self, rows: &[Scored], notion: Notion, target: f64) -> Option<Thresholds> {
        Some(match self {
            Shifted::ForAll => Thresholds::shared(rows, notion, target),
            Shifted::ByGroup => Thresholds::by_group(rows, notion, target),
        })
    }
}
