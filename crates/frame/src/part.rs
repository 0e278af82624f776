//! Consecutive rows of a file as columns.

use crate::builder::Builder;
use crate::chunks::{Chunk, LONGEST_ROW};
use crate::cursor::{Cursor, Fault, Problem, Which, line_ends, row_end};
use crate::layout::Layout;
use crate::lines::Lines;
use crate::{Error, Real};

/// Consecutive rows of a file.
#[derive(Debug)]
pub(crate) struct Part<R> {
    pub rows: usize,
    /// The line of each row, relative to the first line of the part.
    pub lines: Lines,
    /// The number of lines of the part.
    pub height: usize,
    /// One for each column of the file.
    pub columns: Vec<Builder<R>>,
}

impl<R: Real> Part<R> {
    pub fn new(layout: &Layout) -> Self {
        let columns = layout.roles.iter().map(|&role| Builder::new(role)).collect();
        Self { rows: 0, lines: Lines::default(), height: 0, columns }
    }

    /// Adds the rows at the cursor until there are `rows` rows or the text ends. `line` is that of
    /// the start of the text, relative to the first line of the part.
    pub fn read(
        &mut self,
        cursor: &mut Cursor,
        layout: &Layout,
        line: usize,
        rows: usize,
    ) -> Result<(), Fault> {
        let mut scratch = String::new();
        let one_column = self.columns.len() == 1;
        while self.rows < rows && cursor.row(one_column) {
            let at = cursor.line();
            let (mut found, mut unfit) = (0, None);
            loop {
                let (cell, last) = cursor.cell(&mut scratch)?;
                if let Some(column) = self.columns.get_mut(found)
                    && let Err(value) = column.push(cell, layout)
                {
                    unfit.get_or_insert(Problem::Cell { column: found, value });
                }
                found += 1;
                if last {
                    break;
                }
            }
            let expected = self.columns.len();
            if found != expected {
                let problem = format!("{found} fields, expected {expected} as in the first row");
                return Err(Fault::text(at, problem));
            }
            if let Some(problem) = unfit {
                return Err(Fault { line: at, problem });
            }
            if !self.lines.push(self.rows, line + at) {
                return Err(Fault::text(at, TOO_MANY_ROWS));
            }
            self.rows += 1;
        }
        self.height = line + cursor.line();
        Ok(())
    }

    /// Adds a part that follows.
    pub fn append(&mut self, part: Self, layout: &Layout) -> Result<(), Fault> {
        if !self.lines.append(&part.lines, part.rows, self.rows, self.height) {
            return Err(Fault::text(0, TOO_MANY_ROWS));
        }
        for (column, more) in self.columns.iter_mut().zip(part.columns) {
            column.append(more, layout);
        }
        self.rows += part.rows;
        self.height += part.height;
        Ok(())
    }
}

const TOO_MANY_ROWS: &str = "more rows or lines than 4,294,967,295";

/// Reads all rows of a chunk.
pub(crate) fn read_chunk<R: Real>(chunk: &Chunk, layout: &Layout) -> Result<Part<R>, Fault> {
    let mut part = Part::new(layout);
    let (text, fault) = text(chunk, layout.delimiter);
    part.read(&mut Cursor::new(text, layout.delimiter), layout, 0, usize::MAX)?;
    fault.map_or(Ok(part), Err)
}

/// Returns the bytes of a chunk as text. If they are not, returns the rows before and the fault
/// that follows them.
pub(crate) fn text(chunk: &Chunk, delimiter: u8) -> (&str, Option<Fault>) {
    let bytes = &chunk.bytes;
    let nul = memchr::memchr(0, bytes);
    let (valid, problem) = match (std::str::from_utf8(bytes), nul) {
        (Ok(text), None) if !chunk.overlong => return (text, None),
        (Ok(text), None) => return ("", Some(overlong(text, delimiter))),
        (Err(error), nul) if nul.is_none_or(|nul| error.valid_up_to() < nul) => {
            (error.valid_up_to(), "not UTF-8 text")
        }
        (_, nul) => (nul.unwrap_or(0), "a byte 0, which UTF-8 text does not have; is it UTF-16?"),
    };
    // The wrong byte shows that a CR before it is a whole line end.
    let rows = row_end(&bytes[..valid + 1], delimiter, Which::Last);
    let valid = std::str::from_utf8(&bytes[..valid]).unwrap_or_default();
    (&valid[..rows], Some(Fault::text(line_ends(valid.as_bytes()), problem)))
}

/// Returns what is wrong with a text that is the start of a row that is too long.
fn overlong(text: &str, delimiter: u8) -> Fault {
    let mut cursor = Cursor::new(text, delimiter);
    let mut scratch = String::new();
    let mut line = 0;
    if cursor.row(false) {
        line = cursor.line();
        loop {
            match cursor.cell(&mut scratch) {
                Err(fault) => return fault,
                Ok((_, true)) => break,
                Ok((_, false)) => {}
            }
        }
    }
    Fault::text(line, format!("a row is longer than {} MiB", LONGEST_ROW >> 20))
}

/// Makes an error of a fault in a text whose first line is `line`, counted from 1.
pub(crate) fn error(fault: Fault, file: &str, names: &[String], line: usize) -> Error {
    let (file, line) = (file.to_owned(), line + fault.line);
    match fault.problem {
        Problem::Text(problem) => Error::Malformed { file, line, problem },
        Problem::Cell { column, value } => {
            let (column, expected) = (names[column].clone(), "a finite number".into());
            Error::Cell { file, line, column, value, expected }
        }
    }
}
