//! A loss near one point: value, gradient, Hessian-vector products, kinks, work.

use std::ops::Range;

use meta::algorithm::{Cost, Loss};
use tape::{SweepWork, Tape, Var, Work};

/// Holds a loss, recorded at one point.
///
/// ```
/// use lab::Local;
/// use tape::{Objective, Scalar, Tape, Var};
///
/// /// f(x) = Σ x⁴
/// struct Quartic;
///
/// impl Objective for Quartic {
///     fn eval<S: Scalar>(&self, tape: &mut Tape<S>, x: Var) -> Var {
///         let powers = tape.powi(x, 4);
///         tape.sum(powers)
///     }
/// }
///
/// let mut local = Local::at(&Quartic, &[1.0, 2.0]);
/// assert_eq!((local.value(), local.gradient()), (17.0, &[4.0, 32.0][..]));
/// assert_eq!(local.hessian_vector(&[1.0, 1.0]), [12.0, 48.0]);
/// ```
#[derive(Debug)]
pub struct Local {
    tape: Tape<f64>,
    parameters: Var,
    output: Var,
}

impl Local {
    /// Records `loss` at `theta: (n)` and computes its gradient.
    ///
    /// # Panics
    /// Panics if the loss is not `(1, 1)`.
    pub fn at(loss: &dyn Loss<f64>, theta: &[f64]) -> Self {
        let mut tape = Tape::new();
        let parameters = tape.variable(1, theta.len(), theta);
        let output = loss.record(&mut tape, parameters);
        tape.backward(output);
        Local { tape, parameters, output }
    }

    /// Returns the loss.
    pub fn value(&self) -> f64 {
        self.tape.value(self.output)[0]
    }

    /// Returns the gradient, `(n)`.
    pub fn gradient(&self) -> &[f64] {
        self.tape.adjoint(self.parameters)
    }

    /// Returns H v, `(n)`, with the Hessian H.
    ///
    /// # Panics
    /// Panics if `v` does not have n entries.
    pub fn hessian_vector(&mut self, v: &[f64]) -> Vec<f64> {
        self.tape.hessian_vector(self.parameters, v, self.output).to_vec()
    }

    /// Returns the point θ, `(n)`.
    pub fn point(&self) -> &[f64] {
        self.tape.value(self.parameters)
    }

    /// Returns the largest magnitude of all values and adjoints.
    pub fn largest(&self) -> f64 {
        self.tape.largest()
    }

    /// Returns the counted work of the sweeps.
    pub fn work(&self) -> SweepWork {
        self.tape.work()
    }

    /// Returns the counted work of `cost`, if this recording stands for each of its recordings.
    /// `last_layer` are the parameters of the last layer.
    pub fn work_of(&self, cost: Cost, last_layer: Range<usize>) -> Work {
        cost.work(&self.tape, self.parameters, last_layer)
    }

    /// Returns the number of bytes that the tape occupies.
    pub fn memory(&self) -> usize {
        self.tape.memory()
    }
}
