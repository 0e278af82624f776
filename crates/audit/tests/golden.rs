//! Against fairlearn, statsmodels and numpy; `tests/cases/audit/README.md` says how the numbers
//! were made.

use approx::assert_relative_eq;
use audit::{Metric, Quantity, Rate};
use serde_json::Value;

use crate::support::{Row, audit, settings};

const GOLDEN: &str = include_str!("../../../tests/cases/audit/golden.json");

fn cases() -> Vec<Value> {
    serde_json::from_str(GOLDEN).unwrap()
}

fn rows(case: &Value) -> Vec<Row> {
    let digits = |key: &str| -> Vec<usize> {
        case[key].as_str().unwrap().bytes().map(|digit| usize::from(digit - b'0')).collect()
    };
    let (labels, decisions) = (digits("label"), digits("decision"));
    let (groups, tasks) = (digits("group"), digits("task"));
    (0..labels.len())
        .map(|row| (tasks[row], groups[row], labels[row] == 1, decisions[row] == 1))
        .collect()
}

#[test]
fn rates_ratios_and_differences() {
    let cases = cases();
    assert_eq!(cases.len(), 3);
    for case in &cases {
        let audit = audit(&rows(case), false, &settings(&[1]));
        let value = |metric: Metric| audit.pooled.metrics[metric].value.unwrap();
        assert_relative_eq!(
            value(Metric::Accuracy),
            case["overall_accuracy"].as_f64().unwrap(),
            max_relative = 1e-12
        );
        for group in &audit.pooled.groups {
            for &rate in Rate::ALL {
                let expected = case["by_group"][&group.name][rate.key()].as_f64().unwrap();
                let found = group.rates[rate].value.unwrap();
                assert_relative_eq!(found, expected, max_relative = 1e-12);
            }
        }
        // fairlearn's have no direction.
        for metric in [
            Metric::DemographicParityRatio,
            Metric::EqualOpportunityRatio,
            Metric::EqualizedOddsRatio,
            Metric::DemographicParityDifference,
            Metric::EqualOpportunityDifference,
            Metric::EqualizedOddsDifference,
        ] {
            let found = match metric.key().ends_with("ratio") {
                true => value(metric).min(1.0 / value(metric)),
                false => value(metric).abs(),
            };
            let expected = case[metric.key()].as_f64().unwrap();
            assert_relative_eq!(found, expected, max_relative = 1e-12);
        }
    }
}

/// Newcombe's interval of the difference by statsmodels, and that of the ratio by the bootstrap.
#[test]
fn intervals() {
    for case in &cases() {
        let audit = audit(&rows(case), false, &settings(&[1]));
        let metrics = &audit.pooled.metrics;
        let (low, high) = metrics[Metric::DemographicParityDifference].interval.unwrap();
        let expected = &case["parity_difference_interval"];
        assert_relative_eq!(low, expected[0].as_f64().unwrap(), epsilon = 1e-9);
        assert_relative_eq!(high, expected[1].as_f64().unwrap(), epsilon = 1e-9);
        // The bootstrap is another method.
        let (low, high) = metrics[Metric::DemographicParityRatio].interval.unwrap();
        let expected = &case["parity_ratio_interval"];
        assert_relative_eq!(low, expected[0].as_f64().unwrap(), max_relative = 0.15);
        assert_relative_eq!(high, expected[1].as_f64().unwrap(), max_relative = 0.15);
    }
}
