//! This module defines L_Adv, the objective that the adversary maximizes.

use std::fmt;

use serde::{Deserialize, Serialize};
use tape::{Scalar, Tape, Var};

/// Selects the notion of fairness on which the adversary's objective is based.
///
/// Let a = 0 for a protected row and a = 1 for any other row. Let D_i be the rows of group a = i.
/// Let h be the adversary's probability of a = 1. Madras et al. (2018, section 4.1) define
///
/// ```text
/// L_Adv = 1 − Σ_{i} (1/|D_i|) Σ_{D_i} |h − a|            demographic parity
/// L_Adv = 2 − Σ_{i,j} (1/|D_i^j|) Σ_{D_i^j} |h − a|      equalized odds, D_i^j = D_i where y = j
/// ```
///
/// Equal opportunity uses the first equation over the rows with y = 1. A group that is absent
/// contributes nothing to the sum. The sums run over a mini-batch, and [`GroupSizes`] defines |D|
/// for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdversaryFairness {
    /// There are two groups: the protected rows and the other rows.
    DemographicParity,
    /// There are the same two groups, but only among the rows with a positive label.
    EqualOpportunity,
    /// There are four groups: the same two groups for each label.
    EqualizedOdds,
}

impl fmt::Display for AdversaryFairness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AdversaryFairness::DemographicParity => "demographic parity",
            AdversaryFairness::EqualOpportunity => "equal opportunity",
            AdversaryFairness::EqualizedOdds => "equalized odds",
        })
    }
}

/// Selects |D|, the number by which the sum over a group in a mini-batch is divided.
///
/// Both choices give every group the same weight in the long run. They use the group's share of all
/// rows or its share of the mini-batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupSizes {
    /// The size |D| is n times the group's share of all rows, for a mini-batch of n rows. A
    /// mini-batch with the same shares as all rows would hold this number of rows of the group. The
    /// authors' public code does this: it weights each row by the inverse of its group's share of
    /// the training rows and then takes the mean over n.
    #[default]
    AllRows,
    /// The size |D| is the number of rows of the group in the mini-batch. If a mini-batch holds a
    /// single row of a group, this row has as much weight as all others together.
    MiniBatch,
}

/// The largest number of groups of a notion.
const MOST_GROUPS: usize = 4;

impl AdversaryFairness {
    /// Returns the number of groups of the notion. The constant of L_Adv is half of this number.
    fn groups(self) -> usize {
        match self {
            AdversaryFairness::DemographicParity | AdversaryFairness::EqualOpportunity => 2,
            AdversaryFairness::EqualizedOdds => MOST_GROUPS,
        }
    }

    /// Returns the group of a row, which is odd where a = 1. Returns `None` for a row that the
    /// notion ignores.
    fn group(self, row: RowLabels) -> Option<usize> {
        let a = usize::from(!row.protected);
        match self {
            AdversaryFairness::DemographicParity => Some(a),
            AdversaryFairness::EqualOpportunity => row.positive.then_some(a),
            AdversaryFairness::EqualizedOdds => Some(a + 2 * usize::from(row.positive)),
        }
    }
}

/// Holds the label and the group of a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowLabels {
    pub positive: bool,
    pub protected: bool,
}

/// Holds the number of all rows and the number of rows in each group of a notion.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    groups: [usize; MOST_GROUPS],
    rows: usize,
}

impl Counts {
    /// Counts `rows`.
    pub fn new(fairness: AdversaryFairness, rows: impl Iterator<Item = RowLabels>) -> Self {
        let mut counts = Counts::default();
        for row in rows {
            counts.rows += 1;
            if let Some(group) = fairness.group(row) {
                counts.groups[group] += 1;
            }
        }
        counts
    }
}

