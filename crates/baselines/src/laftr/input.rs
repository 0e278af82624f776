//! This module computes the first layer of the encoder.
//!
//! This layer does nearly all of the work, because it reads the features. There are many features,
//! and they are the same in every lane. Therefore the layer is computed outside the tape. Let X
//! hold the plain features, and let a row of W hold the weights of all units in all lanes. Then X
//! W + 1 bᵀ and its backward pass are products of plain matrices. They read one eighth of the
//! numbers that eight lanes on the tape would read.

use tape::{Factor, Number, Scalar, vectorized};
use tasks::Batch;

use super::player::Player;

/// Writes the features of some rows to `into`, `(rows, features)`, row-major. They have the
/// precision of a lane.
pub(super) fn gather<S: Scalar>(
    data: &Batch,
    rows: impl Iterator<Item = usize>,
    into: &mut Vec<S::Flat>,
) {
    into.clear();
    for row in rows {
        into.extend(data.row(row).iter().map(|&x| S::Flat::from_f64(x)));
    }
}

/// Holds the weights W: `(features, hidden)` and b: `(1, hidden)` of every lane, with their
/// optimizer and their gradient.
#[derive(Clone, Debug)]
pub(super) struct InputLayer<S> {
    features: usize,
    hidden: usize,
    /// The weights W, followed by b.
    pub player: Player<S>,
    pub gradient: Vec<S>,
}

impl<S: Scalar> InputLayer<S> {
    /// Makes a layer with the weights of `player`.
    ///
    /// # Panics
    /// Panics if the number of weights is not a multiple of `features + 1`.
    pub fn new(features: usize, player: Player<S>) -> Self {
        let weights = player.theta.len();
        assert_eq!(weights % (features + 1), 0, "{weights} weights for {features} features");
        let (hidden, gradient) = (weights / (features + 1), vec![S::zero(); weights]);
        InputLayer { features, hidden, player, gradient }
    }

    /// Returns the number of units of the layer.
    pub fn hidden(&self) -> usize {
        self.hidden
    }

    /// Writes X W + 1 bᵀ to `out: (rows, hidden)` for the features `x: (rows, features)`.
    pub fn forward(&self, x: &[S::Flat], out: &mut [S]) {
        let (w, b) = self.player.theta.split_at(self.features * self.hidden);
        for row in out.chunks_exact_mut(self.hidden) {
            row.copy_from_slice(b);
        }
        let (x, w) = (self.x(x), self.over_lanes(w, self.features));
        S::Flat::product(x, w, S::flat_mut(out), true);
    }

    /// Computes the gradient W̄ = Xᵀ Ȳ, b̄ = Ȳᵀ 1 from the adjoint Ȳ of the output,
    /// `(rows, hidden)`.
    pub fn backward(&mut self, x: &[S::Flat], adjoint: &[S]) {
        let mut gradient = std::mem::take(&mut self.gradient);
        let (w, b) = gradient.split_at_mut(self.features * self.hidden);
        let y = self.over_lanes(adjoint, adjoint.len() / self.hidden);
        S::Flat::product(self.x(x).transpose(), y, S::flat_mut(w), false);
        b.fill(S::zero());
        let (b, adjoint) = (S::flat_mut(b), S::flat(adjoint));
        vectorized(
            #[inline(always)]
            || {
                for row in adjoint.chunks_exact(b.len()) {
                    for (sum, &t) in b.iter_mut().zip(row) {
                        *sum = *sum + t;
                    }
                }
            },
        );
        self.gradient = gradient;
    }

    /// Takes one step of Adam with the gradient.
    pub fn step(&mut self) {
        self.player.step(&self.gradient);
    }

    fn x<'x>(&self, x: &'x [S::Flat]) -> Factor<'x, S::Flat> {
        Factor::new(x, x.len() / self.features, self.features)
    }

    /// Returns `entries: (rows, hidden)` in lanes as a plain matrix that is as wide as all lanes
    /// together.
    fn over_lanes<'e>(&self, entries: &'e [S], rows: usize) -> Factor<'e, S::Flat> {
        Factor::new(S::flat(entries), rows, self.hidden * (S::LANES / S::Flat::LANES))
    }
}

#[cfg(test)]
mod tests {
    use tape::{Lanes, Tape};

    use super::super::{LaftrOptions, LaftrSettings};
    use super::*;

    /// Compares the layer with the affine layer of the tape.
    fn it_is_a_layer<S: Scalar>() {
        let (rows, features, hidden) = (7, 3, 5);
        let number = |i: usize, lane: usize| (1.0 + i as f64 + 0.1 * lane as f64).sin();
        let x: Vec<f64> = (0..rows * features).map(|i| number(i, 40)).collect();
        let many = |n: usize, from: usize| -> Vec<S> {
            (0..n).map(|i| S::from_lanes(|lane| number(from + i, lane))).collect()
        };
        let (theta, cotangent) = (many((features + 1) * hidden, 100), many(rows * hidden, 200));

        let mut tape = Tape::<S>::new();
        let parameters = tape.variable(1, theta.len(), &theta);
        let w = tape.window(parameters, 0, features, hidden);
        let b = tape.window(parameters, features * hidden, 1, hidden);
        let input = tape.constant_lanes(rows, features, |_| &x);
        let expected = tape.affine(input, w, b);
        tape.backward_from(expected, &cotangent);

        let plain: Vec<S::Flat> = x.iter().map(|&x| S::Flat::from_f64(x)).collect();
        let settings = LaftrSettings::try_from(LaftrOptions::default()).unwrap();
        let mut layer = InputLayer::new(features, Player::new(theta, &settings));
        let mut out = vec![S::zero(); rows * hidden];
        layer.forward(&plain, &mut out);
        for _ in 0..2 {
            layer.backward(&plain, &cotangent); // the second call must replace the gradient
        }
        let same = |got: &[S], expected: &[S]| {
            assert_eq!(got.len(), expected.len());
            for (got, expected) in got.iter().zip(expected) {
                for lane in 0..S::LANES {
                    let (got, expected) = (got.lane(lane), expected.lane(lane));
                    assert!((got - expected).abs() < 1e-14, "{got} for {expected}");
                }
            }
        };
        same(&out, tape.value(expected));
        same(&layer.gradient, tape.adjoint(parameters));
    }

    #[test]
    fn it_is_a_layer_in_every_lane() {
        it_is_a_layer::<f64>();
        it_is_a_layer::<Lanes<f64, 3>>();
        it_is_a_layer::<Lanes<f64, 8>>();
        it_is_a_layer::<Lanes<Lanes<f64, 2>, 2>>();
    }
}
