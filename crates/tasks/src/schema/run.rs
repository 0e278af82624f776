//! Columns that number the rows.

use std::collections::HashMap;

use frame::{Cells, Column, Levels};

use super::Note;

/// The least number of rows of a column that numbers the rows.
const ROWS: usize = 20;
/// The least number of rows of a column that only grows.
const GROWING: usize = 50;
/// The least mean number of rows of a task in which rows are numbered.
const OF_TASK: usize = 5;
/// From here on, single precision gives neighboring whole numbers one value.
const EXACT: f32 = 16_777_216.0;

/// How a column numbers the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// Its numbers are consecutive, in any order.
    Table,
    /// Its numbers are consecutive from 0 or 1 in each task.
    Task,
    /// It grows from each row to the next.
    Growing,
}

/// A note if a column has whole numbers that number the rows of the table or of each task.
pub(super) fn note(column: &Column<f32>, tasks: &[u32]) -> Option<Note> {
    let Cells::Numbers(numbers) = &column.cells else { return None };
    // A missing number is not whole either.
    if numbers.len() < ROWS || numbers.iter().any(|number| number.fract() != 0.0) {
        return None;
    }
    let run = if is_run(numbers) {
        Run::Table
    } else if is_run_of_tasks(numbers, tasks) {
        Run::Task
    } else if numbers.len() >= GROWING && grows(numbers) {
        Run::Growing
    } else {
        return None;
    };
    Some(Note::Run { column: column.name.clone(), run })
}

/// Whether whole numbers are consecutive and different, in any order.
fn is_run(numbers: &[f32]) -> bool {
    let (least, most) = numbers
        .iter()
        .fold((f32::INFINITY, f32::NEG_INFINITY), |(least, most), &x| (least.min(x), most.max(x)));
    if f64::from(most) - f64::from(least) != numbers.len() as f64 - 1.0 {
        return false;
    }
    let mut numbers = numbers.to_vec();
    numbers.sort_unstable_by(f32::total_cmp);
    numbers.windows(2).all(|pair| pair[1] - pair[0] == 1.0)
}

fn is_run_of_tasks(numbers: &[f32], tasks: &[u32]) -> bool {
    let mut by_task: HashMap<u32, Vec<f32>> = HashMap::new();
    for (&number, &task) in numbers.iter().zip(tasks).filter(|(_, task)| **task != Levels::MISSING)
    {
        by_task.entry(task).or_default().push(number);
    }
    let rows: usize = by_task.values().map(Vec::len).sum();
    rows >= OF_TASK * by_task.len()
        && by_task.into_values().all(|numbers| {
            let least = numbers.iter().copied().fold(f32::INFINITY, f32::min);
            (least == 0.0 || least == 1.0) && is_run(&numbers)
        })
}

fn grows(numbers: &[f32]) -> bool {
    let is_next = |pair: &[f32]| pair[0] < pair[1] || pair[0] == pair[1] && pair[0] >= EXACT;
    numbers.windows(2).all(is_next) && numbers.first() < numbers.last()
}
