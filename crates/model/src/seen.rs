//! The texts that the training table has. A later file with others is misspelled, or of another
//! kind.

use std::collections::BTreeSet;
use std::sync::Arc;

use experiment::run::table::TableSource;
use frame::Frame;
use serde::{Deserialize, Serialize};
use tasks::Task;
use tasks::schema::{Roles, quoted};

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
            let mut texts = if all.len() > MOST { Vec::new() } else { all.to_vec() };
            texts.sort_unstable();
            texts
        };
        Seen {
            labels: texts(&source.labels),
            groups: texts(&source.groups),
            tasks: tasks.iter().map(|task| task.name.clone()).collect(),
        }
    }

    /// Refuses a label that the training table does not have, if that table has exactly two. With
    /// more, every text but the positive one is negative.
    ///
    /// # Errors
    /// Returns an error that names the first such label, and the two known ones.
    pub(crate) fn check_labels(
        &self,
        frame: &Frame<f32>,
        roles: &Roles,
        rows: &[usize],
    ) -> Result<(), frame::Error> {
        if self.labels.len() != 2 {
            return Ok(());
        }
        let column = frame.column(&roles.label)?;
        let is_new = |&row: &usize| column.text(row).is_some_and(|text| !has(&self.labels, text));
        match rows.iter().copied().find(is_new) {
            Some(row) => {
                let expected =
                    format!("one of the labels of the training: {}", quoted(&self.labels));
                Err(frame.cell_error(row, &roles.label, &expected))
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
        let Ok(column) = frame.column(&roles.sensitive) else { return Vec::new() };
        let texts: BTreeSet<&str> = rows.iter().filter_map(|&row| column.text(row)).collect();
        texts.into_iter().filter(|text| self.is_new_group(text)).map(String::from).collect()
    }

    fn is_new_group(&self, text: &str) -> bool {
        !self.groups.is_empty() && !has(&self.groups, text)
    }
}

fn has(texts: &[String], wanted: &str) -> bool {
    texts.iter().any(|text| text == wanted)
}
