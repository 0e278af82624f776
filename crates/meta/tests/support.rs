//! Random batches, slopes by differences, and norms.

use rand::RngExt;
use rand_distr::StandardNormal;
use tasks::{Batch, Stream};

/// Rows with normal features and coins for labels and groups. Small batches often lack a group.
pub fn random_batch(rng: &mut Stream, rows: usize, features: usize) -> Batch {
    let x = (0..rows * features).map(|_| rng.sample(StandardNormal)).collect();
    let positive = (0..rows).map(|_| rng.random_bool(0.5)).collect();
    let protected = (0..rows).map(|_| rng.random_bool(0.5)).collect();
    Batch::new(features, x, positive, protected).unwrap()
}

/// Slopes by central differences at widths that halve, extrapolated to width 0 (C. J. F. Ridders,
/// "Accurate computation of F'(x) and F'(x) F''(x)", 1982): of all orders, the value that moved
/// least. No single order would do. Several steps on few rows bend so much that O(h⁴) is not small.
pub fn differences(f: impl Fn(&[f64]) -> f64, at: &[f64]) -> Vec<f64> {
    let slope = |i: usize, h: f64| {
        let mut moved = at.to_vec();
        let mut side = |h: f64| {
            moved[i] = at[i] + h;
            f(&moved)
        };
        (side(h) - side(-h)) / (2.0 * h)
    };
    let extrapolated = |i| {
        let mut row: Vec<f64> = Vec::new();
        let mut best = (f64::INFINITY, f64::NAN);
        for halvings in 0..7 {
            // The error is a series in h²: each further column removes a term.
            let mut next = vec![slope(i, 0.5f64.powi(halvings) * 0.01)];
            for (column, &above) in row.iter().enumerate() {
                let left = next[column];
                let value = left + (left - above) / (4f64.powi(column as i32 + 1) - 1.0);
                let moved = (value - left).abs().max((value - above).abs());
                if moved < best.0 {
                    best = (moved, value);
                }
                next.push(value);
            }
            row = next;
        }
        best.1
    };
    (0..at.len()).map(extrapolated).collect()
}

pub fn norm(v: &[f64]) -> f64 {
    v.iter().map(|x| x * x).sum::<f64>().sqrt()
}

pub fn distance(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    norm(&a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>())
}
