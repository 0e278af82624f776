//! The study of a problem: what second order is, what it buys and what it costs.

pub mod engine;
pub mod map;
mod plan;
pub mod spectra;
pub mod training;

pub use plan::{MapPlan, StudyPlan};
