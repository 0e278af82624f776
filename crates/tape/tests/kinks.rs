//! `relu`, `leaky_relu`, `abs` and `max` where they bend: one convention for every scalar type, to
//! second order.

use crate::common::{Unary, within};
use tape::{Dual, Lanes, Number, Objective, Scalar, Tape, Var, gradient, hessian, hvp};

const POINTS: [f64; 8] = [0.0, -0.0, 1.0, -1.0, 1e-300, -1e-300, 0.7, -2.3];

/// Value and tangent of `x + ε` taken through `op`, by every kind of dual number.
fn through_duals(op: Unary, x: f64) -> Vec<(&'static str, [f64; 2])> {
    let dual = Dual { value: x, tangent: 1.0 };
    let pair = |y: Dual<f64>| [y.value, y.tangent];

    let plain = op.apply(dual);
    let y = op.apply(Dual { value: Lanes([5.0, x]), tangent: Lanes([7.0, 1.0]) });
    let dual_of_lanes = Dual { value: y.value.0[1], tangent: y.tangent.0[1] };
    let lanes_of_duals = op.apply(Lanes([Dual::constant(5.0), dual])).0[1];
    let outer = op.apply(Dual { value: Dual::constant(x), tangent: Dual::one() });
    let inner = op.apply(Dual { value: dual, tangent: Dual::zero() });
    let lanes_of_lanes = op.apply(Lanes([Lanes([Dual::constant(5.0), dual])])).0[0].0[1];
    vec![
        ("Dual<f64>", pair(plain)),
        ("Dual<Lanes<f64, 2>>", pair(dual_of_lanes)),
        ("Lanes<Dual<f64>, 2>", pair(lanes_of_duals)),
        ("Dual<Dual<f64>>, outer", [outer.value.value, outer.tangent.value]),
        ("Dual<Dual<f64>>, inner", pair(inner.value)),
        ("Lanes<Lanes<Dual<f64>, 2>, 1>", pair(lanes_of_lanes)),
    ]
}

