//! Which nodes each operation reads.

use crate::custom::Custom;
use crate::op::Op;
use crate::place::Run;

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
