//! The audit as JSON. An undefined value is `null`.

use std::collections::BTreeMap;

use fairness::metrics::{Confusion, GroupCounts};
use serde::Serialize;

use crate::measure::{Measures, Metric, Rate};
use crate::result::{Audit, Estimate, Group, Part, TaskMean};
use crate::tables::Origin;
use crate::warning::Warning;

/// The audit as one object.
///
/// Its first keys are those of a set of rows: every [`Metric`] by its key, `groups` by name (each
/// with `count`, its rates by their keys, `protected`, `counts` and `intervals`), `intervals` by
/// metric (each with `low` and `high`), `counts` of the protected and of all other rows, and
/// `warnings` (each with a `kind`, its numbers and a `text`). These keys follow:
///
/// | key | |
/// |---|---|
/// | `rows`, `left_out` | the rows audited, and those left out because a cell is missing |
/// | `protected`, `reference` | the protected groups, and the group of the pairs |
/// | `pairs` | by group: every metric of the group against the reference group, and `intervals` |
/// | `tasks` | by task: the keys of a set of rows; `null` without a task column |
/// | `task_means` | by metric: `mean`, `low`, `high`, and the numbers `tasks` and `undefined` |
///
/// A mean over tasks is one over the tasks in which the metric exists. `tasks` counts these, and
/// `undefined` the others.
pub fn json<'a>(audit: &'a Audit, origin: &'a Origin) -> impl Serialize + 'a {
    AuditObject {
        pooled: PartObject::of(&audit.pooled),
        rows: audit.pooled.counts.overall().total(),
        left_out: origin.left_out,
        protected: &audit.settings.protected,
        reference: audit.reference.as_deref(),
        pairs: audit
            .pairs
            .iter()
            .map(|pair| (pair.group.as_str(), Compared::of(&pair.metrics)))
            .collect(),
        tasks: audit.tasks.as_ref().map(|tasks| {
            tasks.iter().map(|(name, part)| (name.as_str(), PartObject::of(part))).collect()
        }),
        task_means: audit.means.as_ref().map(|means| {
            let tasks = audit.tasks.as_ref().map_or(0, Vec::len);
            means.map(|mean| MeanObject::of(mean, tasks))
        }),
    }
}

#[derive(Serialize)]
struct AuditObject<'a> {
    #[serde(flatten)]
    pooled: PartObject<'a>,
    rows: u64,
    left_out: usize,
    protected: &'a [String],
    reference: Option<&'a str>,
    pairs: BTreeMap<&'a str, Compared>,
    tasks: Option<BTreeMap<&'a str, PartObject<'a>>>,
    task_means: Option<Measures<Metric, MeanObject>>,
}

/// Metrics and their intervals.
#[derive(Serialize)]
struct Compared {
    #[serde(flatten)]
    values: Measures<Metric, Option<f64>>,
    intervals: Measures<Metric, IntervalObject>,
}

impl Compared {
    fn of(metrics: &Measures<Metric, Estimate>) -> Self {
        let values = metrics.map(|estimate| estimate.value);
        Compared { values, intervals: metrics.map(IntervalObject::of) }
    }
}

#[derive(Serialize)]
struct PartObject<'a> {
    #[serde(flatten)]
    values: Measures<Metric, Option<f64>>,
    groups: BTreeMap<&'a str, GroupObject>,
    intervals: Measures<Metric, IntervalObject>,
    counts: GroupCounts,
    warnings: Vec<WarningObject<'a>>,
}

impl<'a> PartObject<'a> {
    fn of(part: &'a Part) -> Self {
        let Compared { values, intervals } = Compared::of(&part.metrics);
        let groups = part.groups.iter().map(|group| (group.name.as_str(), GroupObject::of(group)));
        let warning = |warning: &'a Warning| WarningObject { warning, text: warning.text() };
        PartObject {
            values,
            groups: groups.collect(),
            intervals,
            counts: part.counts,
            warnings: part.warnings.iter().map(warning).collect(),
        }
    }
}

#[derive(Serialize)]
struct GroupObject {
    count: u64,
    #[serde(flatten)]
    values: Measures<Rate, Option<f64>>,
    protected: bool,
    counts: Confusion,
    intervals: Measures<Rate, IntervalObject>,
}

impl GroupObject {
    fn of(group: &Group) -> Self {
        GroupObject {
            count: group.counts.total(),
            values: group.rates.map(|estimate| estimate.value),
            protected: group.protected,
            counts: group.counts,
            intervals: group.rates.map(IntervalObject::of),
        }
    }
}

#[derive(Serialize)]
struct IntervalObject {
    low: Option<f64>,
    high: Option<f64>,
}

impl IntervalObject {
    fn of(estimate: &Estimate) -> Self {
        let (low, high) = estimate.interval.unzip();
        IntervalObject { low, high }
    }
}

#[derive(Serialize)]
struct MeanObject {
    mean: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    tasks: usize,
    undefined: usize,
}

impl MeanObject {
    fn of(mean: &TaskMean, tasks: usize) -> Self {
        let (low, high) = mean.mean.and_then(|mean| mean.interval).unzip();
        let (tasks, undefined) = (tasks - mean.undefined, mean.undefined);
        MeanObject { mean: mean.mean.map(|mean| mean.mean), low, high, tasks, undefined }
    }
}

#[derive(Serialize)]
struct WarningObject<'a> {
    #[serde(flatten)]
    warning: &'a Warning,
    text: String,
}
