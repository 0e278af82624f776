//! This module makes tasks from the Communities and Crime data set (Redmond, 2009). There is one
//! task per state, as in section 6.3 of the paper.
//!
//! Each task has these parts:
//!
//! - The rows are the communities of a state. A state with fewer than `min_rows` communities is
//!   skipped.
//! - The positive class is low crime by default: `ViolentCrimesPerPop` is at or below the median of
//!   the state. [`PositiveClass`] also offers high crime.
//! - The protected group consists, by default, of the communities where the Black share is the
//!   largest or second largest of the four racial percentages. [`ProtectedGroup`] offers other
//!   definitions.
//! - The features are the predictive columns without missing values. By default the racial
//!   percentages are left out.
//!
//! UCI normalized each column separately to \[0, 1\], including the four racial percentages. The
//! definition of the protected group compares these normalized numbers, because the file does not
//! contain the original shares.

pub mod format;

use std::io::Read;
use std::path::Path;

use rand::seq::index;
use serde::{Deserialize, Serialize};

use crate::table::{Table, group_by, open};
use crate::{Batch, Error, Purpose, Scaling, Task, standardize, stream};
use format::{COLUMNS, MISSING, NOT_PREDICTIVE, RACIAL_PERCENTAGES, STATE, STATES, VIOLENT_CRIMES};

/// Selects whether the four racial percentages are features.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RacialPercentages {
    /// The percentages are left out. They only determine the group, as in the paper's published
    /// code. A task of the shipped data then has 95 features.
    #[default]
    LeftOut,
    /// The percentages are features. A task of the shipped data then has 99 features.
    Kept,
}

/// Selects which communities of a state are positive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PositiveClass {
    /// A community is positive if its violent crimes are at or below the median of the state.
    #[default]
    LowCrime,
    /// A community is positive if its violent crimes are above the median of the state.
    HighCrime,
}

/// Selects which communities are protected. The choice depends on the rank of the Black share among
/// the four racial percentages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProtectedGroup {
    /// The Black share is the largest or second largest. Ties count in favor of it: at most one of
    /// the other three percentages is larger.
    #[default]
    LargestOrSecond,
    /// The Black share is the largest or second largest. Ties count against it: at most one of the
    /// other three percentages is as large or larger.
    LargestOrSecondStrictly,
    /// The Black share is the largest. Ties count in favor of it: none of the other three
    /// percentages is larger.
    Largest,
}

impl ProtectedGroup {
    /// Returns whether a community with these percentages is protected. The Black share comes
    /// first.
    fn contains(self, [black, others @ ..]: [f64; 4]) -> bool {
        let larger = others.iter().filter(|&&other| other > black).count();
        let as_large = others.iter().filter(|&&other| other >= black).count();
        match self {
            Self::LargestOrSecond => larger <= 1,
            Self::LargestOrSecondStrictly => as_large <= 1,
            Self::Largest => larger == 0,
        }
    }
}

/// Holds the settings that turn the data into tasks. [`CommunitiesConfig`] holds them in checked
/// form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CommunitiesSettings {
    /// The smallest number of communities that a state needs to become a task. At least 2;
    /// default 20.
    pub min_rows: usize,
    /// The number of states that are held out for evaluation. Default 5.
    pub held_out: usize,
    /// Whether the racial percentages are features. Default: they are left out.
    pub racial_percentages: RacialPercentages,
    /// The scaling of the features. Default: within each state.
    pub scaling: Scaling,
    /// The positive class. Default: low crime.
    pub positive: PositiveClass,
    /// The protected group. Default: the communities where the Black share is the largest or second
    /// largest.
    pub protected: ProtectedGroup,
}

impl Default for CommunitiesSettings {
    fn default() -> Self {
        Self {
            min_rows: 20,
            held_out: 5,
            racial_percentages: RacialPercentages::default(),
            scaling: Scaling::default(),
            positive: PositiveClass::default(),
            protected: ProtectedGroup::default(),
        }
    }
}

