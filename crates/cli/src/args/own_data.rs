//! The commands about a table of the user.

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use clap::{ValueEnum, value_parser};
use fairness::Notion;
use meta::AnyAlgorithm;
use meta::algorithm::PUBLISHED_CODE;
use model::{Columns, Keep, Measured, Recipe};
use report::terminal::printable;
use tasks::Scaling;
use tasks::schema::Missing;

use super::limits::LimitOptions;
use super::{algorithms_where, gamma, regularizers};
use crate::error::{Error, Result};
use crate::list;

/// Options of `train`.
#[derive(Debug, clap::Args)]
pub struct Train {
    #[command(flatten)]
    pub columns: TableColumns,

    /// Settings as TOML, as a run writes them beside its model; other options change them
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// File of the model; its card, front and settings stand beside it
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,

    /// Replace files that exist, but none that is read
    #[arg(long)]
    pub force: bool,

    /// Least parity on held-out tasks for which γ is chosen [default: 0.8]
    #[arg(long, value_name = "P", value_parser = share)]
    pub parity: Option<f64>,

    /// Least opportunity, in place of a parity
    #[arg(long, value_name = "P", value_parser = share, conflicts_with = "parity")]
    pub opportunity: Option<f64>,

    /// Regularizers to try [default: the paper's for the target]
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', value_parser = regularizers())]
    pub regularizer: Option<Vec<Notion>>,

    /// Weights γ to try; 0 is always tried [default: 0.3, 1, 2, 4, 8, 16]
    #[arg(long, value_name = "G,G,…", value_delimiter = ',', value_parser = gamma,
          allow_hyphen_values = true)]
    pub gammas: Option<Vec<f64>>,

    /// What the model keeps: the regularizer, the thresholds by group, or the better of the two
    /// [default: regularizer]
    #[arg(long, value_enum, value_name = "RIVAL")]
    pub keep: Option<Kept>,

    /// Number of parts of the tasks; each is held out once [default: 5]
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(2..=100))]
    pub folds: Option<u64>,

    /// Also train the pre-trained network and networks from scratch, and show them in the front
    #[arg(long)]
    pub compare: bool,

    /// Meta-learning algorithm [default: fair-maml]
    #[arg(long, value_name = "NAME", value_parser = algorithms_where(|known| known != PUBLISHED_CODE))]
    pub algorithm: Option<AnyAlgorithm>,

    /// K, the number of labeled rows of a new task [default: 10]
    #[arg(long, value_name = "K")]
    pub shots: Option<NonZeroUsize>,

    /// Number of meta-iterations [default: 2000]
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..=1_000_000_000))]
    pub iterations: Option<u64>,

    /// Rows over which a number gets mean 0 and variance 1: all rows, or those of each task
    /// [default: all]
    #[arg(long, value_enum, value_name = "ROWS")]
    pub scaling: Option<ScaledOver>,

    #[command(flatten)]
    pub limits: LimitOptions,

    /// Number of threads; results do not depend on it [default: all cores]
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

/// The table, and what its columns mean.
#[derive(Debug, clap::Args)]
pub struct TableColumns {
    /// CSV file whose first row names the columns
    #[arg(long, value_name = "FILE", required_unless_present = "config")]
    pub data: Option<PathBuf>,

    /// Column that names the task of a row, such as a hospital or a state
    #[arg(long, value_name = "COLUMN", required_unless_present = "config")]
    pub task: Option<String>,

    /// Column with the label
    #[arg(long, value_name = "COLUMN", required_unless_present = "config")]
    pub label: Option<String>,

    /// Value of the label that is the positive class
    #[arg(
        long,
        value_name = "VALUE",
        required_unless_present = "config",
        allow_hyphen_values = true
    )]
    pub positive: Option<String>,

    /// Column with the sensitive attribute
    #[arg(long, value_name = "COLUMN", required_unless_present = "config")]
    pub sensitive: Option<String>,

    /// Values of the sensitive attribute that are the protected group; repeat the option for a
    /// value with a comma
    #[arg(
        long,
        value_name = "VALUE,…",
        required_unless_present = "config",
        allow_hyphen_values = true
    )]
    pub protected: Option<Vec<String>>,

    /// Columns that are not used; repeat the option for a name with a comma, here and below
    #[arg(long, value_name = "COLUMN,…")]
    pub drop: Option<Vec<String>>,

    /// Columns of numbers; without this and the next option, kinds are told apart
    #[arg(long, value_name = "COLUMN,…")]
    pub numeric: Option<Vec<String>>,

    /// Columns of texts, even if the texts look like numbers
    #[arg(long, value_name = "COLUMN,…")]
    pub categorical: Option<Vec<String>>,

    /// More texts that mean that a value is missing, beside an empty cell, ?, NA, N/A, NaN, null,
    /// None and such
    #[arg(long, value_name = "TEXT,…", value_delimiter = ',', allow_hyphen_values = true)]
    pub missing: Option<Vec<String>>,

    /// Texts among them that are values in this table, such as NA as the name of a group
    #[arg(long, value_name = "TEXT,…", value_delimiter = ',', allow_hyphen_values = true)]
    pub not_missing: Option<Vec<String>>,

    /// Refuse missing values of features; by default they are imputed, with an indicator
    #[arg(long)]
    pub refuse_missing: bool,

    /// Character between two cells [default: a comma]
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    pub delimiter: Option<char>,
}

