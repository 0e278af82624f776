//! A held-out task, on which the results of training are judged.

use std::sync::Arc;

use tasks::synthetic::TaskFacts;
use tasks::{Episode, Purpose, SupportDraw, Task, stream};

use crate::error::{Error, Result};
use crate::plan::{FEWEST_QUERIES, Plan};

/// A held-out task. Its episodes are made when they are asked for, so that only those in use are in
/// memory.
pub struct Test {
    /// The parameters of a generated task.
    pub facts: Option<TaskFacts>,
    task: Arc<Task>,
    /// K support rows.
    support: Vec<usize>,
    /// LAFTR's support rows.
    laftr: Option<Vec<usize>>,
    /// The largest support set of the plan's other numbers of support rows.
    largest: Option<Vec<usize>>,
    /// These numbers.
    points: Vec<usize>,
}

impl Test {
    /// Draws the support rows of the index-th held-out task of a seed.
    ///
    /// # Errors
    /// Returns an error if the task has too few rows that may be support rows.
    pub fn new(
        plan: &Plan,
        task: Arc<Task>,
        draw: SupportDraw,
        seed: u64,
        index: u64,
    ) -> Result<Self> {
        let draw = |rows| task.support(rows, draw, &mut stream(seed, Purpose::Support, 0, index));
        let rows_left = |rows: usize| task.data.rows() >= rows.saturating_add(FEWEST_QUERIES);
        let support = draw(plan.support_rows().get()).map_err(Error::from)?;
        let if_rows_left = |rows| rows_left(rows).then(|| draw(rows).ok()).flatten();
        let largest = plan.points.last().and_then(|&most| if_rows_left(most));
        let laftr = plan.laftr.as_ref().and_then(|laftr| if_rows_left(laftr.support_rows.get()));
        let points = plan.points.clone();
        Ok(Test { facts: None, task, support, laftr, largest, points })
    }

    /// The task's name.
    pub fn name(&self) -> &str {
        &self.task.name
    }

    /// K support rows, and all other rows as query rows.
    pub fn episode(&self) -> Episode {
        self.task.split_at(&self.support)
    }

    /// LAFTR's number of support rows, and all other rows. `None` without LAFTR, or if too few
    /// query rows would remain.
    pub fn laftr(&self) -> Option<Episode> {
        self.laftr.as_ref().map(|support| self.task.split_at(support))
    }

    /// One episode for each of the plan's other numbers of support rows. Each support set begins
    /// with the smaller ones, and all have the same query rows: those outside the largest set.
    /// There are none if too few query rows would remain.
    pub fn points(&self) -> impl Iterator<Item = Episode> {
        let largest = self.largest.as_ref();
        let parts = largest.map(|largest| (largest, self.task.without(largest)));
        parts.into_iter().flat_map(|(largest, query)| {
            let support = |rows: &usize| self.task.data.select(&largest[..*rows]);
            self.points
                .iter()
                .map(move |rows| Episode { support: support(rows), query: query.clone() })
        })
    }
}
