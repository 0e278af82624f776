//! What a meta-trainer samples from.

use std::borrow::Cow;
use std::num::NonZeroUsize;

use rand::RngExt;
use serde::{Deserialize, Serialize};

use crate::{Episode, Error, Labels, Purpose, Queries, Stream, SupportDraw, Task, stream};

/// What the episodes of a pool are.
///
/// ```
/// use std::num::NonZeroUsize;
/// use tasks::{EpisodeOptions, Labels, Queries};
///
/// let k = NonZeroUsize::new(10).unwrap();
/// let options = EpisodeOptions { queries: Queries::Independent, ..EpisodeOptions::new(k, None) };
/// assert_eq!(options.labels, Labels::AsTheyAre);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpisodeOptions {
    /// K: support rows of an episode, and as many query rows.
    pub k: NonZeroUsize,
    /// `Some(n)` draws n episodes of each task and keeps them; `None` draws a new episode whenever
    /// a task comes up.
    pub episodes_per_task: Option<NonZeroUsize>,
    /// `Some(n)` draws n meta-batches, each of tasks and their rows, and uses them in turn, as the
    /// paper does with 100 of them on Communities and Crime; `None` draws a new meta-batch for every
    /// meta-iteration. Default: `None`.
    #[serde(default)]
    pub cached_batches: Option<NonZeroUsize>,
    /// Which rows may be support rows. Default: any.
    #[serde(default)]
    pub support: SupportDraw,
    /// How query rows are drawn. Default: disjoint from the support rows.
    #[serde(default)]
    pub queries: Queries,
    /// What the labels are. Default: the task's own.
    #[serde(default)]
    pub labels: Labels,
}

impl EpisodeOptions {
    /// Episodes of K support and K other query rows with their own labels.
    pub fn new(k: NonZeroUsize, episodes_per_task: Option<NonZeroUsize>) -> Self {
        let (queries, labels) = (Queries::default(), Labels::default());
        let (cached_batches, support) = (None, SupportDraw::default());
        Self { k, episodes_per_task, cached_batches, support, queries, labels }
    }

    /// An episode of a task.
    ///
    /// # Errors
    /// [`Error::TooFewRows`] if the task has too few rows, or too few of the kind that support rows
    /// have to be.
    pub fn draw(&self, task: &Task, mut rng: Stream) -> Result<Episode, Error> {
        task.episode_with(self, &mut rng)
    }
}

/// Training tasks with their episodes: kept ones, drawn once, or new ones each time a task comes
/// up.
///
/// ```
/// use std::num::NonZeroUsize;
/// use tasks::{EpisodeOptions, EpisodePool, communities::{self, CommunitiesConfig}};
///
/// let states = communities::shipped().partition(&CommunitiesConfig::default(), 0)?;
/// let k = NonZeroUsize::new(10).unwrap();
/// let pool = EpisodePool::new(states.training, EpisodeOptions::new(k, None), 0)?;
///
/// let mut draws = Vec::new();
/// for iteration in 0..3 {
///     pool.batch(0, iteration, NonZeroUsize::new(8).unwrap(), &mut draws);
///     for &draw in &draws {
///         let episode = pool.episode(draw);
///         assert_eq!((episode.support.rows(), episode.query.rows()), (10, 10));
///     }
/// }
/// # Ok::<(), tasks::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct EpisodePool {
    tasks: Vec<Task>,
    options: EpisodeOptions,
    /// The kept episodes of task t are `kept[t]`, equally many for each task; empty if episodes are
    /// drawn anew.
    kept: Vec<Vec<Episode>>,
}

/// One slot of a meta-batch: the task, and which of its episodes. [`EpisodePool::episode`] gives
/// the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    /// The task's index in [`EpisodePool::tasks`].
    pub task: usize,
    source: Source,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Kept(usize),
    New { seed: u64, iteration: u64, slot: u64 },
}

