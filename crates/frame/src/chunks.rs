//! Blocks of a file that end at the end of a row.

use std::io::{self, Read};

use crate::cursor::{Which, row_end};

/// The longest row in bytes. A quote that is never closed makes the rest of a file one row, which
/// must not fill the memory.
pub(crate) const LONGEST_ROW: usize = 64 << 20;

/// The size of a block in bytes.
pub(crate) const BLOCK: usize = 2 << 20;

/// Whole rows of a file.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub bytes: Vec<u8>,
    /// Whether the bytes are the start of a row that is longer than [`LONGEST_ROW`].
    pub overlong: bool,
}

/// Reads a file in chunks.
pub(crate) struct Chunks<T> {
    reader: T,
    delimiter: u8,
    block: usize,
    /// The start of the next row.
    rest: Vec<u8>,
    ended: bool,
    /// The number of bytes of the file before `rest`.
    given: u64,
}

impl<T: Read> Chunks<T> {
    /// Begins to read. A byte order mark of UTF-8 is skipped.
    pub fn new(mut reader: T, delimiter: u8, block: usize) -> io::Result<Self> {
        let mut rest = Vec::new();
        let ended = reader.by_ref().take(3).read_to_end(&mut rest)? < 3;
        let mut given = 0;
        if rest == b"\xef\xbb\xbf" {
            rest.clear();
            given = 3;
        }
        Ok(Self { reader, delimiter, block, rest, ended, given })
    }

    /// Returns the number of bytes of the chunks so far.
    pub fn given(&self) -> u64 {
        self.given
    }

    /// Returns whether the file begins with a byte order mark of UTF-16.
    pub fn is_utf16(&self) -> bool {
        self.rest.starts_with(b"\xff\xfe") || self.rest.starts_with(b"\xfe\xff")
    }

    /// Returns the first row that is not empty, and the empty lines before it.
    pub fn header(&mut self) -> io::Result<Option<Chunk>> {
        let mut lines = Vec::new();
        while let Some(mut chunk) = self.next()? {
            let end = row_end(&chunk.bytes, self.delimiter, Which::First);
            if chunk.overlong || end == 0 && self.ended && self.rest.is_empty() {
                lines.append(&mut chunk.bytes);
                return Ok(Some(Chunk { bytes: lines, ..chunk }));
            }
            if end > 0 {
                let mut rest = chunk.bytes.split_off(end);
                self.given -= rest.len() as u64;
                rest.append(&mut self.rest);
                self.rest = rest;
                lines.append(&mut chunk.bytes);
                return Ok(Some(Chunk { bytes: lines, overlong: false }));
            }
            // Empty lines only.
            lines.append(&mut chunk.bytes);
        }
        Ok(None)
    }

    /// Returns the next whole rows, or `None` at the end of the file.
    pub fn next(&mut self) -> io::Result<Option<Chunk>> {
        let chunk = self.whole_rows()?;
        self.given += chunk.as_ref().map_or(0, |chunk| chunk.bytes.len() as u64);
        Ok(chunk)
    }

    fn whole_rows(&mut self) -> io::Result<Option<Chunk>> {
        let mut bytes = std::mem::take(&mut self.rest);
        let mut size = self.block.max(bytes.len());
        loop {
            let missing = size.saturating_sub(bytes.len());
            if !self.ended && missing > 0 {
                bytes.reserve_exact(missing);
                let read = self.reader.by_ref().take(missing as u64).read_to_end(&mut bytes)?;
                self.ended = read < missing;
            }
            if self.ended {
                let chunk = Chunk { bytes, overlong: false };
                return Ok(Some(chunk).filter(|chunk| !chunk.bytes.is_empty()));
            }
            let whole = row_end(&bytes, self.delimiter, Which::Last);
            if whole > 0 {
                self.rest = bytes[whole..].to_vec();
                bytes.truncate(whole);
                return Ok(Some(Chunk { bytes, overlong: false }));
            }
            if size >= LONGEST_ROW {
                self.ended = true;
                return Ok(Some(Chunk { bytes, overlong: true }));
            }
            size = (2 * size).min(LONGEST_ROW);
        }
    }
}
