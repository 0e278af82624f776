//! This module records loss functions on the tape.

use tape::{Scalar, Tape, Var};

/// Records the mean cross-entropy −(1/n) Σᵢ Σ꜀ tᵢ꜀ ln pᵢ꜀, `(1, 1)`. The values ln pᵢ꜀ are
/// `log_probabilities: (n, classes)`. Row i of `targets: (n, classes)` holds tᵢ꜀, the label
/// distribution of the row. It is one-hot for a known label.
///
/// A class whose target is 0 adds nothing, even if its log-probability is −∞, and the derivative of
/// the loss by this target is 0.
///
/// The log-probabilities come from `Tape::log_softmax`, which is exact for logits of any size.
///
/// # Panics
/// Panics if the shapes differ or if there is no row.
pub fn cross_entropy<S: Scalar>(tape: &mut Tape<S>, log_probabilities: Var, targets: Var) -> Var {
    let rows = tape.shape(log_probabilities).0;
    assert!(rows > 0, "the cross-entropy of no rows");
    // 0 · −∞ would be a NaN.
    let counted = tape.select(targets, log_probabilities, targets);
    let likelihood = tape.dot(counted, targets);
    tape.scale(likelihood, -1.0 / rows as f64)
}

/// Records the cross-entropy of two classes for each row, ln(1 + e^(−s z)), as `(n, 1)`. Each row
/// has one logit. `logits: (n, 1)` holds the logit z, with P(class 1) = 1 / (1 + e^−z).
/// `signs: (n, 1)` holds s, which is 1 for a row of class 1 and −1 for a row of class 0.
///
/// The result is exact for logits of any size.
///
/// # Panics
/// Panics if the shapes differ.
pub fn logistic_losses<S: Scalar>(tape: &mut Tape<S>, logits: Var, signs: Var) -> Var {
    let (given, wanted) = (tape.shape(logits), tape.shape(signs));
    assert_eq!(given, wanted, "logits and signs of logistic losses");
    let margins = tape.mul(logits, signs);
    let against = tape.neg(margins);
    tape.softplus(against)
}

/// Records the absolute error |y − p| of each row, as `(n, 1)`. The inputs `logits: (n, 1)` and
/// `signs: (n, 1)` are those of [`logistic_losses`]. The label y is 1 for a row of class 1 and 0
/// for a row of class 0. The probability of class 1 is p = 1 / (1 + e^−z). Hence
///
/// ```text
/// |y − p| = 1 / (1 + e^(s z))
/// ```
///
/// The error is 0 if the correct class is certain, and 1 if the wrong class is certain.
///
/// # Panics
/// Panics if the shapes differ.
pub fn absolute_errors<S: Scalar>(tape: &mut Tape<S>, logits: Var, signs: Var) -> Var {
    let (given, wanted) = (tape.shape(logits), tape.shape(signs));
    assert_eq!(given, wanted, "logits and signs of absolute errors");
    let margins = tape.mul(logits, signs);
    let against = tape.neg(margins);
    tape.sigmoid(against)
}

