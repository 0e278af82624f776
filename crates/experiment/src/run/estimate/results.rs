//! What a run keeps to its end: outcomes, and what was learned.

use meta::sizes::NUMBER;

use super::data::DataSize;
use super::jobs::weights;
use crate::plan::{Arm, Plan};
use crate::run::job;

/// The bytes of an outcome with its record and its line in a table.
const OUTCOME: f64 = 1_200.0;
/// The bytes of a learning curve with its lines in a table.
const CURVE: f64 = 50.0 * 150.0;
/// The copies of learned numbers: in the results, and for other plans that share the training.
const COPIES: f64 = 2.0;

/// The number of outcomes of one arm in one seed.
pub fn outcomes_of_arm(plan: &Plan, data: DataSize, arm: Arm) -> f64 {
    let method = arm.method.implementation();
    let ways = plan.adaptations(arm).len() + 1;
    let points = if method.is_compared_over_points(plan, arm) { plan.points.len() } else { 0 };
    data.tests * (ways + points) as f64
}

/// The bytes of the outcomes of one seed.
pub fn outcomes(plan: &Plan, data: DataSize) -> f64 {
    let arms = arms(plan);
    // Arms that differ in γ alone are adapted in the same ways.
    let alike = arms
        .chunk_by(|a, b| (a.method, a.notion, a.algorithm) == (b.method, b.notion, b.algorithm));
    let of_alike = |arms: &[Arm]| arms.len() as f64 * outcomes_of_arm(plan, data, arms[0]);
    alike.map(of_alike).sum::<f64>() * OUTCOME
}

/// The bytes of what the arms of one seed learn.
pub fn learned(plan: &Plan, data: DataSize) -> f64 {
    let of_arm = |&arm: &Arm| match weights(plan, data, arm) {
        0.0 => 0.0,
        numbers => COPIES * NUMBER * numbers + CURVE,
    };
    arms(plan).iter().map(of_arm).sum()
}

fn arms(plan: &Plan) -> Vec<Arm> {
    job::jobs(plan).into_iter().flat_map(|job| job.arms).collect()
}
