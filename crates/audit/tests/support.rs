//! Tables of rows.

use audit::{Audit, Counts, Settings, Tally};

/// One row: task, group, label, decision.
pub type Row = (usize, usize, bool, bool);

pub fn names(count: usize) -> Vec<String> {
    (0..count).map(|index| index.to_string()).collect()
}

/// The counts of rows of groups and tasks that are named by their codes.
pub fn counts(rows: &[Row], by_task: bool) -> Counts {
    let groups = names(rows.iter().map(|row| row.1 + 1).max().unwrap_or(1));
    let tasks = names(rows.iter().map(|row| row.0 + 1).max().unwrap_or(1));
    let mut tally = Tally::new(&groups, by_task.then_some(&tasks)).unwrap();
    for &(task, group, positive, accepted) in rows {
        tally.record(if by_task { task } else { 0 }, group, positive, accepted);
    }
    tally.finish().unwrap()
}

/// With these groups protected.
pub fn settings(protected: &[usize]) -> Settings {
    let protected = protected.iter().map(usize::to_string).collect();
    Settings { protected, ..Settings::default() }
}

pub fn audit(rows: &[Row], by_task: bool, settings: &Settings) -> Audit {
    Audit::new(&counts(rows, by_task), settings).unwrap()
}
