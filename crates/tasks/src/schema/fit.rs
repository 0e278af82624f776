//! The choice of the features of a table.

use std::fmt;

use frame::{Cells, Column, Frame};

use super::leak::Leaks;
use super::meaning::Counted;
use super::{Encoding, Feature, Roles, Run, Schema, almost, matches, meaning, quoted, run};
use crate::Error;
use crate::scaling::moments;
use crate::table::value_codes;

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
    /// A column has texts that may be two ways to write one value.
    Spellings {
        /// The name of the column.
        column: String,
        /// The texts, with their numbers of rows.
        texts: String,
    },
    /// A column alone tells the label, so it may not be known when a decision is needed.
    Leak {
        /// The name of the column.
        column: String,
        /// The rows, of those compared, whose label it does not tell.
        wrong: usize,
        /// The rows that were compared.
        rows: usize,
        /// Whether the same text may mean another label in another task.
        within: bool,
    },
    /// A column of numbers orders the rows of a task by their label.
    Ordered {
        /// The name of the column.
        column: String,
        /// The pairs of a positive and a negative row of a task that are in the wrong order.
        wrong: u64,
        /// All such pairs, of those compared.
        pairs: u64,
    },
    /// A column numbers the rows.
    Run {
        /// The name of the column.
        column: String,
        /// How it numbers them.
        run: Run,
    },
    /// A column alone tells the group.
    Copy {
        /// The name of the column.
        column: String,
        /// The rows, of those compared, whose group it does not tell.
        wrong: usize,
        /// The rows that were compared.
        rows: usize,
    },
    /// Columns that tell much of the group, each alone.
    Proxies {
        /// The name of the sensitive column.
        column: String,
        /// The columns, each with the area under the curve.
        columns: Vec<(String, String)>,
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
        | Note::Spellings { column, .. }
        | Note::Leak { column, .. }
        | Note::Ordered { column, .. }
        | Note::Run { column, .. }
        | Note::Copy { column, .. }
        | Note::Proxies { column, .. }) = self;
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
            Note::Spellings { texts, .. } => write!(
                f,
                "has texts that may be the same value and count as different ones: {texts}; write \
                 them alike if they are"
            ),
            Note::Leak { wrong, rows, within, .. } => {
                let of_rows = all_but(*wrong, *rows);
                let within = if *within { ", read within each task" } else { "" };
                write!(f, "tells the label of {of_rows}{within}; {UNKNOWN}")
            }
            Note::Ordered { wrong, pairs, .. } => write!(
                f,
                "orders the rows of each task by their label: {wrong} of {pairs} pairs of a \
                 positive and a negative row are in the wrong order; {UNKNOWN}"
            ),
            Note::Run { run, .. } => f.write_str(match run {
                Run::Table => "has consecutive numbers, like row numbers; drop it if it is an id",
                Run::Task => {
                    "has consecutive numbers in each task, like row numbers; drop it if it is an id"
                }
                Run::Growing => {
                    "grows from each row to the next, like row numbers; drop it if it is an id"
                }
            }),
            Note::Copy { wrong, rows, .. } => write!(
                f,
                "tells the group of {}, so decisions may depend on the group; drop it if it is a \
                 copy",
                all_but(*wrong, *rows)
            ),
            Note::Proxies { columns, .. } => {
                f.write_str("can be guessed from single columns; the area under the curve is ")?;
                let told = |(column, auc): &(String, String)| {
                    format!("{auc} for `{}`", column.escape_debug())
                };
                let more = columns.len().saturating_sub(PROXIES);
                let mut told: Vec<String> = columns.iter().take(PROXIES).map(told).collect();
                if more > 0 {
                    told.push(format!("less for {more} more"));
                }
                write!(f, "{} (0.5 tells nothing, 1 everything)", told.join(", "))
            }
        }
    }
}

/// The largest number of columns that are listed beside the sensitive attribute.
const PROXIES: usize = 6;
/// What to do about a column that tells the label.
const UNKNOWN: &str = "drop it if it is not known before the decision";