/// Records the mean squared error (1/nm) Σᵢⱼ (ŷᵢⱼ − yᵢⱼ)², `(1, 1)`, of `outputs: (n, m)` against
/// `targets: (n, m)`.
///
/// # Panics
/// Panics if the shapes differ or if there is no entry.
pub fn mean_squared_error<S: Scalar>(tape: &mut Tape<S>, outputs: Var, targets: Var) -> Var {
    let (given, wanted) = (tape.shape(outputs), tape.shape(targets));
    assert_eq!(given, wanted, "outputs and targets of a mean squared error");
    let errors = tape.sub(outputs, targets);
    let squares = tape.mul(errors, errors);
    tape.mean(squares)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use tape::{Matrix, Objective};

    fn loss_and_slope(logits: &[[f64; 2]], targets: &[[f64; 2]]) -> (f64, Vec<f64>) {
        let mut tape = Tape::new();
        let flat = logits.concat();
        let logits = tape.variable(logits.len(), 2, &flat);
        let targets = tape.constant(&Matrix::from_rows(targets));
        let log_probabilities = tape.log_softmax(logits);
        let loss = cross_entropy(&mut tape, log_probabilities, targets);
        tape.backward(loss);
        (tape.value(loss)[0], tape.adjoint(logits).to_vec())
    }

    #[test]
    fn by_hand() {
        let (loss, slope) =
            loss_and_slope(&[[0.0, 3f64.ln()], [0.0, 0.0]], &[[1.0, 0.0], [0.0, 1.0]]);
        assert_relative_eq!(loss, (4f64.ln() + 2f64.ln()) / 2.0, max_relative = 1e-15);
        // The derivative with respect to the logits is (p − t) / n.
        for (slope, by_hand) in slope.iter().zip([-0.375, 0.375, 0.25, -0.25]) {
            assert_relative_eq!(*slope, by_hand, max_relative = 1e-15);
        }
    }

    #[test]
    fn exact_at_logits_of_800() {
        let (loss, slope) = loss_and_slope(&[[800.0, -800.0]], &[[0.0, 1.0]]);
        assert_eq!((loss, slope), (1600.0, vec![1.0, -1.0]));
        let (loss, slope) = loss_and_slope(&[[800.0, -800.0]], &[[1.0, 0.0]]);
        assert_eq!((loss, slope), (0.0, vec![0.0, 0.0]));
    }

    #[test]
    fn an_impossible_class_costs_nothing() {
        let impossible = f64::NEG_INFINITY;
        let (loss, slope) = loss_and_slope(&[[impossible, 3.0]], &[[0.0, 1.0]]);
        assert_eq!((loss, slope), (0.0, vec![0.0, 0.0]));
        // The label itself is impossible.
        let (loss, _) = loss_and_slope(&[[impossible, 3.0]], &[[1.0, 0.0]]);
        assert_eq!(loss, f64::INFINITY);
        // A NaN is not lost, whichever logit it is.
        for logits in [[f64::NAN, 3.0], [3.0, f64::NAN]] {
            assert!(loss_and_slope(&[logits], &[[0.0, 1.0]]).0.is_nan());
        }
        struct Loss;
        impl Objective for Loss {
            fn eval<S: Scalar>(&self, tape: &mut Tape<S>, logits: Var) -> Var {
                let targets = tape.constant_from(1, 3, |_, c, _| f64::from(u8::from(c == 1)));
                let log_probabilities = tape.log_softmax(logits);
                cross_entropy(tape, log_probabilities, targets)
            }
        }
        // With p = (0, 1/4, 3/4), the gradient is p − t, and the Hessian times v is
        // p ∘ v − p ⟨p, v⟩.
        let got = tape::hvp(&Loss, &[impossible, 0.0, 3f64.ln()], &[1.0, 1.0, -1.0]);
        assert_relative_eq!(got.value, 4f64.ln(), max_relative = 1e-15);
        let wanted = [[0.0, -0.75, 0.75], [0.0, 0.375, -0.375]];
        for (got, wanted) in [got.gradient, got.product].concat().iter().zip(wanted.concat()) {
            assert_relative_eq!(*got, wanted, max_relative = 1e-14);
        }
    }

    fn logistic(logits: &[f64], signs: &[f64]) -> (f64, Vec<f64>) {
        let mut tape = Tape::new();
        let logits = tape.variable(logits.len(), 1, logits);
        let signs = tape.constant_lanes(signs.len(), 1, |_| signs);
        let losses = logistic_losses(&mut tape, logits, signs);
        let loss = tape.mean(losses);
        tape.backward(loss);
        (tape.value(loss)[0], tape.adjoint(logits).to_vec())
    }

    #[test]
    fn a_logit_and_two_logits_agree() {
        // One logit z is equivalent to the two logits (0, z).
        let (one, slope) = logistic(&[3f64.ln(), -1.5], &[-1.0, 1.0]);
        let (two, slopes) =
            loss_and_slope(&[[0.0, 3f64.ln()], [0.0, -1.5]], &[[1.0, 0.0], [0.0, 1.0]]);
        assert_relative_eq!(one, two, max_relative = 1e-15);
        assert_relative_eq!(slope[0], slopes[1], max_relative = 1e-15);
        assert_relative_eq!(slope[1], slopes[3], max_relative = 1e-15);
        assert_eq!(logistic(&[800.0], &[-1.0]), (800.0, vec![1.0]));
        assert_eq!(logistic(&[800.0], &[1.0]), (0.0, vec![0.0]));
    }

    #[test]
    fn absolute_errors_by_hand() {
        let mut tape = Tape::new();
        let logits = tape.variable(4, 1, &[3f64.ln(), 3f64.ln(), 800.0, 800.0]);
        let signs = tape.constant(&Matrix::from_rows(&[[1.0], [-1.0], [1.0], [-1.0]]));
        let errors = absolute_errors(&mut tape, logits, signs);
        let sum = tape.sum(errors);
        tape.backward(sum);
        // For the first two rows p = 3/4, and dp/dz = p (1 − p).
        let by_hand = [(0.25, -0.1875), (0.75, 0.1875), (0.0, 0.0), (1.0, 0.0)];
        for (row, (error, slope)) in by_hand.into_iter().enumerate() {
            assert_relative_eq!(tape.value(errors)[row], error, max_relative = 1e-15);
            assert_relative_eq!(tape.adjoint(logits)[row], slope, max_relative = 1e-15);
        }
    }

    #[test]
    fn squared_error_by_hand() {
        let mut tape = Tape::new();
        let outputs = tape.variable(2, 2, &[1.0, 2.0, 3.0, 4.0]);
        let targets = tape.constant(&Matrix::from_rows(&[[1.0, 0.0], [3.0, 5.0]]));
        let loss = mean_squared_error(&mut tape, outputs, targets);
        tape.backward(loss);
        assert_eq!(tape.value(loss), [(4.0 + 1.0) / 4.0]);
        assert_eq!(tape.adjoint(outputs), [0.0, 1.0, 0.0, -0.5]);
    }
}
