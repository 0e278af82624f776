//! This module trains a logistic regression with a ridge penalty, to convergence.

use tasks::Batch;

/// The largest number of Newton steps. A strictly convex loss needs about ten.
const MOST_STEPS: usize = 100;
/// The gradient at which the fit ends, for each row.
const TOLERANCE: f64 = 1e-10;
/// A column is constant if its standard deviation is below this part of its largest value: the
/// rest is rounding.
const CONSTANT: f64 = 1e-9;

/// Holds a logistic regression on standardized features. It is the minimum of
///
/// Σ ln(1 + e^(−sᵢ (w·zᵢ + b))) + (|w|² + b²)/2,
///
/// where zᵢ are the features of row i, standardized on the rows of the fit, and sᵢ is 1 for a
/// positive row and −1 for another. The penalty makes the minimum unique, also if the classes can
/// be separated or if all rows have one label.
///
/// ```
/// use baselines::Logistic;
/// use tasks::Batch;
///
/// let x = vec![-2.0, -1.0, 1.0, 2.0];
/// let rows = Batch::new(1, x, vec![false, false, true, true], vec![true; 4])?;
/// let probabilities = Logistic::fit(&rows).probabilities(&rows);
/// assert!(probabilities[0] < 0.3 && probabilities[3] > 0.7);
/// # Ok::<(), tasks::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Logistic {
    columns: Vec<Column>,
    /// One for each column, and then the intercept.
    weights: Vec<f64>,
}

/// How a column is standardized.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Column {
    /// The largest value of the rows of the fit. Values are divided by it first, so that no square
    /// overflows.
    largest: f64,
    /// The mean after this division.
    mean: f64,
    /// 1 over the standard deviation after this division, and 0 for a constant column.
    inverse: f64,
}

impl Column {
    fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let largest = values.clone().fold(0.0, |most: f64, x| most.max(x.abs()));
        let count = values.clone().count() as f64;
        let mean = values.clone().map(|x| x / largest).sum::<f64>() / count;
        let square = values.map(|x| (x / largest - mean).powi(2)).sum::<f64>() / count;
        let deviation = square.sqrt();
        // The comparison is false for a column of zeros, and without rows: then it is NaN.
        let inverse = if deviation > CONSTANT { 1.0 / deviation } else { 0.0 };
        Column { largest, mean, inverse }
    }

    fn standardized(self, x: f64) -> f64 {
        if self.inverse == 0.0 { 0.0 } else { (x / self.largest - self.mean) * self.inverse }
    }
}

impl Logistic {
    /// Fits the features of `rows` to their labels. Without rows, every probability is 1/2.
    pub fn fit(rows: &Batch) -> Self {
        let features = rows.features();
        let column = |feature| Column::of((0..rows.rows()).map(move |row| rows.row(row)[feature]));
        let columns: Vec<Column> = (0..features).map(column).collect();
        let unfitted = Logistic { columns, weights: vec![0.0; features + 1] };
        let z = unfitted.standardized(rows);
        Logistic { weights: minimum(&z, rows.positive(), features + 1), ..unfitted }
    }

    /// Returns P(positive) of each row. It is NaN if a feature is so far from those of the fit that
    /// its standardized value overflows.
    ///
    /// # Panics
    /// Panics if `rows` do not have the features of the fit.
    pub fn probabilities(&self, rows: &Batch) -> Vec<f64> {
        assert_eq!(rows.features(), self.columns.len(), "features of the rows and of the fit");
        let z = self.standardized(rows);
        z.chunks_exact(self.weights.len()).map(|z| sigmoid(dot(z, &self.weights))).collect()
    }

    /// The standardized features of each row, and a 1 for the intercept.
    fn standardized(&self, rows: &Batch) -> Vec<f64> {
        let of_row = |row: usize| {
            let values = self.columns.iter().zip(rows.row(row));
            values.map(|(column, &x)| column.standardized(x)).chain([1.0])
        };
        (0..rows.rows()).flat_map(of_row).collect()
    }
}

