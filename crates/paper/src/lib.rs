//! The paper: *Fair Meta-Learning: Learning How to Learn Fairly* (Slack, Friedler and Givental,
//! 2019).
//!
//! - [`defaults`]: its two experiments as plans, and [`readings`]: its open questions;
//! - [`claims`]: its claims and our verdicts; [`findings`]: further results;
//! - [`tables`], [`plots`], [`csv`], [`comparison`], [`ablation`], [`data`]: tables and figures;
//! - [`page`]: the report; [`words`]: its definitions.
//!
//! This crate trains nothing.

pub mod ablation;
mod cell;
pub mod claims;
pub mod comparison;
pub mod csv;
pub mod data;
pub mod defaults;
pub mod error;
pub mod files;
pub mod findings;
pub mod page;
pub mod plots;
pub mod readings;
pub mod tables;
pub mod words;
