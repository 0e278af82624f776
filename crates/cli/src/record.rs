//! One line of the results: the decisions of one classifier on one task, as rates.

use fairness::Notion;
use serde::Serialize;

use crate::arm::Algorithm;
use crate::outcome::{Adaptation, Outcome, Stage};
use crate::train::Trained;

/// Decisions on the query rows of one task. Undefined values are empty cells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Record {
    pub problem: &'static str,
    pub seed: u64,
    pub method: &'static str,
    #[serde(skip)]
    pub algorithm: Algorithm,
    pub notion: Option<Notion>,
    pub gamma: f64,
    pub stage: Stage,
    pub rate: Option<f64>,
    pub steps: u64,
    pub task: String,
    pub support_rows: usize,
    pub query_rows: u64,
    pub query_positive: u64,
    pub query_protected: u64,
    pub query_protected_positive: u64,
    pub positive_rate: Option<f64>,
    pub accuracy: Option<f64>,
    pub protected_accuracy: Option<f64>,
    pub unprotected_accuracy: Option<f64>,
    pub protected_positive_rate: Option<f64>,
    pub unprotected_positive_rate: Option<f64>,
    pub protected_true_positive_rate: Option<f64>,
    pub unprotected_true_positive_rate: Option<f64>,
    pub protected_false_positive_rate: Option<f64>,
    pub unprotected_false_positive_rate: Option<f64>,
    pub demographic_parity_ratio: Option<f64>,
    pub equal_opportunity_ratio: Option<f64>,
    pub equalized_odds_difference: Option<f64>,
}

impl Record {
    /// The record of one outcome of a training.
    fn new(problem: &'static str, run: &Trained, outcome: &Outcome) -> Self {
        let (arm, counts) = (run.arm, &outcome.counts);
        let metrics = counts.metrics();
        let (protected, others) = (metrics.protected, metrics.unprotected);
        let Adaptation { stage, rate, steps } = outcome.adaptation;
        Record {
            problem,
            seed: run.seed,
            method: arm.method(),
            algorithm: arm.algorithm,
            notion: arm.notion,
            gamma: arm.gamma,
            stage,
            rate,
            steps,
            task: outcome.task.clone(),
            support_rows: outcome.support_rows,
            query_rows: counts.overall().total(),
            query_positive: counts.overall().positives(),
            query_protected: counts.protected.total(),
            query_protected_positive: counts.protected.positives(),
            positive_rate: metrics.overall.positive_rate,
            accuracy: metrics.overall.accuracy,
            protected_accuracy: protected.accuracy,
            unprotected_accuracy: others.accuracy,
            protected_positive_rate: protected.positive_rate,
            unprotected_positive_rate: others.positive_rate,
            protected_true_positive_rate: protected.true_positive_rate,
            unprotected_true_positive_rate: others.true_positive_rate,
            protected_false_positive_rate: protected.false_positive_rate,
            unprotected_false_positive_rate: others.false_positive_rate,
            demographic_parity_ratio: metrics.demographic_parity_ratio,
            equal_opportunity_ratio: metrics.equal_opportunity_ratio,
            equalized_odds_difference: metrics.equalized_odds.largest_difference,
        }
    }
}

/// The records of some outcomes of every training.
pub fn records<'a>(
    problem: &'static str,
    trained: &'a [Trained],
    outcomes: impl Fn(&'a Trained) -> &'a [Outcome],
) -> Vec<Record> {
    let of_run = |run| outcomes(run).iter().map(move |outcome| Record::new(problem, run, outcome));
    trained.iter().flat_map(of_run).collect()
}
