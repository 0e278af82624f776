//! A layer in one operation, and a Hessian-vector product in one call, against the same in parts.

use proptest::prelude::*;
use tape::check::{Settings, check};
use tape::{Dual, Lanes, Objective, Scalar, Tape, Var};

/// Σ tanh(x w + b) ∘ c, all of x, w and b parameters or only w and b.
#[derive(Clone, Copy, Debug)]
struct Layer {
    shape: (usize, usize, usize),
    data_moves: bool,
    in_one: bool,
}

impl Layer {
    fn parameters(&self) -> usize {
        let (rows, inputs, outputs) = self.shape;
        (inputs + 1) * outputs + if self.data_moves { rows * inputs } else { 0 }
    }
}

impl Objective for Layer {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        let (rows, inputs, outputs) = self.shape;
        let w = tape.window(parameters, 0, inputs, outputs);
        let b = tape.window(parameters, inputs * outputs, 1, outputs);
        let x = if self.data_moves {
            tape.window(parameters, (inputs + 1) * outputs, rows, inputs)
        } else {
            tape.constant_from(rows, inputs, |r, c, lane| ((3 * r + 5 * c + lane) as f64).cos())
        };
        let y = if self.in_one {
            tape.affine(x, w, b)
        } else {
            let product = tape.matmul(x, w);
            tape.add(product, b)
        };
        let bent = tape.tanh(y);
        let c = tape.constant_from(rows, outputs, |r, c, _| ((r + 2 * c) as f64).sin());
        tape.dot(bent, c)
    }
}

fn point<S: Scalar>(n: usize, seed: f64) -> Vec<S> {
    (0..n).map(|i| S::from_lanes(|lane| (seed + (7 * i + lane) as f64).sin())).collect()
}

/// Value, gradient and Hessian-vector product of both forms, lane by lane.
fn agree<S: Scalar>(layer: Layer) {
    let n = layer.parameters();
    let (x, v) = (point::<S>(n, 0.1), point::<S>(n, 2.0));
    let [one, parts] = [true, false].map(|in_one| tape::hvp(&Layer { in_one, ..layer }, &x, &v));
    let near = |a: &S, b: &S| {
        for lane in 0..S::LANES {
            let (a, b) = (a.lane(lane), b.lane(lane));
            assert!(
                (a - b).abs() <= 1e-13 * (1.0 + b.abs()),
                "{a} in one, {b} in parts: {layer:?}"
            );
        }
    };
    near(&one.value, &parts.value);
    one.gradient.iter().zip(&parts.gradient).for_each(|(a, b)| near(a, b));
    one.product.iter().zip(&parts.product).for_each(|(a, b)| near(a, b));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_layer_is_a_product_and_a_sum(
        rows in 1usize..7, inputs in 1usize..7, outputs in 1usize..7, data_moves: bool,
    ) {
        let layer = Layer { shape: (rows, inputs, outputs), data_moves, in_one: true };
        agree::<f64>(layer);
        agree::<Lanes<f64, 4>>(layer);
        agree::<Dual<f64>>(layer);
        check(&layer, &point::<f64>(layer.parameters(), 0.3), Settings::default())?;
    }
}

#[test]
fn a_layer_by_hand() {
    let mut tape = Tape::<f64>::new();
    let x = tape.variable(2, 2, &[1.0, 2.0, 3.0, 4.0]);
    let w = tape.variable(2, 1, &[10.0, 100.0]);
    let b = tape.variable(1, 1, &[0.5]);
    let y = tape.affine(x, w, b);
    assert_eq!((tape.shape(y), tape.value(y)), ((2, 1), &[210.5, 430.5][..]));
    tape.backward_from(y, &[1.0, 2.0]);
    assert_eq!(tape.adjoint(x), [10.0, 100.0, 20.0, 200.0]);
    assert_eq!(tape.adjoint(w), [7.0, 10.0]);
    assert_eq!(tape.adjoint(b), [3.0]);
}

