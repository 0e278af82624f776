//! Pairs of methods on the same tasks of the same runs.

use std::collections::{BTreeMap, BTreeSet};

use fairness::{Measure, Notion};

use crate::plan::arm::Arm;
use crate::results::outcome::Adaptation;
use crate::results::record::Record;
use report::mean::{Mean, Range};

/// A quantity of one record; `None` where it is undefined.
pub type Quantity = fn(&Record) -> Option<f64>;

/// Accuracy.
pub fn accuracy(record: &Record) -> Option<f64> {
    record.accuracy
}

/// min(r, 1/r) of the demographic-parity ratio r: 1 is fair, 0 is unfair.
pub fn parity(record: &Record) -> Option<f64> {
    record.demographic_parity_closeness
}

/// min(r, 1/r) of the equal-opportunity ratio r.
pub fn opportunity(record: &Record) -> Option<f64> {
    record.equal_opportunity_closeness
}

/// 1 − the larger difference of the groups' true and false positive rates.
pub fn equalized_odds(record: &Record) -> Option<f64> {
    record.equalized_odds_difference.map(|difference| 1.0 - difference)
}

/// Accuracy minus that of the better constant decision on the same rows.
pub fn beyond_constant(record: &Record) -> Option<f64> {
    let (rows, positive) = (record.query_rows as f64, record.query_positive as f64);
    record.accuracy.map(|accuracy| accuracy - (positive / rows).max(1.0 - positive / rows))
}

/// 1 if all rows get the same decision, else 0.
pub fn one_class(record: &Record) -> Option<f64> {
    record.positive_rate.map(|rate| if rate == 0.0 || rate == 1.0 { 1.0 } else { 0.0 })
}

/// The fairness metric of a notion.
pub fn fairness(notion: Notion) -> Quantity {
    match notion.measure() {
        Measure::Parity => parity,
        Measure::Opportunity => opportunity,
        Measure::EqualizedOdds => equalized_odds,
    }
}

/// The records of one arm after one adaptation.
#[derive(Clone, Debug, Default)]
pub struct SettingRecords<'a>(Vec<&'a Record>);

impl<'a> From<&[&'a Record]> for SettingRecords<'a> {
    fn from(records: &[&'a Record]) -> Self {
        SettingRecords(records.to_vec())
    }
}

impl<'a> SettingRecords<'a> {
    /// Its records among `records`.
    pub fn of(records: &'a [Record], arm: Arm, adaptation: Adaptation) -> Self {
        SettingRecords::among(records, arm, adaptation)
    }

    /// Its records among references to records.
    pub fn among(
        records: impl IntoIterator<Item = &'a Record>,
        arm: Arm,
        adaptation: Adaptation,
    ) -> Self {
        let belongs = |record: &&Record| record.arm() == arm && record.adaptation() == adaptation;
        SettingRecords(records.into_iter().filter(belongs).collect())
    }

    /// The records with this number of support rows.
    pub fn with_support(self, rows: usize) -> Self {
        SettingRecords(self.0.into_iter().filter(|record| record.support_rows == rows).collect())
    }

    /// Whether there are no records.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The mean over seeds of the means over tasks, of a quantity in [0, 1].
    pub fn mean(&self, quantity: Quantity) -> Compared {
        Compared::of(self.values(quantity), Range::Rate)
    }

    /// The mean over seeds of the means over tasks, of a quantity in [−1, 1].
    pub fn mean_difference(&self, quantity: Quantity) -> Compared {
        Compared::over_seeds(self.values(quantity))
    }

    /// The mean over seeds of the means over tasks, of a ratio.
    pub fn mean_ratio(&self, quantity: Quantity) -> Compared {
        Compared::of(self.values(quantity), Range::Ratio)
    }

