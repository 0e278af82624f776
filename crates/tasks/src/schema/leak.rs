//! Columns that give the label away.

use frame::{Cells, Column};

use super::{Feature, Note};

/// The largest number of rows that are compared, spread over the table.
const ROWS: usize = 100_000;
/// The least number of compared rows of each class.
const CLASS: usize = 10;
/// A column leaks if it is wrong in at most this share of the smaller class.
const WRONG: f64 = 0.05;

/// A note if the column alone tells nearly every label: by its texts that are features, by one
/// threshold on its numbers, or by what is missing.
pub(super) fn note(
    column: &Column<f32>,
    feature: &Feature,
    labels: &[Option<bool>],
) -> Option<Note> {
    let step = labels.len().div_ceil(ROWS).max(1);
    let rows: Vec<(usize, bool)> =
        (0..labels.len()).step_by(step).filter_map(|row| Some((row, labels[row]?))).collect();
    let positive = rows.iter().filter(|(_, label)| *label).count();
    let smaller = positive.min(rows.len() - positive);
    if smaller < CLASS {
        return None;
    }
    let wrong = match (&column.cells, feature) {
        (Cells::Numbers(numbers), _) => by_threshold(numbers, &rows),
        (Cells::Levels { codes, names }, Feature::Categorical { levels, .. }) => {
            let slots: Vec<usize> = names
                .iter()
                .map(|name| levels.iter().position(|l| l == name))
                .map(|slot| slot.unwrap_or(levels.len()))
                .collect();
            let slot =
                |row: usize| slots.get(codes[row] as usize).copied().unwrap_or(levels.len() + 1);
            by_text(rows.iter().map(|&(row, label)| (slot(row), label)), levels.len() + 2)
        }
        _ => return None,
    };
    let leaks = wrong as f64 <= WRONG * smaller as f64;
    leaks.then(|| Note::Leak { column: column.name.clone(), wrong, rows: rows.len() })
}

/// The rows that are wrong if each of the `count` texts has its more frequent label.
fn by_text(rows: impl Iterator<Item = (usize, bool)>, count: usize) -> usize {
    let mut counts = vec![[0_usize; 2]; count];
    for (slot, label) in rows {
        counts[slot][usize::from(label)] += 1;
    }
    counts.into_iter().map(|[negative, positive]| negative.min(positive)).sum()
}

/// The fewest rows that are wrong if all numbers above a threshold have one label and the others
/// have the other one. Missing values have their more frequent label.
fn by_threshold(numbers: &[f32], rows: &[(usize, bool)]) -> usize {
    let (missing, mut known): (Vec<(f32, bool)>, Vec<_>) =
        rows.iter().map(|&(row, label)| (numbers[row], label)).partition(|(x, _)| x.is_nan());
    known.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let positive = known.iter().filter(|(_, label)| *label).count();
    let negative = known.len() - positive;
    let (mut negative_below, mut positive_below) = (0, 0);
    let mut fewest = positive.min(negative);
    for (i, &(number, label)) in known.iter().enumerate() {
        if label {
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
    fewest + by_text(missing.into_iter().map(|(_, label)| (0, label)), 1)
}
