//! First-order MAML (Finn, Abbeel, Levine 2017, Section 5.2).
//!
//! ```text
//! θ_{t+1} = θ_t − α ∇S(θ_t)     t = 0 … T − 1
//! v       = ∇Q(θ_T)             as if ∇²S were 0
//! ```
//!
//! It costs T + 1 gradients, T of S and one of Q, and no Hessian-vector product. It keeps the T − 1
//! iterates between θ_0 and θ_T.
//!
//! It fails where the curvature of S turns or shrinks ∇Q a lot. The outer step then follows another
//! direction than the slope of the meta-loss.

use tape::Scalar;

use super::{Algorithm, Claim, Cost, InnerProblem, Loss, Moving, Rates};
use crate::settings::InnerLoop;
use crate::workspace::{MetaGradient, Workspace};

/// First-order MAML.
#[derive(Clone, Copy, Debug)]
pub struct FirstOrder;

impl Algorithm for FirstOrder {
    fn name(&self) -> &'static str {
        "fomaml"
    }

    fn title(&self, is_regularized: bool) -> &'static str {
        if is_regularized { "Fair-FOMAML" } else { "FOMAML" }
    }

    fn cost(&self, inner: InnerLoop) -> Cost {
        let steps = inner.steps();
        Cost {
            gradients: steps + 1,
            hessian_vector_products: 0,
            moving: Moving::All,
            vectors: steps.saturating_sub(1),
        }
    }

    fn claim(&self) -> Claim {
        Claim::AtAdapted
    }

    fn meta_gradient<'w, S: Scalar>(
        &self,
        inner: &InnerProblem<'_, S>,
        query: &dyn Loss<S>,
        theta: &[S::Flat],
        workspace: &'w mut Workspace<S>,
    ) -> MetaGradient<'w, S> {
        let adapted = workspace.adapt(inner, query, theta, Rates::shared(inner.inner));
        workspace.query_gradient(adapted)
    }
}
