//! Recording on a tape without knowing its numbers.

use std::ops::Range;

use crate::{Axis, Binary, Scalar, Tape, Unary, Var};

/// Sets an entry, by its place in row-major order, to a number.
pub type SetEntry<'a> = &'a mut dyn FnMut(usize, f64);

/// A [`Tape`] of any numbers, to record on.
///
/// What is recorded does not depend on the numbers, so a function that only records can take a
/// `&mut dyn Recorder`: it is compiled once, and can stand behind a trait object. Each method is
/// the one of [`Tape`] of the same name; the element-wise operations have theirs as well.
///
/// ```
/// use tape::{Recorder, Tape, Var};
///
/// /// The mean of the squares.
/// fn mean_square(tape: &mut dyn Recorder, x: Var) -> Var {
///     let (rows, columns) = tape.shape(x);
///     let square = tape.powi(x, 2);
///     let sum = tape.sum(square);
///     tape.scale(sum, 1.0 / (rows * columns) as f64)
/// }
///
/// let mut tape = Tape::<f64>::new();
/// let x = tape.variable(1, 2, &[3.0, 4.0]);
/// let y = mean_square(&mut tape, x);
/// assert_eq!(tape.value(y), [12.5]);
/// tape.backward(y);
/// assert_eq!(tape.adjoint(x), [3.0, 4.0]);
/// ```
pub trait Recorder {
    /// How many independent problems stand side by side.
    fn lanes(&self) -> usize;
    /// (rows, columns) of a variable.
    fn shape(&self, v: Var) -> (usize, usize);
    /// A `(rows, columns)` constant whose entry (r, c) is `entry(r, c, i)` in lane `i`.
    fn constant(
        &mut self,
        rows: usize,
        columns: usize,
        entry: &dyn Fn(usize, usize, usize) -> f64,
    ) -> Var;
    /// A `(rows, columns)` constant that is 0 but for the entries that `lane(i, set)` sets in lane
    /// `i`: `set(n, x)` makes x of entry n, in row-major order. Cheaper than
    /// [`constant`](Self::constant) where few entries are not 0.
    fn sparse_constant(
        &mut self,
        rows: usize,
        columns: usize,
        lane: &dyn Fn(usize, SetEntry<'_>),
    ) -> Var;
    /// A function of one number, applied to each entry.
    fn unary(&mut self, a: Var, function: Unary) -> Var;
    /// A function of two numbers, applied to each pair of entries, with broadcasting.
    fn binary(&mut self, a: Var, b: Var, function: Binary) -> Var;
    /// See [`Tape::matmul`].
    fn matmul(&mut self, a: Var, b: Var) -> Var;
    /// See [`Tape::affine`].
    fn affine(&mut self, x: Var, w: Var, b: Var) -> Var;
    /// See [`Tape::transpose`].
    fn transpose(&mut self, a: Var) -> Var;
    /// See [`Tape::sum`].
    fn sum(&mut self, a: Var) -> Var;
    /// See [`Tape::dot`].
    fn dot(&mut self, a: Var, b: Var) -> Var;
    /// See [`Tape::log_softmax`].
    fn log_softmax(&mut self, a: Var) -> Var;
    /// See [`Tape::select`].
    fn select(&mut self, condition: Var, a: Var, b: Var) -> Var;
    /// See [`Tape::sum_axis`].
    fn sum_axis(&mut self, a: Var, axis: Axis) -> Var;
    /// See [`Tape::mean_axis`].
    fn mean_axis(&mut self, a: Var, axis: Axis) -> Var;
    /// See [`Tape::max_axis`].
    fn max_axis(&mut self, a: Var, axis: Axis) -> Var;
    /// See [`Tape::log_sum_exp`].
    fn log_sum_exp(&mut self, a: Var, axis: Axis) -> Var;
    /// See [`Tape::norm`].
    fn norm(&mut self, a: Var) -> Var;
    /// See [`Tape::reshape`].
    fn reshape(&mut self, a: Var, rows: usize, columns: usize) -> Var;
    /// See [`Tape::slice`].
    fn slice(&mut self, a: Var, rows: Range<usize>, columns: Range<usize>) -> Var;
    /// See [`Tape::concat`].
    fn concat(&mut self, parts: &[Var], axis: Axis) -> Var;
    /// See [`Tape::take_rows`].
    fn take_rows(&mut self, a: Var, indices: &[usize]) -> Var;
    /// See [`Tape::pick`].
    fn pick(&mut self, a: Var, columns: &[usize]) -> Var;
    /// See [`Tape::stop_gradient`].
    fn stop_gradient(&mut self, a: Var) -> Var;
}

impl<S: Scalar> Recorder for Tape<S> {
    fn lanes(&self) -> usize {
        S::LANES
    }

