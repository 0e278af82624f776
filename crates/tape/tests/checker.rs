//! The checker itself, from outside: it finds planted mistakes, to second order, and raises no
//! false alarm.

use crate::common::{Problem, Unary, config, spread};
use proptest::prelude::*;
use tape::check::{Identity, Mismatch, Settings, check};
use tape::{Objective, Scalar, Tape, Var};

/// The present value of `x` as a constant: derivatives do not see it.
fn frozen<S: Scalar>(tape: &mut Tape<S>, x: Var) -> Var {
    let ((rows, columns), values) = (tape.shape(x), tape.value(x).to_vec());
    tape.constant_from(rows, columns, |r, c, lane| values[r * columns + c].lane(lane))
}

/// Functions whose value is right everywhere and whose derivatives are wrong.
#[derive(Clone, Copy, Debug)]
enum Planted {
    /// x c at c = x: half the slope of x².
    HalfTheSlope,
    /// 2 c x − c² at c = x: the slope of x², but it stands still.
    SlopeThatStandsStill,
    /// x² + δ (x − c) at c = x: a slope that is off by δ.
    SlopeOff(f64),
    /// x² + δ (x − c)² / 2 at c = x: the right slope, a second derivative that is off by δ.
    CurvatureOff(f64),
    /// 10³⁰⁰ (x + c) / 2 at c = x: half the slope of 10³⁰⁰ x.
    HalfAHugeSlope,
}

impl Objective for Planted {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, x: Var) -> Var {
        let c = frozen(tape, x);
        let away = tape.sub(x, c);
        match self {
            Planted::HalfTheSlope => tape.mul(x, c),
            Planted::SlopeThatStandsStill => {
                let (square, twice) = (tape.powi(c, 2), tape.scale(away, 2.0));
                let rise = tape.mul(twice, c);
                tape.add(square, rise)
            }
            Planted::SlopeOff(delta) => {
                let (square, off) = (tape.powi(x, 2), tape.scale(away, *delta));
                tape.add(square, off)
            }
            Planted::CurvatureOff(delta) => {
                let (square, off) = (tape.powi(x, 2), tape.powi(away, 2));
                let off = tape.scale(off, delta / 2.0);
                tape.add(square, off)
            }
            Planted::HalfAHugeSlope => {
                let twice = tape.add(x, c);
                tape.scale(twice, 0.5e300)
            }
        }
    }
}

/// The mistake sits in one entry of many; the others are right.
struct Hidden {
    planted: Planted,
    at: usize,
}

impl Objective for Hidden {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, x: Var) -> Var {
        let n = tape.shape(x).1;
        let here = tape.constant_from(1, n, |_, c, _| if c == self.at { 1.0 } else { 0.0 });
        let (wrong, right) = (self.planted.eval(tape, x), tape.powi(x, 2));
        tape.select(here, wrong, right)
    }
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn a_wrong_slope_is_found_anywhere(at in 0..20usize, exponent in -5.0..0.0, seed: u64) {
        let (x, delta) = (spread(20, exponent), 10f64.powf(exponent));
        let settings = Settings { seed, directions: 20, ..Settings::default() };
        let off = [delta, -delta].map(Planted::SlopeOff);
        for planted in [Planted::HalfTheSlope, off[0], off[1]] {
            let mismatch = check(&Hidden { planted, at }, &x, settings).unwrap_err();
            prop_assert_eq!((mismatch.identity, mismatch.entry), (Identity::Tangent, at));
        }
    }

    #[test]
    fn a_wrong_curvature_is_found_anywhere(at in 0..20usize, exponent in -4.0..0.0, seed: u64) {
        let (x, delta) = (spread(20, exponent), 10f64.powf(exponent));
        let settings = Settings { seed, directions: 20, ..Settings::default() };
        for planted in [Planted::SlopeThatStandsStill, Planted::CurvatureOff(delta)] {
            let mismatch = check(&Hidden { planted, at }, &x, settings).unwrap_err();
            prop_assert_eq!((mismatch.identity, mismatch.entry), (Identity::SecondOrder, at));
        }
    }

    /// Steps grow with the parameters, but are never below the step for parameters of size 1.
    #[test]
    fn what_is_right_passes_at_any_scale(exponent in 0.0..6.0, seed: u64) {
        let x: Vec<f64> = spread(6, exponent).iter().map(|x| x * 10f64.powf(exponent)).collect();
        let settings = Settings { seed, ..Settings::default() };
        for op in [Unary::PowI(2), Unary::PowI(5), Unary::Neg, Unary::Scale(1e-3)] {
            prop_assert_eq!(check(&op, &x, settings), Ok(()), "{:?} at {:?}", op, &x);
        }
    }

    #[test]
    fn whole_objectives_pass(seed in 0.0..1000.0) {
        // The kinked ones may be probed across a kink.
        for problem in Problem::ALL.into_iter().filter(Problem::is_smooth) {
            let x = spread(problem.parameters(), seed);
            prop_assert_eq!(check(&problem, &x, Settings::default()), Ok(()), "{:?}", problem);
        }
    }
}