/// Describes L_Adv as a linear function of the adversary's probabilities.
///
/// Since h is between 0 and 1 and a is 0 or 1, |h − a| = a + (1 − 2a) h. This function has no kink,
/// and
///
/// ```text
/// L_Adv = offset − Σ_r slope_r h_r,    slope_r = (1 − 2a_r) / |D(r)|
/// offset = (groups / 2) − Σ_r a_r / |D(r)|
/// ```
///
/// Settings with different notions therefore differ only in these numbers. If |D| is counted in the
/// same rows, the last sum is the number of groups with a = 1 that are present.
#[derive(Clone, Debug)]
pub(super) struct Weights {
    fairness: AdversaryFairness,
    /// The counts to which |D| is proportional. `None` if |D| is counted in the rows themselves.
    whole: Option<Counts>,
    slopes: Vec<f64>,
    offset: f64,
    absent: bool,
}

impl Weights {
    /// Makes the weights of no rows. If `whole` is given, |D| is proportional to its counts. The
    /// rows that are set later must be a part of that whole.
    pub fn new(fairness: AdversaryFairness, whole: Option<Counts>) -> Self {
        Weights { fairness, whole, slopes: Vec::new(), offset: 0.0, absent: false }
    }

    /// Replaces the weights by those of `rows`.
    pub fn set(&mut self, rows: impl Iterator<Item = RowLabels> + Clone) {
        let fairness = self.fairness;
        let counts = Counts::new(fairness, rows.clone());
        let whole = self.whole.unwrap_or(counts);
        let share = counts.rows as f64 / whole.rows as f64;
        let sizes = whole.groups.map(|size| share * size as f64);
        let present = (0..fairness.groups()).filter(|&group| counts.groups[group] > 0);
        let ones = present.clone().filter(|group| group % 2 == 1);
        let known: f64 = ones.map(|group| counts.groups[group] as f64 / sizes[group]).sum();
        self.offset = (fairness.groups() / 2) as f64 - known;
        self.absent = present.count() < fairness.groups();
        self.slopes.clear();
        self.slopes.extend(rows.map(|row| match fairness.group(row) {
            None => 0.0,
            Some(group) if group % 2 == 0 => 1.0 / sizes[group],
            Some(group) => -1.0 / sizes[group],
        }));
    }

    /// Returns slope_r of each row.
    pub fn slopes(&self) -> &[f64] {
        &self.slopes
    }

    /// Returns whether a group of the notion is absent.
    pub fn absent(&self) -> bool {
        self.absent
    }
}

/// Holds the weights of each lane on the tape.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recorded {
    slopes: Var,
    offset: Var,
}

