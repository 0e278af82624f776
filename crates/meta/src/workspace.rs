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
use std::ops::Range;

use tape::{Number, Scalar, Tape, Var, vectorized};

use crate::inner_problem::{InnerProblem, Loss};

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
    /// r ∘ v, where each parameter has a rate r of its own.
    scaled: Vec<S>,
    /// The gradient by these rates.
    by_rates: Vec<S>,
}

/// The inner rates: one for all parameters, or one for each.
#[derive(Clone, Copy, Debug)]
pub enum Rates<'a, F> {
    /// The same rate α.
    Shared(F),
    /// A rate for each parameter.
    Each(&'a [F]),
    /// The rate α for the parameters from the first number on and before the second, else 0.
    Within(F, usize, usize),
}

impl<F> Rates<'_, F> {
    /// The parameters whose rate is not 0, of `n`.
    fn moving(&self, n: usize) -> Range<usize> {
        match *self {
            Rates::Within(_, start, end) => start..end,
            _ => 0..n,
        }
    }
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
    /// The gradient by what is learned beside θ.
    rest: &'w [S],
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

impl<S: Scalar> MetaGradient<'static, S> {
    /// Makes a meta-gradient of its entries, in the order of what is learned.
    pub fn new(losses: Losses<S>, entries: Vec<S>) -> Self {
        MetaGradient { losses, v: Cow::Owned(entries), curvature: None, rest: &[], solve: None }
    }

    /// Adds the report of a linear system that was solved.
    pub fn with_solve(self, solve: Solve<S>) -> Self {
        MetaGradient { solve: Some(solve), ..self }
    }
}