/// Holds valid [`CommunitiesSettings`]. The default settings are those of the paper.
///
/// ```
/// use tasks::communities::{self, CommunitiesConfig, CommunitiesSettings, RacialPercentages};
///
/// let racial_percentages = RacialPercentages::Kept;
/// let config =
///     CommunitiesConfig::new(CommunitiesSettings { racial_percentages, ..Default::default() })?;
/// assert_eq!(communities::shipped().tasks(&config)?[0].data.features(), 99);
/// # Ok::<(), tasks::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "CommunitiesSettings", into = "CommunitiesSettings")]
pub struct CommunitiesConfig(CommunitiesSettings);

impl CommunitiesConfig {
    /// Checks the settings.
    ///
    /// # Errors
    /// Returns [`Error::Setting`] if `min_rows` is below 2.
    pub fn new(settings: CommunitiesSettings) -> Result<Self, Error> {
        if settings.min_rows < 2 {
            return Err(Error::setting("min_rows", settings.min_rows, "at least 2"));
        }
        Ok(Self(settings))
    }

    /// Returns the settings.
    pub fn settings(&self) -> &CommunitiesSettings {
        &self.0
    }
}

impl TryFrom<CommunitiesSettings> for CommunitiesConfig {
    type Error = Error;

    fn try_from(settings: CommunitiesSettings) -> Result<Self, Error> {
        Self::new(settings)
    }
}

impl From<CommunitiesConfig> for CommunitiesSettings {
    fn from(config: CommunitiesConfig) -> Self {
        config.0
    }
}

