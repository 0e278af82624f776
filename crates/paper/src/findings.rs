//! Findings beside the claims: the gain from each part of a method, settings that collapse to one
//! class, and the sources of Fair-MAML's advantage.

mod head;
mod lead;
mod luck;

use crate::claims::{Results, WORTH, evidence, is_nothing, named};
use crate::readings::SECOND_DERIVATIVES;
use experiment::plan::arm::{Arm, MethodName};
use experiment::results::compare::{
    Compared, Quantity, SettingRecords, accuracy, one_class, parity,
};
use experiment::results::outcome::Adaptation;
use experiment::results::study::Study;
use experiment::results::study::Variant;
use report::number::counted;
use report::page::{Evidence, Finding, Tested, Unit};

/// A paired difference, and its name in the report.
struct Difference {
    what: String,
    value: Compared,
    /// Whether this is a difference in fairness and the fairer method gives all rows the same
    /// decision in most tasks. Fairness means nothing there.
    is_hollow: bool,
}

/// The findings on all problems of the run.
pub fn findings(studies: &[Study]) -> Vec<Finding> {
    let all = |finding: fn(&Study) -> Vec<Difference>| -> Vec<Difference> {
        studies.iter().flat_map(finding).collect()
    };
    vec![
        finding(
            "Gain from adaptation",
            "We compare each method's weights after the step on the K rows with the same weights \
             before it.",
            all(adaptation),
        ),
        finding(
            "Gain from meta-learning",
            "We compare MAML with a fresh network trained on the same K rows alone. We also \
             compare MAML with the pre-trained network, both before any step.",
            all(learning),
        ),
        finding(
            "Gain from exact second derivatives",
            "We compare exact meta-gradients with first-order ones, in the table of other \
             readings.",
            all(second_order),
        ),
        finding(
            "Gain and cost of γ",
            "We compare each method with a regularizer with the same method at γ = 0, in fairness \
             and in accuracy.",
            all(gamma),
        ),
        collapse(studies),
    ]
    .into_iter()
    .chain(studies.iter().filter_map(luck::finding))
    .chain(studies.iter().filter_map(head::finding))
    .chain(studies.iter().flat_map(lead::findings))
    .collect()
}

/// A finding about differences. Its text counts the decided ones: those that are certainly large
/// enough to matter, and those that are certainly too small.
fn finding(heading: &str, text: &str, differences: Vec<Difference>) -> Finding {
    let those = |wanted: &dyn Fn(&Difference) -> bool| -> Vec<&str> {
        let wanted = differences.iter().filter(|difference| wanted(difference));
        wanted.map(|difference| difference.what.as_str()).collect()
    };
    let nothing = |difference: &Difference| is_nothing(difference.value.clone(), WORTH);
    let mean = |difference: &Difference| difference.value.mean.map_or(0.0, |mean| mean.mean);
    let rise = |difference: &Difference| {
        mean(difference) >= WORTH && difference.value.above(0.0) == Some(true)
    };
    let cost = |difference: &Difference| {
        mean(difference) <= -WORTH && difference.value.below(0.0) == Some(true)
    };
    let kinds = [
        ("a gain", those(&|difference| rise(difference) && !difference.is_hollow)),
        ("a loss", those(&|difference| cost(difference) && !difference.is_hollow)),
        (
            "more fairness, but the method gives all rows the same decision in more than half of \
             the tasks",
            those(&|difference| rise(difference) && difference.is_hollow),
        ),
        (
            "less fairness, but the fairer method gives all rows the same decision in more than \
             half of the tasks",
            those(&|difference| cost(difference) && difference.is_hollow),
        ),
        ("a difference too small to matter", those(&nothing)),
    ];
    let certain: usize = kinds.iter().map(|(_, names)| names.len()).sum();
    let count = differences.len();
    let said: Vec<String> = kinds
        .iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(kind, names)| format!("{} {kind} ({})", show(names.len()), names.join("; ")))
        .collect();
    let text = match (count, certain) {
        (0, _) => format!("{text} This run has no results for this question."),
        (_, 0) => {
            format!("{text} The intervals decide none of {}.", counted(count, "difference"))
        }
        _ => format!(
            "{text} The intervals decide {certain} of {}: {}.",
            counted(count, "difference"),
            said.join(", ")
        ),
    };
    let told = |Difference { what, value, .. }| evidence(what, value).tested(Tested::More, WORTH);
    Finding { heading: heading.into(), text, evidence: differences.into_iter().map(told).collect() }
}

