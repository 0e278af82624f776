//! Element-wise operations over whole nodes, with broadcasting.

use super::Rule;
use super::elementwise::{Binary, Unary};
use crate::sweep::{Adjoints, Mode, Output, Values, View};
use crate::{Scalar, vectorized};

/// y = f(x), element by element.
pub(crate) struct Map<U>(pub u32, pub U);

impl<U: Unary> Rule for Map<U> {
    fn forward<S: Scalar, M: Mode<S>>(&self, values: Values<'_, S, M>, out: &mut [S]) {
        let x = values.view(self.0).slice(0, out.len());
        vectorized(
            #[inline(always)]
            || {
                for (i, entry) in out.iter_mut().enumerate() {
                    M::set(entry, self.1.value(M::get(&x, i)));
                }
            },
        );
    }

    fn reverse<S: Scalar, M: Mode<S>>(
        &self,
        values: Values<'_, S, M>,
        output: Output<'_, S>,
        adjoints: &mut Adjoints<'_, S>,
    ) {
        let Some(into) = adjoints.of(self.0) else { return };
        let x = values.view(self.0).slice(0, into.len());
        let y = output.value.slice(0, into.len());
        let t = output.adjoint.slice(0, into.len());
        vectorized(
            #[inline(always)]
            || {
                for (i, entry) in into.iter_mut().enumerate() {
                    let (x, y, t) = (M::get(&x, i), M::get(&y, i), M::get(&t, i));
                    M::add(entry, self.1.chain(x, y, t));
                }
            },
        );
    }
}

/// y = f(a, b), element by element; an operand with one row or one column is repeated.
pub(crate) struct Zip<B>(pub u32, pub u32, pub B);

impl<B: Binary> Rule for Zip<B> {
    fn forward<S: Scalar, M: Mode<S>>(&self, values: Values<'_, S, M>, out: &mut [S]) {
        let walk = Walk::new(&values, self.0, self.1, out.len());
        let (a, b) = (values.view(self.0), values.view(self.1));
        vectorized(
            #[inline(always)]
            || {
                for (row, out) in out.chunks_exact_mut(walk.columns).enumerate() {
                    let (a, b) = (walk.a.row(&a, row), walk.b.row(&b, row));
                    walk.each(
                        #[inline(always)]
                        |i, at_a, at_b| {
                            M::set(&mut out[i], self.2.value(M::get(&a, at_a), M::get(&b, at_b)));
                        },
                    );
                }
            },
        );
    }

    fn reverse<S: Scalar, M: Mode<S>>(
        &self,
        values: Values<'_, S, M>,
        output: Output<'_, S>,
        adjoints: &mut Adjoints<'_, S>,
    ) {
        let walk = Walk::new(&values, self.0, self.1, output.value.primal.len());
        let (a, b) = (values.view(self.0), values.view(self.1));
        if let Some(into) = adjoints.of(self.0) {
            walk.back::<S, M>(
                (a, b),
                output,
                (walk.a, into),
                #[inline(always)]
                |a, b, y, t| self.2.chain_left(a, b, y, t),
            );
        }
        if let Some(into) = adjoints.of(self.1) {
            walk.back::<S, M>(
                (a, b),
                output,
                (walk.b, into),
                #[inline(always)]
                |a, b, y, t| self.2.chain_right(a, b, y, t),
            );
        }
    }
}

/// y = a where the condition is positive, else b. No derivative flows to the condition.
pub(crate) struct Select(pub u32, pub u32, pub u32);

impl Rule for Select {
    fn forward<S: Scalar, M: Mode<S>>(&self, values: Values<'_, S, M>, out: &mut [S]) {
        let (condition, a, b) = (values.view(self.0), values.view(self.1), values.view(self.2));
        for (i, entry) in out.iter_mut().enumerate() {
            let condition = M::get(&condition, i);
            M::set(entry, condition.where_positive(M::get(&a, i), M::get(&b, i)));
        }
    }

