//! From the result of training to a classifier for a new task.

use baselines::Encoder;
use fairness::Regularizer;
use fairness::metrics::GroupCounts;
use meta::algorithm::FAIR_MAML;
use meta::{AnyAlgorithm, InnerLoop, adapt_to, decisions, probabilities};
use mlp::Network;
use tasks::{Batch, Episode};

use crate::error::{Error, Result};
use crate::plan::{Arm, Plan};
use crate::results::outcome::{Adaptation, Stage};

/// A classifier.
pub enum Classifier {
    /// A network on the features.
    Network(Network, Vec<f64>),
    /// A network on the code of the features.
    Coded(Encoder, Network, Vec<f64>),
    /// A constant decision.
    Constant(bool),
}

impl Classifier {
    /// P(class 1) of each row; a constant decision is certain.
    pub fn scores(&self, rows: &Batch) -> Result<Vec<f64>> {
        Ok(match self {
            Classifier::Network(network, theta) => probabilities(network, theta, rows.x())?,
            Classifier::Coded(encoder, network, theta) => {
                probabilities(network, theta, encoder.encode(rows)?.x())?
            }
            Classifier::Constant(decision) => vec![f64::from(u8::from(*decision)); rows.rows()],
        })
    }

    /// Its decisions on the rows, counted by label and group.
    pub fn decide(&self, rows: &Batch) -> Result<GroupCounts> {
        Ok(match self {
            Classifier::Network(network, theta) => decisions(network, theta, rows)?,
            Classifier::Coded(encoder, network, theta) => {
                decisions(network, theta, &encoder.encode(rows)?)?
            }
            Classifier::Constant(decision) => {
                let everybody = vec![*decision; rows.rows()];
                GroupCounts::tally(&everybody, rows.positive(), rows.protected())
            }
        })
    }
}

/// An arm of a plan in one run.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The arm.
    pub arm: Arm,
    /// The run.
    pub seed: u64,
}

impl Run<'_> {
    /// Its name in errors.
    pub fn name(&self) -> String {
        let (problem, method) = (self.plan.problem.name(), self.plan.label(self.arm));
        format!("{problem}, {method} with gamma {:?}, seed {}", self.arm.gamma, self.seed)
    }

    /// Adds run and task to the error of a classifier that has no probability for a row.
    pub fn at(&self, task: &str, error: Error) -> Error {
        match error {
            Error::Probability(source) => {
                Error::Decision { run: self.name(), task: task.into(), source }
            }
            other => other,
        }
    }

    /// The γ of a step: that of training, unless the adaptation has its own.
    pub fn gamma(&self, adaptation: Adaptation) -> f64 {
        adaptation.gamma.unwrap_or(self.arm.gamma)
    }

    /// The regularizer of a step with weight `gamma`; none at 0.
    pub fn regularizer(&self, gamma: f64) -> Option<Regularizer> {
        let notion = self.arm.notion.unwrap_or(self.plan.sweeps[0].notion);
        self.plan.regularizer(Arm::regularized(self.arm.method, notion, gamma))
    }

    /// The plan's network after `algorithm` has adapted `learned` to all support rows.
    ///
    /// # Errors
    /// If the weights overflow.
    pub fn stepped(
        &self,
        algorithm: AnyAlgorithm,
        learned: &[f64],
        adaptation: Adaptation,
        (task, episode): (&str, &Episode),
    ) -> Result<Classifier> {
        let adapted = match adaptation.stage {
            Stage::Before => learned[..self.plan.network.parameter_count()].to_vec(),
            Stage::After => self.step(algorithm, learned, adaptation, (task, episode), 0)?,
        };
        Ok(Classifier::Network(self.plan.network.clone(), adapted))
    }

    /// The network after one step on each support row in turn.
    ///
    /// # Errors
    /// If the weights overflow.
    pub fn stepped_row_by_row(
        &self,
        theta: &[f64],
        adaptation: Adaptation,
        (task, episode): (&str, &Episode),
    ) -> Result<Classifier> {
        let nobody = episode.query.select(&[]);
        let rows = match adaptation.stage {
            Stage::Before => 0,
            Stage::After => episode.support.rows(),
        };
        let adapted = (0..rows).try_fold(theta.to_vec(), |theta, row| {
            let support = episode.support.select(&[row]);
            let episode = Episode { support, query: nobody.clone() };
            self.step(FAIR_MAML, &theta, adaptation, (task, &episode), row)
        })?;
        Ok(Classifier::Network(self.plan.network.clone(), adapted))
    }

    /// The steps of an adaptation; `before` steps are done already.
    fn step(
        &self,
        algorithm: AnyAlgorithm,
        learned: &[f64],
        adaptation: Adaptation,
        (task, episode): (&str, &Episode),
        before: usize,
    ) -> Result<Vec<f64>> {
        let gamma = self.gamma(adaptation);
        let inner = InnerLoop::new(adaptation.rate.unwrap_or(0.0), adaptation.steps as usize)?
            .with_implicit(self.plan.adaptation().implicit())?;
        let (network, regularizer) = (&self.plan.network, self.regularizer(gamma));
        adapt_to(network, regularizer, gamma, algorithm, inner, learned, episode).map_err(
            |mut source| {
                source.steps += before;
                Error::Adaptation { run: self.name(), task: task.into(), source }
            },
        )
    }
}
