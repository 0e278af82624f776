//! What buys nothing, and where settings taken literally collapse to one class.

use crate::ablation::Variant;
use crate::arm::{Algorithm, Arm};
use crate::claims::{Results, WORTH, evidence, is_nothing, named};
use crate::compare::{Compared, Quantity, Side, accuracy, one_class, parity};
use crate::experiment::Study;
use crate::outcome::Adaptation;
use crate::report::{Evidence, Finding};

/// The findings of all problems that were run.
pub fn findings(studies: &[Study]) -> Vec<Finding> {
    let all = |finding: fn(&Study) -> Vec<(String, Compared)>| -> Vec<(String, Compared)> {
        studies.iter().flat_map(finding).collect()
    };
    vec![
        finding(
            "What adaptation buys",
            "The difference that the step on the K rows makes, to the same weights before it. A gain in \
             parity is none where the step decides everybody alike: see the last finding.",
            all(adaptation),
        ),
        finding(
            "What meta-learning buys",
            "MAML against a fresh network that is trained on the same K rows alone, and against the \
             pre-trained network without any fine-tuning.",
            all(learning),
        ),
        finding(
            "What the exact second order buys",
            "Exact meta-gradients against first-order ones, in the ablation.",
            all(second_order),
        ),
        finding(
            "What γ buys",
            "The regularized method against the same method at γ = 0: in fairness, and its price in \
             accuracy.",
            all(gamma),
        ),
        collapse(studies),
    ]
}

/// A finding about differences, with a word on those that are certain.
fn finding(heading: &str, text: &str, differences: Vec<(String, Compared)>) -> Finding {
    let those = |wanted: &dyn Fn(Compared) -> bool| -> Vec<&str> {
        let wanted = differences.iter().filter(|(_, difference)| wanted(*difference));
        wanted.map(|(name, _)| name.as_str()).collect()
    };
    let say = |what: &str, names: Vec<&str>| match names.len() {
        0 => String::new(),
        all if all == differences.len() => format!(" {what}: everything below."),
        _ => format!(" {what}: {}.", names.join("; ")),
    };
    let nothing = |difference| is_nothing(difference, WORTH);
    let gain = |difference: Compared| !nothing(difference) && difference.above(0.0) == Some(true);
    let cost = |difference: Compared| !nothing(difference) && difference.below(0.0) == Some(true);
    let mut summary = say("It gains", those(&gain));
    summary += &say("It costs", those(&cost));
    summary += &say(
        &format!("No difference worth having (the whole interval within ±{WORTH})"),
        those(&nothing),
    );
    let text = match (differences.is_empty(), summary.is_empty()) {
        (true, _) => format!("{text} Nothing was run that could tell."),
        (_, true) => format!("{text} Nothing is certain."),
        _ => format!("{text}{summary}"),
    };
    let evidence = differences.into_iter().map(|(name, value)| evidence(name, value)).collect();
    Finding { heading: heading.into(), text, evidence }
}

/// Differences of accuracy and of parity.
fn both(what: &str, a: &Side<'_>, b: &Side<'_>) -> Vec<(String, Compared)> {
    let quantities: [(&str, Quantity); 2] = [("accuracy", accuracy), ("parity", parity)];
    let differ = |(name, quantity)| (format!("{what}: {name}"), a.minus(b, quantity));
    quantities.map(differ).into()
}

/// "synthetic, …"
fn of(study: &Study, what: &str) -> String {
    format!("{}, {what}", study.plan.problem.name())
}

fn adaptation(study: &Study) -> Vec<(String, Compared)> {
    let results = Results::from(study);
    let mut arms = vec![Arm::plain(Algorithm::Meta), study.plan.shown(Algorithm::Meta)];
    arms.push(Arm::plain(Algorithm::Pretrained));
    arms.dedup();
    let differ = |arm: Arm| {
        let before = results.adapted(arm, Adaptation::BEFORE);
        both(&of(study, arm.method()), &results.shown(arm), &before)
    };
    arms.into_iter().flat_map(differ).collect()
}

fn learning(study: &Study) -> Vec<(String, Compared)> {
    let results = Results::from(study);
    let maml = results.shown(Arm::plain(Algorithm::Meta));
    let scratch = results.shown(Arm::plain(Algorithm::Scratch));
    let pretrained = results.adapted(Arm::plain(Algorithm::Pretrained), Adaptation::BEFORE);
    let differ = |what, other: &Side<'_>| both(&of(study, what), &maml, other);
    [
        differ("MAML − from scratch", &scratch),
        differ("MAML − pre-trained, not fine-tuned", &pretrained),
    ]
    .concat()
}

fn second_order(study: &Study) -> Vec<(String, Compared)> {
    let first_order = |variant: &&Variant| variant.names().0 == "Second derivatives";
    let (Some(reference), Some(first)) =
        (study.variants.first(), study.variants.iter().find(first_order))
    else {
        return Vec::new();
    };
    let arms = [Arm::plain(Algorithm::Meta), reference.plan.shown(Algorithm::Meta)];
    let differ = |arm: Arm| {
        let what = of(study, &format!("{}, exact − first order", arm.method()));
        both(&what, &reference.shown(arm), &first.shown(arm))
    };
    arms.into_iter().flat_map(differ).collect()
}

