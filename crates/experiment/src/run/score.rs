//! Thresholds on a score, chosen for accuracy under a bound on unfairness.
//!
//! Scores allow a trade of accuracy for fairness without training: accept a row if its score
//! exceeds a threshold, one for all rows or one for each group (Hardt, Price and Srebro, 2016,
//! choose thresholds in this way for equal opportunity).

use fairness::Notion;
use fairness::metrics::{GroupCounts, closeness};
use serde::{Deserialize, Serialize};
use tasks::Batch;

use crate::plan::Arm;

/// The number of candidate thresholds between the smallest and the largest score.
const CANDIDATES: usize = 100;

/// A row with a score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    /// Larger for rows that are more likely positive.
    pub score: f64,
    /// The label.
    pub positive: bool,
    /// The group.
    pub protected: bool,
}

/// Thresholds: a row is accepted if its score exceeds the threshold of its group.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thresholds {
    /// For protected rows.
    pub protected: f64,
    /// For the others.
    pub unprotected: f64,
}

/// Counts for one threshold in one group: correct decisions, and accepted rows among those of the
/// notion.
#[derive(Clone, Copy)]
struct Candidate {
    threshold: f64,
    right: usize,
    /// `None` if the group has no rows of the notion.
    rate: Option<f64>,
}

impl Thresholds {
    /// Whether a row is accepted.
    pub fn accept(&self, score: f64, protected: bool) -> bool {
        score > if protected { self.protected } else { self.unprotected }
    }

    /// The decisions on `rows`, counted.
    pub fn decide(&self, rows: &[Scored]) -> GroupCounts {
        let column = |of: fn(&Scored) -> bool| rows.iter().map(of).collect::<Vec<_>>();
        let accepted: Vec<bool> =
            rows.iter().map(|row| self.accept(row.score, row.protected)).collect();
        GroupCounts::tally(&accepted, &column(|row| row.positive), &column(|row| row.protected))
    }

    /// The thresholds, one for each group, of an arm with a target.
    ///
    /// # Panics
    /// If the arm has no target.
    pub fn of_arm(rows: &[Scored], arm: Arm) -> Self {
        let notion = arm.notion.expect("thresholds are chosen for a notion");
        Thresholds::by_group(rows, notion, arm.target.unwrap_or(0.0))
    }

    /// The thresholds of `choose` for a fairness that is `share` of the way, in [0, 1], from the
    /// fairness of its most accurate thresholds to 1.
    pub fn towards_fair(
        choose: fn(&[Scored], Notion, f64) -> Self,
        rows: &[Scored],
        notion: Notion,
        share: f64,
    ) -> Self {
        let most_accurate = choose(rows, notion, 0.0);
        match notion.measure().closeness(&most_accurate.decide(rows)) {
            Some(fairness) => choose(rows, notion, (fairness + share * (1.0 - fairness)).min(1.0)),
            None => most_accurate,
        }
    }

    /// The thresholds, one for each group, that decide most of `rows` correctly among those whose
    /// min(r, 1/r) is at least `target`, r being the ratio of the notion. If r does not exist
    /// because a group is absent, there is no bound.
    pub fn by_group(rows: &[Scored], notion: Notion, target: f64) -> Self {
        let [protected, unprotected] = [true, false].map(|group| {
            let of_group: Vec<Scored> =
                rows.iter().filter(|row| row.protected == group).copied().collect();
            candidates(&of_group, notion, &cutoffs(&of_group))
        });
        let pairs = protected.iter().flat_map(|p| unprotected.iter().map(move |u| (p, u)));
        best(pairs, target)
    }

    /// The thresholds if both groups share one.
    pub fn shared(rows: &[Scored], notion: Notion, target: f64) -> Self {
        let cutoffs = cutoffs(rows);
        let [protected, unprotected] = [true, false].map(|group| {
            let of_group: Vec<Scored> =
                rows.iter().filter(|row| row.protected == group).copied().collect();
            candidates(&of_group, notion, &cutoffs)
        });
        best(protected.iter().zip(&unprotected), target)
    }
}

/// The first pair with the most correct decisions among those that are fair enough.
fn best<'a>(
    pairs: impl Iterator<Item = (&'a Candidate, &'a Candidate)>,
    target: f64,
) -> Thresholds {
    let fair = |(p, u): &(&Candidate, &Candidate)| match (p.rate, u.rate) {
        (Some(p), Some(u)) => closeness(p, u).is_some_and(|fairness| fairness >= target),
        _ => true,
    };
    let mut best: Option<(&Candidate, &Candidate)> = None;
    for pair in pairs.filter(fair) {
        if best.is_none_or(|best| pair.0.right + pair.1.right > best.0.right + best.1.right) {
            best = Some(pair);
        }
    }
    // One candidate accepts all rows, and it is fair.
    let (protected, unprotected) = best.expect("everybody may be accepted");
    Thresholds { protected: protected.threshold, unprotected: unprotected.threshold }
}

/// Thresholds between neighboring scores, evenly spread over the rows; the first accepts all rows,
/// the last none.
fn cutoffs(rows: &[Scored]) -> Vec<f64> {
    let mut scores: Vec<f64> = rows.iter().map(|row| row.score).collect();
    scores.sort_by(f64::total_cmp);
    scores.dedup();
    let between: Vec<f64> = scores.windows(2).map(|pair| f64::midpoint(pair[0], pair[1])).collect();
    let count = between.len().min(CANDIDATES);
    let inner = (0..count).map(|i| between[i * between.len() / count]);
    let ends = [f64::NEG_INFINITY, f64::INFINITY];
    std::iter::once(ends[0]).chain(inner).chain([ends[1]]).collect()
}

