//! What a later table has that the table of the training has not.

use std::collections::BTreeMap;

use frame::{Cells, Column, Frame};

use super::{Feature, Known, Schema, quoted};
use crate::Error;

/// The least number of rows from which the share of other texts tells something, if the table of
/// the training has such texts as well.
const ROWS: usize = 10;
/// The largest number of spellings of a column that a note names.
const LISTED: usize = 3;

/// Counts of the cells that a model does not know. They do not depend on the order of the rows, nor
/// on the parts in which they are counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unfamiliar {
    /// One for each feature.
    columns: Vec<Counts>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Counts {
    rows: usize,
    missing: usize,
    /// The rows with a text that has no feature of its own.
    others: usize,
    /// Those of them that are written almost like one that has: by both texts.
    near: BTreeMap<(String, String), usize>,
}

impl Unfamiliar {
    /// Adds these rows of a table.
    ///
    /// # Errors
    /// Returns an error if a column of the schema does not exist.
    pub fn count(
        &mut self,
        schema: &Schema,
        frame: &Frame<f32>,
        rows: &[usize],
    ) -> Result<(), Error> {
        self.columns.resize_with(schema.features.len(), Counts::default);
        for (feature, counts) in schema.features.iter().zip(&mut self.columns) {
            counts.add(feature, frame.column(feature.column())?, rows);
        }
        Ok(())
    }

    /// What should be known about the counted rows, a sentence for each column.
    pub fn notes(&self, schema: &Schema) -> Vec<String> {
        let columns = schema.features.iter().zip(&self.columns);
        columns.filter_map(|(feature, counts)| counts.note(feature)).collect()
    }
}

impl Counts {
    fn add(&mut self, feature: &Feature, column: &Column<f32>, rows: &[usize]) {
        self.rows += rows.len();
        self.missing += rows.iter().filter(|&&row| column.is_missing(row)).count();
        let (Feature::Categorical { levels, .. }, Cells::Levels { codes, names }) =
            (feature, &column.cells)
        else {
            return;
        };
        let mut counts = vec![0_usize; names.len()];
        for &row in rows {
            if let Some(count) = counts.get_mut(codes[row] as usize) {
                *count += 1;
            }
        }
        let known = Known::new(levels);
        for (name, count) in names.iter().zip(counts) {
            if count == 0 || known.place(name).is_some() {
                continue;
            }
            self.others += count;
            if let Some(near) = known.nearest(name) {
                *self.near.entry((name.clone(), near.to_owned())).or_default() += count;
            }
        }
    }

    fn note(&self, feature: &Feature) -> Option<String> {
        let column = feature.column().escape_debug();
        let (Feature::Numeric { indicator, .. } | Feature::Categorical { indicator, .. }) = feature;
        if !indicator && 2 * self.missing > self.rows {
            let (missing, rows) = (self.missing, crate::rows(self.rows));
            return Some(format!(
                "column `{column}`: the cell is missing in {missing} of {rows}, and in no row of \
                 the training table"
            ));
        }
        let Feature::Categorical { rare, .. } = feature else { return None };
        let known = self.rows - self.missing;
        let strange = self.others - self.near.values().sum::<usize>();
        let share = strange as f64 / known.max(1) as f64;
        let mostly = share > 0.5 && share > 2.0 * rare && (*rare == 0.0 || known >= ROWS);
        let near = (!self.near.is_empty()).then(|| self.told_near());
        let others = mostly.then(|| {
            format!(
                "{strange} of {} have texts without a feature in the model (in the training table \
                 {:.0}%), so it may be another column, or written otherwise",
                crate::rows(known),
                100.0 * rare
            )
        });
        let told: Vec<String> = near.into_iter().chain(others).collect();
        (!told.is_empty()).then(|| format!("column `{column}`: {}", told.join("; ")))
    }

    fn told_near(&self) -> String {
        let one = |((text, known), count): (&(String, String), &usize)| {
            format!("{} ({}) for {}", quoted(&[text]), crate::rows(*count), quoted(&[known]))
        };
        let mut most: Vec<_> = self.near.iter().collect();
        most.sort_by(|(a, one), (b, other)| other.cmp(one).then(a.cmp(b)));
        let mut texts: Vec<String> = most.into_iter().take(LISTED).map(one).collect();
        let more = self.near.len().saturating_sub(LISTED);
        if more > 0 {
            texts.push(format!("{more} more"));
        }
        format!(
            "{}; such cells count as other texts, because they are written otherwise than in \
             training",
            texts.join(", ")
        )
    }
}
