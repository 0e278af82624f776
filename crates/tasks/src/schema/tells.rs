//! How well one column alone tells which of two kinds a row is of: its label, or its group.

use std::cmp::Ordering;
use std::collections::HashMap;

use frame::{Cells, Column, Levels};

use super::{Feature, Known};

/// The largest number of rows that are compared, spread over the table.
const ROWS: usize = 100_000;
/// The largest number of different numbers of a column that may be codes of something.
const CODES: usize = 50;

/// What rows are, and the task of each of them.
pub(super) struct Target {
    /// The row and whether it is of the first kind.
    rows: Vec<(usize, bool)>,
    /// `(rows.len())`
    tasks: Vec<u32>,
}

impl Target {
    /// The rows whose kind and task are known, or some of them that are spread over the table.
    pub fn of(kinds: &[Option<bool>], tasks: &[u32]) -> Self {
        let step = kinds.len().div_ceil(ROWS).max(1);
        let rows: Vec<(usize, bool)> = (0..kinds.len())
            .step_by(step)
            .filter(|&row| tasks[row] != Levels::MISSING)
            .filter_map(|row| Some((row, kinds[row]?)))
            .collect();
        let tasks = rows.iter().map(|&(row, _)| tasks[row]).collect();
        Target { rows, tasks }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The numbers of rows of both kinds.
    pub fn counts(&self) -> [usize; 2] {
        let first = self.rows.iter().filter(|(_, kind)| *kind).count();
        [first, self.rows.len() - first]
    }

    /// The rows that are wrong if each task has its more frequent kind.
    pub fn smaller_within(&self) -> usize {
        let kinds = self.rows.iter().map(|(_, kind)| *kind);
        counts(self.tasks.iter().zip(kinds)).into_values().map(|[a, b]| a.min(b)).sum()
    }
}

/// The cells of a column, as a model sees them.
pub(super) enum Tells<'a> {
    Numbers(&'a [f32]),
    /// The feature of each row.
    Texts(Vec<u32>),
}

impl<'a> Tells<'a> {
    /// The cells of a column that becomes this feature.
    pub fn of(column: &'a Column<f32>, feature: &Feature) -> Option<Self> {
        match (&column.cells, feature) {
            (Cells::Numbers(numbers), _) => Some(Tells::Numbers(numbers)),
            (Cells::Levels { codes, names }, Feature::Categorical { levels, .. }) => {
                let (known, other) = (Known::new(levels), levels.len());
                let slots: Vec<usize> =
                    names.iter().map(|name| known.place(name).unwrap_or(other)).collect();
                let slot = |&code: &u32| *slots.get(code as usize).unwrap_or(&(other + 1)) as u32;
                Some(Tells::Texts(codes.iter().map(slot).collect()))
            }
            _ => None,
        }
    }

    /// The fewest rows whose kind is told wrongly: by each text, by a threshold on the numbers and
    /// by what is missing, or by each number if there are few.
    pub fn wrong(&self, target: &Target) -> usize {
        match self {
            Tells::Texts(slots) => {
                by_text(target.rows.iter().map(|&(row, kind)| (slots[row], kind)))
            }
            Tells::Numbers(numbers) => {
                let by_threshold = by_threshold(numbers, &target.rows);
                let codes = codes(numbers, target).map(by_text);
                codes.unwrap_or(usize::MAX).min(by_threshold)
            }
        }
    }

    /// The rows whose kind is told wrongly by each text within each task; `None` for numbers that
    /// are no codes.
    pub fn wrong_within(&self, target: &Target) -> Option<usize> {
        let with_task = |cells: &mut dyn Iterator<Item = (u32, bool)>| {
            let tasks = target.tasks.iter();
            by_text(cells.zip(tasks).map(|((cell, kind), &task)| ((task, cell), kind)))
        };
        match self {
            Tells::Texts(slots) => {
                Some(with_task(&mut target.rows.iter().map(|&(row, kind)| (slots[row], kind))))
            }
            Tells::Numbers(numbers) => {
                codes(numbers, target).map(|mut cells| with_task(&mut cells))
            }
        }
    }

    /// The pairs of rows of both kinds within a task of which the numbers tell the kinds wrongly,
    /// and all such pairs. Equal numbers are wrong in half of their pairs. `None` for texts.
    pub fn pairs_within(&self, target: &Target) -> Option<(f64, f64)> {
        let Tells::Numbers(numbers) = self else { return None };
        let mut by_task: HashMap<u32, Vec<(f32, bool)>> = HashMap::new();
        for (&(row, kind), &task) in target.rows.iter().zip(&target.tasks) {
            if !numbers[row].is_nan() {
                by_task.entry(task).or_default().push((numbers[row], kind));
            }
        }
        // Sums of halves are exact, so the order of the tasks changes nothing.
        let (below, all) = by_task
            .into_values()
            .map(|rows| ordered(rows.into_iter()))
            .fold((0.0, 0.0), |(below, all), (b, a)| (below + b, all + a));
        Some((below.min(all - below), all))
    }

