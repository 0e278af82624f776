//! Exponentials and logarithms to the last digits, in every scalar type and over its whole range,
//! whoever computes them.
//!
//! Results below the smallest normal number may be flushed to zero; everything else is held to a
//! few units in the last place.

use crate::common::{Unary, config, within};
use proptest::prelude::*;
use tape::{Dual, Lanes, Scalar};

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

/// f(x) by every type that carries doubles. `x` meets other numbers in the other lanes.
fn doubles(op: Unary, x: f64) -> Vec<(&'static str, f64)> {
    let beside = |lane: usize, n: usize| {
        move |i: usize| if i == lane { x } else { i as f64 - n as f64 / 2.0 }
    };
    vec![
        ("f64", op.apply(x)),
        ("Dual<f64>", op.apply(Dual::constant(x)).value),
        ("Lanes<f64, 1>", op.apply(Lanes([x])).lane(0)),
        ("Lanes<f64, 2>", op.apply(Lanes::<f64, 2>::from_lanes(beside(1, 2))).lane(1)),
        ("Lanes<f64, 4>", op.apply(Lanes::<f64, 4>::from_lanes(beside(2, 4))).lane(2)),
        ("Lanes<f64, 8>", op.apply(Lanes::<f64, 8>::from_lanes(beside(7, 8))).lane(7)),
        ("Dual<Lanes<f64, 4>>", op.apply(Dual::<Lanes<f64, 4>>::from_lanes(beside(0, 4))).lane(0)),
        ("Lanes<Dual<f64>, 4>", op.apply(Lanes::<Dual<f64>, 4>::from_lanes(beside(3, 4))).lane(3)),
    ]
}

/// f(x) by every type that carries floats.
fn singles(op: Unary, x: f32) -> Vec<(&'static str, f64)> {
    let x = f64::from(x);
    let beside = |lane: usize| move |i: usize| if i == lane { x } else { i as f64 - 3.5 };
    vec![
        ("f32", op.apply(x as f32).lane(0)),
        ("Lanes<f32, 8>", op.apply(Lanes::<f32, 8>::from_lanes(beside(5))).lane(5)),
        ("Lanes<f32, 16>", op.apply(Lanes::<f32, 16>::from_lanes(beside(11))).lane(11)),
        ("Dual<Lanes<f32, 8>>", op.apply(Dual::<Lanes<f32, 8>>::from_lanes(beside(2))).lane(2)),
    ]
}

#[track_caller]
fn assert_accurate(op: Unary, x: f64, units: f64) {
    let want = op.derivatives(x)[0];
    for (kind, got) in doubles(op, x) {
        let accurate = within(got, want, units * f64::EPSILON, f64::MIN_POSITIVE);
        assert!(accurate, "{op:?} of {x:e} in {kind}: {got:e} for {want:e}");
    }
}

/// The formula in f64 is exact to an f32, up to its last rounding.
#[track_caller]
fn assert_accurate_single(op: Unary, x: f32, units: f64) {
    let want = op.derivatives(f64::from(x))[0];
    let want = if want > f64::from(f32::MAX) { INF } else { want };
    for (kind, got) in singles(op, x) {
        let epsilon = f64::from(f32::EPSILON);
        let accurate = within(got, want, units * epsilon, f64::from(f32::MIN_POSITIVE));
        assert!(accurate, "{op:?} of {x:e} in {kind}: {got:e} for {want:e}");
    }
}

proptest! {
    #![proptest_config(config(2000))]

    #[test]
    fn exponentials(x in -760.0..709.7, near_zero in -1.0..1.0) {
        for x in [x, near_zero, near_zero * 1e-8] {
            assert_accurate(Unary::Exp, x, 4.0);
            assert_accurate(Unary::Sigmoid, x, 8.0);
            assert_accurate(Unary::Softplus, x, 8.0);
            assert_accurate(Unary::Tanh, x, 8.0);
        }
    }

    #[test]
    fn exponentials_in_single_precision(x in -110.0..88.7f32, near_zero in -1.0..1.0f32) {
        for x in [x, near_zero, near_zero * 1e-4] {
            assert_accurate_single(Unary::Exp, x, 4.0);
            assert_accurate_single(Unary::Sigmoid, x, 8.0);
            assert_accurate_single(Unary::Softplus, x, 8.0);
            assert_accurate_single(Unary::Tanh, x, 8.0);
        }
    }

    /// Of every positive number, subnormal ones too, and of numbers so close to 1 that their
    /// logarithm is small.
    #[test]
    fn logarithms(bits in 1..0x7ff0_0000_0000_0000u64, exponent in -16.0..0.0, above: bool) {
        let distance = 10f64.powf(exponent);
        let near_one = if above { 1.0 + distance } else { 1.0 - distance / 2.0 };
        for x in [f64::from_bits(bits), near_one] {
            assert_accurate(Unary::Ln, x, 4.0);
        }
    }

    #[test]
    fn logarithms_in_single_precision(
        bits in 1..0x7f80_0000u32, exponent in -7.0..0.0f32, above: bool,
    ) {
        let distance = 10f32.powf(exponent);
        let near_one = if above { 1.0 + distance } else { 1.0 - distance / 2.0 };
        for x in [f32::from_bits(bits), near_one] {
            assert_accurate_single(Unary::Ln, x, 4.0);
        }
    }
}

