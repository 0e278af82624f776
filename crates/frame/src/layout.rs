//! The header of a file, and what is done with each of its columns.

use crate::cursor::{Cursor, Fault};
use crate::missing::Missing;
use crate::names::Names;
use crate::{Error, Kind, Options};

/// The largest number of columns. Each takes memory of its own, however short its name is.
const MOST_COLUMNS: usize = 1 << 18;

/// What is done with the cells of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// They are not read.
    Skipped,
    /// They are numbers, or the column is not numeric.
    ToldApart,
    /// They are of this kind.
    Given(Kind),
}

/// The columns of a file, and how to read them.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub file: String,
    pub delimiter: u8,
    pub names: Vec<String>,
    /// `(names.len())`
    pub roles: Vec<Role>,
    pub missing: Missing,
    pub most_levels: usize,
    /// A sentence about each name of the header that was numbered.
    pub notes: Vec<String>,
}

impl Layout {
    /// Checks the names against the options. `line` is that of the header, from 1.
    pub fn new(
        file: &str,
        names: Vec<String>,
        line: usize,
        options: &Options,
    ) -> Result<Self, Error> {
        let malformed = |problem| Err(Error::Malformed { file: file.into(), line, problem });
        if names.len() > MOST_COLUMNS {
            return malformed(format!("{} columns, at most {MOST_COLUMNS} are read", names.len()));
        }
        let named = Names::of(names);
        let needed = || options.wanted.iter().flatten().chain(&options.dropped);
        // Of the columns that no option names, no name has to be clear.
        if let Some(problem) =
            needed().chain(options.kinds.keys()).find_map(|name| named.problem(name))
        {
            return malformed(problem);
        }
        let known = named.set();
        if let Some(column) = needed().find(|name| !known.contains(name.as_str())) {
            let names = named.unique.iter().map(String::as_str);
            return Err(Error::missing_column(file, column, names));
        }
        let role = |name: &String| match options.kinds.get(name) {
            _ if !options.reads(name) => Role::Skipped,
            Some(&kind) => Role::Given(kind),
            None => Role::ToldApart,
        };
        let roles: Vec<Role> = named.unique.iter().map(role).collect();
        Ok(Self {
            file: file.into(),
            delimiter: options.delimiter,
            notes: named.notes(|column| roles[column] != Role::Skipped),
            roles,
            names: named.unique,
            missing: Missing::new(&options.missing),
            most_levels: options.most_levels.min(u32::MAX as usize),
        })
    }
}

/// Returns the cells of the next row and its line from 0, or `None` if there is no further row.
pub(crate) fn next_row(cursor: &mut Cursor) -> Result<Option<(usize, Vec<String>)>, Fault> {
    if !cursor.row(false) {
        return Ok(None);
    }
    let line = cursor.line();
    let (mut cells, mut scratch) = (Vec::new(), String::new());
    loop {
        let (cell, last) = cursor.cell(&mut scratch)?;
        cells.push(cell.to_owned());
        if last {
            return Ok(Some((line, cells)));
        }
    }
}
