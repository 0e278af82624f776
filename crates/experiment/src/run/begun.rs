//! Trainings that have begun.

use meta::LearnerState;

use crate::plan::{Arm, Plan};
use crate::run::curve::Curve;

/// Keeps trainings of a meta-learner that have begun, so that a stopped run loses little.
pub trait Begun: Sync {
    /// The training that an earlier run has begun and not finished.
    fn find(&self, plan: &Plan, seed: u64, arm: Arm) -> Option<(LearnerState, Curve)>;

    /// Keeps a training. A failure does not end the run.
    fn keep(&self, plan: &Plan, seed: u64, arm: Arm, training: &(LearnerState, Curve));
}
