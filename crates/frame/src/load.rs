//! Reads a whole file.

use std::io::{self, Read};

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::builder::Builder;
use crate::chunks::{BLOCK, Chunk, Chunks};
use crate::cursor::{Cursor, Fault};
use crate::layout::{Layout, Role, next_row};
use crate::part::{Part, error, read_chunk, text};
use crate::{Cells, Column, Error, Frame, Kind, Options, Real};

/// The number of rows in which columns are told apart before all rows are read. It has no influence
/// on the result.
const SAMPLE: usize = 1_000;

/// The number of bytes from which the number of rows is estimated. A smaller file is not, unless it
/// is read to its end.
const ESTIMATED_FROM: u64 = 1 << 20;

/// The bytes that it takes to read a byte of text: the block, the next one, and the cells of the
/// block, of which one in two bytes takes up to eight while its column grows.
const READING: u64 = 7;

/// Returns the most bytes that [`Frame::read`](crate::Frame::read) takes beside the values of the
/// frame, for a file of `size` bytes and a pool of so many threads: each reads a block at a time.
pub fn memory_of_reading(size: u64, threads: usize) -> u64 {
    READING * size.min((BLOCK as u64).saturating_mul(threads as u64))
}

/// A file that can be read more than once.
pub(crate) struct Source<'s, O> {
    /// Opens the file at its start.
    pub open: O,
    /// The number of bytes of the file.
    pub size: u64,
    /// The name of the file in error messages.
    pub file: &'s str,
    /// The number of bytes of a block. It has no influence on the result.
    pub block: usize,
    /// Receives the number of bytes that were read, and the number of bytes in all.
    pub progress: &'s (dyn Fn(u64, u64) + Sync),
}

/// Opens a file, reads its header and checks it against the options. Also returns the line that
/// follows the header, counted from 1.
pub(crate) fn begin<T: Read>(
    reader: T,
    file: &str,
    options: &Options,
    block: usize,
) -> Result<(Chunks<T>, Layout, usize), Error> {
    let mut chunks = open(reader, file, options, block)?;
    let header = chunks.header().map_err(|source| Error::Read { file: file.into(), source })?;
    let (line, first, after) = header_cells(header.as_ref(), file, options.delimiter)?;
    let Some(names) = &options.header else {
        let layout = Layout::new(file, first, line, options)?;
        if layout.names.len() == 1 {
            chunks.keep_empty_lines();
        }
        return Ok((chunks, layout, after));
    };
    let layout = Layout::new(file, names.clone(), line, options)?;
    if first.len() != names.len() {
        let (found, expected) = (first.len(), names.len());
        let problem = format!("{found} fields, expected {expected}, one for each given name");
        return Err(Error::Malformed { file: file.into(), line, problem });
    }
    header.into_iter().for_each(|row| chunks.give_back(row));
    if names.len() == 1 {
        chunks.keep_empty_lines();
    }
    Ok((chunks, layout, 1))
}

/// Returns the line, counted from 1, and the cells of the first row that is not empty. They are the
/// names of the columns if the file has a header. Nothing else is read or checked.
///
/// ```
/// use frame::{Options, first_row};
///
/// let (line, cells) = first_row(&b"\nid, age\na,30\n"[..], "people.csv", &Options::default())?;
/// assert_eq!((line, cells), (2, vec!["id".into(), "age".into()]));
/// # Ok::<(), frame::Error>(())
/// ```
///
/// # Errors
/// Returns an error if the file cannot be read, has no row, or is not text there.
pub fn first_row(
    reader: impl Read,
    file: &str,
    options: &Options,
) -> Result<(usize, Vec<String>), Error> {
    let mut chunks = open(reader, file, options, BLOCK)?;
    let header = chunks.header().map_err(|source| Error::Read { file: file.into(), source })?;
    let (line, cells, _) = header_cells(header.as_ref(), file, options.delimiter)?;
    Ok((line, cells))
}

