//! The inner steps as a linear map: how the adapted weights move with the initial ones.
//!
//! ```text
//! θ_{t+1} = θ_t − r ∘ ∇S(θ_t)
//! ∂θ_{t+1}/∂θ_t = I − diag(r) H_t          H_t = ∇²S(θ_t)
//! J = ∂θ_T/∂θ_0 = (I − diag(r) H_{T−1}) … (I − diag(r) H_0)
//! ```
//!
//! The exact meta-gradient is Jᵀ ∇Q(θ_T), and the first-order one is ∇Q(θ_T). J stretches a change
//! of the initial weights along a right singular vector by its singular value. A singular value of
//! 1 does not mean that second order changes nothing. In a single step a direction of curvature λ
//! has the factor 1 − α λ, and the curvature 2/α has the factor −1: the exact part is the opposite
//! of the first-order one, and both have the same length. The two meta-gradients differ by (J − I)ᵀ
//! ∇Q(θ_T), so the singular values of J − I say by how much they can differ.

use meta::algorithm::Loss;

use crate::Local;
use crate::lanczos::{Spectrum, spectrum};
use crate::vectors::{norm, plus, times};

/// Holds the inner steps of one task.
///
/// ```
/// use lab::InnerPath;
/// use tape::{Matrix, Objective, Scalar, Tape, Var};
///
/// /// x² + 4 y²: the Hessian has the eigenvalues 2 and 8.
/// struct Bowl;
///
/// impl Objective for Bowl {
///     fn eval<S: Scalar>(&self, tape: &mut Tape<S>, at: Var) -> Var {
///         let squares = tape.powi(at, 2);
///         let weights = tape.constant(&Matrix::from_rows(&[[1.0, 4.0].map(S::from_f64)]));
///         tape.dot(squares, weights)
///     }
/// }
///
/// let mut path = InnerPath::descend(&Bowl, &[1.0, 1.0], &[0.1, 0.1], 2);
/// let values = path.singular_values(2, 0);
/// assert!((values.values[0] - 0.8f64.powi(2)).abs() < 1e-12); // (1 − 0.1 · 2)²
/// assert!((values.values[1] - 0.2f64.powi(2)).abs() < 1e-12); // (1 − 0.1 · 8)²
///
/// // At the rate 2/8 the steep direction has the factor −1: its singular value is 1, and yet the
/// // exact meta-gradient is the opposite of the first-order one there.
/// let mut path = InnerPath::descend(&Bowl, &[1.0, 1.0], &[0.25, 0.25], 1);
/// assert_eq!(path.back(&[0.0, 1.0]), [0.0, -1.0]);
/// assert!((path.singular_values(2, 0).values[0] - 1.0).abs() < 1e-12);
/// assert!((path.singular_values_of_change(2, 0).values[0] - 2.0).abs() < 1e-12);
/// ```
#[derive(Debug)]
pub struct InnerPath {
    /// S at θ_0 … θ_{T−1}.
    steps: Vec<Local>,
    rates: Vec<f64>,
    adapted: Vec<f64>,
}

impl InnerPath {
    /// Takes `steps` gradient steps on `support` from `theta: (n)`, at the rate `rates[i]` for
    /// weight i.
    ///
    /// # Panics
    /// Panics if the loss is not `(1, 1)`.
    pub fn descend(support: &dyn Loss<f64>, theta: &[f64], rates: &[f64], steps: usize) -> Self {
        let mut adapted = theta.to_vec();
        let rates = rates.to_vec();
        let mut at = Vec::new();
        for _ in 0..steps {
            let local = Local::at(support, &adapted);
            adapted = plus(&adapted, -1.0, &times(&rates, local.gradient()));
            at.push(local);
        }
        InnerPath { steps: at, rates, adapted }
    }

    /// Returns the adapted weights θ_T, `(n)`.
    pub fn adapted(&self) -> &[f64] {
        &self.adapted
    }

    /// Returns the weights θ_0 … θ_{T−1}, at which the steps are taken.
    pub fn iterates(&self) -> impl Iterator<Item = &[f64]> {
        self.steps.iter().map(Local::point)
    }

    /// Returns J u: how θ_T moves if θ_0 moves along `u`.
    pub fn forward(&mut self, u: &[f64]) -> Vec<f64> {
        let rates = &self.rates;
        self.steps
            .iter_mut()
            .fold(u.to_vec(), |u, local| plus(&u, -1.0, &times(rates, &local.hessian_vector(&u))))
    }

    /// Returns Jᵀ v. For v = ∇Q(θ_T) this is the exact meta-gradient.
    pub fn back(&mut self, v: &[f64]) -> Vec<f64> {
        let mut v = v.to_vec();
        for local in self.steps.iter_mut().rev() {
            v = plus(&v, -1.0, &local.hessian_vector(&times(&self.rates, &v)));
        }
        v
    }

    /// Returns ‖H_t (r ∘ v_{t+1})‖ / ‖v_{t+1}‖ for each inner step t, where v_T = `v` and
    /// v_t = v_{t+1} − H_t (r ∘ v_{t+1}): how much second order changes the meta-gradient in each
    /// step. `None` for a vector that is 0.
    pub fn shares(&mut self, v: &[f64]) -> Vec<Option<f64>> {
        let mut v = v.to_vec();
        let mut shares = Vec::new();
        for local in self.steps.iter_mut().rev() {
            let curved = local.hessian_vector(&times(&self.rates, &v));
            shares.push((norm(&v) > 0.0).then(|| norm(&curved) / norm(&v)));
            v = plus(&v, -1.0, &curved);
        }
        shares.reverse();
        shares
    }

    /// Returns the ends of the singular values of J, by Lanczos on JᵀJ, with the right singular
    /// vectors. The bounds are those of the singular values.
    pub fn singular_values(&mut self, steps: usize, seed: u64) -> Spectrum {
        self.singular_values_beside(0.0, steps, seed)
    }

    /// Returns the same of J − I: how far the inner steps are from a shift of the weights.
    pub fn singular_values_of_change(&mut self, steps: usize, seed: u64) -> Spectrum {
        self.singular_values_beside(1.0, steps, seed)
    }

    /// The singular values of J − c I.
    fn singular_values_beside(&mut self, c: f64, steps: usize, seed: u64) -> Spectrum {
        let n = self.rates.len();
        let squares = spectrum(n, steps, seed, |u| {
            let moved = plus(&self.forward(u), -c, u);
            plus(&self.back(&moved), -c, &moved)
        });
        let root = |square: &f64| square.max(0.0).sqrt();
        let values: Vec<f64> = squares.values.iter().map(root).collect();
        let pairs = squares.values.iter().zip(&squares.bounds);
        // |√a − √b| ≤ |a − b| / √a, and at most √|a − b| near 0.
        let bound = |(square, bound): (&f64, &f64)| {
            let near = bound.sqrt();
            if *square > 0.0 { near.min(bound / square.sqrt()) } else { near }
        };
        let bounds = pairs.map(bound).collect();
        Spectrum { values, bounds, vectors: squares.vectors }
    }

    /// Returns the bytes of the recordings that the path keeps.
    pub fn memory(&self) -> usize {
        self.steps.iter().map(Local::memory).sum()
    }
}
