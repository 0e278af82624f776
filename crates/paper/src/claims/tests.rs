//! Every verdict, produced from planted results.

use super::judgment::Part;
use super::*;
use crate::defaults;
use experiment::plan::Plan;
use experiment::planted::{Cell, study};
use report::mean::Mean;

fn known(mean: f64, half: f64) -> Compared {
    let mean = Mean::plus_minus(mean, half, 3);
    Compared { mean: Some(mean), tasks: 3, ..Compared::default() }
}

/// A single run has no interval.
fn single(mean: f64) -> Compared {
    let mean = Some(Mean { mean, interval: None, values: 1 });
    Compared { mean, tasks: 1, ..Compared::default() }
}

type Add = fn(&mut Judgment, Compared) -> Part;

#[test]
fn parts_by_their_intervals() {
    let positive: Add = |j, c| j.positive("", c, 0.05);
    let negligible: Add = |j, c| j.negligible("", c, 0.05);
    let similar: Add = |j, c| j.similar("", c, 0.05);
    let [yes, no, open] = [Part::BorneOut, Part::Refuted, Part::Open];
    for (add, compared, expected) in [
        (positive, known(0.1, 0.09), yes),
        // Certain, but too small to matter. Close to the smallest effect that matters, the mean
        // decides nothing.
        (positive, known(0.02, 0.01), no),
        (positive, known(0.0496, 0.02), yes),
        (positive, known(0.0504, 0.02), yes),
        (positive, known(0.1, 0.11), open),
        (positive, known(0.0, 0.04), no),
        (positive, known(0.0, 0.06), open),
        (positive, known(-0.3, 0.1), no),
        (positive, known(0.0, 0.0), no),
        (positive, single(0.9), open),
        (positive, Compared::default(), open),
        (negligible, known(0.0, 0.04), yes),
        (negligible, known(-0.3, 0.1), yes),
        (negligible, known(0.0, 0.06), open),
        (negligible, known(0.2, 0.1), no),
        (negligible, single(0.0), open),
        (similar, known(0.0, 0.04), yes),
        (similar, known(-0.02, 0.04), open),
        (similar, known(0.02, 0.04), open),
        (similar, known(-0.2, 0.1), no),
        (similar, known(0.2, 0.1), no),
        (similar, known(0.0, 1.0), open),
        (similar, single(0.0), open),
    ] {
        let mut judgment = Judgment::of("");
        assert_eq!(add(&mut judgment, compared.clone()), expected, "{compared:?}");
        assert_eq!(judgment.parts[0].0, expected);
    }
}

#[test]
fn verdicts_by_their_parts() {
    use Part::{Aside, BorneOut, Open, Refuted};
    let verdict = |parts: &[Part]| {
        let mut judgment = Judgment::of("");
        for &part in parts {
            judgment.push(part, evidence("", Compared::default()));
        }
        judgment.verdict()
    };
    for (parts, expected) in [
        (&[BorneOut][..], Verdict::Holds),
        (&[BorneOut, BorneOut], Verdict::Holds),
        (&[BorneOut, Aside], Verdict::Holds),
        (&[BorneOut, Open], Verdict::InPart),
        (&[BorneOut, Refuted], Verdict::InPart),
        (&[Open, Refuted, BorneOut], Verdict::InPart),
        (&[Refuted], Verdict::DoesNotHold),
        (&[Open, Refuted, Aside], Verdict::DoesNotHold),
        (&[Open], Verdict::Undecided),
        (&[Aside], Verdict::Undecided),
        (&[], Verdict::Undecided),
    ] {
        assert_eq!(verdict(parts), expected, "{parts:?}");
    }
}

fn plan(plan: Plan, seeds: u64) -> Plan {
    Plan { seeds: std::num::NonZeroU64::new(seeds).unwrap(), ..plan }
}

/// The verdict on a claim, counted from 1, if these were the results of four runs.
fn verdict(claim: usize, of: Plan, value: impl Fn(Cell) -> (f64, f64)) -> Verdict {
    claims(&[study(plan(of, 4), value)])[claim - 1].verdict
}

/// A value that differs a lot between runs.
fn spread(cell: Cell) -> f64 {
    [0.1, 0.9, 0.2, 0.8][cell.seed as usize % 4]
}

