//! One task with everything that a meta-gradient of it depends on.

use fairness::{Regularizer, Rows};
use meta::algorithm::{AnyAlgorithm, InnerProblem, Loss};
use meta::{FairLoss, InnerLoop};
use mlp::Network;
use tasks::{Batch, Episode};

use crate::InnerPath;
use crate::split::Split;

/// Describes a task of Fair-MAML, and how a model adapts to it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The classifier, with two logits.
    pub network: &'a Network,
    /// The regularizer R, if there is one.
    pub regularizer: Option<Regularizer>,
    /// Its weight γ.
    pub gamma: f64,
    /// The meta-learning algorithm.
    pub algorithm: AnyAlgorithm,
    /// The inner loop.
    pub inner: InnerLoop,
    /// Support and query rows.
    pub episode: &'a Episode,
}

impl<'a> Subject<'a> {
    /// Returns L + γ R on the support rows.
    pub fn support(&self) -> impl Loss<f64> + tape::Objective + 'a {
        self.loss(&self.episode.support, self.regularizer)
    }

    /// Returns L + γ R on the query rows.
    pub fn query(&self) -> impl Loss<f64> + tape::Objective + 'a {
        self.loss(&self.episode.query, self.regularizer)
    }

    /// Returns the cross-entropy L alone, on the support rows or the query rows.
    pub fn cross_entropy(&self, batch: &'a Batch) -> impl Loss<f64> + tape::Objective + 'a {
        self.loss(batch, None)
    }

    /// Returns γ R alone, on a batch: L + γ R minus L.
    pub fn penalty(&self, batch: &'a Batch) -> Penalty<'a> {
        Penalty { subject: *self, batch }
    }

    fn loss(
        &self,
        batch: &'a Batch,
        regularizer: Option<Regularizer>,
    ) -> impl Loss<f64> + tape::Objective + 'a {
        let (network, gamma) = (self.network, self.gamma);
        FairLoss { network, regularizer, batch: move |_| -> (&Batch, f64) { (batch, gamma) } }
    }

    /// Returns the inner problem of a support loss.
    pub fn inner_problem<'l>(&self, support: &'l dyn Loss<f64>) -> InnerProblem<'l, f64> {
        InnerProblem { inner: self.inner, support, last_layer: self.network.last_layer() }
    }

    /// Returns the weights θ, without what the algorithm learns beside them.
    pub fn weights<'l>(&self, learned: &'l [f64]) -> &'l [f64] {
        &learned[..self.network.parameter_count()]
    }

    /// Takes the inner steps from what was `learned`. `None` if the algorithm does not adapt by
    /// gradient descent.
    pub fn path(&self, learned: &[f64]) -> Option<InnerPath> {
        let support = self.support();
        let rates = self.algorithm.step_rates(&self.inner_problem(&support), learned)?;
        let theta = self.weights(learned);
        Some(InnerPath::descend(&support, theta, &rates[..theta.len()], self.inner.steps()))
    }

    /// Splits the exact meta-gradient through `path`.
    pub fn split(&self, path: &mut InnerPath) -> Split {
        Split::of(path, &self.cross_entropy(&self.episode.query), &self.query())
    }
}

/// The regularizer's part of the loss of a [`Subject`]: γ R.
#[derive(Clone, Copy, Debug)]
pub struct Penalty<'a> {
    subject: Subject<'a>,
    batch: &'a Batch,
}

impl tape::Objective for Penalty<'_> {
    fn eval<S: tape::Scalar>(&self, tape: &mut tape::Tape<S>, parameters: tape::Var) -> tape::Var {
        let Subject { network, regularizer, gamma, .. } = self.subject;
        let batch = |_: usize| -> (&Batch, f64) { (self.batch, gamma) };
        let whole = FairLoss { network, regularizer, batch }.eval(tape, parameters);
        let loss = FairLoss { network, regularizer: None, batch }.eval(tape, parameters);
        tape.sub(whole, loss)
    }
}

/// Whether a batch has the members that a regularizer needs. Without a regularizer it needs none.
pub(crate) fn has_group(regularizer: Option<Regularizer>, batch: &Batch) -> bool {
    let rows = Rows { positive: batch.positive(), protected: batch.protected() };
    regularizer.is_none_or(|regularizer| regularizer.has_members(rows))
}
