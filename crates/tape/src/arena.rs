//! Where the entries of the nodes lie.

use std::ops::Range;

use aligned_vec::{AVec, ConstAlign};

use crate::Scalar;

/// Bytes in a cache line, and in the widest vector register there is.
const LINE: usize = 64;

/// Entries that start at a cache line: a register-wide access that straddles two lines costs two.
pub(crate) type Buffer<S> = AVec<S, ConstAlign<LINE>>;

/// An empty buffer.
pub(crate) fn buffer<S: Scalar>() -> Buffer<S> {
    AVec::new(LINE)
}

/// Makes `buffer` at least `len` long.
pub(crate) fn grow<S: Scalar>(buffer: &mut Buffer<S>, len: usize) {
    if buffer.len() < len {
        buffer.resize(len, S::zero());
    }
}

/// Entries of the nodes of one recording, each node at a cache line of its own. The buffer never
/// shrinks, so that the next recording finds room without clearing it first.
#[derive(Debug)]
pub(crate) struct Arena<S> {
    buffer: Buffer<S>,
    used: usize,
}

impl<S: Scalar> Arena<S> {
    pub fn new() -> Self {
        Arena { buffer: buffer(), used: 0 }
    }

    /// Forgets the nodes and keeps the buffer.
    pub fn clear(&mut self) {
        self.used = 0;
    }

    /// Room for `n` more entries, whose contents are stale; returns where they start.
    pub fn reserve(&mut self, n: usize) -> usize {
        let in_a_line = (LINE / size_of::<S>().max(1)).max(1);
        let start = self.used.next_multiple_of(in_a_line);
        self.used = start + n;
        grow(&mut self.buffer, self.used);
        start
    }

    /// Up to where entries are in use.
    pub fn used(&self) -> usize {
        self.used
    }

    /// All entries in use, with gaps of stale numbers between the nodes.
    pub fn entries(&self) -> &[S] {
        &self.buffer[..self.used]
    }

    /// Some of them, to write.
    pub fn entries_mut(&mut self, range: Range<usize>) -> &mut [S] {
        &mut self.buffer[range]
    }

    /// The entries before `start`, to read, and those from there on, to write.
    pub fn split(&mut self, start: usize) -> (&[S], &mut [S]) {
        let (earlier, rest) = self.buffer[..self.used].split_at_mut(start);
        (earlier, rest)
    }
}