/// The weights at which the penalized loss is smallest, by Newton's method. `z` has `width` values
/// for each row.
fn minimum(z: &[f64], positive: &[bool], width: usize) -> Vec<f64> {
    let mut weights = vec![0.0; width];
    let mut value = loss(z, positive, &weights);
    for _ in 0..MOST_STEPS {
        let (gradient, mut hessian) = derivatives(z, positive, &weights);
        if gradient.iter().all(|g| g.abs() <= TOLERANCE * positive.len() as f64) {
            break;
        }
        let step = solved(&mut hessian, gradient);
        let after = |length: f64| -> Vec<f64> {
            weights.iter().zip(&step).map(|(w, step)| w - length * step).collect()
        };
        // A whole step may be too long far from the minimum.
        let mut length = 1.0;
        let (next, lower) = loop {
            let next = after(length);
            let lower = loss(z, positive, &next);
            // Close to the minimum, rounding may hide that the loss falls.
            if lower <= value * (1.0 + 1e-12) || length < 1e-6 {
                break (next, lower);
            }
            length /= 2.0;
        };
        (weights, value) = (next, lower);
    }
    weights
}

/// The sum of the rows' losses, and half the square of the weights.
fn loss(z: &[f64], positive: &[bool], weights: &[f64]) -> f64 {
    let rows = z.chunks_exact(weights.len()).zip(positive);
    let of_rows = rows.map(|(z, &positive)| {
        let score = dot(z, weights);
        softplus(if positive { -score } else { score })
    });
    of_rows.sum::<f64>() + dot(weights, weights) / 2.0
}

/// The gradient, and the Hessian on and below its diagonal, row by row.
fn derivatives(z: &[f64], positive: &[bool], weights: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let width = weights.len();
    let (mut gradient, mut hessian) = (weights.to_vec(), vec![0.0; width * width]);
    (0..width).for_each(|i| hessian[i * width + i] = 1.0);
    for (z, &positive) in z.chunks_exact(width).zip(positive) {
        let p = sigmoid(dot(z, weights));
        let (slope, curvature) = (p - f64::from(u8::from(positive)), p * (1.0 - p));
        for (i, &at) in z.iter().enumerate() {
            gradient[i] += slope * at;
            let factor = curvature * at;
            let row = &mut hessian[i * width..=i * width + i];
            row.iter_mut().zip(z).for_each(|(h, z)| *h += factor * z);
        }
    }
    (gradient, hessian)
}

