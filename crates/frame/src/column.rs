//! A column and its cells.

use crate::{Kind, Real};

/// A column of a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Column<R> {
    /// The name in the header.
    pub name: String,
    /// The cells, one for each row.
    pub cells: Cells<R>,
}

/// The cells of a column. Their type depends on the kind of the column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cells<R> {
    /// Numbers: NaN exactly where the cell is missing, and finite elsewhere. `(rows)`.
    Numbers(Vec<R>),
    /// Texts of which many are equal.
    Levels {
        /// The position in `names` of the text of each row, and [`Levels::MISSING`] where the cell
        /// is missing. `(rows)`.
        codes: Vec<u32>,
        /// The distinct texts, in the order in which they first appear in the file.
        names: Vec<String>,
    },
    /// The texts of a column of [`Kind::Text`], without the spaces around them. Missing texts are
    /// kept as they are. `(rows)`.
    Texts(Vec<Box<str>>),
    /// The column has more distinct texts than [`Options::most_levels`](crate::Options) and keeps
    /// no values.
    TooMany,
}

/// What the codes of [`Cells::Levels`] mean.
#[derive(Clone, Copy, Debug)]
pub struct Levels;

impl Levels {
    /// The code of a missing cell.
    pub const MISSING: u32 = u32::MAX;
}

impl<R: Real> Column<R> {
    /// Returns what the cells are, or `None` for [`Cells::TooMany`].
    pub fn kind(&self) -> Option<Kind> {
        match self.cells {
            Cells::Numbers(_) => Some(Kind::Numeric),
            Cells::Levels { .. } => Some(Kind::Categorical),
            Cells::Texts(_) => Some(Kind::Text),
            Cells::TooMany => None,
        }
    }

    /// Returns the number of missing cells. It is 0 for texts, which are kept as they are, and for
    /// [`Cells::TooMany`].
    pub fn missing(&self) -> usize {
        match &self.cells {
            Cells::Numbers(values) => values.iter().filter(|value| value.is_nan()).count(),
            Cells::Levels { codes, .. } => {
                codes.iter().filter(|&&code| code == Levels::MISSING).count()
            }
            Cells::Texts(_) | Cells::TooMany => 0,
        }
    }

    /// Returns whether the cell is missing. It is `false` for texts and for [`Cells::TooMany`].
    ///
    /// # Panics
    /// Panics if a column with values has no such row.
    pub fn is_missing(&self, row: usize) -> bool {
        match &self.cells {
            Cells::Numbers(values) => values[row].is_nan(),
            Cells::Levels { codes, .. } => codes[row] == Levels::MISSING,
            Cells::Texts(_) | Cells::TooMany => false,
        }
    }

    /// Returns the distinct texts of a categorical column, in the order in which they first appear.
    /// They are empty in a column of another kind.
    pub fn levels(&self) -> &[String] {
        match &self.cells {
            Cells::Levels { names, .. } => names,
            Cells::Numbers(_) | Cells::Texts(_) | Cells::TooMany => &[],
        }
    }

    /// Returns the number in a cell, or `None` if the cell is missing or the column is not numeric.
    ///
    /// # Panics
    /// Panics if a numeric column has no such row.
    pub fn number(&self, row: usize) -> Option<R> {
        match &self.cells {
            Cells::Numbers(values) => Some(values[row]).filter(|value| !value.is_nan()),
            _ => None,
        }
    }

    /// Returns the text of a cell, or `None` if the cell is missing or the column is neither
    /// categorical nor text.
    ///
    /// # Panics
    /// Panics if a categorical or text column has no such row.
    pub fn text(&self, row: usize) -> Option<&str> {
        match &self.cells {
            Cells::Levels { codes, names } => match codes[row] {
                Levels::MISSING => None,
                code => Some(&names[code as usize]),
            },
            Cells::Texts(texts) => Some(&texts[row]),
            Cells::Numbers(_) | Cells::TooMany => None,
        }
    }
}
