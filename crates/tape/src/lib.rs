//! Reverse-mode automatic differentiation, small enough to read in an evening.
//!
//! A [`Tape`] records matrix operations as they are computed. One sweep back gives the gradient
//! of a scalar; two more sweeps over the same recording give the exact product of the Hessian
//! with a vector. Everything is generic over [`Scalar`]: plain [`f64`] and [`f32`], [`Dual`]
//! numbers, and [`Lanes`], which carry several independent problems side by side.
//!
//! # A way through the code
//!
//! | file | subject |
//! |---|---|
//! | `scalar`, `dual`, `lanes`, `elementary` | the numbers |
//! | `rules` | every operation: its value and the way back; `elementwise` is a table |
//! | `op`, `place` | the list of operations, and where their results lie |
//! | `custom` | operations from outside this crate |
//! | `recorder` | recording without knowing the numbers |
//! | `sweep` | how one rule serves values and tangents |
//! | `tape` | the recording, and the four sweeps |
//! | `operations`, `reduce`, `shape` | what can be recorded |
//! | `derivatives` | gradient, Jacobian-vector and Hessian-vector products, Hessian |
//! | `check` | the checker of derivatives |
//! | `arena` | where the entries of the nodes lie |
//! | `product`, `simd` | matrix products; instruction sets |
//!
//! # Example
//!
//! ```
//! use tape::{Objective, Scalar, Tape, Var, hvp};
//!
//! /// Rosenbrock's function, (1 − x)² + 100 (y − x²)².
//! struct Rosenbrock;
//!
//! impl Objective for Rosenbrock {
//!     fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
//!         let (x, y) = (tape.window(parameters, 0, 1, 1), tape.window(parameters, 1, 1, 1));
//!         let one = tape.scalar(1.0);
//!         let (slope, square) = (tape.sub(one, x), tape.powi(x, 2));
//!         let bend = tape.sub(y, square);
//!         let (slope, bend) = (tape.powi(slope, 2), tape.powi(bend, 2));
//!         let bend = tape.scale(bend, 100.0);
//!         tape.add(slope, bend)
//!     }
//! }
//!
//! let at_the_minimum = hvp(&Rosenbrock, &[1.0, 1.0], &[1.0, 0.0]);
//! assert_eq!(at_the_minimum.value, 0.0);
//! assert_eq!(at_the_minimum.gradient, [0.0, 0.0]);
//! assert_eq!(at_the_minimum.product, [802.0, -400.0]); // the Hessian's first column
//! ```

#[macro_use]
mod rules;
mod arena;
pub mod check;
mod custom;
mod derivatives;
mod dual;
mod elementary;
mod lanes;
mod matrix;
mod op;
mod operations;
mod place;
mod product;
mod recorder;
mod reduce;
mod scalar;
mod shape;
mod simd;
mod sweep;
mod tape;

pub use custom::Operation;
pub use derivatives::{HessianVectorProduct, Objective, gradient, hessian, hvp, jvp};
pub use dual::Dual;
pub use lanes::Lanes;
pub use matrix::Matrix;
pub use product::Factor;
pub use recorder::{Recorder, SetEntry};
pub use reduce::Axis;
pub use rules::{Binary, Unary};
pub use scalar::Scalar;
pub use simd::vectorized;
pub use tape::{Tape, Var};
