//! The synthetic generator against section 6.1: moments, label rule, and the tie between group and
//! class.

use std::f64::consts::PI;

use approx::assert_relative_eq;
use proptest::prelude::*;
use tasks::synthetic::{
    Angle, ClassDensities, Component, LabelRule, PositiveGaussian, PositiveSide, Rotation,
    SensitiveDraw, SyntheticConfig, SyntheticSettings, TaskFacts,
};
use tasks::{Batch, Purpose, stream};

const FIRST: ([f64; 2], [[f64; 2]; 2]) = ([2.0, 2.0], [[5.0, 1.0], [1.0, 5.0]]);
const SECOND: ([f64; 2], [[f64; 2]; 2]) = ([-2.0, -2.0], [[10.0, 1.0], [1.0, 3.0]]);

fn config(settings: SyntheticSettings) -> SyntheticConfig {
    SyntheticConfig::new(settings).unwrap()
}

fn positive(positive: Component) -> LabelRule {
    LabelRule::Component { positive }
}

/// A sample of a test task in which the first Gaussian is positive, so that the label tells the
/// Gaussian.
fn sample(settings: SyntheticSettings, phi: f64, rule: LabelRule) -> Batch {
    let points = 200_000;
    let config = config(SyntheticSettings { points, ..settings });
    config.generate(&TaskFacts { phi, rule }, &mut stream(11, Purpose::TaskGeneration, 0, 0))
}

#[test]
fn means_and_covariances() {
    let batch = sample(Default::default(), 4.0, positive(Component::First));
    for (class, (mean, covariance)) in [(true, FIRST), (false, SECOND)] {
        let rows: Vec<&[f64]> = (0..batch.rows())
            .filter(|&r| batch.positive()[r] == class)
            .map(|r| batch.row(r))
            .collect();
        let n = rows.len() as f64;
        assert_eq!(rows.len(), 100_000, "half of the points from each Gaussian");
        let found: Vec<f64> = (0..2).map(|i| rows.iter().map(|x| x[i]).sum::<f64>() / n).collect();
        for i in 0..2 {
            // Five standard errors of a mean, and of a covariance: sqrt((c_ii c_jj + c_ij²) / n).
            assert!(
                (found[i] - mean[i]).abs() < 5.0 * (covariance[i][i] / n).sqrt(),
                "mean {found:?}"
            );
            for j in 0..2 {
                let c = rows.iter().map(|x| (x[i] - found[i]) * (x[j] - found[j])).sum::<f64>() / n;
                let error =
                    ((covariance[i][i] * covariance[j][j] + covariance[i][j].powi(2)) / n).sqrt();
                assert!(
                    (c - covariance[i][j]).abs() < 5.0 * error,
                    "covariance {i}{j} of {class}: {c}"
                );
            }
        }
    }
}

#[test]
fn any_line_labels_training_tasks() {
    let config = config(SyntheticSettings {
        intercept: [-5.0, 5.0],
        positive_side: PositiveSide::Coin,
        ..Default::default()
    });
    let (mut above, mut slopes, mut intercepts) = (0, Vec::new(), Vec::new());
    for index in 0..2000 {
        let facts = config.training_facts(5, index);
        let LabelRule::Line { slope, intercept, positive_above } = facts.rule else {
            panic!("{facts:?}")
        };
        if index < 50 {
            let data = config.training_task(5, index).data.into_batch();
            for row in 0..data.rows() {
                let [x, y] = data.row(row).try_into().unwrap();
                assert_eq!(data.positive()[row], (y > slope * x + intercept) == positive_above);
            }
        }
        above += positive_above as u32;
        slopes.push(slope);
        intercepts.push(intercept);
    }
    assert!((900..=1100).contains(&above), "a fair coin: {above} of 2000");
    for drawn in [slopes, intercepts] {
        // Uniform on [-5, 5]: mean 0, variance 100/12; within five standard errors.
        let mean = drawn.iter().sum::<f64>() / 2000.0;
        let variance = drawn.iter().map(|value| value * value).sum::<f64>() / 2000.0;
        assert!(drawn.iter().all(|value| (-5.0..=5.0).contains(value)));
        assert!(
            mean.abs() < 0.33 && (variance - 100.0 / 12.0).abs() < 0.84,
            "mean {mean}, variance {variance}"
        );
    }
}

