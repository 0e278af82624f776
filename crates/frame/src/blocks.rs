//! Reads a file that need not fit into memory.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::builder::Builder;
use crate::chunks::{BLOCK, Chunks};
use crate::cursor::{Cursor, Fault};
use crate::layout::{Layout, Role};
use crate::load::begin;
use crate::part::{Part, error, text};
use crate::{Column, Error, Frame, Options, Real};

/// Returns frames of at most `rows` rows each, for files that need not fit into memory. Every
/// column that is read must have a given kind. The levels of a categorical column are numbered anew
/// in each frame. Nothing follows an error.
///
/// ```
/// use frame::{Frame, Kind, Options, blocks};
///
/// let csv = "id,age\na,30\nb,?\nc,50\n";
/// let kinds = [("id".into(), Kind::Text), ("age".into(), Kind::Numeric)].into();
/// let options = Options { kinds, ..Options::default() };
/// let mut ages = Vec::new();
/// for block in blocks(csv.as_bytes(), "people.csv", &options, 2)? {
///     let block: Frame<f64> = block?;
///     let age = block.column("age")?;
///     ages.extend((0..block.rows()).map(|row| age.number(row)));
/// }
/// assert_eq!(ages, [Some(30.0), None, Some(50.0)]);
/// # Ok::<(), frame::Error>(())
/// ```
///
/// # Errors
/// Returns the errors of [`Frame::from_bytes`], those of the header at once and others in place of
/// a frame. [`Error::Option`] says that the kind of a column is not given, or that `rows` is 0.
pub fn blocks<R: Real>(
    reader: impl Read,
    file: &str,
    options: &Options,
    rows: usize,
) -> Result<impl Iterator<Item = Result<Frame<R>, Error>>, Error> {
    Blocks::new(reader, file, options, rows, BLOCK)
}

/// The frames of a file.
pub(crate) struct Blocks<T, R> {
    chunks: Chunks<T>,
    layout: Layout,
    rows: usize,
    /// Whole rows, of which the first `at` bytes were read.
    text: String,
    at: usize,
    /// The line of the position, counted from 1.
    line: usize,
    /// What is wrong after `text`.
    fault: Option<Fault>,
    state: State,
    kind: std::marker::PhantomData<R>,
}

#[derive(PartialEq)]
enum State {
    NoRowYet,
    SomeRows,
    Over,
}

impl<T: Read, R: Real> Blocks<T, R> {
    pub fn new(
        reader: T,
        file: &str,
        options: &Options,
        rows: usize,
        block: usize,
    ) -> Result<Self, Error> {
        if rows == 0 {
            let accepted = "at least 1".into();
            return Err(Error::Option { option: "rows of a block", value: "0".into(), accepted });
        }
        let (chunks, layout, line) = begin(reader, file, options, block)?;
        let kinds = layout.names.iter().zip(&layout.roles);
        if let Some((name, _)) = kinds.into_iter().find(|(_, role)| **role == Role::ToldApart) {
            let accepted = "given for each column that is read in blocks".into();
            return Err(Error::Option { option: "kinds", value: name.clone(), accepted });
        }
        Ok(Self {
            chunks,
            layout,
            rows,
            text: String::new(),
            at: 0,
            line,
            fault: None,
            state: State::NoRowYet,
            kind: std::marker::PhantomData,
        })
    }

    /// Reads the next rows, if there are any.
    fn next_frame(&mut self) -> Result<Option<Frame<R>>, Error> {
        let mut part = Part::new(&self.layout);
        let first = self.line;
        while part.rows < self.rows {
            if self.at == self.text.len() && !self.fetch()? {
                break;
            }
            let mut cursor = Cursor::new(&self.text[self.at..], self.layout.delimiter);
            let read = part.read(&mut cursor, &self.layout, self.line - first, self.rows);
            read.map_err(|fault| error(fault, &self.layout.file, &self.layout.names, self.line))?;
            self.at += cursor.position();
            self.line += cursor.line();
        }
        if part.rows == 0 {
            return match self.state {
                State::NoRowYet => Err(Error::NoRows { file: self.layout.file.clone() }),
                _ => Ok(None),
            };
        }
        self.state = State::SomeRows;
        let cells = part.columns.into_iter().map(Builder::finish).zip(&self.layout.names);
        let columns = cells
            .filter_map(|(cells, name)| Some(Column { name: name.clone(), cells: cells? }))
            .collect();
        let file = self.layout.file.clone();
        let notes = self.layout.notes.clone();
        Ok(Some(Frame { file, rows: part.rows, line: first, lines: part.lines, columns, notes }))
    }

    /// Gets more text. Returns whether there is any.
    fn fetch(&mut self) -> Result<bool, Error> {
        let file = || self.layout.file.clone();
        if let Some(fault) = self.fault.take() {
            return Err(error(fault, &self.layout.file, &self.layout.names, self.line));
        }
        let chunk = self.chunks.next().map_err(|source| Error::Read { file: file(), source })?;
        let Some(chunk) = chunk else { return Ok(false) };
        let (text, fault) = text(&chunk, self.layout.delimiter);
        // The lines of the fault are counted from the start of the text, and those of the error
        // from its end.
        let height = crate::cursor::line_ends(text.as_bytes());
        self.fault = fault.map(|fault| Fault { line: fault.line - height, ..fault });
        self.text.clear();
        self.text.push_str(text);
        self.at = 0;
        Ok(!self.text.is_empty() || self.fetch()?)
    }
}

impl<T: Read, R: Real> Iterator for Blocks<T, R> {
    type Item = Result<Frame<R>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.state == State::Over {
            return None;
        }
        let next = self.next_frame().transpose();
        if !matches!(next, Some(Ok(_))) {
            self.state = State::Over;
        }
        next
    }
}

/// Returns the names of the columns of a file, in order, of which only the beginning is read.
///
/// # Errors
/// Returns the errors of [`Frame::read`] for the header.
pub fn columns(path: &Path, options: &Options) -> Result<Vec<String>, Error> {
    let file = path.display().to_string();
    let opened = File::open(path).map_err(|source| Error::Read { file: file.clone(), source })?;
    let (_, layout, _) = begin(opened, &file, options, BLOCK)?;
    Ok(layout.names)
}
