//! Element-wise functions of two numbers over whole nodes, with broadcasting.

use super::elementwise::BinaryRule;
use super::rule::Rule;
use crate::mode::{Adjoints, Mode, Output, Target, Values, View};
use crate::{Scalar, vectorized};

/// y = f(a, b), element by element; an operand with one row or one column is repeated. The rule
/// runs on flat numbers, so that it is compiled once for all numbers of lanes.
pub(crate) struct Zip<B>(pub u32, pub u32, pub B);

impl<B: BinaryRule> Rule for Zip<B> {
    fn forward<S: Scalar, M: Mode>(&self, values: Values<'_, S, M>, target: Target<'_, S>) {
        self.forward_flat::<S::Flat, M>(values.flat(), target.flat());
    }

    fn reverse<S: Scalar, M: Mode>(
        &self,
        values: Values<'_, S, M>,
        output: Output<'_, S>,
        adjoints: &mut Adjoints<'_, S>,
    ) {
        let (values, output, mut adjoints) = (values.flat(), output.flat(), adjoints.flat());
        self.back::<S::Flat, M, true>(values, output, &mut adjoints);
        self.back::<S::Flat, M, false>(values, output, &mut adjoints);
    }
}

impl<B: BinaryRule> Zip<B> {
    fn forward_flat<F: Scalar, M: Mode>(&self, values: Values<'_, F, M>, target: Target<'_, F>) {
        let walk = Walk::new(&values, self.0, self.1, target.out.len());
        let operands = (values.view(self.0), values.view(self.1));
        walk.forward::<F, M>(operands, target.out, self.2);
    }

    /// The adjoint of the left operand or of the right one.
    fn back<F: Scalar, M: Mode, const LEFT: bool>(
        &self,
        values: Values<'_, F, M>,
        output: Output<'_, F>,
        adjoints: &mut Adjoints<'_, F>,
    ) {
        let walk = Walk::new(&values, self.0, self.1, output.value.primal.len());
        let (id, line) = if LEFT { (self.0, &walk.a) } else { (self.1, &walk.b) };
        let into = if line.repeated {
            adjoints.of(id).map(|into| (into, true)) // it collects from every repetition
        } else {
            adjoints.slot(id)
        };
        let Some((into, accumulate)) = into else { return };
        let operands = (values.view(self.0), values.view(self.1));
        walk.back::<F, M, B, LEFT>(Back { operands, output, into, accumulate }, self.2);
    }
}

/// How the rows of an output line up with the rows of one operand, in flat numbers.
#[derive(Clone, Copy)]
struct Line {
    /// Numbers from one row to the next; 0 repeats a single row.
    stride: usize,
    /// Numbers in a row.
    length: usize,
    /// All ones, or all zeros to stay on a single column: `i & mask` is the operand's column.
    mask: usize,
    /// Whether a row or a column is repeated.
    repeated: bool,
}

impl Line {
    fn new((rows, columns): (usize, usize), out: (usize, usize), width: usize) -> Self {
        Line {
            stride: if rows == out.0 { columns * width } else { 0 },
            length: columns * width,
            mask: if columns == out.1 { usize::MAX } else { 0 },
            repeated: (rows, columns) != out,
        }
    }

    #[inline(always)]
    fn row<'a, S: Scalar>(&self, view: &View<'a, S>, row: usize) -> View<'a, S> {
        view.slice(row * self.stride, self.length)
    }
}

/// A joint walk through a broadcast output and its two operands.
struct Walk {
    /// Flat numbers in a row of the output.
    length: usize,
    /// Flat numbers in one entry.
    width: usize,
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
    /// `length` is that of the output.
    fn new<S: Scalar, M: Mode>(values: &Values<'_, S, M>, a: u32, b: u32, length: usize) -> Self {
        let (a, b, width) = (values.shape(a), values.shape(b), values.width);
        if a == b {
            let all = Line::new((1, length), (1, length), 1); // one long row
            return Walk { length: length.max(1), width, a: all, b: all };
        }
        let out = (a.0.max(b.0), a.1.max(b.1));
        let (a, b) = (Line::new(a, out, width), Line::new(b, out, width));
        Walk { length: (out.1 * width).max(1), width, a, b }
    }

    /// Calls `number(i, at_a, at_b)` along one row.
    #[inline(always)]
    fn each(&self, mut number: impl FnMut(usize, usize, usize)) {
        if self.a.mask & self.b.mask == usize::MAX {
            for i in 0..self.length {
                number(i, i, i);
            }
        } else {
            for start in (0..self.length).step_by(self.width) {
                for lane in 0..self.width {
                    let i = start + lane;
                    number(i, (start & self.a.mask) + lane, (start & self.b.mask) + lane);
                }
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
                for (row, out) in out.chunks_exact_mut(self.length).enumerate() {
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
        let rows = output.value.primal.len() / self.length;
        vectorized(
            #[inline(always)]
            move || {
                for row in 0..rows {
                    let (a, b) = (self.a.row(&a, row), self.b.row(&b, row));
                    let y = output.value.slice(row * self.length, self.length);
                    let t = output.adjoint.slice(row * self.length, self.length);
                    let into = &mut into[row * line.stride..][..line.length];
                    self.each(
                        #[inline(always)]
                        |i, at_a, at_b| {
                            let (a, b) = (M::get(&a, at_a), M::get(&b, at_b));
                            let (y, t) = (M::get(&y, i), M::get(&t, i));
                            let (term, at) = if LEFT {
                                (rule.chain_left(a, b, y, t), at_a)
                            } else {
                                (rule.chain_right(a, b, y, t), at_b)
                            };
                            M::put(&mut into[at], term, accumulate);
                        },
                    );
                }
            },
        );
    }
}
