//! Zero, the tiny, the huge, the infinite and the undefined: what is finite stays finite, what is
//! infinite has the right sign, and a NaN gets through.

use std::f64::consts::LN_2;

use crate::common::{Binary, Unary, assert_close, config, within};
use proptest::prelude::*;
use tape::{Dual, Lanes, Number, Objective, Scalar, Tape, Var, hvp};

const INF: f64 = f64::INFINITY;

/// Where exponentials die out, overflow, and lose their last subnormal bit.
const POINTS: [f64; 13] =
    [0.0, 1e-300, 1e-155, 1e-10, 0.5, 1.0, 18.5, 37.5, 40.0, 709.0, 745.0, 800.0, 1e300];

/// Value, first and second derivative, from the four sweeps.
fn sweeps(op: Unary, x: f64) -> [f64; 3] {
    let at = hvp(&op, &[x], &[1.0]);
    [at.value, at.gradient[0], at.product[0]]
}

/// By how much the derivatives may be off. The second derivative of a sigmoid crosses 0 where the
/// sigmoid is 1/2, which is known up to its rounding; everything else is good to the last digits,
/// however small.
fn absolute_error(op: Unary, order: usize, x: f64) -> f64 {
    match op {
        Unary::Sigmoid if order > 1 && x.abs() < 1.0 => 4.0 * f64::EPSILON,
        // Below it an integer power may have been flushed to 0 before its coefficient.
        _ => 64.0 * f64::MIN_POSITIVE,
    }
}

#[test]
fn unary() {
    let both_signs = POINTS.into_iter().flat_map(|x| [x, -x]);
    for (op, x) in Unary::all().flat_map(|op| both_signs.clone().map(move |x| (op, x))) {
        let wanted = op.derivatives(x);
        // Once a value or a slope has left the range of f64, what follows it means nothing.
        for (order, got) in sweeps(op, x).into_iter().enumerate() {
            if !op.is_defined_at(x) || !wanted[order].is_finite() {
                break;
            }
            assert!(
                within(got, wanted[order], 1e-13, absolute_error(op, order, x)),
                "derivative {order} of {op:?} at {x:e}: {got:e} for {:e}",
                wanted[order]
            );
        }
    }
}

proptest! {
    #![proptest_config(config(512))]

    #[test]
    fn unary_at_any_magnitude(exponent in -300.0..300.0, negative: bool) {
        let x = if negative { -10f64.powf(exponent) } else { 10f64.powf(exponent) };
        for op in Unary::all().filter(|op| op.is_defined_at(x)) {
            let wanted = op.derivatives(x);
            for (order, got) in sweeps(op, x).into_iter().enumerate() {
                if !wanted[order].is_finite() {
                    break;
                }
                prop_assert!(
                    within(got, wanted[order], 1e-13, absolute_error(op, order, x)),
                    "derivative {order} of {op:?} at {x:e}: {got:e} for {:e}", wanted[order]
                );
            }
        }
    }

    #[test]
    fn exponentials(x in -800.0..800.0) {
        for op in [Unary::Exp, Unary::Tanh, Unary::Sigmoid, Unary::Softplus] {
            let wanted = op.derivatives(x);
            for (order, got) in sweeps(op, x).into_iter().enumerate() {
                if !wanted[order].is_finite() {
                    break;
                }
                prop_assert!(
                    within(got, wanted[order], 1e-13, absolute_error(op, order, x)),
                    "derivative {order} of {op:?} at {x}: {got:e} for {:e}", wanted[order]
                );
            }
        }
    }
}

