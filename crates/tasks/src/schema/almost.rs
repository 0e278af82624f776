//! Columns that would be numbers but for a few cells.

use frame::{Cells, Column};

use super::Note;

/// Says which text keeps a column from being numbers, if more than half of its rows are numbers, or
/// would be with a decimal point in place of a comma.
pub(super) fn note(column: &Column<f32>) -> Option<Note> {
    let Cells::Levels { codes, names } = &column.cells else { return None };
    let is_number = |text: &str| text.parse::<f32>().is_ok_and(f32::is_finite);
    let rows = codes.iter().filter(|&&code| names.get(code as usize).is_some()).count();
    let count = |kinds: &[bool]| {
        codes.iter().filter(|&&code| kinds.get(code as usize) == Some(&true)).count()
    };
    let numbers: Vec<bool> = names.iter().map(|name| is_number(name)).collect();
    let commas: Vec<bool> =
        names.iter().map(|name| name.contains(',') && is_number(&name.replace(',', "."))).collect();
    let (of_numbers, of_commas) = (count(&numbers), count(&commas));
    if of_commas > 0 && 2 * (of_numbers + of_commas) > rows {
        return Some(Note::Commas { column: column.name.clone() });
    }
    let (text, _) = names.iter().zip(&numbers).find(|(_, is_number)| !**is_number)?;
    (2 * of_numbers > rows).then(|| Note::AlmostNumbers {
        column: column.name.clone(),
        text: text.clone(),
        others: rows - of_numbers,
        rows,
    })
}
