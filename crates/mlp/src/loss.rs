//! Losses.

use tape::{Scalar, Tape, Var};

/// Mean cross-entropy −(1/n) Σᵢ Σ꜀ tᵢ꜀ ln pᵢ꜀ of `log_probabilities: (n, classes)` under
/// `targets: (n, classes)`, the label distribution of each row (one-hot for a known label).
///
/// The log-probabilities come from [`Tape::log_softmax`], which is exact for logits of any size.
///
/// # Panics
/// If the shapes differ or there is no row.
pub fn cross_entropy<S: Scalar>(tape: &mut Tape<S>, log_probabilities: Var, targets: Var) -> Var {
    let rows = tape.shape(log_probabilities).0;
    assert!(rows > 0, "the cross-entropy of no rows");
    let likelihood = tape.dot(log_probabilities, targets);
    tape.scale(likelihood, -1.0 / rows as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use tape::Matrix;

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
        // (p − t) / n
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
}