/// Values of Fair-MAML after the step and of the pre-trained network, fine-tuned at 0.3 and at
/// other rates. No other method counts.
fn synthetic(
    claim: usize,
    fair: fn(Cell) -> (f64, f64),
    shown: (f64, f64),
    others: (f64, f64),
) -> Claim {
    let value = |cell: Cell| match (cell.arm.method, cell.adaptation.rate) {
        (MethodName::Meta, Some(_)) => fair(cell),
        (MethodName::Pretrained, Some(0.3)) => shown,
        (MethodName::Pretrained, Some(_)) => others,
        _ => (0.99, 0.1),
    };
    claims(&[study(plan(defaults::synthetic(), 4), value)])[claim - 1].clone()
}

#[test]
fn claim_1_keeps_accuracy() {
    let verdict = |fair, shown, others| synthetic(1, fair, (shown, 1.0), (others, 1.0)).verdict;
    // Half of the rows are positive, so that a constant decision has 0.5.
    assert_eq!(verdict(|_| (0.8, 1.0), 0.6, 0.6), Verdict::Holds);
    // The baseline may be better at another rate, but not at the paper's rate.
    assert_eq!(verdict(|_| (0.8, 1.0), 0.6, 0.9), Verdict::InPart);
    assert_eq!(verdict(|_| (0.8, 1.0), 0.9, 0.6), Verdict::DoesNotHold);
    // A method no better than a constant keeps no accuracy, however bad the other method is.
    assert_eq!(verdict(|_| (0.5, 1.0), 0.4, 0.4), Verdict::DoesNotHold);
    // The pre-trained network loses accuracy, whatever Fair-MAML does.
    assert_eq!(verdict(|cell| (spread(cell), 1.0), 0.5, 0.5), Verdict::InPart);
}

/// A baseline that fine-tuning does not harm has lost nothing.
#[test]
fn claim_1_says_that_the_baseline_loses() {
    let of = |before: f64| {
        verdict(1, defaults::synthetic(), |cell| match (cell.arm.method, cell.adaptation.rate) {
            (MethodName::Meta, _) => (0.8, 1.0),
            (MethodName::Pretrained, None) => (before, 1.0),
            _ => (0.6, 1.0),
        })
    };
    assert_eq!([of(0.7), of(0.6), of(0.5)], [Verdict::Holds, Verdict::InPart, Verdict::InPart]);
}

/// Both methods have the same γ. The result at one γ says nothing about another γ.
#[test]
fn each_gamma_is_judged_for_itself() {
    let value = |cell: Cell| match (cell.arm.method, cell.arm.gamma) {
        (MethodName::Meta, 0.0) => (0.8, 1.0),
        (MethodName::Meta, 10.0) => (0.5, 1.0),
        (MethodName::Meta, _) => (spread(cell), 1.0),
        (MethodName::Pretrained, 0.0) if cell.adaptation.rate.is_some() => (0.6, 1.0),
        (MethodName::Pretrained, 0.0) => (0.9, 1.0),
        (MethodName::Pretrained, 10.0) => (0.5, 1.0),
        (MethodName::Pretrained, _) if cell.adaptation.rate.is_none() => (spread(cell), 1.0),
        _ => (0.5, 1.0),
    };
    let claim = claims(&[study(plan(defaults::synthetic(), 4), value)]).remove(0);
    assert_eq!(claim.verdict, Verdict::InPart);
    for said in
        ["holds for γ = 0;", "does not hold for γ = 10;", "cannot be decided for γ = 0.1, 1."]
    {
        assert!(claim.because.contains(said), "{said}: {}", claim.because);
    }
    // At each of four γ the paper's rate, the strongest rate, the loss and the constant are parts.
    let parts = claim.evidence.iter().filter(|row| row.outcome.is_some());
    assert_eq!(parts.count(), 4 * 4);
}

#[test]
fn claim_2_is_fairer() {
    let verdict = |fair| synthetic(2, fair, (0.9, 0.5), (0.9, 0.5)).verdict;
    // A ratio of 1.25 is as fair as one of 0.8. Accepting everybody does not count as fair.
    assert_eq!(verdict(|_| (0.7, 1.25)), Verdict::Holds);
    assert_eq!(verdict(|_| (0.5, 1.0)), Verdict::DoesNotHold);
    assert_eq!(verdict(|_| (0.7, 2.0)), Verdict::DoesNotHold);
    assert_eq!(verdict(|_| (0.5, 3.0)), Verdict::DoesNotHold);
}

