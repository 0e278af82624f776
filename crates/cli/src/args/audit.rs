//! The command `audit`.

use std::path::PathBuf;

/// What the help ends with.
pub const EXAMPLES: &str = "\
Examples:
  fair-maml audit p.csv --label income --prediction decision \\
      --positive '>50K' --sensitive sex --protected Female
  fair-maml audit p.csv --label repaid --positive yes --prediction d \\
      --accepted 1 --rejected 0 --sensitive sex --protected F
  fair-maml audit p.csv --label income --prediction p \\
      --threshold 0.5 --positive '>50K' --sensitive race \\
      --protected Black,Other --reference White --task state

A label has two values: that of --positive, and one other. So has a decision.
More values are refused, unless options say what each of them means. An option
with several values may be repeated, or have them between commas. A value with
a comma that is in the column is taken whole.";

/// Options of `audit`.
#[derive(Debug, clap::Args)]
pub struct Audit {
    /// CSV file with a header, or `-` for standard input
    pub file: PathBuf,

    /// Column of the true labels
    #[arg(long, value_name = "COLUMN")]
    pub label: String,

    /// Column of the decisions, or with --threshold of the scores
    #[arg(long, value_name = "COLUMN")]
    pub prediction: String,

    /// Column of the groups
    #[arg(long, value_name = "COLUMN")]
    pub sensitive: String,

    /// Values of a positive label, and without --accepted of a decision that accepts
    #[arg(long, value_name = "VALUE,…", required = true, allow_hyphen_values = true)]
    pub positive: Vec<String>,

    /// Values of a negative label, and of a decision that rejects [default: the only other value]
    #[arg(long, value_name = "VALUE,…", allow_hyphen_values = true)]
    pub negative: Vec<String>,

    /// Values of a decision that accepts, if decisions are not written like labels
    #[arg(long, value_name = "VALUE,…", allow_hyphen_values = true, conflicts_with = "threshold")]
    pub accepted: Vec<String>,

    /// Values of a decision that rejects [default: the only other value]
    #[arg(long, value_name = "VALUE,…", allow_hyphen_values = true, conflicts_with = "threshold")]
    pub rejected: Vec<String>,

    /// Protected groups; all other groups are compared with them
    #[arg(long, value_name = "VALUE,…", required = true, allow_hyphen_values = true)]
    pub protected: Vec<String>,

    /// Column of the tasks: also audits each task
    #[arg(long, value_name = "COLUMN")]
    pub task: Option<String>,

    /// Group with which each other group is compared [default: the largest that is not protected]
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    pub reference: Option<String>,

    /// Predictions are scores on any scale, and one of at least T accepts
    #[arg(long, value_name = "T", value_parser = finite, allow_hyphen_values = true)]
    pub threshold: Option<f64>,

    /// More texts that mean that a cell is missing, beside an empty cell, ?, NA, N/A, NaN, null,
    /// None and such
    #[arg(long, value_name = "TEXT,…", value_delimiter = ',', allow_hyphen_values = true)]
    pub missing: Vec<String>,

    /// Texts among them that are values in this table, such as NA as the name of a group
    #[arg(long, value_name = "TEXT,…", value_delimiter = ',', allow_hyphen_values = true)]
    pub not_missing: Vec<String>,

    /// Leave out rows in which a cell is missing; without it they are an error
    #[arg(long)]
    pub skip_missing: bool,

    /// Character between two cells; `tab` for a tab
    #[arg(long, value_name = "CHAR", default_value = ",", value_parser = delimiter)]
    pub delimiter: u8,

    /// Without effect: intervals come from counts
    #[arg(long, value_name = "N", hide = true)]
    pub resamples: Option<u32>,

    /// Without effect: intervals come from counts
    #[arg(long, value_name = "N", hide = true)]
    pub seed: Option<u64>,

    /// Print one JSON object instead of tables
    #[arg(long)]
    pub json: bool,

    /// Also write one HTML page to this file
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,

    /// Replace a page that exists
    #[arg(long, requires = "html")]
    pub force: bool,
}

fn finite(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err("expected a finite number".into()),
    }
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [byte] if byte.is_ascii() => Ok(*byte),
        _ => Err("expected one ASCII character, or `tab`".into()),
    }
}
