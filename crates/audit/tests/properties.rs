//! What holds of every table.

use approx::assert_relative_eq;
use audit::{Audit, Error, Metric, Part, Quantity, Rate, Settings, Warning};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Bernoulli, Distribution};

use crate::support::{Row, audit, counts, settings};

/// Tables of at most 3 tasks and 3 groups.
fn tables() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec((0..3usize, 0..3usize, any::<bool>(), any::<bool>()), 1..80)
}

/// The audit of the table with its first group protected.
fn first_protected(rows: &[Row], by_task: bool) -> Audit {
    let first = counts(rows, by_task).groups()[0].parse().unwrap();
    audit(rows, by_task, &settings(&[first]))
}

fn parts(audit: &Audit) -> impl Iterator<Item = &Part> {
    let tasks = audit.tasks.iter().flatten().map(|(_, part)| part);
    std::iter::once(&audit.pooled).chain(tasks)
}

proptest! {
    #[test]
    fn every_number_is_in_its_range(rows in tables()) {
        let audit = first_protected(&rows, true);
        for part in parts(&audit) {
            let rates = part.groups.iter().flat_map(|group| {
                group.rates.iter().map(|(_, estimate)| (0.0, 1.0, *estimate))
            });
            let metrics = part.metrics.iter().map(|(metric, estimate)| {
                let low = if metric.is_signed() { -1.0 } else { 0.0 };
                let has_end = metric.is_signed() || metric.is_rate();
                (low, if has_end { 1.0 } else { f64::INFINITY }, *estimate)
            });
            for (least, most, estimate) in rates.chain(metrics) {
                let fits = |x: f64| x.is_finite() && (least..=most).contains(&x);
                prop_assert!(estimate.value.is_none_or(fits));
                prop_assert!(estimate.interval.is_none_or(|(a, b)| a < b && fits(a) && fits(b)));
                // What exists has an interval with it inside.
                prop_assert_eq!(estimate.value.is_some(), estimate.interval.is_some());
                if let (Some(value), Some((low, high))) = (estimate.value, estimate.interval) {
                    prop_assert!(low <= value + 1e-12 && value <= high + 1e-12);
                }
            }
        }
    }

    #[test]
    fn the_order_of_the_rows_changes_nothing(
        (rows, shuffled) in tables().prop_flat_map(|rows| {
            (Just(rows.clone()), Just(rows).prop_shuffle())
        })
    ) {
        let of = |rows: &[Row]| first_protected(rows, true);
        prop_assert_eq!(of(&rows), of(&shuffled));
    }

    /// With the sides swapped, ratios are inverted, differences negated, and the others stay.
    #[test]
    fn swapping_the_sides(mut rows in tables()) {
        rows.iter_mut().for_each(|row| row.1 = row.1.min(1));
        rows.extend([(0, 0, true, true), (0, 1, true, true)]);
        let [one, other] = [0, 1].map(|group| audit(&rows, false, &settings(&[group])));
        for &metric in Metric::ALL {
            let [a, b] = [&one, &other].map(|audit| audit.pooled.metrics[metric].value);
            if metric.is_signed() {
                prop_assert_eq!(a, b.map(|b| -b));
            } else if metric.is_rate() {
                prop_assert_eq!(a, b);
            } else if let (Some(a), Some(b)) = (a, b) {
                assert_relative_eq!(a * b, 1.0, max_relative = 1e-12);
            } else {
                // A ratio of nothing to something is 0, and its inverse does not exist.
                prop_assert!(a.or(b).is_none_or(|ratio| ratio == 0.0));
            }
        }
    }

    /// The counts of the tasks and of the groups add up to those of all rows.
    #[test]
    fn counts_add_up(rows in tables()) {
        let audit = first_protected(&rows, true);
        let all = audit.pooled.counts.overall();
        prop_assert_eq!(all.total(), rows.len() as u64);
        let tasks = audit.tasks.as_ref().unwrap();
        let sum = tasks.iter().map(|(_, part)| part.counts).sum::<fairness::metrics::GroupCounts>();
        prop_assert_eq!(sum, audit.pooled.counts);
        let of_groups = audit.pooled.groups.iter().map(|group| group.counts);
        prop_assert_eq!(of_groups.reduce(|a, b| a + b), Some(all));
        // Without the task column, the pooled values are the same.
        let pooled = first_protected(&rows, false).pooled;
        prop_assert_eq!(pooled.metrics, audit.pooled.metrics);
    }
}

