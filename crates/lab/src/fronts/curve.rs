//! Accuracy at a parity, along the settings of one method.

/// A setting of a method: means over tasks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The parity, in [0, 1].
    pub parity: f64,
    /// The accuracy, in [0, 1].
    pub accuracy: f64,
}

/// Returns the largest accuracy at a parity of at least `target`: that of a setting which has it,
/// or of a straight line between two settings, one on either side. `None` if no setting has it.
///
/// ```
/// use lab::fronts::{Point, accuracy_at};
/// let unfair = Point { parity: 0.4, accuracy: 0.8 };
/// let fair = Point { parity: 1.0, accuracy: 0.5 };
/// assert_eq!(accuracy_at(&[unfair, fair], 0.7), Some(0.65));
/// assert_eq!(accuracy_at(&[unfair], 0.7), None);
/// ```
pub fn accuracy_at(points: &[Point], target: f64) -> Option<f64> {
    let fair = || points.iter().filter(|point| point.parity >= target);
    let below = || points.iter().filter(|point| point.parity < target);
    let between = fair().flat_map(|above| {
        below().map(move |below| {
            let along = (target - below.parity) / (above.parity - below.parity);
            below.accuracy + along * (above.accuracy - below.accuracy)
        })
    });
    fair().map(|point| point.accuracy).chain(between).reduce(f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_is_fairer_and_better_counts() {
        let points = [(0.9, 0.7), (0.5, 0.6), (0.95, 0.4)]
            .map(|(parity, accuracy)| Point { parity, accuracy });
        assert_eq!(accuracy_at(&points, 0.8), Some(0.7));
        assert_eq!(accuracy_at(&points, 0.95), Some(0.4));
        assert_eq!(accuracy_at(&points, 0.96), None);
        assert_eq!(accuracy_at(&[], 0.0), None);
    }
}