    fn values(&self, quantity: Quantity) -> Vec<Value<'_>> {
        self.0.iter().map(|record| Value::of(record, quantity(record))).collect()
    }

    /// Its records.
    pub(super) fn records(&self) -> impl Iterator<Item = &'a Record> {
        self.0.iter().copied()
    }

    /// The mean over seeds of the mean difference `self` − `other` over tasks, where both are
    /// defined.
    pub fn minus(&self, other: &SettingRecords<'_>, quantity: Quantity) -> Compared {
        Compared::over_seeds(self.differences(other, quantity))
    }

    /// The same against the strongest of `others`. For each run it is the one with the largest
    /// mean over all other runs, so none is chosen by the run in which it is judged. A single run
    /// has no value.
    pub fn minus_strongest(
        &self,
        others: &[SettingRecords<'_>],
        quantity: Quantity,
    ) -> BeyondStrongest {
        let pairs: Vec<Vec<Value<'_>>> =
            others.iter().map(|other| self.differences(other, quantity)).collect();
        let recurring = pairs.iter().flatten().filter_map(|value| value.recurring).collect();
        let found = BeyondStrongest::of(recurring, |left_out| {
            pairs.iter().map(|values| means_of_runs(values, left_out)).collect()
        });
        let undefined =
            |values: &&Vec<Value<'_>>| values.iter().filter(|v| v.value.is_none()).count();
        let worst = pairs.iter().max_by_key(undefined);
        let (undefined, tasks) = worst.map_or((0, 0), |values| (undefined(&values), values.len()));
        found.counted(undefined, tasks)
    }

    fn differences(&self, other: &SettingRecords<'_>, quantity: Quantity) -> Vec<Value<'a>> {
        let others: BTreeMap<Key, _> =
            other.0.iter().map(|record| (key(record), quantity(record))).collect();
        let differences = self.0.iter().filter_map(|&record| {
            let theirs = others.get(&key(record))?;
            let difference = quantity(record).zip(*theirs).map(|(a, b)| a - b);
            Some(Value::of(record, difference))
        });
        differences.collect()
    }

    /// The mean over seeds of the difference `self` − `other` between the means over each one's
    /// tasks, without pairing by task. A run counts as one task.
    pub fn minus_by_run(&self, other: &SettingRecords<'_>, quantity: Quantity) -> Compared {
        let of_run = |side: &SettingRecords<'_>, seed, left_out: Option<&str>| {
            let values = side.0.iter().filter(|record| record.seed == seed);
            let values = values.filter(|record| Some(&*record.task) != left_out);
            let values: Vec<f64> = values.filter_map(|record| quantity(record)).collect();
            Mean::of(&values).map(|mean| mean.mean)
        };
        let seeds: BTreeSet<u64> = self.0.iter().map(|record| record.seed).collect();
        let without = |left_out| {
            let difference = |&seed: &u64| {
                Some((seed, of_run(self, seed, left_out)? - of_run(other, seed, left_out)?))
            };
            seeds.iter().filter_map(difference).collect()
        };
        let recurring = self.0.iter().chain(&other.0).filter(|record| record.task_recurs);
        let recurring = recurring.map(|record| &*record.task).collect();
        let found = Compared::of_runs(recurring, without, Range::Difference);
        let (tasks, defined) = (seeds.len(), found.seeds.len());
        Compared { undefined: tasks - defined, tasks, ..found }
    }
}

/// A value of one task of one run; `None` if it is undefined.
struct Value<'a> {
    seed: u64,
    /// The task's name if other runs may hold out the same task.
    recurring: Option<&'a str>,
    value: Option<f64>,
}

impl<'a> Value<'a> {
    fn of(record: &'a Record, value: Option<f64>) -> Self {
        let recurring = record.task_recurs.then_some(&*record.task);
        Value { seed: record.seed, recurring, value }
    }
}

/// The mean of each run over its tasks, without one of the tasks that recur.
fn means_of_runs(values: &[Value<'_>], left_out: Option<&str>) -> BTreeMap<u64, f64> {
    let mut runs: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    let kept = |value: &&Value<'_>| left_out.is_none() || value.recurring != left_out;
    for value in values.iter().filter(kept) {
        runs.entry(value.seed).or_default().extend(value.value);
    }
    let mean = |(seed, values): (u64, Vec<f64>)| Some((seed, Mean::of(&values)?.mean));
    runs.into_iter().filter_map(mean).collect()
}

/// A mean over seeds, and the number of undefined values of single tasks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Compared {
    /// `None` if it is undefined in every seed.
    pub mean: Option<Mean>,
    /// The number of tasks in which it is undefined.
    pub undefined: usize,
    /// The number of all tasks.
    pub tasks: usize,
    /// The value of each seed in which it is defined, in the order of seeds.
    pub seeds: Vec<f64>,
}

