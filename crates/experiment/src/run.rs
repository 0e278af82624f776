//! Running a plan.
//!
//! - [`prepare`]: the tasks of one seed;
//! - [`job`]: the arms that are trained together;
//! - [`train`]: one job, trained and judged;
//! - [`adapt`]: from what was learned to a classifier for a new task;
//! - [`rivals`], [`thresholds`]: what is compared and is trained on no other task;
//! - [`key`]: which settings a job depends on;
//! - [`parts`]: finished jobs of an unfinished run;
//! - [`jobs`]: jobs on all threads;
//! - [`experiment`]: a plan with its variants.

pub mod adapt;
pub mod experiment;
pub mod job;
pub mod jobs;
mod key;
pub mod parts;
pub mod prepare;
mod rivals;
mod thresholds;
pub mod train;
