//! The texts that the training table has. A later file with others is misspelled, or of another
//! kind.

use std::collections::BTreeSet;
use std::sync::Arc;

use frame::{Cells, Frame};
use serde::{Deserialize, Serialize};
use tasks::Task;
use tasks::schema::Roles;

use crate::error::Result;
use crate::recipe::Recipe;

/// The largest number of texts of a column that a model keeps.
const MOST: usize = 1_000;
/// The largest number of texts that an error or a note lists.
const LISTED: usize = 8;

/// The texts of the training table. A list is empty if it is not known: in a model of an earlier
/// version, and if the column has more than 1,000 texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Seen {
    /// The texts of the label, sorted.
    pub labels: Vec<String>,
    /// The texts of the sensitive attribute, sorted.
    pub groups: Vec<String>,
    /// The tasks that were trained on.
    pub tasks: Vec<String>,
}

impl Seen {
    /// Reads the two columns of the table once more, because a prepared table no longer has their
    /// texts.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read.
    pub(crate) fn of(recipe: &Recipe, tasks: &[Arc<Task>]) -> Result<Self> {
        let roles = recipe.roles();
        let mut options = roles.reading(recipe.options());
        options.wanted = Some(BTreeSet::from([roles.label.clone(), roles.sensitive.clone()]));
        let frame = Frame::<f32>::read(&recipe.data, &options, &|_, _| {})?;
        let texts = |column: &str| -> Result<Vec<String>> {
            let Cells::Levels { names, .. } = &frame.column(column)?.cells else {
                return Ok(Vec::new());
            };
            let mut texts = if names.len() > MOST { Vec::new() } else { names.to_vec() };
            texts.sort_unstable();
            Ok(texts)
        };
        Ok(Seen {
            labels: texts(&roles.label)?,
            groups: texts(&roles.sensitive)?,
            tasks: tasks.iter().map(|task| task.name.clone()).collect(),
        })
    }

    /// Names the texts that count as negative, if there are several.
    pub(crate) fn label_note(&self, roles: &Roles) -> Option<String> {
        let negative: Vec<&String> =
            self.labels.iter().filter(|label| **label != roles.positive).collect();
        (negative.len() > 1).then(|| {
            format!(
                "column `{}` has {} texts; all but `{}` count as negative: {}",
                roles.label.escape_debug(),
                self.labels.len(),
                roles.positive.escape_debug(),
                listed(&negative)
            )
        })
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
    ) -> Result<()> {
        if self.labels.len() != 2 {
            return Ok(());
        }
        let column = frame.column(&roles.label)?;
        let is_new = |&row: &usize| column.text(row).is_some_and(|text| !has(&self.labels, text));
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
    pub(crate) fn check_group(&self, frame: &Frame<f32>, roles: &Roles, row: usize) -> Result<()> {
        let text = frame.column(&roles.sensitive)?.text(row);
        match text.is_some_and(|text| self.is_new_group(text)) {
            true => {
                let known = quoted(&self.groups);
                let expected = format!("one of the groups that have a threshold: {known}");
                Err(frame.cell_error(row, &roles.sensitive, &expected).into())
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

/// Texts in backticks. A long list is cut short.
pub(crate) fn quoted(texts: &[String]) -> String {
    listed(&texts.iter().collect::<Vec<_>>())
}

fn listed(texts: &[&String]) -> String {
    let some = texts.iter().take(LISTED).map(|text| format!("`{}`", text.escape_debug()));
    let more = texts.len().saturating_sub(LISTED);
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    some.collect::<Vec<_>>().join(", ") + &tail
}
