//! What training leaves behind, and how it becomes a classifier for a new task.

use baselines::{Encoder, fit};
use fairness::metrics::GroupCounts;
use meta::{InnerLoop, adapt_to, decisions};
use mlp::{Activation, Initialization, Network};
use serde::{Deserialize, Serialize};
use tasks::{Batch, Episode, Purpose, stream};

use crate::arm::{Algorithm, Arm};
use crate::error::{Error, Result};
use crate::outcome::{Adaptation, Stage};
use crate::plan::{FineTuning, LaftrPlan, Plan};

/// The stream of a fresh network's weights on LAFTR's codes, among those of initial weights.
const TRANSFER: u64 = 100;

/// What a method knows before it sees the new task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Learned {
    /// Weights of the plan's network, learned or fresh.
    Weights(Vec<f64>),
    /// A fair code.
    Code(Encoder),
    /// The decision for everybody.
    Decision(bool),
}

/// Decides about rows.
pub enum Classifier {
    /// A network on the features.
    Network(Network, Vec<f64>),
    /// A network on the code of the features.
    Coded(Encoder, Network, Vec<f64>),
    /// The same for everybody.
    Constant(bool),
}

impl Classifier {
    /// Its decisions on the rows, counted by label and group.
    pub fn decide(&self, rows: &Batch) -> Result<GroupCounts> {
        Ok(match self {
            Classifier::Network(network, theta) => decisions(network, theta, rows),
            Classifier::Coded(encoder, network, theta) => {
                decisions(network, theta, &encoder.encode(rows)?)
            }
            Classifier::Constant(decision) => {
                let everybody = vec![*decision; rows.rows()];
                GroupCounts::tally(&everybody, rows.positive(), rows.protected())
            }
        })
    }
}

/// An arm of a plan, and which of its runs.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    pub plan: &'a Plan,
    pub arm: Arm,
    pub seed: u64,
}

