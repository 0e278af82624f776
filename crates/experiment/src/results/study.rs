//! All results of one problem: the plan's trainings, and its variants.

use crate::plan::{Arm, Plan, Reading};
use crate::results::compare::{Compared, Quantity, SettingRecords};
use crate::results::record::Record;
use crate::results::summary::Row;
use crate::results::trained::Trained;

/// The results of a problem.
pub struct Study {
    /// The plan.
    pub plan: Plan,
    /// All trainings of the plan and of its companions.
    pub trained: Vec<Trained>,
    /// Records after K support rows.
    pub records: Vec<Record>,
    /// Records after other numbers of support rows.
    pub points: Vec<Record>,
    /// The means of the records over seeds.
    pub summary: Vec<Row>,
    /// The number of test tasks that were skipped because they had too few support rows.
    pub skipped_tasks: u64,
    /// Trainings of the plan that ended with an error, if it compares several algorithms.
    pub stopped: Vec<Stopped>,
    /// The variants of the ablation; the reference comes first.
    pub variants: Vec<Variant>,
}

/// One plan of the ablation.
pub struct Variant {
    /// The reading; `None` for the reference.
    pub reading: Option<Reading>,
    /// The plan.
    pub plan: Plan,
    /// Its records.
    pub records: Vec<Record>,
    /// Trainings that ended with an error: the reading refuses a batch, or the weights overflow.
    pub stopped: Vec<Stopped>,
}

/// A training that ended with an error.
#[derive(Clone, Debug, PartialEq)]
pub struct Stopped {
    /// The arms that were trained together.
    pub arms: Vec<Arm>,
    /// The error, with the run.
    pub reason: String,
}

impl Variant {
    /// The records of an arm after the adaptation of tables. There are none if the plan does not
    /// have the arm.
    pub fn shown(&self, arm: Arm) -> SettingRecords<'_> {
        if !self.plan.arms().contains(&arm) {
            return SettingRecords::default();
        }
        let (adaptation, rows) = (self.plan.shown_adaptation(arm), self.plan.shown_rows(arm));
        SettingRecords::of(&self.records, arm, adaptation).with_support(rows.get())
    }

    /// The change of an arm under the reading, paired by run and task, or only by run if one of the
    /// two counts all tasks of a run together. Undefined if fewer than half of the tasks have a
    /// partner.
    pub fn change_from(&self, reference: &Variant, arm: Arm, quantity: Quantity) -> Compared {
        let (ours, theirs) = (self.shown(arm), reference.shown(arm));
        if self.plan.judged != reference.plan.judged {
            return ours.minus_by_run(&theirs, quantity);
        }
        let change = ours.minus(&theirs, quantity);
        match 2 * change.tasks < ours.mean(quantity).tasks {
            true => Compared::default(),
            false => change,
        }
    }

    /// The row of docs/paper-decisions.md, and the reading.
    pub fn names(&self) -> (&str, &str) {
        match &self.reading {
            None => ("reference", "default"),
            Some(reading) => (&reading.decision, &reading.reading),
        }
    }

    /// The trainings of an arm that ended with an error.
    pub fn stopped(&self, arm: Arm) -> impl Iterator<Item = &Stopped> {
        self.stopped.iter().filter(move |stopped| stopped.arms.contains(&arm))
    }
}
