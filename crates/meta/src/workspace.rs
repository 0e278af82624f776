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

use std::borrow::Cow;

use tape::{Number, Scalar, Tape, Var, vectorized};

use crate::inner_problem::{InnerProblem, Loss, Rates};
use crate::settings::InnerLoop;
use crate::vectors::{broadcast, entrywise, subtract, subtract_products};

/// Holds the tapes and vectors of one thread. They are reused from task to task.
#[derive(Debug)]
pub struct Workspace<S> {
    support: Tape<S>,
    query: Tape<S>,
    /// The iterates θ_1 … θ_{T−1}. θ_0 is given, and θ_T is on the query tape.
    iterates: Vec<Vec<S>>,
    back: Back<S>,
}

/// Holds the losses that are computed together with a meta-gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Losses<S> {
    /// The support objective at θ_0. `None` without inner steps.
    pub support: Option<S>,
    /// The query objective at the adapted weights θ_T.
    pub query: S,
}

/// Holds a meta-gradient. The last subtraction of an exact one, v_1 − α ∇²S(θ_0) v_1, is done when
/// the entries are read.
#[derive(Clone, Debug)]
pub struct MetaGradient<'w, S: Scalar> {
    losses: Losses<S>,
    v: Cow<'w, [S]>,
    /// The rate α and the product ∇²S(θ_0) v_1. `None` if `v` is the gradient itself.
    curvature: Option<(S, &'w [S])>,
    /// The gradient by what is learned beside θ, without the part of the first inner step.
    rest: &'w [S],
    /// ∇S(θ_0), if each parameter has a rate. The part of the first inner step is −v_1 ∘ ∇S(θ_0).
    slope: Option<&'w [S]>,
    solve: Option<Solve<S>>,
}

/// Reports the solution of a linear system by an algorithm that solves one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Solve<S> {
    /// The residual of the solution, relative to the right side, by the 2-norm.
    pub residual: S,
    /// The smallest curvature pᵀ A p / pᵀ p of the matrix A in a direction p of the search. The
    /// matrix is not positive definite if it is not above 0.
    pub curvature: S,
}

impl Solve<f64> {
    /// Checks that the matrix of iMAML was positive definite.
    pub(crate) fn definite(self, inner: InnerLoop) -> Result<(), NotPositiveDefinite> {
        let (curvature, proximal) = (self.curvature, inner.implicit().proximal);
        if curvature <= 0.0 { Err(NotPositiveDefinite { curvature, proximal }) } else { Ok(()) }
    }
}

/// Reports that the linear system of iMAML has a matrix that is not positive definite.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error(
    "I + H/λ is not positive definite: its curvature is {curvature:e} in one direction; use a \
     larger proximal weight λ than {proximal:?}"
)]
pub struct NotPositiveDefinite {
    /// The curvature pᵀ A p / pᵀ p that was found.
    pub curvature: f64,
    /// The weight λ of the proximal term.
    pub proximal: f64,
}

impl<S: Scalar> MetaGradient<'static, S> {
    /// Makes a meta-gradient of its entries, in the order of what is learned.
    pub fn new(losses: Losses<S>, entries: Vec<S>) -> Self {
        let v = Cow::Owned(entries);
        MetaGradient { losses, v, curvature: None, rest: &[], slope: None, solve: None }
    }

    /// Adds the report of a linear system that was solved.
    pub fn with_solve(self, solve: Solve<S>) -> Self {
        MetaGradient { solve: Some(solve), ..self }
    }
}

impl<'w, S: Scalar> MetaGradient<'w, S> {
    fn of(losses: Losses<S>, v: &'w [S]) -> Self {
        let v = Cow::Borrowed(v);
        MetaGradient { losses, v, curvature: None, rest: &[], slope: None, solve: None }
    }

    /// Returns the losses that were computed together with the gradient.
    pub fn losses(&self) -> Losses<S> {
        self.losses
    }

    /// Returns the report of the linear system that the algorithm solved, if it solves one.
    pub fn solve(&self) -> Option<Solve<S>> {
        self.solve
    }

    /// Returns the entries in the order of what is learned.
    pub fn to_vec(&self) -> Vec<S> {
        let mut entries = vec![S::zero(); self.len()];
        self.write_to(
            &mut entries,
            #[inline(always)]
            |x| x,
        );
        entries
    }

    /// The number of entries.
    fn len(&self) -> usize {
        self.v.len() + self.slope.map_or(self.rest.len(), <[S]>::len)
    }