/// A function that is constant or linear, but only up to rounding: what should be zero is rounding
/// on both sides, and that is no mistake.
#[derive(Clone, Copy, Debug)]
enum UpToRounding {
    /// Σ softmax(x) = 1
    SumOfSoftmax,
    /// sin² x + cos² x = 1
    Pythagoras,
    /// sin² x + cos² x − 1 = 0: not even the value is as large as what it is made of.
    Nothing,
    /// ln e^x = x
    LogOfExp,
    /// √(x²) = |x|
    RootOfSquare,
}

impl Objective for UpToRounding {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, x: Var) -> Var {
        match self {
            UpToRounding::SumOfSoftmax => {
                let log_probabilities = tape.log_softmax(x);
                let probabilities = tape.exp(log_probabilities);
                tape.sum(probabilities)
            }
            UpToRounding::Pythagoras => {
                let (sin, cos) = (tape.sin(x), tape.cos(x));
                let (sin, cos) = (tape.powi(sin, 2), tape.powi(cos, 2));
                tape.add(sin, cos)
            }
            UpToRounding::Nothing => {
                let one = tape.scalar(1.0);
                let also_one = UpToRounding::Pythagoras.eval(tape, x);
                tape.sub(also_one, one)
            }
            UpToRounding::LogOfExp => {
                let y = tape.exp(x);
                tape.ln(y)
            }
            UpToRounding::RootOfSquare => {
                let y = tape.powi(x, 2);
                tape.sqrt(y)
            }
        }
    }
}

#[test]
fn rounding_is_no_mistake() {
    let mut alarms = Vec::new();
    for objective in [
        UpToRounding::SumOfSoftmax,
        UpToRounding::Pythagoras,
        UpToRounding::Nothing,
        UpToRounding::LogOfExp,
        UpToRounding::RootOfSquare,
    ] {
        for seed in 0..50 {
            let x: Vec<f64> = spread(3, seed as f64).into_iter().map(|x| x + 1.5).collect();
            let settings = Settings { seed, ..Settings::default() };
            if let Err(mismatch) = check(&objective, &x, settings) {
                alarms.push(format!("{objective:?} at {x:?}: {mismatch}"));
            }
        }
    }
    assert!(alarms.is_empty(), "{} alarms:\n{}", alarms.len(), alarms.join("\n"));
}

/// Where a step leaves the range of f64 the difference is infinite and shows nothing: the checker
/// must say so, not take it for agreement, and least of all let it excuse the other entries.
#[test]
fn an_infinite_difference_is_a_mismatch() {
    // 10³⁰⁰ x is finite up to x = 1.79769e8.
    for (x, entry) in [(vec![1.7976e8], 0), (vec![0.3, 1.7976e8], 1)] {
        let missed = (0..50).filter(|seed| {
            let settings = Settings { seed: *seed, directions: 1, ..Settings::default() };
            check(&Planted::HalfAHugeSlope, &x, settings).is_ok()
        });
        assert_eq!(missed.count(), 0, "of 50 seeds with entry {entry} about to overflow");
    }
}

#[test]
fn an_undefined_value_is_a_mismatch() {
    for (op, x) in [(Unary::Ln, -1.0), (Unary::Sqrt, -2.0), (Unary::Exp, f64::NAN)] {
        assert!(check(&op, &[0.5, x], Settings::default()).is_err(), "{op:?} at {x}");
    }
}

#[test]
fn a_mismatch_says_what_and_where() {
    let objective = Hidden { planted: Planted::HalfTheSlope, at: 1 };
    let mismatch = check(&objective, &[0.5, 2.0], Settings::default()).unwrap_err();
    let Mismatch { direction, entry, computed, expected, .. } = mismatch;
    assert_eq!((direction, entry), (0, 1));
    assert!((2.0 * computed - expected).abs() < 1e-8 * expected.abs());
    let message = mismatch.to_string();
    for part in ["J v", "direction 0", "entry 1", &computed.to_string(), &expected.to_string()] {
        assert!(message.contains(part), "{part:?} is not in {message:?}");
    }
}

#[test]
fn the_same_seed_asks_the_same_questions() {
    let objective = Hidden { planted: Planted::HalfTheSlope, at: 2 };
    let ask = |seed| {
        let settings = Settings { seed, ..Settings::default() };
        check(&objective, &[0.1, 0.2, 0.3], settings).unwrap_err()
    };
    assert_eq!(ask(7), ask(7));
    assert_ne!(ask(7), ask(8));
}