impl<S: Scalar> MetaGradient<'_, S> {
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
        let mut entries = vec![S::zero(); self.v.len() + self.rest.len()];
        self.write_to(
            &mut entries,
            #[inline(always)]
            |x| x,
        );
        entries
    }

    /// Writes `convert` of each entry to `out`, in the order of what is learned.
    ///
    /// # Panics
    /// Panics if `out` does not have as many entries.
    pub(crate) fn write_to<R>(&self, out: &mut [R], convert: impl Fn(S) -> R) {
        assert_eq!(out.len(), self.v.len() + self.rest.len(), "entries of a meta-gradient");
        let (out, rest) = out.split_at_mut(self.v.len());
        vectorized(
            #[inline(always)]
            || {
                for (entry, &w) in rest.iter_mut().zip(self.rest) {
                    *entry = convert(w);
                }
            },
        );
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
            direction: Vec::new(),
            scaled: Vec::new(),
            by_rates: Vec::new(),
        }
    }

    /// Records the support objective at `theta` and computes its gradient.
    ///
    /// # Panics
    /// Panics if the objective is not `(1, 1)`.
    pub fn support(&mut self, inner: &InnerProblem<'_, S>, theta: &[S]) -> AtSupport<S> {
        let write = |out: &mut [S]| out.copy_from_slice(theta);
        let recording = record(&mut self.support, inner.support, theta.len(), write);
        AtSupport { loss: recording.value(&self.support), recording }
    }

    /// Returns ∇S, `(n)`, at the point that [`support`](Workspace::support) recorded last.
    pub fn support_gradient(&self, at: &AtSupport<S>) -> &[S] {
        self.support.adjoint(at.recording.parameters)
    }

    /// Returns ∇²S v, `(n)`, at the point that [`support`](Workspace::support) recorded last.
    pub fn support_curvature(&mut self, at: &AtSupport<S>, v: &[S]) -> &[S] {
        self.support.hessian_vector(at.recording.parameters, v, at.recording.loss)
    }

    /// Returns Q at `theta` and ∇Q, `(n)`.
    ///
    /// # Panics
    /// Panics if the objective is not `(1, 1)`.
    pub fn query(&mut self, query: &dyn Loss<S>, theta: &[S]) -> (S, &[S]) {
        let write = |out: &mut [S]| out.copy_from_slice(theta);
        let recording = record(&mut self.query, query, theta.len(), write);
        (recording.value(&self.query), self.query.adjoint(recording.parameters))
    }

    /// Adapts from `theta`, the same in every lane, with T gradient steps. Then records `query` at
    /// the adapted weights θ_T and computes its gradient there.
    ///
    /// # Panics
    /// Panics if an objective is not `(1, 1)`.
    pub fn adapt(
        &mut self,
        inner: &InnerProblem<'_, S>,
        query: &dyn Loss<S>,
        theta: &[S::Flat],
    ) -> Adapted<S> {
        let rate = S::Flat::from_f64(inner.inner.rate());
        self.adapt_at(inner, query, theta, Rates::Shared(rate), true)
    }

    /// Does the same at the given inner rates. Without `gradient`, the query objective is recorded
    /// for its value alone.
    ///
    /// # Panics
    /// Panics if an objective is not `(1, 1)`.
    pub fn adapt_at(
        &mut self,
        inner: &InnerProblem<'_, S>,
        query: &dyn Loss<S>,
        theta: &[S::Flat],
        rates: Rates<'_, S::Flat>,
        gradient: bool,
    ) -> Adapted<S> {
        let steps = inner.inner.steps();
        self.iterates.resize_with(steps.saturating_sub(1), Vec::new);
        let mut last = None;
        let mut first_loss = None;
        for step in 0..steps {
            let recording = self.record_support(inner, step, theta);
            first_loss.get_or_insert(recording.value(&self.support));
            if let Some(next) = self.iterates.get_mut(step) {
                next.resize(theta.len(), S::zero());
                descend(next, &self.support, &recording, rates);
            }
            last = Some(recording);
        }
        let n = theta.len();
        let query = match &last {
            None => recorded(&mut self.query, query, n, |out| broadcast(out, theta)),
            Some(last) => recorded(&mut self.query, query, n, |out| {
                descend(out, &self.support, last, rates);
            }),
        };
        if gradient {
            self.query.backward(query.loss);
        }
        let losses = Losses { support: first_loss, query: query.value(&self.query) };
        Adapted { losses, query, last }
    }

    /// Returns the adapted weights θ_T, `(n)`.
    pub fn adapted_weights(&self, adapted: &Adapted<S>) -> &[S] {
        self.query.value(adapted.query.parameters)
    }

    /// Returns v_T, the gradient of Q at the adapted weights.
    pub fn query_gradient(&self, adapted: Adapted<S>) -> MetaGradient<'_, S> {
        let v = Cow::Borrowed(self.query.adjoint(adapted.query.parameters));
        MetaGradient { losses: adapted.losses, v, curvature: None, rest: &[], solve: None }
    }

    /// Carries v_T back through the inner steps from `theta`, and returns v_0. The arguments are
    /// those of [`adapt`](Workspace::adapt), and its result.
    ///
    /// # Panics
    /// Panics if an objective is not `(1, 1)`.
    pub fn back_through_steps(
        &mut self,
        inner: &InnerProblem<'_, S>,
        theta: &[S::Flat],
        adapted: Adapted<S>,
    ) -> MetaGradient<'_, S> {
        let (rate, steps) = (inner.inner.rate(), inner.inner.steps());
        let Adapted { losses, query, mut last } = adapted;
        if steps == 0 {
            return self.query_gradient(Adapted { losses, query, last });
        }
        // A single step reads v_1 from the query tape. Several steps start from a copy of v_T.
        self.direction.clear();
        if steps > 1 {
            self.direction.extend_from_slice(self.query.adjoint(query.parameters));
        }
        for step in (1..steps).rev() {
            // The recording at θ_{T−1} still exists. The earlier ones are recorded again.
            let Recording { parameters, loss } =
                last.take().unwrap_or_else(|| self.record_support(inner, step, theta));
            let curvature = self.support.hessian_vector(parameters, &self.direction, loss);
            subtract(&mut self.direction, S::Flat::from_f64(rate), curvature);
        }
        let Recording { parameters, loss } =
            last.take().unwrap_or_else(|| self.record_support(inner, 0, theta));
        let v = match steps {
            1 => self.query.adjoint(query.parameters),
            _ => &self.direction,
        };
        let curvature = self.support.hessian_vector(parameters, v, loss);
        let curvature = Some((S::from_f64(rate), curvature));
        MetaGradient { losses, v: Cow::Borrowed(v), curvature, rest: &[], solve: None }
    }

    /// Carries v_T back through inner steps at the given rates, and returns v_0. With `by_rates`,
    /// the gradient by the rates follows v_0.
    ///
    /// ```text
    /// v_t = v_{t+1} − ∇²S(θ_t) (r ∘ v_{t+1})
    /// w   = −Σ_t v_{t+1} ∘ ∇S(θ_t)               by the rates
    /// ```
    ///
    /// # Panics
    /// Panics if an objective is not `(1, 1)`.
    pub fn back_by_rates(
        &mut self,
        inner: &InnerProblem<'_, S>,
        theta: &[S::Flat],
        rates: Rates<'_, S::Flat>,
        by_rates: bool,
        adapted: Adapted<S>,
    ) -> MetaGradient<'_, S> {
        let (n, steps) = (theta.len(), inner.inner.steps());
        let moving = rates.moving(n);
        let Adapted { losses, query, mut last } = adapted;
        self.by_rates.resize(if by_rates { n } else { 0 }, S::zero());
        self.scaled.resize(n, S::zero());
        self.direction.resize(if steps > 1 { n } else { 0 }, S::zero());
        if steps == 0 {
            self.by_rates.fill(S::zero());
            let v = Cow::Borrowed(self.query.adjoint(query.parameters));
            let rest = &self.by_rates[..];
            return MetaGradient { losses, v, curvature: None, rest, solve: None };
        }
        for step in (1..steps).rev() {
            // The recording at θ_{T−1} still exists. The earlier ones are recorded again.
            let at = last.take().unwrap_or_else(|| self.record_support(inner, step, theta));
            if step + 1 == steps {
                self.direction.copy_from_slice(self.query.adjoint(query.parameters));
            }
            let slope = self.support.adjoint(at.parameters);
            scale(&mut self.scaled, &self.direction, rates);
            less_products(&mut self.by_rates, &self.direction, slope, step + 1 == steps);
            let Recording { parameters, loss } = at;
            let (scaled, moving) = (&self.scaled, moving.clone());
            let curvature = self.support.hessian_vector_within(parameters, scaled, moving, loss);
            subtract(&mut self.direction, S::Flat::one(), curvature);
        }
        let at = last.take().unwrap_or_else(|| self.record_support(inner, 0, theta));
        let v = match steps {
            1 => self.query.adjoint(query.parameters),
            _ => &self.direction,
        };
        scale(&mut self.scaled, v, rates);
        less_products(&mut self.by_rates, v, self.support.adjoint(at.parameters), steps == 1);
        let Recording { parameters, loss } = at;
        let curvature = self.support.hessian_vector_within(parameters, &self.scaled, moving, loss);
        let (curvature, rest) = (Some((S::one(), curvature)), &self.by_rates[..]);
        MetaGradient { losses, v: Cow::Borrowed(v), curvature, rest, solve: None }
    }

    /// Returns θ_0 − θ_T.
    pub fn displacement(&mut self, theta: &[S::Flat], adapted: Adapted<S>) -> MetaGradient<'_, S> {
        self.direction.resize(theta.len(), S::zero());
        broadcast(&mut self.direction, theta);
        let end = self.query.value(adapted.query.parameters);
        subtract(&mut self.direction, S::Flat::one(), end);
        let v = Cow::Borrowed(&self.direction[..]);
        MetaGradient { losses: adapted.losses, v, curvature: None, rest: &[], solve: None }
    }

    /// Records the support objective at θ_step and computes its gradient.
    fn record_support(
        &mut self,
        inner: &InnerProblem<'_, S>,
        step: usize,
        theta: &[S::Flat],
    ) -> Recording {
        let iterates = &self.iterates;
        record(&mut self.support, inner.support, theta.len(), |out| match step.checked_sub(1) {
            None => broadcast(out, theta),
            Some(t) => out.copy_from_slice(&iterates[t]),
        })
    }
}

