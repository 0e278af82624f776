//! This module says what the columns of a table mean, and turns its rows into features.
//!
//! [`Roles`] names the columns that are no features. [`Schema::fit`] looks at a table once and
//! decides for every other column how it becomes features. The schema then turns the rows of any
//! table with these columns into numbers, always in the same way. It never uses a label for that.
//!
//! - A numeric column becomes one feature, (x − center) / scale. A missing value becomes 0, which
//!   is the mean. If values are missing in the table, a second feature says where.
//! - A categorical column becomes one feature for each frequent text, which is 1 where the column
//!   has this text. Rare texts share a feature. A text that the table does not have gets the same
//!   feature later. If values are missing in the table, one more feature says where.
//!
//! ```
//! use frame::{Frame, Options};
//! use tasks::schema::{Encoding, Roles, Schema};
//!
//! let csv = "school,passed,sex,hours\n\
//!            north,yes,f,3.5\n\
//!            north,no,m,2.0\n\
//!            south,yes,f,?\n\
//!            south,no,m,4.0\n";
//! let roles = Roles {
//!     task: "school".into(),
//!     label: "passed".into(),
//!     positive: "yes".into(),
//!     sensitive: "sex".into(),
//!     protected: vec!["f".into()],
//! };
//! let options = roles.reading(Options::default());
//! let frame = Frame::from_bytes(csv.as_bytes(), "schools.csv", &options)?;
//! let (schema, notes) = Schema::fit(&frame, &roles, &Encoding::default())?;
//! assert_eq!(schema.feature_names(), ["hours", "hours is missing"]);
//! assert!(notes.is_empty());
//!
//! let tasks = schema.tasks(frame)?.tasks;
//! assert_eq!((tasks[1].name.as_str(), tasks[1].data.positive()), ("south", &[true, false][..]));
//! assert_eq!(tasks[1].data.protected(), [true, false]);
//! assert_eq!(tasks[1].data.all().row(0), [0.0, 1.0]);
//! # Ok::<(), tasks::Error>(())
//! ```
//!
//! | file | subject |
//! |---|---|
//! | `feature` | one column and its features |
//! | `fit` | the choice of the features, and what is remarkable about a table |
//! | `almost` | columns that would be numbers but for a few cells |
//! | `known` | which of some known texts another text means |
//! | `leak` | columns that give the label or the group away |
//! | `meaning` | what the texts of the label and of the sensitive attribute mean |
//! | `quoted` | lists of texts in errors and notes |
//! | `run` | columns that number the rows |
//! | `tells` | how well one column alone tells a label or a group |
//! | `unfamiliar` | what a later table has that the one of the training has not |

mod almost;
mod feature;
mod fit;
mod known;
mod leak;
mod meaning;
mod quoted;
mod run;
mod tells;
mod unfamiliar;

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use frame::spelling::same;
use frame::{Cells, Column, Frame, Kind, Options};
use serde::{Deserialize, Serialize};

pub use self::feature::Feature;
pub use self::fit::Note;
pub use self::known::Known;
pub use self::quoted::quoted;
pub use self::run::Run;
pub use self::unfamiliar::Unfamiliar;
use crate::encoded::{Cell, CellTable, Encoded, Encoder};
use crate::scaling::moments;
use crate::table::by_level;
use crate::{Error, Scaling, Task, TaskRows};

/// Names the columns that are no features, and the texts in them that count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roles {
    /// The column whose text names the task of a row.
    pub task: String,
    /// The column with the label.
    pub label: String,
    /// The text of the positive class in that column. Every other text is the negative class, but
    /// for other ways to write the same number.
    pub positive: String,
    /// The column with the sensitive attribute.
    pub sensitive: String,
    /// The texts of the protected group in that column. Every other text is the other group.
    pub protected: Vec<String>,
}

impl Roles {
    /// The names of the three columns.
    pub fn columns(&self) -> [&str; 3] {
        [&self.task, &self.label, &self.sensitive]
    }

    /// Adds to the options for reading a table that these columns hold texts.
    pub fn reading(&self, mut options: Options) -> Options {
        for column in self.columns() {
            options.kinds.insert(column.into(), Kind::Categorical);
        }
        options
    }
}

