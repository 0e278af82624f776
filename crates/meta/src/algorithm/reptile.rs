//! Reptile (Nichol, Achiam, Schulman 2018).
//!
//! ```text
//! θ_{t+1} = θ_t − α ∇S(θ_t)     t = 0 … T − 1
//! v       = θ_0 − θ_T           the outer step moves θ toward the adapted weights
//! ```
//!
//! The query rows give the loss that is reported, and nothing else. With a single step v is α ∇S(θ),
//! and training is joint training of all tasks: then nothing is learned about adaptation.

use tape::{Number, Scalar};

use super::steps::descend;
use super::{Algorithm, Cost, InnerProblem, Loss};
use crate::settings::InnerLoop;
use crate::workspace::{Losses, MetaGradient, Workspace};

/// Reptile.
#[derive(Clone, Copy, Debug)]
pub struct Reptile;

impl Algorithm for Reptile {
    fn name(&self) -> &'static str {
        "reptile"
    }

    /// Q is recorded for its value, without a gradient.
    fn cost(&self, inner: InnerLoop) -> Cost {
        let steps = inner.steps();
        Cost { gradients: steps, hessian_vector_products: 0, vectors: steps + 1 }
    }

    fn meta_gradient<'w, S: Scalar>(
        &self,
        inner: &InnerProblem<'_, S>,
        query: &dyn Loss<S>,
        theta: &[S::Flat],
        workspace: &'w mut Workspace<S>,
    ) -> MetaGradient<'w, S> {
        let rates = vec![S::Flat::from_f64(inner.inner.rate()); theta.len()];
        let path = descend(inner, theta, &rates, workspace);
        let loss = workspace.query_loss(query, path.end());
        let losses = Losses { support: path.first_loss, query: loss };
        let ends = path.points[0].iter().zip(path.end());
        MetaGradient::new(losses, ends.map(|(&start, &end)| start - end).collect())
    }
}
