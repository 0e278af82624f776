//! A Hessian-vector product in one call, which keeps and moves less than the two sweeps do.

use std::ops::Range;

use super::arena::grow;
use super::compiled::Sweep;
use super::moved::Moved;
use crate::op::Op;
use crate::{Scalar, Tape, Var};

impl<S: Scalar> Tape<S> {
    /// The sweeps of [`forward_tangents`](Tape::forward_tangents) and
    /// [`backward_tangents`](Tape::backward_tangents) in one, for a variable that is a whole leaf:
    /// the Hessian of `output` times `direction`, which is read where it lies. The tangents of the
    /// values are not kept.
    ///
    /// # Panics
    /// If `direction` does not fit `variable`, `variable` is not a leaf of its own, or the last
    /// backward sweep did not start from `output`.
    pub fn hessian_vector(&mut self, variable: Var, direction: &[S], output: Var) -> &[S] {
        self.hessian_vector_within(variable, direction, 0..direction.len(), output)
    }

    /// The same for a `direction` that is 0 outside of `moving`. What does not depend on these
    /// entries has no tangent, and costs less.
    ///
    /// # Panics
    /// Like [`hessian_vector`](Tape::hessian_vector), and if `moving` is not within `direction`.
    pub fn hessian_vector_within(
        &mut self,
        variable: Var,
        direction: &[S],
        moving: Range<usize>,
        output: Var,
    ) -> &[S] {
        let leaf = self.movable(variable, direction);
        let op = self.op(variable);
        assert!(matches!(op, Op::Leaf), "{op:?} is a part of a leaf");
        assert!(moving.end <= direction.len(), "{moving:?} of {} entries", direction.len());
        let moved = Moved { start: leaf.start, direction };
        grow(&mut self.tangents, self.values.used());
        self.mark_moving(leaf.start + moving.start..leaf.start + moving.end);
        S::sweep(self, Sweep::Tangents(moved));
        self.swept.forward_tangents = false;
        self.reverse_tangents(output, moved);
        self.adjoint_tangent(variable)
    }
}