/// What happens to a missing value of a feature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// A number becomes the mean, and a text counts as one more text.
    #[default]
    Impute,
    /// The table is refused.
    Refuse,
}

/// The rules by which columns become features.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Encoding {
    /// What happens to a missing value. Default: it is imputed.
    pub missing: Missing,
    /// The least number of rows of a text that gets a feature of its own. Default: 20.
    pub frequent: usize,
    /// The largest number of texts of a column that get a feature of their own; the most frequent
    /// ones do. Default: 50.
    pub most_levels: usize,
    /// The rows over which a number gets mean 0 and variance 1. Default: those of all tasks.
    pub scaling: Scaling,
}

impl Default for Encoding {
    fn default() -> Self {
        let (missing, scaling) = (Missing::default(), Scaling::OverAllTasks);
        Encoding { missing, frequent: 20, most_levels: 50, scaling }
    }
}

/// How the rows of a table become features, labels and groups.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// The columns that are no features.
    pub roles: Roles,
    /// The columns that are features, in the order of the table.
    pub features: Vec<Feature>,
    /// The rows over which a number gets mean 0 and variance 1. Over all tasks, center and scale
    /// are in the features.
    pub scaling: Scaling,
    /// What happens to a missing value.
    pub missing: Missing,
}

/// The tasks of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct TableTasks {
    /// One task for each text of the task column, in the order in which they first appear.
    pub tasks: Vec<Task>,
    /// The number of rows without a task, a label or a group, which are left out.
    pub left_out: usize,
}

impl Schema {
    /// The number of features of a row.
    pub fn width(&self) -> usize {
        self.features.iter().map(Feature::width).sum()
    }

    /// The name of each feature: `(width)`.
    pub fn feature_names(&self) -> Vec<String> {
        self.features.iter().flat_map(Feature::names).collect()
    }

    /// Adds to the options for reading a table the kinds of this schema's columns. The columns in
    /// `texts` are categorical, if the table has them. A column may have any number of texts: those
    /// of other rows must not change what becomes of a row.
    pub fn kinds(&self, mut options: Options, texts: &[&str]) -> Options {
        let features = self.features.iter().map(|feature| (feature.column(), feature.kind()));
        options.kinds = features.map(|(column, kind)| (column.to_owned(), kind)).collect();
        options.kinds.extend(texts.iter().map(|&column| (column.into(), Kind::Categorical)));
        options.dropped = BTreeSet::new();
        options.most_levels = usize::MAX;
        options
    }

    /// The schema for rows of one task only. If numbers are scaled within each task, center and
    /// scale become those of the given rows, and rows that come later are scaled in the same way.
    ///
    /// # Errors
    /// Returns an error if a column does not exist.
    pub fn for_task(&self, frame: &Frame<f32>, rows: &[usize]) -> Result<Schema, Error> {
        if self.scaling != Scaling::WithinTask {
            return Ok(self.clone());
        }
        let mut schema = Schema { scaling: Scaling::OverAllTasks, ..self.clone() };
        for feature in &mut schema.features {
            if let Feature::Numeric { column, center, scale, .. } = feature {
                let column = frame.column(column)?;
                let known = || rows.iter().filter_map(|&row| column.number(row));
                (*center, *scale) = moments(|| known().map(f64::from));
            }
        }
        Ok(schema)
    }

    /// Checks what a schema from a file may have wrong.
    ///
    /// # Errors
    /// Returns an error if there is no feature, if two features have the same column, if a feature
    /// has the column of a role, or if a center or a scale is no usable number.
    pub fn check(&self) -> Result<(), Error> {
        if self.features.is_empty() {
            return Err(Error::setting("the features", "none", "at least one column"));
        }
        let mut met: BTreeSet<&str> = self.roles.columns().into();
        for feature in &self.features {
            if !met.insert(feature.column()) {
                let found = quoted(&[feature.column()]);
                let accepted = "one that nothing else uses";
                return Err(Error::setting("the column of a feature", found, accepted));
            }
            if let Feature::Numeric { column, center, scale, .. } = feature
                && !(center.is_finite() && scale.is_finite() && *scale > 0.0)
            {
                let found = format!("{center} and {scale} of {}", quoted(&[column]));
                let accepted = "a finite number, and one above 0";
                return Err(Error::setting("center and scale", found, accepted));
            }
        }
        Ok(())
    }

