//! A CSV file as typed columns.
//!
//! [`Frame::read`] reads a file on all threads, in little more memory than its values take.
//! Numeric and categorical columns are told apart, or their kind is given. [`blocks`] reads a file
//! that need not fit into memory. Every error names the file, and the line and column where this
//! applies.
//!
//! ```
//! use frame::{Cells, Frame, Kind, Levels, Options};
//!
//! let csv = "state,age,note\n\
//!            Ohio,41,\"calm, quick\"\n\
//!            Utah,?,\n\
//!            Ohio,2.5e1,late\n";
//! let kinds = [("note".into(), Kind::Text)].into();
//! let frame: Frame<f32> =
//!     Frame::from_bytes(csv.as_bytes(), "people.csv", &Options { kinds, ..Options::default() })?;
//! assert_eq!((frame.rows(), frame.columns().len()), (3, 3));
//!
//! let age = frame.column("age")?;
//! assert_eq!((age.kind(), age.missing()), (Some(Kind::Numeric), 1));
//! assert_eq!((age.number(0), age.number(1), age.number(2)), (Some(41.0), None, Some(25.0)));
//!
//! let state = frame.column("state")?;
//! let names = vec!["Ohio".into(), "Utah".into()];
//! assert_eq!(state.cells, Cells::Levels { codes: vec![0, 1, 0], names });
//! assert_eq!(state.text(2), Some("Ohio"));
//! assert_eq!(frame.column("note")?.text(0), Some("calm, quick"));
//!
//! let error = frame.cell_error(1, "state", "a state of the model").to_string();
//! let place = "people.csv, line 3, column `state`";
//! assert_eq!(error, format!("{place}: found `Utah`, expected a state of the model"));
//! let error = frame.column("aeg").unwrap_err().to_string();
//! assert_eq!(error, "people.csv: no column `aeg`; the columns are `age`, `state`, `note`");
//! # assert_ne!(Levels::MISSING, 0);
//! # Ok::<(), frame::Error>(())
//! ```
//!
//! # The format
//!
//! - The first row is the header, unless [`Options::header`] has the names. A column without a
//!   name and columns with the same name get numbers ([`unique_names`]). It is an error if an
//!   option gives a name that several columns have.
//! - LF, CR LF and a lone CR end a line, and all of them are counted as lines. Empty lines are
//!   skipped. In a file with one column, an empty line before the last row is a row with an empty
//!   cell.
//! - Spaces around a cell are removed, also before a quoted cell. A quoted cell may contain
//!   delimiters, line breaks and, written twice, quotes. A quote within an unquoted cell is an
//!   ordinary character.
//! - A quote that is never closed is an error that names the line on which it opens. So is text
//!   after a closing quote.
//! - The text is UTF-8, with or without a byte order mark. Other bytes are an error with the line.
//! - A number is decimal, with or without an exponent. It is rounded correctly and must be finite
//!   in the number type of the frame. `1e400` and `inf` are errors in a column that is given as
//!   numeric, and texts in one that is told apart.
//! - A column whose cells are all missing counts as numeric.

mod blocks;
mod builder;
mod chunks;
mod column;
mod cursor;
mod error;
mod frame;
mod layout;
mod lines;
mod load;
mod missing;
mod names;
mod options;
mod part;
mod real;
pub mod spelling;
#[cfg(test)]
mod tests;

pub use blocks::{blocks, columns};
pub use column::{Cells, Column, Levels};
pub use error::Error;
pub use frame::Frame;
pub use load::{first_row, memory_of_reading};
pub use missing::Missing;
pub use names::unique_names;
pub use options::{Kind, MISSING, Options};
pub use real::Real;
