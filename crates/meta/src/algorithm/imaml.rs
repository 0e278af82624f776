//! iMAML, implicit MAML (Rajeswaran, Finn, Kakade, Levine 2019).
//!
//! ```text
//! φ_{t+1} = φ_t − α (∇S(φ_t) + λ (φ_t − θ))     φ_0 = θ, t = 0 … T − 1
//! (I + ∇²S(φ_T) / λ) v = ∇Q(φ_T)                the meta-gradient is v
//! ```
//!
//! If φ_T minimizes S(φ) + λ/2 ‖φ − θ‖², then v is the exact gradient of Q(φ_T) by θ. It does not
//! depend on the path to the minimum, so no iterate is kept. Conjugate gradients solve the system
//! with a Hessian-vector product for each step.
//!
//! It costs T + 2 gradients: T of S on the way, one of Q, and one of S at φ_T. To these it adds a
//! Hessian-vector product for each step of conjugate gradients: at most
//! `conjugate_gradient_steps`, fewer if the residual is small before. It keeps six vectors of the
//! length of θ for any T: φ, the next φ or the right side, the solution, the residual, the
//! direction and the product.
//!
//! It fails if φ_T is far from the minimum: then v is the gradient of something else. It also fails
//! if λ is smaller than the most negative curvature of S: then the matrix is not positive definite.
//! The [`Solve`] of the meta-gradient tells.

use tape::{Number, Scalar};

use super::{Algorithm, Claim, Cost, InnerProblem, Loss, Moving};
use crate::settings::InnerLoop;
use crate::vectors::{broadcast, entrywise};
use crate::workspace::{Losses, MetaGradient, Solve, Workspace};

/// MAML by the implicit function theorem.
#[derive(Clone, Copy, Debug)]
pub struct Imaml;

/// The relative residual at which a system counts as solved.
const SOLVED: f64 = 1e-11;

impl Algorithm for Imaml {
    fn name(&self) -> &'static str {
        "imaml"
    }

    fn title(&self, is_regularized: bool) -> &'static str {
        if is_regularized { "Fair-iMAML" } else { "iMAML" }
    }

    fn cost(&self, inner: InnerLoop) -> Cost {
        let products = inner.implicit().conjugate_gradient_steps;
        Cost {
            gradients: inner.steps() + 2,
            hessian_vector_products: products,
            moving: Moving::All,
            vectors: 6,
        }
    }

    fn adapt<S: Scalar>(&self, inner: &InnerProblem<'_, S>, theta: &[S::Flat]) -> Vec<S> {
        descend(inner, theta, &mut Workspace::new()).0
    }

    fn claim(&self) -> Claim {
        Claim::Implicit
    }

    fn step_rates(&self, _: &InnerProblem<'_, f64>, _: &[f64]) -> Option<Vec<f64>> {
        None
    }

    fn meta_gradient<'w, S: Scalar>(
        &self,
        inner: &InnerProblem<'_, S>,
        query: &dyn Loss<S>,
        theta: &[S::Flat],
        workspace: &'w mut Workspace<S>,
    ) -> MetaGradient<'w, S> {
        let (phi, support) = descend(inner, theta, workspace);
        let (loss, slope) = workspace.query(query, &phi);
        let right = slope.to_vec();
        let (v, solve) = solve(inner, &phi, right, workspace);
        MetaGradient::new(Losses { support, query: loss }, v).with_solve(solve)
    }
}

/// Takes the inner steps. Returns φ_T, and S(θ) if there is a step.
fn descend<S: Scalar>(
    inner: &InnerProblem<'_, S>,
    theta: &[S::Flat],
    workspace: &mut Workspace<S>,
) -> (Vec<S>, Option<S>) {
    let rate = S::Flat::from_f64(inner.inner.rate());
    let proximal = S::Flat::from_f64(inner.inner.implicit().proximal);
    let mut phi = vec![S::zero(); theta.len()];
    broadcast(&mut phi, theta);
    let mut next = phi.clone();
    let mut first_loss = None;
    for _ in 0..inner.inner.steps() {
        let at = workspace.support(inner, &phi);
        first_loss.get_or_insert(at.value);
        entrywise(
            &mut next,
            (&phi, workspace.support_gradient(&at)),
            theta,
            #[inline(always)]
            |phi, g, theta| phi - rate * (g + proximal * (phi - theta)),
        );
        std::mem::swap(&mut phi, &mut next);
    }
    (phi, first_loss)
}

/// Solves (I + ∇²S(φ)/λ) x = b by conjugate gradients from x = 0. Each lane stops by itself, when
/// its residual is small or the matrix turns out not to be positive definite.
fn solve<S: Scalar>(
    inner: &InnerProblem<'_, S>,
    phi: &[S],
    b: Vec<S>,
    workspace: &mut Workspace<S>,
) -> (Vec<S>, Solve<S>) {
    let settings = inner.inner.implicit();
    let inverse = S::from_f64(1.0 / settings.proximal);
    let (zero, one) = (S::zero(), S::one());
    let at = workspace.support(inner, phi);
    let (mut x, mut product) = (vec![zero; phi.len()], vec![zero; phi.len()]);
    let mut residual = b.clone();
    let mut direction = b;
    let start = dot(&residual, &residual);
    let enough = start * S::from_f64(SOLVED * SOLVED);
    let mut squared = start;
    let mut smallest = S::from_f64(f64::MAX);
    for _ in 0..settings.conjugate_gradient_steps {
        // A lane runs until its residual is small, and along directions of positive curvature.
        let running = smallest.where_positive((squared - enough).where_positive(one, zero), zero);
        if (0..S::LANES).all(|lane| running.lane(lane) == 0.0) {
            break;
        }
        let curved = workspace.support_curvature(&at, &direction);
        let terms = product.iter_mut().zip(direction.iter().zip(curved));
        terms.for_each(|(product, (&p, &h))| *product = p + inverse * h);
        let (along, length) = (dot(&direction, &product), dot(&direction, &direction));
        let curvature = running.where_positive(along / length, smallest);
        smallest = (smallest - curvature).where_positive(curvature, smallest);
        let running = smallest.where_positive(running, zero);
        let step = running.where_positive(squared / along, zero);
        add(&mut x, step, &direction);
        add(&mut residual, -step, &product);
        let next = dot(&residual, &residual);
        let turn = running.where_positive(next / squared, zero);
        direction.iter_mut().zip(&residual).for_each(|(p, &r)| *p = r + turn * *p);
        squared = next;
    }
    let relative = start.where_positive((squared / start).sqrt(), zero);
    (x, Solve { residual: relative, curvature: smallest })
}

/// Computes x ← x + c y.
fn add<S: Scalar>(x: &mut [S], c: S, y: &[S]) {
    x.iter_mut().zip(y).for_each(|(x, &y)| *x = *x + c * y);
}

/// Returns the inner product, lane by lane.
fn dot<S: Scalar>(x: &[S], y: &[S]) -> S {
    x.iter().zip(y).fold(S::zero(), |sum, (&x, &y)| sum + x * y)
}
