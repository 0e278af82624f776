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
use meta::AnyAlgorithm;
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

/// A difference for each arm of a compared algorithm that the first one has too. It has no value if
/// all runs of one of them stopped.
fn differences(study: &Study) -> Vec<Difference> {
    let results = Results::from(study);
    let arms = study.plan.arms();
    let difference = |(arm, theirs): (Arm, SettingRecords<'_>)| {
        let first = Arm { notion: arm.notion, gamma: arm.gamma, ..Arm::plain(MethodName::Meta) };
        let ours = results.shown(first);
        let values = METRICS.map(|(_, quantity)| theirs.minus(&ours, quantity));
        arms.contains(&first).then_some(Difference { arm, first, values })
    };
    let of = |&algorithm: &AnyAlgorithm| {
        let mut found = results.compared(algorithm);
        let is_missing = |arm: &&Arm| {
            arm.algorithm == Some(algorithm) && found.iter().all(|(other, _)| other != *arm)
        };
        let missing: Vec<Arm> = arms.iter().filter(is_missing).copied().collect();
        found.extend(missing.into_iter().map(|arm| (arm, results.shown(arm))));
        found.sort_by_key(|(arm, _)| arms.iter().position(|other| other == arm));
        found
    };
    study.plan.compared.iter().flat_map(of).filter_map(difference).collect()
}

/// The number of trainings of an arm that stopped with an error, and the first error.
fn stopped(study: &Study, arm: Arm) -> (usize, Option<&str>) {
    let mut all = study.stopped.iter().filter(|stopped| stopped.arms.contains(&arm));
    let first = all.next();
    (usize::from(first.is_some()) + all.count(), first.map(|stopped| &*stopped.reason))
}

/// A sentence for each arm with trainings that stopped. Their runs are in no mean.
pub fn ends(study: &Study) -> Vec<String> {
    let sentence = |arm: Arm| {
        let (count, first) = stopped(study, arm);
        let (runs, label) = (study.plan.seeds, study.plan.label(arm));
        let setting = regularizer(arm.notion, arm.gamma);
        Some(format!(
            "{count} of {runs} runs of {label} (regularizer {setting}) stopped, and no mean has \
             them. The first error was: {}.",
            first?
        ))
    };
    let arms = study.plan.arms().into_iter().filter(|arm| arm.method == MethodName::Meta);
    arms.filter_map(sentence).collect()
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
    /// The trainings of the algorithm that stopped with an error.
    stopped: usize,
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
                stopped: stopped(study, arm).0,
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
    use experiment::results::study::Stopped;
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

    /// What stopped is counted, and has rows without values.
    #[test]
    fn what_stopped_is_told() {
        let plan = defaults::comparing(defaults::synthetic(), &[FAIR_MAML, FIRST_ORDER]).unwrap();
        let mut study = study(plan, planted);
        let arms = study.plan.arms();
        let arm = *arms.iter().rfind(|arm| arm.algorithm.is_some()).unwrap();
        study.records.retain(|record| record.arm() != arm);
        let stop = |_| Stopped { arms: vec![arm], reason: "no reason".into() };
        study.stopped = (0..20).map(stop).collect();
        let (_, rows) = cells(&study);
        assert_eq!(rows.len(), 4);
        assert_eq!(rows[3][1..4], ["parity, 10", "n/a", "n/a"]);
        let [sentence] = &ends(&study)[..] else { panic!("one sentence") };
        assert!(sentence.starts_with("20 of 20 runs of Fair-FOMAML (regularizer parity, 10)"));
        assert!(sentence.ends_with("no reason."), "{sentence}");
        let counts: Vec<usize> = lines(&study).iter().map(|line| line.stopped).collect();
        assert_eq!((counts.iter().sum::<usize>(), counts[9]), (60, 20));
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
