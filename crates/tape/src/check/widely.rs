//! The checker at points of every kind and in every type of number.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::{Identity, Mismatch, Probe, Settings, along, moved};
use crate::{Dual, Lanes, Objective, Scalar};

/// The sizes of the parameters: near 0, ordinary, and large. Each is taken with both signs.
const SIZES: [f64; 6] = [1e-4, 0.02, 0.6, 2.5, 30.0, 900.0];

/// A mistake, and where it was found.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Found {
    /// An identity that fails.
    #[error("at {parameters:?} in {numbers}: {mismatch}")]
    Mistake {
        /// The type of number.
        numbers: &'static str,
        /// The point.
        parameters: Vec<f64>,
        /// Which identity, and the two numbers that should agree.
        mismatch: Mismatch,
    },
    /// Nothing was compared: every point is outside of the domain, at a kink, or overflows.
    #[error("no point could be compared")]
    Nowhere,
}

/// Checks the first and second derivatives of `objective`, a function of `parameters` numbers, at
/// points of both signs, near 0 and large, in every combination of two of these. `defined` says
/// which points are in the domain. There [`f64`] has to agree with differences, as in
/// [`check`](super::check), and [`f32`], [`Lanes`], [`Dual`] and their nestings with [`f64`].
///
/// A point where the result is infinite is left out if it has a parameter of the largest size, 900.
/// A direction is left out if a step along it crosses a kink; see
/// [`Tape::sides`](crate::Tape::sides).
///
/// ```
/// use tape::check::check_widely;
/// # use tape::{Objective, Scalar, Tape, Var};
/// # struct Logarithms;
/// # impl Objective for Logarithms {
/// #     fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
/// #         tape.ln(parameters)
/// #     }
/// # }
/// check_widely(&Logarithms, 3, |x| x.iter().all(|&x| x > 0.0)).unwrap();
/// ```
///
/// # Errors
/// The first identity that does not hold and where, or that nothing could be compared.
pub fn check_widely(
    objective: &impl Objective,
    parameters: usize,
    defined: impl Fn(&[f64]) -> bool,
) -> Result<(), Found> {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    // The directions keep to the size of each parameter, so one length of steps serves all.
    let settings = Settings { step: 1e-3, ..Settings::default() };
    let mut known = Vec::new();
    for point in points(parameters).into_iter().filter(|point| defined(point)) {
        let here = Probe::at(objective, &point);
        if overflows(&point, here.value()) {
            continue;
        }
        for direction in 0..2 {
            let mut random = || rng.random_range(0.5..1.0) * [-1.0, 1.0][rng.random_range(0..2)];
            let [v, u] =
                [(); 2].map(|()| point.iter().map(|x| random() * x.abs().min(1.0)).collect());
            let w = here.value().iter().map(|_| random()).collect();
            let lines: [Vec<f64>; 3] = [v, u, w];
            let [v, u, w] = &lines;
            let sides = |h| Probe::at(objective, &moved(&point, h, v)).tape.sides();
            if [-settings.step, settings.step].map(sides).iter().any(|s| *s != here.tape.sides()) {
                continue;
            }
            along(objective, &point, settings, direction, [v, u, w]).map_err(|mismatch| {
                Found::Mistake { numbers: "f64", parameters: point.clone(), mismatch }
            })?;
            known.push(Known::new(objective, &point, direction, v, w));
        }
    }
    in_all_numbers(objective, &known)
}

/// The points for `n` parameters: the first half of them and the second, and then every other one
/// of them, have all pairs of sizes and signs. No two entries are equal. All numbers are those of
/// [`f32`] too.
fn points(n: usize) -> Vec<Vec<f64>> {
    let sizes = || SIZES.into_iter().flat_map(|size| [size, -size]);
    let others = || sizes().take(if n < 2 { 1 } else { usize::MAX });
    let pairs = sizes().flat_map(|size| others().map(move |other| [size, other]));
    let entry = |size: f64, i: usize| {
        let part = 1.0 - 0.3 * (0.618_034 * i as f64).fract();
        f64::from((size * part) as f32)
    };
    let point = |pair: [f64; 2], which: &dyn Fn(usize) -> usize| {
        (0..n).map(|i| entry(pair[which(i)], i)).collect::<Vec<f64>>()
    };
    let halves = |i: usize| usize::from(2 * i >= n.max(2));
    let mut points: Vec<_> =
        pairs.flat_map(|pair| [point(pair, &halves), point(pair, &|i| i % 2)]).collect();
    points.dedup();
    points
}

/// Whether the result is infinite because a parameter is of the largest size.
fn overflows(point: &[f64], value: &[f64]) -> bool {
    let largest = SIZES[SIZES.len() - 1];
    point.iter().any(|x| x.abs() > 0.5 * largest)
        && value.iter().any(|x| x.is_infinite())
        && !value.iter().any(|x| x.is_nan())
}

/// What is known at one point, from `f64`.
struct Known {
    point: Vec<f64>,
    direction: usize,
    v: Vec<f64>,
    w: Vec<f64>,
    value: Vec<f64>,
    /// J v, Jᵀ w and H v.
    jv: Vec<f64>,
    jtw: Vec<f64>,
    hv: Vec<f64>,
    /// The largest number on the way.
    size: f64,
}

