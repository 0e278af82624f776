//! MAML's weights (γ = 0) with other thresholds, chosen on training tasks.

use fairness::Notion;

use super::arms::aimed;
use super::{Method, Reads, meta};
use crate::plan::{Algorithm, Arm, Plan};
use crate::results::outcome::Adaptation;
use crate::run::score::{Scored, Thresholds};

/// One threshold for all rows.
pub(super) struct OneForAll;

impl Method for OneForAll {
    fn label(&self, _: bool) -> &'static str {
        "MAML, one threshold"
    }

    fn arms(&self, plan: &Plan, algorithm: Algorithm) -> Vec<Arm> {
        aimed(algorithm, plan)
    }

    fn adaptations(&self, plan: &Plan, _: Arm) -> Vec<Adaptation> {
        vec![Adaptation::BEFORE, meta::step(plan)]
    }

    fn reads(&self) -> Reads {
        READS
    }

    fn host(&self) -> Option<Algorithm> {
        Some(Algorithm::Meta)
    }

    fn thresholds(&self, rows: &[Scored], notion: Notion, target: f64) -> Option<Thresholds> {
        Some(Thresholds::shared(rows, notion, target))
    }
}

/// A threshold for each group.
pub(super) struct OneForEachGroup;

impl Method for OneForEachGroup {
    fn label(&self, _: bool) -> &'static str {
        "MAML, thresholds by group"
    }

    fn arms(&self, plan: &Plan, algorithm: Algorithm) -> Vec<Arm> {
        aimed(algorithm, plan)
    }

    fn adaptations(&self, plan: &Plan, _: Arm) -> Vec<Adaptation> {
        vec![Adaptation::BEFORE, meta::step(plan)]
    }

    fn reads(&self) -> Reads {
        READS
    }

    fn host(&self) -> Option<Algorithm> {
        Some(Algorithm::Meta)
    }

    fn thresholds(&self, rows: &[Scored], notion: Notion, target: f64) -> Option<Thresholds> {
        Some(Thresholds::by_group(rows, notion, target))
    }
}

const READS: Reads = Reads { training: &[], regularized: &[], judging: &["inner", "adaptation"] };
