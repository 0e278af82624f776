//! The full Hessian, from Hessian-vector products.

use crate::{Matrix, Objective, Scalar, Tape};

/// Returns the full Hessian of a scalar function, `(n, n)`. It computes one Hessian-vector product
/// for each row, over one recording.
///
/// # Panics
/// Panics if the objective is not `(1, 1)`.
pub fn hessian<S: Scalar>(objective: &impl Objective, parameters: &[S]) -> Matrix<S> {
    let n = parameters.len();
    let mut tape = Tape::new();
    let variable = tape.variable(1, n, parameters);
    let output = objective.eval(&mut tape, variable);
    tape.backward(output);
    let mut hessian = Matrix::new(n, n, vec![S::zero(); n * n]);
    let mut direction = vec![S::zero(); n];
    for i in 0..n {
        direction[i] = S::one();
        let row = tape.hessian_vector(variable, &direction, output);
        hessian.row_mut(i).copy_from_slice(row);
        direction[i] = S::zero();
    }
    hessian
}