/// All rows but those that are wrong.
fn all_but(wrong: usize, rows: usize) -> String {
    match wrong {
        0 => "every row".into(),
        _ => format!("all but {wrong} of {rows} rows"),
    }
}

impl Schema {
    /// Decides how the columns of a table become features. Every column that `roles` does not name
    /// is a feature, but for those that a note names as left out.
    ///
    /// # Errors
    /// Returns an error if a column of `roles` does not exist, or if two of them are the same; if
    /// the label is always or never positive, or the group always or never protected; if a label
    /// or a group is written almost like one of `roles`; if a value is missing where that is
    /// refused; and if no feature is left.
    pub fn fit(
        frame: &Frame<f32>,
        roles: &Roles,
        encoding: &Encoding,
    ) -> Result<(Schema, Vec<Note>), Error> {
        let roles = meaning::roles(frame, roles)?;
        let positive = std::slice::from_ref(&roles.positive);
        let labels = matches(frame.column(&roles.label)?, positive)?;
        let groups = matches(frame.column(&roles.sensitive)?, &roles.protected)?;
        let task = frame.column(&roles.task)?;
        let tasks = match &task.cells {
            Cells::Levels { codes, names } => value_codes(codes, names),
            _ => Vec::new(),
        };
        let mut notes: Vec<Note> =
            negatives(frame, &roles)?.into_iter().chain(meaning::spellings(task)).collect();
        let (mut features, mut left_out) = (Vec::new(), Vec::new());
        let mut leaks = Leaks::new(&labels, &groups, &tasks);
        for column in frame.columns() {
            if roles.columns().contains(&column.name.as_str()) {
                continue;
            }
            notes.extend(almost::note(column));
            match feature(column, encoding) {
                Ok(feature) => {
                    notes.extend(meaning::spellings(column));
                    notes.extend(leaks.notes(column, &feature));
                    notes.extend(run::note(column, &tasks));
                    features.push(feature);
                }
                Err(note) => {
                    left_out.push(note.to_string());
                    notes.push(note);
                }
            }
        }
        if features.is_empty() {
            let found = match left_out.is_empty() {
                true => "no other column".into(),
                false => format!("none ({})", left_out.join("; ")),
            };
            return Err(Error::setting("the features", found, "at least one column"));
        }
        notes.extend(leaks.proxies(&roles.sensitive));
        let Encoding { scaling, missing, .. } = *encoding;
        let schema = Schema { roles, features, scaling, missing };
        schema.columns(frame, 0..frame.rows())?;
        Ok((schema, notes))
    }
}

/// Names the texts that count as negative, if there are several.
fn negatives(frame: &Frame<f32>, roles: &Roles) -> Result<Option<Note>, Error> {
    let texts = meaning::values(frame.column(&roles.label)?).into_iter().map(|value| value.text);
    let others: Vec<String> = texts.filter(|text| *text != roles.positive).collect();
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
            let values = meaning::values(column);
            if values.len() == 1 && missing == 0 {
                return Err(Note::Constant { column: name, is_number: false });
            }
            let levels = frequent(values, encoding);
            if levels.is_empty() {
                let frequent = encoding.frequent;
                return Err(Note::NoneFrequent { column: name, frequent });
            }
            let own: usize = levels.iter().map(|level| level.rows).sum();
            let known = codes.len() - missing;
            let rare = (known - own) as f64 / known as f64;
            let levels = levels.into_iter().map(|level| level.text).collect();
            Ok(Feature::Categorical { column: name, levels, indicator: missing > 0, rare })
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

/// The most frequent values, in alphabetical order.
fn frequent(mut values: Vec<Counted>, encoding: &Encoding) -> Vec<Counted> {
    values.retain(|value| value.rows >= encoding.frequent);
    // The most frequent first; of two that are as frequent, the first of the alphabet.
    values.sort_by(|one, other| other.rows.cmp(&one.rows).then(one.text.cmp(&other.text)));
    values.truncate(encoding.most_levels);
    values.sort_by(|one, other| one.text.cmp(&other.text));
    values
}
