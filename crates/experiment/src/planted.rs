//! Planted results for tests.

use fairness::metrics::{Confusion, GroupCounts};
use meta::AbsentCounts;

use crate::plan::Plan;
use crate::plan::arm::Arm;
use crate::results::outcome::{Adaptation, Outcome};
use crate::results::record::Record;
use crate::results::study::Study;
use crate::results::trained::{Learned, Trained};

/// The identity of a result.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    /// The arm.
    pub arm: Arm,
    /// The adaptation.
    pub adaptation: Adaptation,
    /// The run.
    pub seed: u64,
    /// The task.
    pub task: usize,
    /// The number of support rows.
    pub rows: usize,
}

/// A quarter of the points in each cell of each group's table.
pub fn even() -> GroupCounts {
    let five =
        Confusion { true_positives: 5, false_positives: 5, true_negatives: 5, false_negatives: 5 };
    GroupCounts { protected: five, unprotected: five }
}

/// A training with these outcomes.
pub fn trained(arm: Arm, seed: u64, outcomes: Vec<Outcome>) -> Trained {
    let learned = Learned::Weights(vec![0.1 + 0.2, -0.0, 5e-324, f64::MAX, 1.0 / 3.0]);
    let absent = Some(AbsentCounts::default());
    Trained { seed, arm, learned, curve: vec![(1, 0.7)], absent, outcomes, points: Vec::new() }
}

/// The record of a cell, on 40 query rows half of which are positive.
pub fn record(cell: Cell, accuracy: Option<f64>, ratio: Option<f64>) -> Record {
    let outcome = Outcome {
        task: format!("task {}", cell.task),
        adaptation: cell.adaptation,
        support_rows: cell.rows,
        counts: even(),
    };
    let run = trained(cell.arm, cell.seed, Vec::new());
    let record = Record::new("planted", "planted".into(), &run, &outcome);
    let closeness = ratio.map(|ratio| ratio.min(1.0 / ratio));
    Record {
        accuracy,
        demographic_parity_ratio: ratio,
        equal_opportunity_ratio: ratio,
        demographic_parity_closeness: closeness,
        equal_opportunity_closeness: closeness,
        ..record
    }
}

/// The number of tasks in each run.
pub const TASKS: usize = 2;

/// A study of a plan with the given accuracies and ratios.
pub fn study(plan: Plan, value: impl Fn(Cell) -> (f64, f64)) -> Study {
    let mut records = Vec::new();
    let mut points = Vec::new();
    let make = |cell: Cell| {
        let (accuracy, ratio) = value(cell);
        Record { label: plan.label(cell.arm), ..record(cell, Some(accuracy), Some(ratio)) }
    };
    for seed in 0..plan.seeds.get() {
        for (arm, task) in plan.arms().into_iter().flat_map(|arm| (0..TASKS).map(move |t| (arm, t)))
        {
            let cell = |adaptation, rows| Cell { arm, adaptation, seed, task, rows };
            let k = plan.support_rows().get();
            records.extend(plan.adaptations(arm).into_iter().map(|how| make(cell(how, k))));
            let (shown, rows) = (plan.shown_adaptation(arm), plan.shown_rows(arm).get());
            if rows != k {
                records.push(make(cell(shown, rows)));
            }
            points.extend(plan.points.iter().map(|&rows| make(cell(shown, rows))));
        }
    }
    Study {
        plan,
        trained: Vec::new(),
        records,
        points,
        summary: Vec::new(),
        skipped_tasks: 0,
        stopped: Vec::new(),
        variants: Vec::new(),
    }
}
