//! The tasks of a CSV file of the user.

use std::sync::Arc;

use frame::Frame;
use meta::estimate::TooLarge;
use rand::seq::SliceRandom;
use tasks::schema::{Note, Schema};
use tasks::{Purpose, Scaling, Task, stream};

use crate::error::{Error, Result};
use crate::plan::{FEWEST_QUERIES, TableProblem};
use crate::run::data_file::verify;
use crate::run::size::TableSize;

/// Tasks that several parts of a run share.
type Tasks = Vec<Arc<Task>>;

/// The tasks of a file, and what was found in it.
#[derive(Clone, Debug)]
pub struct TableSource {
    /// How rows become features.
    pub schema: Schema,
    /// What its owner should know.
    pub notes: Vec<Note>,
    /// The columns whose names are not those of the header, see [`Frame::notes`].
    pub renamed: Vec<String>,
    /// The text of a negative label.
    pub negative: String,
    /// The texts of the label, in the order in which they first appear.
    pub labels: Vec<String>,
    /// The texts of the sensitive attribute, in this order.
    pub groups: Vec<String>,
    /// All tasks, in the order in which they first appear.
    pub tasks: Vec<Arc<Task>>,
    /// The number of rows without a task, a label or a group, which are left out.
    pub left_out: usize,
}

impl TableSource {
    /// Reads the file of a problem. The table may take `memory` bytes. `progress` is called with
    /// the bytes read and all bytes.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, differs from the one of the problem, does not
    /// have the columns, or needs more memory.
    pub fn read(
        problem: &TableProblem,
        memory: u64,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Self> {
        let mut options = problem.roles.reading(problem.reading.clone());
        options.memory = Some(memory);
        let data = &problem.data;
        let read = || Frame::read(&data.path, &options, progress).map_err(unread);
        // At the same time, so that a file that has changed since it was identified is noticed.
        let (frame, verified) = rayon::join(read, || verify(data));
        verified?;
        let frame = frame?;
        for column in options.kinds.keys() {
            frame.column(column).map_err(tasks::Error::from)?;
        }
        TableSource::of(frame, problem)
    }

    /// The tasks of a table that was read.
    ///
    /// # Errors
    /// Returns an error if the table does not have the columns of the problem.
    pub fn of(frame: Frame<f32>, problem: &TableProblem) -> Result<Self> {
        let renamed = frame.notes().to_vec();
        let (schema, notes) = Schema::fit(&frame, &problem.roles, &problem.encoding)?;
        let texts = |name| frame.column(name).map(|column| column.levels().to_vec());
        let labels = texts(&problem.roles.label).map_err(tasks::Error::from)?;
        let groups = texts(&problem.roles.sensitive).map_err(tasks::Error::from)?;
        let negative = schema.negative(&frame)?;
        let found = schema.tasks(frame)?;
        let tasks = found.tasks.into_iter().map(Arc::new).collect();
        let left_out = found.left_out;
        Ok(TableSource { schema, notes, renamed, negative, labels, groups, tasks, left_out })
    }

    /// The sizes of the table.
    pub fn size(&self) -> TableSize {
        let rows = self.tasks.iter().map(|task| task.data.rows());
        TableSize {
            tasks: self.tasks.len(),
            rows: rows.clone().sum(),
            most_rows: rows.max().unwrap_or(0),
        }
    }

    /// An estimate of the memory of the table, in bytes: its cells, those of the few columns that
    /// are in memory twice while the rows are sorted, the label and the group of each row, its
    /// place in two lists, which grow by doubling, and the scales of each task if it has its own.
    pub fn bytes(&self) -> f64 {
        const CELL: f64 = 4.0;
        const ROW: f64 = 4.0 * CELL + 2.0 * 2.0 + 2.0 * 16.0;
        // An encoder of `tasks`.
        const SCALE: f64 = 40.0;
        let (size, columns) = (self.size(), self.schema.features.len() as f64);
        let scaled = if self.schema.scaling == Scaling::WithinTask { size.tasks } else { 0 };
        size.rows as f64 * (columns * CELL + ROW) + scaled as f64 * columns * SCALE
    }

    /// The tasks with enough rows for an episode of K rows and for an evaluation after K rows.
    ///
    /// # Errors
    /// Returns an error if there are fewer of them than `folds`, or fewer than two.
    pub fn usable(&self, k: usize, folds: u64) -> Result<Tasks> {
        let least = least_rows(k);
        let large = |task: &&Arc<Task>| task.data.rows() >= least;
        let usable: Tasks = self.tasks.iter().filter(large).cloned().collect();
        if (usable.len() as u64) < folds.max(2) {
            let column = self.schema.roles.task.escape_debug();
            return Err(Error::Variant {
                problem: "table",
                reason: format!(
                    "{} of {} tasks in column `{column}` have {least} rows or more, which K = {k} \
                     needs; {} folds need as many such tasks",
                    usable.len(),
                    self.tasks.len(),
                    folds.max(2)
                ),
            });
        }
        Ok(usable)
    }

    /// The training tasks and the held-out tasks of a run. Over `folds` runs, each task is held
    /// out once.
    ///
    /// # Errors
    /// Returns the errors of [`usable`](TableSource::usable).
    pub fn partition(&self, k: usize, folds: u64, run: u64) -> Result<(Tasks, Tasks)> {
        let usable = self.usable(k, folds)?;
        let mut order: Vec<usize> = (0..usable.len()).collect();
        order.shuffle(&mut stream(0, Purpose::Split, 0, 0));
        let mut is_held_out = vec![false; usable.len()];
        for (place, task) in (0..).zip(order) {
            is_held_out[task] = place % folds == run % folds;
        }
        let (held_out, training): (Vec<_>, Vec<_>) =
            usable.into_iter().zip(is_held_out).partition(|(_, held_out)| *held_out);
        let only =
            |tasks: Vec<(Arc<Task>, bool)>| tasks.into_iter().map(|(task, _)| task).collect();
        Ok((only(training), only(held_out)))
    }
}

/// A table that takes too much memory is refused with the words of all such errors.
fn unread(error: frame::Error) -> Error {
    match error {
        frame::Error::TooLarge { file, estimate, limit } => {
            let [needed, limit] = [estimate, limit].map(|bytes| bytes as f64);
            let part = "its rows × columns";
            TooLarge::Memory { what: file, needed, limit, part, of_part: needed }.into()
        }
        error => tasks::Error::from(error).into(),
    }
}

/// The least number of rows of a usable task.
pub fn least_rows(k: usize) -> usize {
    k.saturating_mul(2).max(k.saturating_add(FEWEST_QUERIES))
}