impl Known {
    fn new(
        objective: &impl Objective,
        point: &[f64],
        direction: usize,
        v: &[f64],
        w: &[f64],
    ) -> Self {
        let mut probe = Probe::at(objective, point);
        let value = probe.value().to_vec();
        let (jv, jtw, hv) = probe.derivatives(v, w);
        let size = probe.tape.largest();
        let (point, v, w) = (point.to_vec(), v.to_vec(), w.to_vec());
        Known { point, direction, v, w, value, jv, jtw, hv, size }
    }
}

/// Compares all types of numbers with what is known.
fn in_all_numbers(objective: &impl Objective, known: &[Known]) -> Result<(), Found> {
    if known.is_empty() {
        return Err(Found::Nowhere);
    }
    type Lane<'a> = &'a dyn Fn(usize) -> f64;
    fn plain<S: Scalar>(x: Lane<'_>, _: Lane<'_>) -> S {
        S::from_lanes(x)
    }
    fn dual<S: Scalar>(x: Lane<'_>, t: Lane<'_>) -> Dual<S> {
        Dual { value: S::from_lanes(x), tangent: S::from_lanes(t) }
    }
    fn lanes_of_duals(x: Lane<'_>, t: Lane<'_>) -> Lanes<Dual<f64>, 2> {
        Lanes([0, 1].map(|i| Dual { value: x(i), tangent: t(i) }))
    }
    let single: Vec<&Known> = known.iter().filter(|known| known.size < 1e30).collect();
    let all: Vec<&Known> = known.iter().collect();
    let (wide, narrow) = (1e-12, 1e-5);
    in_numbers::<f32>(objective, "f32", &single, narrow, plain, None)?;
    in_numbers::<Lanes<f32, 4>>(objective, "Lanes<f32, 4>", &single, narrow, plain, None)?;
    in_numbers::<Lanes<f64, 4>>(objective, "Lanes<f64, 4>", &all, wide, plain, None)?;
    let tangent: Tangent<Dual<f64>> = |x, _| x.tangent;
    in_numbers(objective, "Dual<f64>", &all, wide, dual::<f64>, Some(tangent))?;
    let tangent: Tangent<Dual<Lanes<f64, 2>>> = |x, i| x.tangent.lane(i);
    in_numbers(objective, "Dual<Lanes<f64, 2>>", &all, wide, dual, Some(tangent))?;
    let tangent: Tangent<Lanes<Dual<f64>, 2>> = |x, i| x.0[i].tangent;
    in_numbers(objective, "Lanes<Dual<f64>, 2>", &all, wide, lanes_of_duals, Some(tangent))
}

/// The tangent in one lane of a number.
type Tangent<S> = fn(S, usize) -> f64;

/// Compares one type of number, several points side by side in its lanes. `make` makes a number of
/// the values and tangents in its lanes.
fn in_numbers<S: Scalar>(
    objective: &impl Objective,
    numbers: &'static str,
    known: &[&Known],
    tolerance: f64,
    make: impl Fn(&dyn Fn(usize) -> f64, &dyn Fn(usize) -> f64) -> S,
    tangent: Option<Tangent<S>>,
) -> Result<(), Found> {
    for start in (0..known.len()).step_by(S::LANES) {
        let of_lane = |i: usize| known[(start + i) % known.len()];
        let entries = |n: usize, entry: &dyn Fn(&Known, usize) -> f64| -> Vec<S> {
            (0..n).map(|e| make(&|i| entry(of_lane(i), e), &|_| 0.0)).collect()
        };
        let (inputs, outputs) = (of_lane(0).point.len(), of_lane(0).w.len());
        let point: Vec<S> =
            (0..inputs).map(|e| make(&|i| of_lane(i).point[e], &|i| of_lane(i).v[e])).collect();
        let (v, w) = (entries(inputs, &|k, e| k.v[e]), entries(outputs, &|k, e| k.w[e]));
        let mut probe = Probe::at(objective, &point);
        let value = probe.value().to_vec();
        let (jv, jtw, hv) = probe.derivatives(&v, &w);
        for lane in 0..S::LANES {
            let known = of_lane(lane);
            let plain = |x: &S| x.lane(lane);
            let mut pairs: Vec<(f64, f64)> = Vec::new();
            let mut add = |computed: &[S], of: &dyn Fn(&S) -> f64, expected: &[f64]| {
                pairs.extend(computed.iter().map(of).zip(expected.iter().copied()));
            };
            add(&value, &plain, &known.value);
            add(&jv, &plain, &known.jv);
            add(&jtw, &plain, &known.jtw);
            add(&hv, &plain, &known.hv);
            if let Some(tangent) = tangent {
                add(&value, &|x| tangent(*x, lane), &known.jv);
                add(&jtw, &|x| tangent(*x, lane), &known.hv);
            }
            let near = |(x, y): &(f64, f64)| (x - y).abs() <= tolerance * (y.abs() + known.size);
            if let Some(entry) = pairs.iter().position(|pair| !near(pair)) {
                let (computed, expected) = pairs[entry];
                let direction = known.direction;
                let mismatch =
                    Mismatch { identity: Identity::Numbers, direction, entry, computed, expected };
                return Err(Found::Mistake { numbers, parameters: known.point.clone(), mismatch });
            }
        }
    }
    Ok(())
}
