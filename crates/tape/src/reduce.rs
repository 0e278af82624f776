//! Recording: reductions along an axis.

use crate::axis::Axis;
use crate::op::Op;
use crate::{Scalar, Tape, Var};

/// Reductions. The result keeps both dimensions, so that it broadcasts against the operand.
///
/// ```
/// use tape::{Axis, Tape};
/// let mut tape = Tape::<f64>::new();
/// let x = tape.variable(2, 3, &[1.0, 2.0, 3.0, 4.0, 5.0, 9.0]);
/// let means = tape.mean_axis(x, Axis::Rows); // of each column
/// assert_eq!(tape.value(means), [2.5, 3.5, 6.0]);
/// let centered = tape.sub(x, means);
/// assert_eq!(tape.value(centered), [-1.5, -1.5, -3.0, 1.5, 1.5, 3.0]);
/// let largest = tape.max_axis(x, Axis::Columns); // of each row
/// assert_eq!(tape.value(largest), [3.0, 9.0]);
/// ```
impl<S: Scalar> Tape<S> {
    /// The sums along an axis: Σᵣ aᵣ꜀, `(1, n)`, along [`Axis::Rows`], and Σ꜀ aᵣ꜀, `(m, 1)`, along
    /// [`Axis::Columns`]. A sum of no entries is 0.
    pub fn sum_axis(&mut self, a: Var, axis: Axis) -> Var {
        let (rows, columns) = self.shape(a);
        match axis {
            Axis::Rows => {
                let ones = self.constant_from(1, rows, |_, _, _| 1.0);
                self.matmul(ones, a)
            }
            Axis::Columns => {
                let ones = self.constant_from(columns, 1, |_, _, _| 1.0);
                self.matmul(a, ones)
            }
        }
    }

    /// The means along an axis: the sums divided by the number of their entries.
    ///
    /// # Panics
    /// If there is no entry along the axis.
    pub fn mean_axis(&mut self, a: Var, axis: Axis) -> Var {
        let entries = self.entries_along(a, axis, "mean_axis");
        let sums = self.sum_axis(a, axis);
        self.scale(sums, 1.0 / entries as f64)
    }

    /// The largest entries along an axis. If n entries are the largest, the derivative by each of
    /// them is 1 / n.
    ///
    /// # Panics
    /// If there is no entry along the axis.
    pub fn max_axis(&mut self, a: Var, axis: Axis) -> Var {
        self.entries_along(a, axis, "max_axis");
        self.reduce(a, axis, Op::Largest)
    }

    /// The logarithms of the sums of exponentials along an axis: ln Σ e^a, which is accurate for
    /// entries of any size. The derivative by an entry x of the result y is e^(x − y), the softmax.
    ///
    /// The derivative is a NaN where the result is infinite.
    ///
    /// # Panics
    /// If there is no entry along the axis.
    pub fn log_sum_exp(&mut self, a: Var, axis: Axis) -> Var {
        self.entries_along(a, axis, "log_sum_exp");
        self.reduce(a, axis, Op::LogSumExp)
    }

    /// The Euclidean norm of all entries, √(Σ a²): `(1, 1)`. The norms of the rows are the
    /// [`sqrt`](Tape::sqrt) of the [`sum_axis`](Tape::sum_axis) of the squares.
    ///
    /// A norm has no derivative where all entries are 0, and the tape gives a NaN there. Add a
    /// small constant to the sum of the squares before the root if the entries may all be 0. The
    /// squares leave the range of `f64` for entries above 1e154, and vanish for entries below
    /// 1e-162.
    pub fn norm(&mut self, a: Var) -> Var {
        let squares = self.dot(a, a);
        self.sqrt(squares)
    }

    /// How many entries become one; there has to be one.
    fn entries_along(&self, a: Var, axis: Axis, operation: &str) -> usize {
        let shape = self.shape(a);
        let entries = if axis == Axis::Rows { shape.0 } else { shape.1 };
        assert!(entries > 0, "{operation} of {shape:?} along {axis:?}");
        entries
    }

    fn reduce(&mut self, a: Var, axis: Axis, op: fn(u32, Axis) -> Op) -> Var {
        let ((rows, columns), active) = (self.shape(a), self.is_active(a));
        let shape = if axis == Axis::Rows { (1, columns) } else { (rows, 1) };
        let op = op(self.input(a), axis);
        self.record(op, shape, active)
    }
}
