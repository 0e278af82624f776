//! The crate from outside.

mod golden;
mod properties;
mod support;
