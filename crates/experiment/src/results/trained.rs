//! The result of a training.

use baselines::Encoder;
use meta::AbsentCounts;
use serde::{Deserialize, Serialize};

use crate::plan::Arm;
use crate::results::outcome::Outcome;

/// What a method has learned before the new task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Learned {
    /// Weights of the plan's network, learned or fresh.
    Weights(Vec<f64>),
    /// A fair representation (code).
    Code(Encoder),
    /// The constant decision.
    Decision(bool),
    /// Nothing: the classifier was made for the tasks of its evaluation.
    Nothing,
}

impl Learned {
    /// The weights of the plan's network.
    ///
    /// # Panics
    /// If the result is something else.
    pub fn weights(&self) -> &[f64] {
        match self {
            Learned::Weights(theta) => theta,
            other => panic!("weights are learned, got {other:?}"),
        }
    }
}

/// The result of a training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trained {
    /// The seed of the run.
    pub seed: u64,
    /// The arm.
    pub arm: Arm,
    /// The result of training.
    pub learned: Learned,
    /// (iteration, mean loss of a task since the last point); empty without training.
    pub curve: Vec<(u64, f64)>,
    /// The number of batches without a member of the regularized group; only meta-learning counts
    /// them.
    pub absent: Option<AbsentCounts>,
    /// Decisions on the held-out tasks.
    pub outcomes: Vec<Outcome>,
    /// Decisions with other numbers of support rows.
    pub points: Vec<Outcome>,
}

impl Trained {
    /// An arm before its evaluation, without a learning curve.
    pub fn of(seed: u64, arm: Arm, learned: Learned) -> Self {
        let (outcomes, points) = (Vec::new(), Vec::new());
        Trained { seed, arm, learned, curve: Vec::new(), absent: None, outcomes, points }
    }
}