/// The solution x of A x = `right`, by Cholesky's factors A = L Lᵀ. `matrix` has A on and below its
/// diagonal, and then L. All eigenvalues of A are at least 1.
fn solved(matrix: &mut [f64], mut right: Vec<f64>) -> Vec<f64> {
    let width = right.len();
    for i in 0..width {
        let (above, row) = matrix.split_at_mut(i * width);
        for j in 0..i {
            let other = &above[j * width..=j * width + j];
            row[j] = (row[j] - dot(&row[..j], &other[..j])) / other[j];
        }
        row[i] = (row[i] - dot(&row[..i], &row[..i])).sqrt();
        right[i] = (right[i] - dot(&row[..i], &right[..i])) / row[i];
    }
    for i in (0..width).rev() {
        right[i] /= matrix[i * width + i];
        let x = right[i];
        let row = &matrix[i * width..i * width + i];
        right[..i].iter_mut().zip(row).for_each(|(right, l)| *right -= l * x);
    }
    right
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// 1 / (1 + e⁻ˣ), which neither overflows nor underflows to another value than 0 or 1.
fn sigmoid(x: f64) -> f64 {
    let small = (-x.abs()).exp();
    if x < 0.0 { small / (1.0 + small) } else { 1.0 / (1.0 + small) }
}

/// ln(1 + eˣ)
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;

    fn rows(features: usize, x: Vec<f64>, positive: Vec<bool>) -> Batch {
        let protected = vec![false; positive.len()];
        Batch::new(features, x, positive, protected).unwrap()
    }

    /// Two rows at z = −1 and z = 1: the intercept is 0, and the weight solves w = 2 / (1 + eʷ).
    #[test]
    fn two_rows_by_hand() {
        let fitted = Logistic::fit(&rows(1, vec![10.0, 30.0], vec![false, true]));
        let [weight, intercept] = fitted.weights[..] else { panic!("two weights") };
        assert_relative_eq!(weight, 2.0 / (1.0 + weight.exp()), epsilon = 1e-9);
        assert!(weight > 0.6 && intercept.abs() < 1e-9, "{weight} {intercept}");
        let middle = fitted.probabilities(&rows(1, vec![20.0], vec![true]));
        assert_relative_eq!(middle[0], 0.5, epsilon = 1e-9);
    }

    /// n rows of one class: the intercept solves b = n / (1 + eᵇ). A constant column is left out,
    /// also for a new row with another value, and so is one that is constant but for rounding.
    #[test]
    fn one_class_and_constant_columns() {
        let almost = [0.1 + 0.2, 0.3, 0.3, 0.3, 0.3];
        let x = almost.iter().flat_map(|&x| [7.0, 0.0, x]).collect();
        let fitted = Logistic::fit(&rows(3, x, vec![true; 5]));
        assert_eq!(fitted.weights[..3], [0.0; 3]);
        let intercept = fitted.weights[3];
        assert_relative_eq!(intercept, 5.0 / (1.0 + intercept.exp()), epsilon = 1e-8);
        let far = fitted.probabilities(&rows(3, vec![9.0, 5.0, 1e300], vec![true]));
        assert_relative_eq!(far[0], sigmoid(intercept));
    }

    #[test]
    fn without_rows_nothing_is_known() {
        let fitted = Logistic::fit(&rows(2, vec![], vec![]));
        assert_eq!(fitted.probabilities(&rows(2, vec![1.0, 2.0], vec![true])), [0.5]);
    }

    /// What overflows is no probability, and never a decision.
    #[test]
    fn values_of_any_size() {
        let x = vec![-1e300, 1e300, -1.5e300, 1.5e300];
        let fitted = Logistic::fit(&rows(1, x.clone(), vec![false, true, false, true]));
        let small = x.iter().map(|x| x * 1e-300).collect();
        let same = Logistic::fit(&rows(1, small, vec![false, true, false, true]));
        assert_relative_eq!(fitted.weights[0], same.weights[0], epsilon = 1e-9);
        let tiny = Logistic::fit(&rows(1, vec![-1e-200, 1e-200], vec![false, true]));
        let at = |x: f64| tiny.probabilities(&rows(1, vec![x], vec![true]))[0];
        assert!(at(1e-200) > 0.6 && at(-1e-200) < 0.4);
        assert!(at(1e300) == 1.0 || at(1e300).is_nan());
    }

    proptest! {
        /// The gradient is 0 at the fit, and so the unique minimum is found, for more rows than
        /// features and for fewer. Any shift and scale of a column gives the same probabilities.
        #[test]
        fn it_is_the_minimum(
            data in prop::collection::vec((prop::collection::vec(-1.0..1.0f64, 6), any::<bool>()), 1..30),
            scale in 0.1..10.0f64, shift in -1.0..1.0f64, separable: bool,
        ) {
            let label = |(x, y): &(Vec<f64>, bool)| if separable { x[0] > 0.0 } else { *y };
            let positive: Vec<bool> = data.iter().map(label).collect();
            let x: Vec<f64> = data.iter().flat_map(|(x, _)| x.clone()).collect();
            let batch = rows(6, x.clone(), positive.clone());
            let fitted = Logistic::fit(&batch);
            let z = fitted.standardized(&batch);
            let at = |weights: &[f64]| loss(&z, &positive, weights);
            for place in 0..7 {
                let moved = |by: f64| {
                    let mut weights = fitted.weights.clone();
                    weights[place] += by;
                    at(&weights)
                };
                let slope = (moved(1e-4) - moved(-1e-4)) / 2e-4;
                prop_assert!(slope.abs() < 1e-6, "{slope}");
            }
            let other = rows(6, x.iter().map(|x| scale * x + shift).collect(), positive);
            let again = Logistic::fit(&other).probabilities(&other);
            for (a, b) in fitted.probabilities(&batch).into_iter().zip(again) {
                prop_assert!((a - b).abs() < 1e-6, "{a} {b}");
            }
        }
    }
}
