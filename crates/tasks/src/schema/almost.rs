//! Columns that would be numbers but for a few cells.

use frame::{Cells, Column};

use super::Note;

/// Says which text keeps a column from being numbers, if more than half of its rows are numbers.
pub(super) fn note(column: &Column<f32>) -> Option<Note> {
    let Cells::Levels { codes, names } = &column.cells else { return None };
    let is_number: Vec<bool> =
        names.iter().map(|name| name.parse::<f32>().is_ok_and(f32::is_finite)).collect();
    let known = || codes.iter().filter_map(|&code| is_number.get(code as usize));
    let (rows, numbers) = (known().count(), known().filter(|number| **number).count());
    let (text, _) = names.iter().zip(&is_number).find(|(_, number)| !**number)?;
    (2 * numbers > rows).then(|| Note::AlmostNumbers {
        column: column.name.clone(),
        text: text.clone(),
        others: rows - numbers,
        rows,
    })
}