/// Opens a file, whose encoding has to be right.
fn open<T: Read>(
    reader: T,
    file: &str,
    options: &Options,
    block: usize,
) -> Result<Chunks<T>, Error> {
    options.check()?;
    let unread = |source| Error::Read { file: file.into(), source };
    let chunks = Chunks::new(reader, options.delimiter, block).map_err(unread)?;
    if chunks.is_utf16() {
        let problem = "the file is UTF-16, as its byte order mark says; save it as UTF-8".into();
        return Err(Error::Malformed { file: file.into(), line: 1, problem });
    }
    Ok(chunks)
}

/// Returns the line of the header, its cells, and the line that follows it.
fn header_cells(
    header: Option<&Chunk>,
    file: &str,
    delimiter: u8,
) -> Result<(usize, Vec<String>, usize), Error> {
    let no_rows = || Error::NoRows { file: file.into() };
    let malformed = |fault: Fault| error(fault, file, &[], 1);
    let header = header.ok_or_else(no_rows)?;
    let (text, fault) = text(header, delimiter);
    if let Some(fault) = fault {
        return Err(malformed(fault));
    }
    let mut cursor = Cursor::new(text, delimiter);
    let row = next_row(&mut cursor).map_err(malformed)?;
    let (line, names) = row.ok_or_else(no_rows)?;
    Ok((1 + line, names, 1 + cursor.line()))
}

/// Reads the file. Columns that turn out not to be numeric are read again.
pub(crate) fn load<R: Real, T: Read + Send>(
    source: &Source<impl Fn() -> io::Result<T>>,
    options: &Options,
) -> Result<Frame<R>, Error> {
    let (part, layout, line) = pass::<R, T>(source, options, None)?;
    if part.rows == 0 {
        return Err(Error::NoRows { file: source.file.into() });
    }
    let again = |column: &Builder<R>| matches!(column, Builder::NotNumeric);
    let mut columns = part.columns;
    if columns.iter().any(again) {
        let role = |column| match again(column) {
            true => Role::Given(Kind::Categorical),
            false => Role::Skipped,
        };
        let roles = columns.iter().map(role).collect();
        let (second, ..) = pass::<R, T>(source, options, Some(roles))?;
        if second.rows != part.rows {
            let changed = io::Error::other("the file changed while it was read");
            return Err(Error::Read { file: source.file.into(), source: changed });
        }
        for (column, read) in columns.iter_mut().zip(second.columns) {
            if again(column) {
                *column = read;
            }
        }
    }
    let cells = columns.into_iter().map(Builder::finish);
    let columns = cells
        .zip(layout.names)
        .filter_map(|(cells, name): (Option<Cells<R>>, _)| Some(Column { name, cells: cells? }));
    Ok(Frame {
        file: layout.file,
        rows: part.rows,
        line,
        lines: part.lines,
        columns: columns.collect(),
        notes: layout.notes,
    })
}