impl Run<'_> {
    /// What errors call it.
    pub fn name(&self) -> String {
        let (problem, method) = (self.plan.problem.name(), self.arm.method());
        format!("{problem}, {method} with gamma {:?}, seed {}", self.arm.gamma, self.seed)
    }

    /// Every way in which the arm is adapted to a new task.
    pub fn adaptations(&self) -> Vec<Adaptation> {
        let plan = self.plan;
        match self.arm.algorithm {
            Algorithm::Meta | Algorithm::PublishedCode => {
                let inner = plan.adaptation();
                vec![Adaptation::BEFORE, Adaptation::after(inner.rate(), inner.steps() as u64)]
            }
            Algorithm::Pretrained => {
                let fine_tuning = |&rate: &f64| Adaptation::after(rate, 1);
                let rates = plan.fine_tuning_rates.iter().map(fine_tuning);
                std::iter::once(Adaptation::BEFORE).chain(rates).collect()
            }
            Algorithm::Laftr => plan.laftr.iter().flat_map(LaftrPlan::adaptations).collect(),
            Algorithm::Scratch => {
                vec![Adaptation::after(plan.scratch.rate, plan.scratch.epochs.get())]
            }
            Algorithm::Majority => vec![Adaptation::BEFORE],
        }
    }

    /// The way of them that tables and figures show.
    pub fn shown(&self) -> Adaptation {
        match self.arm.algorithm {
            Algorithm::Pretrained => Adaptation::after(self.plan.fine_tuning_shown, 1),
            _ => *self.adaptations().last().expect("at least one way"),
        }
    }

    /// The classifier that `learned` becomes on the support rows of `episode`.
    pub fn adapt(
        &self,
        learned: &Learned,
        adaptation: Adaptation,
        (task, episode): (&str, &Episode),
    ) -> Result<Classifier> {
        let network = &self.plan.network;
        let theta = match learned {
            Learned::Decision(decision) => return Ok(Classifier::Constant(*decision)),
            Learned::Code(encoder) => return self.transfer(encoder, adaptation, (task, episode)),
            Learned::Weights(theta) => theta,
        };
        let adapted = match (adaptation.stage, adaptation.rate) {
            (Stage::Before, _) | (_, None) => theta.clone(),
            (Stage::After, Some(rate)) => {
                self.descend(theta, rate, adaptation.steps, (task, episode))?
            }
        };
        Ok(Classifier::Network(network.clone(), adapted))
    }

    /// The plan's network from `theta`, after steps on the support rows.
    fn descend(
        &self,
        theta: &[f64],
        rate: f64,
        steps: u64,
        (task, episode): (&str, &Episode),
    ) -> Result<Vec<f64>> {
        let (network, regularizer) = (&self.plan.network, self.plan.regularizer(self.arm));
        let gamma = self.arm.gamma;
        if self.arm.algorithm == Algorithm::Scratch {
            return fit(network, regularizer, gamma, rate, steps as usize, theta, &episode.support)
                .map_err(|source| Error::Fit { run: self.name(), task: task.into(), source });
        }
        let inner = InnerLoop::new(rate, steps as usize)?;
        let step = |theta: &[f64], episode: &Episode, before: usize| {
            let adapted = adapt_to(network, regularizer, gamma, inner, theta, episode);
            adapted.map_err(|mut source| {
                source.steps += before;
                Error::Adaptation { run: self.name(), task: task.into(), source }
            })
        };
        match (self.arm.algorithm, self.plan.fine_tuning) {
            (Algorithm::Pretrained, FineTuning::RowByRow) => {
                let nobody = episode.query.select(&[]);
                (0..episode.support.rows()).try_fold(theta.to_vec(), |theta, row| {
                    let support = episode.support.select(&[row]);
                    step(&theta, &Episode { support, query: nobody.clone() }, row)
                })
            }
            _ => step(theta, episode, 0),
        }
    }

    /// A fresh network, trained on the coded support rows.
    fn transfer(
        &self,
        encoder: &Encoder,
        adaptation: Adaptation,
        (task, episode): (&str, &Episode),
    ) -> Result<Classifier> {
        let laftr = self.plan.laftr.as_ref().expect("the plan of a code");
        let support = encoder.encode(&episode.support)?;
        let layers = [support.features(), laftr.hidden.get(), 2];
        let network = Network::new(&layers, Activation::LeakyRelu)?;
        let mut rng = stream(self.seed, Purpose::Initialization, 0, TRANSFER);
        let theta = network.initialize(Initialization::He, &mut rng);
        let theta =
            fit(&network, None, 0.0, laftr.rate, adaptation.steps as usize, &theta, &support)
                .map_err(|source| Error::Fit { run: self.name(), task: task.into(), source })?;
        Ok(Classifier::Coded(encoder.clone(), network, theta))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two support rows on a line, x = 2 positive and x = −1 negative.
    fn line() -> Episode {
        let support = Batch::new(1, vec![2.0, -1.0], vec![true, false], vec![false, true]).unwrap();
        let query = support.clone();
        Episode { support, query }
    }

    /// The weights of a network without hidden layers after one step from 0.
    fn adapted(
        fine_tuning: FineTuning,
        algorithm: Algorithm,
        rate: f64,
        episode: &Episode,
    ) -> Result<Vec<f64>> {
        let network = Network::new(&[1, 2], Activation::Relu).unwrap();
        let plan = Plan { network, fine_tuning, ..Plan::synthetic() };
        let run = Run { plan: &plan, arm: Arm::plain(algorithm), seed: 0 };
        run.descend(&[0.0; 4], rate, 1, ("line", episode))
    }

    /// Logistic regression by hand. With a difference of logits d = w x + b, the loss of a positive
    /// row has the slope p − 1 in it, that of a negative row p, where p = 1 / (1 + e⁻ᵈ).
    #[test]
    fn rows_one_by_one_or_all_at_once() {
        let slope =
            |(w, b): (f64, f64), x: f64, label: f64| 1.0 / (1.0 + (-(w * x + b)).exp()) - label;
        // Both logits move, so their difference moves twice as far.
        let step = |(w, b): (f64, f64), (dw, db): (f64, f64)| (w - 0.2 * dw, b - 0.2 * db);
        let of = |at, x: f64, label| (slope(at, x, label) * x, slope(at, x, label));
        let (first, second) = (of((0.0, 0.0), 2.0, 1.0), of((0.0, 0.0), -1.0, 0.0));
        let mean = ((first.0 + second.0) / 2.0, (first.1 + second.1) / 2.0);
        let at_once = step((0.0, 0.0), mean);
        let after_first = step((0.0, 0.0), first);
        let one_by_one = step(after_first, of(after_first, -1.0, 0.0));

        for (fine_tuning, expected) in
            [(FineTuning::AllRows, at_once), (FineTuning::RowByRow, one_by_one)]
        {
            let theta = adapted(fine_tuning, Algorithm::Pretrained, 0.1, &line()).unwrap();
            let found = (theta[1] - theta[0], theta[3] - theta[2]);
            let error = (found.0 - expected.0).abs().max((found.1 - expected.1).abs());
            assert!(error < 1e-14, "{fine_tuning:?}: {found:?}, expected {expected:?}");
        }
    }

    #[test]
    fn only_the_pretrained_network_goes_row_by_row() {
        let adapt = |fine_tuning, algorithm| adapted(fine_tuning, algorithm, 0.1, &line()).unwrap();
        let [all, rows] = [FineTuning::AllRows, FineTuning::RowByRow];
        assert_eq!(adapt(all, Algorithm::Meta), adapt(rows, Algorithm::Meta));
        assert_ne!(adapt(all, Algorithm::Pretrained), adapt(rows, Algorithm::Pretrained));
    }

    #[test]
    fn an_overflow_says_after_how_many_rows() {
        let x = vec![1.0, -1e200];
        let support = Batch::new(1, x, vec![true, false], vec![false, true]).unwrap();
        let episode = Episode { support, ..line() };
        let error = adapted(FineTuning::RowByRow, Algorithm::Pretrained, 1e200, &episode);
        let error = error.unwrap_err().to_string();
        assert!(error.contains("after 2 step(s)"), "{error}");
    }
}
