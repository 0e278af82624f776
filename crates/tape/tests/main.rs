//! The tape from outside: properties, extreme values, refusals. One program, since each program
//! that uses the tape compiles it for its number types anew.

mod accuracy;
mod allocations;
mod checker;
mod common;
mod extremes;
mod kinks;
mod layers;
mod operations;
mod products;
mod programs;
mod reading;
mod recording;
mod reductions_and_parts;
mod refusals;
mod scalars;
mod work;
