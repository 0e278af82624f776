//! An operation that the tape does not have, with its rule in this file.
//!
//! The tape needs two things of it: its value, and what it passes back. Both are written over any
//! number type, so the tape can run them on dual numbers too, and second derivatives come for free.
//! The checker then compares first and second derivatives with differences, at points of both
//! signs, near 0 and large.

use tape::check::check_widely;
use tape::{Matrix, Number, Objective, Operation, Scalar, Tape, Var, hvp};

/// The smooth distance h(d) = √(1 + d²) − 1 of two matrices of one shape, element by element, where
/// d = a − b (the pseudo-Huber loss).
struct SmoothDistance;

impl Operation for SmoothDistance {
    fn value<T: Number>(&self, inputs: &[Matrix<T>]) -> Matrix<T> {
        let [a, b] = inputs else { panic!("a smooth distance has two operands") };
        let distance = |(&a, &b): (&T, &T)| (T::one() + (a - b) * (a - b)).sqrt() - T::one();
        let (rows, columns) = a.shape();
        Matrix::new(rows, columns, a.data().iter().zip(b.data()).map(distance).collect())
    }

    /// ∂h/∂a = d / √(1 + d²) = d / (h + 1), and ∂h/∂b is its negative.
    fn reverse<T: Number>(
        &self,
        inputs: &[Matrix<T>],
        output: &Matrix<T>,
        adjoint: &Matrix<T>,
    ) -> Vec<Matrix<T>> {
        let (a, b) = (inputs[0].data(), inputs[1].data());
        let slope = |i: usize| {
            let d = a[i] - b[i];
            adjoint.data()[i] * d / (output.data()[i] + T::one())
        };
        let (rows, columns) = output.shape();
        let by_a: Vec<T> = (0..a.len()).map(slope).collect();
        let by_b: Vec<T> = by_a.iter().map(|&slope| -slope).collect();
        vec![Matrix::new(rows, columns, by_a), Matrix::new(rows, columns, by_b)]
    }

    /// It is smooth everywhere.
    fn kinks<T: Number>(&self, _: &[Matrix<T>]) -> Vec<T> {
        Vec::new()
    }
}

/// The distance of the two halves of the parameters, summed.
struct Halves;

impl Objective for Halves {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        let (a, b) = (tape.window(parameters, 0, 1, 2), tape.window(parameters, 2, 1, 2));
        let distances = tape.operation(SmoothDistance, &[a, b]);
        tape.sum(distances)
    }
}

fn main() {
    // Differences of 3/4 and 0: h = 1/4 and 0, h′ = 3/5 and 0, h″ = (1 + d²)^(−3/2) = 64/125 and 1.
    let parameters = [1.0_f64, 2.0, 0.25, 2.0];
    let along_a = hvp(&Halves, &parameters, &[1.0, 1.0, 0.0, 0.0]);
    assert!((along_a.value - 0.25).abs() < 1e-15);
    let expected = [0.512, 1.0, -0.512, -1.0];
    for (product, expected) in along_a.product.iter().zip(expected) {
        assert!((product - expected).abs() < 1e-15);
    }
    println!("H v = {:?}", along_a.product);

    check_widely(&Halves, parameters.len(), |_| true).expect("right derivatives");
    println!("first and second derivatives agree with differences");
}
