//! What exists only for speed. No result depends on how it is done here.
//!
//! | file | subject |
//! |---|---|
//! | `scalar` | how numbers lie in buffers |
//! | `lanes`, `interleave` | several problems in one number |
//! | `arena` | buffers that start at cache lines and are used again |
//! | `flat` | what a rule reads and writes, without lanes |
//! | `compiled` | sweeps that are compiled once for all crates |
//! | `moving` | nodes without a tangent, which sweeps skip |
//! | `simd` | loops and kernels for the CPU's instruction set |
//! | `product` | matrix products in vector registers |

pub(crate) mod arena;
pub(crate) mod compiled;
mod flat;
pub(crate) mod interleave;
pub(crate) mod lanes;
mod moving;
pub(crate) mod product;
pub(crate) mod scalar;
pub(crate) mod simd;
