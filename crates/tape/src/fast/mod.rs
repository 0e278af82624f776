//! What exists only for speed. No result depends on how it is done here.
//!
//! | file | subject |
//! |---|---|
//! | `scalar` | how numbers lie in buffers |
//! | `lanes`, `interleave` | several problems in one number |
//! | `arena` | buffers that start at cache lines and are used again |
//! | `flat` | what a rule reads and writes, without lanes |
//! | `compiled` | sweeps that are compiled once for all crates |
//! | `elementary` | e^x and ln x without a branch |
//! | `reads`, `fresh` | adjoints that need not be set to 0 first |
//! | `moved`, `hessian_vector` | a Hessian-vector product that reads its direction where it lies |
//! | `affine` | a layer as one operation |
//! | `moving` | nodes without a tangent, which sweeps skip |
//! | `simd` | loops and kernels for the CPU's instruction set |
//! | `product` | matrix products in vector registers |

pub(crate) mod affine;
pub(crate) mod arena;
pub(crate) mod compiled;
pub(crate) mod elementary;
mod flat;
pub(crate) mod fresh;
mod hessian_vector;
pub(crate) mod interleave;
pub(crate) mod lanes;
pub(crate) mod moved;
mod moving;
pub(crate) mod product;
pub(crate) mod reads;
pub(crate) mod scalar;
pub(crate) mod simd;
