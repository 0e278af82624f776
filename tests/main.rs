//! Tests that use several crates. One program, because each program that uses the tape compiles it
//! for its number types anew.

mod documents;
mod extension;
mod golden;
mod mutation;
mod real_data;
