//! Algorithms with planted mistakes. A check that cannot find them is worth nothing. This module
//! exists in tests, and in programs that are built with the feature `planted`.

use meta::algorithm::{
    Algorithm, Anil, AnyAlgorithm, Claim, Cost, FairMaml, FirstOrder, Imaml, InnerProblem, Loss,
    MetaSgd, PublishedCode, Reptile,
};
use meta::{InnerLoop, MetaGradient, Workspace};
use tape::Scalar;

/// An algorithm whose meta-gradient has one wrong entry: the last bias is off by a thousandth.
#[derive(Debug)]
struct WrongEntry<A>(A);

/// An algorithm whose meta-gradient leaves second order out, though it claims to be exact.
#[derive(Debug)]
struct NoSecondOrder<A>(A);

/// An algorithm whose inner steps are too long by a thousandth.
#[derive(Debug)]
struct LongStep<A>(A);

/// Implements what a wrapped algorithm has in common with the algorithm.
macro_rules! as_wrapped {
    () => {
        fn name(&self) -> &'static str {
            self.0.name()
        }

        fn title(&self, is_regularized: bool) -> &'static str {
            self.0.title(is_regularized)
        }

        fn cost(&self, inner: InnerLoop) -> Cost {
            self.0.cost(inner)
        }

        fn initial(&self, theta: Vec<f64>, inner: InnerLoop) -> Vec<f64> {
            self.0.initial(theta, inner)
        }

        fn claim(&self) -> Claim {
            self.0.claim()
        }

        fn step_rates(&self, inner: &InnerProblem<'_, f64>, learned: &[f64]) -> Option<Vec<f64>> {
            self.0.step_rates(inner, learned)
        }
    };
}

impl<A: Algorithm> Algorithm for WrongEntry<A> {
    as_wrapped!();

    fn adapt<S: Scalar>(&self, inner: &InnerProblem<'_, S>, learned: &[S::Flat]) -> Vec<S> {
        self.0.adapt(inner, learned)
    }

    fn meta_gradient<'w, S: Scalar>(
        &self,
        inner: &InnerProblem<'_, S>,
        query: &dyn Loss<S>,
        learned: &[S::Flat],
        workspace: &'w mut Workspace<S>,
    ) -> MetaGradient<'w, S> {
        let right = self.0.meta_gradient(inner, query, learned, workspace);
        let (losses, solve, mut entries) = (right.losses(), right.solve(), right.to_vec());
        let last = inner.last_layer.end - 1;
        entries[last] = entries[last] * S::from_f64(1.001);
        let wrong = MetaGradient::new(losses, entries);
        solve.map_or(wrong.clone(), |solve| wrong.with_solve(solve))
    }
}

impl<A: Algorithm> Algorithm for NoSecondOrder<A> {
    as_wrapped!();

    fn adapt<S: Scalar>(&self, inner: &InnerProblem<'_, S>, learned: &[S::Flat]) -> Vec<S> {
        self.0.adapt(inner, learned)
    }

    fn meta_gradient<'w, S: Scalar>(
        &self,
        inner: &InnerProblem<'_, S>,
        query: &dyn Loss<S>,
        learned: &[S::Flat],
        workspace: &'w mut Workspace<S>,
    ) -> MetaGradient<'w, S> {
        let right = self.0.meta_gradient(inner, query, learned, workspace);
        let (losses, mut entries) = (right.losses(), right.to_vec());
        let adapted: Vec<S> = self.0.adapt(inner, learned);
        let (_, first) = workspace.query(query, &adapted);
        entries[..first.len()].copy_from_slice(first);
        MetaGradient::new(losses, entries)
    }
}

impl<A: Algorithm> Algorithm for LongStep<A> {
    as_wrapped!();

    fn adapt<S: Scalar>(&self, inner: &InnerProblem<'_, S>, learned: &[S::Flat]) -> Vec<S> {
        let rate = inner.inner.rate() * 1.001;
        let long = InnerLoop::new(rate, inner.inner.steps()).unwrap_or(inner.inner);
        self.0.adapt(&InnerProblem { inner: long, ..inner.clone() }, learned)
    }

    fn meta_gradient<'w, S: Scalar>(
        &self,
        inner: &InnerProblem<'_, S>,
        query: &dyn Loss<S>,
        learned: &[S::Flat],
        workspace: &'w mut Workspace<S>,
    ) -> MetaGradient<'w, S> {
        self.0.meta_gradient(inner, query, learned, workspace)
    }
}

/// Every algorithm with each mistake that it can have, and the name of the mistake.
static ALL: [(&str, AnyAlgorithm); 13] = [
    ("entry", AnyAlgorithm::of(&WrongEntry(FairMaml))),
    ("entry", AnyAlgorithm::of(&WrongEntry(FirstOrder))),
    ("entry", AnyAlgorithm::of(&WrongEntry(Reptile))),
    ("entry", AnyAlgorithm::of(&WrongEntry(Anil))),
    ("entry", AnyAlgorithm::of(&WrongEntry(MetaSgd))),
    ("entry", AnyAlgorithm::of(&WrongEntry(Imaml))),
    ("entry", AnyAlgorithm::of(&WrongEntry(PublishedCode))),
    ("no second order", AnyAlgorithm::of(&NoSecondOrder(FairMaml))),
    ("no second order", AnyAlgorithm::of(&NoSecondOrder(Anil))),
    ("no second order", AnyAlgorithm::of(&NoSecondOrder(MetaSgd))),
    ("no second order", AnyAlgorithm::of(&NoSecondOrder(Imaml))),
    ("long step", AnyAlgorithm::of(&LongStep(FairMaml))),
    ("long step", AnyAlgorithm::of(&LongStep(FirstOrder))),
];

/// Returns the wrong versions of an algorithm, each with the name of its mistake.
pub fn wrong(algorithm: AnyAlgorithm) -> impl Iterator<Item = (&'static str, AnyAlgorithm)> {
    ALL.iter().copied().filter(move |(_, wrong)| *wrong == algorithm)
}
