//! This module standardizes features. It never uses labels.

use serde::{Deserialize, Serialize};

use crate::{Batch, Task};

/// Selects the rows over which each feature gets mean 0 and variance 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scaling {
    /// The features stay as they are.
    None,
    /// Each feature is standardized over the rows of each task separately.
    #[default]
    WithinTask,
    /// Each feature is standardized over the rows of all tasks together.
    OverAllTasks,
}

/// Standardizes every feature of every task: x ↦ (x − mean) / σ. Here σ is the population standard
/// deviation, whose variance is divided by n and not by n − 1.
///
/// A feature that is constant over the selected rows becomes 0.
///
/// # Panics
/// Panics with [`Scaling::OverAllTasks`] if the tasks differ in their number of features.
pub fn standardize(tasks: &mut [Task], scaling: Scaling) {
    match scaling {
        Scaling::None => {}
        Scaling::WithinTask => {
            tasks.iter_mut().for_each(|task| task.data = task.data.standardized())
        }
        Scaling::OverAllTasks if tasks.is_empty() => {}
        Scaling::OverAllTasks => {
            let all = Batch::concat(&tasks.iter().map(|task| &task.data).collect::<Vec<_>>())
                .standardized();
            let mut next = 0;
            for task in tasks {
                let rows: Vec<usize> = (next..).take(task.data.rows()).collect();
                next += rows.len();
                task.data = all.select(&rows);
            }
        }
    }
}

impl Batch {
    /// Returns the same rows, with each feature scaled to mean 0 and population variance 1. A
    /// constant feature becomes 0.
    pub fn standardized(&self) -> Self {
        let mut x = self.x().to_vec();
        for feature in 0..self.features() {
            let column = || self.x().iter().skip(feature).step_by(self.features()).copied();
            let unit =
                power_of_two_below(column().fold(0.0, |largest, value| value.abs().max(largest)));
            let n = self.rows() as f64;
            let mean = column().map(|value| value / unit).sum::<f64>() / n;
            let variance = column().map(|value| (value / unit - mean).powi(2)).sum::<f64>() / n;
            let constant = column().all(|value| value == self.x()[feature]);
            for value in x.iter_mut().skip(feature).step_by(self.features()) {
                *value = if constant { 0.0 } else { (*value / unit - mean) / variance.sqrt() };
            }
        }
        self.with_x(x)
    }
}

/// Returns the largest power of two that is not above a magnitude, and at least the smallest normal
/// number. Values divided by it are at most 2 in magnitude, so no sum or square overflows, and the
/// largest square does not vanish. The division by a power of two loses no digits.
fn power_of_two_below(magnitude: f64) -> f64 {
    const EXPONENT_BITS: u64 = 0x7ff << 52;
    f64::from_bits(magnitude.to_bits() & EXPONENT_BITS).max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    fn task(x: &[f64], features: usize) -> Task {
        let rows = x.len() / features;
        let data = Batch::new(features, x.to_vec(), vec![true; rows], vec![false; rows]).unwrap();
        Task { name: "t".into(), data }
    }

    #[test]
    fn population_variance_and_constant_columns() {
        // Column 0 has the values 1 and 3. Its mean is 2, and its population standard deviation
        // is 1. Column 1 is constant, and the computed mean of its values has a rounding error.
        let standardized = task(&[1.0, 0.1, 3.0, 0.1], 2).data.standardized();
        assert_eq!(standardized.x(), [-1.0, 0.0, 1.0, 0.0]);
        assert_eq!(task(&[0.1; 3], 1).data.standardized().x(), [0.0; 3]);
        assert_eq!(task(&[], 3).data.standardized().rows(), 0);
    }

    #[test]
    fn extreme_values_stay_finite() {
        for scale in [1e308, 1.0, 1e-300] {
            let standardized = task(&[-scale, scale, scale, -scale], 1).data.standardized();
            assert_eq!(standardized.x(), [-1.0, 1.0, 1.0, -1.0]);
        }
        let close = task(&[1.0, 1.0 + f64::EPSILON], 1).data.standardized();
        assert!(close.x().iter().all(|value| value.is_finite()));
    }

    #[test]
    fn within_each_task_or_over_all() {
        let tasks = [task(&[0.0, 2.0], 1), task(&[10.0, 14.0], 1)];
        let scaled = |scaling| {
            let mut tasks = tasks.clone();
            standardize(&mut tasks, scaling);
            tasks.iter().flat_map(|task| task.data.x().to_vec()).collect::<Vec<_>>()
        };
        assert_eq!(scaled(Scaling::None), [0.0, 2.0, 10.0, 14.0]);
        assert_eq!(scaled(Scaling::WithinTask), [-1.0, 1.0, -1.0, 1.0]);
        // The mean is 6.5, and the variance is (6.5² + 4.5² + 3.5² + 7.5²) / 4 = 32.75.
        for (found, raw) in scaled(Scaling::OverAllTasks).iter().zip([0.0, 2.0, 10.0, 14.0]) {
            assert_relative_eq!(*found, (raw - 6.5) / 32.75_f64.sqrt(), max_relative = 1e-14);
        }
        standardize(&mut [], Scaling::OverAllTasks);
    }
}
