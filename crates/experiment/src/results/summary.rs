//! Means over the runs.

use std::borrow::Cow;

use fairness::Notion;
use meta::AnyAlgorithm;
use serde::Serialize;

use crate::plan::arm::{Arm, MethodName};
use crate::results::compare::{Compared, Quantity, SettingRecords};
use crate::results::outcome::{Adaptation, Stage};
use crate::results::record::Record;
use report::mean::Mean;

/// A metric over all seeds: the mean over the tasks of each seed, then over the seeds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Metric {
    /// Mean and interval over seeds; `None` if it is undefined in every seed.
    #[serde(flatten)]
    pub over_seeds: Option<Mean>,
    /// The number of defined values of single tasks.
    pub defined: usize,
    /// The number of undefined values: a group is empty or never gets the positive class.
    pub undefined: usize,
}

impl From<Compared> for Metric {
    fn from(Compared { mean, undefined, tasks, .. }: Compared) -> Self {
        Metric { over_seeds: mean, defined: tasks - undefined, undefined }
    }
}

/// One method at one setting, over all seeds and tasks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The problem.
    pub problem: &'static str,
    /// The name of the method in tables.
    #[serde(rename = "method")]
    pub label: Cow<'static, str>,
    /// The method.
    #[serde(skip)]
    pub method: MethodName,
    /// The meta-learning algorithm; that of the plan if `None`.
    #[serde(skip)]
    pub algorithm: Option<AnyAlgorithm>,
    /// The notion of the regularizer or of the thresholds.
    pub notion: Option<Notion>,
    /// γ
    pub gamma: f64,
    /// The target parity, or the share that a coin accepts.
    pub target: Option<f64>,
    /// Before or after adaptation.
    pub stage: Stage,
    /// The rate of the steps.
    pub rate: Option<f64>,
    /// Gradient steps, or epochs.
    pub steps: u64,
    /// The γ of the steps, if it differs from training.
    pub adaptation_gamma: Option<f64>,
    /// The number of support rows.
    pub support_rows: usize,
    /// Accuracy.
    pub accuracy: Metric,
    /// The parity ratio r.
    pub demographic_parity_ratio: Metric,
    /// The opportunity ratio r.
    pub equal_opportunity_ratio: Metric,
    /// Parity, min(r, 1/r).
    pub demographic_parity_closeness: Metric,
    /// Opportunity, min(r, 1/r).
    pub equal_opportunity_closeness: Metric,
    /// The equalized-odds difference.
    pub equalized_odds_difference: Metric,
}

impl Row {
    /// The adaptation of its classifiers.
    pub fn adaptation(&self) -> Adaptation {
        let Row { stage, rate, steps, adaptation_gamma: gamma, .. } = *self;
        Adaptation { stage, rate, steps, gamma }
    }

    /// The arm of the row.
    pub fn arm(&self) -> Arm {
        let Row { method, notion, gamma, target, algorithm, .. } = *self;
        Arm { method, notion, gamma, target, algorithm }
    }
}

/// Rows of records that share all but seed and task, in the order they first appear.
pub fn summarize(records: &[Record]) -> Vec<Row> {
    let same = |a: &Record, b: &Record| {
        (a.problem, a.arm(), a.adaptation(), a.support_rows)
            == (b.problem, b.arm(), b.adaptation(), b.support_rows)
    };
    let mut groups: Vec<Vec<&Record>> = Vec::new();
    for record in records {
        match groups.iter_mut().find(|group| same(group[0], record)) {
            Some(group) => group.push(record),
            None => groups.push(vec![record]),
        }
    }
    groups.iter().map(|group| row(group)).collect()
}

fn row(records: &[&Record]) -> Row {
    let first = records[0];
    let setting = SettingRecords::from(records);
    let rate = |quantity: Quantity| setting.mean(quantity).into();
    let ratio = |quantity: Quantity| setting.mean_ratio(quantity).into();
    Row {
        problem: first.problem,
        label: first.label.clone(),
        method: first.method,
        algorithm: first.algorithm,
        notion: first.notion,
        gamma: first.gamma,
        target: first.target,
        stage: first.stage,
        rate: first.rate,
        steps: first.steps,
        adaptation_gamma: first.adaptation_gamma,
        support_rows: first.support_rows,
        accuracy: rate(|record| record.accuracy),
        demographic_parity_ratio: ratio(|record| record.demographic_parity_ratio),
        equal_opportunity_ratio: ratio(|record| record.equal_opportunity_ratio),
        demographic_parity_closeness: rate(|record| record.demographic_parity_closeness),
        equal_opportunity_closeness: rate(|record| record.equal_opportunity_closeness),
        equalized_odds_difference: rate(|record| record.equalized_odds_difference),
    }
}
