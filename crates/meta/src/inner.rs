//! This module implements the inner loop and the exact gradient through it.
//!
//! Let S be the support objective, Q the query objective, and α the inner rate. Then
//!
//! ```text
//! θ_{t+1} = θ_t − α ∇S(θ_t)                 adaptation, t = 0 … T − 1
//! v_T     = ∇Q(θ_T)
//! v_t     = v_{t+1} − α ∇²S(θ_t) v_{t+1}    one Hessian-vector product per step
//! ```
//!
//! and v_0 is the gradient of Q(θ_T) with respect to θ_0. The inner loop is not stored as a graph.
//! The memory holds the iterates and one recording at a time.

use serde::{Deserialize, Serialize};
use tape::{Objective, Scalar, Tape, Var, vectorized};

use crate::SettingsError;

/// Selects whether the meta-gradient includes the derivative of the inner steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// The gradient is exact. It includes second derivatives of the support objective.
    #[default]
    Exact,
    /// The gradient is that of first-order MAML (Finn et al. 2017): v_0 = v_T, as if ∇²S were 0.
    First,
}

/// Describes the inner loop: its rate, its number of gradient steps, and how they are
/// differentiated.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct InnerLoop {
    rate: f64,
    steps: usize,
    order: Order,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    rate: f64,
    steps: usize,
    order: Order,
}

impl TryFrom<Unchecked> for InnerLoop {
    type Error = SettingsError;
    fn try_from(inner: Unchecked) -> Result<Self, SettingsError> {
        Ok(InnerLoop::new(inner.rate, inner.steps)?.with_order(inner.order))
    }
}

impl InnerLoop {
    /// Makes an inner loop of `steps` gradient steps at the inner rate α, differentiated exactly.
    ///
    /// # Errors
    /// Returns an error if the rate is not a finite number of at least 0.
    pub fn new(rate: f64, steps: usize) -> Result<Self, SettingsError> {
        if !(rate.is_finite() && rate >= 0.0) {
            return Err(SettingsError::new("inner rate", rate, "a finite number of at least 0"));
        }
        Ok(InnerLoop { rate, steps, order: Order::Exact })
    }

    /// Returns the same loop with another order of differentiation.
    pub fn with_order(self, order: Order) -> Self {
        InnerLoop { order, ..self }
    }

    /// Returns the inner rate α.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// Returns the number T of gradient steps.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Returns the order of differentiation.
    pub fn order(&self) -> Order {
        self.order
    }
}

/// Holds the tapes and vectors of one thread. They are reused from task to task.
#[derive(Debug)]
pub struct Workspace<S> {
    support: Tape<S>,
    query: Tape<S>,
    /// The iterates θ_1 … θ_{T−1}. θ_0 is given, and θ_T is on the query tape.
    iterates: Vec<Vec<S>>,
    /// The vectors v_T … v_1, one after another in the same place. It stays empty for a single
    /// step, which reads v_1 from the query tape.
    direction: Vec<S>,
}

/// Holds the losses that are computed together with a meta-gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Losses<S> {
    /// The support objective at θ_0. `None` without inner steps.
    pub support: Option<S>,
    /// The query objective at the adapted weights θ_T.
    pub query: S,
}

/// Holds a meta-gradient v_0. Its last subtraction, v_1 − α ∇²S(θ_0) v_1, is done when the entries
/// are read.
#[derive(Clone, Copy, Debug)]
pub struct MetaGradient<'a, S> {
    losses: Losses<S>,
    v: &'a [S],
    /// The rate α and the product ∇²S(θ_0) v_1. `None` if `v` is already v_0.
    curvature: Option<(S, &'a [S])>,
}

impl<S: Scalar> MetaGradient<'_, S> {
    /// Returns the losses that were computed together with the gradient.
    pub fn losses(&self) -> Losses<S> {
        self.losses
    }

    /// Returns the entries in the order of the parameters.
    pub fn to_vec(&self) -> Vec<S> {
        let mut entries = vec![S::zero(); self.v.len()];
        self.write_to(
            &mut entries,
            #[inline(always)]
            |x| x,
        );
        entries
    }

    /// Writes `convert` of each entry to `out`, in the order of the parameters.
    ///
    /// # Panics
    /// Panics if `out` does not have as many entries as there are parameters.
    pub(crate) fn write_to<R>(&self, out: &mut [R], convert: impl Fn(S) -> R) {
        assert_eq!(out.len(), self.v.len(), "entries of a meta-gradient");
        match self.curvature {
            None => vectorized(
                #[inline(always)]
                move || {
                    for (entry, &v) in out.iter_mut().zip(self.v) {
                        *entry = convert(v);
                    }
                },
            ),
            Some((rate, curvature)) => vectorized(
                #[inline(always)]
                move || {
                    for ((entry, &v), &hv) in out.iter_mut().zip(self.v).zip(curvature) {
                        *entry = convert(v - rate * hv);
                    }
                },
            ),
        }
    }
}

impl<S: Scalar> Default for Workspace<S> {
    fn default() -> Self {
        Workspace::new()
    }
}

impl<S: Scalar> Workspace<S> {
    /// Makes an empty workspace.
    pub fn new() -> Self {
        Workspace {
            support: Tape::new(),
            query: Tape::new(),
            iterates: Vec::new(),
            direction: Vec::new(),
        }
    }

