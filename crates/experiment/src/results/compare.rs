//! Pairs of methods on the same tasks of the same runs, and fronts of accuracy and fairness.

use std::collections::{BTreeMap, BTreeSet};

use fairness::{Measure, Notion};

use crate::plan::arm::Arm;
use crate::results::outcome::Adaptation;
use crate::results::record::Record;
use report::mean::Mean;

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
        Compared::of(self.values(quantity), Mean::of_rates)
    }

    /// The mean over seeds of the means over tasks, of a quantity in [−1, 1].
    pub fn mean_difference(&self, quantity: Quantity) -> Compared {
        Compared::over_seeds(self.values(quantity))
    }

    fn values(&self, quantity: Quantity) -> Vec<(u64, Option<f64>)> {
        self.0.iter().map(|record| (record.seed, quantity(record))).collect()
    }

    /// The mean over seeds of the mean difference `self` − `other` over tasks, where both are
    /// defined.
    pub fn minus(&self, other: &SettingRecords<'_>, quantity: Quantity) -> Compared {
        let others: BTreeMap<Key, _> =
            other.0.iter().map(|record| (key(record), quantity(record))).collect();
        let differences = self.0.iter().filter_map(|record| {
            let theirs = others.get(&key(record))?;
            let difference = quantity(record).zip(*theirs).map(|(a, b)| a - b);
            Some((record.seed, difference))
        });
        Compared::over_seeds(differences.collect())
    }

    /// The mean over seeds of the difference `self` − `other` between the means over each one's
    /// tasks, without pairing by task.
    pub fn minus_by_run(&self, other: &SettingRecords<'_>, quantity: Quantity) -> Compared {
        let of_run = |side: &SettingRecords<'_>, seed| {
            let values = side.0.iter().filter(|record| record.seed == seed);
            let values: Vec<f64> = values.filter_map(|record| quantity(record)).collect();
            Mean::of(&values).map(|mean| mean.mean)
        };
        let seeds: BTreeSet<u64> = self.0.iter().map(|record| record.seed).collect();
        let difference = |seed| Some(of_run(self, seed)? - of_run(other, seed)?);
        Compared::over_seeds(seeds.into_iter().map(|seed| (seed, difference(seed))).collect())
    }
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
    fn over_seeds(values: Vec<(u64, Option<f64>)>) -> Self {
        Compared::of(values, Mean::of_differences)
    }

    fn of(values: Vec<(u64, Option<f64>)>, mean: fn(&[f64]) -> Option<Mean>) -> Self {
        let tasks = values.len();
        let mut by_seed: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
        for (seed, value) in values {
            by_seed.entry(seed).or_default().extend(value);
        }
        let defined = by_seed.values().map(Vec::len).sum::<usize>();
        let seeds: Vec<f64> =
            by_seed.values().filter_map(|values| Some(Mean::of(values)?.mean)).collect();
        Compared { mean: mean(&seeds), undefined: tasks - defined, tasks, seeds }
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

/// The settings of a method that form its front: one `SettingRecords` for each arm.
pub struct MethodRecords<'a>(pub Vec<SettingRecords<'a>>);

/// A task of a run.
type Key<'a> = (u64, &'a str);

fn key(record: &Record) -> Key<'_> {
    (record.seed, &record.task)
}

