//! Experiments: a plan, its run, and what came of it.
//!
//! A [`Plan`](plan::Plan) says where tasks come from, what is trained and compared on them and
//! under which settings. [`run`] trains and judges on all threads, and takes up what an interrupted
//! run has left. [`results`] has the outcomes, means over seeds with intervals, and paired
//! differences. Nothing here knows what a paper claims.

pub mod error;
pub mod method;
pub mod plan;
pub mod planted;
pub mod progress;
pub mod results;
pub mod run;
#[cfg(test)]
mod sample;