/// "2 show", "1 shows"
fn show(count: usize) -> String {
    if count == 1 { "1 shows".into() } else { format!("{count} show") }
}

/// The differences in accuracy and in parity.
fn both(what: &str, a: &SettingRecords<'_>, b: &SettingRecords<'_>) -> Vec<Difference> {
    let quantities: [(&str, Quantity); 2] = [("accuracy", accuracy), ("parity", parity)];
    let alike =
        |side: &SettingRecords<'_>| side.mean(one_class).mean.is_some_and(|share| share.mean > 0.5);
    let differ = |(name, quantity): (&str, Quantity)| {
        let value = a.minus(b, quantity);
        let fairer = if value.mean.is_some_and(|mean| mean.mean > 0.0) { a } else { b };
        let is_hollow = name == "parity" && alike(fairer);
        Difference { what: format!("{name}, {what}"), value, is_hollow }
    };
    quantities.map(differ).into()
}

/// "synthetic, …"
fn of(study: &Study, what: &str) -> String {
    format!("{}, {what}", study.plan.problem.name())
}

fn adaptation(study: &Study) -> Vec<Difference> {
    let results = Results::from(study);
    let mut arms = vec![Arm::plain(MethodName::Meta), study.plan.shown(MethodName::Meta)];
    arms.push(Arm::plain(MethodName::Pretrained));
    arms.dedup();
    let differ = |arm: Arm| {
        let before = results.adapted(arm, Adaptation::BEFORE);
        both(&of(study, &study.plan.label(arm)), &results.shown(arm), &before)
    };
    arms.into_iter().flat_map(differ).collect()
}

fn learning(study: &Study) -> Vec<Difference> {
    let results = Results::from(study);
    let us = study.plan.algorithm.title(false);
    let maml = results.shown(Arm::plain(MethodName::Meta));
    let scratch = results.shown(Arm::plain(MethodName::Scratch));
    let before = |method| results.adapted(Arm::plain(method), Adaptation::BEFORE);
    let mut differences = both(&of(study, &format!("{us} − from scratch")), &maml, &scratch);
    differences.extend(both(
        &of(study, &format!("{us} − pre-trained, both before the step")),
        &before(MethodName::Meta),
        &before(MethodName::Pretrained),
    ));
    differences
}

fn second_order(study: &Study) -> Vec<Difference> {
    let first_order = |variant: &&Variant| variant.names().0 == SECOND_DERIVATIVES;
    // The γ of the reading: it may have fewer than the reference.
    let (Some(reference), Some(first)) =
        (study.variants.first(), study.variants.iter().find(first_order))
    else {
        return Vec::new();
    };
    let arms = [Arm::plain(MethodName::Meta), first.plan.shown(MethodName::Meta)];
    let differ = |arm: Arm| {
        let what = of(study, &format!("{}, exact − first order", study.plan.label(arm)));
        both(&what, &reference.shown(arm), &first.shown(arm))
    };
    arms.into_iter().flat_map(differ).collect()
}

fn gamma(study: &Study) -> Vec<Difference> {
    let results = Results::from(study);
    let differ = |method| {
        let arm = study.plan.shown(method);
        let what = of(study, &format!("{}, γ = {} − 0", study.plan.label(arm), arm.gamma));
        both(&what, &results.shown(arm), &results.shown(Arm::plain(method)))
    };
    let methods =
        [MethodName::Meta, MethodName::Pretrained, MethodName::Laftr, MethodName::Scratch];
    let run = |method: &MethodName| {
        study.plan.methods.contains(method) && study.plan.shown(*method).notion.is_some()
    };
    methods.into_iter().filter(run).flat_map(differ).collect()
}