impl Compared {
    /// The mean of each seed's mean, of differences in [−1, 1].
    fn over_seeds(values: Vec<Value<'_>>) -> Self {
        Compared::of(values, Range::Difference)
    }

    fn of(values: Vec<Value<'_>>, range: Range) -> Self {
        let recurring: BTreeSet<&str> = values.iter().filter_map(|value| value.recurring).collect();
        let of_runs = |left_out: Option<&str>| means_of_runs(&values, left_out);
        let undefined = values.iter().filter(|value| value.value.is_none()).count();
        let tasks = values.len();
        Compared { undefined, tasks, ..Compared::of_runs(recurring, of_runs, range) }
    }

    /// The mean of a value of each run, in a range. The tasks in `recurring` may be in several
    /// runs: `of_runs` gives the values of the runs, also with one of these tasks left out.
    pub fn of_runs<'t>(
        recurring: BTreeSet<&'t str>,
        of_runs: impl Fn(Option<&'t str>) -> BTreeMap<u64, f64>,
        range: Range,
    ) -> Self {
        let values = |left_out| -> Vec<f64> { of_runs(left_out).into_values().collect() };
        let without = recurring.into_iter().filter_map(|task| Mean::of(&values(Some(task))));
        let without: Vec<f64> = without.map(|mean| mean.mean).collect();
        let seeds = values(None);
        Compared { mean: Mean::of_runs(&seeds, &without, range), seeds, ..Compared::default() }
    }

    /// Whether the whole interval lies above `bound`; `None` if there is no interval.
    pub fn above(&self, bound: f64) -> Option<bool> {
        self.mean?.interval.map(|(low, _)| low > bound)
    }

    /// Whether the whole interval lies below `bound`; `None` if there is no interval.
    pub fn below(&self, bound: f64) -> Option<bool> {
        self.mean?.interval.map(|(_, high)| high < bound)
    }
}

/// A difference from the strongest of several rivals.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BeyondStrongest {
    /// The difference.
    pub difference: Compared,
    /// The place of the strongest rival, of each run.
    pub strongest: Vec<usize>,
}

impl BeyondStrongest {
    /// `of_rivals` has the differences of each run from each rival, also without one of the tasks
    /// in `recurring`.
    pub(super) fn of<'t>(
        recurring: BTreeSet<&'t str>,
        of_rivals: impl Fn(Option<&'t str>) -> Vec<BTreeMap<u64, f64>>,
    ) -> Self {
        let differences = |left_out| {
            let chosen = strongest(&of_rivals(left_out)).into_iter();
            chosen.map(|(run, (_, difference))| (run, difference)).collect()
        };
        let difference = Compared::of_runs(recurring, differences, Range::Difference);
        let chosen = strongest(&of_rivals(None)).into_values();
        BeyondStrongest { difference, strongest: chosen.map(|(place, _)| place).collect() }
    }

    pub(super) fn counted(self, undefined: usize, tasks: usize) -> Self {
        BeyondStrongest { difference: Compared { undefined, tasks, ..self.difference }, ..self }
    }
}

/// For each run the rival from which the difference is smallest over all other runs, with its
/// difference in this run. Each map has the differences from one rival.
fn strongest(rivals: &[BTreeMap<u64, f64>]) -> BTreeMap<u64, (usize, f64)> {
    let runs: BTreeSet<u64> = rivals.iter().flat_map(BTreeMap::keys).copied().collect();
    let elsewhere = |rival: &BTreeMap<u64, f64>, run: u64| {
        let others = rival.iter().filter(|(other, _)| **other != run);
        Mean::of(&others.map(|(_, difference)| *difference).collect::<Vec<_>>())
    };
    let of_run = |run: u64| {
        let candidates = rivals.iter().enumerate().filter_map(|(place, rival)| {
            Some((elsewhere(rival, run)?.mean, place, *rival.get(&run)?))
        });
        let (_, place, difference) = candidates.min_by(|a, b| a.0.total_cmp(&b.0))?;
        Some((run, (place, difference)))
    };
    runs.into_iter().filter_map(of_run).collect()
}

