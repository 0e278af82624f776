//! This module computes derivatives of a function of one flat parameter vector.

use crate::{Scalar, Tape, Var};

/// Represents a function of a flat parameter vector, written once for every scalar type.
///
/// A closure cannot be generic. Therefore the function is a trait with one generic method.
///
/// ```
/// use tape::{Objective, Scalar, Tape, Var, gradient};
///
/// /// f(x) = Σ sin(xᵢ)
/// struct Sines;
///
/// impl Objective for Sines {
///     fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
///         let sines = tape.sin(parameters);
///         tape.sum(sines)
///     }
/// }
///
/// let (value, slope) = gradient(&Sines, &[0.0, 1.0]);
/// assert_eq!(value, 1f64.sin());
/// assert_eq!(slope, [1.0, 1f64.cos()]);
/// ```
pub trait Objective {
    /// Records the function on `tape` and returns its result. `parameters` is `(1, n)`, and the
    /// result is usually `(1, 1)`.
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var;
}

impl<O: Objective> Objective for &O {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        (*self).eval(tape, parameters)
    }
}

/// Returns the value of a scalar function and its gradient, which has one entry per parameter.
///
/// # Panics
/// Panics if the objective is not `(1, 1)`.
pub fn gradient<S: Scalar>(objective: &impl Objective, parameters: &[S]) -> (S, Vec<S>) {
    let mut tape = Tape::new();
    let variable = tape.variable(1, parameters.len(), parameters);
    let output = objective.eval(&mut tape, variable);
    tape.backward(output);
    (tape.value(output)[0], tape.adjoint(variable).to_vec())
}

/// Returns the value of a function of any shape, and its derivative along `direction`. The
/// derivative is J v, with the Jacobian J and the direction v. Both results are row-major.
///
/// # Panics
/// Panics if `direction` is not as long as `parameters`.
pub fn jvp<S: Scalar>(
    objective: &impl Objective,
    parameters: &[S],
    direction: &[S],
) -> (Vec<S>, Vec<S>) {
    let mut tape = Tape::new();
    let variable = tape.variable(1, parameters.len(), parameters);
    let output = objective.eval(&mut tape, variable);
    tape.forward_tangents(variable, direction);
    let value = tape.value(output).to_vec();
    let tangent = match tape.is_active(output) {
        true => tape.tangent(output).to_vec(),
        false => vec![S::zero(); value.len()],
    };
    (value, tangent)
}

/// Holds the results of [`hvp`].
#[derive(Clone, Debug, PartialEq)]
pub struct HessianVectorProduct<S> {
    /// The value f(θ).
    pub value: S,
    /// The gradient ∇f(θ).
    pub gradient: Vec<S>,
    /// The Hessian-vector product ∇²f(θ) v.
    pub product: Vec<S>,
}

/// Returns the value, the gradient and the exact Hessian-vector product of a scalar function. It
/// uses one recording and differentiates forward over reverse.
///
/// # Panics
/// Panics if the objective is not `(1, 1)`, or if `direction` is not as long as `parameters`.
pub fn hvp<S: Scalar>(
    objective: &impl Objective,
    parameters: &[S],
    direction: &[S],
) -> HessianVectorProduct<S> {
    let mut tape = Tape::new();
    let variable = tape.variable(1, parameters.len(), parameters);
    let output = objective.eval(&mut tape, variable);
    tape.backward(output);
    tape.forward_tangents(variable, direction);
    tape.backward_tangents(output);
    HessianVectorProduct {
        value: tape.value(output)[0],
        gradient: tape.adjoint(variable).to_vec(),
        product: tape.adjoint_tangent(variable).to_vec(),
    }
}