/// Reads the file once. `roles` says what to do with each column in a second pass. Returns all
/// rows, the layout, and the line of the first row after the header.
fn pass<R: Real, T: Read + Send>(
    source: &Source<impl Fn() -> io::Result<T>>,
    options: &Options,
    roles: Option<Vec<Role>>,
) -> Result<(Part<R>, Layout, usize), Error> {
    let unread = |error| Error::Read { file: source.file.into(), source: error };
    let reader = (source.open)().map_err(unread)?;
    let (mut chunks, mut layout, line) = begin(reader, source.file, options, source.block)?;
    let second = roles.is_some();
    if let Some(roles) = roles {
        if roles.len() != layout.roles.len() {
            return Err(unread(io::Error::other("the file changed while it was read")));
        }
        layout.roles = roles;
    }
    let header = chunks.given();
    let mut done = header;
    let mut batch = next_batch(&mut chunks).map_err(unread)?;
    if let Some(first) = batch.first() {
        tell_apart::<R>(first, &mut layout);
    }
    let mut whole = Part::<R>::new(&layout);
    let mut reserved = false;
    while !batch.is_empty() {
        let (parts, next) = rayon::join(
            || batch.par_iter().map(|chunk| read_chunk(chunk, &layout)).collect::<Vec<_>>(),
            || next_batch(&mut chunks),
        );
        for (part, chunk) in parts.into_iter().zip(&batch) {
            let at = line + whole.height;
            let appended = part.and_then(|part| whole.append(part, &layout));
            appended.map_err(|fault| error(fault, source.file, &layout.names, at))?;
            done += chunk.bytes.len() as u64;
        }
        batch = next.map_err(unread)?;
        let read = done - header;
        if !reserved && whole.rows > 0 && (read >= ESTIMATED_FROM || batch.is_empty()) {
            let share = read as f64 / source.size.saturating_sub(header).max(1) as f64;
            reserve(&mut whole, share, source.file, options)?;
            reserved = true;
        }
        if let Some(limit) = options.memory {
            let estimate: u64 = whole.columns.iter().map(Builder::held).sum();
            if estimate > limit {
                return Err(Error::TooLarge { file: source.file.into(), estimate, limit });
            }
        }
        skip_decided(&whole, &mut layout);
        report(source, done, second, &whole);
    }
    Ok((whole, layout, line))
}

/// Skips the columns of which nothing more has to be known.
fn skip_decided<R: Real>(whole: &Part<R>, layout: &mut Layout) {
    for (column, role) in whole.columns.iter().zip(&mut layout.roles) {
        if matches!(column, Builder::NotNumeric | Builder::TooMany) {
            *role = Role::Skipped;
        }
    }
}

/// Reports how much of the file was read. A file that is read twice has twice as many bytes.
fn report<R: Real, O>(source: &Source<O>, done: u64, second: bool, whole: &Part<R>) {
    let again = whole.columns.iter().any(|column| matches!(column, Builder::NotNumeric));
    let size = source.size.max(done);
    match (second, again) {
        (false, false) => (source.progress)(done, size),
        (false, true) => (source.progress)(done, 2 * size),
        (true, _) => (source.progress)(size + done, 2 * size),
    }
}

/// Finds columns that are not numeric in the first rows, so that they need not be read again.
fn tell_apart<R: Real>(chunk: &Chunk, layout: &mut Layout) {
    let mut first = Part::<R>::new(layout);
    let (text, _) = text(chunk, layout.delimiter);
    // What is wrong with these rows is reported when they are read for good.
    let _ = first.read(&mut Cursor::new(text, layout.delimiter), layout, 0, SAMPLE);
    for (column, role) in first.columns.iter().zip(&mut layout.roles) {
        if matches!(column, Builder::NotNumeric) {
            *role = Role::Given(Kind::Categorical);
        }
    }
}

/// Reads as many chunks as there are threads.
fn next_batch<T: Read>(chunks: &mut Chunks<T>) -> io::Result<Vec<Chunk>> {
    let mut batch = Vec::new();
    while batch.len() < rayon::current_num_threads() {
        match chunks.next()? {
            Some(chunk) => batch.push(chunk),
            None => break,
        }
    }
    Ok(batch)
}

/// Estimates all rows from those that are in a share of the file, and makes room for them.
fn reserve<R: Real>(
    whole: &mut Part<R>,
    share: f64,
    file: &str,
    options: &Options,
) -> Result<(), Error> {
    let rows = whole.rows as f64 / share.min(1.0);
    let bytes: usize = whole.columns.iter().map(Builder::cell_bytes).sum();
    let estimate = (rows * bytes as f64) as u64;
    if let Some(limit) = options.memory.filter(|&limit| estimate > limit) {
        return Err(Error::TooLarge { file: file.into(), estimate, limit });
    }
    // A little more than the estimate, so that a vector seldom has to grow at the end.
    let more = ((rows * 1.01) as usize).saturating_sub(whole.rows);
    whole.columns.iter_mut().for_each(|column| column.reserve(more));
    Ok(())
}