/// Holds the data set before it is divided into tasks.
#[derive(Clone, Debug, PartialEq)]
pub struct Communities {
    feature_names: Vec<String>,
    /// The features, `(rows, feature_names.len())`, row-major, as written in the file.
    x: Vec<f64>,
    /// The racial percentages of each row. The Black share is first.
    racial: Vec<[f64; 4]>,
    violent_crimes: Vec<f64>,
    /// The rows of each state that has any rows, in the order of the state codes.
    states: Vec<(&'static str, Vec<usize>)>,
}

/// Divides the tasks of the states into training tasks and held-out tasks.
#[derive(Clone, Debug, PartialEq)]
pub struct Partition {
    /// The tasks for meta-training, in the order of the state codes.
    pub training: Vec<Task>,
    /// The held-out tasks for evaluation, in the order of the state codes.
    pub held_out: Vec<Task>,
}

/// Returns the data that ships with the program: 1,993 communities of 46 states.
pub fn shipped() -> Communities {
    from_reader(datasets::COMMUNITIES_AND_CRIME.as_bytes(), "communities_and_crime.csv")
        .expect("the shipped file is tested")
}

/// Reads a file in the shipped format or in UCI's original format; see [`from_reader`].
///
/// # Errors
/// Returns [`Error::Read`] if the file cannot be read, and otherwise the errors of [`from_reader`].
pub fn read(path: impl AsRef<Path>) -> Result<Communities, Error> {
    let (reader, file) = open(path.as_ref())?;
    from_reader(reader, &file)
}

/// Reads the data in one of two formats. The shipped format has a header with some of UCI's column
/// names. UCI's original `communities.data` has no header and 128 columns. In both formats `?`
/// marks a missing value, and a column with a missing value in any row is not used as a feature.
/// Error messages call the source `file`.
///
/// # Errors
/// Returns the errors of [`Table::from_reader`] and, in addition:
///
/// - [`Error::MissingColumn`] if the state, the violent crimes or one of the racial percentages has
///   no column;
/// - [`Error::Malformed`] if a column is not one of UCI's columns, or if the first row is neither a
///   header nor a row of 128 fields;
/// - [`Error::Cell`] if a feature, a racial percentage or the violent crimes of a row is not a
///   finite number, or if a state has an unknown code.
pub fn from_reader(reader: impl Read, file: &str) -> Result<Communities, Error> {
    let table = Table::parse(reader, file, |first| {
        if first.iter().any(|cell| cell == STATE || cell == VIOLENT_CRIMES) {
            match first.iter().find(|cell| !COLUMNS.contains(cell)) {
                Some(unknown) => {
                    let unknown = unknown.escape_debug();
                    Err(format!("column `{unknown}` is not one of UCI's 128 columns"))
                }
                None => Ok(None),
            }
        } else if first.len() == COLUMNS.len() {
            Ok(Some(COLUMNS.map(String::from).to_vec()))
        } else {
            let (fields, columns) = (first.len(), COLUMNS.len());
            Err(format!(
                "{fields} fields, expected a header with a column `{STATE}`, or the {columns} fields of UCI's original"
            ))
        }
    })?;

    let mut columns = [0; RACIAL_PERCENTAGES.len()];
    for (column, name) in columns.iter_mut().zip(RACIAL_PERCENTAGES) {
        *column = table.column(name)?;
    }
    let racial = table.numbers(&columns)?.as_chunks().0.to_vec();

    let predictive = &COLUMNS[NOT_PREDICTIVE..COLUMNS.len() - 1];
    let features: Vec<usize> = (0..table.columns().len())
        .filter(|&column| predictive.contains(&table.columns()[column].as_str()))
        .filter(|&column| (0..table.rows()).all(|row| table.cell(row, column) != MISSING))
        .collect();
    Ok(Communities {
        x: table.numbers(&features)?,
        feature_names: features.into_iter().map(|column| table.columns()[column].clone()).collect(),
        racial,
        violent_crimes: table.numbers(&[table.column(VIOLENT_CRIMES)?])?,
        states: states(&table)?,
    })
}

/// Returns the rows of each state, in the order of the state codes.
fn states(table: &Table) -> Result<Vec<(&'static str, Vec<usize>)>, Error> {
    let column = table.column(STATE)?;
    let place = |row| {
        let code = table.cell(row, column).parse().ok();
        let place = STATES.iter().position(|&(known, _)| Some(known) == code);
        place.ok_or_else(|| table.unfit(row, column, "the FIPS code of a state, 1 to 56"))
    };
    let places = (0..table.rows()).map(place).collect::<Result<Vec<_>, _>>()?;
    let mut groups = group_by(places.into_iter());
    groups.sort();
    Ok(groups.into_iter().map(|(place, rows)| (STATES[place].1, rows)).collect())
}

impl Communities {
    /// Returns the number of communities.
    pub fn rows(&self) -> usize {
        self.violent_crimes.len()
    }

    /// Returns the name of each state and its number of communities, in the order of the state
    /// codes.
    pub fn states(&self) -> impl ExactSizeIterator<Item = (&'static str, usize)> {
        self.states.iter().map(|(name, rows)| (*name, rows.len()))
    }

    /// Returns the names of the features, in the order of the features of a task.
    pub fn feature_names(&self, config: &CommunitiesConfig) -> Vec<&str> {
        self.features(config)
            .into_iter()
            .map(|feature| self.feature_names[feature].as_str())
            .collect()
    }

    fn features(&self, config: &CommunitiesConfig) -> Vec<usize> {
        let kept = config.0.racial_percentages == RacialPercentages::Kept;
        let racial =
            |&feature: &usize| RACIAL_PERCENTAGES.contains(&self.feature_names[feature].as_str());
        (0..self.feature_names.len()).filter(|feature| kept || !racial(feature)).collect()
    }

