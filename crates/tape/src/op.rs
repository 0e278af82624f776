//! The operations a tape can record.

use crate::axis::Axis;
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