/// Refers to the query objective at the adapted weights, on the tapes of a [`Workspace`].
#[derive(Debug)]
pub struct Adapted<S> {
    /// The losses of the task.
    pub losses: Losses<S>,
    query: Recording,
    /// The support objective at θ_{T−1}. `None` without inner steps.
    last: Option<Recording>,
}

/// Refers to the support objective at a point, on the tape of a [`Workspace`].
#[derive(Debug)]
pub struct AtSupport<S> {
    /// S at the point.
    pub loss: S,
    recording: Recording,
}

/// Refers to an objective on a tape, together with its adjoints.
#[derive(Debug)]
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
    objective: &dyn Loss<S>,
    n: usize,
    write: impl FnOnce(&mut [S]),
) -> Recording {
    let recording = recorded(tape, objective, n, write);
    tape.backward(recording.loss);
    recording
}

/// Records `objective` without its gradient.
fn recorded<S: Scalar>(
    tape: &mut Tape<S>,
    objective: &dyn Loss<S>,
    n: usize,
    write: impl FnOnce(&mut [S]),
) -> Recording {
    tape.clear();
    let parameters = tape.variable_with(1, n, write);
    let loss = objective.record(tape, parameters);
    Recording { parameters, loss }
}

/// Computes r ∘ v.
fn scale<S: Scalar>(out: &mut [S], v: &[S], rates: Rates<'_, S::Flat>) {
    let moving = rates.moving(v.len());
    out[..moving.start].fill(S::zero());
    out[moving.end..].fill(S::zero());
    let (out, v) = (S::flat_mut(&mut out[moving.clone()]), S::flat(&v[moving]));
    match rates {
        Rates::Shared(rate) | Rates::Within(rate, ..) => vectorized(
            #[inline(always)]
            move || {
                for (out, &v) in out.iter_mut().zip(v) {
                    *out = rate * v;
                }
            },
        ),
        Rates::Each(rates) => {
            let lanes = size_of::<S>() / size_of::<S::Flat>();
            vectorized(
                #[inline(always)]
                move || {
                    let entries = out.chunks_exact_mut(lanes).zip(v.chunks_exact(lanes));
                    for ((out, v), &rate) in entries.zip(rates) {
                        for (out, &v) in out.iter_mut().zip(v) {
                            *out = rate * v;
                        }
                    }
                },
            );
        }
    }
}