impl MethodRecords<'_> {
    /// Whether there are no settings, or none with records.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(SettingRecords::is_empty)
    }

    /// The tasks on which a setting has records.
    fn tasks(&self) -> BTreeSet<Key<'_>> {
        self.0.iter().flat_map(|side| side.0.iter().map(|record| key(record))).collect()
    }

    /// Those of `tasks` in which a quantity is defined at every setting.
    fn defined<'k>(
        &'k self,
        quantity: Quantity,
        mut tasks: BTreeSet<Key<'k>>,
    ) -> BTreeSet<Key<'k>> {
        for side in &self.0 {
            let known = side.0.iter().filter(|record| quantity(record).is_some());
            let known: BTreeSet<Key> = known.map(|record| key(record)).collect();
            tasks.retain(|task| known.contains(task));
        }
        tasks
    }

    /// The area that the method's settings dominate, in each seed: all (accuracy, fairness) above
    /// (1/2, 0) that some setting reaches or exceeds in both. At most 1/2. Accuracy is the mean
    /// over the tasks in `all`, fairness over those in `defined`.
    fn area(
        &self,
        fairness: Quantity,
        all: &BTreeSet<Key<'_>>,
        defined: &BTreeSet<Key<'_>>,
    ) -> BTreeMap<u64, f64> {
        let mut points: BTreeMap<u64, Vec<(f64, f64)>> = BTreeMap::new();
        for side in &self.0 {
            let mut seeds: BTreeMap<u64, Vec<&Record>> = BTreeMap::new();
            side.0.iter().for_each(|record| seeds.entry(record.seed).or_default().push(record));
            for (seed, records) in seeds {
                let values = |tasks: &BTreeSet<Key<'_>>, quantity: Quantity| -> Vec<f64> {
                    let among = records.iter().filter(|record| tasks.contains(&key(record)));
                    among.filter_map(|record| quantity(record)).collect()
                };
                let (accuracies, fair) = (values(all, accuracy), values(defined, fairness));
                let means = Mean::of(&accuracies).zip(Mean::of(&fair));
                let point = means.map(|(accuracy, fairness)| (accuracy.mean, fairness.mean));
                points.entry(seed).or_default().extend(point);
            }
        }
        points.retain(|_, points| !points.is_empty());
        points.into_iter().map(|(seed, points)| (seed, dominated(points))).collect()
    }

    /// The difference of the areas in each seed, `self` − `other`. Both use the same tasks: those
    /// in which the fairness is defined at every setting of both. The other tasks are counted as
    /// undefined.
    pub fn area_minus(&self, other: &MethodRecords<'_>, fairness: Quantity) -> Compared {
        let all: BTreeSet<Key> = self.tasks().intersection(&other.tasks()).copied().collect();
        let common = other.defined(fairness, self.defined(fairness, all.clone()));
        let theirs = other.area(fairness, &all, &common);
        let differences = self.area(fairness, &all, &common).into_iter();
        let differences =
            differences.filter_map(|(seed, area)| Some((seed, Some(area - theirs.get(&seed)?))));
        let (undefined, tasks) = (all.len() - common.len(), all.len());
        Compared { undefined, tasks, ..Compared::over_seeds(differences.collect()) }
    }
}