/// σ′, σ″, tanh′ and tanh″ in their tails, from mpmath with 60 digits: what 1 − y and 1 − y² would
/// lose.
#[test]
fn saturated_slopes() {
    for (op, x, first, second) in [
        (Unary::Sigmoid, 20.0, 2.061153613941849e-9, -2.061153605445141e-9),
        (Unary::Sigmoid, 37.0, 8.533047625744065e-17, -8.533047625744063e-17),
        (Unary::Sigmoid, 40.0, 4.248354255291589e-18, -4.248354255291589e-18),
        (Unary::Sigmoid, 700.0, 9.85967654375977e-305, -9.85967654375977e-305),
        (Unary::Sigmoid, -20.0, 2.061153613941849e-9, 2.061153605445141e-9),
        (Unary::Sigmoid, -40.0, 4.248354255291589e-18, 4.248354255291589e-18),
        (Unary::Tanh, 1.0, 0.4199743416140261, -0.6397000084492245),
        (Unary::Tanh, 5.0, 0.0001815832309438067, -0.0003631334879209056),
        (Unary::Tanh, 10.0, 8.244614455767397e-9, -1.6489228843561127e-8),
        (Unary::Tanh, 20.0, 1.6993417021166355e-17, -3.398683404233271e-17),
        (Unary::Tanh, -20.0, 1.6993417021166355e-17, 3.398683404233271e-17),
        (Unary::Tanh, 300.0, 1.0601586212017243e-260, -2.1203172424034486e-260),
    ] {
        let [_, got_first, got_second] = sweeps(op, x);
        for (order, got, want) in [(1, got_first, first), (2, got_second, second)] {
            let near = within(got, want, 8.0 * f64::EPSILON, 0.0);
            assert!(near, "derivative {order} of {op:?} at {x}: {got:e} for {want:e}");
        }
    }
    assert_eq!(sweeps(Unary::Sigmoid, 40.0)[1], 4.248354255291589e-18);
}

/// The limits by hand, so that no formula shared with the tests can be wrong on both sides.
#[test]
fn known_limits() {
    let smallest = 5e-324; // e^−745; what is below the normal numbers may be flushed to 0
    for (op, x, wanted) in [
        (Unary::Exp, 0.0, [1.0, 1.0, 1.0]),
        (Unary::Exp, -745.0, [smallest; 3]),
        (Unary::Exp, -800.0, [0.0; 3]),
        (Unary::Ln, 1e-100, [-100.0 * 10f64.ln(), 1e100, -1e200]),
        (Unary::Sqrt, 1e-100, [1e-50, 0.5e50, -0.25e150]),
        (Unary::Sigmoid, 0.0, [0.5, 0.25, 0.0]),
        (Unary::Sigmoid, 800.0, [1.0, 0.0, 0.0]),
        (Unary::Sigmoid, -800.0, [0.0; 3]),
        (Unary::Sigmoid, -745.0, [smallest; 3]),
        (Unary::Softplus, 0.0, [2f64.ln(), 0.5, 0.25]),
        (Unary::Softplus, 800.0, [800.0, 1.0, 0.0]),
        (Unary::Softplus, 745.0, [745.0, 1.0, 0.0]),
        (Unary::Softplus, -745.0, [smallest; 3]),
        (Unary::Softplus, 1e300, [1e300, 1.0, 0.0]),
        (Unary::Tanh, 0.0, [0.0, 1.0, 0.0]),
        (Unary::Tanh, 800.0, [1.0, 0.0, 0.0]),
        (Unary::Tanh, -1e300, [-1.0, 0.0, 0.0]),
        (Unary::PowI(0), 0.0, [1.0, 0.0, 0.0]),
        (Unary::PowI(1), 0.0, [0.0, 1.0, 0.0]),
        (Unary::PowI(2), 0.0, [0.0, 0.0, 2.0]),
        (Unary::PowI(3), 0.0, [0.0, 0.0, 0.0]),
        (Unary::PowI(-1), 1e100, [1e-100, -1e-200, 2e-300]),
        (Unary::Relu, 1e300, [1e300, 1.0, 0.0]),
        (Unary::Relu, -1e300, [0.0, 0.0, 0.0]),
        (Unary::LeakyRelu(0.25), 1e300, [1e300, 1.0, 0.0]),
        (Unary::LeakyRelu(0.25), -1e300, [-0.25e300, 0.25, 0.0]),
        (Unary::Abs, -1e-300, [1e-300, -1.0, 0.0]),
    ] {
        for (order, got) in sweeps(op, x).into_iter().enumerate() {
            assert!(
                within(got, wanted[order], 1e-14, f64::MIN_POSITIVE),
                "derivative {order} of {op:?} at {x}: {got:e} for {:e}",
                wanted[order]
            );
        }
    }
}

