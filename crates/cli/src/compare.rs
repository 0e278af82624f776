//! Pairs of methods on the same tasks of the same runs, and fronts of accuracy and fairness.

use std::collections::BTreeMap;

use fairness::Notion;
use fairness::metrics::closeness;

use crate::arm::Arm;
use crate::outcome::Adaptation;
use crate::record::Record;
use crate::statistics::Mean;

/// A quantity of one record; `None` where it is undefined.
pub type Quantity = fn(&Record) -> Option<f64>;

/// Accuracy.
pub fn accuracy(record: &Record) -> Option<f64> {
    record.accuracy
}

/// min(r, 1/r) of the demographic-parity ratio r: 1 is fair, 0 is not at all.
pub fn parity(record: &Record) -> Option<f64> {
    record.demographic_parity_ratio.map(closeness)
}

/// min(r, 1/r) of the equal-opportunity ratio r.
pub fn opportunity(record: &Record) -> Option<f64> {
    record.equal_opportunity_ratio.map(closeness)
}

/// Accuracy beyond that of the better constant decision about the same rows.
pub fn beyond_constant(record: &Record) -> Option<f64> {
    let (rows, positive) = (record.query_rows as f64, record.query_positive as f64);
    record.accuracy.map(|accuracy| accuracy - (positive / rows).max(1.0 - positive / rows))
}

/// 1 if everybody is decided alike, else 0.
pub fn one_class(record: &Record) -> Option<f64> {
    record.positive_rate.map(|rate| if rate == 0.0 || rate == 1.0 { 1.0 } else { 0.0 })
}

/// The fairness that a notion asks for.
pub fn fairness(notion: Notion) -> Quantity {
    match notion {
        Notion::DemographicParity => parity,
        Notion::EqualOpportunity => opportunity,
    }
}

/// The records of one arm, adapted in one way.
#[derive(Clone, Debug)]
pub struct Side<'a>(Vec<&'a Record>);

impl<'a> Side<'a> {
    /// Those of `records` that belong to it.
    pub fn of(records: &'a [Record], arm: Arm, adaptation: Adaptation) -> Self {
        Side::among(records, arm, adaptation)
    }

    /// The same, of records here and there.
    pub fn among(
        records: impl IntoIterator<Item = &'a Record>,
        arm: Arm,
        adaptation: Adaptation,
    ) -> Self {
        let belongs = |record: &&Record| {
            (record.algorithm, record.notion) == (arm.algorithm, arm.notion)
                && record.gamma == arm.gamma
                && (record.stage, record.rate) == (adaptation.stage, adaptation.rate)
                && record.steps == adaptation.steps
        };
        Side(records.into_iter().filter(belongs).collect())
    }

    /// Those of them with so many support rows.
    pub fn with_support(self, rows: usize) -> Self {
        Side(self.0.into_iter().filter(|record| record.support_rows == rows).collect())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The mean over seeds of the means over tasks.
    pub fn mean(&self, quantity: Quantity) -> Compared {
        let values = self.0.iter().map(|record| (record.seed, quantity(record)));
        Compared::over_seeds(values.collect())
    }

    /// The mean over seeds of the mean difference `self` − `other` over tasks, where both are
    /// defined.
    pub fn minus(&self, other: &Side<'_>, quantity: Quantity) -> Compared {
        let key = |record: &Record| (record.seed, record.task.clone());
        let others: BTreeMap<_, _> =
            other.0.iter().map(|record| (key(record), quantity(record))).collect();
        let differences = self.0.iter().filter_map(|record| {
            let theirs = others.get(&key(record))?;
            let difference = quantity(record).zip(*theirs).map(|(a, b)| a - b);
            Some((record.seed, difference))
        });
        Compared::over_seeds(differences.collect())
    }
}

/// A mean over seeds, and how many values of single tasks it leaves out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Compared {
    /// `None` if it is undefined in every seed.
    pub mean: Option<Mean>,
    /// Tasks in which it is undefined …
    pub undefined: usize,
    /// … of so many.
    pub tasks: usize,
}

impl Compared {
    /// Of no task at all.
    pub const NOTHING: Compared = Compared { mean: None, undefined: 0, tasks: 0 };