/// The area above (1/2, 0) of all points that one of `points` exceeds in both coordinates.
fn dominated(mut points: Vec<(f64, f64)>) -> f64 {
    points.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut area = 0.0;
    let mut height: f64 = 0.0;
    // In order of decreasing accuracy, each point adds the strip by which it is fairer than all
    // before.
    for (accuracy, fairness) in points {
        if fairness > height && accuracy > 0.5 {
            area += (accuracy - 0.5) * (fairness - height);
            height = fairness;
        }
    }
    area
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::arm::MethodName;
    use crate::planted::{Cell, record};
    use approx::assert_relative_eq;

    #[test]
    fn areas_by_hand() {
        assert_eq!(dominated(vec![]), 0.0);
        assert_eq!(dominated(vec![(0.4, 1.0)]), 0.0);
        assert_relative_eq!(dominated(vec![(0.75, 0.5)]), 0.125);
        // A point inside changes nothing; one that is fairer adds a strip.
        assert_relative_eq!(dominated(vec![(0.7, 0.4), (0.75, 0.5)]), 0.125);
        assert_relative_eq!(dominated(vec![(0.6, 0.9), (0.75, 0.5)]), 0.125 + 0.1 * 0.4);
        // The best possible point.
        assert_relative_eq!(dominated(vec![(0.6, 0.9), (1.0, 1.0)]), 0.5);
    }

    #[test]
    fn undefined_values_are_counted_not_averaged() {
        let compared = Compared::over_seeds(vec![
            (0, Some(0.2)),
            (0, None),
            (0, Some(0.4)),
            (1, Some(0.7)),
            (2, None),
        ]);
        // Means of seeds: 0.3 and 0.7; seed 2 has none.
        assert_relative_eq!(compared.mean.unwrap().mean, 0.5, max_relative = 1e-12);
        assert_eq!((compared.mean.unwrap().values, compared.undefined, compared.tasks), (2, 2, 5));
        // t(0.975, 1) = 12.706: the interval holds all that is possible.
        assert_eq!(compared.mean.unwrap().interval, Some((-1.0, 1.0)));
        assert_eq!((compared.above(0.0), compared.below(0.0)), (Some(false), Some(false)));
        let alone = Compared::over_seeds(vec![(0, Some(1.0))]);
        assert_eq!(alone.above(0.0), None);
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

    /// An arm's record of a task of a run.
    fn point(arm: Arm, (seed, task): (u64, usize), accuracy: f64, ratio: Option<f64>) -> Record {
        let cell = Cell { arm, adaptation: Adaptation::after(0.1, 1), seed, task, rows: 10 };
        record(cell, Some(accuracy), ratio)
    }

    /// Each run has its own front, from the means of that run.
    #[test]
    fn areas_are_of_each_run() {
        let ours = [(0, Some(0.5)), (1, Some(2.0)), (2, Some(1.0)), (3, None)]
            .map(|(seed, ratio)| point(META, (seed, 0), 0.75, ratio));
        let theirs = [
            point(SCRATCH, (0, 0), 0.75, Some(0.25)),
            point(SCRATCH, (1, 0), 0.4, Some(1.0)),
            point(SCRATCH, (3, 0), 0.9, Some(1.0)),
        ];
        let (ours, theirs) =
            (MethodRecords(vec![side(&ours, META)]), MethodRecords(vec![side(&theirs, SCRATCH)]));
        // Accuracy beyond 1/2 times closeness; run 3 has no ratio, and so no point.
        let tasks = ours.tasks();
        let expected = BTreeMap::from([(0, 0.125), (1, 0.125), (2, 0.25)]);
        assert_eq!(ours.area(parity, &tasks, &tasks), expected);
        let difference = ours.area_minus(&theirs, parity);
        // 0.0625 and 0.125; run 2 has no partner, run 3 no ratio on one side.
        assert_eq!(difference.mean.unwrap().mean, 0.09375);
        assert_eq!((difference.undefined, difference.tasks), (1, 3));
    }

    /// Settings of one run make one front, whose points are means over tasks.
    #[test]
    fn a_front_is_of_all_settings() {
        let fair = Arm::regularized(MethodName::Meta, Notion::DEMOGRAPHIC_PARITY, 1.0);
        // Means (0.75, 0.5) and (0.6, 0.9).
        let all = [
            point(META, (0, 0), 0.7, Some(0.4)),
            point(META, (0, 1), 0.8, Some(0.6)),
            point(fair, (0, 0), 0.5, Some(0.8)),
            point(fair, (0, 1), 0.7, Some(1.0)),
        ];
        let settings = MethodRecords([META, fair].map(|arm| side(&all, arm)).into());
        let tasks = settings.tasks();
        let area = settings.area(parity, &tasks, &tasks)[&0];
        assert_relative_eq!(area, 0.125 + 0.1 * 0.4, epsilon = 1e-15);
    }

    /// A method must not gain from being undefined on hard tasks: a task that is undefined at one
    /// setting of either method is left out of all.
    #[test]
    fn fronts_are_of_the_same_tasks() {
        let ours = [point(META, (0, 0), 0.75, Some(0.8)), point(META, (0, 1), 0.75, Some(0.2))];
        let theirs = [point(SCRATCH, (0, 0), 0.75, Some(0.8)), point(SCRATCH, (0, 1), 0.75, None)];
        let (ours, theirs) =
            (MethodRecords(vec![side(&ours, META)]), MethodRecords(vec![side(&theirs, SCRATCH)]));
        for difference in [ours.area_minus(&theirs, parity), theirs.area_minus(&ours, parity)] {
            assert_eq!(difference.mean.unwrap().mean, 0.0);
            assert_eq!((difference.undefined, difference.tasks), (1, 2));
        }
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
