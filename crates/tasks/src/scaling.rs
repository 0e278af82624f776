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
/// A feature that is constant over the selected rows becomes 0. A feature counts as constant if its
/// values differ by no more than 4 units of rounding of the largest magnitude, about 9e-16 of it.
/// Such a difference is left by the computation of the values, as between 0.1 + 0.2 and 0.3, and
/// would otherwise become as large as a real one.
///
/// # Panics
/// Panics with [`Scaling::OverAllTasks`] if the tasks differ in their number of features.
pub fn standardize(tasks: &mut [Task], scaling: Scaling) {
    match scaling {
        Scaling::None => {}
        Scaling::WithinTask => {
            tasks.iter_mut().for_each(|task| task.data = task.data.all().standardized().into())
        }
        Scaling::OverAllTasks if tasks.is_empty() => {}
        Scaling::OverAllTasks => {
            let batches: Vec<_> = tasks.iter().map(|task| task.data.all()).collect();
            let all = Batch::concat(&batches.iter().map(AsRef::as_ref).collect::<Vec<_>>())
                .standardized();
            let mut next = 0;
            for task in tasks {
                let rows: Vec<usize> = (next..).take(task.data.rows()).collect();
                next += rows.len();
                task.data = all.select(&rows).into();
            }
        }
    }
}

impl Batch {
    /// Returns the same rows, with each feature scaled to mean 0 and population variance 1. A
    /// constant feature becomes 0; see [`standardize`] for what counts as constant.
    pub fn standardized(&self) -> Self {
        let mut x = self.x().to_vec();
        for feature in 0..self.features() {
            let column = || self.x().iter().skip(feature).step_by(self.features()).copied();
            let largest = column().fold(0.0, |largest, value| value.abs().max(largest));
            let unit = power_of_two_below(largest);
            let n = self.rows() as f64;
            let mean = column().map(|value| value / unit).sum::<f64>() / n;
            // The computed mean is off by its rounding, which is the mean of the deviations from
            // it.
            let rounding = column().map(|value| value / unit - mean).sum::<f64>() / n;
            let deviation = |value: f64| (value / unit - mean) - rounding;
            let variance = column().map(|value| deviation(value).powi(2)).sum::<f64>() / n;
            let constant = is_constant(column().map(|value| value / unit), largest / unit);
            for value in x.iter_mut().skip(feature).step_by(self.features()) {
                *value = if constant { 0.0 } else { deviation(*value) / variance.sqrt() };
            }
        }
        self.with_x(x)
    }
}

/// Returns whether values differ by rounding alone, which is at most 4 units of rounding of the
/// largest magnitude.
fn is_constant(values: impl Iterator<Item = f64> + Clone, largest: f64) -> bool {
    let highest = values.clone().fold(f64::NEG_INFINITY, f64::max);
    let lowest = values.fold(f64::INFINITY, f64::min);
    highest - lowest <= 4.0 * f64::EPSILON * largest
}

/// Returns the largest power of two that is not above a magnitude, and at least the smallest normal
/// number. Values divided by it are at most 2 in magnitude, so no sum or square overflows, and the
/// largest square does not vanish. The division by a power of two loses no digits.
fn power_of_two_below(magnitude: f64) -> f64 {
    const EXPONENT_BITS: u64 = 0x7ff << 52;
    f64::from_bits(magnitude.to_bits() & EXPONENT_BITS).max(f64::MIN_POSITIVE)
}

