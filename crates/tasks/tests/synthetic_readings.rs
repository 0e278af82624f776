//! The synthetic generator's other readings: fitted densities, a coin for each point, lines on test
//! tasks.

use approx::assert_relative_eq;
use proptest::prelude::*;
use tasks::synthetic::{
    ClassDensities, Component, Components, Densities, Gaussian, LabelRule, PositiveSide, Rotation,
    SyntheticConfig, SyntheticSettings, TaskFacts, TestLabels,
};
use tasks::{Batch, Purpose, stream};

fn config(settings: SyntheticSettings) -> SyntheticConfig {
    SyntheticConfig::new(settings).unwrap()
}

fn points(batch: &Batch) -> Vec<[f64; 2]> {
    (0..batch.rows()).map(|row| batch.row(row).try_into().unwrap()).collect()
}

fn positives(batch: &Batch) -> usize {
    batch.positive().iter().filter(|&&positive| positive).count()
}

const LINE: LabelRule = LabelRule::Line { slope: 0.5, intercept: 1.0, positive_above: false };

#[test]
fn a_fit_by_hand() {
    // Mean (2, 2); deviations (−2, −2), (2, 0), (0, 2): squares 8 and 8, product 4, each over 3.
    let fitted = Gaussian::fit(&[[0.0, 0.0], [4.0, 2.0], [2.0, 4.0]]).unwrap();
    let third = |x: f64| x / 3.0;
    let covariance = [[third(8.0), third(4.0)], [third(4.0), third(8.0)]];
    assert_eq!(fitted, Gaussian { mean: [2.0, 2.0], covariance });
}

#[test]
fn what_has_no_fit() {
    for points in [
        &[][..],
        &[[1.0, 2.0]],
        &[[1.0, 2.0], [3.0, 5.0]],
        &[[1.0, 2.0]; 5],
        &[[0.1, 0.3], [0.2, 0.6], [0.7, 2.1], [1.3, 3.9]],
        &[[0.0, 1.0], [0.0, 2.0], [0.0, 4.0]],
        &[[1.0, 0.1], [2.0, 0.1], [4.0, 0.1]],
        &[[1e200, 0.0], [-1e200, 1e200], [0.0, -1e200]],
        &[[1e-200, 0.0], [-1e-200, 1e-200], [0.0, -1e-200]],
        &[[f64::MAX, 0.0], [f64::MAX, 1.0], [0.0, 1.0]],
    ] {
        assert_eq!(Gaussian::fit(points), None, "{points:?}");
    }
}

fn mean_log_density(gaussian: &Gaussian, points: &[[f64; 2]]) -> f64 {
    points.iter().map(|&x| gaussian.log_density(x)).sum::<f64>() / points.len() as f64
}

proptest! {
    /// Nothing near it, nor the generating Gaussians, makes the points likelier.
    #[test]
    fn a_fit_has_the_highest_likelihood(
        points in prop::collection::vec([-9.0..9.0, -9.0..9.0], 5..40),
        change in [-0.2..0.2, -0.2..0.2, -0.2..0.2, -0.2..0.2, -0.2..0.2],
    ) {
        let fitted = Gaussian::fit(&points).unwrap();
        let highest = mean_log_density(&fitted, &points);
        // Where the mean is fitted, the covariance makes the mean squared distance 2: −ln 2π − 1 −
        // half the logarithm of the determinant.
        let [[a, b], [c, d]] = fitted.covariance;
        let expected = -(2.0 * std::f64::consts::PI).ln() - 1.0 - 0.5 * (a * d - b * c).ln();
        prop_assert!((highest - expected).abs() < 1e-9, "{highest}, expected {expected}");

        let [x, y, p, q, r]: [f64; 5] = change;
        let b = b + r * (a * d - b * b).sqrt() / 2.0;
        let near = Gaussian {
            mean: [fitted.mean[0] + x, fitted.mean[1] + y],
            covariance: [[a * (1.0 + p.abs()), b], [b, d * (1.0 + q.abs())]],
        };
        for other in [near, Component::First.gaussian(), Component::Second.gaussian()] {
            prop_assert!(mean_log_density(&other, &points) <= highest + 1e-12);
        }
    }

    /// Down to two points in a task, where a class is often empty.
    #[test]
    fn a_probability_is_a_probability(
        count in 2_usize..14, slope in -5.0..5.0, intercept in -5.0..5.0, above: bool, seed: u64,
        phi in 1.0..20.0,
    ) {
        let settings = SyntheticSettings {
            points: count,
            components: Components::Coin,
            densities: Densities::Fitted,
            ..Default::default()
        };
        let config = config(settings);
        let rule = LabelRule::Line { slope, intercept, positive_above: above };
        let facts = TaskFacts { phi, rule };
        let batch = config.generate(&facts, &mut stream(seed, Purpose::TaskGeneration, 0, 0));
        let densities = config.densities(&facts, &points(&batch), batch.positive());
        for x in points(&batch) {
            let probability = config.protected_probability(phi, &densities, x);
            prop_assert!((0.0..=1.0).contains(&probability), "{probability}");
        }
        // One class without a fit is enough for the generating densities of both.
        let fewest = positives(&batch).min(count - positives(&batch));
        if fewest < 3 {
            prop_assert_eq!(densities, ClassDensities::generating(&facts));
        } else {
            prop_assert_ne!(densities, ClassDensities::generating(&facts));
        }
    }
}

