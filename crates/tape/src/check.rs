//! A checker of derivatives, to second order, against differences of values.
//!
//! With f the objective, x its parameters, v and u random directions and w a random cotangent,
//! [`check`] demands
//!
//! | identity | what it catches |
//! |---|---|
//! | J v = (f(x + h v) − f(x − h v)) / 2h | a wrong tangent rule |
//! | ⟨J v, w⟩ = ⟨v, Jᵀ w⟩ | a reverse rule that is not the transpose of the tangent rule |
//! | H v = (Jᵀw(x + h v) − Jᵀw(x − h v)) / 2h | a rule that is right once and wrong twice |
//! | ⟨H v, u⟩ = ⟨v, H u⟩ | a second derivative that is no Hessian |
//!
//! where H is the Hessian of ⟨w, f⟩. Differences are extrapolated (Richardson) from the steps h
//! and h / 2, so that they are good to about nine digits where f is smooth.
//!
//! A rule can be right at one point and wrong at another. [`check_widely`] asks at points of both
//! signs, near 0 and large, and in every type of number.

mod widely;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::place::Place;
use crate::{Objective, Scalar, Tape, Var};

pub use widely::{Found, check_widely};

/// How hard to look, and how exactly.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Of the random directions.
    pub seed: u64,
    /// How many triples of directions to try.
    pub directions: usize,
    /// Length of a step relative to the size of each parameter (or to 1, if that is larger).
    pub step: f64,
    /// Largest difference that passes, relative to the size of what is compared.
    pub tolerance: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { seed: 0, directions: 4, step: 1e-4, tolerance: 1e-6 }
    }
}

/// The identity that failed, in which direction, and the two numbers that should agree.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("{identity} fails in direction {direction}, entry {entry}: {computed} against {expected}")]
pub struct Mismatch {
    /// Which identity does not hold.
    pub identity: Identity,
    /// Which of the random directions.
    pub direction: usize,
    /// Which entry of the result.
    pub entry: usize,
    /// What the tape says.
    pub computed: f64,
    /// What it should say.
    pub expected: f64,
}

/// What [`check`] compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The tangent of the value.
    Tangent,
    /// The adjoint identity.
    Adjoint,
    /// The Hessian-vector product.
    SecondOrder,
    /// The symmetry of the Hessian.
    Symmetry,
    /// The same results from every type of number.
    Numbers,
}

impl std::fmt::Display for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Identity::Tangent => "J v = difference of values",
            Identity::Adjoint => "⟨J v, w⟩ = ⟨v, Jᵀ w⟩",
            Identity::SecondOrder => "H v = difference of gradients",
            Identity::Symmetry => "⟨H v, u⟩ = ⟨v, H u⟩",
            Identity::Numbers => "this type of number = f64",
        })
    }
}

/// Checks the first and second derivatives of `objective`, whose result may have any shape, at
/// `parameters`. Choose parameters away from kinks: no difference across one means anything.
///
/// ```
/// use tape::check::{Settings, check};
/// # use tape::{Objective, Scalar, Tape, Var};
/// # struct Sines;
/// # impl Objective for Sines {
/// #     fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
/// #         tape.sin(parameters)
/// #     }
/// # }
/// check(&Sines, &[0.3, -2.0], Settings::default()).unwrap();
/// ```
///
/// # Errors
/// The first identity that does not hold.
pub fn check(
    objective: &impl Objective,
    parameters: &[f64],
    settings: Settings,
) -> Result<(), Mismatch> {
    let mut rng = ChaCha8Rng::seed_from_u64(settings.seed);
    let outputs = Probe::at(objective, parameters).value().len();
    for direction in 0..settings.directions {
        let mut random = |scale: &dyn Fn(usize) -> f64, n: usize| -> Vec<f64> {
            (0..n).map(|i| scale(i) * rng.random_range(-1.0..1.0)).collect()
        };
        let size = |i: usize| parameters[i].abs().max(1.0);
        let v = random(&size, parameters.len());
        let u = random(&size, parameters.len());
        let w = random(&|_| 1.0, outputs);
        along(objective, parameters, settings, direction, [&v, &u, &w])?;
    }
    Ok(())
}