/// Computes w ← w − v ∘ g, where w counts as 0 if it is `fresh`. An empty w stays empty.
fn less_products<S: Scalar>(w: &mut [S], v: &[S], g: &[S], fresh: bool) {
    let (w, v, g) = (S::flat_mut(w), S::flat(v), S::flat(g));
    vectorized(
        #[inline(always)]
        move || {
            for ((w, &v), &g) in w.iter_mut().zip(v).zip(g) {
                *w = if fresh { -(v * g) } else { *w - v * g };
            }
        },
    );
}

/// Writes `theta` to every lane of `out`.
pub(crate) fn broadcast<S: Scalar>(out: &mut [S], theta: &[S::Flat]) {
    assert_eq!(out.len(), theta.len(), "weights");
    let out = S::flat_mut(out);
    vectorized(
        #[inline(always)]
        move || {
            let lanes = size_of::<S>() / size_of::<S::Flat>();
            for (lanes, &theta) in out.chunks_exact_mut(lanes).zip(theta) {
                lanes.fill(theta);
            }
        },
    );
}

/// Computes v ← v − α h.
fn subtract<S: Scalar>(v: &mut [S], rate: S::Flat, h: &[S]) {
    let (v, h) = (S::flat_mut(v), S::flat(h));
    vectorized(
        #[inline(always)]
        move || {
            for (v, &h) in v.iter_mut().zip(h) {
                *v = *v - rate * h;
            }
        },
    );
}

/// Writes θ − r ∘ ∇S(θ) to `out`. The recording holds θ and ∇S(θ).
fn descend<S: Scalar>(
    out: &mut [S],
    tape: &Tape<S>,
    recording: &Recording,
    rates: Rates<'_, S::Flat>,
) {
    let (theta, slope) = (tape.value(recording.parameters), tape.adjoint(recording.parameters));
    let moving = rates.moving(theta.len());
    out[..moving.start].copy_from_slice(&theta[..moving.start]);
    out[moving.end..].copy_from_slice(&theta[moving.end..]);
    let [theta, slope] = [theta, slope].map(|all| S::flat(&all[moving.clone()]));
    let out = S::flat_mut(&mut out[moving]);
    match rates {
        Rates::Shared(rate) | Rates::Within(rate, ..) => vectorized(
            #[inline(always)]
            move || {
                for ((out, &theta), &g) in out.iter_mut().zip(theta).zip(slope) {
                    *out = theta - rate * g;
                }
            },
        ),
        Rates::Each(rates) => {
            let lanes = size_of::<S>() / size_of::<S::Flat>();
            vectorized(
                #[inline(always)]
                move || {
                    let ends = theta.chunks_exact(lanes).zip(slope.chunks_exact(lanes));
                    for ((out, (theta, slope)), &rate) in
                        out.chunks_exact_mut(lanes).zip(ends).zip(rates)
                    {
                        for ((out, &theta), &g) in out.iter_mut().zip(theta).zip(slope) {
                            *out = theta - rate * g;
                        }
                    }
                },
            );
        }
    }
}

/// Returns the adapted weights θ_T after T gradient steps on all weights from `theta`.
///
/// # Panics
/// Panics if the objective is not `(1, 1)`.
pub fn gradient_descent<S: Scalar>(inner: &InnerProblem<'_, S>, theta: &[S::Flat]) -> Vec<S> {
    let rate = S::Flat::from_f64(inner.inner.rate());
    gradient_descent_at(inner, theta, Rates::Shared(rate))
}

/// Returns the adapted weights θ_T after T gradient steps at the given inner rates.
///
/// # Panics
/// Panics if the objective is not `(1, 1)`.
pub fn gradient_descent_at<S: Scalar>(
    inner: &InnerProblem<'_, S>,
    theta: &[S::Flat],
    rates: Rates<'_, S::Flat>,
) -> Vec<S> {
    let mut tape = Tape::new();
    let mut adapted = vec![S::zero(); theta.len()];
    broadcast(&mut adapted, theta);
    for _ in 0..inner.inner.steps() {
        let write = |out: &mut [S]| out.copy_from_slice(&adapted);
        let recording = record(&mut tape, inner.support, theta.len(), write);
        descend(&mut adapted, &tape, &recording, rates);
    }
    adapted
}
