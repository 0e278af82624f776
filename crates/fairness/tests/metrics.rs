//! Properties of the group metrics for any set of decisions.

use fairness::metrics::GroupCounts;
use proptest::prelude::*;

/// A point is (ŷ, y, protected).
type Point = (bool, bool, bool);

fn tally(points: &[Point]) -> GroupCounts {
    let predicted: Vec<_> = points.iter().map(|p| p.0).collect();
    let positive: Vec<_> = points.iter().map(|p| p.1).collect();
    let protected: Vec<_> = points.iter().map(|p| p.2).collect();
    GroupCounts::tally(&predicted, &positive, &protected)
}

fn points() -> impl Strategy<Value = Vec<Point>> {
    prop::collection::vec(any::<Point>(), 0..40)
}

/// The share of points with `event` among those with `given`, counted by filtering.
fn share(
    points: &[Point],
    event: impl Fn(&Point) -> bool,
    given: impl Fn(&Point) -> bool,
) -> Option<f64> {
    let of: Vec<_> = points.iter().filter(|p| given(p)).collect();
    let count = of.iter().filter(|p| event(p)).count();
    (!of.is_empty()).then(|| count as f64 / of.len() as f64)
}

proptest! {
    #[test]
    fn counts_add_up(points in points()) {
        let counts = tally(&points);
        let number = |of: &dyn Fn(&Point) -> bool| points.iter().filter(|p| of(p)).count() as u64;
        prop_assert_eq!(counts.overall().total(), points.len() as u64);
        prop_assert_eq!(counts.protected.total(), number(&|p| p.2));
        prop_assert_eq!(counts.overall().predicted_positives(), number(&|p| p.0));
        prop_assert_eq!(counts.overall().positives(), number(&|p| p.1));
        prop_assert_eq!(counts.overall().negatives(), number(&|p| !p.1));
    }

    #[test]
    fn metrics_are_the_conditional_frequencies(points in points()) {
        let m = tally(&points).metrics();
        prop_assert_eq!(m.overall.accuracy, share(&points, |p| p.0 == p.1, |_| true));
        prop_assert_eq!(m.protected.accuracy, share(&points, |p| p.0 == p.1, |p| p.2));
        prop_assert_eq!(m.protected.positive_rate, share(&points, |p| p.0, |p| p.2));
        prop_assert_eq!(m.unprotected.positive_rate, share(&points, |p| p.0, |p| !p.2));
        prop_assert_eq!(m.protected.true_positive_rate, share(&points, |p| p.0, |p| p.2 && p.1));
        prop_assert_eq!(m.unprotected.true_positive_rate, share(&points, |p| p.0, |p| !p.2 && p.1));
        prop_assert_eq!(m.protected.false_positive_rate, share(&points, |p| p.0, |p| p.2 && !p.1));
        prop_assert_eq!(m.unprotected.false_positive_rate, share(&points, |p| p.0, |p| !p.2 && !p.1));
    }

    #[test]
    fn swapping_the_groups_inverts_every_ratio(points in points()) {
        let swapped: Vec<_> = points.iter().map(|&(a, b, c)| (a, b, !c)).collect();
        let (here, there) = (tally(&points).metrics(), tally(&swapped).metrics());
        let pairs = [
            (here.demographic_parity_ratio, there.demographic_parity_ratio),
            (here.equal_opportunity_ratio, there.equal_opportunity_ratio),
            (
                here.equalized_odds.false_positive_rate_ratio,
                there.equalized_odds.false_positive_rate_ratio,
            ),
        ];
        for (r, s) in pairs {
            match (r, s) {
                (Some(r), Some(s)) => prop_assert!((r * s - 1.0).abs() < 1e-12),
                // One side is undefined only if the other is 0 divided by a positive number.
                (Some(r), None) | (None, Some(r)) => prop_assert_eq!(r, 0.0),
                (None, None) => {}
            }
        }
        prop_assert_eq!(
            here.equalized_odds.largest_difference,
            there.equalized_odds.largest_difference
        );
        prop_assert_eq!(here.overall, there.overall);
        for (ratio, close, other) in [
            (
                here.demographic_parity_ratio,
                here.demographic_parity_closeness,
                there.demographic_parity_closeness,
            ),
            (
                here.equal_opportunity_ratio,
                here.equal_opportunity_closeness,
                there.equal_opportunity_closeness,
            ),
        ] {
            // Equal to the last bit, whichever group is favored.
            prop_assert_eq!(close, other);
            match (ratio, close) {
                (Some(ratio), Some(close)) => {
                    prop_assert!((close - ratio.min(1.0 / ratio)).abs() < 1e-12);
                }
                // An infinite ratio is undefined.
                (None, Some(close)) => prop_assert_eq!(close, 0.0),
                (ratio, None) => prop_assert_eq!(ratio, None),
            }
        }
    }

    #[test]
    fn the_order_of_the_points_does_not_matter(
        (points, shuffled) in points().prop_flat_map(|p| (Just(p.clone()), Just(p).prop_shuffle())),
    ) {
        prop_assert_eq!(tally(&points), tally(&shuffled));
    }

    #[test]
    fn tasks_pool_by_adding_counts(a in points(), b in points()) {
        let together: Vec<_> = a.iter().chain(&b).copied().collect();
        prop_assert_eq!([tally(&a), tally(&b)].into_iter().sum::<GroupCounts>(), tally(&together));
    }

    /// Exchanging the two classes in labels and decisions keeps accuracy, turns the positive rate r
    /// into 1 − r, and exchanges the two error rates.
    #[test]
    fn renaming_the_classes(points in points()) {
        let renamed: Vec<_> = points.iter().map(|&(a, b, c)| (!a, !b, c)).collect();
        let (here, there) = (tally(&points).metrics(), tally(&renamed).metrics());
        prop_assert_eq!(here.overall.accuracy, there.overall.accuracy);
        prop_assert_eq!(here.protected.accuracy, there.protected.accuracy);
        for (r, s) in [
            (here.protected.positive_rate, there.protected.positive_rate),
            (here.protected.true_positive_rate, there.protected.false_positive_rate),
            (here.unprotected.false_positive_rate, there.unprotected.true_positive_rate),
        ] {
            prop_assert_eq!(r.is_some(), s.is_some());
            if let (Some(r), Some(s)) = (r, s) {
                prop_assert!((r + s - 1.0).abs() < 1e-12);
            }
        }
        match (here.equalized_odds.largest_difference, there.equalized_odds.largest_difference) {
            (Some(r), Some(s)) => prop_assert!((r - s).abs() < 1e-12),
            (r, s) => prop_assert_eq!(r, s),
        }
    }

    /// Parity ignores the labels; equal opportunity ignores those with y = 0.
    #[test]
    fn what_each_ratio_ignores(points in points()) {
        let relabeled: Vec<_> = points.iter().map(|&(a, b, c)| (a, !b, c)).collect();
        prop_assert_eq!(
            tally(&points).demographic_parity_ratio(),
            tally(&relabeled).demographic_parity_ratio()
        );
        let flipped: Vec<_> = points.iter().map(|&(a, b, c)| (a ^ !b, b, c)).collect();
        prop_assert_eq!(
            tally(&points).equal_opportunity_ratio(),
            tally(&flipped).equal_opportunity_ratio()
        );
    }

    #[test]
    fn deciding_the_truth_is_accurate_and_has_equal_odds(points in points()) {
        let true_decisions: Vec<_> = points.iter().map(|&(_, b, c)| (b, b, c)).collect();
        let metrics = tally(&true_decisions).metrics();
        prop_assert!(metrics.overall.accuracy.is_none_or(|a| a == 1.0));
        prop_assert!(metrics.equal_opportunity_ratio.is_none_or(|r| r == 1.0));
        prop_assert!(metrics.equalized_odds.largest_difference.is_none_or(|d| d == 0.0));
    }
}

/// A count whose sum with others overflows was found by random changes of a model file.
#[test]
fn a_count_in_a_file_is_bounded() {
    let counts = |count: u64| {
        format!(
            r#"{{"true_positives": {count}, "false_positives": 0, "true_negatives": {count},
                "false_negatives": {count}}}"#
        )
    };
    let read = |count| serde_json::from_str::<fairness::metrics::Confusion>(&counts(count));
    assert_eq!(read(1 << 48).unwrap().total(), 3 << 48);
    let error = read(u64::MAX).unwrap_err().to_string();
    assert!(error.contains("a count of 18446744073709551615, expected at most 2^48"), "{error}");
}