#[test]
fn claims_3_and_4_have_the_better_front() {
    for claim in [3, 4] {
        let verdict = |pretrained: f64, laftr: f64| {
            verdict(claim, defaults::communities(), |cell| match cell.arm.method {
                MethodName::Meta => (0.7, 0.8),
                MethodName::Pretrained => (pretrained, 0.8),
                MethodName::Laftr => (laftr, 0.8),
                // A control is shown, but decides nothing.
                _ => (1.0, 1.0),
            })
        };
        // Areas (accuracy − 1/2) · 0.8; a difference of 0.025 would matter.
        assert_eq!(verdict(0.6, 0.6), Verdict::Holds);
        assert_eq!(verdict(0.6, 0.9), Verdict::InPart);
        assert_eq!(verdict(0.9, 0.6), Verdict::InPart);
        assert_eq!(verdict(0.7, 0.9), Verdict::DoesNotHold);
    }
    let undecided = verdict(3, defaults::communities(), |cell| match cell.arm.method {
        MethodName::Meta => (0.5 + spread(cell) / 2.0, 0.8),
        _ => (0.7, 0.8),
    });
    assert_eq!(undecided, Verdict::Undecided);
}

/// Each notion has its own front.
#[test]
fn claims_3_and_4_differ() {
    let found = claims(&[study(plan(defaults::communities(), 4), |cell| {
        let opportunity = cell.arm.notion == Some(Notion::EQUAL_OPPORTUNITY);
        match cell.arm.method {
            MethodName::Meta if opportunity => (0.9, 0.9),
            MethodName::Meta => (0.6, 0.5),
            _ => (0.7, 0.8),
        }
    })]);
    assert_eq!(
        [found[2].verdict, found[3].verdict],
        [Verdict::DoesNotHold, Verdict::Holds],
        "{found:?}"
    );
}

/// The strongest of the pre-trained network's rates, with none, is a part.
#[test]
fn the_front_is_better_than_at_every_rate() {
    let verdict = |better_at: Option<f64>| {
        verdict(3, defaults::communities(), |cell| match cell.arm.method {
            MethodName::Meta => (0.7, 0.8),
            MethodName::Pretrained if cell.adaptation.rate == better_at => (0.8, 0.8),
            _ => (0.6, 0.8),
        })
    };
    assert_eq!(verdict(Some(77.0)), Verdict::Holds);
    for rate in [None, Some(1e-4), Some(1e-3), Some(1e-2), Some(1e-1)] {
        assert_eq!(verdict(rate), Verdict::InPart, "{rate:?}");
    }
}

#[test]
fn claim_5_laftr_needs_points() {
    let verdict = |brief: f64, thirty: f64, (fifty, parity): (f64, f64)| {
        verdict(5, defaults::communities(), |cell| {
            let accuracy = match (cell.arm.method, cell.rows) {
                (MethodName::Laftr, 10) => brief,
                (MethodName::Laftr, 30) => thirty,
                (MethodName::Laftr, 50) => fifty,
                _ => 0.7,
            };
            let most = cell.arm.method == MethodName::Laftr && cell.rows == 50;
            (accuracy, if most { parity } else { 1.0 })
        })
    };
    assert_eq!(verdict(0.5, 0.6, (0.7, 1.0)), Verdict::Holds);
    assert_eq!(verdict(0.6, 0.6, (0.7, 1.0)), Verdict::InPart);
    assert_eq!(verdict(0.6, 0.5, (0.7, 1.0)), Verdict::InPart);
    // As accurate, but not as fair; more accurate and less fair, on a front of the same area.
    assert_eq!(verdict(0.5, 0.6, (0.7, 0.5)), Verdict::InPart);
    assert_eq!(verdict(0.5, 0.6, (0.9, 0.5)), Verdict::Holds);
    assert_eq!(verdict(0.6, 0.5, (0.6, 0.5)), Verdict::DoesNotHold);
}

