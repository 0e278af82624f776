//! All settings of a training on a table, as TOML.

use std::collections::{BTreeMap, BTreeSet};
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use fairness::{Measure, Notion};
use frame::Kind;
use meta::AnyAlgorithm;
use meta::algorithm::{FAIR_MAML, IMAML, PUBLISHED_CODE};
use mlp::Activation;
use serde::{Deserialize, Serialize};
use tasks::schema::{Encoding, Roles};

/// The settings of a training. Every field but the data and its columns has a default.
///
/// ```
/// let recipe: model::Recipe = r#"
///     data = "adult.csv"
///     [columns]
///     task = "occupation"
///     label = "income"
///     positive = ">50K"
///     sensitive = "sex"
///     protected = ["Female"]
/// "#
/// .parse()?;
/// assert_eq!(recipe.fairness.least, 0.8);
/// assert_eq!(recipe.to_string().parse::<model::Recipe>()?, recipe);
/// # Ok::<(), model::RecipeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The CSV file.
    pub data: PathBuf,
    /// What its columns mean.
    pub columns: Columns,
    /// How its text is read.
    #[serde(default)]
    pub reading: Reading,
    /// How its columns become features.
    #[serde(default)]
    pub encoding: Encoding,
    /// The meta-learning.
    #[serde(default)]
    pub training: Training,
    /// The network.
    #[serde(default)]
    pub network: NetworkSettings,
    /// What is fair, and how it is reached.
    #[serde(default)]
    pub fairness: Fairness,
}

/// What the columns of a table mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// The column whose text names the task of a row.
    pub task: String,
    /// The column with the label.
    pub label: String,
    /// The text of the positive class.
    pub positive: String,
    /// The column with the sensitive attribute.
    pub sensitive: String,
    /// The texts of the protected group.
    pub protected: Vec<String>,
    /// Columns that are not read.
    #[serde(default)]
    pub drop: Vec<String>,
    /// Columns with numbers; others are told apart.
    #[serde(default)]
    pub numeric: Vec<String>,
    /// Columns with texts, even if the texts look like numbers.
    #[serde(default)]
    pub categorical: Vec<String>,
}

/// How the text of a table is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reading {
    /// The character between two cells, of ASCII. Default: a comma.
    pub delimiter: char,
    /// The texts that mean that a value is missing.
    pub missing: Vec<String>,
}

impl Default for Reading {
    fn default() -> Self {
        let frame::Options { delimiter, missing, .. } = frame::Options::default();
        Reading { delimiter: delimiter.into(), missing }
    }
}

/// The settings of the meta-learning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Training {
    /// The meta-learning algorithm. Default: Fair-MAML.
    pub algorithm: AnyAlgorithm,
    /// K, the number of labeled rows of a new task. Default: 10.
    pub shots: NonZeroUsize,
    /// Meta-iterations. Default: 2,000.
    pub iterations: NonZeroU64,
    /// Tasks in a meta-batch. Default: 8.
    pub tasks_per_batch: NonZeroUsize,
    /// The inner rate α. Default: 0.1.
    pub inner_rate: f64,
    /// The number of inner steps. Default: 1.
    pub inner_steps: usize,
    /// The meta rate β, which is Adam's. Default: 0.001.
    pub meta_rate: f64,
    /// The weight λ of iMAML's proximal term, which other algorithms do not read. Default: 16,384,
    /// as on the problems of the paper. With a smaller one, a linear system may have no solution.
    pub proximal: f64,
}

impl Default for Training {
    fn default() -> Self {
        Training {
            algorithm: FAIR_MAML,
            shots: NonZeroUsize::new(10).expect("above 0"),
            iterations: NonZeroU64::new(2_000).expect("above 0"),
            tasks_per_batch: NonZeroUsize::new(8).expect("above 0"),
            inner_rate: 0.1,
            inner_steps: 1,
            meta_rate: 1e-3,
            proximal: 16_384.0,
        }
    }
}

/// The network between the features and two logits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkSettings {
    /// The widths of the hidden layers. Default: 20 and 20.
    pub hidden: Vec<usize>,
    /// Their activation. Default: relu.
    pub activation: Activation,
}

impl Default for NetworkSettings {
    fn default() -> Self {
        NetworkSettings { hidden: vec![20, 20], activation: Activation::Relu }
    }
}

/// What the target of fairness is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measured {
    /// The acceptance rates of both groups.
    #[default]
    Parity,
    /// Their acceptance rates among positive rows.
    Opportunity,
}

impl Measured {
    /// The paper's regularizer for it.
    pub fn notion(self) -> Notion {
        match self {
            Measured::Parity => Notion::DEMOGRAPHIC_PARITY,
            Measured::Opportunity => Notion::EQUAL_OPPORTUNITY,
        }
    }

    /// The metric.
    pub fn measure(self) -> Measure {
        self.notion().measure()
    }