#[test]
fn special_values() {
    let smallest = f64::from_bits(1);
    for (op, x, want) in [
        (Unary::Exp, 0.0, 1.0),
        (Unary::Exp, -0.0, 1.0),
        (Unary::Exp, 5e-324, 1.0),
        (Unary::Exp, 709.782712893384, 709.782712893384f64.exp()), // the last finite one
        (Unary::Exp, 709.79, INF),
        (Unary::Exp, 1e300, INF),
        (Unary::Exp, INF, INF),
        (Unary::Exp, -746.0, 0.0),
        (Unary::Exp, -1e300, 0.0),
        (Unary::Exp, -INF, 0.0),
        (Unary::Exp, NAN, NAN),
        (Unary::Ln, 1.0, 0.0),
        (Unary::Ln, 0.0, -INF),
        (Unary::Ln, -0.0, -INF),
        (Unary::Ln, -1.0, NAN),
        (Unary::Ln, -smallest, NAN),
        (Unary::Ln, -INF, NAN),
        (Unary::Ln, INF, INF),
        (Unary::Ln, NAN, NAN),
        (Unary::Ln, smallest, smallest.ln()),
        (Unary::Ln, f64::MAX, f64::MAX.ln()),
        (Unary::Sigmoid, INF, 1.0),
        (Unary::Sigmoid, -INF, 0.0),
        (Unary::Sigmoid, NAN, NAN),
        (Unary::Softplus, INF, INF),
        (Unary::Softplus, -INF, 0.0),
        (Unary::Softplus, NAN, NAN),
        (Unary::Tanh, INF, 1.0),
        (Unary::Tanh, -INF, -1.0),
        (Unary::Tanh, NAN, NAN),
    ] {
        for (kind, got) in doubles(op, x) {
            let near = within(got, want, 4.0 * f64::EPSILON, 0.0);
            assert!(near || got.is_nan() && want.is_nan(), "{op:?} of {x} in {kind}: {got}");
        }
        if x.is_finite() && f64::from(x as f32) != x {
            continue;
        }
        for (kind, got) in singles(op, x as f32) {
            let near = within(got, want, 4.0 * f64::from(f32::EPSILON), 0.0);
            assert!(near || got.is_nan() && want.is_nan(), "{op:?} of {x} in {kind}: {got}");
        }
    }
    for (x, want) in [(88.7f32, 88.7f32.exp()), (88.73, f32::INFINITY), (-104.0, 0.0)] {
        for (kind, got) in singles(Unary::Exp, x) {
            let near = within(got, f64::from(want), 4.0 * f64::from(f32::EPSILON), 0.0);
            assert!(near, "exp of {x} in {kind}: {got}");
        }
    }
}

/// The same number gives the same bits in every lane, whatever its neighbors are: a task must not
/// depend on the place it was given.
#[test]
fn neighbors_and_places_do_not_matter() {
    for op in Unary::all() {
        let points = [0.3, 1.0, 2.5, 37.0, 700.0].into_iter().flat_map(|x| [x, -x]);
        for x in points.filter(|x| op.is_defined_at(*x)) {
            let together = op.apply(Lanes([x; 8]));
            for lane in 0..8 {
                let among = Lanes::<f64, 8>::from_lanes(|i| if i == lane { x } else { NAN });
                let (alone, among) = (together.lane(lane), op.apply(among).lane(lane));
                assert_eq!(alone.to_bits(), among.to_bits(), "{op:?} of {x} in lane {lane}");
                assert_eq!(alone.to_bits(), together.lane(0).to_bits(), "{op:?} of {x}");
            }
        }
    }
}
