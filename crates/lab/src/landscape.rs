//! A loss along a line through the weights.

use meta::algorithm::Loss;
use serde::{Deserialize, Serialize};

use crate::vectors::{plus, unit};
use crate::{InnerPath, Local};

/// Holds a loss at one point of a line.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinePoint {
    /// The distance t from the weights, by the 2-norm.
    pub distance: f64,
    /// The loss at θ + t d, before any inner step.
    pub before: f64,
    /// The loss after the inner steps from θ + t d.
    pub after: f64,
}

/// Returns `query` along the line θ + t d, before and after `steps` inner steps on `support` at
/// `rates`. The direction d is `direction` at length 1, and t takes `points` values from −`reach`
/// to `reach`. Empty if the direction is 0.
///
/// # Panics
/// Panics if a loss is not `(1, 1)`.
pub fn along(
    (support, query): (&dyn Loss<f64>, &dyn Loss<f64>),
    theta: &[f64],
    (rates, steps): (&[f64], usize),
    direction: &[f64],
    (reach, points): (f64, usize),
) -> Vec<LinePoint> {
    let Some(direction) = unit(direction) else { return Vec::new() };
    let middle = points.saturating_sub(1) as f64 / 2.0;
    let at = |i: usize| {
        let distance = if middle > 0.0 { reach * (i as f64 - middle) / middle } else { 0.0 };
        let start = plus(theta, distance, &direction);
        let path = InnerPath::descend(support, &start, rates, steps);
        LinePoint {
            distance,
            before: Local::at(query, &start).value(),
            after: Local::at(query, path.adapted()).value(),
        }
    };
    (0..points).map(at).collect()
}
