//! The operations a tape can record.

use std::ops::Range;

use crate::rules::elementwise as rule;
use crate::rules::{Affine, Apply, Dot, LogSoftmax, Map, MatMul, Select, Sum, Transpose, Zip};

/// One operation and the nodes it reads. Its rules, forward and back, are in [`crate::rules`].
#[derive(Clone, Copy, Debug)]
pub(crate) enum Op {
    /// Given from outside: a variable or a constant.
    Leaf,
    /// A window on an earlier leaf; shares its storage, so there is nothing to compute.
    Window(u32),
    Add(u32, u32),
    Sub(u32, u32),
    Mul(u32, u32),
    Div(u32, u32),
    Max(u32, u32),
    Neg(u32),
    Scale(u32, f64),
    PowI(u32, i32),
    Exp(u32),
    Ln(u32),
    Sqrt(u32),
    Sin(u32),
    Cos(u32),
    Tanh(u32),
    Sigmoid(u32),
    Softplus(u32),
    Relu(u32),
    LeakyRelu(u32, f64),
    Abs(u32),
    Select(u32, u32, u32),
    MatMul(u32, u32),
    Affine(u32, u32, u32),
    Transpose(u32),
    Sum(u32),
    Dot(u32, u32),
    LogSoftmax(u32),
    /// x² with the derivative 3x: a mistake the checker must find.
    #[cfg(test)]
    WrongFirst(u32),
    /// x² whose derivative 2x forgets to move with x: right once, wrong twice.
    #[cfg(test)]
    WrongSecond(u32),
}

impl Op {
    /// Hands the rule of this operation to `sweep`.
    pub fn run(self, sweep: impl Apply) {
        match self {
            Op::Leaf | Op::Window(_) => {}
            Op::Add(a, b) => sweep.apply(Zip(a, b, rule::Add)),
            Op::Sub(a, b) => sweep.apply(Zip(a, b, rule::Sub)),
            Op::Mul(a, b) => sweep.apply(Zip(a, b, rule::Mul)),
            Op::Div(a, b) => sweep.apply(Zip(a, b, rule::Div)),
            Op::Max(a, b) => sweep.apply(Zip(a, b, rule::Max)),
            Op::Neg(a) => sweep.apply(Map(a, rule::Neg)),
            Op::Scale(a, factor) => sweep.apply(Map(a, rule::Scale(factor))),
            Op::PowI(a, n) => sweep.apply(Map(a, rule::PowI(n))),
            Op::Exp(a) => sweep.apply(Map(a, rule::Exp)),
            Op::Ln(a) => sweep.apply(Map(a, rule::Ln)),
            Op::Sqrt(a) => sweep.apply(Map(a, rule::Sqrt)),
            Op::Sin(a) => sweep.apply(Map(a, rule::Sin)),
            Op::Cos(a) => sweep.apply(Map(a, rule::Cos)),
            Op::Tanh(a) => sweep.apply(Map(a, rule::Tanh)),
            Op::Sigmoid(a) => sweep.apply(Map(a, rule::Sigmoid)),
            Op::Softplus(a) => sweep.apply(Map(a, rule::Softplus)),
            Op::Relu(a) => sweep.apply(Map(a, rule::Relu)),
            Op::LeakyRelu(a, slope) => sweep.apply(Map(a, rule::LeakyRelu(slope))),
            Op::Abs(a) => sweep.apply(Map(a, rule::Abs)),
            Op::Select(condition, a, b) => sweep.apply(Select(condition, a, b)),
            Op::MatMul(a, b) => sweep.apply(MatMul(a, b)),
            Op::Affine(x, w, b) => sweep.apply(Affine(x, w, b)),
            Op::Transpose(a) => sweep.apply(Transpose(a)),
            Op::Sum(a) => sweep.apply(Sum(a)),
            Op::Dot(a, b) => sweep.apply(Dot(a, b)),
            Op::LogSoftmax(a) => sweep.apply(LogSoftmax(a)),
            #[cfg(test)]
            Op::WrongFirst(a) => sweep.apply(Map(a, rule::WrongFirst)),
            #[cfg(test)]
            Op::WrongSecond(a) => sweep.apply(Map(a, rule::WrongSecond)),
        }
    }
}

/// One entry of the tape: what was done, and where the result lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub op: Op,
    pub rows: u32,
    pub columns: u32,
    /// Offset of the first entry, among the values if active, among the constants if not.
    pub start: usize,
    /// Whether the value depends on a variable.
    pub active: bool,
    /// How later operations read a leaf; of no meaning for other nodes.
    pub reads: Reads,
}

/// How operations read a leaf, which decides who answers for the zeros of its adjoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    /// Not at all yet.
    Never,
    /// As a whole.
    Whole,
    /// Through windows that lie side by side and cover the entries before this one.
    Tiled(usize),
    /// Through windows with gaps or overlaps, or both through windows and as a whole.
    Mixed,
}

impl Reads {
    pub fn whole(self) -> Reads {
        match self {
            Reads::Never | Reads::Whole => Reads::Whole,
            Reads::Tiled(_) | Reads::Mixed => Reads::Mixed,
        }
    }

    pub fn window(self, start: usize, end: usize) -> Reads {
        match self {
            Reads::Never if start == 0 => Reads::Tiled(end),
            Reads::Tiled(covered) if start == covered => Reads::Tiled(end),
            _ => Reads::Mixed,
        }
    }
}

impl Node {
    pub fn shape(&self) -> (usize, usize) {
        (self.rows as usize, self.columns as usize)
    }

    pub fn range(&self) -> Range<usize> {
        self.start..self.start + self.rows as usize * self.columns as usize
    }
}
