//! The cells of a column while it is read.

use std::collections::HashMap;

use crate::column::{Cells, Levels};
use crate::error::shortened;
use crate::layout::{Layout, Role};
use crate::{Kind, Real};

/// The cells of a column so far.
#[derive(Debug)]
pub(crate) enum Builder<R> {
    /// The column is not read.
    Skipped,
    /// Finite numbers, and NaN where a cell is missing.
    Numbers {
        values: Vec<R>,
        /// Whether another text is an error. Otherwise it makes the column [`Builder::NotNumeric`].
        given: bool,
    },
    /// The column was told to be no numeric one. It has to be read again.
    NotNumeric,
    Levels {
        codes: Vec<u32>,
        names: HashMap<String, u32>,
    },
    Texts(Vec<Box<str>>),
    /// More distinct texts than are allowed.
    TooMany,
}

impl<R: Real> Builder<R> {
    pub fn new(role: Role) -> Self {
        match role {
            Role::Skipped => Self::Skipped,
            Role::ToldApart => Self::Numbers { values: Vec::new(), given: false },
            Role::Given(Kind::Numeric) => Self::Numbers { values: Vec::new(), given: true },
            Role::Given(Kind::Categorical) => {
                Self::Levels { codes: Vec::new(), names: HashMap::new() }
            }
            Role::Given(Kind::Text) => Self::Texts(Vec::new()),
        }
    }

    /// Adds a cell. Returns the text of a cell that is no number in a column that is given as
    /// numeric.
    pub fn push(&mut self, cell: &str, layout: &Layout) -> Result<(), String> {
        match self {
            Self::Skipped | Self::NotNumeric | Self::TooMany => {}
            Self::Numbers { values, given } => {
                if layout.missing.contains(cell) {
                    values.push(R::NAN);
                } else if let Some(value) = R::parse(cell) {
                    values.push(value);
                } else if *given {
                    return Err(shortened(cell));
                } else {
                    *self = Self::NotNumeric;
                }
            }
            Self::Levels { codes, names } => {
                if layout.missing.contains(cell) {
                    codes.push(Levels::MISSING);
                } else if let Some(code) = code(names, cell, layout.most_levels) {
                    codes.push(code);
                } else {
                    *self = Self::TooMany;
                }
            }
            Self::Texts(texts) => texts.push(cell.into()),
        }
        Ok(())
    }

    /// Adds the cells of a part of the file that follows.
    pub fn append(&mut self, part: Self, layout: &Layout) {
        match (&mut *self, part) {
            (Self::Numbers { values, .. }, Self::Numbers { values: more, .. }) => {
                if values.is_empty() {
                    *values = more;
                    return;
                }
                grow(values, more.len());
                values.extend_from_slice(&more);
            }
            (Self::Levels { codes, names }, Self::Levels { codes: more, names: new }) => {
                let translated: Option<Vec<u32>> = in_order(new)
                    .into_iter()
                    .map(|name| code(names, &name, layout.most_levels))
                    .collect();
                let Some(translated) = translated else {
                    *self = Self::TooMany;
                    return;
                };
                grow(codes, more.len());
                let translate = |code| match code {
                    Levels::MISSING => code,
                    code => translated[code as usize],
                };
                codes.extend(more.into_iter().map(translate));
            }
            (Self::Texts(texts), Self::Texts(more)) => {
                grow(texts, more.len());
                texts.extend(more);
            }
            (Self::Numbers { .. }, Self::NotNumeric) => *self = Self::NotNumeric,
            (Self::Levels { .. }, Self::TooMany) => *self = Self::TooMany,
            _ => {}
        }
    }

    /// Returns the number of bytes of a cell.
    pub fn cell_bytes(&self) -> usize {
        match self {
            Self::Numbers { .. } => size_of::<R>(),
            Self::Levels { .. } | Self::NotNumeric => size_of::<u32>(),
            Self::Texts(_) => size_of::<Box<str>>(),
            Self::Skipped | Self::TooMany => 0,
        }
    }

    /// Returns the number of bytes of all cells, and of the different texts among them.
    pub fn held(&self) -> u64 {
        // A text of a few letters, its place in a table that is half full, and its code.
        const NAME: usize = 100;
        let bytes = match self {
            Self::Numbers { values, .. } => size_of_val(&values[..]),
            Self::Levels { codes, names } => size_of_val(&codes[..]) + names.len() * NAME,
            Self::Texts(texts) => size_of_val(&texts[..]),
            Self::Skipped | Self::NotNumeric | Self::TooMany => 0,
        };
        bytes as u64
    }

    /// Makes room for this number of further rows.
    pub fn reserve(&mut self, rows: usize) {
        match self {
            Self::Numbers { values, .. } => values.reserve_exact(rows),
            Self::Levels { codes, .. } => codes.reserve_exact(rows),
            Self::Texts(texts) => texts.reserve_exact(rows),
            Self::Skipped | Self::NotNumeric | Self::TooMany => {}
        }
    }

    /// Returns the cells, or `None` if the column is not read or has to be read again.
    pub fn finish(self) -> Option<Cells<R>> {
        Some(match self {
            Self::Skipped | Self::NotNumeric => return None,
            Self::Numbers { mut values, .. } => {
                values.shrink_to_fit();
                Cells::Numbers(values)
            }
            Self::Levels { mut codes, names } => {
                codes.shrink_to_fit();
                Cells::Levels { codes, names: in_order(names) }
            }
            Self::Texts(mut texts) => {
                texts.shrink_to_fit();
                Cells::Texts(texts)
            }
            Self::TooMany => Cells::TooMany,
        })
    }
}

/// Returns the code of a name, or `None` if it is new and there are `most` names already.
fn code(names: &mut HashMap<String, u32>, name: &str, most: usize) -> Option<u32> {
    if let Some(&code) = names.get(name) {
        return Some(code);
    }
    let code = u32::try_from(names.len()).ok().filter(|_| names.len() < most)?;
    names.insert(name.to_owned(), code);
    Some(code)
}

/// Returns the names in the order of their codes.
fn in_order(names: HashMap<String, u32>) -> Vec<String> {
    let mut ordered = vec![String::new(); names.len()];
    for (name, code) in names {
        ordered[code as usize] = name;
    }
    ordered
}

/// Makes room for `more` values. It grows a vector by an eighth and not to twice its size, because
/// there are many columns.
fn grow<T>(values: &mut Vec<T>, more: usize) {
    if values.capacity() - values.len() < more {
        values.reserve_exact(more.max(values.len() / 8));
    }
}
