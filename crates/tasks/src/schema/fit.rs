//! The choice of the features of a table.

use std::fmt;

use frame::{Cells, Column, Frame};

use super::{Encoding, Feature, Roles, Schema, almost, leak, matches, quoted};
use crate::Error;
use crate::scaling::moments;

/// Something about a table that its owner should know before training.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A column is no feature, because it has the same value in every row.
    Constant {
        /// The name of the column.
        column: String,
        /// Whether the value is a number, which was read in single precision.
        is_number: bool,
    },
    /// A column is no feature, because single precision hardly tells its values apart.
    Coarse {
        /// The name of the column.
        column: String,
    },
    /// A column is no feature, because it has no values.
    Empty {
        /// The name of the column.
        column: String,
    },
    /// A column is no feature, because none of its texts is frequent.
    NoneFrequent {
        /// The name of the column.
        column: String,
        /// The least number of rows of a frequent text.
        frequent: usize,
    },
    /// A column is no feature, because it has more different texts than are kept.
    TooMany {
        /// The name of the column.
        column: String,
    },
    /// A column is read as texts, although most of its cells are numbers.
    AlmostNumbers {
        /// The name of the column.
        column: String,
        /// The first text in it that is no finite number in single precision.
        text: String,
        /// The rows with such a text.
        others: usize,
        /// The rows in which no cell is missing.
        rows: usize,
    },
    /// Most cells of a column would be numbers, if they had a decimal point in place of a comma.
    Commas {
        /// The name of the column.
        column: String,
    },
    /// The label has several texts beside the positive one.
    Negatives {
        /// The name of the column.
        column: String,
        /// The positive text.
        positive: String,
        /// The others, sorted.
        others: Vec<String>,
    },
    /// A column alone tells the label, so it may not be known when a decision is needed.
    Leak {
        /// The name of the column.
        column: String,
        /// The rows, of those compared, whose label it does not tell.
        wrong: usize,
        /// The rows that were compared.
        rows: usize,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Note::Constant { column, .. }
        | Note::Coarse { column }
        | Note::Empty { column }
        | Note::NoneFrequent { column, .. }
        | Note::TooMany { column }
        | Note::AlmostNumbers { column, .. }
        | Note::Commas { column }
        | Note::Negatives { column, .. }
        | Note::Leak { column, .. }) = self;
        write!(f, "column `{}` ", column.escape_debug())?;
        match self {
            Note::Constant { is_number: false, .. } => {
                f.write_str("is left out: it has the same value in every row")
            }
            Note::Constant { is_number: true, .. } => f.write_str(
                "is left out: it has the same number, in single precision, in every row",
            ),
            Note::Coarse { .. } => f.write_str(
                "is left out: single precision hardly tells its large values apart; subtract what \
                 they have in common",
            ),
            Note::Empty { .. } => f.write_str("is left out: it has no values"),
            Note::NoneFrequent { frequent, .. } => {
                write!(f, "is left out: no text in it occurs in {frequent} rows or more")
            }
            Note::TooMany { .. } => f.write_str(
                "is left out: it has too many different texts, like names; numbers need a decimal \
                 point, as in 1.5",
            ),
            Note::AlmostNumbers { text, others, rows, .. } => write!(
                f,
                "is read as texts: {others} of {rows} cells are no numbers of single precision, the \
                 first `{}`; name such texts as missing if the column has numbers",
                text.escape_debug()
            ),
            Note::Commas { .. } => f.write_str(
                "has numbers with a comma, which are read as texts; write them with a decimal \
                 point, as in 1.5, and with no other mark",
            ),
            Note::Negatives { positive, others, .. } => write!(
                f,
                "has {} texts; all but `{}` count as negative: {}",
                others.len() + 1,
                positive.escape_debug(),
                quoted(others)
            ),
            Note::Leak { wrong: 0, .. } => f.write_str(
                "tells the label of every row; drop it if it is not known before the decision",
            ),
            Note::Leak { wrong, rows, .. } => write!(
                f,
                "tells the label of all but {wrong} of {rows} rows; drop it if it is not known \
                 before the decision"
            ),
        }
    }
}

impl Schema {
    /// Decides how the columns of a table become features. Every column that `roles` does not name
    /// is a feature, but for those that a note names as left out.
    ///
    /// # Errors
    /// Returns an error if a column of `roles` does not exist, or if two of them are the same; if
    /// the label is always or never positive, or the group always or never protected; if a value
    /// is missing where that is refused; and if no feature is left.
    pub fn fit(
        frame: &Frame<f32>,
        roles: &Roles,
        encoding: &Encoding,
    ) -> Result<(Schema, Vec<Note>), Error> {
        let labels = check(frame, roles)?;
        let mut notes = Vec::new();
        let mut features = Vec::new();
        for column in frame.columns() {
            if roles.columns().contains(&column.name.as_str()) {
                continue;
            }
            notes.extend(almost::note(column));
            match feature(column, encoding) {
                Ok(feature) => {
                    notes.extend(leak::note(column, &feature, &labels));
                    features.push(feature);
                }
                Err(note) => notes.push(note),
            }
        }
        if features.is_empty() {
            let reasons: Vec<String> = notes.iter().map(Note::to_string).collect();
            let found = match reasons.is_empty() {
                true => "no other column".into(),
                false => format!("none ({})", reasons.join("; ")),
            };
            return Err(Error::setting("the features", found, "at least one column"));
        }
        notes.splice(0..0, negatives(frame, roles)?);
        let Encoding { scaling, missing, .. } = *encoding;
        let schema = Schema { roles: roles.clone(), features, scaling, missing };
        schema.columns(frame, 0..frame.rows())?;
        Ok((schema, notes))
    }
}