    fn shape(&self, v: Var) -> (usize, usize) {
        Tape::shape(self, v)
    }

    fn constant(
        &mut self,
        rows: usize,
        columns: usize,
        entry: &dyn Fn(usize, usize, usize) -> f64,
    ) -> Var {
        self.constant_from(rows, columns, entry)
    }

    fn sparse_constant(
        &mut self,
        rows: usize,
        columns: usize,
        lane: &dyn Fn(usize, SetEntry<'_>),
    ) -> Var {
        self.constant_with(rows, columns, |entries| {
            entries.fill(S::zero());
            for i in 0..S::LANES {
                lane(i, &mut |n, x| entries[n].set_lane(i, x));
            }
        })
    }

    fn unary(&mut self, a: Var, function: Unary) -> Var {
        Tape::unary(self, a, function)
    }

    fn binary(&mut self, a: Var, b: Var, function: Binary) -> Var {
        Tape::binary(self, a, b, function)
    }

    fn matmul(&mut self, a: Var, b: Var) -> Var {
        Tape::matmul(self, a, b)
    }

    fn affine(&mut self, x: Var, w: Var, b: Var) -> Var {
        Tape::affine(self, x, w, b)
    }

    fn transpose(&mut self, a: Var) -> Var {
        Tape::transpose(self, a)
    }

    fn sum(&mut self, a: Var) -> Var {
        Tape::sum(self, a)
    }

    fn dot(&mut self, a: Var, b: Var) -> Var {
        Tape::dot(self, a, b)
    }

    fn log_softmax(&mut self, a: Var) -> Var {
        Tape::log_softmax(self, a)
    }

    fn select(&mut self, condition: Var, a: Var, b: Var) -> Var {
        Tape::select(self, condition, a, b)
    }

    fn sum_axis(&mut self, a: Var, axis: Axis) -> Var {
        Tape::sum_axis(self, a, axis)
    }

    fn mean_axis(&mut self, a: Var, axis: Axis) -> Var {
        Tape::mean_axis(self, a, axis)
    }

    fn max_axis(&mut self, a: Var, axis: Axis) -> Var {
        Tape::max_axis(self, a, axis)
    }

    fn log_sum_exp(&mut self, a: Var, axis: Axis) -> Var {
        Tape::log_sum_exp(self, a, axis)
    }

    fn norm(&mut self, a: Var) -> Var {
        Tape::norm(self, a)
    }

    fn reshape(&mut self, a: Var, rows: usize, columns: usize) -> Var {
        Tape::reshape(self, a, rows, columns)
    }

    fn slice(&mut self, a: Var, rows: Range<usize>, columns: Range<usize>) -> Var {
        Tape::slice(self, a, rows, columns)
    }

    fn concat(&mut self, parts: &[Var], axis: Axis) -> Var {
        Tape::concat(self, parts, axis)
    }

    fn take_rows(&mut self, a: Var, indices: &[usize]) -> Var {
        Tape::take_rows(self, a, indices)
    }

    fn pick(&mut self, a: Var, columns: &[usize]) -> Var {
        Tape::pick(self, a, columns)
    }

    fn stop_gradient(&mut self, a: Var) -> Var {
        Tape::stop_gradient(self, a)
    }
}

elementwise_table! {
    elementwise_methods,
    /// Element-wise operations.
    impl dyn Recorder + '_
}
