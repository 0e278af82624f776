//! The checker: it finds mistakes, and the operations of the tape have none.

mod everywhere;
mod planted;

use super::*;
use crate::{Matrix, Number, Operation};

/// x², with a rule of the given kind.
#[derive(Clone, Copy)]
enum Square {
    Right,
    /// The value forgets to move with x.
    WrongValue,
    /// With the derivative 3x.
    WrongFirst,
    /// The derivative 2x forgets to move with x: right once, wrong twice.
    WrongSecond,
}

impl Operation for Square {
    fn value<T: Number>(&self, inputs: &[Matrix<T>]) -> Matrix<T> {
        let (rows, columns) = inputs[0].shape();
        let square = |x: T| match self {
            Square::WrongValue => (x * x).constant(),
            _ => x * x,
        };
        Matrix::new(rows, columns, inputs[0].data().iter().map(|&x| square(x)).collect())
    }

    fn reverse<T: Number>(
        &self,
        inputs: &[Matrix<T>],
        output: &Matrix<T>,
        adjoint: &Matrix<T>,
    ) -> Vec<Matrix<T>> {
        let slope = |x: T| match self {
            Square::Right | Square::WrongValue => x + x,
            Square::WrongFirst => x + x + x,
            Square::WrongSecond => (x + x).constant(),
        };
        let (rows, columns) = output.shape();
        let pairs = inputs[0].data().iter().zip(adjoint.data());
        vec![Matrix::new(rows, columns, pairs.map(|(&x, &t)| t * slope(x)).collect())]
    }

    fn kinks<T: Number>(&self, _: &[Matrix<T>]) -> Vec<T> {
        Vec::new()
    }
}

/// The sum of x², by a rule that may have a mistake, and of e^x.
impl Objective for Square {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        let (square, right) = (tape.operation(*self, &[parameters]), tape.exp(parameters));
        tape.add(square, right)
    }
}

fn identity(objective: &impl Objective) -> Option<Identity> {
    check(objective, &[0.7, -1.3, 2.0], Settings::default()).err().map(|found| found.identity)
}

#[test]
fn a_right_rule_passes() {
    assert_eq!(identity(&Square::Right), None);
}

#[test]
fn a_wrong_first_derivative_is_found() {
    assert_eq!(identity(&Square::WrongValue), Some(Identity::Tangent));
    assert_eq!(identity(&Square::WrongFirst), Some(Identity::Adjoint));
}

#[test]
fn a_wrong_second_derivative_is_found() {
    assert_eq!(identity(&Square::WrongSecond), Some(Identity::SecondOrder));
}

#[test]
fn a_nan_is_a_mismatch() {
    struct Logarithm;

    impl Objective for Logarithm {
        fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
            tape.ln(parameters)
        }
    }

    let found = check(&Logarithm, &[-1.0], Settings::default());
    assert_eq!(found.unwrap_err().identity, Identity::Tangent);
}