    /// Makes one task for each state with at least `min_rows` communities, in the order of the
    /// state codes.
    ///
    /// # Errors
    /// Returns [`Error::Setting`] if no state has that many communities. Returns
    /// [`Error::BatchShape`] if the file has so few columns that no feature is left.
    pub fn tasks(&self, config: &CommunitiesConfig) -> Result<Vec<Task>, Error> {
        let CommunitiesSettings { min_rows, scaling, positive, protected, .. } = config.0;
        let features = self.features(config);
        let task = |(name, rows): &(&str, Vec<usize>)| {
            let violent_crimes: Vec<f64> =
                rows.iter().map(|&row| self.violent_crimes[row]).collect();
            let median = median(&violent_crimes);
            let low = violent_crimes.into_iter().map(|crimes| crimes <= median);
            let row_x = |&row: &usize| {
                features.iter().map(move |f| self.x[row * self.feature_names.len() + f])
            };
            let data = Batch::new(
                features.len(),
                rows.iter().flat_map(row_x).collect(),
                low.map(|low| low == (positive == PositiveClass::LowCrime)).collect(),
                rows.iter().map(|&row| protected.contains(self.racial[row])).collect(),
            )?;
            Ok(Task { name: (*name).into(), data })
        };
        let large = self.states.iter().filter(|(_, rows)| rows.len() >= min_rows);
        let mut tasks = large.map(task).collect::<Result<Vec<_>, Error>>()?;
        if tasks.is_empty() {
            let largest = self.states().map(|(_, rows)| rows).max().unwrap_or(0);
            return Err(Error::setting(
                "min_rows",
                min_rows,
                format!("at most {largest}, the rows of the largest state"),
            ));
        }
        standardize(&mut tasks, scaling);
        Ok(tasks)
    }

    /// Counts the rows whose violent crimes are exactly the median of their state. Returns this
    /// count and the number of all rows, both over the states that are tasks. Both choices of
    /// [`PositiveClass`] treat a row at the median as low crime.
    ///
    /// ```
    /// use tasks::communities::{self, CommunitiesConfig};
    ///
    /// let (ties, rows) = communities::shipped().median_ties(&CommunitiesConfig::default());
    /// assert_eq!(rows, 1868);
    /// assert!(ties < rows / 10);
    /// ```
    pub fn median_ties(&self, config: &CommunitiesConfig) -> (usize, usize) {
        let large = self.states.iter().filter(|(_, rows)| rows.len() >= config.0.min_rows);
        large.fold((0, 0), |(ties, all), (_, rows)| {
            let crimes: Vec<f64> = rows.iter().map(|&row| self.violent_crimes[row]).collect();
            let median = median(&crimes);
            let at_median = crimes.iter().filter(|crimes| **crimes == median).count();
            (ties + at_median, all + rows.len())
        })
    }

    /// Makes the tasks and holds out `held_out` of them for evaluation. The held-out tasks are
    /// drawn uniformly, with random numbers from `seed`.
    ///
    /// # Errors
    /// Returns the errors of [`Communities::tasks`], and [`Error::Setting`] if no task is left for
    /// training.
    pub fn partition(&self, config: &CommunitiesConfig, seed: u64) -> Result<Partition, Error> {
        let tasks = self.tasks(config)?;
        let held_out = config.0.held_out;
        if held_out >= tasks.len() {
            let accepted =
                format!("at most {}, since there are {} tasks", tasks.len() - 1, tasks.len());
            return Err(Error::setting("held_out", held_out, accepted));
        }
        let drawn = index::sample(&mut stream(seed, Purpose::Split, 0, 0), tasks.len(), held_out)
            .into_vec();
        let mut partition = Partition { training: Vec::new(), held_out: Vec::new() };
        for (index, task) in tasks.into_iter().enumerate() {
            let part = if drawn.contains(&index) {
                &mut partition.held_out
            } else {
                &mut partition.training
            };
            part.push(task);
        }
        Ok(partition)
    }
}

/// Returns the median. For an even number of values, it is the mean of the two middle values.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    f64::midpoint(sorted[(n - 1) / 2], sorted[n / 2])
}