/// To first order: beyond an infinite slope a second derivative is 0 · ∞, which is undefined.
#[test]
fn poles_are_infinite() {
    assert_eq!(sweeps(Unary::Ln, 0.0)[..2], [-INF, INF]);
    assert_eq!(sweeps(Unary::Sqrt, 0.0)[..2], [0.0, INF]);
    assert_eq!(sweeps(Unary::Exp, 800.0)[..2], [INF, INF]);
    assert_eq!(sweeps(Unary::PowI(3), -1e300)[..2], [-INF, INF]);
    assert_eq!(sweeps(Unary::PowI(-1), 0.0)[..2], [INF, -INF]);
    assert_eq!(sweeps(Unary::Softplus, INF)[..2], [INF, 1.0]);
    assert_eq!(sweeps(Unary::Softplus, -INF), [0.0; 3]);
    assert_eq!(sweeps(Unary::Sigmoid, INF), [1.0, 0.0, 0.0]);
    assert_eq!(sweeps(Unary::Sigmoid, -INF), [0.0; 3]);
    assert_eq!(sweeps(Unary::Tanh, -INF), [-1.0, 0.0, 0.0]);
    assert_eq!(sweeps(Unary::Exp, -INF), [0.0; 3]);
}

/// |0| is +0 whatever the sign of the zero: 1 / |0| is +∞.
#[test]
fn a_magnitude_has_no_sign() {
    for zero in [0.0, -0.0] {
        let size = sweeps(Unary::Abs, zero)[0];
        assert_eq!((size, 1.0 / size), (0.0, INF), "|{zero:?}| = {size:?}");
    }
}

#[test]
fn binary() {
    let points = [0.0, 1e-300, 1e-100, 1.0, 1e100, 1e300].into_iter().flat_map(|x| [x, -x]);
    let pairs = points.clone().flat_map(|a| points.clone().map(move |b| (a, b)));
    for (op, (a, b)) in Binary::ALL.into_iter().flat_map(|op| pairs.clone().map(move |p| (op, p))) {
        let along = [1.0, -0.75];
        let got = hvp(&op, &[a, b], &along);
        let value = op.value(a, b);
        let [left, right] = op.gradient(a, b);
        let [aa, ab, bb] = op.hessian(a, b);
        let product = [aa * along[0] + ab * along[1], ab * along[0] + bb * along[1]];
        for (order, got, want) in [
            (0, got.value, value),
            (1, got.gradient[0], left),
            (1, got.gradient[1], right),
            (2, got.product[0], product[0]),
            (2, got.product[1], product[1]),
        ] {
            // Products of mixed terms may overflow on the way where the value itself is beyond
            // f64; what can be said is said of finite values with finite slopes.
            let reached = order == 0 || value.is_finite() && left.is_finite() && right.is_finite();
            if reached && want.is_finite() {
                assert!(
                    within(got, want, 1e-13, f64::MIN_POSITIVE),
                    "derivative {order} of {op:?} at ({a:e}, {b:e}): {got:e} for {want:e}"
                );
            }
        }
    }
}

