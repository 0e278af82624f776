//! What is computed from counts: the rates of one group, and the metrics that compare two sides.

use std::marker::PhantomData;
use std::ops::Index;

use fairness::metrics::{Confusion, GroupCounts};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::interval;

/// A list of quantities that are computed from the same counts.
pub trait Quantity: Copy + PartialEq + Sized + 'static {
    /// What they are computed from.
    type Counts;
    /// All of them.
    const ALL: &'static [Self];
    /// Its key in JSON.
    fn key(self) -> &'static str;
    /// Its name in tables, which several may share.
    fn title(self) -> &'static str;
    /// Its value; `None` where it does not exist.
    fn of(self, counts: &Self::Counts) -> Option<f64>;
    /// The ends of its 95% interval, the lower first; `None` where it does not exist.
    fn interval(self, counts: &Self::Counts) -> Option<(f64, f64)>;
}

/// The rates of one group. All are in [0, 1].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// P(ŷ = y).
    Accuracy,
    /// P(ŷ = 1).
    Selection,
    /// P(ŷ = 1 | y = 1).
    TruePositive,
    /// P(ŷ = 1 | y = 0).
    FalsePositive,
}

impl Rate {
    /// The rows that count, and those among which they are counted.
    pub(crate) fn fraction(self, counts: &Confusion) -> (u64, u64) {
        match self {
            Self::Accuracy => (counts.true_positives + counts.true_negatives, counts.total()),
            Self::Selection => (counts.predicted_positives(), counts.total()),
            Self::TruePositive => (counts.true_positives, counts.positives()),
            Self::FalsePositive => (counts.false_positives, counts.negatives()),
        }
    }
}

impl Quantity for Rate {
    type Counts = Confusion;

    const ALL: &'static [Self] =
        &[Self::Selection, Self::TruePositive, Self::FalsePositive, Self::Accuracy];

    fn key(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::Selection => "selection_rate",
            Self::TruePositive => "true_positive_rate",
            Self::FalsePositive => "false_positive_rate",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::Selection => "selection rate",
            Self::TruePositive => "true positive rate",
            Self::FalsePositive => "false positive rate",
        }
    }

    fn of(self, counts: &Confusion) -> Option<f64> {
        match self {
            Self::Accuracy => counts.accuracy(),
            Self::Selection => counts.positive_rate(),
            Self::TruePositive => counts.true_positive_rate(),
            Self::FalsePositive => counts.false_positive_rate(),
        }
    }

    fn interval(self, counts: &Confusion) -> Option<(f64, f64)> {
        interval::rate(self.fraction(counts))
    }
}

/// The metrics of two sides: the protected and the unprotected rows, or two groups.
///
/// A ratio is that of the protected side over the other, and a difference is that of the protected
/// side minus the other. A closeness is min(r, 1/r) of a ratio r, so 1 is fair and 0 is unfair,
/// whichever side is favored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// P(ŷ = y) over both sides.
    Accuracy,
    /// Of the selection rates, in [0, ∞).
    DemographicParityRatio,
    /// Of the selection rates, in [−1, 1].
    DemographicParityDifference,
    /// Of the selection rates, in [0, 1].
    DemographicParityCloseness,
    /// Of the true positive rates, in [0, ∞).
    EqualOpportunityRatio,
    /// Of the true positive rates, in [−1, 1].
    EqualOpportunityDifference,
    /// Of the true positive rates, in [0, 1].
    EqualOpportunityCloseness,
    /// Of the false positive rates, in [0, ∞).
    FalsePositiveRateRatio,
    /// Of the false positive rates, in [−1, 1].
    FalsePositiveRateDifference,
    /// The smaller closeness of the true and of the false positive rates, in [0, 1].
    EqualizedOddsRatio,
    /// The larger absolute difference of the true and of the false positive rates, in [0, 1].
    EqualizedOddsDifference,
}

impl Metric {
    /// How it compares two rates: as a ratio, a difference or a closeness. Empty for the accuracy.
    pub fn form(self) -> &'static str {
        let key = self.key();
        let forms = ["ratio", "difference", "closeness"];
        forms.into_iter().find(|form| key.ends_with(form)).unwrap_or("")
    }

    /// Whether it can be negative, so that tables show its sign.
    pub fn is_signed(self) -> bool {
        matches!(
            self,
            Self::DemographicParityDifference
                | Self::EqualOpportunityDifference
                | Self::FalsePositiveRateDifference
        )
    }

    /// Whether it is in [0, 1].
    pub fn is_rate(self) -> bool {
        matches!(
            self,
            Self::Accuracy
                | Self::DemographicParityCloseness
                | Self::EqualOpportunityCloseness
                | Self::EqualizedOddsRatio
                | Self::EqualizedOddsDifference
        )
    }
}

impl Quantity for Metric {
    type Counts = GroupCounts;