fn collapse(studies: &[Study]) -> Finding {
    let evidence: Vec<Evidence> = studies.iter().flat_map(collapsed).collect();
    let most = evidence.iter().filter(|e| e.value.is_some_and(|mean| mean.mean > 0.5)).count();
    Finding {
        heading: "Settings that collapse to one class".into(),
        text: format!(
            "Each row below is the share of tasks in which a method gives all rows the same \
             decision. In such a task a fairness ratio of 1 means nothing. The share is above one \
             half in {most} of {} cases.",
            evidence.len()
        ),
        evidence,
    }
}

fn collapsed(study: &Study) -> Vec<Evidence> {
    let results = Results::from(study);
    let share = |what: String, side: SettingRecords<'_>| {
        let share = side.mean(one_class);
        Evidence::level(what, share.mean)
            .unit(Unit::Share)
            .undefined(share.undefined, share.tasks)
            .seeds(share.seeds)
    };
    let notion = study.plan.sweeps[0].notion;
    let arms = study.plan.arms().into_iter().filter(|arm| {
        matches!(arm.method, MethodName::Meta | MethodName::Pretrained)
            && arm.notion.is_none_or(|other| other == notion)
    });
    arms.flat_map(|arm| {
        let before = results.adapted(arm, Adaptation::BEFORE);
        let what = of(study, &named(&study.plan, arm));
        [
            share(format!("{what}, before"), before),
            share(format!("{what}, after"), results.shown(arm)),
        ]
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::defaults;
    use experiment::planted::{Cell, study};
    use report::mean::Mean;

    fn known(mean: f64, half_width: Option<f64>) -> Compared {
        let interval = half_width.map(|half| (mean - half, mean + half));
        let mean = Some(Mean { mean, interval, values: 3 });
        Compared { mean, tasks: 3, ..Compared::default() }
    }

    #[test]
    fn nothing_is_an_interval_close_to_zero() {
        for (mean, half, expected) in [
            (0.0, Some(0.04), true),
            (-0.02, Some(0.01), true),
            (0.0, Some(0.06), false),
            // A loss is not "nothing". One run has no interval.
            (-0.3, Some(0.1), false),
            (0.3, Some(0.1), false),
            (0.0, None, false),
        ] {
            assert_eq!(is_nothing(known(mean, half), WORTH), expected, "{mean} ± {half:?}");
        }
        assert!(!is_nothing(Compared::default(), WORTH));
    }

    #[test]
    fn a_finding_says_what_is_certain() {
        let (nothing, gain) = (known(0.0, Some(0.01)), known(0.3, Some(0.1)));
        let (cost, open) = (known(-0.3, Some(0.1)), known(0.1, Some(0.2)));
        let text = |differences: &[(&str, Compared)]| {
            let difference = |(name, value): &(&str, Compared)| Difference {
                what: (*name).to_owned(),
                value: value.clone(),
                is_hollow: name.starts_with("hollow"),
            };
            finding("", "Said first.", differences.iter().map(difference).collect()).text
        };
        assert_eq!(text(&[]), "Said first. This run has no results for this question.");
        assert_eq!(
            text(&[("a", open.clone())]),
            "Said first. The intervals decide none of 1 difference."
        );
        // Certain, but too small to matter.
        let small = known(0.04, Some(0.02));
        assert!(text(&[("a", small)]).contains("none of 1 difference"));
        let some = [
            ("aa", nothing),
            ("bb", gain.clone()),
            ("cc", cost.clone()),
            ("dd", open),
            ("hollow", gain),
            ("hollow too", cost.clone()),
            ("ee", cost),
        ];
        let said = text(&some);
        let counts = ["decide 6 of 7", "1 shows a gain (bb)", "2 show a loss (cc; ee)"];
        let others = ["tasks (hollow)", "tasks (hollow too)", "to matter (aa)"];
        for part in counts.into_iter().chain(others) {
            assert!(said.contains(part), "{part}: {said}");
        }
    }

    /// The gains from adaptation and γ, for planted results in which both are known.
    #[test]
    fn differences_have_their_signs() {
        let value = |cell: Cell| {
            let regularized = cell.arm.notion.is_some();
            let accuracy = 0.6 + if cell.adaptation.rate.is_some() { 0.2 } else { 0.0 };
            (accuracy - if regularized { 0.1 } else { 0.0 }, if regularized { 0.9 } else { 0.5 })
        };
        let found =
            findings(&[study(defaults::synthetic(), value), study(defaults::communities(), value)]);
        let named = |name: &str, part: &str| name.starts_with(part) || name.ends_with(part);
        let check = |heading: &str, ending: &str, expected: f64| {
            let finding = found.iter().find(|finding| finding.heading == heading).unwrap();
            let rows: Vec<_> =
                finding.evidence.iter().filter(|row| named(&row.quantity, ending)).collect();
            assert!(rows.len() > 3, "{heading}, {ending}: {}", rows.len());
            for row in rows {
                let mean = row.value.unwrap().mean;
                assert!((mean - expected).abs() < 1e-12, "{}: {mean}", row.quantity);
            }
        };
        check("Gain from adaptation", "accuracy", 0.2);
        check("Gain from adaptation", "parity", 0.0);
        check("Gain and cost of γ", "accuracy", -0.1);
        check("Gain and cost of γ", "parity", 0.4);
        // Made-up results accept half of the rows.
        check("Settings that collapse to one class", "after", 0.0);
    }

    /// Parity from giving all rows the same decision is no gain, and losing it is no loss.
    #[test]
    fn one_class_is_no_fairness() {
        let text = |all_alike: fn(bool) -> bool, parity: fn(bool) -> f64| {
            let value = |cell: Cell| (0.7, parity(cell.adaptation.rate.is_some()));
            let mut study = study(defaults::synthetic(), value);
            for record in &mut study.records {
                if all_alike(record.rate.is_some()) {
                    record.positive_rate = Some(1.0);
                }
            }
            findings(&[study])[0].text.clone()
        };
        let better = |after| if after { 0.9 } else { 0.5 };
        let worse = |after| if after { 0.5 } else { 0.9 };
        let [gained, lost] = ["3 show a gain", "3 show a loss"];
        let [fairer, less_fair] = ["more fairness, but", "less fairness, but"];
        for (said, expected) in [
            (text(|_| false, better), gained),
            (text(|after| !after, better), gained),
            (text(|after| after, better), fairer),
            (text(|_| false, worse), lost),
            (text(|after| after, worse), lost),
            (text(|after| !after, worse), less_fair),
        ] {
            for kind in [gained, lost, fairer, less_fair] {
                assert_eq!(said.contains(kind), kind == expected, "{kind}: {said}");
            }
        }
    }

    /// Exact minus first order, for each arm.
    #[test]
    fn second_derivatives_are_found_in_the_ablation() {
        let made_up = |accuracy: f64, reading: Option<&str>| {
            let study = study(defaults::communities(), |_| (accuracy, 1.0));
            let reading = reading.map(|decision| experiment::plan::Reading {
                decision: decision.into(),
                reading: "another".into(),
                changes: serde_json::json!({}),
            });
            let (plan, records) = (study.plan, study.records);
            Variant { reading, plan, records, stopped: Vec::new() }
        };
        let with = |readings: &[&str]| {
            let mut variants = vec![made_up(0.8, None)];
            variants
                .extend(readings.iter().zip([0.3, 0.6]).map(|(name, x)| made_up(x, Some(name))));
            let study = Study { variants, ..study(defaults::communities(), |_| (0.5, 1.0)) };
            findings(&[study])[2].clone()
        };
        let found = with(&["Labels", SECOND_DERIVATIVES]);
        assert_eq!(found.evidence.len(), 4);
        for row in found.evidence.iter().filter(|row| row.quantity.starts_with("accuracy")) {
            assert!((row.value.unwrap().mean - 0.2).abs() < 1e-12, "{}", row.quantity);
        }
        assert!(with(&["Labels"]).text.ends_with("no results for this question."));
        // The decision has its row in both ablations.
        for plan in [defaults::synthetic(), defaults::communities()] {
            let readings = plan.ablation.unwrap().readings;
            assert!(readings.iter().any(|reading| reading.decision == SECOND_DERIVATIVES));
        }
    }
}
