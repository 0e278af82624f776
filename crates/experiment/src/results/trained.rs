//! What a training leaves behind.

use baselines::Encoder;
use meta::AbsentCounts;
use serde::{Deserialize, Serialize};

use crate::plan::Arm;
use crate::results::outcome::Outcome;

/// What a method knows before it sees the new task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Learned {
    /// Weights of the plan's network, learned or fresh.
    Weights(Vec<f64>),
    /// A fair code.
    Code(Encoder),
    /// The decision for everybody.
    Decision(bool),
    /// Nothing that is kept: what decides was made for the tasks that it was judged on.
    Nothing,
}

impl Learned {
    /// The weights of the plan's network.
    ///
    /// # Panics
    /// If something else was learned.
    pub fn weights(&self) -> &[f64] {
        match self {
            Learned::Weights(theta) => theta,
            other => panic!("weights are learned, got {other:?}"),
        }
    }
}

/// What a training leaves behind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trained {
    /// Which run of the plan.
    pub seed: u64,
    /// Which training.
    pub arm: Arm,
    /// What was learned.
    pub learned: Learned,
    /// (iteration, mean loss of a task since the last point); empty where nothing was trained.
    pub curve: Vec<(u64, f64)>,
    /// How often the regularizer had nobody to look at; only meta-learning counts it.
    pub absent: Option<AbsentCounts>,
    /// Decisions on the tasks kept apart.
    pub outcomes: Vec<Outcome>,
    /// Decisions after other numbers of support rows.
    pub points: Vec<Outcome>,
}

impl Trained {
    /// An arm that was not judged yet, and of which no training is told.
    pub fn of(seed: u64, arm: Arm, learned: Learned) -> Self {
        let (outcomes, points) = (Vec::new(), Vec::new());
        Trained { seed, arm, learned, curve: Vec::new(), absent: None, outcomes, points }
    }
}
