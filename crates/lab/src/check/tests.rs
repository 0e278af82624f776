use std::num::{NonZeroU64, NonZeroUsize};

use experiment::plan::{Arm, MethodName, Plan};
use meta::algorithm::{ALL, Claim};
use meta::{AnyAlgorithm, Implicit, InnerLoop};
use paper::defaults;

use super::planted::{Mistake, wrong};
use super::{CheckReport, CheckSettings, Quantity, check_plan};
use crate::differences::Verdict;

/// A plan of few iterations. For iMAML it has a λ at which the system is positive definite, and a
/// rate α at which the inner steps converge: α λ is below 1.
fn plan(steps: usize, algorithm: AnyAlgorithm) -> Plan {
    let plan = defaults::quick(defaults::synthetic());
    let implicit = Implicit { proximal: 400.0, conjugate_gradient_steps: 100 };
    let rate = if algorithm.claim() == Claim::Implicit { 0.002 } else { 0.1 };
    let inner = InnerLoop::new(rate, steps).unwrap().with_implicit(implicit).unwrap();
    let tasks_per_batch = NonZeroUsize::new(4).unwrap();
    Plan { inner, iterations: NonZeroU64::new(30).unwrap(), tasks_per_batch, ..plan }
}

fn report(steps: usize, algorithm: AnyAlgorithm, settings: &CheckSettings) -> CheckReport {
    let plan = plan(steps, algorithm);
    let arm = Arm::regularized(MethodName::Meta, plan.sweeps[0].notion, 1.0);
    let checked = check_plan(&plan, arm, algorithm, settings).unwrap();
    assert!(checked.group_present);
    checked.report
}

fn settings() -> CheckSettings {
    CheckSettings { entries: 12, ..CheckSettings::default() }
}

#[test]
fn every_algorithm_passes() {
    for (algorithm, steps) in ALL.iter().flat_map(|&algorithm| [(algorithm, 1), (algorithm, 3)]) {
        let report = report(steps, algorithm, &settings());
        let name = algorithm.name();
        assert!(report.passes(), "{name}: {:#?}", report.rows.iter().find(|r| r.mistake.is_some()));
        let right = |quantity| {
            let rows = report.rows.iter().filter(|row| row.quantity == quantity);
            rows.filter(|row| row.verdict == Verdict::Right).count()
        };
        assert!(right(Quantity::Gradient) >= 12, "{name}: {report:#?}");
        assert!(right(Quantity::MetaGradient) >= 12, "{name}: {report:#?}");
        assert_eq!(report.certificates.len(), 3);
    }
}

/// Each algorithm has at least one planted mistake, and each of them is found.
#[test]
fn planted_mistakes_are_found() {
    for algorithm in ALL {
        assert!(wrong(algorithm).count() > 0, "{}", algorithm.name());
        for (mistake, wrong) in wrong(algorithm) {
            let settings = CheckSettings { entries: 400, ..settings() };
            let report = report(1, wrong, &settings);
            assert!(!report.passes(), "{}: {mistake:?}", algorithm.name());
            let quantity = if mistake == Mistake::LongStep {
                Quantity::Adaptation
            } else {
                Quantity::MetaGradient
            };
            let mut found = report.rows.iter().filter(|row| row.verdict == Verdict::Wrong);
            assert!(found.any(|row| row.quantity == quantity), "{}: {mistake:?}", algorithm.name());
        }
    }
}

/// Without inner steps there is no second order, and the certificate says so.
#[test]
fn no_step_has_no_second_order() {
    let report = report(0, meta::algorithm::FAIR_MAML, &settings());
    assert!(report.passes());
    for certificate in &report.certificates {
        assert!(certificate.shares.is_empty() && !certificate.told_apart, "{certificate:?}");
        assert_eq!(certificate.difference, Some(0.0));
    }
}

/// An inner rate so small that a missing second order could not be seen.
#[test]
fn a_tiny_rate_cannot_be_told_apart() {
    let inner = InnerLoop::new(1e-9, 1).unwrap();
    let plan = Plan { inner, ..plan(1, meta::algorithm::FAIR_MAML) };
    let arm = Arm::plain(MethodName::Meta);
    let checked = check_plan(&plan, arm, meta::algorithm::FAIR_MAML, &settings()).unwrap();
    assert!(checked.report.certificates.iter().all(|certificate| !certificate.told_apart));
    let text = super::table(&checked.report, report::terminal::Terminal::plain(80));
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("cannot tell them apart"), "{text}");
}
