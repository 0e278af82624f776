//! The results of a plan: decisions, records, means over seeds, paired differences.
//!
//! - [`outcome`]: the decisions of one classifier on one task;
//! - [`trained`]: the result of a training;
//! - [`record`]: an outcome as one line of rates;
//! - [`summary`]: means over seeds;
//! - [`compare`]: paired differences;
//! - [`front`]: fronts of accuracy and fairness with equal numbers of settings;
//! - [`study`]: all results of one problem.

pub mod compare;
pub mod front;
pub mod outcome;
pub mod record;
pub mod study;
pub mod summary;
pub mod trained;
