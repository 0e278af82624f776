//! The operations a tape can record.

use crate::axis::Axis;
use crate::custom::Custom;
use crate::place::Run;
use crate::rules::elementwise::{Binary, Unary};

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
    /// Calls `f` with each node that it reads, in the order of its operands. Those of an operation
    /// from outside are in `custom`, and those of a gathering in `runs`.
    pub fn each_input<S>(self, custom: &[Custom<S>], runs: &[Run], mut f: impl FnMut(u32)) {
        match self {
            Op::Leaf => {}
            Op::Window(a)
            | Op::Unary(a, _)
            | Op::Transpose(a)
            | Op::Sum(a)
            | Op::LogSoftmax(a)
            | Op::Largest(a, _)
            | Op::LogSumExp(a, _)
            | Op::StopGradient(a) => f(a),
            Op::Binary(a, b, _) | Op::MatMul(a, b) | Op::Dot(a, b) => {
                [a, b].into_iter().for_each(f)
            }
            Op::Select(a, b, c) | Op::Affine(a, b, c) => [a, b, c].into_iter().for_each(f),
            Op::Gather(first, count) => {
                runs[first as usize..][..count as usize].iter().for_each(|run| f(run.node));
            }
            Op::Custom(number) => custom[number as usize].inputs.iter().for_each(|&id| f(id)),
        }
    }
}
