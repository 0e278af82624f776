//! Blocks of a file that end at the end of a row.

use std::io::{self, Read};

use crate::cursor::{Which, last_row_end, row_end};

/// The longest row in bytes. A quote that is never closed makes the rest of a file one row, which
/// must not fill the memory.
pub(crate) const LONGEST_ROW: usize = 64 << 20;

/// The size of a block in bytes.
pub(crate) const BLOCK: usize = 2 << 20;

/// The size of the first block. Each further one is four times as large, up to the full size, so
/// that a small file takes little memory.
const FIRST_BLOCK: usize = 16 << 10;

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
    /// The size of the next block, and that of a full one.
    block: usize,
    full: usize,
    /// The start of the next row.
    rest: Vec<u8>,
    ended: bool,
    /// The number of bytes of the file before `rest`.
    given: u64,
    /// Whether empty lines before the end of the file are rows. Then a chunk ends with a row, so
    /// that what follows its empty lines is in the same chunk.
    empty_are_rows: bool,
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
        let first = block.min(FIRST_BLOCK);
        Ok(Self {
            reader,
            delimiter,
            block: first,
            full: block,
            rest,
            ended,
            given,
            empty_are_rows: false,
        })
    }

    /// Makes each empty line before the end of the file a row, as in a file of one column.
    pub fn keep_empty_lines(&mut self) {
        self.empty_are_rows = true;
    }

    /// Returns the number of bytes of the chunks so far.
    pub fn given(&self) -> u64 {
        self.given
    }

    /// Returns whether the file begins with a byte order mark of UTF-16.
    pub fn is_utf16(&self) -> bool {
        self.rest.starts_with(b"\xff\xfe") || self.rest.starts_with(b"\xfe\xff")
    }

    /// Gives back the last chunk, which is then the start of the next one.
    pub fn give_back(&mut self, mut chunk: Chunk) {
        self.given -= chunk.bytes.len() as u64;
        chunk.bytes.append(&mut self.rest);
        self.rest = chunk.bytes;
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
                let bytes = chunk.bytes.split_off(end);
                self.give_back(Chunk { bytes, overlong: false });
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
        self.block = self.full.min(4 * self.block);
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
            let mut whole = row_end(&bytes, self.delimiter, Which::Last);
            if self.empty_are_rows {
                whole = last_row_end(&bytes[..whole]);
            }
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