/// What a model keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kept {
    /// The weights that a regularizer was trained with
    Regularizer,
    /// MAML's weights with a threshold for each group
    Thresholds,
    /// The one with the better estimate
    Better,
}

/// The rows over which a number is scaled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ScaledOver {
    /// Those of all tasks
    All,
    /// Those of each task
    Task,
    /// None: numbers stay as they are
    None,
}

/// Options of `adapt`.
#[derive(Debug, clap::Args)]
pub struct Adapt {
    /// Model that `train` wrote
    #[arg(long, value_name = "FILE")]
    pub model: PathBuf,

    /// CSV file with labeled rows of the new task
    #[arg(long, value_name = "FILE")]
    pub data: PathBuf,

    /// Number of labeled rows to adapt to; the others judge the model [default: as in training]
    #[arg(long, value_name = "K", value_parser = positive)]
    pub shots: Option<usize>,

    /// The task, if the file has several
    #[arg(long, value_name = "NAME")]
    pub task: Option<String>,

    /// Seed of the choice of rows, if the file has more labeled rows
    #[arg(long, value_name = "N", default_value = "0")]
    pub seed: u64,

    /// File of the adapted model
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,

    /// Replace files that exist, but none that is read
    #[arg(long)]
    pub force: bool,
}

/// Options of `predict`.
#[derive(Debug, clap::Args)]
pub struct Predict {
    /// Model, usually an adapted one
    #[arg(long, value_name = "FILE")]
    pub model: PathBuf,

    /// CSV file with the rows
    #[arg(long, value_name = "FILE")]
    pub data: PathBuf,

    /// CSV file of the predictions: all columns that are no features, then probability and decision
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,

    /// Also write both logits, before the probability, which is their softmax
    #[arg(long)]
    pub logits: bool,

    /// Put a ' before texts that a spreadsheet would take for a formula; otherwise cells stay as
    /// they are
    #[arg(long)]
    pub escape_formulas: bool,

    /// Replace a file that exists, but none that is read
    #[arg(long)]
    pub force: bool,
}

/// Options of `inspect`.
#[derive(Debug, clap::Args)]
pub struct Inspect {
    /// Model
    pub model: PathBuf,

    /// Print all settings and numbers but the weights as one JSON object
    #[arg(long)]
    pub json: bool,
}

