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

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use frame::{Cells, Column, Frame, Kind, Options};
use rand::seq::index;
use serde::{Deserialize, Serialize};

use crate::table::{FINITE, by_level, bytes, open, row_major, unfit, values};
use crate::{Batch, Error, Purpose, Scaling, Task, standardize, stream};
use format::{
    COLUMNS, INCOMPLETE, MISSING, NOT_PREDICTIVE, RACIAL_PERCENTAGES, STATE, STATES, VIOLENT_CRIMES,
};

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
    file: String,
    /// The columns that are complete in UCI's file and have missing values in this one.
    incomplete: Vec<String>,
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
/// Returns [`frame::Error::Read`] if the file cannot be read, and otherwise the errors of
/// [`from_reader`].
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
/// Returns the errors of [`Table::from_reader`](crate::table::Table::from_reader) and, in addition:
///
/// - [`frame::Error::MissingColumn`] if the state, the violent crimes or one of the racial
///   percentages has no column;
/// - [`frame::Error::Malformed`] if a column is not one of UCI's columns, or if the first row is
///   neither a header nor a row of 128 fields;
/// - [`frame::Error::Cell`] if a feature, a racial percentage or the violent crimes of a row is
///   not a finite number, or if a state has an unknown code.
pub fn from_reader(reader: impl Read, file: &str) -> Result<Communities, Error> {
    let text = bytes(reader, file)?;
    let (line, first) = frame::first_row(&text[..], file, &Options::default())?;
    let header = header(&first).map_err(|problem| frame::Error::Malformed {
        file: file.into(),
        line,
        problem,
    })?;
    let options = Options {
        missing: vec![MISSING.into()],
        kinds: [(STATE.into(), Kind::Categorical)].into(),
        header,
        ..Options::default()
    };
    let frame = Frame::from_bytes(&text, file, &options)?;

    let racial = columns(&frame, &RACIAL_PERCENTAGES)?;
    let predictive = &COLUMNS[NOT_PREDICTIVE..COLUMNS.len() - 1];
    let (features, incomplete): (Vec<_>, Vec<_>) = frame
        .columns()
        .iter()
        .filter(|column| predictive.contains(&column.name.as_str()))
        .partition(|column| column.missing() == 0);
    let feature_names: Vec<&str> = features.iter().map(|column| column.name.as_str()).collect();
    let incomplete = incomplete.into_iter().map(|column| column.name.clone());
    let violent_crimes = columns(&frame, &[VIOLENT_CRIMES])?[0].to_vec();
    Ok(Communities {
        file: file.into(),
        x: row_major(&columns(&frame, &feature_names)?),
        feature_names: feature_names.into_iter().map(String::from).collect(),
        incomplete: incomplete.filter(|name| !INCOMPLETE.contains(&name.as_str())).collect(),
        racial: row_major(&racial).as_chunks().0.to_vec(),
        violent_crimes,
        states: states(&frame)?,
    })
}

/// Returns the names of the columns if the first row has data, and `None` if it is the header.
/// Returns a problem if it can be neither.
fn header(first: &[String]) -> Result<Option<Vec<String>>, String> {
    if first.iter().any(|cell| cell == STATE || cell == VIOLENT_CRIMES) {
        return match first.iter().find(|cell| !COLUMNS.contains(&cell.as_str())) {
            Some(unknown) => {
                let unknown = unknown.escape_debug();
                Err(format!("column `{unknown}` is not one of UCI's 128 columns"))
            }
            // A column that is there twice would be no feature, because neither has its name.
            None => {
                match first.iter().enumerate().find(|(place, cell)| first[..*place].contains(cell))
                {
                    Some((_, twice)) => Err(format!("two columns are named `{twice}`")),
                    None => Ok(None),
                }
            }
        };
    }
    let (fields, columns) = (first.len(), COLUMNS.len());
    if fields != columns {
        return Err(format!(
            "{fields} fields, expected a header with a column `{STATE}`, or the {columns} fields of UCI's original"
        ));
    }
    Ok(Some(COLUMNS.map(String::from).to_vec()))
}

/// Returns the numbers of columns in which no row is missing: `(names.len(), rows)`.
fn columns<'f>(frame: &'f Frame<f64>, names: &[&str]) -> Result<Vec<&'f [f64]>, Error> {
    let column = |name: &&str| {
        let column = frame.column(name)?;
        match unfit(column, |_| true) {
            Some(row) => Err(unfit_cell(frame, row, column, FINITE)),
            None => Ok(values(column)),
        }
    };
    names.iter().map(column).collect()
}

/// Makes the error for a cell. A missing cell has one text only.
fn unfit_cell(frame: &Frame<f64>, row: usize, column: &Column<f64>, expected: &str) -> Error {
    let mut error = frame.cell_error(row, &column.name, expected);
    if let frame::Error::Cell { value, .. } = &mut error
        && column.is_missing(row)
    {
        *value = MISSING.into();
    }
    error.into()
}

/// Returns the rows of each state, in the order of the state codes.
fn states(frame: &Frame<f64>) -> Result<Vec<(&'static str, Vec<usize>)>, Error> {
    let column = frame.column(STATE)?;
    let place = |name: &str| {
        let code = name.parse().ok();
        STATES.iter().position(|&(known, _)| Some(known) == code)
    };
    let Cells::Levels { codes, names } = &column.cells else {
        return Err(unfit_cell(frame, 0, column, FIPS_CODE));
    };
    let known: Vec<bool> = names.iter().map(|name| place(name).is_some()).collect();
    if let Some(row) = codes.iter().position(|&code| known.get(code as usize) != Some(&true)) {
        return Err(unfit_cell(frame, row, column, FIPS_CODE));
    }
    // A state may be written in several ways, as 8 and 08.
    let mut states: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (name, rows) in by_level(column, 0..frame.rows()) {
        states.entry(place(name).unwrap_or(0)).or_default().extend(rows);
    }
    let sorted = |(place, mut rows): (usize, Vec<usize>)| {
        rows.sort_unstable();
        (STATES[place].1, rows)
    };
    Ok(states.into_iter().map(sorted).collect())
}

const FIPS_CODE: &str = "the FIPS code of a state, 1 to 56";

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

    /// Returns the names of the columns that UCI's file has complete and that are not used as
    /// features because they have missing values in this file.
    pub fn incomplete(&self) -> &[String] {
        &self.incomplete
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
    /// [`Error::NoPredictors`] if no column is left as a feature.
    pub fn tasks(&self, config: &CommunitiesConfig) -> Result<Vec<Task>, Error> {
        let CommunitiesSettings { min_rows, scaling, positive, protected, .. } = config.0;
        let features = self.features(config);
        if features.is_empty() {
            return Err(Error::NoPredictors { file: self.file.clone() });
        }
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
            Ok(Task::new(*name, data))
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
