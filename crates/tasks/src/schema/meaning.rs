//! What the texts of the label and of the sensitive attribute mean.

use std::collections::HashMap;

use frame::spelling::{folded, value};
use frame::{Cells, Column, Frame};

use super::{Known, Note, Roles, matches, quoted};
use crate::Error;
use crate::error::Spelling;

/// The largest number of pairs of a column that a note names.
const PAIRS: usize = 3;

/// A text of a column, and the rows that have it or the same number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    /// The most frequent way to write the value; of several, the first of the alphabet.
    pub text: String,
    pub rows: usize,
}

/// The different values of a column of texts, in the order of the alphabet.
pub(super) fn values(column: &Column<f32>) -> Vec<Counted> {
    let Cells::Levels { codes, names } = &column.cells else { return Vec::new() };
    let mut counts = vec![0_usize; names.len()];
    for &code in codes {
        if let Some(count) = counts.get_mut(code as usize) {
            *count += 1;
        }
    }
    let mut spellings: Vec<(usize, &String)> = counts.into_iter().zip(names).collect();
    spellings.sort_by(|(a, one), (b, other)| b.cmp(a).then(one.cmp(other)));
    let mut places = HashMap::new();
    let mut values: Vec<Counted> = Vec::new();
    for (rows, text) in spellings {
        let place = *places.entry(value(text)).or_insert(values.len());
        match values.get_mut(place) {
            Some(value) => value.rows += rows,
            None => values.push(Counted { text: text.clone(), rows }),
        }
    }
    values.sort_by(|one, other| one.text.cmp(&other.text));
    values
}

/// The roles with the texts as the table mostly writes them.
///
/// # Errors
/// Returns an error if two columns are the same or one does not exist; if a text of the roles is
/// not in its column, or no other text is; and if another text is written almost like it.
pub(super) fn roles(frame: &Frame<f32>, roles: &Roles) -> Result<Roles, Error> {
    let [task, label, sensitive] = roles.columns();
    if task == label || task == sensitive || label == sensitive {
        let found = format!("`{task}`, `{label}`, `{sensitive}`");
        let accepted = "three different columns";
        return Err(Error::setting("task, label and sensitive column", found, accepted));
    }
    let task = frame.column(task)?;
    if !matches!(task.cells, Cells::Levels { .. }) {
        let found = format!("`{}` with too many different texts", task.name.escape_debug());
        return Err(Error::setting("the task column", found, "a column that repeats its texts"));
    }
    let positive = std::slice::from_ref(&roles.positive);
    let positive = meant(frame, label, "the positive value", positive)?;
    let protected = meant(frame, sensitive, "the protected values", &roles.protected)?;
    let positive = positive.into_iter().next().unwrap_or_default();
    Ok(Roles { positive, protected, ..roles.clone() })
}

/// The texts of a column that the given ones mean, each once.
fn meant(
    frame: &Frame<f32>,
    column: &str,
    setting: &'static str,
    given: &[String],
) -> Result<Vec<String>, Error> {
    let column = frame.column(column)?;
    let rows = matches(column, given)?;
    let values = values(column);
    let texts: Vec<String> = values.iter().map(|value| value.text.clone()).collect();
    let (known, name) = (Known::new(&texts), column.name.escape_debug());
    let mut meant: Vec<String> = Vec::new();
    for text in given {
        let Some(place) = known.place(text) else {
            let near =
                known.nearest(text).map(|near| format!("; the nearest is {}", quoted(&[near])));
            let found = quoted(&[text]) + &near.unwrap_or_default();
            let accepted = format!("in column `{name}`, which has {}", quoted(&texts));
            return Err(Error::setting(setting, found, accepted));
        };
        if !meant.contains(&texts[place]) {
            meant.push(texts[place].clone());
        }
    }
    if given.is_empty() {
        let accepted = format!("in column `{name}`, which has {}", quoted(&texts));
        return Err(Error::setting(setting, "none", accepted));
    }
    if !rows.contains(&Some(false)) {
        let accepted = format!("absent from some rows of column `{name}`");
        return Err(Error::setting(setting, "a column in which no row has another", accepted));
    }
    check_spellings(frame, column, &meant, 0..frame.rows())?;
    Ok(meant)
}

/// Refuses a text in these rows that is written almost like one of the known texts, but is another
/// value.
///
/// # Errors
/// Returns an error with the numbers of rows of both.
pub(super) fn check_spellings(
    frame: &Frame<f32>,
    column: &Column<f32>,
    known: &[String],
    rows: impl Iterator<Item = usize> + Clone,
) -> Result<(), Error> {
    let texts = Known::new(known);
    let names = column.levels().iter();
    let near: Vec<Option<&str>> = names
        .map(|name| if texts.place(name).is_some() { None } else { texts.nearest(name) })
        .collect();
    let Cells::Levels { codes, names } = &column.cells else { return Ok(()) };
    let Some((row, known)) = rows
        .clone()
        .find_map(|row| near.get(codes[row] as usize).and_then(|near| Some((row, (*near)?))))
    else {
        return Ok(());
    };
    let text = &names[codes[row] as usize];
    let count = |text: &str| {
        let is = |&row: &usize| {
            names.get(codes[row] as usize).is_some_and(|name| frame::spelling::same(name, text))
        };
        rows.clone().filter(is).count()
    };
    Err(Error::Spelling(Box::new(Spelling {
        file: frame.file().into(),
        column: column.name.clone(),
        text: text.clone(),
        rows: count(text),
        line: frame.line(row),
        known: known.into(),
        known_rows: count(known),
    })))
}

/// A note about texts of a column that differ in nothing but case and spaces, or in a number with
/// a 0 in front.
pub(super) fn spellings(column: &Column<f32>) -> Option<Note> {
    let mut by_folded: HashMap<_, Vec<Counted>> = HashMap::new();
    for value in values(column) {
        by_folded.entry(folded(&value.text).into_owned()).or_default().push(value);
    }
    let mut alike: Vec<Vec<Counted>> =
        by_folded.into_values().filter(|alike| alike.len() > 1).collect();
    alike.sort_by(|one, other| one[0].text.cmp(&other[0].text));
    let of = |value: &Counted| format!("{} ({})", quoted(&[&value.text]), crate::rows(value.rows));
    let told = |alike: &Vec<Counted>| alike.iter().map(of).collect::<Vec<_>>().join(" and ");
    let more = alike.len().saturating_sub(PAIRS);
    let mut texts: Vec<String> = alike.iter().take(PAIRS).map(told).collect();
    if more > 0 {
        texts.push(format!("{more} more"));
    }
    let column = column.name.clone();
    (!texts.is_empty()).then(|| Note::Spellings { column, texts: texts.join(", ") })
}