#[test]
fn the_larger_of_infinities() {
    for (a, b, wanted) in [
        (INF, 1.0, [INF, 1.0, 0.0]),
        (-INF, 1.0, [1.0, 0.0, 1.0]),
        (INF, -INF, [INF, 1.0, 0.0]),
        (INF, INF, [INF, 0.5, 0.5]),
        (-INF, -INF, [-INF, 0.5, 0.5]),
        (f64::MAX, -f64::MAX, [f64::MAX, 1.0, 0.0]),
        (f64::MAX, f64::MAX, [f64::MAX, 0.5, 0.5]),
        (5e-324, 0.0, [5e-324, 1.0, 0.0]),
        // Half of the smallest number is 0, so no mean may be taken.
        (5e-324, 5e-324, [5e-324, 0.5, 0.5]),
        (-5e-324, -5e-324, [-5e-324, 0.5, 0.5]),
        (1.5e-323, 1.5e-323, [1.5e-323, 0.5, 0.5]),
    ] {
        let got = hvp(&Binary::Max, &[a, b], &[1.0, 1.0]);
        assert_eq!([got.value, got.gradient[0], got.gradient[1]], wanted, "max({a:e}, {b:e})");
        assert_eq!(got.product, [0.0, 0.0]);
    }
}

/// Σ w ∘ log_softmax(x).
struct Weighted([f64; 3]);

impl Objective for Weighted {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, logits: Var) -> Var {
        let weights = tape.constant_from(1, 3, |_, c, _| self.0[c]);
        let log_probabilities = tape.log_softmax(logits);
        tape.dot(weights, log_probabilities)
    }
}

/// Logits, and the logarithms of their softmax.
const LOGITS: [([f64; 3], [f64; 3]); 8] = [
    ([800.0, -800.0, 0.0], [0.0, -1600.0, -800.0]),
    ([-800.0, -800.0, -800.0], [-LN_3; 3]),
    ([800.0, 800.0, -800.0], [-LN_2, -LN_2, -1600.0 - LN_2]),
    ([1e300, 0.0, -1e300], [0.0, -1e300, -2e300]),
    ([745.0, 0.0, 1.0], [0.0, -745.0, -744.0]),
    ([1e-300, -1e-300, 0.0], [-LN_3; 3]),
    ([0.0, 0.0, 0.0], [-LN_3; 3]),
    ([-INF, 0.0, 0.0], [-INF, -LN_2, -LN_2]),
];
const LN_3: f64 = 1.098_612_288_668_109_7;

/// With p the softmax and W = Σ w: the gradient is w − W p, and H v = −W (p ∘ v − p ⟨p, v⟩).
/// The largest logit may stand anywhere, and in each lane somewhere else.
#[test]
fn log_softmax_of_any_logits() {
    let v = [0.3, -1.0, 0.7];
    for ((logits, logarithms), w) in LOGITS
        .into_iter()
        .flat_map(|case| [[1.0, 0.0, 0.0], [0.0, 0.5, -2.0]].map(|weights| (case, weights)))
    {
        let turned = |x: [f64; 3], turn: usize| [0, 1, 2].map(|i| x[(i + turn) % 3]);
        let wide_logits = [0, 1, 2].map(|i| Lanes([0, 1, 2].map(|turn| turned(logits, turn)[i])));
        let wide = hvp(&Weighted(w), &wide_logits, &v.map(Number::from_f64));
        for turn in 0..3 {
            let (logits, logarithms) = (turned(logits, turn), turned(logarithms, turn));
            let p = logarithms.map(f64::exp);
            let average: f64 = (0..3).map(|i| p[i] * v[i]).sum();
            let total: f64 = w.iter().sum();
            let value: f64 = (0..3).map(|i| w[i] * logarithms[i]).sum();
            let got = hvp(&Weighted(w), &logits, &v);
            let what = format!("log_softmax of {logits:?} weighted by {w:?}");
            for got in [got.value, wide.value.0[turn]] {
                // 0 · (−∞) is undefined.
                let fits = value.is_nan() || within(got, value, 1e-14, f64::MIN_POSITIVE);
                assert!(fits, "{what}: {got} for {value}");
            }
            for i in 0..3 {
                let (slope, curve) = (w[i] - total * p[i], -total * p[i] * (v[i] - average));
                for got in [got.gradient[i], wide.gradient[i].0[turn]] {
                    assert!(within(got, slope, 1e-14, 1e-15), "{what}: {got} for {slope}");
                }
                for got in [got.product[i], wide.product[i].0[turn]] {
                    assert!(within(got, curve, 1e-14, 1e-15), "{what}: {got} for {curve}");
                }
            }
        }
    }
}

