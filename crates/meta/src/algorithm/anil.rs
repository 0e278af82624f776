//! ANIL, "almost no inner loop" (Raghu, Raghu, Bengio, Vinyals 2020): only the last layer adapts.
//!
//! ```text
//! θ_{t+1} = θ_t − α m ∘ ∇S(θ_t)                  m is 1 in the last layer, else 0
//! v_t     = v_{t+1} − α ∇²S(θ_t) (m ∘ v_{t+1})   the meta-gradient is v_0, exact
//! ```
//!
//! It costs 2T gradients, or one if T = 0, as [`FairMaml`](super::FairMaml) does. Each of its T
//! Hessian-vector products is cheaper: only the last layer moves, and what does not depend on it is
//! skipped. It keeps the masked vector m ∘ v, and for T ≥ 2 the T − 1 iterates and v.
//!
//! It fails where the features of a new task differ from those of the training tasks: the inner
//! steps cannot change them.

use tape::{Number, Scalar};

use super::{Algorithm, Cost, InnerProblem, Loss, Moving, Rates};
use crate::settings::InnerLoop;
use crate::workspace::{MetaGradient, Workspace, gradient_descent};

/// MAML whose inner steps move the last layer alone.
#[derive(Clone, Copy, Debug)]
pub struct Anil;

/// The rate α in the last layer, 0 elsewhere.
fn rates<S: Scalar>(inner: &InnerProblem<'_, S>) -> Rates<'static, S::Flat> {
    let layer = &inner.last_layer;
    Rates::Within(S::Flat::from_f64(inner.inner.rate()), layer.start, layer.end)
}

impl Algorithm for Anil {
    fn name(&self) -> &'static str {
        "anil"
    }

    fn title(&self, is_regularized: bool) -> &'static str {
        if is_regularized { "Fair-ANIL" } else { "ANIL" }
    }

    fn cost(&self, inner: InnerLoop) -> Cost {
        Cost { moving: Moving::LastLayer, ..Cost::through_steps(inner, 1) }
    }

    fn adapt<S: Scalar>(&self, inner: &InnerProblem<'_, S>, theta: &[S::Flat]) -> Vec<S> {
        gradient_descent(inner, theta, rates(inner))
    }

    fn step_rates(&self, inner: &InnerProblem<'_, f64>, theta: &[f64]) -> Option<Vec<f64>> {
        let rate = |i| if inner.last_layer.contains(&i) { inner.inner.rate() } else { 0.0 };
        Some((0..theta.len()).map(rate).collect())
    }

    fn meta_gradient<'w, S: Scalar>(
        &self,
        inner: &InnerProblem<'_, S>,
        query: &dyn Loss<S>,
        theta: &[S::Flat],
        workspace: &'w mut Workspace<S>,
    ) -> MetaGradient<'w, S> {
        let rates = rates(inner);
        let adapted = workspace.adapt(inner, query, theta, rates);
        workspace.back_through_steps(inner, theta, rates, adapted)
    }
}