#[test]
fn claim_6_best_rates() {
    let of = |best: fn(Cell) -> f64| {
        let value = |cell: Cell| match cell.adaptation.rate {
            Some(0.3) => (best(cell), 1.0),
            // On Communities.
            Some(0.1) if cell.rows == 10 => (best(cell), 1.0),
            _ => (0.7, 1.0),
        };
        let plans = [defaults::synthetic(), defaults::communities()];
        let studies = plans.map(|of| study(plan(of, 4), value));
        claims(&studies)[5].clone()
    };
    assert_eq!(of(|_| 0.8).verdict, Verdict::Holds);
    assert_eq!(of(|_| 0.6).verdict, Verdict::DoesNotHold);
    // A rate as good as the others leaves the claim undecided.
    assert_eq!(of(|_| 0.7).verdict, Verdict::Undecided);
    assert_eq!(of(spread).verdict, Verdict::Undecided);
    assert_eq!(of(|cell| if cell.rows == 10 { 0.6 } else { 0.8 }).verdict, Verdict::InPart);
    // Three other rates for each of three fronts, and for the accuracy of each problem.
    assert_eq!(of(|_| 0.8).evidence.len(), 9 + 6);
}

#[test]
fn claim_7_ten_are_enough() {
    let verdict = |none: f64, ten: f64, more: fn(Cell) -> f64| {
        verdict(7, defaults::communities(), |cell| match (cell.arm.method, cell.rows) {
            (MethodName::Meta, 0) => (none, 1.0),
            (MethodName::Meta, _) if cell.adaptation == Adaptation::BEFORE => (none, 1.0),
            (MethodName::Meta, 10) => (ten, 1.0),
            (MethodName::Meta, 20..) => (more(cell), 1.0),
            _ => (1.0, 1.0),
        })
    };
    // Areas (accuracy − 1/2) · 1; a difference of 0.025 would matter.
    assert_eq!(verdict(0.6, 0.7, |_| 0.72), Verdict::Holds);
    // Ten rows do no better than zero rows, so it means nothing if more do no better than ten.
    assert_eq!(verdict(0.7, 0.7, |_| 0.72), Verdict::DoesNotHold);
    assert_eq!(verdict(0.6, 0.7, |_| 0.9), Verdict::InPart);
    assert_eq!(verdict(0.7, 0.7, |_| 0.9), Verdict::DoesNotHold);
    assert_eq!(verdict(0.69, 0.68, spread), Verdict::DoesNotHold);
    // Who is no better than a constant decision does not generalize.
    assert_eq!(verdict(0.4, 0.5, |_| 0.5), Verdict::DoesNotHold);
}

/// Accuracies of the probes of Fair-MAML, the pre-trained network, random weights and the features,
/// on each problem.
fn probed(values: [[f64; 4]; 2]) -> Claim {
    use MethodName::{ProbeFeatures, ProbeMeta, ProbePretrained, ProbeRandom};
    let of = |[ours, pretrained, random, features]: [f64; 4]| {
        move |cell: Cell| match cell.arm.method {
            ProbeMeta => (ours, 1.0),
            ProbePretrained => (pretrained, 1.0),
            ProbeRandom => (random, 1.0),
            ProbeFeatures => (features, 1.0),
            // Other methods decide nothing, and neither does another stage.
            _ => (spread(cell), 1.0),
        }
    };
    let [synthetic, communities] = values;
    let studies = [
        study(plan(defaults::synthetic(), 4), of(synthetic)),
        study(plan(defaults::communities(), 4), of(communities)),
    ];
    claims(&studies)[7].clone()
}

#[test]
fn claim_8_a_more_useful_representation() {
    let (best, worst) = ([0.8, 0.7, 0.7, 0.7], [0.7, 0.8, 0.8, 0.8]);
    assert_eq!(probed([best, best]).verdict, Verdict::Holds);
    assert_eq!(probed([best, worst]).verdict, Verdict::InPart);
    assert_eq!(probed([worst, worst]).verdict, Verdict::DoesNotHold);
    // As good as the features is not more useful, but more useful than the pre-trained network's.
    assert_eq!(probed([best, [0.8, 0.7, 0.7, 0.8]]).verdict, Verdict::InPart);
    assert_eq!(probed([[0.8, 0.7, 0.8, 0.8]; 2]).verdict, Verdict::InPart);
    // A lead over what has learned nothing says nothing about the pre-trained network.
    assert_eq!(probed([[0.8, 0.8, 0.7, 0.7]; 2]).verdict, Verdict::DoesNotHold);
    let says = |values| {
        probed(values).because.ends_with("no lead over either of them is shown on any problem.")
    };
    assert!(says([[0.8, 0.7, 0.8, 0.8]; 2]) && !says([best, [0.8, 0.7, 0.8, 0.8]]));
    // Three rivals at γ = 0 and one at the γ of the tables are the parts of each problem.
    let rows = probed([best, best]).evidence;
    assert_eq!(rows.iter().filter(|row| row.outcome.is_some()).count(), 2 * 4);
    // Beside them, the unlearned at the γ of the tables, and probes of ten points.
    assert_eq!(rows.len(), 2 * 4 + 2 * 2 + 3);
    let said: Vec<&str> = rows.iter().map(|row| row.quantity.as_str()).collect();
    for what in [
        "synthetic: accuracy, MAML, probe − pre-trained, probe",
        "synthetic: accuracy, Fair-MAML, probe, γ = 10 − pre-trained, probe, γ = 10",
        "Communities: accuracy, MAML, probe − features, probe",
        "Communities: accuracy, MAML, probe − random weights, probe, each trained on 10 points",
    ] {
        assert!(said.contains(&what), "{what}: {said:?}");
    }
}

