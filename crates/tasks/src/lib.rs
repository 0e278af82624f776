//! Tasks, and the episodes a meta-learner is trained and judged on. Plain data: nothing here knows
//! of networks.
//!
//! A [`Task`] is a small binary-classification problem whose rows also say who is protected. Tasks
//! come from
//!
//! - [`synthetic`]: the generator of the paper's section 6.1 (Slack, Friedler and Givental, 2019);
//! - [`communities`]: Communities and Crime, one task a state (section 6.3); the program has the data;
//! - [`table`]: any CSV file with a column each for the task, the label and the sensitive attribute.
//!
//! An [`Episode`] is a task divided into a support set, which a learner adapts on, and a query set,
//! which it is judged on. [`Task::episode`] draws one for meta-training, [`Task::split`] one for
//! evaluation, and an [`EpisodePool`] serves whole meta-batches.
//!
//! Nothing is random but through [`stream()`]: every draw depends on the seed and on what it is
//! for, never on the order in which the program, or its threads, come to it.
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
pub mod error;
pub mod pool;
pub mod sampling;
pub mod scaling;
pub mod stream;
pub mod synthetic;
pub mod table;

pub use batch::{Batch, Episode, Task};
pub use error::Error;
pub use pool::{Draw, EpisodeOptions, EpisodePool};
pub use sampling::{Labels, Queries, SupportDraw};
pub use scaling::{Scaling, standardize};
pub use stream::{Purpose, Stream, stream};
