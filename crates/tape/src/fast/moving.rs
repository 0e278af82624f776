//! This module finds the nodes that move with a variable. The others have no tangent, and a sweep
//! of tangents skips them.

use std::ops::Range;

use crate::number::Number;
use crate::op::Op;
use crate::tape::Tape;

impl<S: Number> Tape<S> {
    /// Marks the nodes that depend on the values at these offsets.
    pub(crate) fn mark_moving(&mut self, moving: Range<usize>) {
        let mut moves = std::mem::take(&mut self.moves);
        self.find_moving(moving, &mut moves);
        self.moves = moves;
    }

    /// Writes for each node whether it depends on the values at these offsets.
    pub(crate) fn find_moving(&self, moving: Range<usize>, found: &mut Vec<bool>) {
        found.clear();
        for (node, op) in self.places.iter().zip(&self.ops) {
            let range = node.range();
            let mut moves = false;
            match op {
                Op::Leaf | Op::Window(_) => {
                    moves = range.start < moving.end && moving.start < range.end;
                }
                op => op.each_input(&self.custom, &self.runs, |id| {
                    moves |= found[id as usize];
                }),
            }
            let moves = node.active && moves;
            found.push(moves);
        }
    }
}
