//! All that came of one problem: the plan's trainings, and its variants.

use crate::plan::{Arm, Plan, Reading};
use crate::results::compare::{Compared, Quantity, Side};
use crate::results::record::Record;
use crate::results::summary::Row;
use crate::results::trained::Trained;

/// What came of a problem.
pub struct Study {
    /// What was run.
    pub plan: Plan,
    /// Every training of the plan, and of the published code's variant.
    pub trained: Vec<Trained>,
    /// Decisions on K support rows.
    pub records: Vec<Record>,
    /// Decisions on other numbers of support rows.
    pub points: Vec<Record>,
    /// The records over seeds.
    pub summary: Vec<Row>,
    /// Test tasks that had too few rows to adapt on.
    pub passed_over: u64,
    /// The ablation, its reference first.
    pub variants: Vec<Variant>,
}

/// One plan of the ablation.
pub struct Variant {
    /// The reading; `None` for the reference.
    pub reading: Option<Reading>,
    /// What was run.
    pub plan: Plan,
    /// Its decisions.
    pub records: Vec<Record>,
    /// Trainings that ended with an error: the reading refuses something, or runs away.
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
    /// The records of an arm as adapted in the way that the variant's plan shows.
    /// Of an arm that the plan does not have there are none.
    pub fn shown(&self, arm: Arm) -> Side<'_> {
        if !self.plan.arms().contains(&arm) {
            return Side::default();
        }
        let (adaptation, rows) = (self.plan.shown_adaptation(arm), self.plan.shown_rows(arm));
        Side::of(&self.records, arm, adaptation).with_support(rows.get())
    }

    /// What the reading changes about an arm: paired by run and task, or by run alone where one of
    /// the two counts all tasks of a run together. Nothing is said if fewer than half of the tasks
    /// have a partner.
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

    /// The row of docs/paper-decisions.md, and how it is read.
    pub fn names(&self) -> (&str, &str) {
        match &self.reading {
            None => ("reference", "default"),
            Some(reading) => (&reading.decision, &reading.reading),
        }
    }

    /// Of an arm's trainings those that ended with an error.
    pub fn stopped(&self, arm: Arm) -> impl Iterator<Item = &Stopped> {
        self.stopped.iter().filter(move |stopped| stopped.arms.contains(&arm))
    }
}
