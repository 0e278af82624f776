//! This module stores the entries of the nodes.

use std::ops::Range;

use aligned_vec::{AVec, ConstAlign};

use crate::number::Number;

/// The number of bytes in a cache line. It is also the number of bytes in the widest vector
/// register.
const LINE: usize = 64;

/// A buffer that starts at a cache line. A vector access that straddles two lines costs two
/// accesses.
pub(crate) type Buffer<S> = AVec<S, ConstAlign<LINE>>;

/// Makes an empty buffer.
pub(crate) fn buffer<S: Number>() -> Buffer<S> {
    AVec::new(LINE)
}

/// Makes `buffer` at least `len` entries long.
pub(crate) fn grow<S: Number>(buffer: &mut Buffer<S>, len: usize) {
    if buffer.len() < len {
        buffer.resize(len, S::zero());
    }
}

/// Holds the entries of the nodes of one recording. If the size of an entry is a power of two, each
/// node starts a new cache line. The buffer never shrinks, so the next recording has room without
/// clearing it first.
#[derive(Debug)]
pub(crate) struct Arena<S> {
    buffer: Buffer<S>,
    used: usize,
}

impl<S: Number> Arena<S> {
    pub fn new() -> Self {
        Arena { buffer: buffer(), used: 0 }
    }

    /// Forgets the nodes and keeps the buffer.
    pub fn clear(&mut self) {
        self.used = 0;
    }

    /// Reserves room for `n` more entries and returns where they start. The room holds stale
    /// numbers.
    pub fn reserve(&mut self, n: usize) -> usize {
        let in_a_line = (LINE / size_of::<S>().max(1)).max(1);
        let start = self.used.next_multiple_of(in_a_line);
        self.used = start + n;
        grow(&mut self.buffer, self.used);
        start
    }

    /// Returns the position after the last entry in use.
    pub fn used(&self) -> usize {
        self.used
    }

    /// Returns all entries in use. The gaps between the nodes hold stale numbers.
    pub fn entries(&self) -> &[S] {
        &self.buffer[..self.used]
    }

    /// Returns the entries in `range` for writing.
    pub fn entries_mut(&mut self, range: Range<usize>) -> &mut [S] {
        &mut self.buffer[range]
    }

    /// Returns the entries before `start` for reading, and the entries from `start` on for writing.
    pub fn split(&mut self, start: usize) -> (&[S], &mut [S]) {
        let (earlier, rest) = self.buffer[..self.used].split_at_mut(start);
        (earlier, rest)
    }
}