impl TableColumns {
    /// The table and its columns, if all are given. Lists come later, with
    /// [`TableColumns::change`].
    pub fn all(&self) -> Result<(PathBuf, Columns)> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let data = self.data.clone().ok_or(Error::NoData)?;
        let columns = Columns {
            task: text(&self.task),
            label: text(&self.label),
            positive: text(&self.positive),
            sensitive: text(&self.sensitive),
            protected: Vec::new(),
            drop: Vec::new(),
            numeric: Vec::new(),
            categorical: Vec::new(),
        };
        Ok((data, columns))
    }

    /// Changes the settings that are given. Reads the table where a list may mean several things.
    fn change(&self, recipe: &mut Recipe) -> Result<()> {
        set(&mut recipe.data, &self.data);
        set(&mut recipe.reading.delimiter, &self.delimiter);
        self.change_missing(&mut recipe.reading.missing)?;
        let columns = &mut recipe.columns;
        set(&mut columns.task, &self.task);
        set(&mut columns.label, &self.label);
        set(&mut columns.positive, &self.positive);
        set(&mut columns.sensitive, &self.sensitive);
        self.change_lists(recipe)?;
        if self.refuse_missing {
            recipe.encoding.missing = Missing::Refuse;
        }
        Ok(())
    }

    /// Adds texts that mean "missing", and takes out others.
    fn change_missing(&self, missing: &mut Vec<String>) -> Result<()> {
        let trimmed = |texts: &Option<Vec<String>>| -> Vec<String> {
            texts.iter().flatten().map(|text| text.trim().to_owned()).collect()
        };
        let (more, less) = (trimmed(&self.missing), trimmed(&self.not_missing));
        if let Some(text) = more.iter().find(|text| less.contains(text)) {
            return Err(Error::MissingAndNot { text: printable(text) });
        }
        missing.retain(|text| !less.contains(&text.trim().to_owned()));
        for text in more {
            if !missing.contains(&text) {
                missing.push(text);
            }
        }
        Ok(())
    }

    fn change_lists(&self, recipe: &mut Recipe) -> Result<()> {
        let options = frame::Options {
            delimiter: u8::try_from(recipe.reading.delimiter).unwrap_or(b','),
            ..frame::Options::default()
        };
        let lists = [&self.drop, &self.numeric, &self.categorical];
        let ambiguous = lists.into_iter().flatten().any(|given| list::is_ambiguous(given));
        let names = match ambiguous {
            true => frame::columns(&recipe.data, &options)?,
            false => Vec::new(),
        };
        let columns = &mut recipe.columns;
        let of_columns = [&mut columns.drop, &mut columns.numeric, &mut columns.categorical];
        for (setting, given) in of_columns.into_iter().zip(lists) {
            if let Some(given) = given {
                *setting = list::texts(given, |text| names.iter().any(|name| name == text));
            }
        }
        let Some(given) = &self.protected else { return Ok(()) };
        let values = match list::is_ambiguous(given) {
            true => values(recipe, options)?,
            false => Vec::new(),
        };
        let exists = |text: &str| values.iter().any(|value| frame::spelling::same(value, text));
        recipe.columns.protected = list::texts(given, exists);
        Ok(())
    }
}

/// The values of the sensitive attribute.
fn values(recipe: &Recipe, mut options: frame::Options) -> Result<Vec<String>> {
    let name = recipe.columns.sensitive.clone();
    options.kinds = [(name.clone(), frame::Kind::Categorical)].into();
    options.wanted = Some([name.clone()].into());
    options.most_levels = usize::MAX;
    let frame = frame::Frame::<f32>::read(&recipe.data, &options, &|_, _| {})?;
    Ok(frame.column(&name)?.levels().to_vec())
}

impl Train {
    /// Changes the settings that are given.
    ///
    /// # Errors
    /// Returns an error if the table has to be read and cannot be, or if two options contradict
    /// each other.
    pub fn change(&self, recipe: &mut Recipe) -> Result<()> {
        self.columns.change(recipe)?;
        let (training, fairness) = (&mut recipe.training, &mut recipe.fairness);
        set(&mut training.algorithm, &self.algorithm);
        set(&mut training.shots, &self.shots);
        set(&mut training.iterations, &self.iterations.and_then(NonZeroU64::new));
        set(&mut fairness.regularizers, &self.regularizer);
        set(&mut fairness.gammas, &self.gammas);
        set(&mut fairness.folds, &self.folds);
        if let Some(least) = self.parity {
            (fairness.measure, fairness.least) = (Measured::Parity, least);
        }
        if let Some(least) = self.opportunity {
            (fairness.measure, fairness.least) = (Measured::Opportunity, least);
        }
        fairness.compare |= self.compare;
        let keep = self.keep.map(|keep| match keep {
            Kept::Regularizer => Keep::Regularizer,
            Kept::Thresholds => Keep::Thresholds,
            Kept::Better => Keep::Better,
        });
        set(&mut fairness.keep, &keep);
        let scaling = self.scaling.map(|scaling| match scaling {
            ScaledOver::All => Scaling::OverAllTasks,
            ScaledOver::Task => Scaling::WithinTask,
            ScaledOver::None => Scaling::None,
        });
        set(&mut recipe.encoding.scaling, &scaling);
        Ok(())
    }
}

/// Sets a setting that is given.
fn set<T: Clone>(setting: &mut T, given: &Option<T>) {
    if let Some(given) = given {
        setting.clone_from(given);
    }
}

fn share(text: &str) -> std::result::Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("expected a number from 0 to 1".into()),
    }
}

fn positive(text: &str) -> std::result::Result<usize, String> {
    match text.trim().parse::<usize>() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err("expected a whole number above 0".into()),
    }
}

/// A character, or the name of a tab.
fn delimiter(text: &str) -> std::result::Result<char, String> {
    let mut characters = text.chars();
    match (text, characters.next(), characters.next()) {
        ("tab" | "\\t", ..) => Ok('\t'),
        (_, Some(character), None) => Ok(character),
        _ => Err("expected one character, or `tab`".into()),
    }
}
