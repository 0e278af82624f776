//! The operations a tape can record.

use crate::reduce::Axis;
use crate::rules::elementwise::rule;
use crate::rules::{Affine, Apply, Binary, Dot, LogSoftmax, MatMul, Select, Sum, Transpose, Unary};
use crate::rules::{Gather, Largest, LogSumExp, Map, StopGradient, Zip};

/// One operation and the nodes it reads. Its rules, forward and back, are in [`crate::rules`].
#[derive(Clone, Copy, Debug)]
pub(crate) enum Op {
    /// Given from outside: a variable or a constant.
    Leaf,
    /// A window on an earlier leaf; shares its storage, so there is nothing to compute.
    Window(u32),
    /// An element-wise function of one node.
    Unary(u32, Unary),
    /// An element-wise function of two.
    Binary(u32, u32, Binary),
    Select(u32, u32, u32),
    MatMul(u32, u32),
    Affine(u32, u32, u32),
    Transpose(u32),
    Sum(u32),
    Dot(u32, u32),
    LogSoftmax(u32),
    Largest(u32, Axis),
    LogSumExp(u32, Axis),
    /// Runs of entries of earlier nodes: the first of the recording's runs, and how many.
    Gather(u32, u32),
    /// The value as a constant.
    StopGradient(u32),
    /// The operation of this number among those from outside, which the tape runs itself.
    Custom(u32),
}

impl Op {
    /// Hands the rule of this operation to `sweep`.
    pub fn run(self, sweep: impl Apply) {
        match self {
            Op::Leaf | Op::Window(_) | Op::Custom(_) => {}
            Op::Unary(a, function) => unary(function, a, sweep),
            Op::Binary(a, b, function) => binary(function, a, b, sweep),
            Op::Select(condition, a, b) => sweep.apply(Select(condition, a, b)),
            Op::MatMul(a, b) => sweep.apply(MatMul(a, b)),
            Op::Affine(x, w, b) => sweep.apply(Affine(x, w, b)),
            Op::Transpose(a) => sweep.apply(Transpose(a)),
            Op::Sum(a) => sweep.apply(Sum(a)),
            Op::Dot(a, b) => sweep.apply(Dot(a, b)),
            Op::LogSoftmax(a) => sweep.apply(LogSoftmax(a)),
            Op::Largest(a, axis) => sweep.apply(Largest(a, axis)),
            Op::LogSumExp(a, axis) => sweep.apply(LogSumExp(a, axis)),
            Op::Gather(first, count) => sweep.apply(Gather { first, count }),
            Op::StopGradient(a) => sweep.apply(StopGradient(a)),
        }
    }
}

/// Makes the ways from the functions of the table to their rules.
macro_rules! dispatch {
    (
        []
        unary {$(
            $(#[$doc:meta])*
            $method:ident $(($field:ident: $type:ty, $sample:expr))? $name:ident,
            |$($argument:ident),*| $($part:expr),*;
        )*}
        binary {$(
            $(#[$bdoc:meta])*
            $bmethod:ident $bname:ident, |$($bargument:ident),*| $($bpart:expr),*;
        )*}
    ) => {
        #[inline(always)]
        fn unary(function: Unary, a: u32, sweep: impl Apply) {
            match function {
                $(Unary::$name $(($field))? => sweep.apply(Map(a, rule::$name $(($field))?)),)*
            }
        }

        #[inline(always)]
        fn binary(function: Binary, a: u32, b: u32, sweep: impl Apply) {
            match function {
                $(Binary::$bname => sweep.apply(Zip(a, b, rule::$bname)),)*
            }
        }
    };
}

elementwise_table!(dispatch);
