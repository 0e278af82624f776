//! One line of the results: the decisions of one set of weights on one task.

use fairness::Notion;
use fairness::metrics::GroupCounts;
use serde::Serialize;

use crate::plan::{Algorithm, Arm};
use crate::prepare::Test;

/// Whether weights were evaluated as learned or after adaptation to the task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// As learned.
    Before,
    /// After the step(s) on the K support rows.
    After,
}

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
    pub task: String,
    pub support_rows: usize,
    pub query_rows: usize,
    pub query_protected: u64,
    pub query_protected_positive: u64,
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
    /// The record of `counts`, the decisions on the query rows of `test`.
    pub fn new(
        problem: &'static str,
        seed: u64,
        arm: Arm,
        stage: Stage,
        rate: Option<f64>,
        test: &Test,
        counts: &GroupCounts,
    ) -> Self {
        let metrics = counts.metrics();
        let (protected, others) = (metrics.protected, metrics.unprotected);
        Record {
            problem,
            seed,
            method: arm.method(),
            algorithm: arm.algorithm,
            notion: arm.notion,
            gamma: arm.gamma,
            stage,
            rate,
            task: test.name.clone(),
            support_rows: test.episode.support.rows(),
            query_rows: test.episode.query.rows(),
            query_protected: counts.protected.total(),
            query_protected_positive: counts.protected.positives(),
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