#[test]
fn every_kind_of_dual_has_the_derivative_of_the_plain_formula() {
    let mut wrong = Vec::new();
    for (op, x) in Unary::all().flat_map(|op| POINTS.map(|x| (op, x))) {
        let [value, slope, ..] = op.derivatives(x);
        if !op.is_defined_at(x) || !slope.is_finite() {
            continue;
        }
        for (kind, got) in through_duals(op, x) {
            if !within(got[0], value, 1e-14, 0.0)
                || !within(got[1], slope, 1e-13, 4.0 * f64::EPSILON)
            {
                wrong.push(format!("{op:?} at {x:?} in {kind}: {got:?} for {:?}", [value, slope]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_tie_gives_half_to_each_side_in_every_kind_of_dual() {
    let (a, b) = (Dual { value: 2.0, tangent: 3.0 }, Dual { value: 2.0, tangent: 5.0 });
    let tie = Dual { value: 2.0, tangent: 4.0 };
    assert_eq!(a.max(b), tie);
    assert_eq!(Lanes([a, a]).max(Lanes([b, Dual::zero()])).0, [tie, a]);
    let lanes = |x: Dual<f64>| Dual { value: Lanes([x.value]), tangent: Lanes([x.tangent]) };
    assert_eq!(lanes(a).max(lanes(b)), lanes(tie));
}

#[test]
fn on_the_tape_to_second_order() {
    for x in [0.0, -0.0] {
        for op in [Unary::Relu, Unary::Abs] {
            let got = hvp(&op, &[x], &[3.0]);
            assert_eq!((got.value, got.gradient[0], got.product[0]), (0.0, 0.0, 0.0), "{op:?}");
        }
        let got = hvp(&Unary::LeakyRelu(0.2), &[x], &[3.0]);
        assert_eq!((got.value, got.gradient[0], got.product[0]), (0.0, 0.2, 0.0));
    }
    for (zero, other) in [(0.0, 0.0), (0.0, -0.0), (-0.0, 0.0), (2.0, 2.0), (-1e300, -1e300)] {
        let got = hvp(&Larger, &[zero, other], &[3.0, 1.0]);
        assert_eq!(got.gradient, [0.5, 0.5], "max({zero:?}, {other:?})");
        assert_eq!(got.product, [0.0, 0.0]);
    }
}

/// max(x, y)
struct Larger;

impl Objective for Larger {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        let (x, y) = (tape.window(parameters, 0, 1, 1), tape.window(parameters, 1, 1, 1));
        tape.max(x, y)
    }
}

/// x² through a kinked function whose bend lies exactly at the point: what comes after the kink
/// sees the convention, what stands beside it does not lose its own curvature.
#[derive(Clone, Copy, Debug)]
enum AtTheBend {
    /// relu(x) relu(x) + x²
    SquareOfRelu,
    /// |x| x + x²
    MagnitudeTimes,
    /// max(x, 0)² + x²
    SquareOfMax,
    /// max(x², x³): a tie of value at 0, where both slopes are 0 too
    CurvesThatTouch,
    /// relu(x²): the kink's argument has slope 0
    ReluOfSquare,
}

impl Objective for AtTheBend {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, x: Var) -> Var {
        let square = tape.powi(x, 2);
        let kinked = match self {
            AtTheBend::SquareOfRelu => {
                let y = tape.relu(x);
                tape.mul(y, y)
            }
            AtTheBend::MagnitudeTimes => {
                let y = tape.abs(x);
                tape.mul(y, x)
            }
            AtTheBend::SquareOfMax => {
                let zero = tape.scalar(0.0);
                let y = tape.max(x, zero);
                tape.powi(y, 2)
            }
            AtTheBend::CurvesThatTouch => {
                let cube = tape.powi(x, 3);
                tape.max(square, cube)
            }
            AtTheBend::ReluOfSquare => tape.relu(square),
        };
        tape.add(kinked, square)
    }
}

#[test]
fn what_comes_after_a_kink() {
    for (objective, second) in [
        // relu′(0) = 0, so neither factor moves.
        (AtTheBend::SquareOfRelu, 0.0),
        // |x|′(0) = 0 and |0| = 0: both terms of the product rule vanish.
        (AtTheBend::MagnitudeTimes, 0.0),
        // max′ = 1/2: 2 · ½ · ½.
        (AtTheBend::SquareOfMax, 0.5),
        // Half of (x²)″ = 2 and half of (x³)″ = 0.
        (AtTheBend::CurvesThatTouch, 1.0),
        // relu′(0) = 0 stands before (x²)″.
        (AtTheBend::ReluOfSquare, 0.0),
    ] {
        let got = hvp(&objective, &[0.0], &[1.0]);
        assert_eq!((got.gradient[0], got.product[0]), (0.0, second + 2.0), "{objective:?}");

        let (_, slope) = gradient(&objective, &[Dual { value: 0.0, tangent: 1.0 }]);
        assert_eq!(slope, [Dual { value: 0.0, tangent: second + 2.0 }], "{objective:?} on duals");

        let zero = Lanes([0.0, 0.0, 0.0, 0.0]);
        assert_eq!(hessian(&objective, &[zero]).data(), [Lanes([second + 2.0; 4])]);

        let x = Lanes([Dual { value: 0.0, tangent: 1.0 }; 2]);
        let (_, slope) = gradient(&objective, &[x]);
        let want = Dual { value: 0.0, tangent: second + 2.0 };
        assert_eq!(slope, [Lanes([want; 2])], "{objective:?} on lanes of duals");
    }
}

/// What has no derivative gives none: the documentation of `sqrt` and `norm` says so.
#[test]
fn roots_and_norms_at_zero() {
    let root = hvp(&Unary::Sqrt, &[0.0], &[1.0]);
    assert_eq!((root.value, root.gradient[0]), (0.0, f64::INFINITY));

    struct Length;
    impl Objective for Length {
        fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
            tape.norm(parameters)
        }
    }
    let length = hvp(&Length, &[0.0, 0.0], &[1.0, 0.0]);
    assert!(length.value == 0.0 && length.gradient.into_iter().all(f64::is_nan));
}

/// A condition of value 0 chooses the second operand; no derivative flows to the condition.
#[test]
fn a_choice_at_zero() {
    let mut tape = Tape::<f64>::new();
    let x = tape.variable(1, 5, &[0.0, -0.0, 1e-300, -1e-300, f64::NAN]);
    let square = tape.powi(x, 2);
    let zero = tape.constant_from(1, 5, |_, _, _| 0.0);
    let chosen = tape.select(x, zero, square);
    let constant = tape.select(x, zero, zero);
    assert!(!tape.is_active(constant), "a choice between constants is a constant");
    tape.backward_from(chosen, &[1.0; 5]);
    tape.forward_tangents(x, &[1.0; 5]);
    tape.backward_tangents(chosen);
    assert_eq!(tape.adjoint(x)[..4], [0.0, 0.0, 0.0, -2e-300]);
    assert_eq!(tape.adjoint_tangent(x)[..4], [2.0, 2.0, 0.0, 2.0]);
    assert!(tape.value(chosen)[4].is_nan());
}
