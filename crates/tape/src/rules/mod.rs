//! The rules of every operation, a file for each kind.

#[macro_use]
mod table;
mod custom;
pub(crate) mod elementwise;
mod gather;
mod linear;
mod map;
mod reduce;
pub(crate) mod rule;
pub(crate) mod run;
mod softmax;