    /// Whether rows with these labels and groups can have it: both groups have rows, or positive
    /// rows.
    pub fn can_exist(self, positive: &[bool], protected: &[bool]) -> bool {
        let counts = |&(positive, _): &(&bool, &bool)| self == Measured::Parity || *positive;
        let rows = || positive.iter().zip(protected).filter(counts);
        rows().any(|(_, protected)| *protected) && rows().any(|(_, protected)| !protected)
    }
}

/// Which of the two rivals a model keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// The weights that a regularizer was trained with. Decisions do not need the group of a row.
    #[default]
    Regularizer,
    /// MAML's weights with a threshold for each group. A decision needs the group of its row.
    Thresholds,
    /// The one with the better estimate on held-out tasks.
    Better,
}

/// What is fair, and how it is reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fairness {
    /// What the target is about. Default: parity.
    pub measure: Measured,
    /// The target: the least min(r, 1/r) of the ratio r of the groups' rates, as a mean over
    /// held-out tasks. Default: 0.8, the four-fifths rule.
    pub least: f64,
    /// The regularizers that are tried. Default: the paper's for the measure.
    pub regularizers: Vec<Notion>,
    /// The weights γ that are tried with each of them; 0 is always tried.
    pub gammas: Vec<f64>,
    /// The number of parts of the tasks. Each part is held out once. Default: 5.
    pub folds: u64,
    /// The rival that the model keeps. Default: the regularizer.
    pub keep: Keep,
    /// Whether the pre-trained network and a network from scratch are trained as well, to compare.
    /// Default: no.
    pub compare: bool,
}

impl Default for Fairness {
    fn default() -> Self {
        Fairness {
            measure: Measured::default(),
            least: 0.8,
            regularizers: Vec::new(),
            gammas: vec![0.3, 1.0, 2.0, 4.0, 8.0, 16.0],
            folds: 5,
            keep: Keep::default(),
            compare: false,
        }
    }
}

/// Reports settings that are not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecipeError {
    /// The text is no TOML, or has an unknown or a missing setting.
    #[error("{0}")]
    Format(String),
    /// A setting has a value that is not accepted.
    #[error("{setting} must be {accepted}, got {found}")]
    Setting {
        /// The name of the setting.
        setting: &'static str,
        /// The accepted values.
        accepted: String,
        /// The value that was given.
        found: String,
    },
}

fn refuse(setting: &'static str, accepted: &str, found: String) -> Result<(), RecipeError> {
    Err(RecipeError::Setting { setting, accepted: accepted.into(), found })
}

impl std::str::FromStr for Recipe {
    type Err = RecipeError;

    fn from_str(text: &str) -> Result<Self, RecipeError> {
        let recipe: Recipe = toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| text[..span.start].matches('\n').count() + 1);
            let place = line.map_or(String::new(), |line| format!("line {line}: "));
            RecipeError::Format(place + error.message())
        })?;
        recipe.check()?;
        Ok(recipe)
    }
}

impl std::fmt::Display for Recipe {
    /// The settings as TOML, with all defaults.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&toml::to_string_pretty(self).map_err(|_| std::fmt::Error)?)
    }
}

impl Recipe {
    /// Settings with all defaults but the file and its columns.
    pub fn new(data: PathBuf, columns: Columns) -> Self {
        Recipe {
            data,
            columns,
            reading: Reading::default(),
            encoding: Encoding::default(),
            training: Training::default(),
            network: NetworkSettings::default(),
            fairness: Fairness::default(),
        }
    }

    /// Checks what the types do not say.
    ///
    /// # Errors
    /// Returns the first setting that is not accepted.
    pub fn check(&self) -> Result<(), RecipeError> {
        self.check_columns()?;
        self.check_training()?;
        self.check_fairness()
    }

    fn check_columns(&self) -> Result<(), RecipeError> {
        let delimiter = self.reading.delimiter;
        if !delimiter.is_ascii() || "\"\r\n\0 ".contains(delimiter) {
            let accepted = "one ASCII character other than a quote, a space or a line break";
            return refuse("reading.delimiter", accepted, format!("{delimiter:?}"));
        }
        if self.columns.protected.is_empty() {
            return refuse("columns.protected", "at least one value", "none".into());
        }
        let Columns { positive, protected, .. } = &self.columns;
        let missing = frame::Missing::new(&self.reading.missing);
        let value = protected.iter().chain([positive]).find(|value| missing.contains(value));
        if let Some(value) = value {
            let accepted = "without the positive and the protected values (--not-missing takes a \
                            text out of it)";
            return refuse("reading.missing", accepted, format!("`{}`", value.escape_debug()));
        }
        if let Some(column) = self.contradiction() {
            let accepted = "lists without a common column and without those of task, label and \
                            sensitive attribute";
            let found = format!("`{}` twice", column.escape_debug());
            return refuse("columns.drop, numeric and categorical", accepted, found);
        }
        Ok(())
    }

