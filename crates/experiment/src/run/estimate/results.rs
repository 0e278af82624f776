//! What a run keeps to its end: outcomes, and what was learned.

use meta::sizes::NUMBER;

use crate::plan::{Arm, Plan};
use crate::run::job::Job;
use crate::run::size::PlanSize;

/// The bytes of an outcome with its record and its line in a table.
const OUTCOME: f64 = 1_200.0;
/// The bytes of a learning curve with its lines in a table.
const CURVE: f64 = 50.0 * 150.0;
/// The copies of learned numbers: in the results, and for other plans that share the training.
const COPIES: f64 = 2.0;

/// The numbers of outcomes of the arms of one seed. Arms that differ in γ alone are adapted in the
/// same ways, so they are counted once: a plan may have many arms with many ways each.
pub struct Outcomes(Vec<(Arm, f64)>);

impl Outcomes {
    /// Those of the arms of these jobs.
    pub fn of(size: PlanSize<'_>, jobs: &[Job]) -> Self {
        let PlanSize { plan, data, .. } = size;
        let mut known = Outcomes(Vec::new());
        for &arm in jobs.iter().flat_map(|job| &job.arms) {
            if known.find(arm).is_none() {
                known.0.push((arm, data.tests * ways(plan, arm) as f64));
            }
        }
        known
    }

    /// The number of an arm.
    pub fn of_arm(&self, arm: Arm) -> f64 {
        self.find(arm).unwrap_or(0.0)
    }

    /// The bytes of all of them.
    pub fn bytes(&self, jobs: &[Job]) -> f64 {
        OUTCOME * jobs.iter().flat_map(|job| &job.arms).map(|&arm| self.of_arm(arm)).sum::<f64>()
    }

    fn find(&self, arm: Arm) -> Option<f64> {
        let of = |arm: &Arm| (arm.method, arm.notion, arm.algorithm);
        let alike = |(other, _): &&(Arm, f64)| of(other) == of(&arm);
        self.0.iter().find(alike).map(|(_, outcomes)| *outcomes)
    }
}

/// The number of outcomes of an arm on one held-out task.
fn ways(plan: &Plan, arm: Arm) -> usize {
    let method = arm.method.implementation();
    let points = if method.is_compared_over_points(plan, arm) { plan.points.len() } else { 0 };
    plan.adaptations(arm).len() + 1 + points
}

/// The bytes of what so many arms learn, if each of them learns `numbers` numbers. Arms that learn
/// nothing have no curve.
pub fn learned(arms: usize, numbers: f64) -> f64 {
    match numbers {
        0.0 => 0.0,
        numbers => arms as f64 * (COPIES * NUMBER * numbers + CURVE),
    }
}