    /// The area under the receiver operating characteristic of the column alone, at least 0.5 for
    /// numbers. Texts are ordered by the share of their rows that are of the first kind.
    pub fn auc(&self, target: &Target) -> f64 {
        let share = |(below, all): (f64, f64)| if all > 0.0 { below / all } else { 0.5 };
        match self {
            Tells::Texts(slots) => {
                share(by_share(target.rows.iter().map(|&(row, kind)| (slots[row], kind))))
            }
            Tells::Numbers(numbers) => {
                let rows = || target.rows.iter().map(|&(row, kind)| (numbers[row], kind));
                let of_numbers = share(ordered(rows().filter(|(number, _)| !number.is_nan())));
                let of_missing = share(by_share(
                    rows().map(|(number, kind)| (u32::from(number.is_nan()), kind)),
                ));
                of_numbers.max(1.0 - of_numbers).max(of_missing)
            }
        }
    }
}

/// The numbers as codes, and the kind of each row. `None` if there are too many different ones.
fn codes<'a>(
    numbers: &'a [f32],
    target: &'a Target,
) -> Option<impl Iterator<Item = (u32, bool)> + 'a> {
    // Both zeros are one number.
    let code = |number: f32| (number + 0.0).to_bits();
    let mut met = std::collections::HashSet::new();
    for &(row, _) in &target.rows {
        if met.insert(code(numbers[row])) && met.len() > CODES {
            return None;
        }
    }
    Some(target.rows.iter().map(move |&(row, kind)| (code(numbers[row]), kind)))
}

/// The rows of both kinds for each text.
fn counts<T: std::hash::Hash + Eq>(
    rows: impl Iterator<Item = (T, bool)>,
) -> HashMap<T, [usize; 2]> {
    let mut counts: HashMap<T, [usize; 2]> = HashMap::new();
    for (text, kind) in rows {
        counts.entry(text).or_default()[usize::from(!kind)] += 1;
    }
    counts
}

/// The rows that are wrong if each one is of the kind that most of the others with its text are of.
/// The row itself does not count, so a text of one row tells nothing.
fn by_text<T: std::hash::Hash + Eq>(rows: impl Iterator<Item = (T, bool)>) -> usize {
    let wrong = |[a, b]: [usize; 2]| {
        let of = |own: usize, other: usize| if own > other + 1 { 0 } else { own };
        of(a, b) + of(b, a)
    };
    counts(rows).into_values().map(wrong).sum()
}

/// Of the pairs of rows of both kinds, those in which the row of the first kind has the text with
/// the larger share of the first kind, with half of those with the same text or share; and all
/// pairs. The two rows do not count for the shares, so chance tells nothing.
fn by_share(rows: impl Iterator<Item = (u32, bool)>) -> (f64, f64) {
    let counts: Vec<[usize; 2]> = counts(rows).into_values().collect();
    let share = |first: usize, rows: usize| first as f64 / rows.max(2).saturating_sub(1) as f64;
    let (mut below, mut all) = (0.0, 0.0);
    for (place, &[first, of_other]) in counts.iter().enumerate() {
        let of_first = share(first.saturating_sub(1), first + of_other);
        for (other_place, &[of_it, other]) in counts.iter().enumerate() {
            let pairs = first as f64 * other as f64;
            let of_other = share(of_it, of_it + other);
            all += pairs;
            below += match of_first.total_cmp(&of_other) {
                _ if place == other_place => pairs / 2.0,
                Ordering::Greater => pairs,
                Ordering::Equal => pairs / 2.0,
                Ordering::Less => 0.0,
            };
        }
    }
    (below, all)
}

/// Of the pairs of rows of both kinds, those in which the row of the first kind has the larger
/// number, with half of those with equal numbers; and all pairs.
fn ordered(rows: impl Iterator<Item = (f32, bool)>) -> (f64, f64) {
    let mut rows: Vec<(f32, bool)> = rows.collect();
    rows.sort_unstable_by(|(a, _), (b, _)| a.total_cmp(b));
    let (mut others, mut all, mut below) = (0_usize, 0_usize, 0.0);
    for same in rows.chunk_by(|(a, _), (b, _)| a == b) {
        let first = same.iter().filter(|(_, kind)| *kind).count();
        let other = same.len() - first;
        below += first as f64 * (others as f64 + other as f64 / 2.0);
        others += other;
        all += first;
    }
    (below, all as f64 * others as f64)
}

/// The fewest rows that are wrong if all numbers above a threshold are of one kind and the others
/// of the other one. Missing values are of their more frequent kind.
fn by_threshold(numbers: &[f32], rows: &[(usize, bool)]) -> usize {
    let (missing, mut known): (Vec<(f32, bool)>, Vec<_>) =
        rows.iter().map(|&(row, kind)| (numbers[row], kind)).partition(|(x, _)| x.is_nan());
    known.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let positive = known.iter().filter(|(_, kind)| *kind).count();
    let negative = known.len() - positive;
    let (mut negative_below, mut positive_below) = (0, 0);
    let mut fewest = positive.min(negative);
    for (i, &(number, kind)) in known.iter().enumerate() {
        if kind {
            positive_below += 1;
        } else {
            negative_below += 1;
        }
        if known.get(i + 1).is_some_and(|(next, _)| *next == number) {
            continue;
        }
        let above_is_positive = positive_below + (negative - negative_below);
        let above_is_negative = negative_below + (positive - positive_below);
        fewest = fewest.min(above_is_positive).min(above_is_negative);
    }
    fewest + by_text(missing.into_iter().map(|(_, kind)| (0, kind)))
}
