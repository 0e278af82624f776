//! Group fairness of a classifier's decisions, from exact counts.
//!
//! Every rate is a quotient of two counts. Where the denominator is zero (a group with no members,
//! a group with no positives) the rate does not exist, and the function returns `None`. A task with
//! 10 points often lacks a group, and both 0 and NaN would be wrong.
//!
//! Notation: ŷ the decision, y the label, *protected* the group that the fairness criterion
//! protects (a = 0 in the paper). Equation numbers are those of Slack, Friedler, Givental, *Fair
//! Meta-Learning: Learning How to Learn Fairly* (2019).
//!
//! ```
//! use fairness::metrics::GroupCounts;
//!
//! //              protected            not protected
//! let protected = [true, true, true, true, false, false, false];
//! let positive  = [true, true, false, false, true, true, false];
//! let predicted = [true, false, false, false, true, true, false];
//! let counts = GroupCounts::tally(&predicted, &positive, &protected);
//!
//! // One in four of the protected is accepted, two in three of the others.
//! let ratio = counts.demographic_parity_ratio().unwrap();
//! assert_eq!(ratio, 0.25 / (2.0 / 3.0));
//! assert_eq!(counts.demographic_parity_closeness(), Some(ratio));
//! // Of those with y = 1: one in two against two in two.
//! assert_eq!(counts.equal_opportunity_ratio(), Some(0.5));
//! // Nobody with y = 0 was accepted outside the protected group: no such ratio exists.
//! assert_eq!(counts.equalized_odds().false_positive_rate_ratio, None);
//! ```

use std::iter::Sum;
use std::ops::Add;

use serde::{Deserialize, Deserializer, Serialize};

/// A number that is no probability: NaN, or outside [0, 1]. It can be no decision.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("the probability of row {row} is {value}, expected a number from 0 to 1")]
pub struct NotAProbability {
    /// The row, counted from 0.
    pub row: usize,
    /// The number.
    pub value: f64,
}

/// Checks that every number is in [0, 1].
///
/// ```
/// use fairness::metrics::check_probabilities;
/// assert!(check_probabilities(&[0.0, 0.3, 1.0]).is_ok());
/// assert_eq!(check_probabilities(&[0.3, f64::NAN]).unwrap_err().row, 1);
/// ```
///
/// # Errors
/// Returns the first number that is not.
pub fn check_probabilities(probabilities: &[f64]) -> Result<(), NotAProbability> {
    match probabilities.iter().position(|p| !(0.0..=1.0).contains(p)) {
        Some(row) => Err(NotAProbability { row, value: probabilities[row] }),
        None => Ok(()),
    }
}

/// The number of points with each pair of decision and label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confusion {
    /// ŷ = 1, y = 1.
    #[serde(deserialize_with = "count")]
    pub true_positives: u64,
    /// ŷ = 1, y = 0.
    #[serde(deserialize_with = "count")]
    pub false_positives: u64,
    /// ŷ = 0, y = 0.
    #[serde(deserialize_with = "count")]
    pub true_negatives: u64,
    /// ŷ = 0, y = 1.
    #[serde(deserialize_with = "count")]
    pub false_negatives: u64,
}

/// The largest count in a file. Sums of many of them stay below 2⁶⁴.
const MOST_IN_FILE: u64 = 1 << 48;

fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let count = u64::deserialize(deserializer)?;
    match count <= MOST_IN_FILE {
        true => Ok(count),
        false => {
            Err(serde::de::Error::custom(format!("a count of {count}, expected at most 2^48")))
        }
    }
}

impl Confusion {
    /// Counts one more point.
    pub fn record(&mut self, predicted: bool, positive: bool) {
        let cell = match (predicted, positive) {
            (true, true) => &mut self.true_positives,
            (true, false) => &mut self.false_positives,
            (false, false) => &mut self.true_negatives,
            (false, true) => &mut self.false_negatives,
        };
        *cell += 1;
    }

    /// The number of points counted.
    pub fn total(&self) -> u64 {
        self.predicted_positives() + self.true_negatives + self.false_negatives
    }