/// −ln(1 + e^−z) and −ln(1 + e^−30 + e^−31) to the last digit, from mpmath with 60 digits. A sum
/// of exponentials that starts from the largest, 1, would lose them.
#[test]
fn the_loss_of_an_almost_certain_class() {
    for (row, loss) in [
        (vec![20.0, 0.0], 2.061153620314381e-9),
        (vec![30.0, 0.0], 9.357622968839737e-14),
        (vec![37.0, 0.0], 8.533047625744066e-17),
        (vec![40.0, 0.0], 4.248354255291589e-18),
        (vec![100.0, 0.0], 3.720075976020836e-44),
        (vec![0.0, -30.0, -31.0], 1.280010007730933e-13),
    ] {
        for turn in 0..row.len() {
            let mut row = row.clone();
            row.rotate_right(turn);
            let mut tape = Tape::<f64>::new();
            let logits = tape.variable(1, row.len(), &row);
            let y = tape.log_softmax(logits);
            let got = -tape.value(y)[turn];
            assert!(within(got, loss, 2.0 * f64::EPSILON, 0.0), "{row:?}: {got:e} for {loss:e}");

            let mut tape = Tape::<Lanes<Dual<f64>, 2>>::new();
            let wide: Vec<_> =
                row.iter().map(|&z| Lanes([Dual::one(), Dual::constant(z)])).collect();
            let logits = tape.variable(1, row.len(), &wide);
            let y = tape.log_softmax(logits);
            assert_eq!(-tape.value(y)[turn].lane(1), got, "on lanes of duals");
        }
    }
    let mut tape = Tape::<f64>::new();
    let logits = tape.variable(1, 2, &[30.0, 0.0]);
    let y = tape.log_softmax(logits);
    assert_eq!(tape.value(y)[0], -9.357622968839737e-14);
}

#[test]
fn log_softmax_of_one_class_is_certain() {
    for x in [0.0, 800.0, -1e300] {
        let mut tape = Tape::<f64>::new();
        let logits = tape.variable(2, 1, &[x, -x]);
        let output = tape.log_softmax(logits);
        tape.backward_from(output, &[1.0, -3.0]);
        tape.forward_tangents(logits, &[2.0, 5.0]);
        tape.backward_tangents(output);
        assert_eq!(tape.value(output), [0.0, 0.0]);
        assert_eq!(tape.tangent(output), [0.0, 0.0]);
        assert_eq!(tape.adjoint(logits), [0.0, 0.0]);
        assert_eq!(tape.adjoint_tangent(logits), [0.0, 0.0]);
    }
}

/// A factor of value 0 still moves: the Hessian of ⟨A B, C⟩ at A = B = 0 is not 0.
#[test]
fn zeros_that_move() {
    struct Product;
    impl Objective for Product {
        fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
            let (a, b) = (tape.window(parameters, 0, 1, 2), tape.window(parameters, 2, 2, 2));
            let c = tape.constant_from(1, 2, |_, c, _| [3.0, 5.0][c]);
            let product = tape.matmul(a, b);
            tape.dot(product, c)
        }
    }
    let got = hvp(&Product, &[0.0; 6], &[1.0, 2.0, 10.0, 20.0, 30.0, 40.0]);
    assert_eq!(got.gradient, [0.0; 6]);
    // Ḃ cᵀ for A, then Ȧᵀ c for B.
    assert_eq!(got.product, [130.0, 290.0, 3.0, 5.0, 6.0, 10.0]);

    let got = hvp(&Binary::Mul, &[0.0, 0.0], &[1.0, 2.0]);
    assert_eq!((got.gradient, got.product), (vec![0.0; 2], vec![2.0, 1.0]));

    let got = hvp(&Binary::Div, &[0.0, 2.0], &[1.0, 1.0]);
    assert_eq!((got.gradient, got.product), (vec![0.5, 0.0], vec![-0.25, -0.25]));
}

