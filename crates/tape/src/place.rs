//! Where the result of an operation lies on the tape.

use std::ops::Range;

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

/// How operations read a leaf, which decides who answers for the zeros of its adjoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    /// Not at all yet.
    Never,
    /// As a whole.
    Whole,
    /// Through windows that lie side by side and cover the entries before this one.
    Tiled(usize),
    /// Through windows with gaps or overlaps, or both through windows and as a whole.
    Mixed,
}

impl Reads {
    pub fn whole(self) -> Reads {
        match self {
            Reads::Never | Reads::Whole => Reads::Whole,
            Reads::Tiled(_) | Reads::Mixed => Reads::Mixed,
        }
    }

    pub fn window(self, start: usize, end: usize) -> Reads {
        match self {
            Reads::Never if start == 0 => Reads::Tiled(end),
            Reads::Tiled(covered) if start == covered => Reads::Tiled(end),
            _ => Reads::Mixed,
        }
    }
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

/// A leaf whose tangent lies outside the tape, in the direction that it is moved along.
#[derive(Clone, Copy)]
pub struct Moved<'a, S> {
    /// Offset of the leaf among the values.
    pub(crate) start: usize,
    pub(crate) direction: &'a [S],
}

impl<'a, S> Moved<'a, S> {
    /// All tangents are on the tape.
    pub(crate) fn nothing() -> Self {
        Moved { start: 0, direction: &[] }
    }

    /// The tangent of the leaf, or of a window on it.
    pub(crate) fn part(&self, range: &Range<usize>) -> Option<&'a [S]> {
        self.direction.get(range.start.checked_sub(self.start)?..range.end - self.start)
    }
}
