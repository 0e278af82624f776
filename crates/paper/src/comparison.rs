//! Paired differences between the compared meta-learning algorithms and the first one.
//!
//! Both sides have the same regularizer and γ, and the same tasks, support rows and query rows.

use std::borrow::Cow;

use fairness::Notion;
use serde::Serialize;

use crate::cell::{mean, regularizer};
use crate::claims::Results;
use experiment::plan::arm::{Arm, MethodName};
use experiment::results::compare::{
    Compared, Quantity, SettingRecords, accuracy, opportunity, parity,
};
use experiment::results::study::Study;
use report::page::Table;

/// The compared quantities.
const METRICS: [(&str, Quantity); 3] =
    [("accuracy", accuracy), ("parity", parity), ("opportunity", opportunity)];

/// A compared algorithm minus the first one, at one regularizer and γ.
struct Difference {
    arm: Arm,
    first: Arm,
    values: [Compared; 3],
}

/// A difference for each arm of a compared algorithm that the first one has too.
fn differences(study: &Study) -> Vec<Difference> {
    let results = Results::from(study);
    let difference = |(arm, theirs): (Arm, SettingRecords<'_>)| {
        let first = Arm { notion: arm.notion, gamma: arm.gamma, ..Arm::plain(MethodName::Meta) };
        let ours = results.shown(first);
        let values = METRICS.map(|(_, quantity)| theirs.minus(&ours, quantity));
        (!ours.is_empty()).then_some(Difference { arm, first, values })
    };
    let compared = study.plan.compared.iter();
    compared.flat_map(|&algorithm| results.compared(algorithm)).filter_map(difference).collect()
}

/// The head and the rows of a table. There are no rows if no algorithms are compared.
pub fn cells(study: &Study) -> (Vec<String>, Vec<Vec<String>>) {
    let head = ["difference", "regularizer, γ", "accuracy", "parity", "opportunity", "undefined"];
    let row = |Difference { arm, first, values }: Difference| {
        let (ours, theirs) = (study.plan.label(arm), study.plan.label(first));
        let [_, parity, opportunity] = &values;
        let undefined =
            format!("{} + {} of {}", parity.undefined, opportunity.undefined, parity.tasks);
        let [accuracy, parity, opportunity] = values.map(|value| mean(value, true));
        let setting = regularizer(arm.notion, arm.gamma);
        vec![format!("{ours} − {theirs}"), setting, accuracy, parity, opportunity, undefined]
    };
    (head.map(String::from).into(), differences(study).into_iter().map(row).collect())
}

/// What the table shows.
pub const CAPTION: &str =
    "Meta-learning algorithms: paired differences at the same regularizer, with 95% intervals";

/// The table of the report. `None` if no algorithms are compared.
pub fn table(study: &Study) -> Option<Table> {
    let (head, rows) = cells(study);
    (!rows.is_empty()).then(|| Table { caption: CAPTION.into(), head, rows, numeric_from: 2 })
}

/// One metric of one difference.
#[derive(Serialize)]
pub struct Line {
    problem: &'static str,
    method: Cow<'static, str>,
    minus: Cow<'static, str>,
    notion: Option<Notion>,
    gamma: f64,
    metric: &'static str,
    difference: Option<f64>,
    low_95: Option<f64>,
    high_95: Option<f64>,
    runs: usize,
    defined: usize,
    undefined: usize,
}

/// A line for each metric of each difference.
pub fn lines(study: &Study) -> Vec<Line> {
    let plan = &study.plan;
    let of = |Difference { arm, first, values }: Difference| {
        let line = move |((metric, _), value): ((&'static str, Quantity), Compared)| {
            let interval = value.mean.and_then(|mean| mean.interval);
            Line {
                problem: plan.problem.name(),
                method: plan.label(arm),
                minus: plan.label(first),
                notion: arm.notion,
                gamma: arm.gamma,
                metric,
                difference: value.mean.map(|mean| mean.mean),
                low_95: interval.map(|ends| ends.0),
                high_95: interval.map(|ends| ends.1),
                runs: value.mean.map_or(0, |mean| mean.values),
                defined: value.tasks - value.undefined,
                undefined: value.undefined,
            }
        };
        METRICS.into_iter().zip(values).map(line)
    };
    differences(study).into_iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::defaults;
    use experiment::planted::{Cell, study};
    use meta::algorithm::{FAIR_MAML, FIRST_ORDER};

    /// FOMAML is planted 0.1 less accurate, and half as close to parity.
    fn planted(cell: Cell) -> (f64, f64) {
        let change = if cell.arm.algorithm == Some(FIRST_ORDER) { (0.1, 0.5) } else { (0.0, 1.0) };
        (0.8 - change.0 - 0.001 * cell.seed as f64, 0.6 * change.1)
    }

    #[test]
    fn differences_are_of_the_same_regularizer() {
        let plan = defaults::comparing(defaults::synthetic(), &[FIRST_ORDER, FAIR_MAML]).unwrap();
        let study = study(plan, planted);
        let (_, rows) = cells(&study);
        let names: Vec<[&str; 2]> = rows.iter().map(|row| [&*row[0], &*row[1]]).collect();
        let fair = "Fair-FOMAML − Fair-MAML";
        assert_eq!(
            names,
            [
                ["FOMAML − MAML", "none"],
                [fair, "parity, 0.1"],
                [fair, "parity, 1"],
                [fair, "parity, 10"],
            ]
        );
        for row in rows {
            assert_eq!(row[2..4], ["−0.100 ± 0.000", "−0.300 ± 0.000"]);
        }
        assert_eq!(lines(&study).len(), 4 * METRICS.len());
    }

    /// A single algorithm leaves no table and no file.
    #[test]
    fn one_algorithm_is_compared_with_nothing() {
        let study = study(defaults::synthetic(), planted);
        assert_eq!(table(&study), None);
        let files = crate::files::files(&study, &[]).unwrap();
        assert!(files.iter().all(|(name, _)| !name.contains("algorithms")));
    }
}
