//! Element-wise operations over whole nodes, with broadcasting.

use super::Rule;
use super::elementwise::{BinaryRule, UnaryRule};
use crate::mode::{Adjoints, Mode, Output, Target, Values, View};
use crate::number::Number;
use crate::{Scalar, vectorized};

/// y = f(x), element by element.
pub(crate) struct Map<U>(pub u32, pub U);

impl<U: UnaryRule> Rule for Map<U> {
    fn forward<S: Scalar, M: Mode>(&self, values: Values<'_, S, M>, target: Target<'_, S>) {
        let (x, y, out) = (values.view(self.0).flat(), S::flat(target.value), target.out);
        let out = S::flat_mut(out);
        map::<S::Flat, M>(self.1, x, y, out);
    }

    fn reverse<S: Scalar, M: Mode>(
        &self,
        values: Values<'_, S, M>,
        output: Output<'_, S>,
        adjoints: &mut Adjoints<'_, S>,
    ) {
        let Some((into, accumulate)) = adjoints.slot(self.0) else { return };
        let (into, output) = (S::flat_mut(into), output.flat());
        map_back::<S::Flat, M>(self.1, values.view(self.0).flat(), output, into, accumulate);
    }
}

// The loops over flat numbers are functions of their own, so that they are compiled once for all
// numbers of lanes.

/// Computes f(x), or its tangent, for each flat number.
fn map<F: Scalar, M: Mode>(rule: impl UnaryRule, x: View<'_, F>, y: &[F], out: &mut [F]) {
    let x = x.slice(0, out.len());
    let y = if M::TANGENTS { &y[..out.len()] } else { y };
    vectorized(
        #[inline(always)]
        move || {
            for (i, entry) in out.iter_mut().enumerate() {
                *entry = M::unary(rule, &x, y, i);
            }
        },
    );
}

/// Writes or adds the chain rule of each flat number to the adjoint.
fn map_back<F: Scalar, M: Mode>(
    rule: impl UnaryRule,
    x: View<'_, F>,
    output: Output<'_, F>,
    into: &mut [F],
    accumulate: bool,
) {
    let x = x.slice(0, into.len());
    let y = output.value.slice(0, into.len());
    let t = output.adjoint.slice(0, into.len());
    vectorized(
        #[inline(always)]
        move || {
            for (i, entry) in into.iter_mut().enumerate() {
                let (x, y, t) = (M::get(&x, i), M::get(&y, i), M::get(&t, i));
                M::put(entry, rule.chain(x, y, t), accumulate);
            }
        },
    );
}

/// y = f(a, b), element by element; an operand with one row or one column is repeated.
pub(crate) struct Zip<B>(pub u32, pub u32, pub B);

impl<B: BinaryRule> Rule for Zip<B> {
    fn forward<S: Scalar, M: Mode>(&self, values: Values<'_, S, M>, target: Target<'_, S>) {
        let out = target.out;
        let walk = Walk::new(&values, self.0, self.1, out.len());
        let (a, b) = (values.view(self.0), values.view(self.1));
        if walk.repeats_a_column() {
            walk.forward::<S, M>((a, b), out, self.2);
        } else {
            walk.flat::<S>().forward::<S::Flat, M>((a.flat(), b.flat()), S::flat_mut(out), self.2);
        }
    }

    fn reverse<S: Scalar, M: Mode>(
        &self,
        values: Values<'_, S, M>,
        output: Output<'_, S>,
        adjoints: &mut Adjoints<'_, S>,
    ) {
        let walk = Walk::new(&values, self.0, self.1, output.value.primal.len());
        self.back::<S, M, true>(&walk, values, output, adjoints);
        self.back::<S, M, false>(&walk, values, output, adjoints);
    }
}

impl<B: BinaryRule> Zip<B> {
    /// The adjoint of the left operand or of the right one.
    fn back<S: Scalar, M: Mode, const LEFT: bool>(
        &self,
        walk: &Walk,
        values: Values<'_, S, M>,
        output: Output<'_, S>,
        adjoints: &mut Adjoints<'_, S>,
    ) {
        let (id, line) = if LEFT { (self.0, &walk.a) } else { (self.1, &walk.b) };
        let into = if line.repeated {
            adjoints.of(id).map(|into| (into, true)) // it collects from every repetition
        } else {
            adjoints.slot(id)
        };
        let Some((into, accumulate)) = into else { return };
        let (a, b) = (values.view(self.0), values.view(self.1));
        if walk.repeats_a_column() {
            let back = Back { operands: (a, b), output, into, accumulate };
            walk.back::<S, M, B, LEFT>(back, self.2);
        } else {
            let operands = (a.flat(), b.flat());
            let (output, into) = (output.flat(), S::flat_mut(into));
            let back = Back { operands, output, into, accumulate };
            walk.flat::<S>().back::<S::Flat, M, B, LEFT>(back, self.2);
        }
    }
}

