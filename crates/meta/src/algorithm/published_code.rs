//! The meta-gradient of the paper's published program.
//!
//! ```text
//! θ_{t+1} = θ_t − α ∇S(θ_t)     t = 0 … T − 1
//! v       = ∇Q(θ_T)             as if ∇²S were 0
//! ```
//!
//! This is the meta-gradient of first-order MAML, by the same code. What else is known of the
//! program is not about the meta-gradient: how it draws rows and labels, which regularizer it has,
//! and its sizes and rates. Those are settings of a plan (`docs/paper-decisions.md`, "The published
//! code's variant"), and `fair-maml reproduce --algorithm published-code` sets them too. One thing
//! is left out: the program's second inner step in training descends on the regularizer alone.
//!
//! It costs as much as first-order MAML: T + 1 gradients, no Hessian-vector product, and T − 1 kept
//! iterates. It fails where that one fails: where the curvature of
//! S turns or shrinks ∇Q a lot. At the program's own rate of 0.4 with two steps that is likelier
//! than at the paper's rates.

use tape::Scalar;

use super::{Algorithm, Claim, Cost, FirstOrder, InnerProblem, Loss};
use crate::settings::InnerLoop;
use crate::workspace::{MetaGradient, Workspace};

/// The paper's published program.
#[derive(Clone, Copy, Debug)]
pub struct PublishedCode;

impl Algorithm for PublishedCode {
    fn name(&self) -> &'static str {
        "published-code"
    }

    fn cost(&self, inner: InnerLoop) -> Cost {
        FirstOrder.cost(inner)
    }

    fn claim(&self) -> Claim {
        FirstOrder.claim()
    }

    fn meta_gradient<'w, S: Scalar>(
        &self,
        inner: &InnerProblem<'_, S>,
        query: &dyn Loss<S>,
        theta: &[S::Flat],
        workspace: &'w mut Workspace<S>,
    ) -> MetaGradient<'w, S> {
        FirstOrder.meta_gradient(inner, query, theta, workspace)
    }
}