/// The mean and the population standard deviation of finite numbers; (0, 1) of none. In place of a
/// deviation of 0, numbers that are all the same have their magnitude, or 1 if they are 0.
///
/// The numbers are those of f32, whose squares do not overflow here. A deviation that is nothing
/// but rounding counts as none.
pub(crate) fn moments<I: Iterator<Item = f64>>(numbers: impl Fn() -> I) -> (f64, f64) {
    let (count, sum, largest) = numbers()
        .fold((0usize, 0.0, 0.0_f64), |(n, sum, most), x| (n + 1, sum + x, most.max(x.abs())));
    if count == 0 {
        return (0.0, 1.0);
    }
    let mean = sum / count as f64;
    let rounding = numbers().map(|x| x - mean).sum::<f64>() / count as f64;
    let mean = mean + rounding;
    let variance = numbers().map(|x| (x - mean).powi(2)).sum::<f64>() / count as f64;
    let deviation = variance.sqrt();
    // In single precision, equal numbers may differ by half a unit of rounding.
    let constant = deviation <= f64::from(f32::EPSILON) / 2.0 * largest;
    let magnitude = if largest > 0.0 { largest } else { 1.0 };
    (mean, if constant { magnitude } else { deviation })
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    fn task(x: &[f64], features: usize) -> Task {
        let rows = x.len() / features;
        let data = Batch::new(features, x.to_vec(), vec![true; rows], vec![false; rows]).unwrap();
        Task::new("t", data)
    }

    #[test]
    fn population_variance_and_constant_columns() {
        // Column 0 has the values 1 and 3. Its mean is 2, and its population standard deviation
        // is 1. Column 1 is constant, and the computed mean of its values has a rounding error.
        let standardized = task(&[1.0, 0.1, 3.0, 0.1], 2).data.all().standardized();
        assert_eq!(standardized.x(), [-1.0, 0.0, 1.0, 0.0]);
        assert_eq!(task(&[0.1; 3], 1).data.all().standardized().x(), [0.0; 3]);
        assert_eq!(task(&[], 3).data.all().standardized().rows(), 0);
    }

    #[test]
    fn extreme_values_stay_finite() {
        for scale in [1e308, 1.0, 1e-300] {
            let standardized = task(&[-scale, scale, scale, -scale], 1).data.all().standardized();
            assert_eq!(standardized.x(), [-1.0, 1.0, 1.0, -1.0]);
        }
    }

    /// Differences of rounding are none, but those that are larger count in full.
    #[test]
    fn rounding_is_no_difference() {
        for column in [
            [0.1 + 0.2, 0.3, 0.3],
            [1e16, 1e16 + 2.0, 1e16],
            [1.0, 1.0 + 4.0 * f64::EPSILON, 1.0],
            [-5e-324, -5e-324, -5e-324],
        ] {
            assert_eq!(task(&column, 1).data.all().standardized().x(), [0.0; 3], "{column:?}");
        }
        // Values of 0, 1 and 0 above a large number: (x − 1/3) / √(2/9) of those.
        let [low, high] = [-0.5f64.sqrt(), 2f64.sqrt()];
        for (base, step) in
            [(1e16, 32.0), (1.0, 8.0 * f64::EPSILON), (-1e300, 1e286), (0.0, 5e-324)]
        {
            let standardized = task(&[base, base + step, base], 1).data.all().standardized();
            let x = standardized.x();
            for (found, expected) in x.iter().zip([low, high, low]) {
                assert_relative_eq!(*found, expected, max_relative = 1e-15);
            }
            assert!(x.iter().sum::<f64>().abs() <= 2.0 * f64::EPSILON, "{x:?}");
        }
    }

    proptest::proptest! {
        /// However far the values are from 0, their mean is 0 and their variance 1, as far as the
        /// rounding of the results allows.
        #[test]
        fn mean_0_and_variance_1(
            base in -1e12..1e12,
            column in proptest::collection::vec(-1.0..1.0f64, 2..50),
        ) {
            let column: Vec<f64> = column.iter().map(|value| base + value).collect();
            let standardized = task(&column, 1).data.all().standardized();
            let (x, n) = (standardized.x(), column.len() as f64);
            let mean = x.iter().sum::<f64>() / n;
            let variance = x.iter().map(|value| value * value).sum::<f64>() / n;
            let constant = x.iter().all(|&value| value == 0.0);
            proptest::prop_assert!(mean.abs() <= 1e-14, "{mean:e}");
            proptest::prop_assert!(constant || (variance - 1.0).abs() <= 1e-14, "{variance}");
        }
    }

    #[test]
    fn within_each_task_or_over_all() {
        let tasks = [task(&[0.0, 2.0], 1), task(&[10.0, 14.0], 1)];
        let scaled = |scaling| {
            let mut tasks = tasks.clone();
            standardize(&mut tasks, scaling);
            tasks.iter().flat_map(|task| task.data.all().x().to_vec()).collect::<Vec<_>>()
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
