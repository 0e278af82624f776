//! What came of a plan: decisions, records, means over seeds, paired differences.
//!
//! - [`outcome`]: the decisions of one classifier on one task;
//! - [`trained`]: what a training leaves behind;
//! - [`record`]: an outcome as one line of rates;
//! - [`summary`]: means over seeds;
//! - [`compare`]: paired differences and fronts;
//! - [`study`]: all of one problem.

pub mod compare;
pub mod outcome;
pub mod record;
pub mod study;
pub mod summary;
pub mod trained;