/// Names the texts that count as negative, if there are several.
fn negatives(frame: &Frame<f32>, roles: &Roles) -> Result<Option<Note>, Error> {
    let texts = frame.column(&roles.label)?.levels().iter();
    let mut others: Vec<String> = texts.filter(|text| **text != roles.positive).cloned().collect();
    others.sort_unstable();
    let (column, positive) = (roles.label.clone(), roles.positive.clone());
    Ok((others.len() > 1).then_some(Note::Negatives { column, positive, others }))
}

/// The feature of a column, or the reason why it is none.
fn feature(column: &Column<f32>, encoding: &Encoding) -> Result<Feature, Note> {
    let name = column.name.clone();
    let missing = column.missing();
    match &column.cells {
        Cells::Numbers(numbers) => {
            let known = || numbers.iter().filter(|number| !number.is_nan());
            let Some(first) = known().next() else { return Err(Note::Empty { column: name }) };
            if missing == 0 && known().all(|number| number == first) {
                return Err(Note::Constant { column: name, is_number: true });
            }
            let numbers = || known().map(|&number| f64::from(number));
            if is_coarse(numbers) {
                return Err(Note::Coarse { column: name });
            }
            let (center, scale) = moments(numbers);
            Ok(Feature::Numeric { column: name, center, scale, indicator: missing > 0 })
        }
        Cells::Levels { codes, names } => {
            if names.is_empty() {
                return Err(Note::Empty { column: name });
            }
            if names.len() == 1 && missing == 0 {
                return Err(Note::Constant { column: name, is_number: false });
            }
            let levels = frequent(codes, names, encoding);
            if levels.is_empty() {
                let frequent = encoding.frequent;
                return Err(Note::NoneFrequent { column: name, frequent });
            }
            Ok(Feature::Categorical { column: name, levels, indicator: missing > 0 })
        }
        Cells::Texts(_) | Cells::TooMany => Err(Note::TooMany { column: name }),
    }
}

/// Whether different numbers lie within so few units of rounding that single precision would
/// distort them.
fn is_coarse<I: Iterator<Item = f64>>(numbers: impl Fn() -> I) -> bool {
    const FEWEST_UNITS: f64 = 64.0;
    let (least, most) = numbers()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), x| (least.min(x), most.max(x)));
    let unit = f64::from(f32::EPSILON) * least.abs().max(most.abs());
    least < most && most - least < FEWEST_UNITS * unit
}

/// The most frequent texts, in alphabetical order.
fn frequent(codes: &[u32], names: &[String], encoding: &Encoding) -> Vec<String> {
    let mut counts = vec![0_usize; names.len()];
    for &code in codes {
        if let Some(count) = counts.get_mut(code as usize) {
            *count += 1;
        }
    }
    let mut order: Vec<(usize, &String)> = counts.into_iter().zip(names).collect();
    order.retain(|(count, _)| *count >= encoding.frequent);
    // The most frequent first; of two that are as frequent, the first of the alphabet.
    order.sort_by(|(a, one), (b, other)| b.cmp(a).then(one.cmp(other)));
    order.truncate(encoding.most_levels);
    let mut levels: Vec<String> = order.into_iter().map(|(_, name)| name.clone()).collect();
    levels.sort();
    levels
}

/// Checks that the roles fit the table. Returns the labels.
fn check(frame: &Frame<f32>, roles: &Roles) -> Result<Vec<Option<bool>>, Error> {
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
    let labels = both(frame, label, "the positive value", std::slice::from_ref(&roles.positive))?;
    both(frame, sensitive, "the protected values", &roles.protected)?;
    Ok(labels)
}

/// Whether each row has one of `texts` in a column. Some rows must, and some must not.
fn both(
    frame: &Frame<f32>,
    column: &str,
    setting: &'static str,
    texts: &[String],
) -> Result<Vec<Option<bool>>, Error> {
    let column = frame.column(column)?;
    let rows = matches(column, texts)?;
    let (known, name) = (column.levels(), column.name.escape_debug());
    let unknown = texts.iter().find(|text| !known.contains(text));
    if texts.is_empty() || unknown.is_some() {
        let found = unknown.map_or("none".into(), |text| quoted(&[text]));
        let accepted = format!("in column `{name}`, which has {}", quoted(known));
        return Err(Error::setting(setting, found, accepted));
    }
    if !rows.contains(&Some(false)) {
        let accepted = format!("absent from some rows of column `{name}`");
        return Err(Error::setting(setting, "a column in which no row has another", accepted));
    }
    Ok(rows)
}