    /// The number of points with ŷ = 1.
    pub fn predicted_positives(&self) -> u64 {
        self.true_positives + self.false_positives
    }

    /// The number of points with y = 1.
    pub fn positives(&self) -> u64 {
        self.true_positives + self.false_negatives
    }

    /// The number of points with y = 0.
    pub fn negatives(&self) -> u64 {
        self.false_positives + self.true_negatives
    }

    /// P(ŷ = y), in [0, 1]; `None` without points.
    pub fn accuracy(&self) -> Option<f64> {
        rate(self.true_positives + self.true_negatives, self.total())
    }

    /// P(ŷ = 1), in [0, 1]; `None` without points.
    pub fn positive_rate(&self) -> Option<f64> {
        rate(self.predicted_positives(), self.total())
    }

    /// P(ŷ = 1 | y = 1), in [0, 1]; `None` if no label is positive.
    pub fn true_positive_rate(&self) -> Option<f64> {
        rate(self.true_positives, self.positives())
    }

    /// P(ŷ = 1 | y = 0), in [0, 1]; `None` if no label is negative.
    pub fn false_positive_rate(&self) -> Option<f64> {
        rate(self.false_positives, self.negatives())
    }

    /// All rates.
    pub fn rates(&self) -> Rates {
        Rates {
            accuracy: self.accuracy(),
            positive_rate: self.positive_rate(),
            true_positive_rate: self.true_positive_rate(),
            false_positive_rate: self.false_positive_rate(),
        }
    }
}

impl Add for Confusion {
    type Output = Self;

    /// The sum of the counts of two disjoint sets of points.
    fn add(self, other: Self) -> Self {
        Self {
            true_positives: self.true_positives + other.true_positives,
            false_positives: self.false_positives + other.false_positives,
            true_negatives: self.true_negatives + other.true_negatives,
            false_negatives: self.false_negatives + other.false_negatives,
        }
    }
}

/// The counts of each group. All group metrics depend only on these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupCounts {
    /// The protected group.
    pub protected: Confusion,
    /// Everyone else.
    pub unprotected: Confusion,
}

impl GroupCounts {
    /// Counts decisions `predicted: (n,)` against labels `positive: (n,)` in the groups of
    /// `protected: (n,)`. Empty slices are allowed: all metrics are then undefined.
    ///
    /// # Panics
    /// If the three lengths differ.
    pub fn tally(predicted: &[bool], positive: &[bool], protected: &[bool]) -> Self {
        assert!(
            predicted.len() == positive.len() && predicted.len() == protected.len(),
            "one prediction, label and group per point: got {} predictions, {} labels, {} groups",
            predicted.len(),
            positive.len(),
            protected.len()
        );
        let mut counts = Self::default();
        for ((&predicted, &positive), &protected) in predicted.iter().zip(positive).zip(protected) {
            let group = if protected { &mut counts.protected } else { &mut counts.unprotected };
            group.record(predicted, positive);
        }
        counts
    }

    /// Counts the decisions of probabilities `(n,)`: a row is predicted positive if its probability
    /// is above `threshold`. The other arguments are those of [`GroupCounts::tally`].
    ///
    /// ```
    /// use fairness::metrics::GroupCounts;
    /// let counts = GroupCounts::above(0.5, &[0.5, 0.6], &[true, true], &[true, false]).unwrap();
    /// assert_eq!(counts.protected.false_negatives, 1);
    /// assert_eq!(counts.unprotected.true_positives, 1);
    /// assert!(GroupCounts::above(0.5, &[f64::NAN], &[true], &[true]).is_err());
    /// ```
    ///
    /// # Errors
    /// Returns [`NotAProbability`] if a probability is NaN or outside [0, 1].
    ///
    /// # Panics
    /// If the three lengths differ.
    pub fn above(
        threshold: f64,
        probabilities: &[f64],
        positive: &[bool],
        protected: &[bool],
    ) -> Result<Self, NotAProbability> {
        check_probabilities(probabilities)?;
        let predicted: Vec<bool> = probabilities.iter().map(|&p| p > threshold).collect();
        Ok(Self::tally(&predicted, positive, protected))
    }

