//! The crate from outside.

mod lock;
mod sealed;
mod whole;
