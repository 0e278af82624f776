//! A plan of readings, each a change of one plan.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Plan;
use crate::readings;

/// A plan to compare with, and plans that differ from it in one setting each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ablation {
    /// What makes the reference of the problem's plan, as a JSON merge patch (RFC 7396).
    pub reference: Value,
    /// The readings tried.
    pub readings: Vec<Reading>,
}

/// One reading of the paper other than the default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// The row of docs/paper-decisions.md.
    pub decision: String,
    /// How it is read here.
    pub reading: String,
    /// What makes it of the reference, as a JSON merge patch.
    pub changes: Value,
}

impl Ablation {
    pub(super) fn quick(self) -> Self {
        Ablation { reference: readings::quick(self.reference), ..self }
    }

    /// The reference made of `plan`, and the plan of each reading; `field` is where errors say they
    /// are.
    pub(super) fn plans(&self, plan: &Plan, field: &str) -> Result<Vec<Plan>, String> {
        let named = |name: &str, reason: String| format!("{field}: {name}: {reason}");
        let reference =
            plan.patched(&self.reference).map_err(|reason| named("reference", reason))?;
        let changed = self.readings.iter().map(|reading| {
            reference.patched(&reading.changes).map_err(|reason| named(&reading.reading, reason))
        });
        let plans: Vec<Plan> = changed.collect::<Result<_, _>>()?;
        Ok(std::iter::once(reference).chain(plans).collect())
    }
}
