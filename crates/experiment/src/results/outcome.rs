//! The decisions of a classifier on the query rows of a task, and its adaptation to the task.

use fairness::metrics::GroupCounts;
use serde::{Deserialize, Serialize};

/// Before or after adaptation to the task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Before adaptation.
    Before,
    /// After adaptation to the support rows.
    After,
}

/// The adaptation of learned weights to a task.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adaptation {
    /// Before or after.
    pub stage: Stage,
    /// The rate of its steps; `None` before.
    pub rate: Option<f64>,
    /// Gradient steps, or epochs; 0 before.
    pub steps: u64,
    /// The γ of the steps, if it differs from training.
    pub gamma: Option<f64>,
}

impl Adaptation {
    /// No adaptation.
    pub const BEFORE: Adaptation =
        Adaptation { stage: Stage::Before, rate: None, steps: 0, gamma: None };

    /// Steps at a rate.
    pub fn after(rate: f64, steps: u64) -> Self {
        Adaptation { stage: Stage::After, rate: Some(rate), steps, gamma: None }
    }

    /// The adaptation with its own γ.
    pub fn at_gamma(self, gamma: f64) -> Self {
        Adaptation { gamma: Some(gamma), ..self }
    }
}

/// Decisions of one classifier on one task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The task's name.
    pub task: String,
    /// The adaptation.
    pub adaptation: Adaptation,
    /// The number of support rows.
    pub support_rows: usize,
    /// The decisions on the query rows.
    pub counts: GroupCounts,
}
