//! Operations from outside this crate.

use std::fmt;

use crate::number::Number;
use crate::{Dual, Matrix};

/// An operation that the tape does not have: its value, and what it passes back.
///
/// Both are written over [`Number`] alone, without a comparison and without `f64`. The tape runs
/// them on its own numbers for values and adjoints, and on [`Dual`] numbers for their tangents, so
/// second derivatives need no line of their own. Run
/// [`check_widely`](crate::check::check_widely) on a new one: it compares first and second
/// derivatives with differences, at points of both signs, near 0 and large.
///
/// ```
/// use tape::check::check_widely;
/// use tape::{Matrix, Number, Objective, Operation, Scalar, Tape, Var};
///
/// /// ‖x‖² of all entries: one number.
/// struct SquaredNorm;
///
/// impl Operation for SquaredNorm {
///     fn value<T: Number>(&self, inputs: &[Matrix<T>]) -> Matrix<T> {
///         let squares = inputs[0].data().iter().map(|&x| x * x);
///         Matrix::new(1, 1, vec![squares.fold(T::zero(), |sum, square| sum + square)])
///     }
///
///     /// The adjoint of x is t · 2x.
///     fn reverse<T: Number>(
///         &self,
///         inputs: &[Matrix<T>],
///         _: &Matrix<T>,
///         adjoint: &Matrix<T>,
///     ) -> Vec<Matrix<T>> {
///         let (x, t) = (&inputs[0], adjoint.data()[0]);
///         let entries = x.data().iter().map(|&x| t * (x + x)).collect();
///         vec![Matrix::new(x.shape().0, x.shape().1, entries)]
///     }
///
///     /// It bends nowhere.
///     fn kinks<T: Number>(&self, _: &[Matrix<T>]) -> Vec<T> {
///         Vec::new()
///     }
/// }
///
/// struct Length;
///
/// impl Objective for Length {
///     fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
///         let squared = tape.operation(SquaredNorm, &[parameters]);
///         tape.sqrt(squared)
///     }
/// }
///
/// assert!(check_widely(&Length, 2, |_| true).is_ok());
/// ```
pub trait Operation: Send + Sync + 'static {
    /// The result, of any shape, for the matrices that it is computed from.
    fn value<T: Number>(&self, inputs: &[Matrix<T>]) -> Matrix<T>;

    /// For each input the adjoint of the output times the transposed Jacobian, in the input's
    /// shape; `output` is the value.
    fn reverse<T: Number>(
        &self,
        inputs: &[Matrix<T>],
        output: &Matrix<T>,
        adjoint: &Matrix<T>,
    ) -> Vec<Matrix<T>>;

    /// Its kinks at these inputs, in an order that does not depend on their numbers: each is 0
    /// where the derivative jumps, and has another sign on either side. For |x| it is x, for the
    /// larger of a and b it is a − b. Empty where there are none.
    ///
    /// A difference across a kink shows nothing, so [`Tape::sides`](crate::Tape::sides) looks at
    /// their signs.
    fn kinks<T: Number>(&self, inputs: &[Matrix<T>]) -> Vec<T>;
}

/// The same for one type of number, so that operations of any type fit on one tape.
pub(crate) trait On<T>: Send + Sync {
    fn value(&self, inputs: &[Matrix<T>]) -> Matrix<T>;
    fn reverse(&self, inputs: &[Matrix<T>], y: &Matrix<T>, t: &Matrix<T>) -> Vec<Matrix<T>>;
    fn kinks(&self, inputs: &[Matrix<T>]) -> Vec<T>;
}

impl<T: Number, O: Operation> On<T> for O {
    fn value(&self, inputs: &[Matrix<T>]) -> Matrix<T> {
        Operation::value(self, inputs)
    }

    fn reverse(&self, inputs: &[Matrix<T>], y: &Matrix<T>, t: &Matrix<T>) -> Vec<Matrix<T>> {
        Operation::reverse(self, inputs, y, t)
    }

    fn kinks(&self, inputs: &[Matrix<T>]) -> Vec<T> {
        Operation::kinks(self, inputs)
    }
}

/// For the numbers of a tape, in either mode.
pub(crate) trait Erased<S>: On<S> + On<Dual<S>> {}

impl<S: Number, O: Operation> Erased<S> for O {}

/// An operation from outside with the nodes it reads.
pub(crate) struct Custom<S> {
    pub(crate) operation: Box<dyn Erased<S>>,
    pub(crate) inputs: Vec<u32>,
}

impl<S> fmt::Debug for Custom<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an operation from outside on {:?}", self.inputs)
    }
}
