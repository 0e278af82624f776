//! This crate defines tasks, and the episodes on which a meta-learner is trained and evaluated. It
//! holds plain data and does not depend on any network code.
//!
//! A [`Task`] is a small binary-classification problem. Each row also states whether it belongs to
//! the protected group. Tasks come from these sources:
//!
//! - [`synthetic`] generates the tasks of the paper's section 6.1 (Slack, Friedler and Givental,
//!   2019).
//! - [`communities`] makes one task per state from the Communities and Crime data (section 6.3).
//!   The data set ships with the program.
//! - [`table`] reads a CSV file of numbers that has one column each for the task, the label and the
//!   sensitive attribute, and [`schema`] turns the columns of any table into features.
//!
//! The rows of a task are features in memory, or cells of a table that become features when they
//! are drawn ([`TaskRows`]).
//!
//! An [`Episode`] divides a task into a support set and a query set. A learner adapts on the
//! support set and is evaluated on the query set. [`Task::episode`] draws an episode for
//! meta-training, [`Task::split`] draws one for evaluation, and an [`EpisodePool`] serves whole
//! meta-batches.
//!
//! All randomness comes from [`stream()`]. Each draw depends only on the seed and on the purpose of
//! the draw. It does not depend on the order in which the program or its threads run.
//!
//! ```
//! use std::num::NonZeroUsize;
//! use tasks::{EpisodeOptions, EpisodePool, synthetic::SyntheticConfig};
//!
//! let config = SyntheticConfig::default();
//! let seed = 7;
//! let training = (0..100).map(|index| config.training_task(seed, index)).collect();
//! let (k, per_task) = (NonZeroUsize::new(5).unwrap(), NonZeroUsize::MIN);
//! let pool = EpisodePool::new(training, EpisodeOptions::new(k, Some(per_task)), seed)?;
//!
//! let mut draws = Vec::new();
//! pool.batch(seed, 0, NonZeroUsize::new(32).unwrap(), &mut draws);
//! assert_eq!(draws.len(), 32);
//! let episode = pool.episode(draws[0]);
//! assert_eq!((episode.support.rows(), episode.query.rows()), (5, 5));
//! # Ok::<(), tasks::Error>(())
//! ```

pub mod batch;
pub mod communities;
pub mod encoded;
pub mod error;
pub mod pool;
pub mod sampling;
pub mod scaling;
pub mod schema;
pub mod stream;
pub mod synthetic;
pub mod table;
pub mod task;

pub use batch::{Batch, Episode};
pub use encoded::Encoded;
pub use error::Error;
pub use pool::{Draw, EpisodeOptions, EpisodePool};
pub use sampling::{Labels, Queries, SupportDraw};
pub use scaling::{Scaling, standardize};
pub use stream::{Purpose, Stream, stream};
pub use task::{Task, TaskRows};

/// A number of rows in words.
fn rows(count: usize) -> String {
    format!("{count} row{}", if count == 1 { "" } else { "s" })
}