    /// Both groups together.
    pub fn overall(&self) -> Confusion {
        self.protected + self.unprotected
    }

    /// Equation 1, the demographic-parity ratio
    /// P(ŷ = 1 | protected) / P(ŷ = 1 | not protected), in [0, ∞); 1 is fair, below 1 the
    /// protected group is accepted less often. (Feldman et al. 2015 call it disparate impact.)
    ///
    /// `None` if a group is empty or nobody outside the protected group is accepted.
    pub fn demographic_parity_ratio(&self) -> Option<f64> {
        self.ratio_of(Confusion::positive_rate)
    }

    /// Equation 2, the equal-opportunity ratio
    /// P(ŷ = 1 | protected, y = 1) / P(ŷ = 1 | not protected, y = 1), in [0, ∞); 1 is fair.
    /// (The criterion is that of Hardt, Price, Srebro 2016.)
    ///
    /// `None` if a group has no positives, or if no positive outside the protected group is
    /// accepted.
    pub fn equal_opportunity_ratio(&self) -> Option<f64> {
        self.ratio_of(Confusion::true_positive_rate)
    }

    /// The ratio of the false positive rates,
    /// P(ŷ = 1 | protected, y = 0) / P(ŷ = 1 | not protected, y = 0), in [0, ∞); 1 is fair.
    ///
    /// `None` if a group has no negatives, or if no negative outside the protected group is
    /// accepted.
    pub fn false_positive_rate_ratio(&self) -> Option<f64> {
        self.ratio_of(Confusion::false_positive_rate)
    }

    /// P(ŷ = 1 | protected) − P(ŷ = 1 | not protected), in [−1, 1]; 0 is fair, below 0 the
    /// protected group is accepted less often. `None` if a group is empty.
    pub fn demographic_parity_difference(&self) -> Option<f64> {
        self.difference_of(Confusion::positive_rate)
    }

    /// P(ŷ = 1 | protected, y = 1) − P(ŷ = 1 | not protected, y = 1), in [−1, 1]; 0 is fair.
    /// `None` if a group has no positives.
    pub fn equal_opportunity_difference(&self) -> Option<f64> {
        self.difference_of(Confusion::true_positive_rate)
    }

    /// P(ŷ = 1 | protected, y = 0) − P(ŷ = 1 | not protected, y = 0), in [−1, 1]; 0 is fair.
    /// `None` if a group has no negatives.
    pub fn false_positive_rate_difference(&self) -> Option<f64> {
        self.difference_of(Confusion::false_positive_rate)
    }

    /// Parity: the [`closeness`] of the two acceptance rates.
    ///
    /// `None` if a group is empty or nobody is accepted. If only the protected group is accepted,
    /// the ratio is infinite and so undefined, but the closeness is 0.
    pub fn demographic_parity_closeness(&self) -> Option<f64> {
        self.closeness_of(Confusion::positive_rate)
    }

    /// Opportunity: the [`closeness`] of the two true positive rates.
    ///
    /// `None` if a group has no positives, or if none of them is accepted in either group.
    pub fn equal_opportunity_closeness(&self) -> Option<f64> {
        self.closeness_of(Confusion::true_positive_rate)
    }

    /// Equalized odds as one ratio: the smaller [`closeness`] of the two true positive rates and of
    /// the two false positive rates, in [0, 1]; 1 is fair.
    ///
    /// `None` if one of the two does not exist, because it may be the smaller.
    pub fn equalized_odds_closeness(&self) -> Option<f64> {
        let true_positive = self.equal_opportunity_closeness()?;
        Some(true_positive.min(self.closeness_of(Confusion::false_positive_rate)?))
    }

