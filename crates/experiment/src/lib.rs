//! Experiments: a plan, its run, and the results.
//!
//! A [`Plan`](plan::Plan) has the source of the tasks, the compared methods, and all settings.
//! [`run`] trains and evaluates on all threads, and continues an interrupted run. [`results`] has
//! the outcomes, means over seeds with intervals, and paired differences. This crate does not know
//! the claims of a paper.

#[macro_use]
mod method_table;
pub mod error;
pub mod method;
pub mod plan;
pub mod planted;
pub mod progress;
pub mod provenance;
pub mod results;
pub mod run;
#[cfg(test)]
mod sample;
pub mod timing;