/// Rows of two groups in one task whose positive and negative labels are accepted at these rates.
fn drawn(rng: &mut ChaCha8Rng, rows: usize, accepted: [[f64; 2]; 2]) -> Vec<Row> {
    let half = Bernoulli::new(0.5).unwrap();
    let row = |index: usize| {
        let (group, label) = (index % 2, half.sample(rng));
        let accepts = Bernoulli::new(accepted[group][usize::from(!label)]).unwrap();
        (0, group, label, accepts.sample(rng))
    };
    (0..rows).map(row).collect()
}

/// Of many tables with known rates, 95% or more have an interval with the truth in it, also where
/// two ratios are alike, or both sides. `benches/coverage.rs` has more scenarios.
#[test]
fn intervals_cover_the_truth() {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    for (rows, accepted) in [
        (200, [[0.3, 0.3], [0.5, 0.5]]),
        (50, [[0.4, 0.2], [0.8, 0.4]]),
        (200, [[0.7, 0.3], [0.7, 0.3]]),
        (200, [[0.97, 0.02], [0.9, 0.01]]),
    ] {
        let tables = 500;
        let [ratio, difference] = [0, 1]
            .map(|label| {
                let [a, b] = [accepted[0][label], accepted[1][label]];
                (a / b, a - b)
            })
            .map(|(ratio, difference)| (f64::min(ratio, 1.0 / ratio), difference.abs()))
            .into_iter()
            .fold([1.0, 0.0], |[c, d], (ratio, difference)| {
                [f64::min(c, ratio), f64::max(d, difference)]
            });
        let selection = accepted.map(|rates| (rates[0] + rates[1]) / 2.0);
        let truths = [
            (Metric::DemographicParityDifference, selection[0] - selection[1]),
            (Metric::DemographicParityRatio, selection[0] / selection[1]),
            (Metric::EqualOpportunityDifference, accepted[0][0] - accepted[1][0]),
            (Metric::FalsePositiveRateDifference, accepted[0][1] - accepted[1][1]),
            (Metric::EqualizedOddsRatio, ratio),
            (Metric::EqualizedOddsDifference, difference),
        ];
        let mut counted = [(0, 0); 6];
        for _ in 0..tables {
            let audit = audit(&drawn(&mut rng, rows, accepted), false, &settings(&[0]));
            for ((covered, defined), (metric, truth)) in counted.iter_mut().zip(truths) {
                let Some((low, high)) = audit.pooled.metrics[metric].interval else { continue };
                *defined += 1;
                *covered += usize::from(low <= truth + 1e-12 && truth - 1e-12 <= high);
            }
        }
        for ((covered, defined), (metric, _)) in counted.into_iter().zip(truths) {
            assert!(defined > tables / 5, "{metric:?} exists in {defined} tables");
            // Four standard errors below 0.95.
            let share = covered as f64 / defined as f64;
            assert!(share > 0.91, "{metric:?}, {rows} rows at {accepted:?}: {share}");
        }
    }
}

/// With more rows an interval is narrower, and with five million it takes no longer.
#[test]
fn intervals_narrow_with_the_rows() {
    let width = |times: usize| {
        let kinds = [(0, true, true), (0, true, false), (0, false, false), (1, true, true)];
        let kinds = kinds.into_iter().chain([(1, false, true), (1, false, false)]);
        let rows: Vec<Row> =
            kinds.flat_map(|(g, y, d)| std::iter::repeat_n((0, g, y, d), times)).collect();
        let (low, high) = audit(&rows, false, &settings(&[0])).pooled.metrics
            [Metric::EqualizedOddsDifference]
            .interval
            .unwrap();
        high - low
    };
    let [few, many] = [width(100), width(10_000)];
    assert!((9.0..11.0).contains(&(few / many)), "{few}, {many}");
}