/// Checks the four identities with the directions v and u and the cotangent w.
fn along(
    objective: &impl Objective,
    parameters: &[f64],
    settings: Settings,
    direction: usize,
    [v, u, w]: [&[f64]; 3],
) -> Result<(), Mismatch> {
    let compare = |identity, computed: &[f64], expected: &[f64], noise| match first_difference(
        computed,
        expected,
        settings.tolerance,
        noise,
    ) {
        None => Ok(()),
        Some(entry) => Err(Mismatch {
            identity,
            direction,
            entry,
            computed: computed[entry],
            expected: expected[entry],
        }),
    };
    let mut probe = Probe::at(objective, parameters);
    let (jv, jtw, hv) = probe.derivatives(v, w);
    let (_, _, hu) = probe.derivatives(u, w);
    // Rounding errors are as large as the largest number on the way, not as the result.
    let size = probe.tape.largest();
    let over_step = 16.0 * f64::EPSILON * size / settings.step;
    let value = |h| Probe::at(objective, &moved(parameters, h, v)).value().to_vec();
    compare(Identity::Tangent, &jv, &derivative(value, settings.step), over_step)?;
    let noise = ROUNDING * size * largest(v).max(1.0) * largest(u).max(1.0);
    compare(Identity::Adjoint, &[inner(v, &jtw)], &[inner(&jv, w)], noise)?;
    let gradient = |h| Probe::at(objective, &moved(parameters, h, v)).derivatives(v, w).1;
    compare(Identity::SecondOrder, &hv, &derivative(gradient, settings.step), over_step)?;
    compare(Identity::Symmetry, &[inner(&hv, u)], &[inner(v, &hu)], noise)
}

/// The parameters a step away: x + h v.
fn moved(parameters: &[f64], h: f64, v: &[f64]) -> Vec<f64> {
    parameters.iter().zip(v).map(|(x, v)| x + h * v).collect()
}

/// An objective recorded at one point.
struct Probe<S> {
    tape: Tape<S>,
    variable: Var,
    output: Var,
}

impl<S: Scalar> Probe<S> {
    fn at(objective: &impl Objective, parameters: &[S]) -> Self {
        let mut tape = Tape::new();
        let variable = tape.variable(1, parameters.len(), parameters);
        let output = objective.eval(&mut tape, variable);
        Probe { tape, variable, output }
    }

    fn value(&self) -> &[S] {
        self.tape.value(self.output)
    }

    /// J v, Jᵀ w, and the derivative of the latter along v.
    fn derivatives(&mut self, v: &[S], w: &[S]) -> (Vec<S>, Vec<S>, Vec<S>) {
        self.tape.backward_from(self.output, w);
        self.tape.forward_tangents(self.variable, v);
        self.tape.backward_tangents(self.output);
        let jv = if self.tape.is_active(self.output) {
            self.tape.tangent(self.output).to_vec()
        } else {
            vec![S::zero(); w.len()]
        };
        let jtw = self.tape.adjoint(self.variable).to_vec();
        (jv, jtw, self.tape.adjoint_tangent(self.variable).to_vec())
    }
}

impl<S: Scalar> Tape<S> {
    /// Returns the largest finite magnitude of all values and, after a backward sweep, of all
    /// adjoints. Rounding errors on the way to a result are as large as this number times ε,
    /// however small the result is.
    pub fn largest(&self) -> f64 {
        let lanes = |x: &S| (0..S::LANES).map(|i| x.lane(i).abs()).fold(0.0, f64::max);
        self.numbers().map(lanes).filter(|x| x.is_finite()).fold(0.0, f64::max)
    }

    /// Every value of the recording and, after a backward sweep, every adjoint.
    fn numbers(&self) -> impl Iterator<Item = &S> {
        let values = |node: &Place| {
            let arena = if node.active { &self.values } else { &self.constants };
            &arena.entries()[node.range()]
        };
        let swept = self.swept.backward.is_some();
        let adjoints = self.places.iter().filter(move |node| swept && node.active);
        self.places
            .iter()
            .flat_map(values)
            .chain(adjoints.flat_map(|node| &self.adjoints.primal[node.range()]))
    }
}

/// The derivative of `f` at 0 by central differences at h and h / 2, extrapolated.
fn derivative(f: impl Fn(f64) -> Vec<f64>, h: f64) -> Vec<f64> {
    let central = |h: f64| -> Vec<f64> {
        f(h).iter().zip(&f(-h)).map(|(ahead, behind)| (ahead - behind) / (2.0 * h)).collect()
    };
    let (coarse, fine) = (central(h), central(h / 2.0));
    coarse.iter().zip(&fine).map(|(c, f)| (4.0 * f - c) / 3.0).collect()
}

/// How many units in the last place a sum of a few hundred terms may lose.
const ROUNDING: f64 = 256.0 * f64::EPSILON;

/// The largest finite magnitude.
fn largest(x: &[f64]) -> f64 {
    x.iter().map(|x| x.abs()).filter(|x| x.is_finite()).fold(0.0, f64::max)
}

fn inner(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The first entry in which two vectors differ by more than `tolerance`, relative to the largest
/// entry of either, plus `noise`. What is not finite shows nothing, so it differs.
fn first_difference(
    computed: &[f64],
    expected: &[f64],
    tolerance: f64,
    noise: f64,
) -> Option<usize> {
    let allowed = tolerance * largest(computed).max(largest(expected)) + noise + f64::MIN_POSITIVE;
    let within = |(c, e): (&f64, &f64)| (c - e).abs() <= allowed;
    computed.iter().zip(expected).position(|pair| !within(pair))
}

#[cfg(test)]
mod tests;
