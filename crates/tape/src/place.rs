//! Where the result of an operation lies on the tape.

use std::ops::Range;

use crate::fast::reads::Reads;

/// The place of one entry of the tape: its shape, and where its numbers are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub rows: u32,
    pub columns: u32,
    /// Offset of the first entry, among the values if active, among the constants if not.
    pub start: usize,
    /// Whether the value depends on a variable.
    pub active: bool,
    /// How later operations read a leaf; of no meaning for other nodes.
    pub reads: Reads,
}

impl Place {
    pub fn shape(&self) -> (usize, usize) {
        (self.rows as usize, self.columns as usize)
    }

    pub fn range(&self) -> Range<usize> {
        self.start..self.start + self.rows as usize * self.columns as usize
    }
}

/// Consecutive entries of a node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub node: u32,
    pub start: usize,
    pub length: usize,
}
