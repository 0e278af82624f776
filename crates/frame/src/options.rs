//! What a reader is told before it reads.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::Error;

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Finite numbers.
    Numeric,
    /// Texts of which many are equal, such as names of states. Numbers may be levels as well.
    Categorical,
    /// Texts that are kept as they are, such as the identifiers of rows.
    Text,
}

/// The texts that mean "missing" unless [`Options::missing`] says otherwise.
pub const MISSING: [&str; 14] = [
    "", "?", "NA", "N/A", "#N/A", "n/a", "NaN", "nan", "null", "NULL", "Null", "None", "<NA>",
    "NAN",
];

/// How a file is read. The default is a comma, the missing texts of [`MISSING`], all columns, and
/// no given kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The byte between two cells. Default: a comma. It must be an ASCII character other than a
    /// quote, a line break or NUL.
    pub delimiter: u8,
    /// The texts that mean "missing", see [`Missing`](crate::Missing). A cell is compared after
    /// spaces around it are removed.
    pub missing: Vec<String>,
    /// The columns whose kind is given. The kind of each other column is told apart from its cells:
    /// it is numeric if all its cells are finite numbers or missing, and categorical otherwise. A
    /// name that is not in the file has no effect, because the file may lack a column that is not
    /// needed. A name that several columns have is an error, as in the two lists below.
    pub kinds: BTreeMap<String, Kind>,
    /// The columns that are not read. Each must be in the file.
    pub dropped: BTreeSet<String>,
    /// If given, only these columns are read. Each must be in the file.
    pub wanted: Option<BTreeSet<String>>,
    /// The largest number of levels of a categorical column. A column with more keeps no values:
    /// it has [`Cells::TooMany`](crate::Cells::TooMany). Default 65,536.
    pub most_levels: usize,
    /// The names of the columns of a file that has no header. Default: the first row has the names.
    pub header: Option<Vec<String>>,
    /// The largest number of bytes that the values of a frame may take. The reader estimates the
    /// number of rows from the first block of the file, and returns
    /// [`Error::TooLarge`](crate::Error::TooLarge) if the values of all rows would take more. The
    /// different texts of categorical columns are counted as they are met. The blocks that are read
    /// come on top, see [`memory_of_reading`](crate::memory_of_reading). Default: no limit.
    pub memory: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            delimiter: b',',
            missing: MISSING.map(String::from).to_vec(),
            kinds: BTreeMap::new(),
            dropped: BTreeSet::new(),
            wanted: None,
            most_levels: 65_536,
            header: None,
            memory: None,
        }
    }
}

impl Options {
    /// Checks what the types do not.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let delimiter = self.delimiter;
        if !delimiter.is_ascii() || matches!(delimiter, b'"' | b'\n' | b'\r' | 0) {
            return Err(Error::Option {
                option: "delimiter",
                value: (delimiter as char).escape_debug().to_string(),
                accepted: "an ASCII character other than a quote, a line break or NUL".into(),
            });
        }
        Ok(())
    }

    /// Returns whether the column is read.
    pub(crate) fn reads(&self, name: &str) -> bool {
        !self.dropped.contains(name)
            && self.wanted.as_ref().is_none_or(|wanted| wanted.contains(name))
    }
}
