//! Four ways to a Hessian-vector product.
//!
//! | way | computes | error |
//! |---|---|---|
//! | forward over reverse | the tangents of both sweeps of one recording | rounding |
//! | dual numbers | a new recording of dual numbers, swept back once | rounding |
//! | differences | (∇f(θ + h v) − ∇f(θ − h v)) / 2h | h² and rounding / h |
//! | dense Hessian | n products with unit vectors, then a matrix times v | rounding |
//!
//! A fifth way, reverse over reverse, would record the backward sweep on a longer tape. This tape
//! does not do that: its rules run on numbers, not on nodes.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tape::{Dual, Objective, Tape, Work};

use crate::Local;
use crate::vectors::{largest, norm, plus};

/// A way to a Hessian-vector product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// Tangents of the sweeps of one recording.
    ForwardOverReverse,
    /// A recording of dual numbers.
    DualNumbers,
    /// Central differences of gradients.
    Differences,
    /// The whole Hessian.
    DenseHessian,
}

impl Way {
    /// All ways, the most direct first.
    pub const ALL: [Way; 4] =
        [Way::ForwardOverReverse, Way::DualNumbers, Way::Differences, Way::DenseHessian];

    /// Its name in tables.
    pub fn title(self) -> &'static str {
        match self {
            Way::ForwardOverReverse => "forward over reverse",
            Way::DualNumbers => "dual numbers",
            Way::Differences => "differences of gradients",
            Way::DenseHessian => "dense Hessian",
        }
    }
}

/// Holds what a product cost and how accurate it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProductReport {
    /// The way.
    pub way: Way,
    /// The number of parameters.
    pub parameters: usize,
    /// The norm of the difference to forward over reverse, relative to its norm. `None` if the
    /// product is 0.
    pub error: Option<f64>,
    /// The counted multiply-adds.
    pub multiply_adds: u64,
    /// The bytes of the tape and, for the dense way, of the Hessian.
    pub memory: usize,
}

/// The step of differences, relative to the largest weight: the cube root of the rounding error
/// balances both kinds of error.
fn difference_step(theta: &[f64], v: &[f64]) -> f64 {
    f64::EPSILON.cbrt() * largest(theta).max(1.0) / largest(v).max(f64::MIN_POSITIVE)
}

/// Returns ∇²f(θ) v by one of the ways, `(n)`.
///
/// ```
/// use lab::products::{Way, hessian_vector};
/// # use tape::{Objective, Scalar, Tape, Var};
/// # struct Quartic;
/// # impl Objective for Quartic {
/// #     fn eval<S: Scalar>(&self, tape: &mut Tape<S>, x: Var) -> Var {
/// #         let powers = tape.powi(x, 4);
/// #         tape.sum(powers)
/// #     }
/// # }
/// for way in Way::ALL {
///     let product = hessian_vector(way, &Quartic, &[1.0, 2.0], &[1.0, 0.0]);
///     assert!((product[0] - 12.0).abs() < 1e-6 && product[1].abs() < 1e-6, "{way:?}");
/// }
/// ```
///
/// # Panics
/// Panics if the objective is not `(1, 1)`, or if `v` does not have n entries.
pub fn hessian_vector(way: Way, f: &impl Objective, theta: &[f64], v: &[f64]) -> Vec<f64> {
    match way {
        Way::ForwardOverReverse => Local::at(f, theta).hessian_vector(v),
        Way::DualNumbers => dual(f, theta, v).0,
        Way::Differences => {
            let h = difference_step(theta, v);
            let gradient = |h| Local::at(f, &plus(theta, h, v)).gradient().to_vec();
            let difference = plus(&gradient(h), -1.0, &gradient(-h));
            difference.iter().map(|x| x / (2.0 * h)).collect()
        }
        Way::DenseHessian => {
            let hessian = tape::hessian(f, theta);
            let row = |r: usize| (0..theta.len()).map(|c| hessian[(r, c)] * v[c]).sum();
            (0..theta.len()).map(row).collect()
        }
    }
}

/// The product by a recording of dual numbers, with the recording.
fn dual(f: &impl Objective, theta: &[f64], v: &[f64]) -> (Vec<f64>, Tape<Dual<f64>>) {
    let at: Vec<Dual<f64>> =
        theta.iter().zip(v).map(|(&x, &v)| Dual { value: x, tangent: v }).collect();
    let mut tape = Tape::new();
    let parameters = tape.variable(1, at.len(), &at);
    let output = f.eval(&mut tape, parameters);
    tape.backward(output);
    (tape.adjoint(parameters).iter().map(|x| x.tangent).collect(), tape)
}

/// Compares ways at one point: error, operations and memory.
///
/// # Panics
/// Panics if the objective is not `(1, 1)`, or if `v` does not have n entries.
pub fn compare(ways: &[Way], f: &impl Objective, theta: &[f64], v: &[f64]) -> Vec<ProductReport> {
    let mut local = Local::at(f, theta);
    let exact = local.hessian_vector(v);
    let (work, n) = (local.work(), theta.len());
    let report = |&way: &Way| {
        let found = hessian_vector(way, f, theta, v);
        let length = norm(&exact);
        let (done, memory): (Work, usize) = match way {
            Way::ForwardOverReverse => (work.gradient() + work.hessian_vector(), local.memory()),
            // A dual number is a value and a tangent. A product of two has three products.
            Way::DualNumbers => {
                let tape = dual(f, theta, v).1;
                (tape.work().gradient() * 3, tape.memory())
            }
            Way::Differences => (work.gradient() * 2, Local::at(f, theta).memory()),
            Way::DenseHessian => {
                let all = work.gradient() + work.hessian_vector() * n as u64;
                let times = Work { multiply_adds: (n * n) as u64, bytes: 0 };
                (all + times, local.memory() + n * n * size_of::<f64>())
            }
        };
        ProductReport {
            way,
            parameters: n,
            error: (length > 0.0).then(|| norm(&plus(&found, -1.0, &exact)) / length),
            multiply_adds: done.multiply_adds,
            memory,
        }
    };
    ways.iter().map(report).collect()
}

/// Returns the shortest of `repetitions` measured times of one product.
///
/// # Panics
/// Panics if the objective is not `(1, 1)`, or if `v` does not have n entries.
pub fn time(
    way: Way,
    f: &impl Objective,
    (theta, v): (&[f64], &[f64]),
    repetitions: u32,
) -> Duration {
    let once = |_| {
        let start = Instant::now();
        std::hint::black_box(hessian_vector(way, f, theta, v));
        start.elapsed()
    };
    (0..repetitions.max(1)).map(once).min().unwrap_or_default()
}
