//! This module makes tasks from any CSV table. One column names the task of a row, one holds its
//! label and one holds its group.
//!
//! ```
//! use tasks::table::{Table, TableSpec};
//!
//! let csv = "school,passed,minority,hours,score\n\
//!            north,1,0,3.5,61\n\
//!            north,0,1,2.0,48\n\
//!            south,1,1,4.0,75\n";
//! let table = Table::from_reader(csv.as_bytes(), "schools.csv")?;
//! let [task, label, sensitive] = ["school", "passed", "minority"].map(String::from);
//! let spec = TableSpec { task, label, sensitive };
//! let tasks = table.tasks(&spec)?;
//! assert_eq!((tasks[0].name.as_str(), tasks[0].data.rows()), ("north", 2));
//! assert_eq!(tasks[0].data.row(1), [2.0, 48.0]); // every other column is a feature
//! assert_eq!(tasks[0].data.protected(), [true, false]); // sensitive 0 is protected
//! # Ok::<(), tasks::Error>(())
//! ```

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use csv::StringRecord;
use serde::{Deserialize, Serialize};

use crate::{Batch, Error, Task};

/// The largest number of column names that an error message lists.
const LISTED_COLUMNS: usize = 12;

/// Names the columns of a table that are not features.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableSpec {
    /// The column whose value names the task of a row.
    pub task: String,
    /// The column with the label. 1 is the positive class, and 0 is the negative class.
    pub label: String,
    /// The column with the sensitive attribute. 0 means protected, and 1 means not protected.
    pub sensitive: String,
}

/// Holds a CSV file as text cells, with the line of each row and the name of each column.
#[derive(Clone, Debug)]
pub struct Table {
    file: String,
    columns: Vec<String>,
    rows: Vec<StringRecord>,
    /// The line on which each row begins, counted from 1.
    lines: Vec<usize>,
}

