//! From each operation to its rule.

use super::elementwise::{Binary, Unary, rule};
use super::gather::{Gather, Select, StopGradient, Transpose};
use super::map::Map;
use super::product::MatMul;
use super::reduce::{Largest, LogSumExp};
use super::rule::Apply;
use super::softmax::LogSoftmax;
use super::sums::{Dot, Sum};
use super::zip::Zip;
use crate::fast::affine::Affine;
use crate::op::Op;

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
            $method:ident $(($field:ident: $type:ty, $sample:expr))? $name:ident $line:tt
        )*}
        binary {$(
            $(#[$bdoc:meta])*
            $bmethod:ident $bname:ident $bline:tt
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
