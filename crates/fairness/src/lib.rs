//! Group fairness: metrics of decisions, and the regularizers that train for them.
//!
//! [`metrics`] has the rates and ratios of decisions, [`Criterion`] what a regularizer asks for,
//! and [`Regularizer`] the term that is added to a loss.

mod criterion;
pub mod metrics;
mod regularizer;

pub use criterion::{Criterion, Measure, Notion, Reading, Rows};
pub use regularizer::Regularizer;
