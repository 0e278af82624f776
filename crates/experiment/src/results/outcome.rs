//! What a classifier decides about the query rows of a task, and how it was adapted to it.

use fairness::metrics::GroupCounts;
use serde::{Deserialize, Serialize};

/// Whether weights were judged as learned or after adaptation to the task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// As learned.
    Before,
    /// After training on the support rows.
    After,
}

/// How a classifier came from what was learned to what was judged.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adaptation {
    /// Whether there was any.
    pub stage: Stage,
    /// The rate of its steps; `None` before.
    pub rate: Option<f64>,
    /// Gradient steps, or epochs; 0 before.
    pub steps: u64,
    /// The γ of the steps, where it is another than in training.
    pub gamma: Option<f64>,
}

impl Adaptation {
    /// None at all.
    pub const BEFORE: Adaptation =
        Adaptation { stage: Stage::Before, rate: None, steps: 0, gamma: None };

    /// Steps at a rate.
    pub fn after(rate: f64, steps: u64) -> Self {
        Adaptation { stage: Stage::After, rate: Some(rate), steps, gamma: None }
    }

    /// The same with a γ of its own.
    pub fn at_gamma(self, gamma: f64) -> Self {
        Adaptation { gamma: Some(gamma), ..self }
    }
}

/// Decisions of one classifier on one task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The task's name.
    pub task: String,
    /// How the classifier was adapted to it.
    pub adaptation: Adaptation,
    /// On so many support rows.
    pub support_rows: usize,
    /// The decisions on the query rows.
    pub counts: GroupCounts,
}
