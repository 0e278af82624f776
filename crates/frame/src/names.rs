//! The names of the columns: each must be one that an option can give.

use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What a column without a name is called, before its number.
const UNNAMED: &str = "unnamed";

/// Names of which each belongs to one column.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Names {
    /// One for each column.
    pub unique: Vec<String>,
    /// The names of the header that name no column: those of several columns, and the empty one.
    /// With each, the columns that have it.
    pub ambiguous: BTreeMap<String, Vec<usize>>,
}

impl Names {
    /// Numbers the names that are empty or that several columns have: `x (1)` and `x (2)`. The
    /// number counts columns of that name only, so it does not depend on the other columns.
    pub fn of(header: Vec<String>) -> Self {
        let mut columns: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (column, name) in header.iter().enumerate() {
            columns.entry(name).or_default().push(column);
        }
        columns.retain(|name, columns| name.is_empty() || columns.len() > 1);
        let ambiguous: BTreeMap<String, Vec<usize>> =
            columns.into_iter().map(|(name, columns)| (name.to_owned(), columns)).collect();
        if ambiguous.is_empty() {
            return Self { unique: header, ambiguous };
        }
        let mut taken: HashSet<String> = header.iter().cloned().collect();
        let mut unique = header;
        for (name, columns) in &ambiguous {
            let base = if name.is_empty() { UNNAMED } else { name };
            for (number, &column) in columns.iter().enumerate() {
                let mut numbered = format!("{base} ({})", number + 1);
                while !taken.insert(numbered.clone()) {
                    numbered.push('*');
                }
                unique[column] = numbered;
            }
        }
        Self { unique, ambiguous }
    }

    /// What is wrong with a name that names no column; `None` if nothing is.
    pub fn problem(&self, name: &str) -> Option<String> {
        let columns = self.ambiguous.get(name)?;
        let called: Vec<String> =
            columns.iter().take(LISTED).map(|&column| quoted(&self.unique[column])).collect();
        let what = match (name, columns.len()) {
            ("", 1) => format!("column {} has no name", columns[0] + 1),
            ("", count) => format!("{count} columns have no name"),
            (name, count) => format!("{count} columns are named {}", quoted(name)),
        };
        Some(format!("{what}; say which one is meant: {}", called.join(", ")))
    }

    /// A sentence about each name that was numbered, if one of its columns is read.
    pub fn notes(&self, is_read: impl Fn(usize) -> bool) -> Vec<String> {
        let read = |columns: &[usize]| columns.iter().any(|&column| is_read(column));
        let numbered = self.ambiguous.iter().filter(|(_, columns)| read(columns));
        let note = |(name, columns): (&String, &Vec<usize>)| {
            let places: Vec<String> = columns
                .iter()
                .take(LISTED)
                .map(|&column| format!("column {} is {}", column + 1, quoted(&self.unique[column])))
                .collect();
            let what = match name.as_str() {
                "" => "the header has a column without a name".into(),
                name => format!("the header has {} {} times", quoted(name), columns.len()),
            };
            format!("{what}: {}", places.join(", "))
        };
        numbered.map(note).collect()
    }

    /// The names of the columns.
    pub fn set(&self) -> BTreeSet<&str> {
        self.unique.iter().map(String::as_str).collect()
    }
}

/// The largest number of columns in a message.
const LISTED: usize = 12;

fn quoted(name: &str) -> String {
    format!("`{}`", name.escape_debug())
}

/// Returns a name for each column of a header. A column without a name becomes `unnamed (1)`, and
/// columns with one name become `x (1)` and `x (2)`. Readers give these names to columns.
///
/// ```
/// let header = ["", "x", "y", "x"].map(String::from).to_vec();
/// assert_eq!(frame::unique_names(header), ["unnamed (1)", "x (1)", "y", "x (2)"]);
/// ```
pub fn unique_names(header: Vec<String>) -> Vec<String> {
    Names::of(header).unique
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_never_makes_a_name_of_another_column() {
        let header = ["x (1)", "x", "", "x", "unnamed (1)"].map(String::from).to_vec();
        let names = Names::of(header);
        assert_eq!(names.unique, ["x (1)", "x (1)*", "unnamed (1)*", "x (2)", "unnamed (1)"]);
        assert_eq!(names.set().len(), 5);
        assert_eq!(names.problem("x (1)"), None);
        assert_eq!(
            names.problem("x").unwrap(),
            "2 columns are named `x`; say which one is meant: `x (1)*`, `x (2)`"
        );
    }
}
