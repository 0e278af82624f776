//! Results as CSV: records, learning curves, means over seeds, effects of readings.

use std::borrow::Cow;

use experiment::results::compare::{Quantity, accuracy, opportunity, parity};
use experiment::results::outcome::Stage;
use experiment::results::study::{Study, Variant};
use experiment::results::summary::{Metric, Row};
use serde::Serialize;

use crate::error::{Error, Result};

/// Rows with a header, as CSV.
pub fn csv<T: Serialize>(file: &'static str, rows: impl IntoIterator<Item = T>) -> Result<String> {
    report::csv::csv(rows).map_err(|reason| Error::Format { file, reason })
}

/// One metric of one row of the summary: the long format, as statistics programs expect.
#[derive(Serialize)]
pub struct SummaryLine {
    problem: &'static str,
    method: Cow<'static, str>,
    notion: Option<fairness::Notion>,
    gamma: f64,
    target: Option<f64>,
    stage: Stage,
    rate: Option<f64>,
    steps: u64,
    adaptation_gamma: Option<f64>,
    support_rows: usize,
    metric: &'static str,
    mean: Option<f64>,
    low_95: Option<f64>,
    high_95: Option<f64>,
    runs: usize,
    defined: usize,
    undefined: usize,
}

/// The summary, a line for each metric of each row.
pub fn summary_lines(rows: &[Row]) -> impl Iterator<Item = SummaryLine> {
    rows.iter().flat_map(|row| {
        let line = |metric, value: &Metric| {
            let interval = value.over_seeds.and_then(|mean| mean.interval);
            SummaryLine {
                problem: row.problem,
                method: row.label.clone(),
                notion: row.notion,
                gamma: row.gamma,
                target: row.target,
                stage: row.stage,
                rate: row.rate,
                steps: row.steps,
                adaptation_gamma: row.adaptation_gamma,
                support_rows: row.support_rows,
                metric,
                mean: value.over_seeds.map(|mean| mean.mean),
                low_95: interval.map(|interval| interval.0),
                high_95: interval.map(|interval| interval.1),
                runs: value.over_seeds.map_or(0, |mean| mean.values),
                defined: value.defined,
                undefined: value.undefined,
            }
        };
        [
            line("accuracy", &row.accuracy),
            line("demographic_parity_ratio", &row.demographic_parity_ratio),
            line("equal_opportunity_ratio", &row.equal_opportunity_ratio),
            line("parity", &row.demographic_parity_closeness),
            line("opportunity", &row.equal_opportunity_closeness),
            line("equalized_odds_difference", &row.equalized_odds_difference),
        ]
    })
}

/// A point of a learning curve, and the number of batches without the regularized group in the
/// whole training.
#[derive(Serialize)]
pub struct TrainingLine {
    seed: u64,
    method: Cow<'static, str>,
    notion: Option<fairness::Notion>,
    gamma: f64,
    iteration: u64,
    mean_loss: f64,
    batches_in_all: Option<u64>,
    batches_without_group: Option<u64>,
}

/// The learning curves of every training.
pub fn training_lines(study: &Study) -> impl Iterator<Item = TrainingLine> {
    study.trained.iter().flat_map(move |run| {
        run.curve.iter().map(move |&(iteration, mean_loss)| TrainingLine {
            seed: run.seed,
            method: study.plan.label(run.arm),
            notion: run.arm.notion,
            gamma: run.arm.gamma,
            iteration,
            mean_loss,
            batches_in_all: run.absent.map(|absent| absent.batches),
            batches_without_group: run.absent.map(|absent| absent.absent),
        })
    })
}

/// The effect of a reading on one metric of one method.
#[derive(Serialize)]
pub struct AblationLine {
    problem: &'static str,
    decision: String,
    reading: String,
    method: Cow<'static, str>,
    gamma: f64,
    target: Option<f64>,
    metric: &'static str,
    mean: Option<f64>,
    change: Option<f64>,
    change_low_95: Option<f64>,
    change_high_95: Option<f64>,
    runs: usize,
    defined: usize,
    undefined: usize,
    stopped: usize,
}

/// One line for each metric of each method under each reading. Changes are paired with the
/// reference, the first variant.
pub fn ablation_lines(variants: &[Variant]) -> impl Iterator<Item = AblationLine> {
    let metrics: [(&'static str, Quantity); 3] =
        [("accuracy", accuracy), ("parity", parity), ("opportunity", opportunity)];
    let reference = &variants[0];
    let problem = reference.plan.problem.name();
    let arms = variants
        .iter()
        .flat_map(|variant| variant.plan.arms().into_iter().map(move |arm| (variant, arm)));
    arms.flat_map(move |(variant, arm)| {
        metrics.map(|(metric, quantity)| {
            let ours = variant.shown(arm);
            let value = ours.mean(quantity);
            let change = variant.change_from(reference, arm, quantity).mean;
            let (decision, reading) = variant.names();
            AblationLine {
                problem,
                decision: decision.into(),
                reading: reading.into(),
                method: reference.plan.label(arm),
                gamma: arm.gamma,
                target: arm.target,
                metric,
                mean: value.mean.map(|mean| mean.mean),
                change: change.map(|change| change.mean),
                change_low_95: change.and_then(|change| change.interval).map(|ends| ends.0),
                change_high_95: change.and_then(|change| change.interval).map(|ends| ends.1),
                runs: value.mean.map_or(0, |mean| mean.values),
                defined: value.tasks - value.undefined,
                undefined: value.undefined,
                stopped: variant.stopped(arm).count(),
            }
        })
    })
}
