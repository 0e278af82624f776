//! Meta-SGD (Li, Zhou, Chen, Li 2017): an inner rate for each parameter, which is learned too.
//!
//! ```text
//! θ_{t+1} = θ_t − r ∘ ∇S(θ_t)                    what is learned is (θ, r)
//! v_t     = v_{t+1} − ∇²S(θ_t) (r ∘ v_{t+1})     by θ: v_0, exact
//! w       = −Σ_t v_{t+1} ∘ ∇S(θ_t)               by r, exact
//! ```
//!
//! It costs 2T gradients, or one if T = 0, and T Hessian-vector products, as
//! [`FairMaml`](super::FairMaml) does. It keeps r ∘ v and w, and for T ≥ 2 the T − 1 iterates and
//! v.
//!
//! The rates start at α. It fails where few tasks are at hand: it learns twice as many numbers. A
//! rate can become negative, and a step then goes uphill in that parameter.

use tape::Scalar;

use super::{Algorithm, Cost, InnerProblem, Loss, Rates};
use crate::settings::InnerLoop;
use crate::workspace::{MetaGradient, Workspace, gradient_descent};

/// MAML with a learned inner rate for each parameter.
#[derive(Clone, Copy, Debug)]
pub struct MetaSgd;

impl Algorithm for MetaSgd {
    fn name(&self) -> &'static str {
        "meta-sgd"
    }

    fn title(&self, is_regularized: bool) -> &'static str {
        if is_regularized { "Fair-Meta-SGD" } else { "Meta-SGD" }
    }

    fn cost(&self, inner: InnerLoop) -> Cost {
        Cost::through_steps(inner, 2)
    }

    fn initial(&self, mut theta: Vec<f64>, inner: InnerLoop) -> Vec<f64> {
        theta.resize(2 * theta.len(), inner.rate());
        theta
    }

    fn adapt<S: Scalar>(&self, inner: &InnerProblem<'_, S>, learned: &[S::Flat]) -> Vec<S> {
        let (theta, rates) = learned.split_at(learned.len() / 2);
        gradient_descent(inner, theta, Rates::Each(rates))
    }

    fn step_rates(&self, _: &InnerProblem<'_, f64>, learned: &[f64]) -> Option<Vec<f64>> {
        Some(learned[learned.len() / 2..].to_vec())
    }

    fn meta_gradient<'w, S: Scalar>(
        &self,
        inner: &InnerProblem<'_, S>,
        query: &dyn Loss<S>,
        learned: &[S::Flat],
        workspace: &'w mut Workspace<S>,
    ) -> MetaGradient<'w, S> {
        let (theta, rates) = learned.split_at(learned.len() / 2);
        let rates = Rates::Each(rates);
        let adapted = workspace.adapt(inner, query, theta, rates);
        workspace.back_through_steps(inner, theta, rates, adapted)
    }
}