#[test]
fn fitted_densities_change_the_groups_alone() {
    let rule = LINE;
    for rotation in [Rotation::Rotation, Rotation::Transposed] {
        let settings = SyntheticSettings { points: 50_000, rotation, ..Default::default() };
        let task = |densities| {
            let config = config(SyntheticSettings { densities, ..settings.clone() });
            let facts = TaskFacts { phi: 4.0, rule };
            config.generate(&facts, &mut stream(2, Purpose::TaskGeneration, 0, 0))
        };
        let (generating, fitted) = (task(Densities::Generating), task(Densities::Fitted));
        assert_eq!(generating.x(), fitted.x());
        assert_eq!(generating.positive(), fitted.positive());
        assert_ne!(generating.protected(), fitted.protected());

        // Against the formula: the ratio of the densities of x′ under the two fits, in each class.
        let class = |label| {
            let of_class = points(&fitted).into_iter().zip(fitted.positive());
            of_class.filter(|&(_, &positive)| positive == label).map(|(x, _)| x).collect::<Vec<_>>()
        };
        let [positive, negative] = [true, false].map(|label| Gaussian::fit(&class(label)).unwrap());
        let turn = if rotation == Rotation::Rotation { 1.0 } else { -1.0 };
        let (sin, cos) = (turn * std::f64::consts::FRAC_PI_4).sin_cos();
        let mut deviations = [(0.0, 0.0, 0.0); 2];
        for (row, [x, y]) in points(&fitted).into_iter().enumerate() {
            let rotated = [cos * x - sin * y, sin * x + cos * y];
            let [one, zero] = [positive, negative].map(|g| g.log_density(rotated).exp());
            let p = one / (one + zero);
            let (sum, variance, shift) = &mut deviations[fitted.positive()[row] as usize];
            *sum += f64::from(fitted.protected()[row]) - p;
            *variance += p * (1.0 - p);
            *shift += f64::from(generating.protected()[row]) - p;
        }
        for (sum, variance, shift) in deviations {
            assert!(sum.abs() < 5.0 * variance.sqrt(), "{sum} with variance {variance}");
            // The generating densities would not pass.
            assert!(shift.abs() > 8.0 * variance.sqrt(), "{shift} with variance {variance}");
        }
    }
}

/// Where each Gaussian is a class, what is fitted is what the points come from.
#[test]
fn fitted_to_the_gaussians_themselves() {
    let settings =
        SyntheticSettings { points: 200_000, densities: Densities::Fitted, ..Default::default() };
    let config = config(settings);
    for positive in [Component::First, Component::Second] {
        let facts = TaskFacts { phi: 4.0, rule: LabelRule::Component { positive } };
        let batch = config.generate(&facts, &mut stream(3, Purpose::TaskGeneration, 0, 0));
        let fitted = config.densities(&facts, &points(&batch), batch.positive());
        let generating = ClassDensities::generating(&facts);
        let pairs =
            [(fitted.positive, generating.positive), (fitted.negative, generating.negative)];
        for (fitted, generating) in pairs {
            // Five standard errors of the largest entry of 100,000 points: 5 · 10 · sqrt(2 / n).
            for i in 0..2 {
                assert_relative_eq!(fitted.mean[i], generating.mean[i], epsilon = 0.05);
                for j in 0..2 {
                    let (f, g) = (fitted.covariance[i][j], generating.covariance[i][j]);
                    assert_relative_eq!(f, g, epsilon = 0.23);
                }
            }
        }
    }
}