    /// Writes `convert` of each entry to `out`, in the order of what is learned.
    ///
    /// # Panics
    /// Panics if `out` does not have as many entries.
    pub(crate) fn write_to<R>(&self, out: &mut [R], convert: impl Fn(S) -> R) {
        assert_eq!(out.len(), self.len(), "entries of a meta-gradient");
        let (out, rest) = out.split_at_mut(self.v.len());
        let slopes = || self.v.iter().zip(self.slope.unwrap_or_default());
        if self.rest.is_empty() {
            vectorized(
                #[inline(always)]
                || {
                    for (entry, (&v, &g)) in rest.iter_mut().zip(slopes()) {
                        *entry = convert(-(v * g));
                    }
                },
            );
        } else {
            vectorized(
                #[inline(always)]
                || {
                    for ((entry, &w), (&v, &g)) in rest.iter_mut().zip(self.rest).zip(slopes()) {
                        *entry = convert(w - v * g);
                    }
                },
            );
        }
        match self.curvature {
            None => vectorized(
                #[inline(always)]
                move || {
                    for (entry, &v) in out.iter_mut().zip(&*self.v) {
                        *entry = convert(v);
                    }
                },
            ),
            Some((rate, curvature)) => vectorized(
                #[inline(always)]
                move || {
                    for ((entry, &v), &hv) in out.iter_mut().zip(&*self.v).zip(curvature) {
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
            back: Back { v: Vec::new(), scaled: Vec::new(), by_rates: Vec::new() },
        }
    }

    /// Records the support objective at `theta` and computes its gradient.
    ///
    /// # Panics
    /// Panics if the objective is not `(1, 1)`.
    pub fn support(&mut self, inner: &InnerProblem<'_, S>, theta: &[S]) -> Recording<S> {
        let write = |out: &mut [S]| out.copy_from_slice(theta);
        let at = record(&mut self.support, inner.support, theta.len(), write);
        self.support.backward(at.loss);
        at
    }

    /// Returns the number of bytes that the tapes and vectors occupy.
    pub fn memory(&self) -> usize {
        let Back { v, scaled, by_rates } = &self.back;
        let vectors = self.iterates.iter().chain([v, scaled, by_rates]).map(Vec::len);
        self.support.memory() + self.query.memory() + vectors.sum::<usize>() * size_of::<S>()
    }

    /// Returns ∇S, `(n)`, at the point that [`support`](Workspace::support) recorded last.
    pub fn support_gradient(&self, at: &Recording<S>) -> &[S] {
        self.support.adjoint(at.parameters)
    }

    /// Returns ∇²S v, `(n)`, at the point that [`support`](Workspace::support) recorded last.
    pub fn support_curvature(&mut self, at: &Recording<S>, v: &[S]) -> &[S] {
        self.support.hessian_vector(at.parameters, v, at.loss)
    }

    /// Returns Q at `theta` and ∇Q, `(n)`.
    ///
    /// # Panics
    /// Panics if the objective is not `(1, 1)`.
    pub fn query(&mut self, query: &dyn Loss<S>, theta: &[S]) -> (S, &[S]) {
        let write = |out: &mut [S]| out.copy_from_slice(theta);
        let at = record(&mut self.query, query, theta.len(), write);
        self.query.backward(at.loss);
        (at.value, self.query.adjoint(at.parameters))
    }

    /// Adapts from `theta`, the same in every lane, with T gradient steps at the given inner rates.
    /// Then records `query` at the adapted weights θ_T.
    ///
    /// # Panics
    /// Panics if the support objective is not `(1, 1)`.
    pub fn adapt(
        &mut self,
        inner: &InnerProblem<'_, S>,
        query: &dyn Loss<S>,
        theta: &[S::Flat],
        rates: Rates<'_, S::Flat>,
    ) -> Adapted<S> {
        let (n, steps) = (theta.len(), inner.inner.steps());
        self.iterates.resize_with(steps.saturating_sub(1), Vec::new);
        let mut last = None;
        let mut first_loss = None;
        for step in 0..steps {
            let at = self.support_at_step(inner, step, theta);
            first_loss.get_or_insert(at.value);
            if let Some(next) = self.iterates.get_mut(step) {
                next.resize(n, S::zero());
                descend(next, &self.support, &at, rates);
            }
            last = Some(at);
        }
        let query = record(&mut self.query, query, n, |out| match &last {
            None => broadcast(out, theta),
            Some(at) => descend(out, &self.support, at, rates),
        });
        let losses = Losses { support: first_loss, query: query.value };
        Adapted { losses, query, last }
    }

    /// Returns the adapted weights θ_T, `(n)`.
    pub fn adapted_weights(&self, adapted: &Adapted<S>) -> &[S] {
        self.query.value(adapted.query.parameters)
    }

    /// Returns v_T, the gradient of Q at the adapted weights.
    ///
    /// # Panics
    /// Panics if the query objective is not `(1, 1)`.
    pub fn query_gradient(&mut self, adapted: Adapted<S>) -> MetaGradient<'_, S> {
        self.query.backward(adapted.query.loss);
        MetaGradient::of(adapted.losses, self.query.adjoint(adapted.query.parameters))
    }

    /// Carries v_T back through the inner steps from `theta`, and returns v_0. If each parameter
    /// has a rate of its own, the gradient by the rates follows v_0. The arguments are those of
    /// [`adapt`](Workspace::adapt), and its result.
    ///
    /// ```text
    /// v_t = v_{t+1} − ∇²S(θ_t) (r ∘ v_{t+1})     r are the rates
    /// w   = −Σ_t v_{t+1} ∘ ∇S(θ_t)               by the rates
    /// ```
    ///
    /// # Panics
    /// Panics if an objective is not `(1, 1)`.
    pub fn back_through_steps(
        &mut self,
        inner: &InnerProblem<'_, S>,
        theta: &[S::Flat],
        rates: Rates<'_, S::Flat>,
        adapted: Adapted<S>,
    ) -> MetaGradient<'_, S> {
        let (n, steps) = (theta.len(), inner.inner.steps());
        let Adapted { losses, query, mut last } = adapted;
        self.query.backward(query.loss);
        self.back.begin(n, steps, rates, self.query.adjoint(query.parameters));
        if steps == 0 {
            let v = self.query.adjoint(query.parameters);
            return MetaGradient { rest: &self.back.by_rates, ..MetaGradient::of(losses, v) };
        }
        for step in (1..steps).rev() {
            // The recording at θ_{T−1} still exists. The earlier ones are recorded again.
            let at = last.take().unwrap_or_else(|| self.support_at_step(inner, step, theta));
            let Back { v, scaled, by_rates } = &mut self.back;
            if rates.are_learned() {
                subtract_products(by_rates, v, self.support.adjoint(at.parameters));
            }
            let (rate, curvature) = curve(&mut self.support, &at, v, rates, scaled);
            subtract(v, rate, curvature);
        }
        let at = last.take().unwrap_or_else(|| self.support_at_step(inner, 0, theta));
        let Back { v, scaled, by_rates } = &mut self.back;
        let v = if steps == 1 { self.query.adjoint(query.parameters) } else { v };
        let (rate, _) = curve(&mut self.support, &at, v, rates, scaled);
        let curvature = self.support.adjoint_tangent(at.parameters);
        let curvature = Some((S::from_f64(rate.lane(0)), curvature));
        let slope = rates.are_learned().then(|| self.support.adjoint(at.parameters));
        MetaGradient { curvature, rest: by_rates, slope, ..MetaGradient::of(losses, v) }
    }

    /// Returns θ_0 − θ_T.
    pub fn displacement(&mut self, theta: &[S::Flat], adapted: Adapted<S>) -> MetaGradient<'_, S> {
        let v = &mut self.back.v;
        v.resize(theta.len(), S::zero());
        broadcast(v, theta);
        subtract(v, S::Flat::one(), self.query.value(adapted.query.parameters));
        MetaGradient::of(adapted.losses, v)
    }