/// The direction that stays outside the tape is read wherever a window needs it.
#[test]
fn a_product_with_a_direction_outside_the_tape() {
    let layer = Layer { shape: (3, 4, 2), data_moves: true, in_one: true };
    let n = layer.parameters();
    let (x, v) = (point::<f64>(n, 0.1), point::<f64>(n, 2.0));
    let mut tape = Tape::new();
    let other = tape.variable(1, 3, &[1.0; 3]);
    let parameters = tape.variable(1, n, &x);
    let (value, shift) = (layer.eval(&mut tape, parameters), tape.dot(other, other));
    let product = tape.mul(value, shift);
    tape.backward(product);
    let outside = tape.hessian_vector(parameters, &v, product).to_vec();
    let of_other = tape.adjoint_tangent(other).to_vec();
    tape.forward_tangents(parameters, &v);
    tape.backward_tangents(product);
    assert_eq!(tape.adjoint_tangent(parameters), outside);
    assert_eq!(tape.adjoint_tangent(other), of_other);
    assert!(of_other.iter().all(|&x| x != 0.0), "the mixed second derivative");
    // Whoever moved before is forgotten.
    assert_eq!(tape.hessian_vector(other, &[0.0; 3], product), [0.0; 3]);
}

/// A direction that moves a few entries gives the product that the whole direction gives. What does
/// not depend on these entries has the tangent 0.
#[test]
fn a_direction_within_a_range() {
    let layer = Layer { shape: (3, 4, 2), data_moves: true, in_one: true };
    let n = layer.parameters();
    let x = point::<f64>(n, 0.1);
    // W, b, a part of W, all of it, and nothing.
    for moving in [0..8, 8..10, 3..5, 0..n, 4..4] {
        let mut v = vec![0.0; n];
        v[moving.clone()].fill(1.5);
        let mut tape = Tape::new();
        let parameters = tape.variable(1, n, &x);
        let features = tape.window(parameters, 10, 3, 4);
        let features = tape.sin(features);
        let value = layer.eval(&mut tape, parameters);
        let sum = tape.sum(features);
        let product = tape.mul(value, sum);
        tape.backward(product);
        let whole = tape.hessian_vector(parameters, &v, product).to_vec();
        let within = tape.hessian_vector_within(parameters, &v, moving.clone(), product);
        assert_eq!(within, whole, "{moving:?}");
        tape.forward_tangents(parameters, &v);
        tape.backward_tangents(product);
        assert_eq!(tape.adjoint_tangent(parameters), whole, "{moving:?}");
        if moving.end <= 10 {
            assert_eq!(tape.tangent(features), [0.0; 12], "{moving:?}");
        }
    }
}

#[test]
#[should_panic(expected = "a part of a leaf")]
fn a_window_does_not_move_outside_the_tape() {
    let mut tape = Tape::<f64>::new();
    let leaf = tape.variable(1, 4, &[1.0; 4]);
    let window = tape.window(leaf, 1, 1, 2);
    let square = tape.dot(window, window);
    tape.backward(square);
    tape.hessian_vector(window, &[1.0; 2], square);
}

#[test]
#[should_panic(expected = "run `forward_tangents` first")]
fn tangents_are_not_kept() {
    let mut tape = Tape::<f64>::new();
    let leaf = tape.variable(1, 2, &[1.0; 2]);
    let square = tape.dot(leaf, leaf);
    tape.backward(square);
    tape.hessian_vector(leaf, &[1.0; 2], square);
    tape.tangent(square);
}

#[test]
#[should_panic(expected = "(1, 2)")]
fn a_bias_of_another_width_is_refused() {
    let mut tape = Tape::<f64>::new();
    let (x, w) = (tape.variable(1, 2, &[1.0; 2]), tape.variable(2, 3, &[1.0; 6]));
    let b = tape.variable(1, 2, &[1.0; 2]);
    tape.affine(x, w, b);
}
