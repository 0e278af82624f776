//! The frame: a file as columns.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::chunks::BLOCK;
use crate::error::shortened;
use crate::lines::Lines;
use crate::load::{Source, load};
use crate::{Cells, Column, Error, Options, Real};

/// A CSV file as typed columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame<R> {
    pub(crate) file: String,
    pub(crate) rows: usize,
    /// The line from which `lines` counts.
    pub(crate) line: usize,
    pub(crate) lines: Lines,
    pub(crate) columns: Vec<Column<R>>,
    pub(crate) notes: Vec<String>,
}

impl<R: Real> Frame<R> {
    /// Reads a file. `progress` receives the number of bytes that were read and the number of bytes
    /// in all. Both count twice if the file has to be read a second time.
    ///
    /// The current Rayon pool reads in parallel. The result does not depend on its number of
    /// threads.
    ///
    /// # Errors
    /// Returns [`Error::Read`] if the file cannot be read, and otherwise the errors of
    /// [`Frame::from_bytes`].
    pub fn read(
        path: &Path,
        options: &Options,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Self, Error> {
        let file = path.display().to_string();
        let unread = |source| Error::Read { file: file.clone(), source };
        let mut opened = File::open(path).map_err(unread)?;
        let metadata = opened.metadata().map_err(unread)?;
        if !metadata.is_file() {
            // A pipe can be read only once.
            let mut text = Vec::new();
            opened.read_to_end(&mut text).map_err(unread)?;
            return Self::from_bytes(&text, &file, options);
        }
        drop(opened);
        let open = || File::open(path);
        load(&Source { open, size: metadata.len(), file: &file, block: BLOCK, progress }, options)
    }

    /// Reads a text. Error messages call it `file`.
    ///
    /// # Errors
    /// Returns an error in each of these cases:
    ///
    /// - [`Error::Option`] if the delimiter is not accepted;
    /// - [`Error::Malformed`] if the text is not UTF-8, if a quote is not closed or text follows a
    ///   closing quote, if the rows have unequal numbers of cells, if a row is longer than 64 MiB,
    ///   or if a name in the options is that of several columns;
    /// - [`Error::NoRows`] if no row follows the header;
    /// - [`Error::MissingColumn`] if a dropped or wanted column does not exist;
    /// - [`Error::Cell`] if a column that is given as numeric has another text;
    /// - [`Error::TooLarge`] if the values would take more than [`Options::memory`].
    pub fn from_bytes(text: &[u8], file: &str, options: &Options) -> Result<Self, Error> {
        Self::from_blocks(text, file, options, BLOCK)
    }

    /// Like [`Frame::from_bytes`], in blocks of this many bytes.
    pub(crate) fn from_blocks(
        text: &[u8],
        file: &str,
        options: &Options,
        block: usize,
    ) -> Result<Self, Error> {
        let size = text.len() as u64;
        load(&Source { open: || Ok(text), size, file, block, progress: &|_, _| () }, options)
    }

    /// Returns the name of the file, as error messages use it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Returns the number of rows, without the header.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Returns the columns that were read, in the order of the file.
    pub fn columns(&self) -> &[Column<R>] {
        &self.columns
    }

    /// Returns a sentence about each name of the header that is empty or that several columns have,
    /// if such a column was read. The columns have numbered names instead ([`unique_names`]).
    ///
    /// [`unique_names`]: crate::unique_names
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Returns the columns, and drops all else.
    pub fn into_columns(self) -> Vec<Column<R>> {
        self.columns
    }

    /// Returns a column.
    ///
    /// # Errors
    /// Returns [`Error::MissingColumn`] if no column that was read has this name.
    pub fn column(&self, name: &str) -> Result<&Column<R>, Error> {
        self.columns.iter().find(|column| column.name == name).ok_or_else(|| {
            let names = self.columns.iter().map(|column| column.name.as_str());
            Error::missing_column(&self.file, name, names)
        })
    }

    /// Returns the line on which a row begins, counted from 1.
    ///
    /// # Panics
    /// Panics if there is no such row.
    pub fn line(&self, row: usize) -> usize {
        assert!(row < self.rows, "row {row} of {} rows", self.rows);
        self.line + self.lines.get(row)
    }

    /// Makes the error for a cell whose value is not accepted. It shows a number as Rust prints it,
    /// and a missing cell as an empty text.
    ///
    /// # Panics
    /// Panics if there is no such row.
    pub fn cell_error(&self, row: usize, column: &str, expected: &str) -> Error {
        let cells = self.columns.iter().find(|known| known.name == column);
        let value = match cells {
            Some(Column { cells: Cells::TooMany, .. }) | None => String::new(),
            Some(column) => match (column.number(row), column.text(row)) {
                (Some(number), _) => number.to_string(),
                (_, text) => shortened(text.unwrap_or_default()),
            },
        };
        Error::Cell {
            file: self.file.clone(),
            line: self.line(row),
            column: column.into(),
            value,
            expected: expected.into(),
        }
    }
}