    /// The features of the given rows of a table: `(rows, width)`, row-major. With a scaling within
    /// each task, all rows together are one task.
    ///
    /// # Errors
    /// Returns an error if a column does not exist or has the wrong kind, or if a value is missing
    /// where that is refused.
    pub fn x(&self, frame: &Frame<f32>, rows: &[usize]) -> Result<Vec<f64>, Error> {
        let width = self.width();
        let mut x = vec![0.0; rows.len() * width];
        let mut at = 0;
        let columns = self.columns(frame, rows.iter().copied())?;
        for (feature, column) in self.features.iter().zip(columns) {
            let cells = || rows.iter().map(|&row| Cell::of(column, row));
            let encoder = match self.scaling {
                Scaling::WithinTask => feature.encoder(column, self.scaling).scaled_over(cells),
                Scaling::None | Scaling::OverAllTasks => feature.encoder(column, self.scaling),
            };
            encoder.write(cells(), x.get_mut(at..).unwrap_or_default(), width);
            at += feature.width();
        }
        Ok(x)
    }

    /// The column of each feature. Refuses a column of the wrong kind, and a missing value in these
    /// rows if the schema does.
    fn columns<'f>(
        &self,
        frame: &'f Frame<f32>,
        rows: impl Iterator<Item = usize> + Clone,
    ) -> Result<Vec<&'f Column<f32>>, Error> {
        let known: HashMap<&str, &Column<f32>> =
            frame.columns().iter().map(|column| (column.name.as_str(), column)).collect();
        let column = |feature: &Feature| {
            let name = feature.column();
            let column = match known.get(name) {
                Some(&column) => column,
                None => frame.column(name)?,
            };
            if !feature.fits(column) {
                let found = format!("{} of another kind", quoted(&[name]));
                let accepted = "numbers or texts as in training, all of which are read";
                return Err(Error::setting("a column", found, accepted));
            }
            let mut rows = rows.clone();
            match rows.find(|&row| self.missing == Missing::Refuse && column.is_missing(row)) {
                Some(row) => {
                    let expected = "a value, because missing values are refused";
                    Err(frame.cell_error(row, name, expected).into())
                }
                None => Ok(column),
            }
        };
        self.features.iter().map(column).collect()
    }

    /// The most frequent text of the label that is not the positive one: that of a negative
    /// decision. Of two that are as frequent, it is the first of the alphabet.
    ///
    /// # Errors
    /// Returns an error if the column does not exist.
    pub fn negative(&self, frame: &Frame<f32>) -> Result<String, Error> {
        let others = meaning::values(frame.column(&self.roles.label)?).into_iter();
        let others = others.filter(|value| !same(&value.text, &self.roles.positive));
        let most = others.reduce(|most, other| if other.rows > most.rows { other } else { most });
        Ok(most.map_or(String::new(), |value| value.text))
    }

    /// Refuses a text of the label or the sensitive attribute in these rows that is written almost
    /// like one of `labels` or `groups`, but is another value. A column that is not there is not
    /// looked at.
    ///
    /// # Errors
    /// Returns an error with both texts and their numbers of rows.
    pub fn check_spellings(
        &self,
        frame: &Frame<f32>,
        rows: &[usize],
        labels: &[String],
        groups: &[String],
    ) -> Result<(), Error> {
        let columns = [(&self.roles.label, labels), (&self.roles.sensitive, groups)];
        columns.into_iter().try_for_each(|(name, known)| match frame.column(name) {
            Ok(column) => meaning::check_spellings(frame, column, known, rows.iter().copied()),
            Err(_) => Ok(()),
        })
    }

    /// The label of each row; `None` where it is missing.
    ///
    /// # Errors
    /// Returns an error if the column does not exist.
    pub fn labels(&self, frame: &Frame<f32>) -> Result<Vec<Option<bool>>, Error> {
        matches(frame.column(&self.roles.label)?, std::slice::from_ref(&self.roles.positive))
    }

    /// Whether each row is in the protected group; `None` where that is missing.
    ///
    /// # Errors
    /// Returns an error if the column does not exist.
    pub fn groups(&self, frame: &Frame<f32>) -> Result<Vec<Option<bool>>, Error> {
        matches(frame.column(&self.roles.sensitive)?, &self.roles.protected)
    }

    /// The tasks of a table. Rows without a task, a label or a group are left out. The cells are
    /// kept, sorted by task, so the tasks take hardly more memory than the table did.
    ///
    /// # Errors
    /// Returns the errors of [`check`](Schema::check) and [`x`](Schema::x), and an error if a
    /// column of the roles does not exist.
    pub fn tasks(&self, frame: Frame<f32>) -> Result<TableTasks, Error> {
        self.check()?;
        let (labels, groups) = (self.labels(&frame)?, self.groups(&frame)?);
        let column = frame.column(&self.roles.task)?;
        let whole = |&row: &usize| {
            labels[row].is_some() && groups[row].is_some() && !column.is_missing(row)
        };
        let (mut order, mut named) = (Vec::new(), Vec::new());
        for (name, rows) in by_level(column, (0..frame.rows()).filter(whole)) {
            named.push((name.to_owned(), order.len()..order.len() + rows.len()));
            order.extend(rows);
        }
        let left_out = frame.rows() - order.len();
        let columns = self.columns(&frame, order.iter().copied())?;
        let encoders = self.features.iter().zip(columns);
        let encoders: Arc<[Encoder]> =
            encoders.map(|(feature, column)| feature.encoder(column, self.scaling)).collect();
        let of = |all: Vec<Option<bool>>| order.iter().map(|&row| all[row] == Some(true)).collect();
        let (positive, protected) = (of(labels), of(groups));
        let widths = self.features.iter().map(Feature::width).collect();
        let columns = self.take_columns(frame);
        let table = Arc::new(CellTable::new(columns, &order, widths, positive, protected));
        let task = |(name, rows): (String, Range<usize>)| {
            let encoders = self.scaled(&encoders, &table, &rows);
            let data = TaskRows::Encoded(Encoded::new(table.clone(), encoders, rows));
            Task { name, data }
        };
        Ok(TableTasks { tasks: named.into_iter().map(task).collect(), left_out })
    }

    /// The columns of the features, in their order. All others are dropped.
    fn take_columns(&self, frame: Frame<f32>) -> Vec<Column<f32>> {
        let columns = frame.into_columns().into_iter();
        let mut columns: HashMap<String, Column<f32>> =
            columns.map(|column| (column.name.clone(), column)).collect();
        self.features.iter().filter_map(|feature| columns.remove(feature.column())).collect()
    }

    /// The encoders for a task with these rows.
    fn scaled(
        &self,
        encoders: &Arc<[Encoder]>,
        table: &CellTable,
        rows: &Range<usize>,
    ) -> Arc<[Encoder]> {
        let scaled = |(column, encoder): (usize, &Encoder)| {
            encoder.scaled_over(|| table.cells(column, rows.clone()))
        };
        match self.scaling {
            Scaling::WithinTask => encoders.iter().enumerate().map(scaled).collect(),
            Scaling::None | Scaling::OverAllTasks => encoders.clone(),
        }
    }
}

/// Whether the text of each row is one of `texts`, or the same number; `None` where it is missing.
fn matches(column: &Column<f32>, texts: &[String]) -> Result<Vec<Option<bool>>, Error> {
    let Cells::Levels { codes, names } = &column.cells else {
        let accepted = format!("at most {} different texts", Options::default().most_levels);
        return Err(Error::setting("column", format!("`{}` with more", column.name), accepted));
    };
    let known = Known::new(texts);
    let fits: Vec<bool> = names.iter().map(|name| known.place(name).is_some()).collect();
    Ok(codes.iter().map(|&code| fits.get(code as usize).copied()).collect())
}

#[cfg(test)]
mod tests;