#[test]
fn a_coin_for_each_point() {
    let coin = |points| {
        let components = Components::Coin;
        config(SyntheticSettings { points, components, ..Default::default() })
    };
    let rule = LabelRule::Component { positive: Component::First };
    let facts = TaskFacts { phi: 4.0, rule };
    let mut rng = stream(4, Purpose::TaskGeneration, 0, 0);
    // The label tells the Gaussian. Five standard deviations of 200,001 tosses: 1118.
    let large = coin(200_001).generate(&facts, &mut rng);
    assert_eq!(large.rows(), 200_001);
    assert!(positives(&large).abs_diff(100_000) < 1118, "{}", positives(&large));
    // Of 2000 tasks with 4 points, 16 times a binomial coefficient: 125, 500, 750, 500, 125.
    let mut counts = [0_u32; 5];
    for _ in 0..2000 {
        counts[positives(&coin(4).generate(&facts, &mut rng))] += 1;
    }
    for (found, expected) in counts.into_iter().zip([125, 500, 750, 500, 125]) {
        assert!(found.abs_diff(expected) < 5 * expected.isqrt(), "{counts:?}");
    }
}

#[test]
fn lines_on_test_tasks() {
    let gaussians = SyntheticSettings {
        intercept: [-5.0, 5.0],
        positive_side: PositiveSide::Coin,
        ..Default::default()
    };
    let test_labels = TestLabels::Lines;
    let lines = config(SyntheticSettings { test_labels, ..gaussians.clone() });
    let gaussians = config(gaussians);
    let (mut above, mut uneven) = (0, 0);
    for index in 0..400 {
        let facts = lines.test_facts(6, index);
        let LabelRule::Line { slope, intercept, positive_above } = facts.rule else {
            panic!("{facts:?}")
        };
        assert!([slope, intercept].iter().all(|value| (-5.0..=5.0).contains(value)));
        above += u32::from(positive_above);
        assert_eq!(facts.phi, gaussians.test_facts(6, index).phi);
        assert_ne!(facts.rule, lines.training_facts(6, index).rule);
        assert_eq!(lines.training_task(6, index), gaussians.training_task(6, index));
        let data = lines.test_task(6, index).data.into_batch();
        for (row, [x, y]) in points(&data).into_iter().enumerate() {
            assert_eq!(data.positive()[row], (y > slope * x + intercept) == positive_above);
        }
        uneven += u32::from(positives(&data) != 100);
    }
    assert!((150..=250).contains(&above), "a fair coin: {above} of 400");
    assert!(uneven > 300, "{uneven} of 400");
}

#[test]
fn an_odd_number_of_points_needs_a_coin() {
    let new = |points, components| {
        SyntheticConfig::new(SyntheticSettings { points, components, ..Default::default() })
    };
    assert!(new(199, Components::Coin).is_ok());
    for points in [0, 1, 1_000_001] {
        assert_eq!(
            new(points, Components::Coin).unwrap_err().to_string(),
            format!("points must be a number from 2 to 1000000, got {points}")
        );
    }
    assert_eq!(
        new(199, Components::HalfEach).unwrap_err().to_string(),
        "points must be an even number from 2 to 1000000, got 199"
    );
}

#[test]
fn names_in_json() {
    let json = r#"{"densities":"fitted","components":"coin","test_labels":"lines"}"#;
    let settings = SyntheticSettings {
        densities: Densities::Fitted,
        components: Components::Coin,
        test_labels: TestLabels::Lines,
        ..Default::default()
    };
    assert_eq!(serde_json::from_str::<SyntheticConfig>(json).unwrap(), config(settings));
    for (setting, accepted) in
        [("densities", "generating"), ("components", "half-each"), ("test_labels", "gaussians")]
    {
        let json = format!(r#"{{"{setting}":"other"}}"#);
        let error = serde_json::from_str::<SyntheticConfig>(&json).unwrap_err().to_string();
        assert!(error.contains("other") && error.contains(accepted), "{error}");
    }
}