    /// Equalized odds: whether both error rates agree between the groups.
    pub fn equalized_odds(&self) -> EqualizedOdds {
        let true_positive_gap = self.equal_opportunity_difference();
        let false_positive_gap = self.false_positive_rate_difference();
        let gaps = true_positive_gap.zip(false_positive_gap);
        EqualizedOdds {
            true_positive_rate_ratio: self.equal_opportunity_ratio(),
            false_positive_rate_ratio: self.false_positive_rate_ratio(),
            largest_difference: gaps.map(|(a, b)| a.abs().max(b.abs())),
        }
    }

    /// All metrics of this module, in a form that can be written to a file.
    pub fn metrics(&self) -> Metrics {
        Metrics {
            counts: *self,
            overall: self.overall().rates(),
            protected: self.protected.rates(),
            unprotected: self.unprotected.rates(),
            demographic_parity_ratio: self.demographic_parity_ratio(),
            equal_opportunity_ratio: self.equal_opportunity_ratio(),
            demographic_parity_closeness: self.demographic_parity_closeness(),
            equal_opportunity_closeness: self.equal_opportunity_closeness(),
            equalized_odds: self.equalized_odds(),
        }
    }

    /// The rate of the protected group divided by that of the others.
    fn ratio_of(&self, rate: impl Fn(&Confusion) -> Option<f64>) -> Option<f64> {
        match (rate(&self.protected)?, rate(&self.unprotected)?) {
            (_, 0.0) => None,
            (protected, unprotected) => Some(protected / unprotected),
        }
    }

    /// The closeness of the two groups' rates.
    fn closeness_of(&self, rate: impl Fn(&Confusion) -> Option<f64>) -> Option<f64> {
        closeness(rate(&self.protected)?, rate(&self.unprotected)?)
    }

    /// The rate of the protected group minus that of the others.
    fn difference_of(&self, rate: impl Fn(&Confusion) -> Option<f64>) -> Option<f64> {
        Some(rate(&self.protected)? - rate(&self.unprotected)?)
    }
}

impl Add for GroupCounts {
    type Output = Self;

    /// The counts of two disjoint sets of points, group by group.
    fn add(self, other: Self) -> Self {
        Self {
            protected: self.protected + other.protected,
            unprotected: self.unprotected + other.unprotected,
        }
    }
}

impl Sum for GroupCounts {
    /// Pools the points of several tasks. The ratio of pooled counts is not the mean of the
    /// tasks' ratios; the paper reports the latter.
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), Add::add)
    }
}

/// The rates of one set of points, each in [0, 1] or undefined; see [`Confusion`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rates {
    /// P(ŷ = y).
    pub accuracy: Option<f64>,
    /// P(ŷ = 1).
    pub positive_rate: Option<f64>,
    /// P(ŷ = 1 | y = 1).
    pub true_positive_rate: Option<f64>,
    /// P(ŷ = 1 | y = 0).
    pub false_positive_rate: Option<f64>,
}

/// Equalized odds (Hardt, Price, Srebro 2016): ŷ independent of the group given y, that is,
/// equal true positive rates and equal false positive rates.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct EqualizedOdds {
    /// P(ŷ = 1 | protected, y = 1) / P(ŷ = 1 | not protected, y = 1), in [0, ∞); 1 is fair.
    pub true_positive_rate_ratio: Option<f64>,
    /// P(ŷ = 1 | protected, y = 0) / P(ŷ = 1 | not protected, y = 0), in [0, ∞); 1 is fair.
    pub false_positive_rate_ratio: Option<f64>,
    /// The larger of the absolute differences of the two rates, in [0, 1]; 0 is fair. Undefined if
    /// one of the four rates is, because the missing difference may be the larger.
    pub largest_difference: Option<f64>,
}