impl Recorded {
    /// Records the weights `weights(lane)` of each lane. All of them are weights of `rows` rows.
    pub fn new<'a, S: Scalar>(
        tape: &mut Tape<S>,
        rows: usize,
        weights: impl Fn(usize) -> &'a Weights,
    ) -> Self {
        Recorded {
            slopes: tape.constant_lanes(rows, 1, |lane| &weights(lane).slopes),
            offset: tape.constant_from(1, 1, |_, _, lane| weights(lane).offset),
        }
    }

    /// Records L_Adv, `(1, 1)`, from the adversary's `probabilities: (rows, 1)` of a = 1.
    pub fn objective<S: Scalar>(&self, tape: &mut Tape<S>, probabilities: Var) -> Var {
        let sum = tape.dot(probabilities, self.slopes);
        tape.sub(self.offset, sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use AdversaryFairness::{DemographicParity, EqualOpportunity, EqualizedOdds};
    use approx::assert_relative_eq;
    use proptest::prelude::*;
    use tape::Lanes;

    const NOTIONS: [AdversaryFairness; 3] = [DemographicParity, EqualOpportunity, EqualizedOdds];

    /// A row as (y, a, h).
    type Row = (u8, u8, f64);

    fn labels(rows: &[Row]) -> impl Iterator<Item = RowLabels> + Clone {
        rows.iter().map(|&(y, a, _)| RowLabels { positive: y == 1, protected: a == 0 })
    }

    /// Returns L_Adv, its derivatives with respect to h, and whether a group is absent.
    fn objective(fairness: AdversaryFairness, rows: &[Row]) -> (f64, Vec<f64>, bool) {
        objective_within(fairness, rows, None)
    }

    /// Returns the same results, with |D| proportional to the counts of `whole`.
    fn objective_within(
        fairness: AdversaryFairness,
        rows: &[Row],
        whole: Option<&[Row]>,
    ) -> (f64, Vec<f64>, bool) {
        let whole = whole.map(|whole| Counts::new(fairness, labels(whole)));
        let mut weights = Weights::new(fairness, whole);
        weights.set(labels(rows));
        let mut tape = Tape::<f64>::new();
        let h: Vec<f64> = rows.iter().map(|row| row.2).collect();
        let h = tape.variable(rows.len(), 1, &h);
        let recorded = Recorded::new(&mut tape, rows.len(), |_| &weights);
        let objective = recorded.objective(&mut tape, h);
        tape.backward(objective);
        (tape.value(objective)[0], tape.adjoint(h).to_vec(), weights.absent())
    }

    /// Three rows are protected, and one of them is positive. The two other rows are both positive.
    const ROWS: [Row; 5] = [(1, 0, 0.25), (0, 0, 0.5), (0, 0, 0.75), (1, 1, 0.875), (1, 1, 0.375)];

    #[test]
    fn demographic_parity_by_hand() {
        // The errors |h − a| are 0.25, 0.5, 0.75 for the protected rows and 0.125, 0.625 for the
        // others.
        let (value, slopes, absent) = objective(DemographicParity, &ROWS);
        assert_relative_eq!(value, 1.0 - 1.5 / 3.0 - 0.75 / 2.0, max_relative = 1e-15);
        assert_eq!(slopes, [-1.0 / 3.0, -1.0 / 3.0, -1.0 / 3.0, 0.5, 0.5]);
        assert!(!absent);
    }

    #[test]
    fn equal_opportunity_by_hand() {
        let (value, slopes, absent) = objective(EqualOpportunity, &ROWS);
        assert_relative_eq!(value, 1.0 - 0.25 - 0.75 / 2.0, max_relative = 1e-15);
        assert_eq!(slopes, [-1.0, 0.0, 0.0, 0.5, 0.5]);
        assert!(!absent);
    }

    #[test]
    fn equalized_odds_by_hand() {
        // No row has y = 0 and a = 1.
        let (value, slopes, absent) = objective(EqualizedOdds, &ROWS);
        assert_relative_eq!(value, 2.0 - 0.25 - 1.25 / 2.0 - 0.75 / 2.0, max_relative = 1e-15);
        assert_eq!(slopes, [-1.0, -0.5, -0.5, 0.5, 0.5]);
        assert!(absent);
        let all = [&ROWS[..], &[(0, 1, 0.75)]].concat();
        let (value, _, absent) = objective(EqualizedOdds, &all);
        let expected = 2.0 - 0.25 - 1.25 / 2.0 - 0.75 / 2.0 - 0.25;
        assert_relative_eq!(value, expected, max_relative = 1e-15);
        assert!(!absent);
    }

    /// Two of the five rows, one of each group, form the mini-batch. With the shares of all rows,
    /// it would hold 6/5 protected rows and 4/5 other rows. Of these, 2/5 and 4/5 would be
    /// positive.
    #[test]
    fn in_proportion_to_all_rows_by_hand() {
        let two = [ROWS[0], ROWS[4]];
        let (value, slopes, absent) = objective_within(DemographicParity, &two, Some(&ROWS));
        assert_relative_eq!(value, 1.0 - 0.25 / 1.2 - 0.625 / 0.8, max_relative = 1e-15);
        assert_relative_eq!(slopes[0], -1.0 / 1.2, max_relative = 1e-15);
        assert_relative_eq!(slopes[1], 1.0 / 0.8, max_relative = 1e-15);
        assert!(!absent);
        let (value, _, _) = objective_within(EqualOpportunity, &two, Some(&ROWS));
        assert_relative_eq!(value, 1.0 - 0.25 / 0.4 - 0.625 / 0.8, max_relative = 1e-15);
        // A group without a row in the mini-batch contributes nothing.
        let (value, slopes, absent) = objective_within(DemographicParity, &two[..1], Some(&ROWS));
        assert_relative_eq!(value, 1.0 - 0.25 / 0.6, max_relative = 1e-15);
        assert_relative_eq!(slopes[0], -1.0 / 0.6, max_relative = 1e-15);
        assert!(absent);
    }

    #[test]
    fn an_absent_group_contributes_nothing() {
        let protected = &ROWS[..3];
        let (value, slopes, absent) = objective(DemographicParity, protected);
        assert_relative_eq!(value, 1.0 - 0.5, max_relative = 1e-15);
        assert_eq!((slopes, absent), (vec![-1.0 / 3.0; 3], true));
        let others = &ROWS[3..];
        let (value, slopes, absent) = objective(DemographicParity, others);
        assert_relative_eq!(value, 1.0 - 0.375, max_relative = 1e-15);
        assert_eq!((slopes, absent), (vec![0.5; 2], true));
        // No row is positive, so the notion ignores every row.
        assert_eq!(objective(EqualOpportunity, &ROWS[1..3]), (1.0, vec![0.0; 2], true));
    }

    /// An adversary that always knows the group has the largest possible objective. An adversary
    /// that gives every row the same probability has 0.
    #[test]
    fn its_range() {
        let all = [&ROWS[..], &[(0, 1, 0.75)]].concat();
        for (fairness, largest) in
            [(DemographicParity, 1.0), (EqualOpportunity, 1.0), (EqualizedOdds, 2.0)]
        {
            let with = |h: fn(u8) -> f64| -> Vec<Row> {
                all.iter().map(|&(y, a, _)| (y, a, h(a))).collect()
            };
            let knows = objective(fairness, &with(f64::from)).0;
            assert_relative_eq!(knows, largest, max_relative = 1e-15);
            for guess in [|_| 0.0, |_| 0.5, |_| 1.0] {
                assert!(objective(fairness, &with(guess)).0.abs() < 1e-15, "{fairness}");
            }
        }
    }

    /// Computes the definition literally.
    fn by_definition(fairness: AdversaryFairness, rows: &[Row]) -> f64 {
        let mean = |member: &dyn Fn(&Row) -> bool| {
            let members: Vec<&Row> = rows.iter().filter(|row| member(row)).collect();
            let sum: f64 = members.iter().map(|(_, a, h)| (h - f64::from(*a)).abs()).sum();
            if members.is_empty() { 0.0 } else { sum / members.len() as f64 }
        };
        let groups = |y: Option<u8>| -> f64 {
            let of = |i: u8| mean(&|row| row.1 == i && y.is_none_or(|y| row.0 == y));
            of(0) + of(1)
        };
        match fairness {
            DemographicParity => 1.0 - groups(None),
            EqualOpportunity => 1.0 - groups(Some(1)),
            EqualizedOdds => 2.0 - groups(Some(0)) - groups(Some(1)),
        }
    }

    proptest! {
        #[test]
        fn it_is_the_definition(
            rows in proptest::collection::vec((0u8..2, 0u8..2, 0.0..=1.0), 1..9),
            fairness in proptest::sample::select(&NOTIONS[..]),
        ) {
            let (value, slopes, _) = objective(fairness, &rows);
            prop_assert!((value - by_definition(fairness, &rows)).abs() < 1e-14);
            // The sizes are proportional to the counts of the same rows.
            prop_assert_eq!((value, slopes), {
                let (value, slopes, _) = objective_within(fairness, &rows, Some(&rows));
                (value, slopes)
            });
        }
    }

    #[test]
    fn each_lane_has_its_own_notion() {
        let weights = NOTIONS.map(|fairness| {
            let mut weights = Weights::new(fairness, None);
            weights.set(labels(&ROWS));
            weights
        });
        let mut tape = Tape::<Lanes<f64, 3>>::new();
        let h = tape.constant_from(5, 1, |row, _, _| ROWS[row].2);
        let recorded = Recorded::new(&mut tape, 5, |lane| &weights[lane]);
        let value = recorded.objective(&mut tape, h);
        let Lanes(values) = tape.value(value)[0];
        assert_eq!(values, NOTIONS.map(|fairness| objective(fairness, &ROWS).0));
    }
}
