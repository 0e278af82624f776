//! The crate from outside.

mod journal;
mod lock;
mod sealed;
mod whole;