impl Table {
    /// Reads a CSV file whose first row names the columns.
    ///
    /// # Errors
    /// Returns [`Error::Read`] if the file cannot be read, and otherwise the errors of
    /// [`Table::from_reader`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let (reader, file) = open(path.as_ref())?;
        Self::from_reader(reader, &file)
    }

    /// Reads CSV text whose first row names the columns. Error messages call the source `file`.
    ///
    /// Spaces around a cell are removed, and empty lines are skipped.
    ///
    /// # Errors
    /// Returns an error in each of these cases:
    ///
    /// - [`Error::Read`] if reading fails;
    /// - [`Error::Malformed`] if the text is not UTF-8, if the rows have unequal lengths, or if a
    ///   column name is empty or not unique;
    /// - [`Error::NoRows`] if no row follows the header.
    pub fn from_reader(reader: impl Read, file: &str) -> Result<Self, Error> {
        Self::parse(reader, file, |_| Ok(None))
    }

    /// Reads CSV text that may lack a header. `columns` receives the first row. It returns the
    /// names of the columns if that row already holds data, and `None` if the row is the header. It
    /// returns an error message if the row can be neither.
    pub(crate) fn parse(
        mut reader: impl Read,
        file: &str,
        columns: impl FnOnce(&StringRecord) -> Result<Option<Vec<String>>, String>,
    ) -> Result<Self, Error> {
        let malformed = |line, problem| Error::Malformed { file: file.into(), line, problem };
        let mut bytes = Vec::new();
        reader
            .read_to_end(&mut bytes)
            .map_err(|source| Error::Read { file: file.into(), source })?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            malformed(1 + line_feeds(valid), "not UTF-8 text".into())
        })?;

        let mut records = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let (mut rows, mut lines) = (Vec::<StringRecord>::new(), Vec::new());
        let (mut line, mut counted) = (1, 0);
        for record in records.records() {
            let record =
                record.expect("text in memory, rows of any length: there is nothing left to fail");
            // The csv crate counts the line breaks before a record as part of the record. The line
            // number should be that of the first line after them.
            let position =
                record.position().expect("a record that was read has a position").byte() as usize;
            let start = text.len() - text[position..].trim_start_matches(['\r', '\n']).len();
            line += line_feeds(&text.as_bytes()[counted..start]);
            counted = start;
            if let Some(first) = rows.first().filter(|first| first.len() != record.len()) {
                let problem = format!(
                    "{} fields, expected {} as in the first row",
                    record.len(),
                    first.len()
                );
                return Err(malformed(line, problem));
            }
            rows.push(record);
            lines.push(line);
        }

        let no_rows = || Error::NoRows { file: file.into() };
        let first = rows.first().ok_or_else(no_rows)?;
        let columns = match columns(first).map_err(|problem| malformed(lines[0], problem))? {
            Some(columns) => columns,
            None => {
                let header = rows.remove(0);
                let line = lines.remove(0);
                for (index, name) in header.iter().enumerate() {
                    if name.is_empty() {
                        return Err(malformed(line, format!("column {} has no name", index + 1)));
                    }
                    if header.iter().take(index).any(|other| other == name) {
                        return Err(malformed(
                            line,
                            format!("two columns are named `{}`", name.escape_debug()),
                        ));
                    }
                }
                header.iter().map(String::from).collect()
            }
        };
        if rows.is_empty() {
            return Err(no_rows());
        }
        Ok(Self { file: file.into(), columns, rows, lines })
    }

    /// Returns the names of the columns, in order.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Returns the number of rows, without the header.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Returns the position of a column, counted from 0.
    ///
    /// # Errors
    /// Returns [`Error::MissingColumn`] if no column has that name.
    pub fn column(&self, name: &str) -> Result<usize, Error> {
        self.columns.iter().position(|column| column == name).ok_or_else(|| {
            let listed: Vec<_> = self
                .columns
                .iter()
                .take(LISTED_COLUMNS)
                .map(|name| format!("`{}`", name.escape_debug()))
                .collect();
            let more = self.columns.len() - listed.len();
            let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
            let available = listed.join(", ") + &tail;
            Error::MissingColumn { file: self.file.clone(), column: name.into(), available }
        })
    }

    /// Returns the text of a cell, without the spaces around it.
    ///
    /// # Panics
    /// Panics if there is no such row or column.
    pub fn cell(&self, row: usize, column: usize) -> &str {
        &self.rows[row][column]
    }

    /// Returns a cell as a finite number.
    ///
    /// # Errors
    /// Returns [`Error::Cell`] if the cell does not hold a finite number.
    ///
    /// # Panics
    /// Panics if there is no such row or column.
    pub fn number(&self, row: usize, column: usize) -> Result<f64, Error> {
        let parsed = self.cell(row, column).parse().ok().filter(|value: &f64| value.is_finite());
        parsed.ok_or_else(|| self.unfit(row, column, "a finite number"))
    }

    /// Returns the numbers in the given columns of all rows: `(rows, columns.len())`, row-major.
    pub(crate) fn numbers(&self, columns: &[usize]) -> Result<Vec<f64>, Error> {
        let cells =
            (0..self.rows()).flat_map(|row| columns.iter().map(move |&column| (row, column)));
        cells.map(|(row, column)| self.number(row, column)).collect()
    }

    /// Makes the error for a cell whose value its column does not accept.
    pub(crate) fn unfit(&self, row: usize, column: usize, expected: impl Into<String>) -> Error {
        Error::Cell {
            file: self.file.clone(),
            line: self.lines[row],
            column: self.columns[column].clone(),
            value: self.cell(row, column).into(),
            expected: expected.into(),
        }
    }

    fn binary(&self, row: usize, column: usize) -> Result<bool, Error> {
        match self.number(row, column) {
            Ok(0.0) => Ok(false),
            Ok(1.0) => Ok(true),
            _ => Err(self.unfit(row, column, "0 or 1")),
        }
    }

    /// Makes one task for each value of the task column, in the order in which the values first
    /// appear. Every column that `spec` does not name is a feature. The features have the values in
    /// the table; to scale them, see [`standardize`](crate::standardize).
    ///
    /// # Errors
    /// Returns an error in each of these cases:
    ///
    /// - [`Error::MissingColumn`] if a column of `spec` does not exist;
    /// - [`Error::Setting`] if two columns of `spec` are the same, or if no column is left as a
    ///   feature;
    /// - [`Error::Cell`] if a task has no name, if a feature is not a finite number, or if a label
    ///   or a sensitive attribute is not 0 or 1.
    pub fn tasks(&self, spec: &TableSpec) -> Result<Vec<Task>, Error> {
        let TableSpec { task, label, sensitive } = spec;
        if task == label || task == sensitive || label == sensitive {
            let value = format!("`{task}`, `{label}`, `{sensitive}`");
            return Err(Error::setting(
                "task, label and sensitive column",
                value,
                "three different columns",
            ));
        }
        let (task, label, sensitive) =
            (self.column(task)?, self.column(label)?, self.column(sensitive)?);
        let features: Vec<usize> = (0..self.columns.len())
            .filter(|column| ![task, label, sensitive].contains(column))
            .collect();
        if features.is_empty() {
            let accepted = "at least one more column of the table";
            return Err(Error::setting("features", "none", accepted));
        }
        let binaries = |column| {
            (0..self.rows()).map(|row| self.binary(row, column)).collect::<Result<Vec<_>, _>>()
        };
        let protected = binaries(sensitive)?.into_iter().map(|sensitive| !sensitive).collect();
        let all =
            Batch::new(features.len(), self.numbers(&features)?, binaries(label)?, protected)?;

        if let Some(row) = (0..self.rows()).find(|&row| self.cell(row, task).is_empty()) {
            return Err(self.unfit(row, task, "the name of a task"));
        }
        let groups = group_by((0..self.rows()).map(|row| self.cell(row, task)));
        Ok(groups
            .into_iter()
            .map(|(name, rows)| Task { name: name.into(), data: all.select(&rows) })
            .collect())
    }
}

/// Returns the rows of each key. The keys are in the order in which they first appear.
pub(crate) fn group_by<K: Copy + Eq + std::hash::Hash>(
    keys: impl Iterator<Item = K>,
) -> Vec<(K, Vec<usize>)> {
    let mut groups: Vec<(K, Vec<usize>)> = Vec::new();
    let mut places = HashMap::new();
    for (row, key) in keys.enumerate() {
        let place = *places.entry(key).or_insert(groups.len());
        if place == groups.len() {
            groups.push((key, Vec::new()));
        }
        groups[place].1.push(row);
    }
    groups
}

/// Opens a file. Also returns the name that error messages use for it.
pub(crate) fn open(path: &Path) -> Result<(File, String), Error> {
    let file = path.display().to_string();
    match File::open(path) {
        Ok(reader) => Ok((reader, file)),
        Err(source) => Err(Error::Read { file, source }),
    }
}

fn line_feeds(text: &[u8]) -> usize {
    text.iter().filter(|&&byte| byte == b'\n').count()
}
