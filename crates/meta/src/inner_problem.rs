//! What an algorithm is given of a task: a loss to adapt to, the inner loop, and its rates.

use std::ops::Range;

use tape::{Number, Objective, Scalar, Tape, Var};

use crate::settings::InnerLoop;

/// Describes what adaptation minimizes, and how.
#[derive(Clone)]
pub struct InnerProblem<'a, S> {
    /// The inner rate α and the number T of inner steps.
    pub inner: InnerLoop,
    /// The support objective S.
    pub support: &'a dyn Loss<S>,
    /// The entries of θ that are the weights and biases of the last layer. Algorithms that adapt
    /// the last layer alone need them.
    pub last_layer: Range<usize>,
}

impl<'a, S> InnerProblem<'a, S> {
    /// Makes a problem whose parameters are not in layers: `last_layer` is empty.
    pub fn new(inner: InnerLoop, support: &'a dyn Loss<S>) -> Self {
        InnerProblem { inner, support, last_layer: 0..0 }
    }
}

/// Records a scalar function on tapes of one scalar type. Every [`Objective`] is one.
pub trait Loss<S> {
    /// Records the function, `(1, 1)`, at `parameters: (1, n)`.
    fn record(&self, tape: &mut Tape<S>, parameters: Var) -> Var;
}

impl<S: Scalar, O: Objective> Loss<S> for O {
    fn record(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        self.eval(tape, parameters)
    }
}

/// The inner rate of each parameter. `F` is the number of one lane.
#[derive(Clone, Copy, Debug)]
pub enum Rates<'a, F> {
    /// The rate α for all parameters.
    Shared(F),
    /// A rate for each parameter.
    Each(&'a [F]),
    /// The rate α for the parameters from the first number on and before the second, else 0.
    Within(F, usize, usize),
}

impl<F: Number> Rates<'static, F> {
    /// Gives every parameter the rate α of `inner`.
    pub fn shared(inner: InnerLoop) -> Self {
        Rates::Shared(F::from_f64(inner.rate()))
    }
}

impl<F> Rates<'_, F> {
    /// Whether each parameter has a rate of its own, by which a meta-gradient has entries too.
    pub(crate) fn are_learned(&self) -> bool {
        matches!(self, Rates::Each(_))
    }
}
