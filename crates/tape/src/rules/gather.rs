//! Results that are put together from entries of earlier nodes: reshaping, slicing, concatenating,
//! picking by an index, transposing, choosing.

use super::rule::Rule;
use crate::fast::simd::fill;
use crate::mode::{Adjoints, Mode, Output, Target, Values};
use crate::number::Number;
use crate::place::Run;
use crate::{Scalar, vectorized};

/// y = one run after the other; each run's part of ȳ is added to the entries it came from. The runs
/// are `count` of the recording from `first` on.
pub(crate) struct Gather {
    pub first: u32,
    pub count: u32,
}

impl Gather {
    fn runs<'a, S: Scalar, M: Mode>(&self, values: &Values<'a, S, M>) -> &'a [Run] {
        &values.runs[self.first as usize..][..self.count as usize]
    }
}

impl Rule for Gather {
    fn forward<S: Scalar, M: Mode>(&self, values: Values<'_, S, M>, target: Target<'_, S>) {
        let mut rest = target.out;
        for run in self.runs(&values) {
            let (out, after) = rest.split_at_mut(run.length);
            match M::own(&values.view(run.node).slice(run.start, run.length)) {
                Some(entries) => out.copy_from_slice(entries),
                None => fill(out, S::zero()),
            }
            rest = after;
        }
    }

    fn reverse<S: Scalar, M: Mode>(
        &self,
        values: Values<'_, S, M>,
        output: Output<'_, S>,
        adjoints: &mut Adjoints<'_, S>,
    ) {
        let (runs, mut rest) = (self.runs(&values), M::own(&output.adjoint).unwrap_or_default());
        vectorized(
            #[inline(always)]
            || {
                for run in runs {
                    let (adjoint, after) = rest.split_at(run.length);
                    rest = after;
                    let Some(into) = adjoints.of(run.node) else { continue };
                    let into = S::flat_mut(&mut into[run.start..][..run.length]);
                    for (entry, &t) in into.iter_mut().zip(S::flat(adjoint)) {
                        *entry = *entry + t;
                    }
                }
            },
        );
    }
}

/// y = a without its tangent. The result is a constant, so no sweep comes here again.
pub(crate) struct StopGradient(pub u32);

impl Rule for StopGradient {
    fn forward<S: Scalar, M: Mode>(&self, values: Values<'_, S, M>, target: Target<'_, S>) {
        for (entry, &a) in target.out.iter_mut().zip(values.view(self.0).primal) {
            *entry = a.constant();
        }
    }

    fn reverse<S: Scalar, M: Mode>(
        &self,
        _: Values<'_, S, M>,
        _: Output<'_, S>,
        _: &mut Adjoints<'_, S>,
    ) {
    }
}

/// Y = Aᵀ; Ā += Ȳᵀ.
pub(crate) struct Transpose(pub u32);

impl Rule for Transpose {
    fn forward<S: Scalar, M: Mode>(&self, values: Values<'_, S, M>, target: Target<'_, S>) {
        let out = target.out;
        let (rows, columns) = values.shape(self.0);
        let a = values.view(self.0);
        for (i, entry) in out.iter_mut().enumerate() {
            M::set(entry, M::get(&a, (i % rows) * columns + i / rows));
        }
    }

    fn reverse<S: Scalar, M: Mode>(
        &self,
        values: Values<'_, S, M>,
        output: Output<'_, S>,
        adjoints: &mut Adjoints<'_, S>,
    ) {
        let (rows, columns) = values.shape(self.0);
        let Some(into) = adjoints.of(self.0) else { return };
        for (i, entry) in into.iter_mut().enumerate() {
            M::add(entry, M::get(&output.adjoint, (i % columns) * rows + i / columns));
        }
    }
}

/// y = a where the condition is positive, else b. No derivative flows to the condition.
pub(crate) struct Select(pub u32, pub u32, pub u32);

impl Rule for Select {
    fn forward<S: Scalar, M: Mode>(&self, values: Values<'_, S, M>, target: Target<'_, S>) {
        let out = target.out;
        let (condition, a, b) = (values.view(self.0), values.view(self.1), values.view(self.2));
        for (i, entry) in out.iter_mut().enumerate() {
            let condition = M::get(&condition, i);
            M::set(entry, condition.where_positive(M::get(&a, i), M::get(&b, i)));
        }
    }

    fn reverse<S: Scalar, M: Mode>(
        &self,
        values: Values<'_, S, M>,
        output: Output<'_, S>,
        adjoints: &mut Adjoints<'_, S>,
    ) {
        let condition = values.view(self.0);
        let zero = M::T::<S>::zero();
        if let Some(into) = adjoints.of(self.1) {
            for (i, entry) in into.iter_mut().enumerate() {
                let t = M::get(&output.adjoint, i);
                M::add(entry, M::get(&condition, i).where_positive(t, zero));
            }
        }
        if let Some(into) = adjoints.of(self.2) {
            for (i, entry) in into.iter_mut().enumerate() {
                let t = M::get(&output.adjoint, i);
                M::add(entry, M::get(&condition, i).where_positive(zero, t));
            }
        }
    }
}