impl EpisodePool {
    /// A pool of such episodes of the tasks; those that are kept are drawn from `seed`.
    ///
    /// # Errors
    /// [`Error::Setting`] if there is no task or the tasks differ in their number of features;
    /// [`Error::TooFewRows`] if a task has fewer than 2K rows, or fewer than K where support and
    /// query are drawn independently, or fewer than K rows of the kind that support rows have to be.
    pub fn new(tasks: Vec<Task>, options: EpisodeOptions, seed: u64) -> Result<Self, Error> {
        let Some(first) = tasks.first() else {
            return Err(Error::setting("training tasks", 0, "at least 1"));
        };
        if let Some(odd) = tasks.iter().find(|task| task.data.features() != first.data.features()) {
            let found = format!("{} in task `{}`", odd.data.features(), odd.name.escape_debug());
            let accepted = format!(
                "{} in every task, as in task `{}`",
                first.data.features(),
                first.name.escape_debug()
            );
            return Err(Error::setting("features", found, accepted));
        }
        let per_task = options.episodes_per_task.map_or(0, NonZeroUsize::get) as u64;
        let mut kept = Vec::new();
        for (index, task) in (0..).zip(&tasks) {
            // Drawn even if none is kept: a task that is too small shows here, not in the middle of
            // a run.
            let draw =
                |episode| options.draw(task, stream(seed, Purpose::EpisodeCache, episode, index));
            draw(0)?;
            if per_task > 0 {
                kept.push((0..per_task).map(draw).collect::<Result<_, _>>()?);
            }
        }
        Ok(Self { tasks, options, kept })
    }

    /// The tasks, as given.
    pub fn tasks(&self) -> &[Task] {
        &self.tasks
    }

    /// K, the number of support rows, and of query rows, of each episode.
    pub fn k(&self) -> NonZeroUsize {
        self.options.k
    }

    /// Fills `draws` with the meta-batch of one meta-iteration.
    ///
    /// The tasks are drawn uniformly: without replacement if the pool has at least
    /// `tasks_per_batch` of them, with replacement otherwise; then one of each task's kept
    /// episodes, uniformly. With n cached meta-batches, iteration i has the one of iteration i mod n.
    /// The outcome depends on `seed`, `iteration` and the pool alone. Once `draws` has grown to its
    /// size, nothing is allocated.
    pub fn batch(
        &self,
        seed: u64,
        iteration: u64,
        tasks_per_batch: NonZeroUsize,
        draws: &mut Vec<Draw>,
    ) {
        let (tasks, wanted) = (self.tasks.len(), tasks_per_batch.get());
        let cached = self.options.cached_batches.map(|count| count.get() as u64);
        let iteration = cached.map_or(iteration, |count| iteration % count);
        let mut rng = stream(seed, Purpose::TaskSampling, iteration, 0);
        let unplaced = |task| Draw { task, source: Source::Kept(0) };
        draws.clear();
        if wanted <= tasks {
            // The first steps of a Fisher-Yates shuffle.
            draws.extend((0..tasks).map(unplaced));
            (0..wanted).for_each(|slot| draws.swap(slot, rng.random_range(slot..tasks)));
            draws.truncate(wanted);
        } else {
            draws.extend((0..wanted).map(|_| unplaced(rng.random_range(0..tasks))));
        }
        for (slot, draw) in (0..).zip(draws) {
            draw.source = match self.kept.get(draw.task) {
                Some(episodes) => Source::Kept(rng.random_range(0..episodes.len())),
                None => Source::New { seed, iteration, slot },
            };
        }
    }

    /// The episode of one slot: borrowed if it is kept, drawn if not.
    ///
    /// # Panics
    /// If `draw` is of another pool that has more tasks or episodes, or larger tasks.
    pub fn episode(&self, draw: Draw) -> Cow<'_, Episode> {
        match draw.source {
            Source::Kept(episode) => Cow::Borrowed(&self.kept[draw.task][episode]),
            Source::New { seed, iteration, slot } => {
                let rng = stream(seed, Purpose::EpisodeSampling, iteration, slot);
                let drawn = self.options.draw(&self.tasks[draw.task], rng);
                Cow::Owned(
                    drawn.expect(
                        "the pool's constructor drew an episode of this size from this task",
                    ),
                )
            }
        }
    }
}
