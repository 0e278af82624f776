//! This module holds the training tasks and draws meta-batches from them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

use rand::RngExt;
use serde::{Deserialize, Serialize};

use crate::{Batch, Episode, Error, Labels, Purpose, Queries, Stream, SupportDraw, Task, stream};

/// With more tasks than this, a draw of some of them does not list all of them.
const FEW_TASKS: usize = 1_024;

/// Describes the episodes of a pool.
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
    /// K, the number of support rows of an episode. The episode has as many query rows.
    pub k: NonZeroUsize,
    /// `Some(n)` draws n episodes of each task once and stores them. `None` draws a new episode
    /// each time a task is drawn.
    pub episodes_per_task: Option<NonZeroUsize>,
    /// `Some(n)` uses n fixed meta-batches in turn. A fixed meta-batch always has the same tasks
    /// and the same rows. The paper uses 100 of them on Communities and Crime. `None` draws a new
    /// meta-batch for every meta-iteration. Default: `None`.
    #[serde(default)]
    pub cached_batches: Option<NonZeroUsize>,
    /// The rows that may be support rows. Default: any row.
    #[serde(default)]
    pub support: SupportDraw,
    /// The rows from which query rows are drawn. Default: the rows that are not support rows.
    #[serde(default)]
    pub queries: Queries,
    /// The labels of the episodes. Default: the labels of the task.
    #[serde(default)]
    pub labels: Labels,
}

impl EpisodeOptions {
    /// Makes the options for episodes of K support rows and K other query rows that keep the labels
    /// of the task. `episodes_per_task` has the meaning of the field with this name.
    pub fn new(k: NonZeroUsize, episodes_per_task: Option<NonZeroUsize>) -> Self {
        let (queries, labels) = (Queries::default(), Labels::default());
        let (cached_batches, support) = (None, SupportDraw::default());
        Self { k, episodes_per_task, cached_batches, support, queries, labels }
    }

    /// Draws an episode of a task.
    ///
    /// # Errors
    /// Returns [`Error::TooFewRows`] if the task has too few rows, or too few rows of the kind that
    /// may be support rows.
    pub fn draw(&self, task: &Task, mut rng: Stream) -> Result<Episode, Error> {
        task.episode_with(self, &mut rng)
    }
}

/// Holds the training tasks and their episodes. The episodes are either drawn once and stored, or
/// drawn anew each time a task is drawn.
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
    tasks: Vec<Arc<Task>>,
    options: EpisodeOptions,
    /// The stored episodes of task t are `kept[t]`. Every task has the same number of them. The
    /// vector is empty if episodes are drawn anew.
    kept: Vec<Vec<Episode>>,
}

/// Describes one slot of a meta-batch: a task and one of its episodes. [`EpisodePool::episode`]
/// returns the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    /// The index of the task in [`EpisodePool::tasks`].
    pub task: usize,
    source: Source,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Kept(usize),
    New { seed: u64, iteration: u64, slot: u64 },
}

impl EpisodePool {
    /// Makes a pool of tasks whose episodes are as `options` say. Stored episodes are drawn with
    /// random numbers from `seed`.
    ///
    /// # Errors
    /// Returns [`Error::Setting`] if there is no task, or if the tasks differ in their number of
    /// features. Returns [`Error::TooFewRows`] if a task is too small. A task needs 2K rows, or K
    /// rows if support and query are drawn independently. It also needs K rows of the kind that may
    /// be support rows.
    pub fn new(tasks: Vec<Task>, options: EpisodeOptions, seed: u64) -> Result<Self, Error> {
        Self::sharing(tasks.into_iter().map(Arc::new).collect(), options, seed)
    }

    /// Does the same for tasks that others use as well.
    ///
    /// # Errors
    /// Returns the errors of [`new`](EpisodePool::new).
    pub fn sharing(
        tasks: Vec<Arc<Task>>,
        options: EpisodeOptions,
        seed: u64,
    ) -> Result<Self, Error> {
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
            // One episode is drawn even if none is stored. A task that is too small is then
            // reported here and not in the middle of a run.
            let draw =
                |episode| options.draw(task, stream(seed, Purpose::EpisodeCache, episode, index));
            draw(0)?;
            if per_task > 0 {
                kept.push((0..per_task).map(draw).collect::<Result<_, _>>()?);
            }
        }
        Ok(Self { tasks, options, kept })
    }

    /// Returns the tasks in the order in which they were given.
    pub fn tasks(&self) -> &[Arc<Task>] {
        &self.tasks
    }

    /// Returns the rows of all tasks, one task after another.
    pub fn all_rows(&self) -> Batch {
        let tasks: Vec<Cow<'_, Batch>> = self.tasks.iter().map(|task| task.data.all()).collect();
        Batch::concat(&tasks.iter().map(AsRef::as_ref).collect::<Vec<_>>())
    }

    /// Returns K, the number of support rows and also the number of query rows of each episode.
    pub fn k(&self) -> NonZeroUsize {
        self.options.k
    }

    /// Fills `draws` with the meta-batch of one meta-iteration.
    ///
    /// The tasks are drawn uniformly. The draw is without replacement if the pool has at least
    /// `tasks_per_batch` tasks, and with replacement otherwise. Then one of the stored episodes of
    /// each task is drawn uniformly. If there are n fixed meta-batches
    /// ([`EpisodeOptions::cached_batches`]), iteration i uses the meta-batch of iteration i mod n.
    /// The result depends only on `seed`, `iteration` and the pool. The time does
    /// not depend on the number of tasks if there are many.
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
            // These are the first steps of a Fisher-Yates shuffle.
            if tasks <= FEW_TASKS {
                draws.extend((0..tasks).map(unplaced));
                (0..wanted).for_each(|slot| draws.swap(slot, rng.random_range(slot..tasks)));
                draws.truncate(wanted);
            } else {
                // The same steps. Only the places that a step has changed are kept.
                let mut changed = HashMap::new();
                for slot in 0..wanted {
                    let place = rng.random_range(slot..tasks);
                    let at_slot = changed.get(&slot).copied().unwrap_or(slot);
                    let drawn = changed.insert(place, at_slot).unwrap_or(place);
                    draws.push(unplaced(drawn));
                }
            }
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

    /// Returns the episode of one slot. A stored episode is borrowed, and any other episode is
    /// drawn now.
    ///
    /// # Panics
    /// Panics if `draw` comes from another pool and names a task or a stored episode that this pool
    /// does not have.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Few tasks, and many.
    #[test]
    fn a_batch_has_the_first_steps_of_a_shuffle() {
        let task = Arc::new(Task::new(
            "one of many",
            Batch::new(1, vec![0.0; 2], vec![true; 2], vec![true; 2]).unwrap(),
        ));
        let one = NonZeroUsize::MIN;
        for (tasks, wanted) in [(FEW_TASKS, 9), (FEW_TASKS + 1, FEW_TASKS + 1), (5_000, 2_500)] {
            let all = std::iter::repeat_n(task.clone(), tasks);
            let all = all.collect();
            let pool = EpisodePool::sharing(all, EpisodeOptions::new(one, None), 0).unwrap();
            let mut draws = Vec::new();
            pool.batch(3, 4, NonZeroUsize::new(wanted).unwrap(), &mut draws);
            let mut rng = stream(3, Purpose::TaskSampling, 4, 0);
            let mut order: Vec<usize> = (0..tasks).collect();
            (0..wanted).for_each(|slot| order.swap(slot, rng.random_range(slot..tasks)));
            assert!(draws.iter().map(|draw| draw.task).eq(order.into_iter().take(wanted)));
        }
    }
}
