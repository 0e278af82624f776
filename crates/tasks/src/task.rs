//! This module defines tasks, whose rows are in memory as features or as the cells of a table.

use std::borrow::Cow;

use crate::{Batch, Encoded};

/// Holds a named classification problem, for example one state, one synthetic task, or the rows
/// with one value in the task column of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// The name of the task in reports.
    pub name: String,
    /// All rows of the task.
    pub data: TaskRows,
}

impl Task {
    /// Makes a task of rows with features.
    pub fn new(name: impl Into<String>, data: Batch) -> Self {
        Task { name: name.into(), data: data.into() }
    }
}

/// Holds the rows of a task. Each row has features, a label and a group.
#[derive(Clone, Debug)]
pub enum TaskRows {
    /// The features are in memory.
    Dense(Batch),
    /// The cells of a table are in memory. They become features when rows are selected.
    Encoded(Encoded),
}

impl TaskRows {
    /// Returns the number of rows.
    pub fn rows(&self) -> usize {
        match self {
            TaskRows::Dense(batch) => batch.rows(),
            TaskRows::Encoded(encoded) => encoded.rows(),
        }
    }

    /// Returns the number of features of a row.
    pub fn features(&self) -> usize {
        match self {
            TaskRows::Dense(batch) => batch.features(),
            TaskRows::Encoded(encoded) => encoded.features(),
        }
    }

    /// Returns the label of each row. It is `true` for the positive class (class 1).
    pub fn positive(&self) -> &[bool] {
        match self {
            TaskRows::Dense(batch) => batch.positive(),
            TaskRows::Encoded(encoded) => encoded.positive(),
        }
    }

    /// Returns the group of each row. It is `true` for a protected row.
    pub fn protected(&self) -> &[bool] {
        match self {
            TaskRows::Dense(batch) => batch.protected(),
            TaskRows::Encoded(encoded) => encoded.protected(),
        }
    }

    /// Returns a batch of the given rows in the given order. An index may occur more than once.
    ///
    /// # Panics
    /// Panics if there is no such row.
    pub fn select(&self, rows: &[usize]) -> Batch {
        match self {
            TaskRows::Dense(batch) => batch.select(rows),
            TaskRows::Encoded(encoded) => encoded.select(rows),
        }
    }

    /// Returns the same rows, in memory as features, with the two groups exchanged.
    pub fn with_groups_exchanged(self) -> Self {
        TaskRows::Dense(self.into_batch().with_groups_exchanged())
    }

    /// Returns all rows with their features. Features in memory are moved.
    pub fn into_batch(self) -> Batch {
        match self {
            TaskRows::Dense(batch) => batch,
            TaskRows::Encoded(_) => self.all().into_owned(),
        }
    }

    /// Returns all rows with their features.
    pub fn all(&self) -> Cow<'_, Batch> {
        match self {
            TaskRows::Dense(batch) => Cow::Borrowed(batch),
            TaskRows::Encoded(encoded) => {
                Cow::Owned(encoded.select(&(0..encoded.rows()).collect::<Vec<_>>()))
            }
        }
    }
}

impl From<Batch> for TaskRows {
    fn from(batch: Batch) -> Self {
        TaskRows::Dense(batch)
    }
}

/// Rows are equal if their features, labels and groups are.
impl PartialEq for TaskRows {
    fn eq(&self, other: &Self) -> bool {
        self.all() == other.all()
    }
}
