//! Group fairness: metrics of decisions, and the regularizers that train for them.

pub mod metrics;
mod regularizer;

pub use regularizer::{Notion, Reading, Regularizer, Rows};
