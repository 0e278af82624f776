//! Fronts of accuracy and fairness, and what one method's front has beyond another's.
//!
//! An area under a front only grows with more settings. So two fronts are compared only if they
//! have equal numbers of settings. Each front has two more settings, which need no method: accept
//! everybody, and reject everybody.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::{BeyondStrongest, Compared, Key, Quantity, SettingRecords, accuracy, key};
use super::record::Record;
use report::mean::{Mean, Range};

/// The settings of a method that form its front, each with its records.
#[derive(Clone, Debug, Default)]
pub struct Front<'a>(Vec<SettingRecords<'a>>);

/// Two fronts that cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not compared: {ours} settings against {theirs}")]
pub struct UnequalGrids {
    /// The number of settings of the one.
    pub ours: usize,
    /// The number of settings of the other.
    pub theirs: usize,
}

impl<'a> FromIterator<SettingRecords<'a>> for Front<'a> {
    /// A setting without records is no setting.
    fn from_iter<I: IntoIterator<Item = SettingRecords<'a>>>(settings: I) -> Self {
        Front(settings.into_iter().filter(|setting| !setting.is_empty()).collect())
    }
}

impl<'a> Front<'a> {
    /// Whether there are no settings with records.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of its settings, without the constant decisions.
    pub fn settings(&self) -> usize {
        self.0.len()
    }

    /// The mean difference of the areas of each run, `self` − `other`. Both use the same tasks:
    /// those in which the fairness is defined at every setting of both. The other tasks are counted
    /// as undefined.
    ///
    /// # Errors
    /// If the two have different numbers of settings.
    pub fn area_minus(
        &self,
        other: &Front<'_>,
        fairness: Quantity,
    ) -> Result<Compared, UnequalGrids> {
        let pair = Pair::of(self, other, fairness)?;
        Ok(pair.difference())
    }

    /// The mean of each run's area minus that of the constant decisions alone.
    pub fn area_beyond_constants(&self, fairness: Quantity) -> Compared {
        let pair = Pair::with(self, Front::default(), fairness);
        pair.difference()
    }

    /// The same as [`Front::area_minus`] against the strongest of `others`. For each run it is the
    /// one with the largest area over all other runs, so no front is chosen by the run in which it
    /// is judged. A single run has no value. Tasks count as undefined if one pair leaves them out.
    ///
    /// # Errors
    /// If one of `others` has another number of settings.
    pub fn area_minus_strongest(
        &self,
        others: &[Front<'_>],
        fairness: Quantity,
    ) -> Result<BeyondStrongest, UnequalGrids> {
        let pairs: Vec<Pair<'_>> =
            others.iter().map(|other| Pair::of(self, other, fairness)).collect::<Result<_, _>>()?;
        let recurring = pairs.iter().flat_map(Pair::recurring).collect();
        let found = BeyondStrongest::of(recurring, |left_out| {
            pairs.iter().map(|pair| pair.differences(left_out)).collect()
        });
        let undefined = |pair: &&Pair<'_>| pair.all.len() - pair.defined.len();
        let worst = pairs.iter().max_by_key(undefined);
        let (undefined, tasks) = worst.map_or((0, 0), |pair| (undefined(&pair), pair.all.len()));
        Ok(found.counted(undefined, tasks))
    }

    /// The tasks on which a setting has records.
    fn tasks(&self) -> BTreeSet<Key<'a>> {
        self.records().map(key).collect()
    }

    fn records(&self) -> impl Iterator<Item = &'a Record> {
        self.0.iter().flat_map(SettingRecords::records)
    }

    /// Leaves those of `tasks` in which a quantity is defined at every setting.
    fn keep_defined(&self, quantity: Quantity, tasks: &mut BTreeSet<Key<'_>>) {
        for setting in &self.0 {
            let known: BTreeSet<Key<'_>> =
                setting.records().filter(|record| quantity(record).is_some()).map(key).collect();
            tasks.retain(|task| known.contains(task));
        }
    }

    /// The points (accuracy, fairness) of each run. Accuracy is the mean over the tasks in `all`,
    /// fairness over those in `defined`.
    fn points(
        &self,
        fairness: Quantity,
        all: &BTreeSet<Key<'_>>,
        defined: &BTreeSet<Key<'_>>,
    ) -> BTreeMap<u64, Vec<(f64, f64)>> {
        let mut points: BTreeMap<u64, Vec<(f64, f64)>> = BTreeMap::new();
        for setting in &self.0 {
            let mut runs: BTreeMap<u64, Vec<&Record>> = BTreeMap::new();
            setting.records().for_each(|record| runs.entry(record.seed).or_default().push(record));
            for (run, records) in runs {
                let mean = |tasks: &BTreeSet<Key<'_>>, quantity: Quantity| {
                    let among = records.iter().filter(|record| tasks.contains(&key(record)));
                    let values: Vec<f64> = among.filter_map(|record| quantity(record)).collect();
                    Mean::of(&values).map(|mean| mean.mean)
                };
                let point = mean(all, accuracy).zip(mean(defined, fairness));
                points.entry(run).or_default().extend(point);
            }
        }
        points
    }
}