#[test]
fn test_tasks_draw_phi_and_the_positive_gaussian() {
    let positive_gaussian = PositiveGaussian::Drawn;
    let config = config(SyntheticSettings { positive_gaussian, ..Default::default() });
    let (mut first, mut phis) = (0, [0; 4]);
    for index in 0..2000 {
        let facts = config.test_facts(5, index);
        first += (facts.rule == positive(Component::First)) as u32;
        phis[[2.0, 4.0, 8.0, 16.0].iter().position(|&phi| phi == facts.phi).unwrap()] += 1;
    }
    assert!((900..=1100).contains(&first), "{first} of 2000");
    assert!(phis.iter().all(|count| (400..=600).contains(count)), "{phis:?}");

    for index in 0..20 {
        let data = config.test_task(5, index).data;
        assert_eq!(data.positive().iter().filter(|&&positive| positive).count(), 100);
        let changes = data.positive().windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert!(changes > 50, "rows are shuffled: {changes} changes of class between neighbors");
    }
}

#[test]
fn training_and_test_tasks_differ() {
    let config = SyntheticConfig::default();
    assert_ne!(config.training_task(0, 0).data.all().x(), config.test_task(0, 0).data.all().x());
    assert_ne!(
        config.training_task(0, 0).data.all().x(),
        config.training_task(0, 1).data.all().x()
    );
    assert_ne!(
        config.training_task(0, 0).data.all().x(),
        config.training_task(1, 0).data.all().x()
    );
}

/// p(x), with the inverse and determinant of the covariance written out.
fn density((mean, [[a, b], [c, d]]): ([f64; 2], [[f64; 2]; 2]), x: [f64; 2]) -> f64 {
    let determinant = a * d - b * c;
    let inverse = [[d / determinant, -b / determinant], [-c / determinant, a / determinant]];
    let u = [x[0] - mean[0], x[1] - mean[1]];
    let quadratic: f64 = (0..2)
        .flat_map(|i| (0..2).map(move |j| (i, j)))
        .map(|(i, j)| u[i] * inverse[i][j] * u[j])
        .sum();
    (-quadratic / 2.0).exp() / (2.0 * PI * determinant.sqrt())
}

/// p(x′|y=1) / (p(x′|y=1) + p(x′|y=0)), straight from the paper; `angle` counterclockwise.
fn ratio(angle: f64, first_is_positive: bool, x: [f64; 2]) -> f64 {
    let rotated =
        [x[0] * angle.cos() - x[1] * angle.sin(), x[0] * angle.sin() + x[1] * angle.cos()];
    let (first, second) = (density(FIRST, rotated), density(SECOND, rotated));
    (if first_is_positive { first } else { second }) / (first + second)
}

/// The mean of `ratio` over each class of a test task, positive and negative, by the midpoint rule.
fn mean_ratios(angle: f64, first_is_positive: bool) -> [f64; 2] {
    let (step, half) = (0.1, 180);
    let mean = |gaussian| {
        let cells = (-half..half).flat_map(|i| (-half..half).map(move |j| (i, j)));
        let points = cells.map(|(i, j)| [(i as f64 + 0.5) * step, (j as f64 + 0.5) * step]);
        let seen = points
            .map(|x| (density(gaussian, x) * step * step, x))
            .filter(|(mass, _)| *mass > 1e-15);
        seen.map(|(mass, x)| mass * ratio(angle, first_is_positive, x)).sum::<f64>()
    };
    if first_is_positive { [mean(FIRST), mean(SECOND)] } else { [mean(SECOND), mean(FIRST)] }
}

/// The correlation of two binary variables, the second with these rates where the first is true and
/// false, equally often.
fn correlation([rate, other]: [f64; 2]) -> f64 {
    let mean = (rate + other) / 2.0;
    (rate - other) / 2.0 / (mean * (1.0 - mean)).sqrt()
}

