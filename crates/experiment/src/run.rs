//! Running a plan.
//!
//! - [`prepare`]: the tasks of one seed;
//! - [`held_out`]: a held-out task, on which the results of training are judged;
//! - [`job`]: the arms that are trained together;
//! - [`train`]: one job: training and evaluation;
//! - [`adapt`]: from the result of training to a classifier for a new task;
//! - [`score`]: thresholds on scores;
//! - [`data_file`]: data files and their checksums;
//! - [`table`]: the tasks of a file of the user;
//! - [`curve`]: learning curves;
//! - [`begun`]: trainings that have begun;
//! - `key`: the settings that a job depends on;
//! - [`parts`]: finished jobs of an unfinished run;
//! - [`jobs`]: jobs on all threads;
//! - [`size`]: the sizes of a plan, of which estimates are made;
//! - [`estimate`]: the memory and the work of a run, before it begins;
//! - [`experiment`]: a plan with its variants.

pub mod adapt;
pub mod begun;
pub mod curve;
pub mod data_file;
pub mod estimate;
pub mod experiment;
pub mod held_out;
pub mod job;
pub mod jobs;
mod key;
pub mod parts;
pub mod prepare;
pub mod score;
pub mod size;
pub mod table;
pub mod train;
