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
//! assert_eq!(tasks[0].data.all().row(1), [2.0, 48.0]); // every other column is a feature
//! assert_eq!(tasks[0].data.protected(), [true, false]); // sensitive 0 is protected
//! # Ok::<(), tasks::Error>(())
//! ```

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use frame::{Cells, Column, Frame, Kind, Options};
use serde::{Deserialize, Serialize};

use crate::{Batch, Error, Task};

/// The largest number of unfit columns that an error message describes.
const DESCRIBED: usize = 12;

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

/// Holds a CSV file whose form was checked.
#[derive(Clone, Debug)]
pub struct Table {
    file: String,
    text: Vec<u8>,
    columns: Vec<String>,
    rows: usize,
}

impl Table {
    /// Reads a CSV file whose first row names the columns.
    ///
    /// # Errors
    /// Returns [`frame::Error::Read`] if the file cannot be read, and otherwise the errors of
    /// [`Table::from_reader`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let (reader, file) = open(path.as_ref())?;
        Self::from_reader(reader, &file)
    }

    /// Reads CSV text whose first row names the columns, in [the format](frame#the-format) of the
    /// crate `frame`. Error messages call the source `file`.
    ///
    /// # Errors
    /// Returns an error in each of these cases:
    ///
    /// - [`frame::Error::Read`] if reading fails;
    /// - [`frame::Error::Malformed`] if the text is not UTF-8, if a quote is not closed, or
    ///   if the rows have unequal lengths;
    /// - [`frame::Error::NoRows`] if no row follows the header.
    pub fn from_reader(reader: impl Read, file: &str) -> Result<Self, Error> {
        let text = bytes(reader, file)?;
        let options = Options { wanted: Some([].into()), ..Options::default() };
        let rows = Frame::<f64>::from_bytes(&text, file, &options)?.rows();
        let (_, columns) = frame::first_row(&text[..], file, &options)?;
        let columns = frame::unique_names(columns);
        Ok(Self { file: file.into(), text, columns, rows })
    }

    /// Returns the names of the columns, in order.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Returns the number of rows, without the header.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Makes one task for each value of the task column, in the order in which the values first
    /// appear. Every column that `spec` does not name is a feature. The features have the values in
    /// the table; to scale them, see [`standardize`](crate::standardize).
    ///
    /// # Errors
    /// Returns an error in each of these cases:
    ///
    /// - [`frame::Error::MissingColumn`] if a column of `spec` does not exist;
    /// - [`Error::Setting`] if two columns of `spec` are the same, or if no column is left as a
    ///   feature;
    /// - [`frame::Error::Cell`] if a task has no name, if a feature is not a finite number, or if a
    ///   label or a sensitive attribute is not 0 or 1;
    /// - [`Error::UnfitColumns`] if this is so in several columns.
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
        let options = Options {
            missing: Vec::new(),
            kinds: BTreeMap::from([(task.clone(), Kind::Categorical)]),
            most_levels: usize::MAX,
            ..Options::default()
        };
        let frame = Frame::<f64>::from_bytes(&self.text, &self.file, &options)?;
        let (names, label, sensitive) =
            (frame.column(task)?, frame.column(label)?, frame.column(sensitive)?);
        let columns = frame.columns().iter();
        let features: Vec<&Column<f64>> = columns
            .filter(|column| ![names, label, sensitive].iter().any(|c| c.name == column.name))
            .collect();
        if features.is_empty() {
            let accepted = "at least one more column of the table";
            return Err(Error::setting("features", "none", accepted));
        }
        let unfit = frame.columns().iter().filter_map(|column| {
            let (row, expected) = if column.name == *task {
                (nameless(column), "the name of a task")
            } else if [label, sensitive].iter().any(|binary| binary.name == column.name) {
                (unfit(column, |value| value == 0.0 || value == 1.0), "0 or 1")
            } else {
                (unfit(column, |_| true), FINITE)
            };
            Some(frame.cell_error(row?, &column.name, expected))
        });
        all_fit(&self.file, unfit.collect())?;
        let binary = |column, positive| values(column).iter().map(|&v| v == positive).collect();
        let features: Vec<&[f64]> = features.into_iter().map(values).collect();
        let all = Batch::new(
            features.len(),
            row_major(&features),
            binary(label, 1.0),
            binary(sensitive, 0.0),
        )?;
        let groups = by_level(names, 0..frame.rows()).into_iter();
        Ok(groups.map(|(name, rows)| Task::new(name, all.select(&rows))).collect())
    }
}