/// The constant decisions of each run on its tasks in `all`: accept everybody, reject everybody.
/// Both give all groups the same decision, so both have the largest fairness, 1. The ratio of
/// nobody to nobody does not exist; 1 is its limit for a coin that accepts fewer and fewer rows.
pub fn constants<'r>(
    records: impl IntoIterator<Item = &'r Record>,
    all: &BTreeSet<(u64, &str)>,
) -> BTreeMap<u64, [(f64, f64); 2]> {
    let mut shares: BTreeMap<u64, BTreeMap<&str, f64>> = BTreeMap::new();
    for record in records.into_iter().filter(|record| all.contains(&key(record))) {
        if record.query_rows > 0 {
            let positive = record.query_positive as f64 / record.query_rows as f64;
            shares.entry(record.seed).or_default().insert(&record.task, positive);
        }
    }
    let both = |(run, shares): (u64, BTreeMap<&str, f64>)| {
        let shares: Vec<f64> = shares.into_values().collect();
        let positive = Mean::of(&shares)?.mean;
        Some((run, [(positive, 1.0), (1.0 - positive, 1.0)]))
    };
    shares.into_iter().filter_map(both).collect()
}

/// Two fronts on the same tasks.
struct Pair<'a> {
    ours: Front<'a>,
    theirs: Front<'a>,
    fairness: Quantity,
    /// The tasks of both.
    all: BTreeSet<Key<'a>>,
    /// Those in which the fairness is defined at every setting of both.
    defined: BTreeSet<Key<'a>>,
}

impl<'a> Pair<'a> {
    /// The pair, if both have equally many settings.
    fn of(ours: &Front<'a>, theirs: &Front<'a>, fairness: Quantity) -> Result<Self, UnequalGrids> {
        match (ours.settings(), theirs.settings()) {
            (ours, theirs) if ours != theirs => Err(UnequalGrids { ours, theirs }),
            _ => Ok(Pair::with(ours, theirs.clone(), fairness)),
        }
    }

    fn with(ours: &Front<'a>, theirs: Front<'a>, fairness: Quantity) -> Self {
        let mut all = ours.tasks();
        if !theirs.is_empty() {
            all = all.intersection(&theirs.tasks()).copied().collect();
        }
        let mut defined = all.clone();
        ours.keep_defined(fairness, &mut defined);
        theirs.keep_defined(fairness, &mut defined);
        Pair { ours: ours.clone(), theirs, fairness, all, defined }
    }

    /// The tasks that may be in several runs.
    fn recurring(&self) -> BTreeSet<&'a str> {
        let recurs = self.ours.records().filter(|record| record.task_recurs);
        recurs.map(|record| &*record.task).collect()
    }

    /// The difference of the areas in each run, without one task.
    fn differences(&self, left_out: Option<&str>) -> BTreeMap<u64, f64> {
        let kept = |tasks: &BTreeSet<Key<'a>>| -> BTreeSet<Key<'a>> {
            tasks.iter().filter(|(_, task)| Some(*task) != left_out).copied().collect()
        };
        let (all, defined) = (kept(&self.all), kept(&self.defined));
        let constants = constants(self.ours.records(), &all);
        let points = |front: &Front<'_>| front.points(self.fairness, &all, &defined);
        let (ours, theirs) = (points(&self.ours), points(&self.theirs));
        let alone = self.theirs.is_empty();
        let area = |points: Option<&Vec<(f64, f64)>>, constants: &[(f64, f64); 2]| {
            let points = points.filter(|points| !points.is_empty())?;
            Some(dominated([&points[..], constants].concat()))
        };
        let difference = |(run, constants): (&u64, &[(f64, f64); 2])| {
            let theirs = match alone {
                true => dominated(constants.to_vec()),
                false => area(theirs.get(run), constants)?,
            };
            Some((*run, area(ours.get(run), constants)? - theirs))
        };
        constants.iter().filter_map(difference).collect()
    }

    /// The mean difference of the areas over runs.
    fn difference(&self) -> Compared {
        let of_runs = |left_out: Option<&str>| self.differences(left_out);
        let found = Compared::of_runs(self.recurring(), of_runs, Range::Difference);
        let (tasks, defined) = (self.all.len(), self.defined.len());
        Compared { undefined: tasks - defined, tasks, ..found }
    }
}

/// The area above (1/2, 0) of all points that one of `points` reaches or exceeds in both
/// coordinates. At most 1/2.
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
mod tests;
