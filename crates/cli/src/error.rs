//! The errors of commands.

use std::path::PathBuf;

/// An error in one line: the problem and the accepted values.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An experiment that could not be run.
    #[error(transparent)]
    Experiment(#[from] experiment::error::Error),
    /// A computation that needs more memory or work than is allowed.
    #[error(transparent)]
    TooLarge(#[from] meta::estimate::TooLarge),
    /// Results of the laboratory that could not be shown.
    #[error(transparent)]
    Lab(#[from] lab::error::Error),
    /// Results that could not be shown.
    #[error(transparent)]
    Paper(#[from] paper::error::Error),
    /// A table that could not be read.
    #[error(transparent)]
    Frame(#[from] frame::Error),
    /// A table that could not be audited.
    #[error("{file}, column `{column}`: {source}")]
    Audit { file: String, column: String, source: audit::Error },
    /// A value that no cell of its column has.
    #[error("{file}, column `{column}`: no cell is `{value}`, the value of {option}; {found}")]
    NoSuchValue {
        file: String,
        column: String,
        option: &'static str,
        value: String,
        /// What is in the column, and what may help.
        found: String,
    },
    /// Values of which nothing says what they mean.
    #[error(
        "{file}, column `{column}`: what {values} means is not clear; say it of each value with \
         {yes} and {no}{hint}"
    )]
    UnclearValues {
        file: String,
        column: String,
        /// Each value with its number of rows.
        values: String,
        /// The options that say what a value means.
        yes: &'static str,
        no: &'static str,
        /// What else may help.
        hint: &'static str,
    },
    /// Values that may be one.
    #[error(
        "{file}, column `{column}`: {first} and {second} differ only in case, spaces or the way to \
         write a number; write them alike, or name both with --protected"
    )]
    ValuesAlike { file: String, column: String, first: String, second: String },
    /// A value with two meanings.
    #[error("{first} and {second} both have `{value}`; name it in one of them")]
    TwoMeanings { first: &'static str, second: &'static str, value: String },
    /// A column with more values than groups or classes have.
    #[error(
        "{file}, column `{column}`: more than {most} different values; is it the right column?"
    )]
    TooManyValues { file: String, column: String, most: usize },
    /// Rows without a label, a prediction, a group or a task.
    #[error(
        "{file}: a cell is missing in {rows}, first in line {line}, column `{column}`; \
         --skip-missing leaves such rows out"
    )]
    MissingCells { file: String, rows: String, line: usize, column: String },
    /// A text that is said to be a missing value and to be none.
    #[error("--missing and --not-missing both have `{text}`; name it in one of them")]
    MissingAndNot { text: String },
    /// Two options that name the same column.
    #[error("{first} and {second} both name the column `{column}`; give each its own")]
    SameColumn { first: &'static str, second: &'static str, column: String },
    /// A file that would replace one that the command reads, which not even `--force` does.
    #[error(
        "{option} {}: {} is {role}, and would be replaced; choose another name",
        given.display(), path.display()
    )]
    ReplacesInput {
        option: &'static str,
        /// The value of the option.
        given: PathBuf,
        /// The file.
        path: PathBuf,
        /// What it is to the command.
        role: &'static str,
    },
    /// A figure of a page that could not be drawn.
    #[error(transparent)]
    Figure(#[from] report::figure::FigureError),
    /// A file that could not be read or written.
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    /// A results folder that cannot be written to.
    #[error("--out {0}")]
    Out(#[from] store::Error),
    /// A file that cannot be written.
    #[error("{option} {source}")]
    Place { option: &'static str, source: store::Error },
    /// A run that a signal has stopped.
    #[error(
        "interrupted: finished work is kept in {}; the same command continues from there",
        out.display()
    )]
    Interrupted {
        out: PathBuf,
        /// The exit code that tells the signal.
        code: u8,
    },
    /// A command that a signal has ended, and that keeps no unfinished work.
    #[error("interrupted: nothing is written; the same command begins again")]
    Ended {
        /// The exit code that tells the signal.
        code: u8,
    },
    /// A folder with results that only `--force` replaces.
    #[error(
        "--out {}: {found}; use --force to replace them, or choose another folder",
        path.display()
    )]
    Replace {
        path: PathBuf,
        /// A description of the results in the folder.
        found: String,
    },
    /// An invalid case.
    #[error("{}: {source}", path.display())]
    Case { path: PathBuf, source: meta::case::CaseError },
    /// A manifest that is none of a study.
    #[error("{}: {reason}", path.display())]
    Manifest { path: PathBuf, reason: String },
    /// Settings beside a manifest that has all of them.
    #[error(
        "--manifest {}: it repeats a study as it was; leave --algorithm, --regularizer and --gamma out",
        path.display()
    )]
    Repeated { path: PathBuf },
    /// A data file for a problem that reads no data.
    #[error("--data {}: synthetic tasks are generated, not read; use the problem communities or all", path.display())]
    Unread { path: PathBuf },
    /// A model that could not be made or used.
    #[error(transparent)]
    Model(#[from] model::Error),
    /// Settings that could not be read.
    #[error("{}: {reason}", path.display())]
    Config { path: PathBuf, reason: String },
    /// No table to train on.
    #[error("--data is needed: the CSV file to train on")]
    NoData,
    /// A name that no file can have.
    #[error("{option} {}: expected the name of a file", given.display())]
    NoFile { option: &'static str, given: PathBuf },
    /// A name that the program gives to files of its own.
    #[error(
        "{option} {}: the program has files of its own with such a name; choose another",
        given.display()
    )]
    OwnName { option: &'static str, given: PathBuf },
    /// Two files of a command with one name.
    #[error(
        "{option} {}: another file of this command has the name {}; choose another ending, such as \
         .safetensors",
        given.display(), path.display()
    )]
    SameOutput { option: &'static str, given: PathBuf, path: PathBuf },
    /// Something that is no regular file in the place of one, which not even `--force` replaces.
    #[error(
        "{option} {}: {} is {kind}, which is not replaced; choose another name",
        given.display(), path.display()
    )]
    NoRegularFile { option: &'static str, given: PathBuf, path: PathBuf, kind: &'static str },
    /// Files that only `--force` replaces.
    #[error(
        "{option} {}: {files} {verb}; use --force to replace {them}, or choose another name",
        given.display()
    )]
    Exists {
        option: &'static str,
        /// The value of the option.
        given: PathBuf,
        /// The files, between commas, with the words that fit their number.
        files: String,
        verb: &'static str,
        them: &'static str,
    },
    /// Results that could not be put into their format.
    #[error("{file}: {reason}")]
    Format { file: &'static str, reason: String },
}