/// What a feature has to be.
pub(crate) const FINITE: &str = "a finite number";

/// Returns the first row whose cell is missing, is no finite number, or is not accepted.
pub(crate) fn unfit(column: &Column<f64>, accepts: impl Fn(f64) -> bool) -> Option<usize> {
    match &column.cells {
        Cells::Numbers(values) => values.iter().position(|&v| v.is_nan() || !accepts(v)),
        Cells::Levels { codes, names } => {
            let fits = |name: &String| name.parse().is_ok_and(|v: f64| v.is_finite() && accepts(v));
            let fits: Vec<bool> = names.iter().map(fits).collect();
            codes.iter().position(|&code| fits.get(code as usize) != Some(&true))
        }
        Cells::Texts(_) | Cells::TooMany => Some(0),
    }
}

/// Returns the first row whose cell has no text.
fn nameless(column: &Column<f64>) -> Option<usize> {
    let Cells::Levels { codes, names } = &column.cells else { return None };
    let code = names.iter().position(String::is_empty)?;
    codes.iter().position(|&other| other as usize == code)
}

/// Returns the numbers of a column. There are none in a column that is not numeric.
pub(crate) fn values(column: &Column<f64>) -> &[f64] {
    match &column.cells {
        Cells::Numbers(values) => values,
        _ => &[],
    }
}

/// Returns the values of columns `(columns, rows)` row by row: `(rows, columns)`, row-major.
pub(crate) fn row_major(columns: &[&[f64]]) -> Vec<f64> {
    let rows = columns.first().map_or(0, |column| column.len());
    (0..rows).flat_map(|row| columns.iter().map(move |column| column[row])).collect()
}

/// The given rows of each value of a column of texts, in the order in which the values first
/// appear. A value has the first text that is written for it. Rows without a text, and values
/// without a row, are left out.
pub(crate) fn by_level<R>(
    column: &Column<R>,
    rows: impl IntoIterator<Item = usize>,
) -> Vec<(&str, Vec<usize>)> {
    let Cells::Levels { codes, names } = &column.cells else { return Vec::new() };
    let mut groups: Vec<(&str, Vec<usize>)> =
        names.iter().map(|name| (name.as_str(), Vec::new())).collect();
    let codes = value_codes(codes, names);
    for row in rows {
        if let Some((_, rows)) = groups.get_mut(codes[row] as usize) {
            rows.push(row);
        }
    }
    groups.retain(|(_, rows)| !rows.is_empty());
    groups
}

/// The codes of texts, with the code of the first text that has the same value.
pub(crate) fn value_codes(codes: &[u32], names: &[String]) -> Vec<u32> {
    let mut first = HashMap::new();
    let firsts: Vec<u32> = names
        .iter()
        .zip(0..)
        .map(|(name, code)| *first.entry(frame::spelling::value(name)).or_insert(code))
        .collect();
    codes.iter().map(|&code| firsts.get(code as usize).copied().unwrap_or(code)).collect()
}

/// Returns one error for the unfit cells of all columns.
fn all_fit(file: &str, mut unfit: Vec<frame::Error>) -> Result<(), Error> {
    if unfit.len() < 2 {
        return unfit.pop().map_or(Ok(()), |error| Err(error.into()));
    }
    let prefix = format!("{}, ", file.escape_debug());
    let described = unfit.iter().take(DESCRIBED).map(|error| {
        let message = error.to_string();
        message.strip_prefix(&prefix).unwrap_or(&message).to_owned()
    });
    let mut cells = described.collect::<Vec<_>>().join("; ");
    if unfit.len() > DESCRIBED {
        cells += &format!("; and {} more", unfit.len() - DESCRIBED);
    }
    Err(Error::UnfitColumns { file: file.into(), columns: unfit.len(), cells })
}

/// Opens a file. Also returns the name that error messages use for it.
pub(crate) fn open(path: &Path) -> Result<(File, String), Error> {
    let file = path.display().to_string();
    match File::open(path) {
        Ok(reader) => Ok((reader, file)),
        Err(source) => Err(frame::Error::Read { file, source }.into()),
    }
}

/// Reads all bytes.
pub(crate) fn bytes(mut reader: impl Read, file: &str) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    match reader.read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(source) => Err(frame::Error::Read { file: file.into(), source }.into()),
    }
}
