//! ANIL, "almost no inner loop" (Raghu, Raghu, Bengio, Vinyals 2020): only the last layer adapts.
//!
//! ```text
//! θ_{t+1} = θ_t − α m ∘ ∇S(θ_t)                  m is 1 in the last layer, else 0
//! v_t     = v_{t+1} − α ∇²S(θ_t) (m ∘ v_{t+1})   the meta-gradient is v_0, exact
//! ```
//!
//! It fails where the features of a new task differ from those of the training tasks: the inner
//! steps cannot change them.

use tape::{Number, Scalar};

use super::steps::{descend, exact};
use super::{Algorithm, Cost, InnerProblem, Loss};
use crate::settings::InnerLoop;
use crate::workspace::{MetaGradient, Workspace};

/// MAML whose inner steps move the last layer alone.
#[derive(Clone, Copy, Debug)]
pub struct Anil;

/// The rate of each parameter: α in the last layer, 0 elsewhere.
fn rates<S: Scalar>(inner: &InnerProblem<'_, S>, parameters: usize) -> Vec<S::Flat> {
    let mut rates = vec![S::Flat::zero(); parameters];
    rates[inner.last_layer.clone()].fill(S::Flat::from_f64(inner.inner.rate()));
    rates
}

impl Algorithm for Anil {
    fn name(&self) -> &'static str {
        "anil"
    }

    fn cost(&self, inner: InnerLoop) -> Cost {
        let steps = inner.steps();
        let gradients = 2 * steps + 1;
        Cost { gradients, hessian_vector_products: steps, vectors: steps + 3 }
    }

    fn adapt<S: Scalar>(&self, inner: &InnerProblem<'_, S>, theta: &[S::Flat]) -> Vec<S> {
        let rates = rates(inner, theta.len());
        descend(inner, theta, &rates, &mut Workspace::new()).end().to_vec()
    }

    fn meta_gradient<'w, S: Scalar>(
        &self,
        inner: &InnerProblem<'_, S>,
        query: &dyn Loss<S>,
        theta: &[S::Flat],
        workspace: &'w mut Workspace<S>,
    ) -> MetaGradient<'w, S> {
        let rates = rates(inner, theta.len());
        let exact = exact(inner, query, (theta, &rates), false, workspace);
        MetaGradient::new(exact.losses, exact.by_theta)
    }
}
