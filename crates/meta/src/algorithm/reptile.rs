//! Reptile (Nichol, Achiam, Schulman 2018).
//!
//! ```text
//! θ_{t+1} = θ_t − α ∇S(θ_t)     t = 0 … T − 1
//! v       = θ_0 − θ_T           the outer step moves θ toward the adapted weights
//! ```
//!
//! It costs T gradients of S, no Hessian-vector product, and a recording of Q without its gradient.
//! It keeps the T − 1 iterates and v: T vectors, or one if T = 0.
//!
//! The query rows give the loss that is reported, and nothing else. It fails with a single step: v
//! is then α ∇S(θ), and training is joint training of all tasks. Nothing is learned about
//! adaptation.

use tape::Scalar;

use super::{Algorithm, Claim, Cost, InnerProblem, Loss, Moving, Rates};
use crate::settings::InnerLoop;
use crate::workspace::{MetaGradient, Workspace};

/// Reptile.
#[derive(Clone, Copy, Debug)]
pub struct Reptile;

impl Algorithm for Reptile {
    fn name(&self) -> &'static str {
        "reptile"
    }

    fn title(&self, is_regularized: bool) -> &'static str {
        if is_regularized { "Fair-Reptile" } else { "Reptile" }
    }

    /// Q is recorded for its value, without a gradient.
    fn cost(&self, inner: InnerLoop) -> Cost {
        let steps = inner.steps();
        Cost {
            gradients: steps,
            hessian_vector_products: 0,
            moving: Moving::All,
            vectors: steps.max(1),
        }
    }

    fn claim(&self) -> Claim {
        Claim::Displacement
    }

    fn meta_gradient<'w, S: Scalar>(
        &self,
        inner: &InnerProblem<'_, S>,
        query: &dyn Loss<S>,
        theta: &[S::Flat],
        workspace: &'w mut Workspace<S>,
    ) -> MetaGradient<'w, S> {
        let adapted = workspace.adapt(inner, query, theta, Rates::shared(inner.inner));
        workspace.displacement(theta, adapted)
    }
}