/// The result of a command or a part of it.
pub type Result<T> = std::result::Result<T, Error>;

/// A message about JSON without the names of Rust types: what was expected, in plain words.
pub fn in_plain_words(message: &str) -> String {
    const BEFORE: &str = ", expected ";
    let is_of_json = ["invalid type: ", "invalid value: ", "invalid length "];
    let at = message.rfind(BEFORE).filter(|_| is_of_json.iter().any(|of| message.contains(of)));
    let Some(at) = at else { return message.into() };
    let (start, rest) = message.split_at(at + BEFORE.len());
    let end = rest.find(" at line ").unwrap_or(rest.len());
    let (expected, place) = rest.split_at(end);
    let bare = expected.trim_start_matches("a ").trim_start_matches("nonzero ");
    let is_integer = bare.len() > 1
        && bare.starts_with(['u', 'i'])
        && (bare.ends_with("size") || bare[1..].bytes().all(|b| b.is_ascii_digit()));
    let plain = match expected {
        _ if is_integer && expected.contains("nonzero") => "an integer of at least 1",
        _ if is_integer && bare.starts_with('u') => "an integer of at least 0",
        _ if is_integer => "an integer",
        "f64" | "f32" => "a number",
        "a sequence" => "a list",
        "a map" => "an object",
        _ if expected.starts_with("struct ") => "an object",
        other => other,
    };
    format!("{start}{plain}{place}")
}

#[cfg(test)]
mod tests {
    use super::in_plain_words;

    #[test]
    fn types_have_plain_names() {
        let said = |expected: &str| {
            let message = format!("a.json: invalid type: string \"u64\", expected {expected}");
            let plain = in_plain_words(&(message + " at line 1 column 14"));
            let rest = plain.strip_prefix("a.json: invalid type: string \"u64\", expected ");
            rest.unwrap().strip_suffix(" at line 1 column 14").unwrap().to_owned()
        };
        assert_eq!(said("usize"), "an integer of at least 0");
        assert_eq!(said("a nonzero u64"), "an integer of at least 1");
        assert_eq!(said("i32"), "an integer");
        assert_eq!(said("f64"), "a number");
        assert_eq!(said("struct File with 12 elements"), "an object");
        assert_eq!(said("a sequence"), "a list");
        assert_eq!(said("a string"), "a string");
        assert_eq!(said("union"), "union");
        let other = "unknown variant `x`, expected `relu` or `tanh`";
        assert_eq!(in_plain_words(other), other);
    }
}
