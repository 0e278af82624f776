//! What can be wrong with data, a setting or a request, said in one line that names the place.

use std::io;

/// Every error of this crate. The message is one line (line breaks within names and cells are
/// escaped) and names file, line and column, or task, or setting.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be opened or read.
    #[error("cannot read {file}: {source}")]
    Read {
        /// The file's name.
        file: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file is not the CSV it should be: not UTF-8, unequal numbers of fields, an unfit or
    /// missing header.
    #[error("{file}, line {line}: {problem}")]
    Malformed {
        /// The file's name.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong, and what would be accepted.
        problem: String,
    },
    /// A file has no rows of data.
    #[error("{file}: no rows of data")]
    NoRows {
        /// The file's name.
        file: String,
    },
    /// A file lacks a column that was asked for.
    #[error(
        "{file}: no column `{column}`; the columns are {available}",
        column = column.escape_debug()
    )]
    MissingColumn {
        /// The file's name.
        file: String,
        /// The column asked for.
        column: String,
        /// The columns there are.
        available: String,
    },
    /// A cell holds something else than its column should.
    #[error(
        "{file}, line {line}, column `{column}`: found `{value}`, expected {expected}",
        column = column.escape_debug(),
        value = value.escape_debug()
    )]
    Cell {
        /// The file's name.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// The column's name.
        column: String,
        /// The cell as written.
        value: String,
        /// What would be accepted.
        expected: String,
    },
    /// A setting is outside of what is possible.
    #[error("setting `{setting}` is {value}; accepted: {accepted}")]
    Setting {
        /// The setting's name.
        setting: &'static str,
        /// Its value.
        value: String,
        /// What would be accepted.
        accepted: String,
    },
    /// A task has fewer rows of a kind than a support or query set needs.
    #[error(
        "task `{task}` has {available} {kind}, but {purpose} takes {needed}",
        task = task.escape_debug()
    )]
    TooFewRows {
        /// The task's name.
        task: String,
        /// How many such rows the task has.
        available: usize,
        /// Which rows: "rows", or "positive protected rows".
        kind: &'static str,
        /// What they were wanted for.
        purpose: String,
        /// How many were wanted.
        needed: usize,
    },
    /// The parts of a batch do not fit together.
    #[error(
        "a batch of {features} features needs as many values per row, labels and memberships: got {values} values, {positive} labels, {protected} memberships"
    )]
    BatchShape {
        /// Features per row.
        features: usize,
        /// Numbers given.
        values: usize,
        /// Labels given.
        positive: usize,
        /// Memberships given.
        protected: usize,
    },
    /// A feature is infinite or not a number.
    #[error("row {row}, feature {feature} of a batch is {value}; features must be finite")]
    NonFinite {
        /// The row, counted from 0.
        row: usize,
        /// The feature, counted from 0.
        feature: usize,
        /// The value found.
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
