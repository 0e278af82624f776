//! Curvature without the Hessian.
//!
//! The Hessian of a function of n parameters has n² entries: a network with a million parameters
//! would need a trillion. But what algorithms ask of it is nearly always its product with some
//! vector v, and H v is only a derivative once more: of the gradient, along v. It costs a few
//! times as much as the function itself.

use tape::{Matrix, Objective, Scalar, Tape, Var, gradient, hessian, hvp};

/// Rosenbrock's valley, (1 − x)² + 100 (y − x²)²: a narrow, bent valley whose floor hardly slopes.
struct Valley;

// The function is written once, for every kind of number: that is what lets one text serve
// values, gradients and products with the Hessian.
impl Objective for Valley {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, point: Var) -> Var {
        let (x, y) = (tape.window(point, 0, 1, 1), tape.window(point, 1, 1, 1));
        let (one, square) = (tape.scalar(1.0), tape.powi(x, 2));
        let (along, across) = (tape.sub(one, x), tape.sub(y, square));
        let (along, across) = (tape.powi(along, 2), tape.powi(across, 2));
        let across = tape.scale(across, 100.0);
        tape.add(along, across)
    }
}

fn main() {
    three_ways_to_one_product();
    down_the_valley();
}

fn three_ways_to_one_product() {
    let (point, v) = ([-1.2, 1.0], [0.6, 0.8]);

    // Exactly, in one recording: value, gradient and product.
    let exact = hvp(&Valley, &point, &v).product;

    // By the whole Hessian, which two parameters can afford.
    let h = hessian(&Valley, &point);
    let multiplied = times(&h, &v);

    // By differences of the gradient. The step must be small for the formula to hold, and not
    // too small for the digits to survive the subtraction: a third of them are lost at best.
    let slope_at =
        |step: f64| gradient(&Valley, &[point[0] + step * v[0], point[1] + step * v[1]]).1;
    let step = 1e-6;
    let (ahead, behind) = (slope_at(step), slope_at(-step));
    let difference = [0, 1].map(|i| (ahead[i] - behind[i]) / (2.0 * step));

    println!("H v, exact          {exact:?}");
    println!("H times v           {multiplied:?}");
    println!("by differences      {difference:?}");
    for i in 0..2 {
        assert!((exact[i] - multiplied[i]).abs() < 1e-10);
        assert!((exact[i] - difference[i]).abs() < 1e-4);
    }
    assert_eq!(h[(0, 1)], h[(1, 0)], "a Hessian is symmetric");
}

fn times(h: &Matrix<f64>, v: &[f64]) -> Vec<f64> {
    (0..v.len()).map(|i| inner(h.row(i), v)).collect()
}

fn inner(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Newton's method goes where the quadratic that fits the function here has its minimum: it
/// solves H p = −∇f. Conjugate gradients solve that with products H v alone, one for each
/// parameter at most.
fn down_the_valley() {
    let mut point = vec![-1.2, 1.0];
    println!("\nstep        x           y           f");
    for step in 0.. {
        let (value, slope) = gradient(&Valley, &point);
        println!("{step:>4} {:>11.7} {:>11.7} {value:>11.3e}", point[0], point[1]);
        if inner(&slope, &slope).sqrt() < 1e-9 {
            // Steepest descent would need thousands of steps for this.
            assert!(step < 10, "Newton's method should be here by now");
            break;
        }
        let newton = conjugate_gradients(&slope, |v| hvp(&Valley, &point, v).product);
        point.iter_mut().zip(newton).for_each(|(x, p)| *x += p);
    }
    assert!(point.iter().all(|x| (x - 1.0).abs() < 1e-9), "the minimum is at (1, 1)");
}

/// The solution of H p = −g.
fn conjugate_gradients(g: &[f64], product: impl Fn(&[f64]) -> Vec<f64>) -> Vec<f64> {
    let mut p = vec![0.0; g.len()];
    let mut residual: Vec<f64> = g.iter().map(|g| -g).collect();
    let mut direction = residual.clone();
    for _ in 0..g.len() {
        let curved = product(&direction);
        let before = inner(&residual, &residual);
        let length = before / inner(&direction, &curved);
        for i in 0..p.len() {
            p[i] += length * direction[i];
            residual[i] -= length * curved[i];
        }
        let turn = inner(&residual, &residual) / before;
        direction = residual.iter().zip(&direction).map(|(r, d)| r + turn * d).collect();
    }
    p
}