    /// The mean of each seed's mean.
    fn over_seeds(values: Vec<(u64, Option<f64>)>) -> Self {
        let tasks = values.len();
        let mut seeds: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
        for (seed, value) in values {
            seeds.entry(seed).or_default().extend(value);
        }
        let defined = seeds.values().map(Vec::len).sum::<usize>();
        let means: Vec<f64> =
            seeds.values().filter_map(|values| Some(Mean::of(values)?.mean)).collect();
        Compared { mean: Mean::of(&means), undefined: tasks - defined, tasks }
    }

    /// Whether the whole interval lies above `bound`; `None` if there is no interval.
    pub fn above(&self, bound: f64) -> Option<bool> {
        self.mean?.interval().map(|(low, _)| low > bound)
    }

    /// Whether the whole interval lies below `bound`; `None` if there is no interval.
    pub fn below(&self, bound: f64) -> Option<bool> {
        self.mean?.interval().map(|(_, high)| high < bound)
    }
}

/// A method's settings, from which a front is made: each arm as it was adapted.
pub struct Settings<'a>(pub Vec<Side<'a>>);

impl Settings<'_> {
    /// The area that the method's settings dominate, in each seed: of all (accuracy, fairness)
    /// beyond (1/2, 0), those that some setting reaches in both. At most 1/2.
    pub fn area(&self, fairness: Quantity) -> BTreeMap<u64, f64> {
        let mut points: BTreeMap<u64, Vec<(f64, f64)>> = BTreeMap::new();
        for side in &self.0 {
            let mut seeds: BTreeMap<u64, Vec<&Record>> = BTreeMap::new();
            side.0.iter().for_each(|record| seeds.entry(record.seed).or_default().push(record));
            for (seed, records) in seeds {
                let mean = |quantity: Quantity| {
                    let values: Vec<f64> = records.iter().filter_map(|r| quantity(r)).collect();
                    Mean::of(&values).map(|mean| mean.mean)
                };
                points.entry(seed).or_default().extend(mean(accuracy).zip(mean(fairness)));
            }
        }
        points.retain(|_, points| !points.is_empty());
        points.into_iter().map(|(seed, points)| (seed, dominated(points))).collect()
    }

    /// The difference of the areas in each seed, `self` − `other`.
    pub fn area_minus(&self, other: &Settings<'_>, fairness: Quantity) -> Compared {
        let theirs = other.area(fairness);
        let differences = self
            .area(fairness)
            .into_iter()
            .map(|(seed, area)| (seed, theirs.get(&seed).map(|other| area - other)));
        Compared::over_seeds(differences.collect())
    }
}

/// The area of the points that some of `points` exceeds in both coordinates, beyond (1/2, 0).
fn dominated(mut points: Vec<(f64, f64)>) -> f64 {
    points.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut area = 0.0;
    let mut height: f64 = 0.0;
    // From the most accurate on: each adds the strip by which it is fairer than all before.
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
    use approx::assert_relative_eq;

    #[test]
    fn areas_by_hand() {
        assert_eq!(dominated(vec![]), 0.0);
        assert_eq!(dominated(vec![(0.4, 1.0)]), 0.0);
        assert_relative_eq!(dominated(vec![(0.75, 0.5)]), 0.125);
        // A point inside changes nothing; one that is fairer adds a strip.
        assert_relative_eq!(dominated(vec![(0.7, 0.4), (0.75, 0.5)]), 0.125);
        assert_relative_eq!(dominated(vec![(0.6, 0.9), (0.75, 0.5)]), 0.125 + 0.1 * 0.4);
        // The best there is.
        assert_relative_eq!(dominated(vec![(0.6, 0.9), (1.0, 1.0)]), 0.5);
    }

    #[test]
    fn undefined_values_are_counted_not_averaged() {
        let compared = Compared::over_seeds(vec![
            (0, Some(1.0)),
            (0, None),
            (0, Some(2.0)),
            (1, Some(3.5)),
            (2, None),
        ]);
        // Means of seeds: 1.5 and 3.5; seed 2 has none.
        assert_eq!(compared.mean.unwrap().mean, 2.5);
        assert_eq!((compared.mean.unwrap().values, compared.undefined, compared.tasks), (2, 2, 5));
        // t(0.975, 1) = 12.706: the interval holds 0.
        assert_eq!((compared.above(0.0), compared.below(0.0)), (Some(false), Some(false)));
        let alone = Compared::over_seeds(vec![(0, Some(1.0))]);
        assert_eq!(alone.above(0.0), None);
    }
}
