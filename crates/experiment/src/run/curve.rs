//! Learning curves.

use serde::{Deserialize, Serialize};

use crate::plan::Plan;

/// The number of points of a learning curve.
const CURVE: u64 = 50;

/// A learning curve under construction: the mean loss of a task over each interval of iterations.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Curve {
    tasks: f64,
    iterations: u64,
    stretch: u64,
    done: u64,
    /// The sum of the losses since the last point.
    sum: f64,
    /// (iteration, mean loss of a task since the last point).
    pub points: Vec<(u64, f64)>,
}

impl Curve {
    /// The curve of a training under `plan`.
    pub fn new(plan: &Plan) -> Self {
        let iterations = plan.iterations.get();
        Curve {
            tasks: plan.tasks_per_batch.get() as f64,
            iterations,
            stretch: iterations.div_ceil(CURVE),
            done: 0,
            sum: 0.0,
            points: Vec::new(),
        }
    }

    /// The number of iterations in its points.
    pub fn counted(&self) -> u64 {
        self.points.last().map_or(0, |&(last, _)| last)
    }

    /// Adds the loss of one iteration, summed over its tasks. If this completes a point, returns
    /// the number of iterations in the point; else 0.
    pub fn add(&mut self, loss: f64) -> u64 {
        self.sum += loss;
        self.done += 1;
        if !self.done.is_multiple_of(self.stretch) && self.done != self.iterations {
            return 0;
        }
        let since = self.done - self.counted();
        self.points.push((self.done, self.sum / self.tasks / since as f64));
        self.sum = 0.0;
        since
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use std::num::{NonZeroU64, NonZeroUsize};

    /// Means over intervals, with the rest at the end.
    #[test]
    fn a_curve_by_hand() {
        let plan = Plan {
            iterations: NonZeroU64::new(101).unwrap(),
            tasks_per_batch: NonZeroUsize::new(2).unwrap(),
            ..sample::communities()
        };
        let mut curve = Curve::new(&plan);
        let done: u64 = (1..=101).map(|i| curve.add(f64::from(i))).sum();
        // Intervals of 3 iterations; the last has the iterations 100 and 101.
        assert_eq!(curve.points.len(), 34);
        assert_eq!(curve.points[0], (3, 1.0));
        assert_eq!(curve.points[33], (101, 50.25));
        assert_eq!(done, 101);
    }
}