/// A lead at one γ alone is a part of the claim.
#[test]
fn each_gamma_is_probed_for_itself() {
    for shown in [false, true] {
        let value = |cell: Cell| match (cell.arm.method, cell.arm.notion.is_some()) {
            (MethodName::ProbeMeta, regularized) if regularized == shown => (0.8, 1.0),
            _ => (0.7, 1.0),
        };
        let study = study(plan(defaults::synthetic(), 4), value);
        let claim = claims(&[study]).remove(7);
        assert_eq!(claim.verdict, Verdict::InPart, "{claim:?}");
    }
}

#[test]
fn without_probes_claim_8_is_not_judged() {
    let plan = Plan { methods: vec![MethodName::Meta], ..plan(defaults::synthetic(), 4) };
    let claim = claims(&[study(plan, |_| (0.7, 1.0))]).remove(7);
    assert_eq!((claim.verdict, &*claim.because), (Verdict::NotRun, "No linear probe was run."));
    let communities =
        Plan { laftr: None, methods: vec![MethodName::Meta], ..defaults::communities() };
    let both = [study(defaults::synthetic(), |_| (0.7, 1.0)), study(communities, |_| (0.7, 1.0))];
    let claim = claims(&both).remove(7);
    assert!(claim.evidence.iter().any(|row| row.quantity == "Communities: not run"));
}

/// The sentence counts the verdicts under other readings, but not the reference, nor readings
/// without both methods.
#[test]
fn claims_are_judged_again_under_other_readings() {
    let good = |cell: Cell| match (cell.arm.method, cell.adaptation.rate) {
        (MethodName::Meta, _) => (0.8, 1.0),
        (_, None) => (0.7, 0.5),
        _ => (0.6, 0.5),
    };
    let bad = |_| (0.5, 1.0);
    let of = |named: bool, methods: &[MethodName], value: &dyn Fn(Cell) -> (f64, f64)| {
        let plan = Plan { methods: methods.to_vec(), ..plan(defaults::synthetic(), 4) };
        let made_up = study(plan, value);
        let reading = named.then(|| experiment::plan::Reading {
            decision: "a decision".into(),
            reading: "another".into(),
            changes: serde_json::json!({}),
        });
        Variant { reading, plan: made_up.plan, records: made_up.records, stopped: Vec::new() }
    };
    let both = [MethodName::Meta, MethodName::Pretrained];
    let variants = vec![
        of(false, &both, &good),
        of(true, &both, &good),
        of(true, &both, &bad),
        of(true, &both, &bad),
        of(true, &[MethodName::Scratch], &good),
    ];
    let study = Study { variants, ..study(plan(defaults::synthetic(), 4), bad) };
    for claim in &claims(&[study])[..2] {
        assert_eq!(claim.verdict, Verdict::DoesNotHold);
        let said = "it holds under 1, does not hold under 2.";
        assert!(claim.because.ends_with(said), "{}", claim.because);
        let verdicts: Vec<Verdict> = claim.readings.iter().map(|other| other.verdict).collect();
        let [holds, refuted] = [Verdict::Holds, Verdict::DoesNotHold];
        assert_eq!(verdicts, [holds, refuted, refuted]);
    }
}

