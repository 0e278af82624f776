//! Algorithms with planted mistakes. A check that cannot find them is worth nothing. This module
//! exists in tests, and in programs that are built with the feature `planted`.

use meta::algorithm::{
    Algorithm, Anil, AnyAlgorithm, Claim, Cost, FairMaml, FirstOrder, Imaml, InnerProblem, Loss,
    MetaSgd, PublishedCode, Reptile,
};
use meta::{InnerLoop, MetaGradient, Workspace};
use tape::Scalar;

/// A mistake in an algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// One entry of the meta-gradient is off by a thousandth: that of the last bias.
    Entry,
    /// The meta-gradient leaves second order out, though the algorithm claims it.
    NoSecondOrder,
    /// The inner steps are too long by a thousandth.
    LongStep,
}

/// An algorithm with a mistake.
#[derive(Debug)]
struct Planted<A>(A, Mistake);

impl<A: Algorithm> Algorithm for Planted<A> {
    fn name(&self) -> &'static str {
        self.0.name()
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

    fn adapt<S: Scalar>(&self, inner: &InnerProblem<'_, S>, learned: &[S::Flat]) -> Vec<S> {
        let factor = if self.1 == Mistake::LongStep { 1.001 } else { 1.0 };
        let steps = InnerLoop::new(inner.inner.rate() * factor, inner.inner.steps());
        let steps = steps.and_then(|steps| steps.with_implicit(inner.inner.implicit()));
        let steps = steps.unwrap_or(inner.inner);
        self.0.adapt(&InnerProblem { inner: steps, ..inner.clone() }, learned)
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
        match self.1 {
            Mistake::Entry => {
                let last = inner.last_layer.end - 1;
                entries[last] = entries[last] * S::from_f64(1.001);
            }
            Mistake::NoSecondOrder => {
                let adapted: Vec<S> = self.0.adapt(inner, learned);
                let (_, first) = workspace.query(query, &adapted);
                entries[..first.len()].copy_from_slice(first);
            }
            Mistake::LongStep => {}
        }
        let wrong = MetaGradient::new(losses, entries);
        solve.map_or(wrong.clone(), |solve| wrong.with_solve(solve))
    }
}

/// Makes a static of an algorithm with a mistake.
macro_rules! planted {
    ($($mistake:ident: $($algorithm:ident),*;)*) => {
        [$($((Mistake::$mistake, AnyAlgorithm::of(&Planted($algorithm, Mistake::$mistake)))),*),*]
    };
}

/// Every algorithm with each mistake that it can have.
static ALL: [(Mistake, AnyAlgorithm); 16] = planted! {
    Entry: FairMaml, FirstOrder, Reptile, Anil, MetaSgd, Imaml, PublishedCode;
    NoSecondOrder: FairMaml, Anil, MetaSgd, Imaml;
    LongStep: FairMaml, FirstOrder, Reptile, Anil, PublishedCode;
};

/// Returns the wrong versions of an algorithm, each with its mistake.
pub fn wrong(algorithm: AnyAlgorithm) -> impl Iterator<Item = (Mistake, AnyAlgorithm)> {
    ALL.iter().copied().filter(move |(_, wrong)| *wrong == algorithm)
}