    /// Records the support objective at θ_step and computes its gradient.
    fn support_at_step(
        &mut self,
        inner: &InnerProblem<'_, S>,
        step: usize,
        theta: &[S::Flat],
    ) -> Recording<S> {
        let iterates = &self.iterates;
        let write = |out: &mut [S]| match step.checked_sub(1) {
            None => broadcast(out, theta),
            Some(t) => out.copy_from_slice(&iterates[t]),
        };
        let at = record(&mut self.support, inner.support, theta.len(), write);
        self.support.backward(at.loss);
        at
    }
}

/// Holds the vectors of the way back.
#[derive(Debug)]
struct Back<S> {
    /// The vectors v_T … v_1, one after another in the same place. It stays empty for a single
    /// step, which reads v_1 from the query tape.
    v: Vec<S>,
    /// r ∘ v, where not all parameters have the same rate r.
    scaled: Vec<S>,
    /// The gradient by the rates, where each parameter has its own.
    by_rates: Vec<S>,
}

impl<S: Scalar> Back<S> {
    /// Starts from v_T for T `steps`.
    fn begin(&mut self, n: usize, steps: usize, rates: Rates<'_, S::Flat>, v: &[S]) {
        self.v.clear();
        if steps > 1 {
            self.v.extend_from_slice(v);
        }
        self.by_rates.clear();
        if rates.are_learned() && steps != 1 {
            self.by_rates.resize(n, S::zero());
        }
    }
}

