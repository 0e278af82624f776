//! Rows of a table that become features when they are read.
//!
//! Texts become many features, so the features of a table can take many times its memory. Here the
//! table stays as it is: a number takes 4 bytes, and so does a text. Only the rows of an episode
//! become features.

use std::ops::Range;
use std::sync::Arc;

use frame::{Cells, Column};

use crate::Batch;

/// How the cells of a column become features. What is 0 is not written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Encoder {
    /// A number x becomes (x − center) / scale.
    Number {
        center: f64,
        scale: f64,
        /// The feature of a missing number.
        fill: f64,
        /// Whether a second feature is 1 where the number is missing.
        indicator: bool,
    },
    /// A text becomes a 1 in one of the features.
    Level {
        /// The feature of each text of the column.
        slots: Arc<[usize]>,
        /// The feature of a missing text, and of all texts of a column that keeps none.
        missing: usize,
    },
}

impl Encoder {
    /// Writes the features of `rows` to `x`, which begins at the first of them: row i begins at
    /// i · `width`.
    pub(crate) fn write(
        &self,
        column: &Column<f32>,
        rows: impl Iterator<Item = usize>,
        x: &mut [f64],
        width: usize,
    ) {
        match self {
            Encoder::Number { center, scale, fill, indicator } => {
                for (i, row) in rows.enumerate() {
                    match column.number(row) {
                        Some(number) => x[i * width] = (f64::from(number) - center) / scale,
                        None => {
                            x[i * width] = *fill;
                            if *indicator {
                                x[i * width + 1] = 1.0;
                            }
                        }
                    }
                }
            }
            Encoder::Level { slots, missing } => {
                let Cells::Levels { codes, .. } = &column.cells else {
                    rows.enumerate().for_each(|(i, _)| x[i * width + missing] = 1.0);
                    return;
                };
                for (i, row) in rows.enumerate() {
                    let slot = slots.get(codes[row] as usize).unwrap_or(missing);
                    x[i * width + slot] = 1.0;
                }
            }
        }
    }
}

/// The columns of all tasks, with the rows of a task one after another.
#[derive(Debug)]
pub(crate) struct Columns {
    /// The columns of the features.
    pub(crate) columns: Vec<Column<f32>>,
    /// The number of features of each column.
    pub(crate) widths: Vec<usize>,
    /// The label of each row.
    pub(crate) positive: Vec<bool>,
    /// The group of each row.
    pub(crate) protected: Vec<bool>,
}

/// The rows of one task of a table, which share its columns with those of the other tasks.
#[derive(Clone, Debug)]
pub struct Encoded {
    table: Arc<Columns>,
    encoders: Arc<[Encoder]>,
    rows: Range<usize>,
}

impl Encoded {
    /// The rows in a range of the columns, with an encoder for each column.
    pub(crate) fn new(table: Arc<Columns>, encoders: Arc<[Encoder]>, rows: Range<usize>) -> Self {
        Encoded { table, encoders, rows }
    }

    /// Returns the number of rows.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Returns the number of features of a row.
    pub fn features(&self) -> usize {
        self.table.widths.iter().sum()
    }

    /// Returns the label of each row.
    pub fn positive(&self) -> &[bool] {
        &self.table.positive[self.rows.clone()]
    }

    /// Returns whether each row is protected.
    pub fn protected(&self) -> &[bool] {
        &self.table.protected[self.rows.clone()]
    }

    /// Returns the given rows with their features.
    ///
    /// # Panics
    /// Panics if there is no such row.
    pub fn select(&self, rows: &[usize]) -> Batch {
        let features = self.features();
        let mut x = vec![0.0; rows.len() * features];
        let mut at = 0;
        for ((column, encoder), width) in self.columns().zip(&self.table.widths) {
            let places = rows.iter().map(|row| self.rows.start + row);
            encoder.write(column, places, x.get_mut(at..).unwrap_or_default(), features);
            at += width;
        }
        let of = |all: &[bool]| rows.iter().map(|&row| all[row]).collect();
        // Numbers of single precision stay finite in double precision, whatever their scale.
        Batch::of_finite(features, x, of(self.positive()), of(self.protected()))
    }

    fn columns(&self) -> impl Iterator<Item = (&Column<f32>, &Encoder)> {
        self.table.columns.iter().zip(&*self.encoders)
    }
}