fn gamma(study: &Study) -> Vec<(String, Compared)> {
    let results = Results::from(study);
    let differ = |algorithm| {
        let arm = study.plan.shown(algorithm);
        let what = of(study, &format!("{}, γ = {} − 0", arm.method(), arm.gamma));
        both(&what, &results.shown(arm), &results.shown(Arm::plain(algorithm)))
    };
    let algorithms = [Algorithm::Meta, Algorithm::Pretrained, Algorithm::Laftr, Algorithm::Scratch];
    let run = |algorithm: &Algorithm| {
        study.plan.methods.contains(algorithm) && study.plan.shown(*algorithm).notion.is_some()
    };
    algorithms.into_iter().filter(run).flat_map(differ).collect()
}

fn collapse(studies: &[Study]) -> Finding {
    let evidence: Vec<Evidence> = studies.iter().flat_map(collapsed).collect();
    let most = evidence.iter().filter(|e| e.value.is_some_and(|mean| mean.mean > 0.5)).count();
    Finding {
        heading: "Where settings collapse to one class".into(),
        text: format!(
            "The share of tasks in which everybody is decided alike. There a fairness ratio of 1 says \
             nothing. More than half of the tasks are such in {most} of the {} cases below.",
            evidence.len()
        ),
        evidence,
    }
}

fn collapsed(study: &Study) -> Vec<Evidence> {
    let results = Results::from(study);
    let share = |what: String, side: Side<'_>| {
        let share = side.mean(one_class);
        Evidence { signed: false, ..evidence(what, share) }
    };
    let algorithms = [Algorithm::Meta, Algorithm::Pretrained];
    let mut arms =
        algorithms.map(|algorithm| [Arm::plain(algorithm), study.plan.shown(algorithm)]).concat();
    arms.dedup();
    arms.into_iter()
        .flat_map(|arm| {
            let before = results.adapted(arm, Adaptation::BEFORE);
            let what = of(study, &named(arm));
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
    use crate::plan::Plan;
    use crate::planted::{Cell, study};
    use crate::statistics::Mean;

    fn known(mean: f64, half_width: Option<f64>) -> Compared {
        Compared { mean: Some(Mean { mean, half_width, values: 3 }), undefined: 0, tasks: 3 }
    }

    #[test]
    fn nothing_is_an_interval_close_to_zero() {
        for (mean, half, expected) in [
            (0.0, Some(0.04), true),
            (-0.02, Some(0.01), true),
            (0.0, Some(0.06), false),
            // Worse is not nothing, nor is what one run says.
            (-0.3, Some(0.1), false),
            (0.3, Some(0.1), false),
            (0.0, None, false),
        ] {
            assert_eq!(is_nothing(known(mean, half), WORTH), expected, "{mean} ± {half:?}");
        }
        assert!(!is_nothing(Compared::NOTHING, WORTH));
    }

    #[test]
    fn a_finding_says_what_is_certain() {
        let (nothing, gain) = (known(0.0, Some(0.01)), known(0.3, Some(0.1)));
        let (cost, open) = (known(-0.3, Some(0.1)), known(0.1, Some(0.2)));
        let text = |differences: &[(&str, Compared)]| {
            let named = differences.iter().map(|&(name, d)| (name.to_owned(), d)).collect();
            finding("", "", named).text
        };
        assert!(text(&[]).contains("Nothing was run"));
        assert!(text(&[("a", open)]).contains("Nothing is certain"));
        let all = text(&[("a", nothing), ("b", nothing)]);
        assert!(all.contains("within ±0.05): everything below."), "{all}");
        let some = text(&[("aa", nothing), ("bb", gain), ("cc", cost), ("dd", open)]);
        assert!(some.contains("gains: bb.") && some.contains("costs: cc."), "{some}");
        assert!(some.contains("±0.05): aa.") && !some.contains("dd"), "{some}");
    }

    /// What adaptation and γ are worth, from results where both are known.
    #[test]
    fn differences_have_their_signs() {
        let value = |cell: Cell| {
            let regularized = cell.arm.notion.is_some();
            let accuracy = 0.6 + if cell.adaptation.rate.is_some() { 0.2 } else { 0.0 };
            (accuracy - if regularized { 0.1 } else { 0.0 }, if regularized { 0.9 } else { 0.5 })
        };
        let found = findings(&[study(Plan::synthetic(), value), study(Plan::communities(), value)]);
        let check = |heading: &str, ending: &str, expected: f64| {
            let finding = found.iter().find(|finding| finding.heading == heading).unwrap();
            let rows: Vec<_> =
                finding.evidence.iter().filter(|row| row.quantity.ends_with(ending)).collect();
            assert!(rows.len() > 3, "{heading}, {ending}: {}", rows.len());
            for row in rows {
                let mean = row.value.unwrap().mean;
                assert!((mean - expected).abs() < 1e-12, "{}: {mean}", row.quantity);
            }
        };
        check("What adaptation buys", "accuracy", 0.2);
        check("What adaptation buys", "parity", 0.0);
        check("What γ buys", "accuracy", -0.1);
        check("What γ buys", "parity", 0.4);
        // Made-up results accept half of the rows.
        check("Where settings collapse to one class", "after", 0.0);
    }
}