/// The text names the strongest of the pre-trained networks.
#[test]
fn the_strongest_rival_is_named() {
    let value = |cell: Cell| match (cell.arm.method, cell.adaptation.rate) {
        (MethodName::Meta, _) => (0.7, 0.8),
        (MethodName::Pretrained, None) => (0.65, 0.8),
        _ => (0.6, 0.8),
    };
    let because = &claims(&[study(plan(defaults::communities(), 4), value)])[2].because;
    let said = "by the other runs: \"pre-trained, not fine-tuned\" in 4 runs.";
    assert!(because.contains(said), "{because}");
}

/// An area only grows with more settings. In the paper's plans, every comparison is of equally
/// many, also of methods with a plan of their own.
#[test]
fn default_comparisons_are_of_equal_grids() {
    for plan in [defaults::synthetic(), defaults::communities()] {
        for plan in [plan.clone(), defaults::quick(plan)] {
            let companions = plan.companions.iter().filter(|companion| {
                [MethodName::NoInnerStep, MethodName::PretrainedOther].contains(&companion.method)
            });
            for companion in companions {
                let theirs = plan.patched(&companion.changes).unwrap();
                assert_eq!(theirs.sweeps, plan.sweeps, "{:?}", companion.method);
            }
            let found = study(self::plan(plan, 4), |_| (0.7, 0.8));
            let findings = crate::findings::findings(std::slice::from_ref(&found));
            let evidence = claims(&[found]).into_iter().flat_map(|claim| claim.evidence);
            let evidence = evidence.chain(findings.into_iter().flat_map(|found| found.evidence));
            let areas: Vec<_> = evidence.filter(|row| row.quantity.starts_with("area")).collect();
            assert!(areas.len() > 5);
            for row in areas {
                assert!(!row.quantity.contains("not compared"), "{}", row.quantity);
            }
        }
    }
}

/// A user may give methods unequal numbers of settings. Then there is no number, and a reason.
#[test]
fn unequal_grids_have_no_number() {
    let plan = plan(defaults::communities(), 4).with_gammas(&[1.0]);
    let claim = claims(&[study(plan, |_| (0.7, 0.8))]).remove(2);
    let row = claim.evidence.iter().find(|row| row.quantity.contains("LAFTR")).unwrap();
    assert!(row.quantity.ends_with("(not compared: 2 settings against 5)"), "{}", row.quantity);
    assert_eq!(row.value, None);
}

/// One run has no interval and so decides nothing.
#[test]
fn one_run_decides_nothing() {
    let clear = |cell: Cell| match cell.arm.method {
        MethodName::Meta => (0.95, 1.0),
        _ => (0.55, 0.2),
    };
    let plans = [defaults::synthetic(), defaults::communities()];
    let found = claims(&plans.map(|of| study(plan(of, 1), clear)));
    assert_eq!(found.len(), 8);
    for claim in found {
        assert_eq!(claim.verdict, Verdict::Undecided, "{}", claim.claim);
        assert!(!claim.evidence.is_empty(), "{}", claim.claim);
    }
}

#[test]
fn a_problem_that_was_not_run_decides_nothing() {
    for claim in claims(&[]) {
        assert_eq!((claim.verdict, claim.because.as_str()), (Verdict::NotRun, NOT_RUN));
    }
    let best = |cell: Cell| match cell.adaptation.rate {
        Some(0.3) => (0.9, 1.0),
        _ => (0.6, 0.2),
    };
    let found = claims(&[study(plan(defaults::synthetic(), 4), best)]);
    for number in [3, 4, 5, 7] {
        let claim = &found[number - 1];
        assert_eq!((claim.verdict, claim.because.as_str()), (Verdict::NotRun, NOT_RUN));
    }
    // A claim about both holds in part at most.
    assert_eq!(found[5].verdict, Verdict::InPart);
    assert!(found[5].evidence.iter().any(|row| row.quantity == "Communities: not run"));
    let plan =
        Plan { laftr: None, methods: vec![MethodName::Meta], ..plan(defaults::communities(), 4) };
    let found = claims(&[study(plan, |_| (0.7, 1.0))]);
    assert_eq!(found[0].because, NOT_RUN);
    assert_eq!(
        (found[4].verdict, found[4].because.as_str()),
        (Verdict::NotRun, "LAFTR was not run.")
    );
    // Without another method, the front is neither better nor worse.
    assert_eq!(found[2].verdict, Verdict::Undecided);
}
