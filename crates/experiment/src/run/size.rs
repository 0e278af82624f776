//! The sizes of a plan, of which estimates are made: its tasks and its network.

use meta::sizes::{NUMBER, NetworkSize};

use crate::plan::{Plan, Problem};

/// The bytes of the lists of a batch, beside its numbers.
const BATCH: f64 = 200.0;
/// Lists grow by doubling, and the allocator keeps what is between them.
const GROWTH: f64 = 1.5;
/// The episodes of a held-out task in memory for each one in use, from measured peaks.
const KEPT_EPISODES: f64 = 4.0;
/// The bytes of a row of a data file with the fewest characters.
const SHORTEST_ROW: f64 = 256.0;
/// The rows of Communities and Crime, and the number of its states.
const COMMUNITIES: (f64, f64) = (1994.0, 46.0);
/// The operations that make a row: random numbers and densities.
const WORK_OF_ROW: f64 = 200.0;

/// The sizes of a table of the user.
#[derive(Clone, Copy, Debug)]
pub struct TableSize {
    /// The number of tasks.
    pub tasks: usize,
    /// The number of rows of all tasks.
    pub rows: usize,
    /// The number of rows of the largest task.
    pub most_rows: usize,
}

/// A plan with the sizes that its estimates have in common.
#[derive(Clone, Copy, Debug)]
pub struct PlanSize<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The tasks of one seed.
    pub data: DataSize,
    /// The network of the plan.
    pub network: NetworkSize,
}

impl<'a> PlanSize<'a> {
    /// The sizes under a plan. If its tasks are those of a table, they have the sizes of `table`.
    pub fn of(plan: &'a Plan, table: Option<TableSize>) -> Self {
        let (data, network) = (DataSize::of(plan, table), NetworkSize::from(&plan.network));
        PlanSize { plan, data, network }
    }

    /// The largest number of support rows of a held-out task.
    pub fn support_rows(self) -> f64 {
        let Plan { points, .. } = self.plan;
        let most = self.plan.support_rows().get().max(points.last().copied().unwrap_or(0));
        (most as f64).min(self.data.most_rows)
    }
}

/// The sizes of the tasks of one seed. They are `f64`, so that products of them do not overflow.
#[derive(Clone, Copy, Debug)]
pub struct DataSize {
    /// The number of features.
    pub features: f64,
    /// The number of training tasks.
    pub training_tasks: f64,
    /// The number of held-out tasks.
    pub tests: f64,
    /// The mean number of rows of a task.
    pub rows: f64,
    /// The number of rows of the largest task.
    pub most_rows: f64,
    /// K, or the number of rows of the largest task if that is less: then an error names K.
    pub k: f64,
    /// The support rows of a held-out task that are kept, over all its episodes.
    kept_support_rows: f64,
    /// The number of episodes of a held-out task that a job has in memory at once.
    episodes: f64,
    /// The part of the rows that each seed has for itself: 0 for a table, which all seeds share,
    /// and 1 otherwise.
    own: f64,
    /// The rows of the stored episodes of all training tasks, and the number of episodes.
    kept: (f64, f64),
}

impl DataSize {
    /// The sizes under a plan. If its tasks are those of a table, they have the sizes of `table`.
    pub fn of(plan: &Plan, table: Option<TableSize>) -> Self {
        let (training_tasks, tests, rows, most_rows) = match &plan.problem {
            Problem::Synthetic { generator, training_tasks, test_tasks, .. } => {
                let points = generator.settings().points as f64;
                (training_tasks.get() as f64, test_tasks.get() as f64, points, points)
            }
            Problem::Communities { config, data } => {
                let length = |path| std::fs::metadata(path).map_or(0.0, |file| file.len() as f64);
                let (rows, states) = COMMUNITIES;
                let rows = data.as_ref().map_or(rows, |data| length(&data.path) / SHORTEST_ROW);
                (states, config.settings().held_out as f64, rows / states, rows)
            }
            Problem::Table(problem) => table.map_or((0.0, 0.0, 0.0, 0.0), |table| {
                let [tasks, rows, most_rows] =
                    [table.tasks, table.rows, table.most_rows].map(|size| size as f64);
                (tasks, tasks / problem.folds.max(1) as f64, rows / tasks.max(1.0), most_rows)
            }),
        };
        let episodes = plan.episodes_per_task.map_or(0.0, |n| n.get() as f64) * training_tasks;
        let kept = |rows: Option<usize>| (rows.unwrap_or(0) as f64).min(most_rows);
        let k = plan.k.get() as f64;
        let k = if most_rows > 0.0 { k.min(most_rows) } else { k };
        DataSize {
            k,
            features: plan.network.inputs() as f64,
            training_tasks,
            tests,
            rows,
            most_rows,
            kept_support_rows: kept(Some(plan.support_rows().get()))
                + kept(plan.points.last().copied())
                + kept(plan.laftr.as_ref().map(|laftr| laftr.support_rows.get())),
            episodes: if plan.points.is_empty() { 1.0 } else { 3.0 },
            own: f64::from(u8::from(!matches!(plan.problem, Problem::Table(_)))),
            kept: (episodes * 2.0 * k, episodes),
        }
    }

    /// The bytes of a row.
    fn row(self) -> f64 {
        NUMBER * self.features + 2.0
    }

    /// The bytes of a copy of all training rows, with their order.
    pub fn all_training_rows(self) -> f64 {
        GROWTH * self.training_tasks * self.rows * (self.row() + NUMBER)
    }

    /// The bytes of the episodes of a held-out task that a job has in memory at once, with the
    /// numbers of their rows. Episodes come and go with the tasks, and have other sizes each time:
    /// the allocator keeps as much again and more.
    pub fn episode_bytes(self) -> f64 {
        KEPT_EPISODES * self.episodes * self.most_rows * (self.row() + NUMBER)
    }

    /// The bytes of all tasks with their stored episodes, and of one more task that is being made.
    pub fn bytes(self) -> f64 {
        let (kept_rows, episodes) = self.kept;
        let all = (self.training_tasks + self.tests) * self.rows + 5.0 * self.most_rows;
        let rows = self.own * all + kept_rows;
        let batches = self.training_tasks + self.tests + 2.0 * episodes;
        let lists = self.tests * self.kept_support_rows * NUMBER;
        GROWTH * (rows * self.row() + lists + batches * BATCH)
    }

    /// The operations that make them.
    pub fn work(self) -> f64 {
        let rows = (self.training_tasks + self.tests) * self.rows + self.kept.0;
        rows * (WORK_OF_ROW + self.features)
    }
}
