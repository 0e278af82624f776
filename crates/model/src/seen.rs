//! The texts that the training table has. A later file with others is misspelled, or of another
//! kind.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use experiment::run::table::TableSource;
use frame::Frame;
use frame::spelling::{same, value};
use serde::{Deserialize, Serialize};
use tasks::Task;
use tasks::schema::{Known, Roles, Schema, quoted};

/// The largest number of texts of a column that a model keeps.
const MOST: usize = 1_000;

/// The texts of the training table. The labels and the groups are empty if their column has more
/// than 1,000 texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The texts of the label, sorted.
    pub labels: Vec<String>,
    /// The texts of the sensitive attribute, sorted.
    pub groups: Vec<String>,
    /// The tasks that were trained on.
    pub tasks: Vec<String>,
}

impl Seen {
    /// The texts of a table of which these tasks are trained on.
    pub(crate) fn of(source: &TableSource, tasks: &[Arc<Task>]) -> Self {
        let texts = |all: &[String]| {
            let mut met = BTreeSet::new();
            let values = all.iter().filter(|text| met.insert(value(text)));
            let mut texts: Vec<String> = values.cloned().collect();
            texts.sort_unstable();
            if texts.len() > MOST { Vec::new() } else { texts }
        };
        Seen {
            labels: texts(&source.labels),
            groups: texts(&source.groups),
            tasks: tasks.iter().map(|task| task.name.clone()).collect(),
        }
    }

    /// Refuses what the texts of labels and groups in these rows may not mean: a text that is
    /// written almost like a known one, and a label that the training table does not have if that
    /// table has exactly two.
    ///
    /// # Errors
    /// Returns an error that names the first such text.
    pub(crate) fn check(
        &self,
        frame: &Frame<f32>,
        schema: &Schema,
        rows: &[usize],
    ) -> Result<(), tasks::Error> {
        let roles = &schema.roles;
        let (labels, groups): (&[String], &[String]) = match self.labels.len() {
            2 => (&self.labels, &self.groups),
            // All texts but the positive one are negative.
            _ => (std::slice::from_ref(&roles.positive), &self.groups),
        };
        let groups = if groups.is_empty() { &roles.protected } else { groups };
        schema.check_spellings(frame, rows, labels, groups)?;
        if self.labels.len() != 2 {
            return Ok(());
        }
        let column = frame.column(&roles.label)?;
        let known = Known::new(&self.labels);
        let is_new =
            |&row: &usize| column.text(row).is_some_and(|text| known.place(text).is_none());
        match rows.iter().copied().find(is_new) {
            Some(row) => {
                let expected =
                    format!("one of the labels of the training: {}", quoted(&self.labels));
                Err(frame.cell_error(row, &roles.label, &expected).into())
            }
            None => Ok(()),
        }
    }

    /// Refuses the group of a row that the training table does not have, because it has no
    /// threshold.
    ///
    /// # Errors
    /// Returns an error that names the group and the known ones.
    pub(crate) fn check_group(
        &self,
        frame: &Frame<f32>,
        roles: &Roles,
        row: usize,
    ) -> Result<(), frame::Error> {
        let text = frame.column(&roles.sensitive)?.text(row);
        match text.is_some_and(|text| self.is_new_group(text)) {
            true => {
                let known = quoted(&self.groups);
                let expected = format!("one of the groups that have a threshold: {known}");
                Err(frame.cell_error(row, &roles.sensitive, &expected))
            }
            false => Ok(()),
        }
    }

    /// The groups of these rows that the training table does not have, each once, sorted.
    pub(crate) fn new_groups(
        &self,
        frame: &Frame<f32>,
        roles: &Roles,
        rows: &[usize],
    ) -> Vec<String> {
        new_texts(frame, &roles.sensitive, rows, &self.groups).into_keys().collect()
    }

    /// The labels of these rows that the training table does not have, sorted, with their numbers
    /// of rows.
    pub(crate) fn new_labels(
        &self,
        frame: &Frame<f32>,
        roles: &Roles,
        rows: &[usize],
    ) -> Vec<(String, usize)> {
        new_texts(frame, &roles.label, rows, &self.labels).into_iter().collect()
    }

    fn is_new_group(&self, text: &str) -> bool {
        !self.groups.is_empty() && Known::new(&self.groups).place(text).is_none()
    }

    /// Whether a task was one of the training.
    pub(crate) fn has_task(&self, task: &str) -> bool {
        self.tasks.iter().any(|known| same(known, task))
    }
}

/// The texts of a column in these rows that are none of the known ones, with their numbers of rows.
/// None, if no text is known or the column is not there.
fn new_texts(
    frame: &Frame<f32>,
    column: &str,
    rows: &[usize],
    known: &[String],
) -> BTreeMap<String, usize> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    if let Ok(column) = frame.column(column)
        && !known.is_empty()
    {
        for text in rows.iter().filter_map(|&row| column.text(row)) {
            *counts.entry(text).or_default() += 1;
        }
    }
    let known = Known::new(known);
    let new = counts.into_iter().filter(|(text, _)| known.place(text).is_none());
    new.map(|(text, count)| (text.to_owned(), count)).collect()
}