    fn check_training(&self) -> Result<(), RecipeError> {
        let Training { algorithm, inner_rate, inner_steps, meta_rate, proximal, .. } =
            self.training;
        if !(inner_rate.is_finite() && inner_rate >= 0.0) {
            let accepted = "a finite number of at least 0";
            return refuse("training.inner_rate", accepted, inner_rate.to_string());
        }
        if !(meta_rate.is_finite() && meta_rate > 0.0) {
            let accepted = "a finite number above 0";
            return refuse("training.meta_rate", accepted, meta_rate.to_string());
        }
        if !(proximal.is_finite() && proximal > 0.0) {
            let accepted = "a finite number above 0";
            return refuse("training.proximal", accepted, proximal.to_string());
        }
        if algorithm == PUBLISHED_CODE {
            let accepted =
                "another one; without the settings that `reproduce` gives it, it is fomaml";
            return refuse("training.algorithm", accepted, algorithm.name().into());
        }
        // With a longer step, φ moves away from θ further and further, even without a loss.
        if algorithm == IMAML && inner_steps > 1 && inner_rate * proximal > 2.0 {
            let accepted = "at most 2 / training.proximal for several inner steps of imaml";
            return refuse("training.inner_rate", accepted, inner_rate.to_string());
        }
        Ok(())
    }

    fn check_fairness(&self) -> Result<(), RecipeError> {
        let Fairness { least, gammas, folds, regularizers, .. } = &self.fairness;
        if !(0.0..=1.0).contains(least) {
            return refuse("fairness.least", "a number from 0 to 1", least.to_string());
        }
        if gammas.iter().any(|gamma| !(gamma.is_finite() && *gamma >= 0.0)) {
            let accepted = "finite numbers of at least 0";
            return refuse("fairness.gammas", accepted, format!("{gammas:?}"));
        }
        if !(2..=100).contains(folds) {
            return refuse("fairness.folds", "from 2 to 100", folds.to_string());
        }
        let names: BTreeSet<&str> = regularizers.iter().map(|notion| notion.name()).collect();
        if names.len() < regularizers.len() {
            let accepted = "a list with each regularizer once";
            return refuse("fairness.regularizers", accepted, "one twice".into());
        }
        Ok(())
    }

    /// A column with two meanings.
    fn contradiction(&self) -> Option<&String> {
        let Columns { task, label, sensitive, drop, numeric, categorical, .. } = &self.columns;
        let mut met = BTreeSet::from([task, label, sensitive]);
        drop.iter().chain(numeric).chain(categorical).find(|column| !met.insert(column))
    }

    /// The columns that are no features.
    pub fn roles(&self) -> Roles {
        let Columns { task, label, positive, sensitive, protected, .. } = self.columns.clone();
        Roles { task, label, positive, sensitive, protected }
    }

    /// The options for reading the file.
    pub fn options(&self) -> frame::Options {
        let kinds = |columns: &[String], kind: Kind| -> Vec<(String, Kind)> {
            columns.iter().map(|column| (column.clone(), kind)).collect()
        };
        let numeric = kinds(&self.columns.numeric, Kind::Numeric);
        let categorical = kinds(&self.columns.categorical, Kind::Categorical);
        frame::Options {
            delimiter: self.reading.delimiter as u8,
            missing: self.reading.missing.clone(),
            kinds: numeric.into_iter().chain(categorical).collect::<BTreeMap<_, _>>(),
            dropped: self.columns.drop.iter().cloned().collect(),
            ..frame::Options::default()
        }
    }

    /// The regularizers that are tried.
    pub fn regularizers(&self) -> Vec<Notion> {
        match self.fairness.regularizers.as_slice() {
            [] => vec![self.fairness.measure.notion()],
            given => given.to_vec(),
        }
    }

    /// The weights γ above 0 that are tried, in increasing order.
    pub fn gammas(&self) -> Vec<f64> {
        let mut gammas: Vec<f64> =
            self.fairness.gammas.iter().copied().filter(|&gamma| gamma > 0.0).collect();
        gammas.sort_by(f64::total_cmp);
        gammas.dedup();
        gammas
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A rate that is no number was found by random changes of a file.
    #[test]
    fn rates_are_numbers() {
        let columns = Columns {
            task: "t".into(),
            label: "y".into(),
            positive: "1".into(),
            sensitive: "g".into(),
            protected: vec!["b".into()],
            drop: Vec::new(),
            numeric: Vec::new(),
            categorical: Vec::new(),
        };
        let text = Recipe::new("data.csv".into(), columns).to_string();
        assert!(text.parse::<Recipe>().is_ok());
        for (setting, value) in [
            ("inner_rate", "nan"),
            ("inner_rate", "-1.0"),
            ("meta_rate", "0.0"),
            ("proximal", "0.0"),
        ] {
            let line = text.lines().find(|line| line.starts_with(setting)).unwrap();
            let error = text.replace(line, &format!("{setting} = {value}")).parse::<Recipe>();
            let error = error.unwrap_err().to_string();
            assert!(error.starts_with(&format!("training.{setting} must be a finite")), "{error}");
        }
    }
}
