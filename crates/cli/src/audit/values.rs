//! What the values of a column mean. A value that is taken for another makes every number wrong, so
//! each must have one meaning.

use std::collections::HashMap;

use frame::spelling::folded;
use frame::{Cells, Frame, Levels, Options};
use report::number::counted;
use report::terminal::printable;

use crate::error::{Error, Result};
use crate::list;

/// The largest number of values in an error.
const LISTED: usize = 12;
/// Longer texts are near to none: to compare them takes long.
const LONGEST: usize = 100;

/// The option that says which decisions reject.
pub const REJECTED: &str = "--rejected";

/// A column of categories.
pub struct Categories<'a> {
    pub column: &'a str,
    pub names: &'a [String],
    file: &'a str,
    codes: &'a [u32],
    /// The rows of each value.
    rows: Vec<usize>,
}

/// The values that an option gives.
pub struct Given {
    pub option: &'static str,
    pub values: Vec<String>,
}

impl Given {
    fn has(&self, value: &String) -> bool {
        self.values.contains(value)
    }

    fn is_of_decisions(&self) -> bool {
        self.option == REJECTED
    }
}

impl<'a> Categories<'a> {
    pub fn of(frame: &'a Frame<f64>, column: &'a str) -> Result<Self> {
        let Cells::Levels { codes, names } = &frame.column(column)?.cells else {
            return Err(Error::TooManyValues {
                file: printable(frame.file()),
                column: printable(column),
                most: Options::default().most_levels,
            });
        };
        let mut rows = vec![0; names.len()];
        for &code in codes.iter().filter(|&&code| code != Levels::MISSING) {
            rows[code as usize] += 1;
        }
        Ok(Categories { column, names, file: frame.file(), codes, rows })
    }

    /// The code in a row; `None` if the cell is missing.
    pub fn at(&self, row: usize) -> Option<usize> {
        Some(self.codes[row]).filter(|&code| code != Levels::MISSING).map(|code| code as usize)
    }

    /// The values of an option.
    pub fn given(&self, option: &'static str, given: &[String]) -> Given {
        let exists = |text: &str| self.names.iter().any(|name| name == text);
        Given { option, values: list::texts(given, exists) }
    }

    /// By code, whether a value means yes. Values of `yes` do, values of `no` do not. Without `no`,
    /// the only other value means no, and so do those of `usual`, which mean it elsewhere.
    pub fn meanings(&self, yes: &Given, no: &Given, usual: &[String]) -> Result<Vec<bool>> {
        if let Some(value) = yes.values.iter().find(|value| no.has(value)) {
            return Err(Error::TwoMeanings {
                first: yes.option,
                second: no.option,
                value: printable(value),
            });
        }
        let others: Vec<&String> =
            self.names.iter().filter(|name| !yes.has(name) && !no.has(name)).collect();
        let meanings = || self.names.iter().map(|name| yes.has(name)).collect();
        let is_usual = |name: &String| no.values.is_empty() && usual.contains(name);
        let unclear: Vec<&String> = others.iter().copied().filter(|name| !is_usual(name)).collect();
        if unclear.is_empty() {
            return Ok(meanings());
        }
        if let Some(absent) = yes.values.iter().find(|value| !self.names.contains(value)) {
            return Err(self.no_such_value(yes, absent, no));
        }
        let near = |name: &String| yes.values.iter().any(|value| is_near(name, value));
        // A number that no label has is more likely a score than a decision.
        let is_score = |name: &String| !usual.is_empty() && name.parse::<f64>().is_ok();
        match others[..] {
            [other] if no.values.is_empty() && !near(other) && !is_score(other) => Ok(meanings()),
            _ => {
                let known: Vec<&String> =
                    yes.values.iter().chain(&no.values).chain(usual).collect();
                Err(self.unclear(&unclear, &known, no))
            }
        }
    }

    fn unclear(&self, values: &[&String], known: &[&String], no: &Given) -> Error {
        let shown = values.iter().take(LISTED).map(|name| {
            let near = known.iter().find(|value| is_near(name, value));
            let near = near.map(|value| format!(", like `{}`", printable(value)));
            self.shown(name, &near.unwrap_or_default())
        });
        Error::UnclearValues {
            file: printable(self.file),
            column: printable(self.column),
            values: listed(shown.collect(), values.len()),
            yes: if no.is_of_decisions() { "--accepted" } else { "--positive" },
            no: no.option,
            hint: if no.is_of_decisions() { "; with scores, give --threshold" } else { "" },
        }
    }

    fn no_such_value(&self, given: &Given, value: &str, no: &Given) -> Error {
        let nearness = |name: &String| match name.len().max(value.len()) > LONGEST {
            true => 0.0,
            false => {
                strsim::normalized_damerau_levenshtein(&name.to_lowercase(), &value.to_lowercase())
            }
        };
        let mut names: Vec<(f64, &String)> =
            self.names.iter().map(|name| (nearness(name), name)).collect();
        names.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        let shown = names.iter().take(LISTED).map(|(_, name)| self.shown(name, ""));
        let values = listed(shown.collect(), names.len());
        let hint = match no.is_of_decisions() {
            true => "; name those that accept with --accepted; with scores, give --threshold",
            false => "",
        };
        Error::NoSuchValue {
            file: printable(self.file),
            column: printable(self.column),
            option: given.option,
            value: printable(value),
            found: format!("its values are {values}{hint}"),
        }
    }

    /// A value with its number of rows.
    fn shown(&self, name: &str, more: &str) -> String {
        let rows = self.names.iter().position(|other| other == name).map_or(0, |at| self.rows[at]);
        format!("`{}` ({}{more})", printable(name), counted(rows, "row"))
    }

    /// Two values that are written so alike that they may be one, if there are such. Values of
    /// `meant` were given one by one, so they are what they seem.
    pub fn alike(&self, meant: &[String]) -> Option<[String; 2]> {
        let mut first: HashMap<String, &String> = HashMap::new();
        self.names.iter().find_map(|name| {
            let other = *first.entry(fold(name)).or_insert(name);
            let are_meant = meant.contains(name) && meant.contains(other);
            let differ = name != other && !are_meant;
            differ.then(|| [other, name].map(|name| self.shown(name, "")))
        })
    }

    /// Refuses values that are written alike.
    pub fn check_alike(&self, meant: &[String]) -> Result<()> {
        let Some([first, second]) = self.alike(meant) else { return Ok(()) };
        let (file, column) = (printable(self.file), printable(self.column));
        Err(Error::ValuesAlike { file, column, first, second })
    }
}

fn listed(mut shown: Vec<String>, all: usize) -> String {
    let more = all - shown.len();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    shown.join(", ")
}

/// A text without case, spaces, and the way to write a number or a truth value.
fn fold(text: &str) -> String {
    match &*folded(text) {
        "true" => folded("1").into_owned(),
        "false" => folded("0").into_owned(),
        other => other.to_owned(),
    }
}

fn is_near(one: &str, other: &str) -> bool {
    fold(one) == fold(other)
}