/// The share of rows that are protected among the positive and the negative rows.
fn protected_rates(batch: &Batch) -> [f64; 2] {
    [true, false].map(|class| {
        let groups =
            batch.positive().iter().zip(batch.protected()).filter(|(label, _)| **label == class);
        let (mut all, mut of_group) = (0.0, 0.0);
        groups.for_each(|(_, &protected)| {
            (all, of_group) = (all + 1.0, of_group + f64::from(protected))
        });
        of_group / all
    })
}

fn assert_close(found: [f64; 2], expected: [f64; 2], of: &str) {
    // 100,000 rows of each class: five standard errors are below 5 · 0.5 / sqrt(100,000) = 0.0079.
    assert!(
        found.iter().zip(expected).all(|(f, e)| (f - e).abs() < 0.0079),
        "{of}: {found:?}, expected {expected:?}"
    );
}

#[test]
fn the_smaller_the_rotation_the_more_the_group_follows_the_label() {
    // Expected correlations of label and group: a numerical integral over another grid, made once
    // outside of Rust.
    let expected = [(2.0, 0.21946), (4.0, 0.56660), (8.0, 0.63375), (16.0, 0.64761)];
    let mut last = 0.0;
    for (phi, golden) in expected {
        for first in [true, false] {
            let rule = positive(if first { Component::First } else { Component::Second });
            let integral = mean_ratios(PI / phi, first);
            assert_relative_eq!(correlation(integral), golden, epsilon = 2e-5);
            let found = protected_rates(&sample(Default::default(), phi, rule));
            assert_close(found, integral, &format!("φ = {phi}, {rule:?}"));
            assert!(correlation(found) > last + 0.003 || !first);
        }
        last = golden;
    }
}

#[test]
fn the_other_readings() {
    let rule = positive(Component::First);
    for phi in [2.0, 4.0, 8.0] {
        let rates = |settings| protected_rates(&sample(settings, phi, rule));
        let transposed = SyntheticSettings { rotation: Rotation::Transposed, ..Default::default() };
        assert_close(
            rates(transposed),
            mean_ratios(-PI / phi, true),
            &format!("transposed, φ = {phi}"),
        );
        let radians = SyntheticSettings { angle: Angle::Radians, ..Default::default() };
        assert_close(rates(radians), mean_ratios(phi, true), &format!("radians, φ = {phi}"));
        let zafar = SyntheticSettings {
            sensitive: SensitiveDraw::NonProtectedWithProbability,
            ..Default::default()
        };
        assert_close(
            rates(zafar),
            mean_ratios(PI / phi, true).map(|r| 1.0 - r),
            &format!("Zafar et al., φ = {phi}"),
        );
    }
    let narrow = SyntheticSettings {
        points: 30,
        phis: vec![3.0],
        slope: [1.5, 1.5],
        intercept: [-2.0, -1.0],
        ..Default::default()
    };
    let (facts, task) =
        (config(narrow.clone()).training_facts(0, 3), config(narrow).training_task(0, 3));
    let LabelRule::Line { slope, intercept, .. } = facts.rule else { panic!("{facts:?}") };
    assert_eq!((task.data.rows(), facts.phi, slope), (30, 3.0, 1.5));
    assert!((-2.0..=-1.0).contains(&intercept));
}

/// P(protected | x) at the default settings but for `sensitive`.
fn protected(sensitive: SensitiveDraw, facts: &TaskFacts, x: [f64; 2]) -> f64 {
    let densities = ClassDensities::generating(facts);
    let config = config(SyntheticSettings { sensitive, ..Default::default() });
    config.protected_probability(facts.phi, &densities, x)
}

