//! Fairness criteria: what a regularizer asks for, and what it is judged by.
//!
//! A criterion is one file that implements [`Criterion`]: its equation, the term that it adds to a
//! loss, whom the term needs in a batch, and the metric that judges it. Its name is its name in
//! manifests, in cases and on the command line. To add one here, add its file and a line in
//! [`Notion::ALL`]; from outside this crate, hand one to [`Notion::of`].

mod demographic_parity;
mod equal_opportunity;
mod group_mean;

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tape::{Recorder, Var};

use crate::metrics::GroupCounts;

use group_mean::GroupMean;

/// What a regularizer asks for.
pub trait Criterion: Sync {
    /// In lower case, with hyphens; no two criteria share one.
    fn name(&self) -> &'static str;

    /// As the title of a panel or a section.
    fn title(&self) -> &'static str;

    /// What judges whether it was reached.
    fn measure(&self) -> Measure;

    /// Whether the term is about row `i` of a batch. Without any such row it is 0.
    fn needs(&self, rows: &Rows<'_>, i: usize) -> bool;

    /// Records the term R, `(1, 1)`, given `log_probabilities: (batch, 2)` and the rows of each
    /// lane. A lane without any row that the term [needs](Criterion::needs) has R = 0, without a
    /// gradient.
    fn eval<'a>(
        &self,
        tape: &mut dyn Recorder,
        log_probabilities: Var,
        rows: &dyn Fn(usize) -> Rows<'a>,
        reading: Reading,
    ) -> Var;
}

/// What is measured of decisions about two groups; [`metrics`](crate::metrics) has the equations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Measure {
    /// How alike the groups are accepted.
    Parity,
    /// How alike their positive rows are accepted.
    Opportunity,
}

impl Measure {
    /// What tables and files call it.
    pub fn name(self) -> &'static str {
        match self {
            Measure::Parity => "parity",
            Measure::Opportunity => "opportunity",
        }
    }

    /// Whether a row with this label is counted.
    pub fn counts(self, positive: bool) -> bool {
        match self {
            Measure::Parity => true,
            Measure::Opportunity => positive,
        }
    }

    /// min(r, 1/r) of the groups' rates: 1 is fair. `None` where a rate does not exist.
    pub fn closeness(self, counts: &GroupCounts) -> Option<f64> {
        match self {
            Measure::Parity => counts.demographic_parity_closeness(),
            Measure::Opportunity => counts.equal_opportunity_closeness(),
        }
    }
}

/// How the equations are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    /// The mean over the group; 0 if nobody of the group is in the batch.
    #[default]
    GroupMean,
    /// As the paper's published code computes it: the softmax is applied twice and the sum over
    /// the group is divided by the whole batch.
    PublishedCode,
}

/// The labels and the groups of the rows of one batch, of equal length.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// Whether the label is the positive class.
    pub positive: &'a [bool],
    /// Whether the row belongs to the protected group.
    pub protected: &'a [bool],
}

/// A criterion by its name: two of one name are equal.
#[derive(Clone, Copy)]
pub struct Notion(&'static dyn Criterion);

impl Notion {
    /// Demographic parity (eq. 3): everyone in the protected group.
    pub const DEMOGRAPHIC_PARITY: Notion = Notion(&GroupMean(demographic_parity::Protected));
    /// Equal opportunity (eq. 4): those of the protected group whose label is positive.
    pub const EQUAL_OPPORTUNITY: Notion = Notion(&GroupMean(equal_opportunity::ProtectedPositive));

    /// Every criterion of this crate.
    pub const ALL: &[Notion] = &[Notion::DEMOGRAPHIC_PARITY, Notion::EQUAL_OPPORTUNITY];

    /// A criterion from anywhere.
    pub const fn of(criterion: &'static dyn Criterion) -> Self {
        Notion(criterion)
    }

    /// The one of [`Notion::ALL`] that has this name.
    pub fn named(name: &str) -> Option<Self> {
        Notion::ALL.iter().copied().find(|notion| notion.name() == name)
    }
}

impl std::ops::Deref for Notion {
    type Target = dyn Criterion;

    fn deref(&self) -> &Self::Target {
        self.0
    }
}

impl PartialEq for Notion {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Notion {}

impl Hash for Notion {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl fmt::Debug for Notion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Notion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Notion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Notion::named(&name).ok_or_else(|| {
            let names: Vec<&str> = Notion::ALL.iter().map(|notion| notion.name()).collect();
            let expected = names.join("`, `");
            serde::de::Error::custom(format!(
                "unknown notion `{name}`, expected one of `{expected}`"
            ))
        })
    }
}
