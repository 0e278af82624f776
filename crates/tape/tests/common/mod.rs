//! What the test files share: every element-wise function with its derivatives written out in
//! plain `f64`, a few objectives, and ways to compare numbers.

#![allow(dead_code, unused_imports, reason = "each test file is a crate and uses a part of this")]

mod functions;
mod numbers;
mod objectives;

pub use functions::{Binary, Unary};
pub use numbers::{assert_close, config, lane, largest, panic_message, spread, within};
pub use objectives::{Problem, Shaped};
