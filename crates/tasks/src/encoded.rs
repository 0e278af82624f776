//! Rows of a table that become features when they are read.
//!
//! Texts become many features, so the features of a table can take many times its memory. Here the
//! cells are kept: a number takes 4 bytes, and so does a text. Only the rows of an episode become
//! features.

use std::ops::Range;
use std::sync::Arc;

use frame::{Cells, Column, Levels};

use crate::Batch;
use crate::scaling::moments;

/// The columns of a block. Blocks of more columns would need fewer cache lines for a row. But while
/// a block is made, its columns are in memory twice.
const BLOCK: usize = 4;

/// How the cells of a column become features.
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
        /// The feature of a missing text.
        missing: usize,
    },
}

impl Encoder {
    /// Writes the features of cells to `x`, which begins at the first of them: those of the i-th
    /// cell begin at i · `width`. All of `x` has to be 0 before.
    pub(crate) fn write(&self, cells: impl Iterator<Item = Cell>, x: &mut [f64], width: usize) {
        for (i, cell) in cells.enumerate() {
            match self {
                Encoder::Number { center, scale, fill, indicator } => match cell.number() {
                    Some(number) => x[i * width] = (f64::from(number) - center) / scale,
                    None => {
                        x[i * width] = *fill;
                        if *indicator {
                            x[i * width + 1] = 1.0;
                        }
                    }
                },
                Encoder::Level { slots, missing } => {
                    x[i * width + slots.get(cell.code()).unwrap_or(missing)] = 1.0;
                }
            }
        }
    }

    /// The encoder that scales a number over these cells.
    pub(crate) fn scaled_over<I: Iterator<Item = Cell>>(&self, cells: impl Fn() -> I) -> Self {
        match self {
            Encoder::Number { fill, indicator, .. } => {
                let (center, scale) = moments(|| cells().filter_map(Cell::number).map(f64::from));
                Encoder::Number { center, scale, fill: *fill, indicator: *indicator }
            }
            Encoder::Level { .. } => self.clone(),
        }
    }
}

/// A cell in four bytes: the bits of a number, or the code of a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell(u32);

impl Cell {
    /// The cell in a row of a column.
    pub(crate) fn of(column: &Column<f32>, row: usize) -> Self {
        match &column.cells {
            Cells::Numbers(numbers) => Cell(numbers[row].to_bits()),
            Cells::Levels { codes, .. } => Cell(codes[row]),
            Cells::Texts(_) | Cells::TooMany => Cell(Levels::MISSING),
        }
    }

    /// The number, if it is not missing.
    fn number(self) -> Option<f32> {
        Some(f32::from_bits(self.0)).filter(|number| !number.is_nan())
    }

    /// The code. That of a missing text is the code of no text.
    fn code(self) -> usize {
        self.0 as usize
    }
}

/// The cells of all tasks, with the rows of a task one after another.
#[derive(Debug)]
pub(crate) struct CellTable {
    /// The cells of a few columns in each block, row by row.
    blocks: Vec<Vec<Cell>>,
    /// The number of features of each column.
    widths: Vec<usize>,
    /// The label of each row.
    positive: Vec<bool>,
    /// The group of each row.
    protected: Vec<bool>,
}

impl CellTable {
    /// The rows of these columns in this order, with the number of features of each column.
    pub(crate) fn new(
        columns: Vec<Column<f32>>,
        order: &[usize],
        widths: Vec<usize>,
        positive: Vec<bool>,
        protected: Vec<bool>,
    ) -> Self {
        let mut columns = columns.into_iter();
        // The columns of a block are dropped before the next block is made.
        let block = |_| {
            let of_block: Vec<Column<f32>> = columns.by_ref().take(BLOCK).collect();
            let mut cells = Vec::with_capacity(order.len() * of_block.len());
            for &row in order {
                cells.extend(of_block.iter().map(|column| Cell::of(column, row)));
            }
            cells
        };
        let blocks = (0..widths.len().div_ceil(BLOCK)).map(block).collect();
        CellTable { blocks, widths, positive, protected }
    }

    /// The cells of a column in these rows.
    pub(crate) fn cells(
        &self,
        column: usize,
        rows: impl Iterator<Item = usize>,
    ) -> impl Iterator<Item = Cell> {
        let (first, cells) = (column / BLOCK * BLOCK, &self.blocks[column / BLOCK]);
        let width = (self.widths.len() - first).min(BLOCK);
        rows.map(move |row| cells[row * width + (column - first)])
    }
}

/// The rows of one task of a table. The tasks of a table share its cells.
#[derive(Clone, Debug)]
pub struct Encoded {
    table: Arc<CellTable>,
    encoders: Arc<[Encoder]>,
    rows: Range<usize>,
}

impl Encoded {
    /// The rows in a range of the columns, with an encoder for each column.
    pub(crate) fn new(table: Arc<CellTable>, encoders: Arc<[Encoder]>, rows: Range<usize>) -> Self {
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
        for (column, (encoder, width)) in self.encoders.iter().zip(&self.table.widths).enumerate() {
            let places = rows.iter().map(|row| self.rows.start + row);
            let cells = self.table.cells(column, places);
            encoder.write(cells, x.get_mut(at..).unwrap_or_default(), features);
            at += width;
        }
        let of = |all: &[bool]| rows.iter().map(|&row| all[row]).collect();
        // Numbers of single precision, scaled by their own deviation, are finite.
        Batch::of_finite(features, x, of(self.positive()), of(self.protected()))
    }
}