/// A task of a run.
pub(super) type Key<'a> = (u64, &'a str);

pub(super) fn key(record: &Record) -> Key<'_> {
    (record.seed, &record.task)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::arm::MethodName;
    use crate::planted::{Cell, record};
    use approx::assert_relative_eq;

    #[test]
    fn undefined_values_are_counted_not_averaged() {
        let values = [(0, Some(0.2)), (0, None), (0, Some(0.4)), (1, Some(0.7)), (2, None)];
        let value = |(seed, value)| Value { seed, recurring: None, value };
        let compared = Compared::over_seeds(values.map(value).into());
        // Means of seeds: 0.3 and 0.7; seed 2 has none.
        assert_relative_eq!(compared.mean.unwrap().mean, 0.5, max_relative = 1e-12);
        assert_eq!((compared.mean.unwrap().values, compared.undefined, compared.tasks), (2, 2, 5));
        // t(0.975, 1) = 12.706: the interval holds all that is possible.
        assert_eq!(compared.mean.unwrap().interval, Some((-1.0, 1.0)));
        assert_eq!((compared.above(0.0), compared.below(0.0)), (Some(false), Some(false)));
        let alone = Compared::over_seeds(vec![value((0, Some(1.0)))]);
        assert_eq!(alone.above(0.0), None);
    }

    /// Four runs hold out the same two tasks, with values of 0 and 0.1 each. The runs agree, the
    /// tasks do not: without a task the mean is that of the other one. The half width is
    /// t(0.975, 1) √(1/2 · 2 · 0.05²) = 0.6353.
    #[test]
    fn tasks_that_recur_are_no_independent_runs() {
        let values = |recurs: bool| -> Vec<Value<'_>> {
            let tasks = [("Ohio", 0.0), ("Utah", 0.1)];
            let of_run = |seed: u64| {
                tasks.map(|(name, value)| Value {
                    seed,
                    recurring: recurs.then_some(name),
                    value: Some(value),
                })
            };
            (0..4).flat_map(of_run).collect()
        };
        let half = |recurs| Compared::over_seeds(values(recurs)).mean.unwrap().half_width();
        assert_eq!(half(false), Some(0.0));
        assert_relative_eq!(half(true).unwrap(), 12.7062 * 0.05, max_relative = 1e-4);
    }

    const META: Arm =
        Arm { method: MethodName::Meta, notion: None, gamma: 0.0, target: None, algorithm: None };
    const SCRATCH: Arm = Arm {
        method: MethodName::Scratch,
        notion: None,
        gamma: 0.0,
        target: None,
        algorithm: None,
    };

    /// Records of an arm, (seed, task, accuracy) each.
    fn planted(arm: Arm, values: &[(u64, usize, Option<f64>)]) -> Vec<Record> {
        let adaptation = Adaptation::after(0.1, 1);
        let cell = |seed, task| Cell { arm, adaptation, seed, task, rows: 10 };
        values.iter().map(|&(seed, task, value)| record(cell(seed, task), value, value)).collect()
    }

    fn side(records: &[Record], arm: Arm) -> SettingRecords<'_> {
        SettingRecords::of(records, arm, Adaptation::after(0.1, 1))
    }

    /// Without pairing the first difference would be 0.9 − 0.45, the means 0.7 and 0.4.
    #[test]
    fn only_the_same_task_of_the_same_run_is_a_partner() {
        let ours = planted(META, &[(0, 0, Some(0.9)), (0, 1, None), (1, 0, Some(0.5))]);
        let theirs = planted(
            SCRATCH,
            &[(1, 0, Some(0.4)), (0, 1, Some(0.1)), (0, 0, Some(0.8)), (1, 7, Some(0.9))],
        );
        let all = [ours, theirs].concat();
        let (ours, theirs) = (side(&all, META), side(&all, SCRATCH));
        let difference = ours.minus(&theirs, accuracy);
        // 0.1 in each run; task 1 of run 0 is undefined, and task 7 has no partner.
        let mean = difference.mean.unwrap();
        assert_relative_eq!(mean.mean, 0.1, epsilon = 1e-15);
        assert!(mean.half_width().unwrap() < 1e-15);
        assert_eq!((mean.values, difference.undefined, difference.tasks), (2, 1, 3));
        let unpaired =
            ours.mean(accuracy).mean.unwrap().mean - theirs.mean(accuracy).mean.unwrap().mean;
        assert!((unpaired - 0.1).abs() > 0.02, "{unpaired}");
        // In the other direction only the sign differs.
        let back = theirs.minus(&ours, accuracy);
        assert_relative_eq!(back.mean.unwrap().mean, -0.1, epsilon = 1e-15);
        assert_eq!((back.undefined, back.tasks), (1, 3));
    }

    #[test]
    fn without_partners_there_is_no_difference() {
        let ours = planted(META, &[(0, 0, Some(0.9)), (1, 1, Some(0.9))]);
        let theirs = planted(SCRATCH, &[(1, 0, Some(0.4)), (0, 1, Some(0.1))]);
        let all = [ours, theirs].concat();
        let difference = side(&all, META).minus(&side(&all, SCRATCH), accuracy);
        assert_eq!(difference, Compared::default());
        assert!(side(&all, Arm::plain(MethodName::Majority)).is_empty());
    }

    #[test]
    fn a_side_is_one_arm_adapted_in_one_way() {
        let regularized = Arm::regularized(MethodName::Meta, Notion::DEMOGRAPHIC_PARITY, 2.0);
        let other = Arm::regularized(MethodName::Meta, Notion::EQUAL_OPPORTUNITY, 2.0);
        let cell = |arm, adaptation, rows| Cell { arm, adaptation, seed: 0, task: 0, rows };
        let after = Adaptation::after(0.1, 1);
        let all = [
            (META, after, 10, 0.1),
            (regularized, after, 10, 0.2),
            (other, after, 10, 0.3),
            (regularized, Adaptation::BEFORE, 10, 0.4),
            (regularized, Adaptation::after(0.2, 1), 10, 0.5),
            (regularized, Adaptation::after(0.1, 2), 10, 0.6),
            (regularized, after, 20, 0.7),
            (Arm { gamma: 3.0, ..regularized }, after, 10, 0.8),
            (Arm { method: MethodName::PublishedCode, ..regularized }, after, 10, 0.9),
        ]
        .map(|(arm, how, rows, value)| record(cell(arm, how, rows), Some(value), None));
        let values = |side: SettingRecords<'_>| {
            side.0.iter().map(|r| r.accuracy.unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(values(SettingRecords::of(&all, regularized, after)), [0.2, 0.7]);
        assert_eq!(values(SettingRecords::of(&all, regularized, after).with_support(20)), [0.7]);
        assert_eq!(values(SettingRecords::of(&all, regularized, Adaptation::BEFORE)), [0.4]);
        assert_eq!(values(SettingRecords::of(&all, META, after)), [0.1]);
    }

    #[test]
    fn constants_and_single_classes_at_the_edges() {
        let cell = Cell { arm: META, adaptation: Adaptation::BEFORE, seed: 0, task: 0, rows: 10 };
        let of = |rows, positive, accuracy, rate| Record {
            query_rows: rows,
            query_positive: positive,
            positive_rate: rate,
            ..record(cell, accuracy, None)
        };
        for (record, beyond, alike) in [
            (of(10, 5, Some(0.75), Some(0.5)), Some(0.25), Some(0.0)),
            // The better constant decision is the larger class.
            (of(8, 6, Some(0.75), Some(1.0)), Some(0.0), Some(1.0)),
            (of(8, 2, Some(0.25), Some(1.0)), Some(-0.5), Some(1.0)),
            (of(8, 0, Some(1.0), Some(0.0)), Some(0.0), Some(1.0)),
            (of(8, 8, Some(0.5), Some(0.5)), Some(-0.5), Some(0.0)),
            (of(1000, 500, Some(0.5), Some(0.999)), Some(0.0), Some(0.0)),
            (of(0, 0, None, None), None, None),
        ] {
            assert_eq!((beyond_constant(&record), one_class(&record)), (beyond, alike));
        }
    }
}
