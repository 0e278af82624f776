//! What the adversary maximizes.

use std::fmt;

use serde::{Deserialize, Serialize};
use tape::{Scalar, Tape, Var};

/// Which notion of fairness the adversary's objective stands for.
///
/// With a = 0 for a protected row and 1 for another, and D_i the rows of group a = i, Madras et al.
/// (2018, section 4.1) define, for the adversary's probability h of a = 1,
///
/// ```text
/// L_Adv = 1 − Σ_{i} (1/|D_i|) Σ_{D_i} |h − a|            demographic parity
/// L_Adv = 2 − Σ_{i,j} (1/|D_i^j|) Σ_{D_i^j} |h − a|      equalized odds, D_i^j = D_i where y = j
/// ```
///
/// and equal opportunity is the first over the rows with y = 1. A group that is absent contributes
/// nothing to the sum. The sums run over a mini-batch; what |D| is there, [`GroupSizes`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdversaryFairness {
    /// Two groups: protected and not.
    DemographicParity,
    /// The same two among the rows with a positive label.
    EqualOpportunity,
    /// Four groups: the same two for each label.
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

/// What a group's sum over a mini-batch is divided by, |D|.
///
/// Both give every group the same weight in the long run: the second is the first with the group's
/// share of the mini-batch replaced by its share of all rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupSizes {
    /// n |D among all rows| / (number of all rows), what a mini-batch of n rows would hold of the
    /// group if it were like all of them. The authors' public code has this: each row is weighted by
    /// the inverse of its group's share of the training rows, then there is a mean over n.
    #[default]
    AllRows,
    /// How many rows the mini-batch holds of the group. One that holds a single row of it gives that
    /// row as much weight as all others together.
    MiniBatch,
}

/// The most groups that a notion looks at.
const MOST_GROUPS: usize = 4;

impl AdversaryFairness {
    /// How many groups it looks at: two of them for each 1 that the sum is taken from.
    fn groups(self) -> usize {
        match self {
            AdversaryFairness::DemographicParity | AdversaryFairness::EqualOpportunity => 2,
            AdversaryFairness::EqualizedOdds => MOST_GROUPS,
        }
    }

    /// The group of a row, odd where a = 1; `None` for a row that it does not look at.
    fn group(self, row: Labels) -> Option<usize> {
        let a = usize::from(!row.protected);
        match self {
            AdversaryFairness::DemographicParity => Some(a),
            AdversaryFairness::EqualOpportunity => row.positive.then_some(a),
            AdversaryFairness::EqualizedOdds => Some(a + 2 * usize::from(row.positive)),
        }
    }
}

/// The label and the group of a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Labels {
    pub positive: bool,
    pub protected: bool,
}

/// How many rows there are, and how many of them in each group of a notion.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    groups: [usize; MOST_GROUPS],
    rows: usize,
}

impl Counts {
    /// Counts `rows`.
    pub fn new(fairness: AdversaryFairness, rows: impl Iterator<Item = Labels>) -> Self {
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

/// The objective as a linear function of the adversary's probabilities.
///
/// As h is between 0 and 1 and a is one of them, |h − a| = a + (1 − 2a) h without a kink, and
///
/// ```text
/// L_Adv = offset − Σ_r slope_r h_r,    slope_r = (1 − 2a_r) / |D(r)|
/// offset = (groups / 2) − Σ_r a_r / |D(r)|
/// ```
///
/// so that arms of different notions differ in nothing but numbers. Where |D| is counted in these
/// same rows, the last sum is the number of the groups with a = 1 that are present.
#[derive(Clone, Debug)]
pub(super) struct Weights {
    fairness: AdversaryFairness,
    /// What |D| is in proportion to; `None` if it is counted in the rows themselves.
    whole: Option<Counts>,
    slopes: Vec<f64>,
    offset: f64,
    absent: bool,
}

impl Weights {
    /// The weights of no row yet. With a `whole`, of which all rows are to be a part, |D| is in
    /// proportion to it.
    pub fn new(fairness: AdversaryFairness, whole: Option<Counts>) -> Self {
        Weights { fairness, whole, slopes: Vec::new(), offset: 0.0, absent: false }
    }

    /// Becomes the weights of `rows`.
    pub fn set(&mut self, rows: impl Iterator<Item = Labels> + Clone) {
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

    /// slope_r of each row.
    pub fn slopes(&self) -> &[f64] {
        &self.slopes
    }

    /// Whether a group is absent.
    pub fn absent(&self) -> bool {
        self.absent
    }
}

/// The weights of each lane, on the tape.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recorded {
    slopes: Var,
    offset: Var,
}

impl Recorded {
    /// Records the weights `weights(lane)` of each lane, all of them over `rows` rows.
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

    /// L_Adv, `(1, 1)`, of the adversary's `probabilities: (rows, 1)` of a = 1.
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

    /// Rows as (y, a, h).
    type Row = (u8, u8, f64);

    fn labels(rows: &[Row]) -> impl Iterator<Item = Labels> + Clone {
        rows.iter().map(|&(y, a, _)| Labels { positive: y == 1, protected: a == 0 })
    }

    /// Value, slopes in h, and whether a group is absent.
    fn objective(fairness: AdversaryFairness, rows: &[Row]) -> (f64, Vec<f64>, bool) {
        objective_within(fairness, rows, None)
    }

    /// The same, with |D| in proportion to the `whole`.
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

    /// Three protected rows and two others, of which 1 + 2 are positive.
    const ROWS: [Row; 5] = [(1, 0, 0.25), (0, 0, 0.5), (0, 0, 0.75), (1, 1, 0.875), (1, 1, 0.375)];

    #[test]
    fn demographic_parity_by_hand() {
        // |h − a|: 0.25, 0.5, 0.75 | 0.125, 0.625
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
        // Nobody has y = 0 and a = 1.
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

    /// Two of the five rows, one of each group, as a mini-batch: it would hold 6/5 protected rows and
    /// 4/5 others, of which 2/5 + 4/5 are positive.
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
        // Without a row of the other group, nothing is known of it.
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
        // Nobody is positive: nothing to look at at all.
        assert_eq!(objective(EqualOpportunity, &ROWS[1..3]), (1.0, vec![0.0; 2], true));
    }

    /// An adversary that always knows has the largest objective there is, one that guesses has 0.
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

    /// The definition, word for word.
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
            // All rows in proportion to themselves.
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