proptest! {
    #[test]
    fn the_group_is_drawn_with_the_ratio_of_densities(
        x in -8.0..8.0, y in -8.0..8.0, phi in 1.0..20.0, first: bool, above: bool,
    ) {
        let component = if first { Component::First } else { Component::Second };
        let test = TaskFacts { phi, rule: positive(component) };
        let expected = ratio(PI / phi, first, [x, y]);
        let found = protected(SensitiveDraw::default(), &test, [x, y]);
        assert_relative_eq!(found, expected, epsilon = 1e-10);
        let found = protected(SensitiveDraw::NonProtectedWithProbability, &test, [x, y]);
        assert_relative_eq!(found, 1.0 - expected, epsilon = 1e-10);
        // On a line-labelled task, y = 1 is the first Gaussian, whatever the line.
        let line = TaskFacts { phi, rule: LabelRule::Line { slope: 1.0, intercept: 0.0, positive_above: above } };
        let expected = ratio(PI / phi, true, [x, y]);
        let found = protected(SensitiveDraw::default(), &line, [x, y]);
        assert_relative_eq!(found, expected, epsilon = 1e-10);
    }

    #[test]
    fn far_out_the_probability_is_still_one(x in -1e150..1e150, y in -1e150..1e150) {
        let facts = TaskFacts { phi: 4.0, rule: positive(Component::First) };
        let probability = protected(SensitiveDraw::default(), &facts, [x, y]);
        prop_assert!((0.0..=1.0).contains(&probability), "{probability}");
    }
}

#[test]
fn settings_that_cannot_be() {
    let error = |settings| SyntheticConfig::new(settings).unwrap_err().to_string();
    let default = SyntheticSettings::default;
    for points in [0, 1, 199, 1_000_002, usize::MAX] {
        let expected = format!("points must be an even number from 2 to 1000000, got {points}");
        assert_eq!(error(SyntheticSettings { points, ..default() }), expected);
    }
    for (phis, shown) in [
        (vec![], "[]"),
        (vec![2.0, 0.0], "[2.0, 0.0]"),
        (vec![-4.0], "[-4.0]"),
        (vec![f64::NAN], "[NaN]"),
        (vec![f64::INFINITY], "[inf]"),
        (vec![1e-308], "[1e-308]"),
    ] {
        let expected =
            format!("phis must be one or more positive numbers that give an angle, got {shown}");
        assert_eq!(error(SyntheticSettings { phis, ..default() }), expected);
    }
    for (range, shown) in [
        ([1.0, 0.0], "1 to 0"),
        ([f64::NAN, 0.0], "NaN to 0"),
        ([0.0, f64::INFINITY], "0 to inf"),
        ([f64::INFINITY, f64::INFINITY], "inf to inf"),
        ([-f64::MAX, f64::MAX], &format!("{} to {}", -f64::MAX, f64::MAX)),
    ] {
        let expected =
            |name| format!("{name} must be two finite numbers, the lower first, got {shown}");
        assert_eq!(error(SyntheticSettings { slope: range, ..default() }), expected("slope"));
        assert_eq!(
            error(SyntheticSettings { intercept: range, ..default() }),
            expected("intercept")
        );
    }
}

#[test]
fn configurations_are_checked_when_read() {
    let config = config(SyntheticSettings { angle: Angle::Radians, ..Default::default() });
    let json = serde_json::to_string(&config).unwrap();
    assert_eq!(
        json,
        r#"{"points":200,"phis":[2.0,4.0,8.0,16.0],"slope":[-5.0,5.0],"intercept":[0.0,0.0],"positive_side":"above","angle":"radians","rotation":"rotation","sensitive":"protected-with-probability","densities":"generating","components":"half-each","test_labels":"gaussians","positive_gaussian":"lower"}"#
    );
    assert_eq!(serde_json::from_str::<SyntheticConfig>(&json).unwrap(), config);
    assert_eq!(serde_json::from_str::<SyntheticConfig>("{}").unwrap(), SyntheticConfig::default());
    let error = serde_json::from_str::<SyntheticConfig>(r#"{"points":3}"#).unwrap_err().to_string();
    assert_eq!(error, "points must be an even number from 2 to 1000000, got 3");
    assert!(serde_json::from_str::<SyntheticConfig>(r#"{"point":2}"#).is_err());
}