/// Each threshold with its counts in one group.
fn candidates(rows: &[Scored], notion: Notion, cutoffs: &[f64]) -> Vec<Candidate> {
    let counted = |row: &Scored| notion.measure().counts(row.positive);
    // With sorted scores, each threshold is a position among them.
    let mut rows: Vec<Scored> = rows.to_vec();
    rows.sort_by(|a, b| a.score.total_cmp(&b.score));
    let members = rows.iter().filter(|row| counted(row)).count();
    let (mut place, mut below_right, mut below_counted) = (0, 0, 0);
    let mut above_right = rows.iter().filter(|row| row.positive).count();
    cutoffs
        .iter()
        .map(|&threshold| {
            while place < rows.len() && rows[place].score <= threshold {
                below_right += usize::from(!rows[place].positive);
                above_right -= usize::from(rows[place].positive);
                below_counted += usize::from(counted(&rows[place]));
                place += 1;
            }
            let accepted = members - below_counted;
            let rate = (members > 0).then(|| accepted as f64 / members as f64);
            Candidate { threshold, right: below_right + above_right, rate }
        })
        .collect()
}

/// Rows with their scores.
pub fn scored(rows: &Batch, scores: &[f64]) -> Vec<Scored> {
    let labels = rows.positive().iter().zip(rows.protected());
    scores
        .iter()
        .zip(labels)
        .map(|(&score, (&positive, &protected))| Scored { score, positive, protected })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row(score: f64, positive: bool, protected: bool) -> Scored {
        Scored { score, positive, protected }
    }

    /// Protected rows score lower, though as many of them are positive.
    fn shifted() -> Vec<Scored> {
        let scores = [0.1, 0.2, 0.3, 0.4];
        let row = |protected: bool| {
            move |(i, score): (usize, &f64)| {
                row(score + if protected { 0.0 } else { 0.5 }, i >= 2, protected)
            }
        };
        [true, false]
            .into_iter()
            .flat_map(|protected| scores.iter().enumerate().map(row(protected)))
            .collect()
    }

    #[test]
    fn a_threshold_for_each_group_by_hand() {
        let rows = shifted();
        let thresholds = Thresholds::by_group(&rows, Notion::DEMOGRAPHIC_PARITY, 1.0);
        assert_eq!(thresholds, Thresholds { protected: 0.25, unprotected: 0.75 });
        let counts = thresholds.decide(&rows);
        assert_eq!(counts.overall().accuracy(), Some(1.0));
        assert_eq!(counts.demographic_parity_ratio(), Some(1.0));
    }

    /// The most accurate shared threshold has a parity of 1/2. Halfway from there to 1 the next one
    /// still reaches 3/4; beyond that only accepting everybody is left.
    #[test]
    fn shares_begin_at_the_most_accurate() {
        let rows = shifted();
        let parity = |share| {
            let parity = Notion::DEMOGRAPHIC_PARITY;
            let chosen = Thresholds::towards_fair(Thresholds::shared, &rows, parity, share);
            chosen.decide(&rows).demographic_parity_closeness().unwrap()
        };
        assert_eq!([0.0, 0.4, 0.6, 1.0].map(parity), [0.5, 0.75, 1.0, 1.0]);
    }

    /// One for all: 0.35 to 0.55 accept all of the upper group and half or none of the lower.
    #[test]
    fn one_threshold_has_to_choose() {
        let rows = shifted();
        let of = |target| {
            let thresholds = Thresholds::shared(&rows, Notion::DEMOGRAPHIC_PARITY, target);
            assert_eq!(thresholds.protected, thresholds.unprotected);
            let counts = thresholds.decide(&rows);
            (counts.overall().accuracy().unwrap(), counts.demographic_parity_closeness().unwrap())
        };
        assert_eq!(of(0.0), (0.75, 0.5));
        assert_eq!(of(0.5), (0.75, 0.5));
        assert_eq!(of(0.9), (0.5, 1.0));
    }

    #[test]
    fn without_a_group_only_accuracy_counts() {
        let rows: Vec<Scored> = shifted().into_iter().filter(|row| row.protected).collect();
        let thresholds = Thresholds::by_group(&rows, Notion::DEMOGRAPHIC_PARITY, 1.0);
        assert_eq!(thresholds.decide(&rows).overall().accuracy(), Some(1.0));
        let nobody = Thresholds::by_group(&[], Notion::EQUAL_OPPORTUNITY, 1.0);
        assert_eq!(nobody.decide(&[]).overall().total(), 0);
    }

    proptest! {
        /// The target is met, a lower target never costs accuracy, and a threshold for each group
        /// is at least as good as one for all with the same number of candidates.
        #[test]
        fn targets_are_kept(
            rows in prop::collection::vec((0.0..1.0f64, any::<bool>(), any::<bool>()), 1..60),
            low in 0.0..1.0f64, high in 0.0..1.0f64, opportunity: bool,
        ) {
            let rows: Vec<Scored> = rows.into_iter().map(|(s, y, a)| row(s, y, a)).collect();
            let notion = if opportunity { Notion::EQUAL_OPPORTUNITY } else { Notion::DEMOGRAPHIC_PARITY };
            let (low, high) = (low.min(high), low.max(high));
            let fairness = |counts: &GroupCounts| notion.measure().closeness(counts);
            for choose in [Thresholds::by_group, Thresholds::shared] {
                let [few, many] = [low, high].map(|t| choose(&rows, notion, t).decide(&rows));
                prop_assert!(fairness(&many).is_none_or(|fairness| fairness >= high));
                prop_assert!(few.overall().accuracy() >= many.overall().accuracy());
            }
            let [own, shared] = [Thresholds::by_group, Thresholds::shared]
                .map(|choose| choose(&rows, notion, high).decide(&rows).overall().accuracy());
            prop_assert!(own >= shared);
        }
    }
}
