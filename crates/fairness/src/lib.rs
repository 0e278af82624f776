//! Group fairness: metrics of decisions, and the regularizers that train for them.
//!
//! [`metrics`] has the rates and ratios of decisions. A [`Criterion`] is an equation for fairness,
//! and a [`Regularizer`] is the term that it adds to a loss.

mod criterion;
pub mod metrics;
mod regularizer;

pub use criterion::{Criterion, Measure, Notion, Reading, Rows};
pub use regularizer::Regularizer;
