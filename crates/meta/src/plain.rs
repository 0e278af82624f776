//! The meta-gradient as the equations have it, in a few lines.
//!
//! Read this file first. [`FairMaml`](crate::algorithm::FairMaml) computes the same numbers, to
//! rounding, without an allocation and with many tasks side by side.

use tape::Objective;

use crate::settings::InnerLoop;

/// The loss of `query` after adaptation to `support`, and its gradient with respect to `theta`.
///
/// Forwards θ_{t+1} = θ_t − α ∇S(θ_t) for T inner steps. Backwards, by the chain rule, v_T =
/// ∇Q(θ_T) and v_t = (I − α ∇²S(θ_t)) v_{t+1}, because the Jacobian of an inner step is I − α
/// ∇²S(θ_t), which is symmetric. The gradient is v_0.
///
/// ```
/// use meta::{InnerLoop, plain};
/// use tape::{Objective, Scalar, Tape, Var};
///
/// /// (θ − c)²
/// struct Distance(f64);
///
/// impl Objective for Distance {
///     fn eval<S: Scalar>(&self, tape: &mut Tape<S>, theta: Var) -> Var {
///         let target = tape.scalar(self.0);
///         let distance = tape.sub(theta, target);
///         tape.powi(distance, 2)
///     }
/// }
///
/// // From θ = 1 a step of α = 1/4 towards 0 leads to 1/2, where (θ' − 3)² has the slope −5.
/// // The step halves every distance: ∂θ'/∂θ = 1 − α · 2 = 1/2.
/// let inner = InnerLoop::new(0.25, 1).unwrap();
/// let (loss, gradient) = plain::meta_gradient(inner, &Distance(0.0), &Distance(3.0), &[1.0]);
/// assert_eq!((loss, gradient), (6.25, vec![-2.5]));
/// ```
///
/// # Panics
/// If an objective is not `(1, 1)`.
pub fn meta_gradient(
    inner: InnerLoop,
    support: &impl Objective,
    query: &impl Objective,
    theta: &[f64],
) -> (f64, Vec<f64>) {
    let mut iterates = vec![theta.to_vec()];
    for t in 0..inner.steps() {
        let (_, gradient) = tape::gradient(support, &iterates[t]);
        iterates.push(step(&iterates[t], inner.rate(), &gradient));
    }
    let (loss, mut v) = tape::gradient(query, &iterates[inner.steps()]);
    for theta in iterates[..inner.steps()].iter().rev() {
        v = step(&v, inner.rate(), &tape::hvp(support, theta, &v).product);
    }
    (loss, v)
}

/// x − α d
fn step(x: &[f64], rate: f64, d: &[f64]) -> Vec<f64> {
    x.iter().zip(d).map(|(x, d)| x - rate * d).collect()
}
