//! The audit: all rows pooled, each task, and pairs of groups.

use fairness::metrics::{Confusion, GroupCounts};
use report::mean::Mean;

use crate::Error;
use crate::counts::{Counts, TaskCounts};
use crate::measure::{Measures, Metric, Quantity, Rate};
use crate::warning::Warning;

/// What is protected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The protected groups, at least one. All other groups are unprotected.
    pub protected: Vec<String>,
    /// The unprotected group with which each other group is compared; `None` for the largest.
    pub reference: Option<String>,
}

/// A quantity and how far it can be trusted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Its value in the data; `None` where it does not exist.
    pub value: Option<f64>,
    /// The ends of its 95% interval, the lower first; `None` where it has no value. The interval is
    /// in the range of the quantity.
    pub interval: Option<(f64, f64)>,
}

impl Estimate {
    fn of<Q: Quantity>(quantity: Q, counts: &Q::Counts) -> Self {
        let value = quantity.of(counts);
        Estimate { value, interval: value.and(quantity.interval(counts)) }
    }
}

/// One group in a set of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Whether it is protected.
    pub protected: bool,
    /// The rows with each pair of decision and label.
    pub counts: Confusion,
    /// Its rates.
    pub rates: Measures<Rate, Estimate>,
}

/// What is said of a set of rows: all of them, or those of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The counts of the protected and of all other rows.
    pub counts: GroupCounts,
    /// The protected rows compared with all others.
    pub metrics: Measures<Metric, Estimate>,
    /// The groups that have rows here.
    pub groups: Vec<Group>,
    /// What to know before one believes a number.
    pub warnings: Vec<Warning>,
}

/// A group compared with the reference group, which stands in place of the unprotected rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The group.
    pub group: String,
    /// Ratios and differences of the group and the reference group.
    pub metrics: Measures<Metric, Estimate>,
}

/// The mean of a metric over the tasks in which it is defined.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TaskMean {
    /// The mean and its 95% interval by Student's t, as far as it is in the range of the metric;
    /// `None` if no task has the metric.
    pub mean: Option<Mean>,
    /// The number of tasks in which the metric is undefined.
    pub undefined: usize,
}

/// An audit of decisions.
#[derive(Clone, Debug, PartialEq)]
pub struct Audit {
    /// What is protected.
    pub settings: Settings,
    /// All rows.
    pub pooled: Part,
    /// The group with which each other is compared; `None` if every row is protected.
    pub reference: Option<String>,
    /// Each other group against the reference group, over all rows.
    pub pairs: Vec<Pair>,
    /// Each task; `None` without a task column.
    pub tasks: Option<Vec<(String, Part)>>,
    /// The mean of each metric over the tasks; `None` without a task column.
    pub means: Option<Measures<Metric, TaskMean>>,
}

impl Audit {
    /// Audits the counts.
    ///
    /// It takes time in proportion to tasks × groups, whatever the number of rows.
    ///
    /// # Errors
    /// Returns an error if no group is protected, if a name is no group of the counts, or if the
    /// reference group is protected.
    pub fn new(counts: &Counts, settings: &Settings) -> Result<Audit, Error> {
        let sides = Sides::new(counts, settings)?;
        let of_task = |task: &TaskCounts| (task.name.clone(), sides.of_task(task));
        let tasks: Option<Vec<(String, Part)>> =
            counts.by_task.then(|| counts.tasks.iter().map(of_task).collect());
        let means = tasks.as_ref().map(|tasks| Measures::of(|metric| over_tasks(metric, tasks)));
        let all = counts.pooled();
        let present: Vec<usize> = (0..counts.groups.len()).collect();
        Ok(Audit {
            settings: settings.clone(),
            pooled: sides.part(&all, &present),
            reference: sides.reference.map(|place| counts.groups[place].clone()),
            pairs: sides.pairs(&all),
            tasks,
            means,
        })
    }
}

/// The mean of a metric over the tasks.
fn over_tasks(metric: Metric, tasks: &[(String, Part)]) -> TaskMean {
    let values = tasks.iter().filter_map(|(_, part)| part.metrics[metric].value);
    let values: Vec<f64> = values.collect();
    let mean = if metric.is_rate() {
        Mean::of_rates(&values)
    } else if metric.is_signed() {
        Mean::of_differences(&values)
    } else {
        Mean::of_ratios(&values)
    };
    TaskMean { mean, undefined: tasks.len() - values.len() }
}

/// Which group is on which side.
struct Sides<'a> {
    names: &'a [String],
    protected: Vec<bool>,
    /// The place of the reference group.
    reference: Option<usize>,
}

impl<'a> Sides<'a> {
    fn new(counts: &'a Counts, settings: &Settings) -> Result<Self, Error> {
        let names = counts.groups.as_slice();
        let place = |name: &String, role| {
            let unknown =
                || Error::UnknownGroup { role, name: name.clone(), available: names.to_vec() };
            names.iter().position(|other| other == name).ok_or_else(unknown)
        };
        let mut protected = vec![false; names.len()];
        for name in &settings.protected {
            protected[place(name, "the protected group")?] = true;
        }
        if settings.protected.is_empty() {
            return Err(Error::NoneProtected { available: names.to_vec() });
        }
        let reference = match &settings.reference {
            Some(name) => {
                let place = place(name, "the reference group")?;
                if protected[place] {
                    return Err(Error::ReferenceProtected { name: name.clone() });
                }
                Some(place)
            }
            None => {
                let rows: Vec<u64> = counts.pooled().iter().map(Confusion::total).collect();
                let unprotected = (0..names.len()).filter(|&place| !protected[place]);
                // The first of the largest.
                unprotected.rev().max_by_key(|&place| rows[place])
            }
        };
        Ok(Sides { names, protected, reference })
    }

    /// Sums the counts of the groups of each side.
    fn sum(&self, groups: &[Confusion]) -> GroupCounts {
        let mut sum = GroupCounts::default();
        for (&group, protected) in groups.iter().zip(&self.protected) {
            let side = if *protected { &mut sum.protected } else { &mut sum.unprotected };
            *side = *side + group;
        }
        sum
    }

    fn of_task(&self, task: &TaskCounts) -> Part {
        let present: Vec<usize> = task.cells.iter().map(|(group, _)| *group).collect();
        self.part(&task.by_group(self.names.len()), &present)
    }

    /// What is said of rows with these counts of every group, of which those of `present` have any.
    fn part(&self, groups: &[Confusion], present: &[usize]) -> Part {
        let counts = self.sum(groups);
        let metrics = Measures::of(|metric| Estimate::of(metric, &counts));
        let group = |&place: &usize| Group {
            name: self.names[place].clone(),
            protected: self.protected[place],
            counts: groups[place],
            rates: Measures::of(|rate| Estimate::of(rate, &groups[place])),
        };
        let named = present.iter().map(|&place| (self.names[place].as_str(), &groups[place]));
        let warnings = Warning::all(&counts, named);
        Part { counts, metrics, groups: present.iter().map(group).collect(), warnings }
    }

    /// Each group that is not the reference group, against it.
    fn pairs(&self, groups: &[Confusion]) -> Vec<Pair> {
        let Some(reference) = self.reference else { return Vec::new() };
        let pair = |place: usize| {
            let sides = GroupCounts { protected: groups[place], unprotected: groups[reference] };
            let metrics = Measures::of(|metric| Estimate::of(metric, &sides));
            Pair { group: self.names[place].clone(), metrics }
        };
        (0..self.names.len()).filter(|&place| place != reference).map(pair).collect()
    }
}
