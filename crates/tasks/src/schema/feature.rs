//! One column and the features that it becomes.

use std::sync::Arc;

use frame::{Cells, Column, Kind};
use serde::{Deserialize, Serialize};

use super::Known;
use crate::Scaling;
use crate::encoded::Encoder;

/// A column of a table, and how it becomes features.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "snake_case", deny_unknown_fields)]
pub enum Feature {
    /// A number x becomes (x − center) / scale.
    Numeric {
        /// The name of the column.
        column: String,
        /// The mean over the rows of all tasks.
        center: f64,
        /// The standard deviation over the rows of all tasks; for a constant column its magnitude.
        scale: f64,
        /// Whether a second feature is 1 where the value is missing, and 0 elsewhere.
        indicator: bool,
    },
    /// A text becomes a 1 in one of several features.
    Categorical {
        /// The name of the column.
        column: String,
        /// The texts with a feature of their own, in alphabetical order. A number stands for all
        /// ways to write it. All other texts have one feature together.
        levels: Vec<String>,
        /// Whether one more feature is 1 where the value is missing. Without it, a missing value
        /// counts as one of the other texts.
        indicator: bool,
        /// The share of the rows with a text that have one of the other texts, from 0 to 1.
        rare: f64,
    },
}

impl Feature {
    /// The name of the column.
    pub fn column(&self) -> &str {
        match self {
            Feature::Numeric { column, .. } | Feature::Categorical { column, .. } => column,
        }
    }

    /// The kind of the column.
    pub fn kind(&self) -> Kind {
        match self {
            Feature::Numeric { .. } => Kind::Numeric,
            Feature::Categorical { .. } => Kind::Categorical,
        }
    }

    /// Whether a column has cells that the feature can be made of.
    pub(super) fn fits(&self, column: &Column<f32>) -> bool {
        matches!(
            (self, &column.cells),
            (Feature::Numeric { .. }, Cells::Numbers(_))
                | (Feature::Categorical { .. }, Cells::Levels { .. })
        )
    }

    /// The number of features.
    pub fn width(&self) -> usize {
        match self {
            Feature::Numeric { indicator, .. } => 1 + usize::from(*indicator),
            Feature::Categorical { levels, indicator, .. } => {
                levels.len() + 1 + usize::from(*indicator)
            }
        }
    }

    /// The names of the features.
    pub fn names(&self) -> Vec<String> {
        let missing = |indicator: bool, column: &str| {
            indicator.then(|| format!("{column} is missing")).into_iter()
        };
        match self {
            Feature::Numeric { column, indicator, .. } => {
                std::iter::once(column.clone()).chain(missing(*indicator, column)).collect()
            }
            Feature::Categorical { column, levels, indicator, .. } => {
                let own = levels.iter().map(|level| format!("{column} = {level}"));
                let other = std::iter::once(format!("{column} is another"));
                own.chain(other).chain(missing(*indicator, column)).collect()
            }
        }
    }

    /// How the cells of a column become this feature's numbers. A scaling within a task begins with
    /// that over all tasks.
    pub(super) fn encoder(&self, column: &Column<f32>, scaling: Scaling) -> Encoder {
        match self {
            Feature::Numeric { center: mean, scale, indicator, .. } => {
                let (center, scale, fill) = match scaling {
                    // A missing value is the mean of the table here as well.
                    Scaling::None => (0.0, 1.0, *mean),
                    Scaling::OverAllTasks | Scaling::WithinTask => (*mean, *scale, 0.0),
                };
                Encoder::Number { center, scale, fill, indicator: *indicator }
            }
            Feature::Categorical { levels, indicator, .. } => {
                let (known, other) = (Known::new(levels), levels.len());
                let slot = |name: &String| known.place(name).unwrap_or(other);
                let slots: Arc<[usize]> = column.levels().iter().map(slot).collect();
                Encoder::Level { slots, missing: other + usize::from(*indicator) }
            }
        }
    }
}