    fn reverse<S: Scalar, M: Mode<S>>(
        &self,
        values: Values<'_, S, M>,
        output: Output<'_, S>,
        adjoints: &mut Adjoints<'_, S>,
    ) {
        let condition = values.view(self.0);
        let zero = M::T::zero();
        if let Some(into) = adjoints.of(self.1) {
            for (i, entry) in into.iter_mut().enumerate() {
                let t = M::get(&output.adjoint, i);
                M::add(entry, M::get(&condition, i).where_positive(t, zero));
            }
        }
        if let Some(into) = adjoints.of(self.2) {
            for (i, entry) in into.iter_mut().enumerate() {
                let t = M::get(&output.adjoint, i);
                M::add(entry, M::get(&condition, i).where_positive(zero, t));
            }
        }
    }
}

/// How the rows of an output line up with the rows of one operand.
#[derive(Clone, Copy)]
struct Line {
    /// Entries from one row to the next; 0 repeats a single row.
    stride: usize,
    /// Entries in a row; 1 repeats a single column.
    length: usize,
    /// All ones, or all zeros to stay on a single column: `i & mask` is the operand's column.
    mask: usize,
}

impl Line {
    fn new((rows, columns): (usize, usize), out: (usize, usize)) -> Self {
        Line {
            stride: if rows == out.0 { columns } else { 0 },
            length: columns,
            mask: if columns == out.1 { usize::MAX } else { 0 },
        }
    }

    #[inline(always)]
    fn row<'a, S>(&self, view: &View<'a, S>, row: usize) -> View<'a, S> {
        view.slice(row * self.stride, self.length)
    }
}

/// A joint walk through a broadcast output and its two operands.
struct Walk {
    columns: usize,
    a: Line,
    b: Line,
}

impl Walk {
    fn new<S: Scalar, M: Mode<S>>(values: &Values<'_, S, M>, a: u32, b: u32, len: usize) -> Self {
        let (a, b) = (values.shape(a), values.shape(b));
        if a == b {
            // One long row: nothing is repeated.
            let all = Line { stride: len, length: len, mask: usize::MAX };
            return Walk { columns: len.max(1), a: all, b: all };
        }
        let out = (a.0.max(b.0), a.1.max(b.1));
        Walk { columns: out.1.max(1), a: Line::new(a, out), b: Line::new(b, out) }
    }

    /// Calls `entry(i, at_a, at_b)` along one row.
    #[inline(always)]
    fn each(&self, mut entry: impl FnMut(usize, usize, usize)) {
        if self.a.mask & self.b.mask == usize::MAX {
            for i in 0..self.columns {
                entry(i, i, i);
            }
        } else {
            for i in 0..self.columns {
                entry(i, i & self.a.mask, i & self.b.mask);
            }
        }
    }

    /// Adds `chain(a, b, y, t)` to the adjoint of the operand that `line` describes.
    #[inline(always)]
    fn back<S: Scalar, M: Mode<S>>(
        &self,
        (a, b): (View<'_, S>, View<'_, S>),
        output: Output<'_, S>,
        (line, into): (Line, &mut [S]),
        chain: impl Fn(M::T, M::T, M::T, M::T) -> M::T,
    ) {
        let rows = output.value.primal.len() / self.columns;
        vectorized(
            #[inline(always)]
            || {
                for row in 0..rows {
                    let (a, b) = (self.a.row(&a, row), self.b.row(&b, row));
                    let y = output.value.slice(row * self.columns, self.columns);
                    let t = output.adjoint.slice(row * self.columns, self.columns);
                    let into = &mut into[row * line.stride..][..line.length];
                    self.each(
                        #[inline(always)]
                        |i, at_a, at_b| {
                            let (a, b) = (M::get(&a, at_a), M::get(&b, at_b));
                            let (y, t) = (M::get(&y, i), M::get(&t, i));
                            M::add(&mut into[i & line.mask], chain(a, b, y, t));
                        },
                    );
                }
            },
        );
    }
}
