//! The errors of the crate.

use std::io;

/// Every error of this crate. The message is one line, because control characters in names and
/// cells are escaped. It names the file and, where this applies, the line and the column.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be opened or read.
    #[error("cannot read {}: {source}", file.escape_debug())]
    Read {
        /// The name of the file.
        file: String,
        /// The error that the operating system reported.
        source: io::Error,
    },
    /// The file is not the expected CSV: it is not UTF-8, a quote is not closed, its rows have
    /// unequal numbers of cells, or its header is wrong.
    #[error("{}, line {line}: {problem}", file.escape_debug())]
    Malformed {
        /// The name of the file.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// A description of the problem.
        problem: String,
    },
    /// The file has no rows of data.
    #[error("{}: no rows of data", file.escape_debug())]
    NoRows {
        /// The name of the file.
        file: String,
    },
    /// The file lacks a requested column.
    #[error(
        "{}: no column `{}`; the columns are {available}",
        file.escape_debug(), column.escape_debug()
    )]
    MissingColumn {
        /// The name of the file.
        file: String,
        /// The name of the requested column.
        column: String,
        /// The names of the columns in the file, escaped and in backticks. Names that are near to
        /// the requested one come first, and a long list is cut short.
        available: String,
    },
    /// A cell holds a value that its column does not accept.
    #[error(
        "{}, line {line}, column `{}`: found `{}`, expected {expected}",
        file.escape_debug(), column.escape_debug(), value.escape_debug()
    )]
    Cell {
        /// The name of the file.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// The name of the column.
        column: String,
        /// The text of the cell. A long text is cut short.
        value: String,
        /// The values that are accepted.
        expected: String,
    },
    /// The values would take more memory than the options allow.
    #[error(
        "{}: the values of its columns take about {estimate} bytes, and the limit is {limit} bytes",
        file.escape_debug()
    )]
    TooLarge {
        /// The name of the file.
        file: String,
        /// The estimated number of bytes.
        estimate: u64,
        /// The largest number of bytes that the options allow.
        limit: u64,
    },
    /// An option has a value that is not accepted.
    #[error("{option} must be {accepted}, got `{}`", value.escape_debug())]
    Option {
        /// The name of the option.
        option: &'static str,
        /// The value that was given.
        value: String,
        /// The values that are accepted.
        accepted: String,
    },
}

/// The largest number of column names that an error message lists.
const LISTED: usize = 12;

/// The similarity from which on a name counts as near, from 0 (nothing in common) to 1 (equal).
const NEAR: f64 = 0.6;

impl Error {
    /// Makes the error for a column that is not among `names`.
    pub(crate) fn missing_column<'n>(
        file: &str,
        column: &str,
        names: impl Iterator<Item = &'n str>,
    ) -> Self {
        let wanted = column.to_lowercase();
        let mut names: Vec<(&str, f64)> = names
            .map(|name| {
                // A name that several columns have was numbered.
                let is_numbered =
                    name.strip_prefix(column).is_some_and(|rest| rest.starts_with(" ("));
                let lower = name.to_lowercase();
                let similar = match is_numbered {
                    true => 1.0,
                    false => strsim::normalized_damerau_levenshtein(&wanted, &lower),
                };
                (name, if similar >= NEAR { similar } else { 0.0 })
            })
            .collect();
        names.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let listed =
            names.iter().take(LISTED).map(|(name, _)| format!("`{}`", name.escape_debug()));
        let more = names.len().saturating_sub(LISTED);
        let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
        let available = listed.collect::<Vec<_>>().join(", ") + &tail;
        Self::MissingColumn { file: file.into(), column: column.into(), available }
    }
}

/// The largest number of characters of a cell that an error keeps.
const SHOWN: usize = 80;

/// Returns a text that fits an error message.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into(),
    }
}
