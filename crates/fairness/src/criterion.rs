//! Fairness criteria: the equation of a regularizer, and the metric that evaluates it.
//!
//! A criterion is one file that implements [`Criterion`]: its equation, the term that it adds to a
//! loss, the rows that the term needs in a batch, and the metric that evaluates it. Manifests,
//! cases and the command line use its name. To add a criterion here, add its file and a line in
//! [`Notion::ALL`]. From outside this crate, pass it to [`Notion::of`].

mod covariance;
mod demographic_parity;
mod demographic_parity_gap;
mod equal_opportunity;
mod equal_opportunity_gap;
mod equalized_odds_gap;
mod gap;
mod group_mean;

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tape::{Recorder, Var};

use crate::metrics::GroupCounts;

use group_mean::GroupMean;

/// A fairness criterion.
pub trait Criterion: Sync {
    /// The name, in lower case with hyphens. No two criteria share a name.
    fn name(&self) -> &'static str;

    /// The title of a panel or a section.
    fn title(&self) -> &'static str;

    /// The metric that evaluates it.
    fn measure(&self) -> Measure;

    /// Whether the term needs row `i` of a batch. Without any such row the term is 0.
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

/// A metric of decisions about two groups; [`metrics`](crate::metrics) has the equations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Compares the acceptance rates of the groups.
    Parity,
    /// Compares the acceptance rates of the groups' positive rows.
    Opportunity,
    /// Compares the true and the false positive rates of the groups.
    EqualizedOdds,
}

impl Measure {
    /// What tables and files call it.
    pub fn name(self) -> &'static str {
        match self {
            Measure::Parity => "parity",
            Measure::Opportunity => "opportunity",
            Measure::EqualizedOdds => "equalized odds",
        }
    }

    /// Whether a row with this label is counted.
    pub fn counts(self, positive: bool) -> bool {
        match self {
            Measure::Parity | Measure::EqualizedOdds => true,
            Measure::Opportunity => positive,
        }
    }

    /// How close the groups are: 1 is fair. It is min(r, 1/r) of their rates, or for equalized odds
    /// 1 − the larger difference of rates. `None` if a rate does not exist.
    pub fn closeness(self, counts: &GroupCounts) -> Option<f64> {
        match self {
            Measure::Parity => counts.demographic_parity_closeness(),
            Measure::Opportunity => counts.equal_opportunity_closeness(),
            Measure::EqualizedOdds => {
                counts.equalized_odds().largest_difference.map(|difference| 1.0 - difference)
            }
        }
    }
}

/// The reading of the equations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    /// The mean over the group; 0 if the batch has no member of the group.
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

/// A criterion. Two criteria with the same name are equal.
#[derive(Clone, Copy)]
pub struct Notion(&'static dyn Criterion);

impl Notion {
    /// Demographic parity (eq. 3): everyone in the protected group.
    pub const DEMOGRAPHIC_PARITY: Notion = Notion(&GroupMean(demographic_parity::Protected));
    /// Equal opportunity (eq. 4): the members of the protected group with a positive label.
    pub const EQUAL_OPPORTUNITY: Notion = Notion(&GroupMean(equal_opportunity::ProtectedPositive));

    /// The squared gap of demographic parity.
    pub const DEMOGRAPHIC_PARITY_GAP: Notion = Notion(&demographic_parity_gap::GAP);
    /// The squared gap of equal opportunity.
    pub const EQUAL_OPPORTUNITY_GAP: Notion = Notion(&equal_opportunity_gap::GAP);
    /// The squared gaps of equalized odds.
    pub const EQUALIZED_ODDS_GAP: Notion = Notion(&equalized_odds_gap::GAP);
    /// The squared covariance of group and decision boundary.
    pub const COVARIANCE: Notion = Notion(&covariance::Covariance);

    /// All criteria of this crate.
    pub const ALL: &[Notion] = &[
        Notion::DEMOGRAPHIC_PARITY,
        Notion::EQUAL_OPPORTUNITY,
        Notion::DEMOGRAPHIC_PARITY_GAP,
        Notion::EQUAL_OPPORTUNITY_GAP,
        Notion::EQUALIZED_ODDS_GAP,
        Notion::COVARIANCE,
    ];

    /// A criterion from any crate.
    pub const fn of(criterion: &'static dyn Criterion) -> Self {
        Notion(criterion)
    }

    /// The criterion in [`Notion::ALL`] with this name.
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
