//! Gradient steps with a rate for each parameter, and the exact gradient through them.
//!
//! ```text
//! θ_{t+1} = θ_t − r ∘ ∇S(θ_t)                       t = 0 … T − 1
//! v_T     = ∇Q(θ_T)
//! v_t     = v_{t+1} − ∇²S(θ_t) (r ∘ v_{t+1})        by θ_0: v_0
//! w       = −Σ_t v_{t+1} ∘ ∇S(θ_t)                  by r
//! ```

use tape::{Scalar, vectorized};

use super::{InnerProblem, Loss};
use crate::workspace::{Losses, Workspace, broadcast};

/// The points of the inner loop.
pub(super) struct Path<S> {
    /// θ_0 … θ_T.
    pub points: Vec<Vec<S>>,
    /// The support objective at θ_0. `None` without inner steps.
    pub first_loss: Option<S>,
}

impl<S: Scalar> Path<S> {
    /// Returns θ_T.
    pub fn end(&self) -> &[S] {
        &self.points[self.points.len() - 1]
    }
}

/// Takes the inner steps from `theta`.
pub(super) fn descend<S: Scalar>(
    inner: &InnerProblem<'_, S>,
    theta: &[S::Flat],
    rates: &[S::Flat],
    workspace: &mut Workspace<S>,
) -> Path<S> {
    let mut start = vec![S::zero(); theta.len()];
    broadcast(&mut start, theta);
    let mut path = Path { points: vec![start], first_loss: None };
    for _ in 0..inner.inner.steps() {
        let at = workspace.support(inner, path.end());
        path.first_loss.get_or_insert(at.loss);
        let mut next = path.end().to_vec();
        let slope = workspace.support_gradient(&at);
        each(
            &mut next,
            slope,
            rates,
            #[inline(always)]
            |theta, g, rate| theta - rate * g,
        );
        path.points.push(next);
    }
    path
}

/// A gradient through the inner steps.
pub(super) struct Exact<S> {
    pub losses: Losses<S>,
    /// The gradient by θ_0.
    pub by_theta: Vec<S>,
    /// The gradient by the rates, where it is wanted.
    pub by_rates: Option<Vec<S>>,
}

/// Computes the exact gradient of Q(θ_T).
pub(super) fn exact<S: Scalar>(
    inner: &InnerProblem<'_, S>,
    query: &dyn Loss<S>,
    (theta, rates): (&[S::Flat], &[S::Flat]),
    with_rates: bool,
    workspace: &mut Workspace<S>,
) -> Exact<S> {
    let path = descend(inner, theta, rates, workspace);
    let (loss, slope) = workspace.query(query, path.end());
    let mut v = slope.to_vec();
    let mut by_rates = with_rates.then(|| vec![S::zero(); theta.len()]);
    for point in path.points[..path.points.len() - 1].iter().rev() {
        let at = workspace.support(inner, point);
        if let Some(by_rates) = &mut by_rates {
            let terms = workspace.support_gradient(&at).iter().zip(&v);
            by_rates.iter_mut().zip(terms).for_each(|(sum, (&g, &v))| *sum = *sum - v * g);
        }
        let mut direction = v.clone();
        each(
            &mut direction,
            &v,
            rates,
            #[inline(always)]
            |_, v, rate| rate * v,
        );
        let curvature = workspace.support_curvature(&at, &direction);
        v.iter_mut().zip(curvature).for_each(|(v, &h)| *v = *v - h);
    }
    Exact { losses: Losses { support: path.first_loss, query: loss }, by_theta: v, by_rates }
}

/// Replaces each flat number x of `out` by f(x, y, rate), where y is the same entry of `other`. The
/// rate is the same in all lanes.
pub(super) fn each<S: Scalar>(
    out: &mut [S],
    other: &[S],
    rates: &[S::Flat],
    f: impl Fn(S::Flat, S::Flat, S::Flat) -> S::Flat,
) {
    let lanes = size_of::<S>() / size_of::<S::Flat>();
    let (out, other) = (S::flat_mut(out), S::flat(other));
    vectorized(
        #[inline(always)]
        || {
            let entries = out.chunks_exact_mut(lanes).zip(other.chunks_exact(lanes));
            for ((out, other), &rate) in entries.zip(rates) {
                for (x, &y) in out.iter_mut().zip(other) {
                    *x = f(*x, y, rate);
                }
            }
        },
    );
}
