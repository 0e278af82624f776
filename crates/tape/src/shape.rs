//! Recording: other shapes, parts, and several nodes as one.

use std::ops::Range;

use crate::axis::Axis;
use crate::op::Op;
use crate::place::Run;
use crate::{Scalar, Tape, Var};

/// Other shapes and parts of any node. All of them copy entries and none computes, so values and
/// derivatives are exact.
///
/// ```
/// use tape::{Axis, Tape};
/// let mut tape = Tape::<f64>::new();
/// let x = tape.variable(2, 3, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
/// let squares = tape.powi(x, 2); // 1 4 9 | 16 25 36
/// let right = tape.slice(squares, 0..2, 1..3);
/// assert_eq!(tape.value(right), [4.0, 9.0, 25.0, 36.0]);
/// let labels = tape.pick(squares, &[2, 0]);
/// assert_eq!(tape.value(labels), [9.0, 16.0]);
/// let both = tape.concat(&[right, labels], Axis::Columns);
/// assert_eq!(tape.value(both), [4.0, 9.0, 9.0, 25.0, 36.0, 16.0]);
/// let y = tape.sum(both);
/// tape.backward(y);
/// assert_eq!(tape.adjoint(x), [0.0, 4.0, 12.0, 8.0, 10.0, 12.0]); // 6 was read twice, as 9 is
/// ```
impl<S: Scalar> Tape<S> {
    /// The entries of a in the same row-major order, as a `(rows, columns)` matrix.
    ///
    /// # Panics
    /// If a does not have `rows * columns` entries.
    pub fn reshape(&mut self, a: Var, rows: usize, columns: usize) -> Var {
        let (from, to) = (self.shape(a), (rows, columns));
        let entries = from.0 * from.1;
        assert_eq!(Some(entries), rows.checked_mul(columns), "reshape of {from:?} to {to:?}");
        self.gather(to, &[a], |tape| tape.read(a, 0..entries))
    }

    /// The block of some rows and some columns of a: entry (r, c) is entry
    /// (rows.start + r, columns.start + c) of a.
    ///
    /// # Panics
    /// If the block reaches beyond a.
    pub fn slice(&mut self, a: Var, rows: Range<usize>, columns: Range<usize>) -> Var {
        let shape = self.shape(a);
        let within = |range: &Range<usize>, end| range.start <= range.end && range.end <= end;
        assert!(
            within(&rows, shape.0) && within(&columns, shape.1),
            "a slice of rows {rows:?} and columns {columns:?} of {shape:?}"
        );
        self.gather((rows.len(), columns.len()), &[a], |tape| {
            if columns.len() == shape.1 {
                tape.read(a, rows.start * shape.1..rows.end * shape.1);
            } else {
                rows.map(|r| r * shape.1)
                    .for_each(|r| tape.read(a, r + columns.start..r + columns.end));
            }
        })
    }

    /// The matrices one below the other, `(m₁ + m₂ + …, n)`, along [`Axis::Rows`], and side by
    /// side, `(m, n₁ + n₂ + …)`, along [`Axis::Columns`].
    ///
    /// # Panics
    /// If there is no matrix, or the other sides of two of them differ.
    pub fn concat(&mut self, parts: &[Var], axis: Axis) -> Var {
        let first = self.shape(*parts.first().expect("concat of no matrices"));
        let shapes = parts.iter().map(|&part| self.shape(part));
        let (rows, columns) = shapes.skip(1).fold(first, |(rows, columns), (r, c)| {
            let fits = if axis == Axis::Rows { c == columns } else { r == rows };
            assert!(fits, "concat along {axis:?} of {:?} and {:?}", (rows, columns), (r, c));
            if axis == Axis::Rows { (rows + r, columns) } else { (rows, columns + c) }
        });
        // Along the rows each part is one run, along the columns one for each row.
        let steps = if axis == Axis::Rows { 1 } else { rows };
        self.gather((rows, columns), parts, |tape| {
            for (step, &part) in (0..steps).flat_map(|step| parts.iter().map(move |p| (step, p))) {
                let entries = tape.value(part).len() / steps;
                tape.read(part, step * entries..(step + 1) * entries);
            }
        })
    }

    /// The rows of a `(m, n)` at the given indices, in their order: `(indices.len(), n)`. A row may
    /// be taken several times. All lanes take the same rows.
    ///
    /// # Panics
    /// If an index is not below m.
    pub fn take_rows(&mut self, a: Var, indices: &[usize]) -> Var {
        let shape = self.shape(a);
        self.gather((indices.len(), shape.1), &[a], |tape| {
            for &r in indices {
                assert!(r < shape.0, "row {r} of {shape:?}");
                tape.read(a, r * shape.1..(r + 1) * shape.1);
            }
        })
    }

    /// One entry of each row of a `(m, n)`, by its column: `(m, 1)`. All lanes pick the same
    /// columns. For a label of each row, the log-probabilities of the labels are
    /// `pick(log_probabilities, labels)`.
    ///
    /// # Panics
    /// If there is not an index for each row, or one is not below n.
    pub fn pick(&mut self, a: Var, columns: &[usize]) -> Var {
        let shape = self.shape(a);
        assert_eq!(columns.len(), shape.0, "columns to pick from {shape:?}");
        self.gather((shape.0, 1), &[a], |tape| {
            for (r, &c) in columns.iter().enumerate() {
                assert!(c < shape.1, "column {c} of {shape:?}");
                tape.read(a, r * shape.1 + c..r * shape.1 + c + 1);
            }
        })
    }

    /// The value of a as a constant: no derivative, of any order, flows through it.
    ///
    /// The result of a function with a stopped gradient is not the integral of its derivative, so
    /// [`check`](crate::check::check) reports it as wrong.
    ///
    /// ```
    /// let mut tape = tape::Tape::<f64>::new();
    /// let x = tape.variable(1, 1, &[3.0]);
    /// let still = tape.stop_gradient(x);
    /// let y = tape.mul(still, x);
    /// tape.backward(y);
    /// assert_eq!((tape.value(y), tape.adjoint(x)), (&[9.0][..], &[3.0][..])); // not 6
    /// ```
    pub fn stop_gradient(&mut self, a: Var) -> Var {
        let op = Op::StopGradient(self.input(a));
        self.record(op, self.shape(a), false)
    }
}

/// Gathering, of which all of these are made.
impl<S: Scalar> Tape<S> {
    /// Records a `shape` matrix whose entries are those that `read` reads, one run after the other.
    pub(crate) fn gather(
        &mut self,
        shape: (usize, usize),
        operands: &[Var],
        read: impl FnOnce(&mut Self),
    ) -> Var {
        let active = operands.iter().any(|&v| self.is_active(v));
        let first = self.runs.len();
        read(self);
        let [first, count] = [first, self.runs.len() - first]
            .map(|n| u32::try_from(n).expect("fewer than 2³² runs of entries"));
        self.record(Op::Gather(first, count), shape, active)
    }

    /// Reads `entries` of v for the result that is gathered.
    pub(crate) fn read(&mut self, v: Var, entries: Range<usize>) {
        let (node, length) = (self.input(v), entries.len());
        self.runs.push(Run { node, start: entries.start, length });
    }
}
