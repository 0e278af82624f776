//! This module defines the errors of the crate.

/// Describes every error of this crate. The message is one line, because line breaks within column
/// names, task names and cells are escaped. It names the file, line and column, the task, or the
/// setting where this applies.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A CSV file cannot be read, is malformed, or lacks a column, or a cell holds a value that its
    /// column does not accept.
    #[error(transparent)]
    Csv(#[from] frame::Error),
    /// Several columns hold values that they do not accept.
    #[error("{}: {columns} columns do not fit: {cells}", file.escape_debug())]
    UnfitColumns {
        /// The name of the file.
        file: String,
        /// The number of columns.
        columns: usize,
        /// The first unfit cell of each column. A long list is cut short.
        cells: String,
    },
    /// No column of a Communities and Crime file can be a feature.
    #[error(
        "{}: no predictor is left: each predictive column is absent, left out by the settings, or \
         has a missing value",
        file.escape_debug()
    )]
    NoPredictors {
        /// The name of the file.
        file: String,
    },
    /// A text that decides about labels or groups is written almost like another one.
    #[error(transparent)]
    Spelling(Box<Spelling>),
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

/// A text of a label or of a group that is written almost like a known one, so that it is not clear
/// what it means.
#[derive(Debug, thiserror::Error)]
#[error(
    "{}, column `{}`: `{}` ({}, the first in line {line}) is written almost like `{}`{}, so it is \
     not clear what it means; write both alike",
    file.escape_debug(), column.escape_debug(), text.escape_debug(), crate::rows(*rows),
    known.escape_debug(),
    if *known_rows == 0 { String::new() } else { format!(" ({})", crate::rows(*known_rows)) }
)]
pub struct Spelling {
    /// The name of the file.
    pub file: String,
    /// The name of the column.
    pub column: String,
    /// The text.
    pub text: String,
    /// The rows with it.
    pub rows: usize,
    /// The line of the first of them, counted from 1.
    pub line: usize,
    /// The text that is like it.
    pub known: String,
    /// The rows with that one.
    pub known_rows: usize,
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
