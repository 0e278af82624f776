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
            let mut moves = false;
            match op {
                Op::Leaf | Op::Window(_) => {
                    moves = range.start < moving.end && moving.start < range.end;
                }
                op => op.each_input(&self.custom, &self.runs, |id| {
                    moves |= self.moves[id as usize];
                }),
            }
            let moves = node.active && moves;
            self.moves.push(moves);
        }
    }
}
