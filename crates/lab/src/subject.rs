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

    /// Returns γ R alone, on a batch. Without a regularizer it is 0.
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
        let query = &self.episode.query;
        Split::of(path, &self.cross_entropy(query), &self.penalty(query))
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
        let Some(regularizer) = regularizer else { return tape.scalar(0.0) };
        let x = tape.constant_lanes(self.batch.rows(), self.batch.features(), |_| self.batch.x());
        let logits = network.logits(tape, parameters, x);
        let log_probabilities = tape.log_softmax(logits);
        let penalty = regularizer.eval(tape, log_probabilities, |_| rows(self.batch));
        tape.scale(penalty, gamma)
    }
}

/// Labels and groups in the form that a regularizer reads.
fn rows(batch: &Batch) -> Rows<'_> {
    Rows { positive: batch.positive(), protected: batch.protected() }
}

/// Whether a batch has the members that a regularizer needs. Without a regularizer it needs none.
pub(crate) fn has_group(regularizer: Option<Regularizer>, batch: &Batch) -> bool {
    regularizer.is_none_or(|regularizer| regularizer.has_members(rows(batch)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Local;
    use crate::vectors::{norm, plus};
    use fairness::{Notion, Reading};
    use meta::algorithm::FAIR_MAML;
    use mlp::Activation;

    fn batch(protected: [bool; 4]) -> Batch {
        let x = vec![0.3, -1.0, 0.7, 0.2, -0.5, 1.5, 1.0, 0.1];
        Batch::new(2, x, vec![true, false, true, false], protected.to_vec()).unwrap()
    }

    fn check(notion: Notion, protected: [bool; 4], test: impl Fn(&Subject<'_>, &[f64])) {
        let network = Network::new(&[2, 3, 2], Activation::Tanh).unwrap();
        let theta: Vec<f64> = (0..network.parameter_count()).map(|i| (i as f64).sin()).collect();
        let episode = Episode { support: batch(protected), query: batch(protected) };
        let subject = Subject {
            network: &network,
            regularizer: Some(Regularizer { notion, reading: Reading::GroupMean }),
            gamma: 1.5,
            algorithm: FAIR_MAML,
            inner: InnerLoop::new(0.3, 2).unwrap(),
            episode: &episode,
        };
        test(&subject, &theta);
    }

    #[test]
    fn the_parts_of_the_loss_add_up() {
        for &notion in Notion::ALL {
            check(notion, [true, false, false, true], |subject, theta| {
                let support = &subject.episode.support;
                let whole = Local::at(&subject.support(), theta);
                let loss = Local::at(&subject.cross_entropy(support), theta);
                let penalty = Local::at(&subject.penalty(support), theta);
                assert!((loss.value() + penalty.value() - whole.value()).abs() < 1e-14);
                let sum = plus(loss.gradient(), 1.0, penalty.gradient());
                assert!(norm(&plus(&sum, -1.0, whole.gradient())) < 1e-14);
            });
        }
    }

    /// A gap between a group and nobody is exactly 0, and so is its gradient.
    #[test]
    fn an_absent_group_has_no_gradient() {
        let gap = Notion::named("demographic-parity-gap").unwrap();
        check(gap, [true; 4], |subject, theta| {
            let penalty = Local::at(&subject.penalty(&subject.episode.support), theta);
            assert_eq!((penalty.value(), norm(penalty.gradient())), (0.0, 0.0));
        });
    }

    #[test]
    fn without_a_regularizer_nothing_is_fairness() {
        check(Notion::DEMOGRAPHIC_PARITY, [true, false, true, false], |subject, theta| {
            let subject = Subject { regularizer: None, ..*subject };
            let split = subject.split(&mut subject.path(theta).unwrap());
            assert_eq!((norm(&split.fairness_first), norm(&split.fairness_second)), (0.0, 0.0));
        });
    }

    /// The four parts sum to the exact meta-gradient of the algorithm.
    #[test]
    fn the_split_is_exact() {
        check(Notion::DEMOGRAPHIC_PARITY, [true, false, true, false], |subject, theta| {
            let (support, query) = (subject.support(), subject.query());
            let mut workspace = meta::Workspace::new();
            let problem = subject.inner_problem(&support);
            let exact = FAIR_MAML.meta_gradient(&problem, &query, theta, &mut workspace).to_vec();
            let split = subject.split(&mut subject.path(theta).unwrap());
            let error = norm(&plus(&split.exact(), -1.0, &exact));
            assert!(error < 1e-13 * norm(&exact), "{error}");
            assert!(split.sizes().second > 1e-3);
        });
    }
}
