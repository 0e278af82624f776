//! Fair-MAML (Slack, Friedler, Givental 2019, Algorithm 1), with the exact gradient. Without a
//! regularizer it is MAML (Finn, Abbeel, Levine 2017).
//!
//! ```text
//! θ_{t+1} = θ_t − α ∇S(θ_t)                 t = 0 … T − 1
//! v_T     = ∇Q(θ_T)
//! v_t     = v_{t+1} − α ∇²S(θ_t) v_{t+1}    the meta-gradient is v_0
//! ```
//!
//! It costs a gradient of Q and one of S for each step, T Hessian-vector products, and each
//! gradient of S but the last a second time on the way back: 2T gradients in all, or one if T = 0.
//! For T ≥ 2 it keeps T vectors of the length of θ beside the tapes: T − 1 iterates and v.
//!
//! It fails if α times the largest curvature of S is well above 2: then the steps diverge, and the
//! factors I − α ∇²S make v grow with every step.

use tape::Scalar;

use super::{Algorithm, Cost, InnerProblem, Loss, Rates};
use crate::settings::InnerLoop;
use crate::workspace::{MetaGradient, Workspace};

/// MAML with the exact meta-gradient.
#[derive(Clone, Copy, Debug)]
pub struct FairMaml;

impl Algorithm for FairMaml {
    fn name(&self) -> &'static str {
        "fair-maml"
    }

    fn title(&self, is_regularized: bool) -> &'static str {
        if is_regularized { "Fair-MAML" } else { "MAML" }
    }

    fn cost(&self, inner: InnerLoop) -> Cost {
        Cost::through_steps(inner, 0)
    }

    fn meta_gradient<'w, S: Scalar>(
        &self,
        inner: &InnerProblem<'_, S>,
        query: &dyn Loss<S>,
        theta: &[S::Flat],
        workspace: &'w mut Workspace<S>,
    ) -> MetaGradient<'w, S> {
        let rates = Rates::shared(inner.inner);
        let adapted = workspace.adapt(inner, query, theta, rates);
        workspace.back_through_steps(inner, theta, rates, adapted)
    }
}