#[test]
fn pairs_are_against_the_largest_unprotected_group() {
    // Groups of 10, 30, 20 and 40 rows; the third and the last are protected.
    let rows: Vec<Row> = (0..100)
        .map(|i| {
            (
                0,
                [0, 1, 2, 3][usize::from(i >= 10) + usize::from(i >= 40) + usize::from(i >= 60)],
                i % 2 == 0,
                i % 3 == 0,
            )
        })
        .collect();
    let with = |reference: Option<&str>| {
        let reference = reference.map(String::from);
        Audit::new(&counts(&rows, false), &Settings { reference, ..settings(&[2, 3]) })
    };
    let audit = with(None).unwrap();
    assert_eq!(audit.reference.as_deref(), Some("1"));
    let compared: Vec<&str> = audit.pairs.iter().map(|pair| pair.group.as_str()).collect();
    assert_eq!(compared, ["0", "2", "3"]);
    let rate = |group: usize| audit.pooled.groups[group].rates[Rate::Selection].value.unwrap();
    for pair in &audit.pairs {
        let expected = rate(pair.group.parse().unwrap()) / rate(1);
        assert_eq!(pair.metrics[Metric::DemographicParityRatio].value, Some(expected));
    }
    assert_eq!(with(Some("0")).unwrap().reference.as_deref(), Some("0"));
    assert_eq!(with(Some("3")), Err(Error::ReferenceProtected { name: "3".into() }));
    let unknown = with(Some("4")).unwrap_err();
    assert!(matches!(unknown, Error::UnknownGroup { .. }));
    assert!(
        unknown
            .to_string()
            .ends_with("`4` is not a group of these rows; the groups are `0`, `1`, `2`, `3`")
    );
    let nobody = Audit::new(&counts(&rows, false), &settings(&[])).unwrap_err();
    assert!(matches!(nobody, Error::NoneProtected { .. }));
}

#[test]
fn one_group_alone_has_rates_and_no_comparison() {
    let rows: Vec<Row> = (0..60).map(|i| (0, 0, i % 2 == 0, i % 3 == 0)).collect();
    let audit = audit(&rows, false, &settings(&[0]));
    assert_eq!(audit.reference, None);
    assert_eq!(audit.pairs, []);
    assert_eq!(audit.pooled.warnings, [Warning::OneSide { protected: true }]);
    for (metric, estimate) in audit.pooled.metrics.iter() {
        assert_eq!(estimate.value.is_some(), metric == Metric::Accuracy, "{metric:?}");
    }
}

/// The mean over tasks leaves out the tasks without a value, and counts them.
#[test]
fn means_over_tasks() {
    // In the first task all rows are protected.
    let tasks = [[1.0, 1.0], [0.5, 1.0], [0.25, 1.0]];
    let mut rows = Vec::new();
    for (task, rates) in tasks.iter().enumerate() {
        for i in 0..8 {
            rows.push((task, 0, true, f64::from(i) < 8.0 * rates[0]));
            if task > 0 {
                rows.push((task, 1, true, f64::from(i) < 8.0 * rates[1]));
            }
        }
    }
    let audit = audit(&rows, true, &settings(&[0]));
    let mean = audit.means.as_ref().unwrap()[Metric::DemographicParityRatio];
    assert_eq!((mean.undefined, mean.mean.unwrap().values), (1, 2));
    assert_eq!(mean.mean.unwrap().mean, 0.375);
    assert!(mean.mean.unwrap().interval.is_some());
    // The tables give everybody a positive label.
    assert_eq!(audit.means.unwrap()[Metric::FalsePositiveRateRatio].mean, None);
}
