//! Reverse-mode automatic differentiation, small enough to read in an evening.
//!
//! A [`Tape`] records matrix operations as they are computed. One sweep back gives the gradient
//! of a scalar; two more sweeps over the same recording give the exact product of the Hessian
//! with a vector. Everything is generic over [`Scalar`]: plain [`f64`] and [`f32`], [`Dual`]
//! numbers, and [`Lanes`], which carry several independent problems side by side.
//!
//! # A way through the code
//!
//! These files explain gradients and Hessian-vector products, and need no others but the rules of
//! more operations and what is there for speed alone. Read them in this order. They have less than
//! 1,200 lines of code.
//!
//! | file | subject |
//! |---|---|
//! | `derivatives` | gradient, Jacobian-vector and Hessian-vector products: what the tape is for |
//! | `number` | what a number can do |
//! | `dual` | a number with its derivative along one direction |
//! | `rules/table` | the element-wise operations: value and chain rule, a line each |
//! | `rules/elementwise` | how a line becomes a rule |
//! | `op`, `axis` | the list of operations |
//! | `rules/rule` | what a rule is: the value, and the way back |
//! | `rules/product` | the rule of the matrix product |
//! | `mode` | how one rule serves values and tangents |
//! | `custom`, `matrix` | operations from outside this crate |
//! | `tape`, `place` | what a recording holds, and where the results lie |
//! | `rules/run` | the rule of each operation |
//! | `sweep` | the four sweeps: values, adjoints, and the tangents of both |
//!
//! The other files add to them:
//!
//! | file | subject |
//! |---|---|
//! | `rules` | the rules of the other operations, and the methods that record the table's lines |
//! | `leaves`, `operations`, `reduce`, `shape` | what can be recorded |
//! | `hessian`, `entries` | the full Hessian; rows and entries of a matrix |
//! | `kinks` | domains, kinks, and on which side of them a recording is |
//! | `inputs` | which nodes each operation reads |
//! | `show` | a recording as a listing and as a graph |
//! | `work` | what the sweeps over a recording cost |
//! | `recorder` | recording without knowing the numbers |
//! | `check` | the checker of derivatives |
//! | `fast` | what exists only for speed: lanes, buffers, e^x, instruction sets, products |
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
mod axis;
pub mod check;
mod custom;
mod derivatives;
mod dual;
mod entries;
mod fast;
mod hessian;
mod inputs;
mod kinks;
mod leaves;
mod matrix;
mod mode;
mod number;
mod op;
mod operations;
mod place;
mod recorder;
mod reduce;
mod shape;
mod show;
mod sweep;
mod tape;
mod work;

pub use axis::Axis;
pub use custom::Operation;
pub use derivatives::{HessianVectorProduct, Objective, gradient, hvp, jvp};
pub use dual::Dual;
pub use fast::lanes::Lanes;
pub use fast::product::factor::Factor;
pub use fast::scalar::Scalar;
pub use fast::simd::vectorized;
pub use hessian::hessian;
pub use matrix::Matrix;
pub use number::Number;
pub use recorder::{Recorder, SetEntry};
pub use rules::elementwise::{Binary, Unary};
pub use tape::{Tape, Var};
pub use work::{SweepWork, Work};