    const ALL: &'static [Self] = &[
        Self::Accuracy,
        Self::DemographicParityRatio,
        Self::DemographicParityDifference,
        Self::DemographicParityCloseness,
        Self::EqualOpportunityRatio,
        Self::EqualOpportunityDifference,
        Self::EqualOpportunityCloseness,
        Self::FalsePositiveRateRatio,
        Self::FalsePositiveRateDifference,
        Self::EqualizedOddsRatio,
        Self::EqualizedOddsDifference,
    ];

    fn key(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::DemographicParityRatio => "demographic_parity_ratio",
            Self::DemographicParityDifference => "demographic_parity_difference",
            Self::DemographicParityCloseness => "demographic_parity_closeness",
            Self::EqualOpportunityRatio => "equal_opportunity_ratio",
            Self::EqualOpportunityDifference => "equal_opportunity_difference",
            Self::EqualOpportunityCloseness => "equal_opportunity_closeness",
            Self::FalsePositiveRateRatio => "false_positive_rate_ratio",
            Self::FalsePositiveRateDifference => "false_positive_rate_difference",
            Self::EqualizedOddsRatio => "equalized_odds_ratio",
            Self::EqualizedOddsDifference => "equalized_odds_difference",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::DemographicParityRatio
            | Self::DemographicParityDifference
            | Self::DemographicParityCloseness => "demographic parity",
            Self::EqualOpportunityRatio
            | Self::EqualOpportunityDifference
            | Self::EqualOpportunityCloseness => "equal opportunity",
            Self::FalsePositiveRateRatio | Self::FalsePositiveRateDifference => {
                "false positive rate"
            }
            Self::EqualizedOddsRatio | Self::EqualizedOddsDifference => "equalized odds",
        }
    }

    fn of(self, counts: &GroupCounts) -> Option<f64> {
        match self {
            Self::Accuracy => counts.overall().accuracy(),
            Self::DemographicParityRatio => counts.demographic_parity_ratio(),
            Self::DemographicParityDifference => counts.demographic_parity_difference(),
            Self::DemographicParityCloseness => counts.demographic_parity_closeness(),
            Self::EqualOpportunityRatio => counts.equal_opportunity_ratio(),
            Self::EqualOpportunityDifference => counts.equal_opportunity_difference(),
            Self::EqualOpportunityCloseness => counts.equal_opportunity_closeness(),
            Self::FalsePositiveRateRatio => counts.false_positive_rate_ratio(),
            Self::FalsePositiveRateDifference => counts.false_positive_rate_difference(),
            Self::EqualizedOddsRatio => counts.equalized_odds_closeness(),
            Self::EqualizedOddsDifference => counts.equalized_odds().largest_difference,
        }
    }

    fn interval(self, counts: &GroupCounts) -> Option<(f64, f64)> {
        let of =
            |rate: Rate| [counts.protected, counts.unprotected].map(|side| rate.fraction(&side));
        let [selection, opportunity, false_positive] =
            [Rate::Selection, Rate::TruePositive, Rate::FalsePositive].map(of);
        let odds = [opportunity, false_positive];
        match self {
            Self::Accuracy => Rate::Accuracy.interval(&counts.overall()),
            Self::DemographicParityRatio => interval::ratio(selection),
            Self::DemographicParityDifference => interval::difference(selection),
            Self::DemographicParityCloseness => interval::closeness(selection),
            Self::EqualOpportunityRatio => interval::ratio(opportunity),
            Self::EqualOpportunityDifference => interval::difference(opportunity),
            Self::EqualOpportunityCloseness => interval::closeness(opportunity),
            Self::FalsePositiveRateRatio => interval::ratio(false_positive),
            Self::FalsePositiveRateDifference => interval::difference(false_positive),
            Self::EqualizedOddsRatio => interval::smaller_closeness(odds),
            Self::EqualizedOddsDifference => interval::larger_difference(odds),
        }
    }
}

/// Something for each quantity of a list. In JSON it is an object with the quantities' keys.
#[derive(Clone, Debug, PartialEq)]
pub struct Measures<Q, T> {
    /// In the order of `Q::ALL`.
    values: Vec<T>,
    quantities: PhantomData<Q>,
}

impl<Q: Quantity, T> Measures<Q, T> {
    /// That of each quantity.
    pub fn of(mut value: impl FnMut(Q) -> T) -> Self {
        let values = Q::ALL.iter().map(|&quantity| value(quantity)).collect();
        Measures { values, quantities: PhantomData }
    }

    /// Quantities with what is there for them.
    pub fn iter(&self) -> impl Iterator<Item = (Q, &T)> {
        Q::ALL.iter().copied().zip(&self.values)
    }

    /// Something else for each quantity.
    pub fn map<U>(&self, mut value: impl FnMut(&T) -> U) -> Measures<Q, U> {
        Measures::of(|quantity| value(&self[quantity]))
    }
}

impl<Q: Quantity, T> Index<Q> for Measures<Q, T> {
    type Output = T;

    fn index(&self, quantity: Q) -> &T {
        let place = Q::ALL.iter().position(|&other| other == quantity);
        &self.values[place.expect("every quantity is in the list of all")]
    }
}

impl<Q: Quantity, T: Serialize> Serialize for Measures<Q, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.values.len()))?;
        for (quantity, value) in self.iter() {
            map.serialize_entry(quantity.key(), value)?;
        }
        map.end()
    }
}