    /// Adapts `theta` on `support`. Then differentiates `query`, at the adapted weights, with
    /// respect to `theta`. The result has one entry for each entry of `theta`.
    ///
    /// # Panics
    /// Panics if an objective is not `(1, 1)`.
    pub fn meta_gradient(
        &mut self,
        inner: InnerLoop,
        support: &impl Objective,
        query: &impl Objective,
        theta: impl ExactSizeIterator<Item = S> + Clone,
    ) -> MetaGradient<'_, S> {
        let (rate, steps) = (S::Flat::from_f64(inner.rate), inner.steps);
        self.iterates.resize_with(steps.saturating_sub(1), Vec::new);
        let mut last = None;
        let mut first_loss = None;
        for step in 0..steps {
            let recording = self.record_support(support, step, theta.clone());
            first_loss.get_or_insert(recording.value(&self.support));
            if let Some(next) = self.iterates.get_mut(step) {
                next.resize(theta.len(), S::zero());
                descend(next, &self.support, &recording, rate);
            }
            last = Some(recording);
        }
        let adapted = match &last {
            None => record(&mut self.query, query, theta.len(), |out| write(out, theta.clone())),
            Some(last) => record(&mut self.query, query, theta.len(), |out| {
                descend(out, &self.support, last, rate);
            }),
        };
        let losses = Losses { support: first_loss, query: adapted.value(&self.query) };
        if inner.order == Order::First || steps == 0 {
            let v = self.query.adjoint(adapted.parameters);
            return MetaGradient { losses, v, curvature: None };
        }
        // A single step reads v_1 from the query tape. Several steps start from a copy of v_T.
        self.direction.clear();
        if steps > 1 {
            self.direction.extend_from_slice(self.query.adjoint(adapted.parameters));
        }
        for step in (1..steps).rev() {
            // The recording at θ_{T−1} still exists. The earlier ones are recorded again.
            let recording =
                last.take().unwrap_or_else(|| self.record_support(support, step, theta.clone()));
            let Recording { parameters, loss } = recording;
            let curvature = self.support.hessian_vector(parameters, &self.direction, loss);
            let (direction, curvature) = (S::flat_mut(&mut self.direction), S::flat(curvature));
            vectorized(
                #[inline(always)]
                move || {
                    for (v, &hv) in direction.iter_mut().zip(curvature) {
                        *v = *v - rate * hv;
                    }
                },
            );
        }
        let Recording { parameters, loss } =
            last.take().unwrap_or_else(|| self.record_support(support, 0, theta));
        let v = match steps {
            1 => self.query.adjoint(adapted.parameters),
            _ => &self.direction,
        };
        let curvature = self.support.hessian_vector(parameters, v, loss);
        MetaGradient { losses, v, curvature: Some((S::from_f64(inner.rate), curvature)) }
    }

    /// Records the support objective at θ_step and computes its gradient.
    fn record_support(
        &mut self,
        support: &impl Objective,
        step: usize,
        theta: impl ExactSizeIterator<Item = S> + Clone,
    ) -> Recording {
        let (n, iterates) = (theta.len(), &self.iterates);
        record(&mut self.support, support, n, |out| match step.checked_sub(1) {
            None => write(out, theta),
            Some(t) => out.copy_from_slice(&iterates[t]),
        })
    }
}

/// Refers to an objective on a tape, together with its adjoints.
struct Recording {
    parameters: Var,
    loss: Var,
}

impl Recording {
    fn value<S: Scalar>(&self, tape: &Tape<S>) -> S {
        tape.value(self.loss)[0]
    }
}

/// Records `objective` at the `n` parameters that `write` puts in place, and computes its gradient.
fn record<S: Scalar>(
    tape: &mut Tape<S>,
    objective: &impl Objective,
    n: usize,
    write: impl FnOnce(&mut [S]),
) -> Recording {
    tape.clear();
    let parameters = tape.variable_with(1, n, write);
    let loss = objective.eval(tape, parameters);
    tape.backward(loss);
    Recording { parameters, loss }
}

/// Writes `entries` to `out`.
fn write<S: Scalar>(out: &mut [S], entries: impl ExactSizeIterator<Item = S> + Clone) {
    vectorized(
        #[inline(always)]
        move || {
            for (slot, entry) in out.iter_mut().zip(entries.clone()) {
                *slot = entry;
            }
        },
    );
}

/// Writes θ − α ∇S(θ) to `out`. The recording holds θ and ∇S(θ).
fn descend<S: Scalar>(out: &mut [S], tape: &Tape<S>, recording: &Recording, rate: S::Flat) {
    let (theta, slope) = (tape.value(recording.parameters), tape.adjoint(recording.parameters));
    let (out, theta, slope) = (S::flat_mut(out), S::flat(theta), S::flat(slope));
    vectorized(
        #[inline(always)]
        move || {
            for ((out, &theta), &g) in out.iter_mut().zip(theta).zip(slope) {
                *out = theta - rate * g;
            }
        },
    );
}

/// Returns the adapted weights θ_T after the gradient steps on `support` from `theta`.
///
/// # Panics
/// Panics if the objective is not `(1, 1)`.
pub fn adapt<S: Scalar>(inner: InnerLoop, support: &impl Objective, theta: &[S]) -> Vec<S> {
    let mut tape = Tape::new();
    let mut theta = theta.to_vec();
    for _ in 0..inner.steps {
        let recording = record(&mut tape, support, theta.len(), |out| out.copy_from_slice(&theta));
        descend(&mut theta, &tape, &recording, S::Flat::from_f64(inner.rate));
    }
    theta
}
