//! Tests of the crate from outside.

mod blocks;
mod errors;
mod format;
mod kinds;
mod numbers;

use frame::{Error, Frame, Kind, Options};

/// Reads a text with the usual options.
fn read(csv: &str) -> Result<Frame<f64>, Error> {
    Frame::from_bytes(csv.as_bytes(), "data.csv", &Options::default())
}

/// Options in which every cell is text.
fn as_text(columns: &[&str]) -> Options {
    let kinds = columns.iter().map(|column| (column.to_string(), Kind::Text)).collect();
    Options { kinds, ..Options::default() }
}

/// The texts of a column.
fn texts(frame: &Frame<f64>, column: &str) -> Vec<String> {
    let column = frame.column(column).unwrap();
    (0..frame.rows()).map(|row| column.text(row).unwrap().to_owned()).collect()
}
