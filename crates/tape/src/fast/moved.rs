//! A direction that is read where it lies, outside of the tape.

use std::ops::Range;

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
