//! Settings that were tried, and what they reach on held-out tasks.

use experiment::plan::Arm;
use fairness::Measure;
use fairness::metrics::GroupCounts;
use report::mean::Mean;

use crate::validation::{Family, Found};

/// Decisions on the query rows of a held-out task.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The task.
    pub task: String,
    /// The part of the tasks to which it belongs.
    pub fold: u64,
    /// Before adaptation; `None` for a method that decides only after it.
    pub before: Option<GroupCounts>,
    /// After adaptation to K rows.
    pub after: GroupCounts,
}

/// A setting that was tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The way to reach fairness.
    pub family: Family,
    /// Its name in tables, such as "demographic-parity".
    pub name: String,
    /// The method and its regularization.
    pub arm: Arm,
    /// γ, or the aim of the thresholds.
    pub strength: f64,
    /// Its decisions, one entry for each held-out task.
    pub judged: Vec<Judged>,
}

/// Accuracy and fairness, as means over tasks.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// The accuracy of each task; `None` where it is undefined.
    pub accuracies: Vec<Option<f64>>,
    /// The fairness of each task.
    pub fairness: Vec<Option<f64>>,
}

impl Candidate {
    /// Accuracy and fairness on the tasks for which `wanted` holds, after adaptation.
    pub(crate) fn on(&self, measure: Measure, wanted: impl Fn(u64) -> bool) -> Estimate {
        Estimate::of(measure, self.judged.iter().filter(|j| wanted(j.fold)).map(|j| j.after))
    }

    /// Accuracy and fairness on all held-out tasks, after adaptation.
    pub fn after(&self, measure: Measure) -> Estimate {
        self.on(measure, |_| true)
    }

    /// The same before adaptation; no tasks for a method that decides only after it.
    pub fn before(&self, measure: Measure) -> Estimate {
        Estimate::of(measure, self.judged.iter().filter_map(|judged| judged.before))
    }
}

impl Estimate {
    pub(crate) fn of(measure: Measure, counts: impl Iterator<Item = GroupCounts>) -> Self {
        let (accuracies, fairness) =
            counts.map(|counts| (counts.overall().accuracy(), measure.closeness(&counts))).unzip();
        Estimate { accuracies, fairness }
    }

    /// The mean accuracy over tasks, with an interval.
    pub fn accuracy(&self) -> Option<Mean> {
        Mean::of_rates(&self.accuracies.iter().flatten().copied().collect::<Vec<_>>())
    }

    /// The mean fairness over the tasks in which it is defined, with an interval.
    pub fn mean_fairness(&self) -> Option<Mean> {
        Mean::of_rates(&self.fairness.iter().flatten().copied().collect::<Vec<_>>())
    }

    /// The number of tasks in which fairness is undefined.
    pub fn undefined(&self) -> usize {
        self.fairness.iter().filter(|fairness| fairness.is_none()).count()
    }

    /// The mean of the differences in accuracy, task by task.
    pub fn accuracy_minus(&self, other: &Estimate) -> Option<Mean> {
        difference(&self.accuracies, &other.accuracies)
    }

    /// The mean of the differences in fairness over the tasks in which both are defined.
    pub fn fairness_minus(&self, other: &Estimate) -> Option<Mean> {
        difference(&self.fairness, &other.fairness)
    }

    pub(crate) fn join(parts: Vec<Estimate>) -> Self {
        let (mut accuracies, mut fairness) = (Vec::new(), Vec::new());
        for part in parts {
            accuracies.extend(part.accuracies);
            fairness.extend(part.fairness);
        }
        Estimate { accuracies, fairness }
    }
}

/// The mean of the differences of the values that both have.
fn difference(ours: &[Option<f64>], theirs: &[Option<f64>]) -> Option<Mean> {
    let pairs = ours.iter().zip(theirs);
    Mean::of_differences(&pairs.filter_map(|(a, b)| Some((*a)? - (*b)?)).collect::<Vec<_>>())
}

impl From<&Estimate> for Found {
    fn from(estimate: &Estimate) -> Self {
        Found {
            tasks: estimate.accuracies.len(),
            accuracy: estimate.accuracy(),
            fairness: estimate.mean_fairness(),
            undefined: estimate.undefined(),
        }
    }
}
