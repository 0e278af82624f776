//! The rules of every operation, a file for each kind.

#[macro_use]
mod methods;
#[macro_use]
mod table;
mod custom;
pub(crate) mod elementwise;
mod gather;
mod map;
pub(crate) mod product;
mod reduce;
pub(crate) mod rule;
pub(crate) mod run;
mod softmax;
mod sums;
mod zip;