/// y = a where the condition is positive, else b. No derivative flows to the condition.
pub(crate) struct Select(pub u32, pub u32, pub u32);

impl Rule for Select {
    fn forward<S: Scalar, M: Mode>(&self, values: Values<'_, S, M>, target: Target<'_, S>) {
        let out = target.out;
        let (condition, a, b) = (values.view(self.0), values.view(self.1), values.view(self.2));
        for (i, entry) in out.iter_mut().enumerate() {
            let condition = M::get(&condition, i);
            M::set(entry, condition.where_positive(M::get(&a, i), M::get(&b, i)));
        }
    }

    fn reverse<S: Scalar, M: Mode>(
        &self,
        values: Values<'_, S, M>,
        output: Output<'_, S>,
        adjoints: &mut Adjoints<'_, S>,
    ) {
        let condition = values.view(self.0);
        let zero = M::T::<S>::zero();
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
    /// Whether a row or a column is repeated.
    repeated: bool,
}

impl Line {
    fn new((rows, columns): (usize, usize), out: (usize, usize)) -> Self {
        Line {
            stride: if rows == out.0 { columns } else { 0 },
            length: columns,
            mask: if columns == out.1 { usize::MAX } else { 0 },
            repeated: (rows, columns) != out,
        }
    }

    #[inline(always)]
    fn row<'a, S: Scalar>(&self, view: &View<'a, S>, row: usize) -> View<'a, S> {
        view.slice(row * self.stride, self.length)
    }

    /// The same line, where each entry has become `n`.
    fn times(self, n: usize) -> Self {
        Line { stride: self.stride * n, length: self.length * n, ..self }
    }
}

/// A joint walk through a broadcast output and its two operands.
struct Walk {
    columns: usize,
    a: Line,
    b: Line,
}

/// What a walk needs to go back to one operand.
struct Back<'a, S> {
    operands: (View<'a, S>, View<'a, S>),
    output: Output<'a, S>,
    into: &'a mut [S],
    accumulate: bool,
}

impl Walk {
    fn new<S: Scalar, M: Mode>(values: &Values<'_, S, M>, a: u32, b: u32, len: usize) -> Self {
        let (a, b) = (values.shape(a), values.shape(b));
        if a == b {
            let all = Line::new((1, len), (1, len)); // one long row
            return Walk { columns: len.max(1), a: all, b: all };
        }
        let out = (a.0.max(b.0), a.1.max(b.1));
        Walk { columns: out.1.max(1), a: Line::new(a, out), b: Line::new(b, out) }
    }

    fn repeats_a_column(&self) -> bool {
        self.a.mask & self.b.mask == 0
    }

    /// The walk over the entries of a tape of `S` as flat entries.
    fn flat<S: Scalar>(&self) -> Self {
        let n = S::LANES / S::Flat::LANES;
        Walk { columns: self.columns * n, a: self.a.times(n), b: self.b.times(n) }
    }

    /// Calls `entry(i, at_a, at_b)` along one row.
    #[inline(always)]
    fn each(&self, mut entry: impl FnMut(usize, usize, usize)) {
        if self.repeats_a_column() {
            for i in 0..self.columns {
                entry(i, i & self.a.mask, i & self.b.mask);
            }
        } else {
            for i in 0..self.columns {
                entry(i, i, i);
            }
        }
    }

    fn forward<S: Scalar, M: Mode>(
        &self,
        (a, b): (View<'_, S>, View<'_, S>),
        out: &mut [S],
        rule: impl BinaryRule,
    ) {
        vectorized(
            #[inline(always)]
            move || {
                for (row, out) in out.chunks_exact_mut(self.columns).enumerate() {
                    let (a, b) = (self.a.row(&a, row), self.b.row(&b, row));
                    self.each(
                        #[inline(always)]
                        |i, at_a, at_b| {
                            M::set(&mut out[i], rule.value(M::get(&a, at_a), M::get(&b, at_b)));
                        },
                    );
                }
            },
        );
    }

    /// Writes or adds the chain rule of one operand to its adjoint.
    fn back<S: Scalar, M: Mode, B: BinaryRule, const LEFT: bool>(
        &self,
        back: Back<'_, S>,
        rule: B,
    ) {
        let Back { operands: (a, b), output, into, accumulate } = back;
        let line = if LEFT { self.a } else { self.b };
        let rows = output.value.primal.len() / self.columns;
        vectorized(
            #[inline(always)]
            move || {
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
                            let term = if LEFT {
                                rule.chain_left(a, b, y, t)
                            } else {
                                rule.chain_right(a, b, y, t)
                            };
                            M::put(&mut into[i & line.mask], term, accumulate);
                        },
                    );
                }
            },
        );
    }
}