/// A NaN in lane 1 stays in lane 1, and in no scalar type does a choice or a kink lose it.
#[test]
fn a_nan_gets_through() {
    fn all_nan<S: Scalar>(nan: S, other: S, what: &str) {
        let kept = [nan.relu(), nan.abs(), nan.max(other), other.max(nan), nan.max(nan)];
        let smooth =
            [nan.exp(), nan.tanh(), nan.sigmoid(), nan.softplus(), nan.sqrt(), nan.powi(2)];
        let chosen = [other.where_positive(nan, other), (-other).where_positive(other, nan)];
        for (i, y) in kept.into_iter().chain(smooth).chain(chosen).enumerate() {
            let lost =
                (0..S::LANES).filter(|lane| nan.lane(*lane).is_nan() != y.lane(*lane).is_nan());
            assert_eq!(lost.count(), 0, "{what}, function {i}: {y:?}");
        }
    }
    all_nan(f64::NAN, 1.0, "f64");
    all_nan(f32::NAN, 1.0, "f32");
    all_nan(Lanes([2.0, f64::NAN, 3.0]), Lanes([1.0; 3]), "Lanes<f64, 3>");
    all_nan(Dual { value: f64::NAN, tangent: 1.0 }, Dual::one(), "Dual<f64>");
    let mixed = Dual { value: Lanes([2.0, f64::NAN]), tangent: Lanes::one() };
    all_nan(mixed, Dual::one(), "Dual<Lanes<f64, 2>>");
    all_nan(Lanes([Dual::<f64>::one(), Dual::from_f64(f64::NAN)]), Lanes::one(), "Lanes<Dual>");
}

#[test]
fn a_nan_gets_through_matrices() {
    let mut tape = Tape::<f64>::new();
    let x = tape.variable(2, 2, &[1.0, f64::NAN, 3.0, 4.0]);
    let zero = tape.constant_from(2, 2, |_, _, _| 0.0);
    let (relu, abs, max) = (tape.relu(x), tape.abs(x), tape.max(x, zero));
    for v in [relu, abs, max] {
        assert_eq!(
            tape.value(v).iter().map(|x| x.is_nan()).collect::<Vec<_>>(),
            [false, true, false, false]
        );
    }
    let one = tape.constant_from(2, 2, |_, _, _| 1.0);
    let (taken, left) = (tape.select(one, x, zero), tape.select(one, zero, x));
    assert!(tape.value(taken)[1].is_nan());
    assert_eq!(tape.value(left), [0.0; 4]);
    // The product with zeros is NaN in the row of the NaN alone, and so is its softmax.
    let (product, rows) = (tape.matmul(x, zero), tape.log_softmax(x));
    for v in [product, rows] {
        assert_eq!(
            tape.value(v).iter().map(|x| x.is_nan()).collect::<Vec<_>>(),
            [true, true, false, false]
        );
    }
    for v in [tape.sum(x), tape.mean(x), tape.dot(x, zero)] {
        assert!(tape.value(v)[0].is_nan());
    }
}

#[test]
fn outside_of_the_domain_is_nan() {
    for op in [Unary::Ln, Unary::Sqrt] {
        assert!(sweeps(op, -1.0)[0].is_nan(), "{op:?} of −1");
    }
}

#[test]
fn huge_and_tiny_sums() {
    let mut tape = Tape::<f64>::new();
    let x = tape.variable(1, 3, &[1e300, -1e300, 1e-300]);
    let (sum, mean) = (tape.sum(x), tape.mean(x));
    assert_close(tape.value(sum), &[1e-300], 1e-15, "sum");
    assert_close(tape.value(mean), &[1e-300 / 3.0], 1e-15, "mean");
}