/// Refers to the query objective at the adapted weights, on the tapes of a [`Workspace`].
#[derive(Debug)]
pub struct Adapted<S> {
    /// The losses of the task.
    pub losses: Losses<S>,
    query: Recording<S>,
    /// The support objective at θ_{T−1}. `None` without inner steps.
    last: Option<Recording<S>>,
}

/// Refers to an objective at a point, on a tape of a [`Workspace`].
#[derive(Debug)]
pub struct Recording<S> {
    /// The objective at the point.
    pub value: S,
    parameters: Var,
    loss: Var,
}

/// Records `objective` at the `n` parameters that `write` puts in place.
fn record<S: Scalar>(
    tape: &mut Tape<S>,
    objective: &dyn Loss<S>,
    n: usize,
    write: impl FnOnce(&mut [S]),
) -> Recording<S> {
    tape.clear();
    let parameters = tape.variable_with(1, n, write);
    let loss = objective.record(tape, parameters);
    Recording { value: tape.value(loss)[0], parameters, loss }
}

/// Returns a factor c and a vector h with c h = ∇²S (r ∘ v).
fn curve<'t, S: Scalar>(
    support: &'t mut Tape<S>,
    at: &Recording<S>,
    v: &[S],
    rates: Rates<'_, S::Flat>,
    scaled: &mut Vec<S>,
) -> (S::Flat, &'t [S]) {
    match rates {
        Rates::Shared(rate) => (rate, support.hessian_vector(at.parameters, v, at.loss)),
        Rates::Within(rate, start, end) => {
            scaled.clear();
            scaled.resize(v.len(), S::zero());
            scaled[start..end].copy_from_slice(&v[start..end]);
            let moving = start..end;
            (rate, support.hessian_vector_within(at.parameters, scaled, moving, at.loss))
        }
        Rates::Each(rates) => {
            scaled.resize(v.len(), S::zero());
            entrywise(
                scaled,
                (v, v),
                rates,
                #[inline(always)]
                |v, _, rate| rate * v,
            );
            (S::Flat::one(), support.hessian_vector(at.parameters, scaled, at.loss))
        }
    }
}

/// Writes θ − r ∘ ∇S(θ) to `out`. The recording holds θ and ∇S(θ).
fn descend<S: Scalar>(out: &mut [S], tape: &Tape<S>, at: &Recording<S>, rates: Rates<'_, S::Flat>) {
    let (theta, slope) = (tape.value(at.parameters), tape.adjoint(at.parameters));
    match rates {
        Rates::Shared(rate) => step(out, theta, slope, rate),
        Rates::Within(rate, start, end) => {
            out.copy_from_slice(theta);
            step(&mut out[start..end], &theta[start..end], &slope[start..end], rate);
        }
        Rates::Each(rates) => entrywise(
            out,
            (theta, slope),
            rates,
            #[inline(always)]
            |theta, g, rate| theta - rate * g,
        ),
    }
}

/// Writes θ − α g to `out`.
fn step<S: Scalar>(out: &mut [S], theta: &[S], slope: &[S], rate: S::Flat) {
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

/// Returns the adapted weights θ_T after T gradient steps from `theta` at the given inner rates.
///
/// # Panics
/// Panics if the objective is not `(1, 1)`.
pub fn gradient_descent<S: Scalar>(
    inner: &InnerProblem<'_, S>,
    theta: &[S::Flat],
    rates: Rates<'_, S::Flat>,
) -> Vec<S> {
    let mut tape = Tape::new();
    let mut adapted = vec![S::zero(); theta.len()];
    broadcast(&mut adapted, theta);
    for _ in 0..inner.inner.steps() {
        let write = |out: &mut [S]| out.copy_from_slice(&adapted);
        let at = record(&mut tape, inner.support, theta.len(), write);
        tape.backward(at.loss);
        descend(&mut adapted, &tape, &at, rates);
    }
    adapted
}
