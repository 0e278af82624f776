//! This module defines the errors of the crate.

use std::io;

/// Describes every error of this crate. The message is one line, because line breaks within column
/// names, task names and cells are escaped. It names the file, line and column, the task, or the
/// setting where this applies.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A table could not be read.
    #[error(transparent)]
    Frame(#[from] frame::Error),
    /// The file could not be opened or read.
    #[error("cannot read {file}: {source}")]
    Read {
        /// The name of the file.
        file: String,
        /// The error that the operating system reported.
        source: io::Error,
    },
    /// The file is not the expected CSV: it is not UTF-8, its rows have unequal numbers of fields,
    /// or its header is wrong or missing.
    #[error("{file}, line {line}: {problem}")]
    Malformed {
        /// The name of the file.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// A description of the problem.
        problem: String,
    },
    /// The file has no rows of data.
    #[error("{file}: no rows of data")]
    NoRows {
        /// The name of the file.
        file: String,
    },
    /// The file lacks a requested column.
    #[error(
        "{file}: no column `{column}`; the columns are {available}",
        column = column.escape_debug()
    )]
    MissingColumn {
        /// The name of the file.
        file: String,
        /// The name of the requested column.
        column: String,
        /// The names of the columns in the file. A long list is cut short.
        available: String,
    },
    /// A cell holds a value that its column does not accept.
    #[error(
        "{file}, line {line}, column `{column}`: found `{value}`, expected {expected}",
        column = column.escape_debug(),
        value = value.escape_debug()
    )]
    Cell {
        /// The name of the file.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// The name of the column.
        column: String,
        /// The text of the cell.
        value: String,
        /// The values that are accepted.
        expected: String,
    },
    /// A setting has a value that is not accepted.
    #[error("{setting} must be {accepted}, got {value}")]
    Setting {
        /// The name of the setting.
        setting: &'static str,
        /// The value that was given.
        value: String,
        /// The values that are accepted.
        accepted: String,
    },
    /// A task has fewer rows of some kind than a support or query set needs.
    #[error(
        "task `{task}` has {available} {kind}, but {purpose} takes {needed}",
        task = task.escape_debug()
    )]
    TooFewRows {
        /// The name of the task.
        task: String,
        /// The number of such rows in the task.
        available: usize,
        /// The kind of rows: "rows" or "positive protected rows".
        kind: &'static str,
        /// The purpose for which the rows are needed.
        purpose: String,
        /// The number of rows that are needed.
        needed: usize,
    },
    /// The parts of a batch do not fit together.
    #[error(
        "a batch of {features} features needs as many values per row, labels and memberships: got {values} values, {positive} labels, {protected} memberships"
    )]
    BatchShape {
        /// The number of features of a row.
        features: usize,
        /// The number of feature values that were given.
        values: usize,
        /// The number of labels that were given.
        positive: usize,
        /// The number of group memberships that were given.
        protected: usize,
    },
    /// A feature is infinite or not a number.
    #[error("row {row}, feature {feature} of a batch is {value}; features must be finite")]
    NonFinite {
        /// The row, counted from 0.
        row: usize,
        /// The feature, counted from 0.
        feature: usize,
        /// The value that was found.
        value: f64,
    },
}

impl Error {
    pub(crate) fn setting(
        setting: &'static str,
        value: impl ToString,
        accepted: impl Into<String>,
    ) -> Self {
        Self::Setting { setting, value: value.to_string(), accepted: accepted.into() }
    }
}
