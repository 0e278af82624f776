//! The paper: *Fair Meta-Learning: Learning How to Learn Fairly* (Slack, Friedler and Givental,
//! 2019).
//!
//! - [`defaults`]: its two experiments as plans, and [`readings`]: what it leaves open;
//! - [`claims`]: what it says, judged by results; [`findings`]: what else they show;
//! - [`tables`], [`plots`], [`csv`], [`ablation`], [`data`]: which tables and figures are shown;
//! - [`page`]: the report that is made of all of them, [`words`]: its texts.
//!
//! Nothing is trained here.

pub mod ablation;
pub mod claims;
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
