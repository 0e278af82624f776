//! This module finds the nodes that move with a variable. The others have no tangent, and a sweep
//! of tangents skips them.

use std::ops::Range;

use crate::number::Number;
use crate::op::Op;
use crate::tape::Tape;

impl<S: Number> Tape<S> {
    /// Marks the nodes that depend on the values at these offsets.
    pub(crate) fn mark_moving(&mut self, moving: Range<usize>) {
        self.moves.clear();
        for (node, op) in self.places.iter().zip(&self.ops) {
            let range = node.range();
            let moves = node.active
                && match op {
                    Op::Leaf | Op::Window(_) => {
                        range.start < moving.end && moving.start < range.end
                    }
                    op => op.any_input(&self.custom, &self.runs, |id| self.moves[id as usize]),
                };
            self.moves.push(moves);
        }
    }
}