/// Every metric of one set of decisions; made by [`GroupCounts::metrics`]. Undefined values
/// serialize as nothing (`null` in JSON).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Metrics {
    /// The counts from which all metrics follow.
    pub counts: GroupCounts,
    /// Both groups together.
    pub overall: Rates,
    /// The protected group.
    pub protected: Rates,
    /// Everyone else.
    pub unprotected: Rates,
    /// Equation 1; see [`GroupCounts::demographic_parity_ratio`].
    pub demographic_parity_ratio: Option<f64>,
    /// Equation 2; see [`GroupCounts::equal_opportunity_ratio`].
    pub equal_opportunity_ratio: Option<f64>,
    /// See [`GroupCounts::demographic_parity_closeness`].
    pub demographic_parity_closeness: Option<f64>,
    /// See [`GroupCounts::equal_opportunity_closeness`].
    pub equal_opportunity_closeness: Option<f64>,
    /// See [`GroupCounts::equalized_odds`].
    pub equalized_odds: EqualizedOdds,
}

/// How close two rates are to equal: the smaller over the larger, in [0, 1], where 1 is fair.
///
/// It is min(r, 1/r) of their ratio r, and treats a preference for either group in the same way:
/// half as often and twice as often are both 1/2. So its mean over tasks shows the distance from
/// fairness. The mean of ratios does not: the mean of 1/2 and 3/2 is 1. The closeness is 0 if one
/// of the rates is 0, and `None` if both are.
///
/// ```
/// use fairness::metrics::closeness;
/// assert_eq!(closeness(0.25, 0.5), Some(0.5));
/// assert_eq!(closeness(0.5, 0.25), Some(0.5));
/// assert_eq!(closeness(0.5, 0.0), Some(0.0));
/// assert_eq!(closeness(0.0, 0.0), None);
/// ```
///
/// # Panics
/// If a rate is not in [0, 1].
pub fn closeness(a: f64, b: f64) -> Option<f64> {
    for rate in [a, b] {
        assert!((0.0..=1.0).contains(&rate), "a rate is in [0, 1], got {rate}");
    }
    (a.max(b) > 0.0).then(|| a.min(b) / a.max(b))
}

