//! Derivatives of derivatives, by nesting.
//!
//! A dual number is a value and a tangent, v + t ε with ε² = 0. Arithmetic on duals follows
//! the rules of calculus by itself: (v + t ε)² = v² + 2 v t ε, and there stands the derivative of
//! the square. Nothing says that v and t must be plain numbers. If they are duals themselves, the
//! derivative is differentiated too.

use tape::{Dual, Objective, Scalar, Tape, Var, hvp};

/// x eˣ. Each derivative adds one eˣ: the n-th is (x + n) eˣ.
fn f<S: Scalar>(x: S) -> S {
    x * x.exp()
}

/// x, on its way in direction 1.
fn moving<S: Scalar>(x: S) -> Dual<S> {
    Dual { value: x, tangent: S::one() }
}

fn main() {
    let x = 0.5;
    let derivative = |n: f64| (x + n) * f64::exp(x);

    // One dual: one derivative.
    let y = f(moving(x));
    println!("f(x)    = {:<20} f′(x)   = {}", y.value, y.tangent);
    assert_close(y.tangent, derivative(1.0));

    // A dual of a dual of a dual: all derivatives up to the third, each found by as many turns
    // to `tangent` as it has primes.
    let y: Dual<Dual<Dual<f64>>> = f(moving(moving(moving(x))));
    let (second, third) = (y.tangent.tangent.value, y.tangent.tangent.tangent);
    println!("f″(x)   = {second:<20} f‴(x)   = {third}");
    assert_close(second, derivative(2.0));
    assert_close(third, derivative(3.0));

    // There are eight numbers in y and only four derivatives: it does not matter which of
    // the three nested directions one differentiates along first.
    assert_eq!(y.tangent.value.value, y.value.value.tangent);
    assert_eq!(y.tangent.tangent.value, y.value.tangent.tangent);

    how_fast_curvature_changes();
}

/// The sum over neighbors of xᵢ² xᵢ₊₁.
struct Chain;

impl Objective for Chain {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, x: Var) -> Var {
        let n = tape.shape(x).1;
        let (own, next) = (tape.window(x, 0, 1, n - 1), tape.window(x, 1, 1, n - 1));
        let squares = tape.powi(own, 2);
        tape.dot(squares, next)
    }
}

/// A tape takes duals as it takes numbers. Two derivatives come from the tape, as the product of
/// the Hessian with v; the third comes from the numbers it runs on, which move along w. So the
/// tangents of H v say how fast the curvature changes on the way.
fn how_fast_curvature_changes() {
    let (x, v, w) = ([1.0, 2.0, 3.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]);
    let on_the_way = [0, 1, 2].map(|i| Dual { value: x[i], tangent: w[i] });
    let at = hvp(&Chain, &on_the_way, &v.map(Dual::constant));

    // f = x₁² x₂ + x₂² x₃, so the first column of the Hessian is (2 x₂, 2 x₁, 0), and of all that
    // only 2 x₂ changes with x₂.
    let (product, change) =
        (at.product.iter().map(|p| p.value), at.product.iter().map(|p| p.tangent));
    let (product, change): (Vec<_>, Vec<_>) = (product.collect(), change.collect());
    println!("H v     = {product:?}, changing along w by {change:?}");
    assert_eq!(product, [4.0, 2.0, 0.0]);
    assert_eq!(change, [2.0, 0.0, 0.0]);
}

fn assert_close(got: f64, want: f64) {
    assert!((got - want).abs() < 1e-14 * want.abs(), "{got} for {want}");
}