/// `count / of`; `None` if `of` is 0.
fn rate(count: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| count as f64 / of as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// (tp, fp, tn, fn), the order of the struct.
    fn confusion(tp: u64, fp: u64, tn: u64, fn_: u64) -> Confusion {
        Confusion {
            true_positives: tp,
            false_positives: fp,
            true_negatives: tn,
            false_negatives: fn_,
        }
    }

    #[test]
    fn hand_computed_rates() {
        // 4 positives of which 3 found, 6 negatives of which 2 wrongly accepted.
        let rates = confusion(3, 2, 4, 1).rates();
        assert_eq!(rates.accuracy, Some(0.7));
        assert_eq!(rates.positive_rate, Some(0.5));
        assert_eq!(rates.true_positive_rate, Some(0.75));
        assert_eq!(rates.false_positive_rate, Some(2.0 / 6.0));
    }

    #[test]
    fn hand_computed_ratios() {
        let counts = GroupCounts {
            protected: confusion(1, 1, 4, 4),   // rates 2/10, 1/5, 1/5
            unprotected: confusion(4, 2, 3, 1), // rates 6/10, 4/5, 2/5
        };
        let metrics = counts.metrics();
        assert_eq!(metrics.overall.accuracy, Some(12.0 / 20.0));
        assert_relative_eq!(metrics.demographic_parity_ratio.unwrap(), 1.0 / 3.0);
        assert_relative_eq!(metrics.equal_opportunity_ratio.unwrap(), 0.25);
        let odds = metrics.equalized_odds;
        assert_eq!(odds.true_positive_rate_ratio, metrics.equal_opportunity_ratio);
        assert_relative_eq!(odds.false_positive_rate_ratio.unwrap(), 0.5);
        assert_relative_eq!(odds.largest_difference.unwrap(), 0.6, epsilon = 1e-15);
        for (difference, expected) in [
            (counts.demographic_parity_difference(), -0.4),
            (counts.equal_opportunity_difference(), -0.6),
            (counts.false_positive_rate_difference(), -0.2),
        ] {
            assert_relative_eq!(difference.unwrap(), expected, epsilon = 1e-15);
        }
        // The smaller of 1/4 and 1/2.
        assert_relative_eq!(counts.equalized_odds_closeness().unwrap(), 0.25);
    }

    #[test]
    fn a_missing_group_leaves_its_metrics_undefined() {
        let counts = GroupCounts::tally(&[true, false], &[true, true], &[false, false]);
        let metrics = counts.metrics();
        assert_eq!(metrics.overall.accuracy, Some(0.5));
        assert_eq!(metrics.unprotected.true_positive_rate, Some(0.5));
        assert_eq!(metrics.unprotected.false_positive_rate, None);
        assert_eq!(metrics.protected, Confusion::default().rates());
        assert_eq!(metrics.protected.accuracy, None);
        assert_eq!(metrics.demographic_parity_ratio, None);
        assert_eq!(metrics.equal_opportunity_ratio, None);
        assert_eq!(metrics.equalized_odds.largest_difference, None);
    }

    #[test]
    fn one_missing_rate_leaves_the_largest_difference_undefined() {
        let counts =
            GroupCounts { protected: confusion(1, 1, 1, 1), unprotected: confusion(1, 0, 0, 1) };
        let odds = counts.equalized_odds();
        assert_eq!(odds.true_positive_rate_ratio, Some(1.0));
        assert_eq!(odds.false_positive_rate_ratio, None);
        assert_eq!(odds.largest_difference, None);
        assert_eq!(counts.equalized_odds_closeness(), None);
        assert_eq!(counts.equal_opportunity_difference(), Some(0.0));
        assert_eq!(counts.false_positive_rate_difference(), None);
    }

    #[test]
    fn nothing_over_something_is_zero_and_anything_over_nothing_is_undefined() {
        let none_accepted = confusion(0, 0, 2, 2);
        let some_accepted = confusion(1, 1, 1, 1);
        let ratios = |protected, unprotected| {
            let counts = GroupCounts { protected, unprotected };
            let closeness =
                [counts.demographic_parity_closeness(), counts.equal_opportunity_closeness()];
            ([counts.demographic_parity_ratio(), counts.equal_opportunity_ratio()], closeness)
        };
        let (none, zero) = ([None; 2], [Some(0.0); 2]);
        assert_eq!(ratios(none_accepted, some_accepted), (zero, zero));
        // An infinite ratio is undefined, but its closeness is 0.
        assert_eq!(ratios(some_accepted, none_accepted), (none, zero));
        assert_eq!(ratios(none_accepted, none_accepted), (none, none));
    }

    #[test]
    fn no_points_is_no_error() {
        let metrics = GroupCounts::tally(&[], &[], &[]).metrics();
        assert_eq!(metrics.counts, GroupCounts::default());
        assert_eq!(metrics.overall.accuracy, None);
    }

    #[test]
    fn closeness_at_the_ends() {
        assert_eq!(closeness(0.0, 0.3), Some(0.0));
        assert_eq!(closeness(0.3, 0.0), Some(0.0));
        assert_eq!(closeness(1.0, 1.0), Some(1.0));
        assert_eq!(closeness(0.25, 1.0), Some(0.25));
        assert_eq!(closeness(0.0, 0.0), None);
    }

    #[test]
    #[should_panic(expected = "in [0, 1], got -0.5")]
    fn closeness_refuses_what_is_no_rate() {
        closeness(0.5, -0.5);
    }

    #[test]
    #[should_panic(expected = "got 2 predictions, 3 labels, 1 groups")]
    fn unequal_lengths_panic_with_the_lengths() {
        GroupCounts::tally(&[true; 2], &[true; 3], &[true; 1]);
    }

    #[test]
    fn undefined_serializes_as_null() {
        let json = serde_json::to_value(GroupCounts::tally(&[true], &[true], &[true]).metrics())
            .expect("plain numbers");
        assert_eq!(json["overall"]["accuracy"], 1.0);
        assert!(json["unprotected"]["accuracy"].is_null());
        assert!(json["equalized_odds"]["largest_difference"].is_null());
        assert_eq!(json["counts"]["protected"]["true_positives"], 1);
    }
}
