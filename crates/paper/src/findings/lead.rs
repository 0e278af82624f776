//! The sources of Fair-MAML's advantage over the fine-tuned pre-trained network.

use fairness::Notion;
use report::number::decimal;
use report::page::{Finding, Tested};

use crate::cell;
use crate::claims::{Results, WORTHY_AREA, area, evidence};
use experiment::plan::arm::MethodName;
use experiment::results::compare::{Compared, fairness};
use experiment::results::front::Front;
use experiment::results::outcome::Adaptation;
use experiment::results::study::Study;

/// How much of Fair-MAML's advantage over the fine-tuned pre-trained network each control also has.
/// Each control lacks a part of Fair-MAML.
pub fn findings(study: &Study) -> Vec<Finding> {
    let notions = study.plan.sweeps.iter().map(|sweep| sweep.notion);
    notions.filter_map(|notion| lead_under(study, notion)).collect()
}

fn lead_under(study: &Study, notion: Notion) -> Option<Finding> {
    let results = Results::from(study);
    let fairness = fairness(notion);
    let rival = results.front(MethodName::Pretrained, notion);
    let ours = results.front(MethodName::Meta, notion);
    if rival.is_empty() || ours.is_empty() {
        return None;
    }
    let name = cell::notion(notion);
    let beyond = |who: &str, front: &Front<'_>| {
        let what = format!("area of {name}, {who} − pre-trained, fine-tuned");
        area(what, front, &rival, fairness)
    };
    let row =
        |(what, value): (String, Compared)| evidence(what, value).tested(Tested::More, WORTHY_AREA);
    let us = study.plan.algorithm.title(true);
    let whole = beyond(us, &ours);
    let mean = whole.1.mean?.mean;
    let mut rows = vec![row(whole)];
    let mut sentences = vec![match mean < 0.0 {
        true => format!(
            "{us}'s area under the front is smaller by {} than that of the pre-trained \
             network, fine-tuned at {}. So {us} has no advantage to explain.",
            decimal(-mean, false),
            study.plan.fine_tuning_shown
        ),
        false => format!(
            "{us}'s area under the front is larger by {} than that of the pre-trained \
             network, fine-tuned at {}. This difference is {us}'s advantage. Each control \
             below lacks a part of {us}. If a control has the same advantage, the advantage \
             does not need that part.",
            decimal(mean, false),
            study.plan.fine_tuning_shown
        ),
    }];
    for (who, says, front) in controls(results, notion) {
        if front.is_empty() {
            continue;
        }
        let (what, value) = beyond(who, &front);
        if let Some(found) = value.mean {
            sentences.push(reached(says, found.mean, mean));
        }
        rows.push(row((what, value)));
    }
    Some(Finding {
        heading: format!("Sources of {us}'s advantage: {}, {name}", study.plan.problem.name()),
        text: sentences.join(" "),
        evidence: rows,
    })
}

/// One sentence: how much of the advantage a control has.
fn reached(says: &str, found: f64, lead: f64) -> String {
    let found_in_words = decimal(found.abs(), false);
    if found < 0.0 {
        return format!(
            "{says} has an area smaller by {found_in_words} than the fine-tuned network, so it \
             explains nothing."
        );
    }
    if lead <= 0.0 {
        return format!(
            "{says} has an area larger by {found_in_words} than the fine-tuned \
                        network."
        );
    }
    match found >= lead {
        true => format!(
            "{says} has an advantage of {found_in_words}, the whole of Fair-MAML's or \
                         more."
        ),
        false => {
            let share = 100.0 * found / lead;
            format!("{says} has an advantage of {found_in_words}, {share:.0}% of Fair-MAML's.")
        }
    }
}

/// The controls: name in the table, subject of the sentence, settings.
fn controls<'a>(
    results: Results<'a>,
    notion: Notion,
) -> Vec<(&'static str, &'static str, Front<'a>)> {
    use MethodName::*;
    let shown = |method| results.front(method, notion);
    let before = |method| results.adapted_front(method, notion, Adaptation::BEFORE);
    vec![
        (
            "pre-trained, not fine-tuned",
            "The pre-trained network without fine-tuning",
            before(Pretrained),
        ),
        (
            "pre-trained at Fair-MAML's rate, fine-tuned",
            "The pre-trained network trained at Fair-MAML's rate",
            shown(PretrainedOther),
        ),
        (
            "pre-trained at Fair-MAML's rate, not fine-tuned",
            "The same network without fine-tuning",
            before(PretrainedOther),
        ),
        ("Fair-MAML before the step", "Fair-MAML before the step", before(Meta)),
        (
            "no inner step, after the step",
            "A network trained on the same meta-batches without an inner step (α = 0), and then \
             adapted by the same step,",
            shown(NoInnerStep),
        ),
        (
            "no inner step, before the step",
            "The same network before that step",
            before(NoInnerStep),
        ),
        (
            "MAML, one threshold",
            "MAML without a regularizer and with one threshold for all rows",
            shown(SharedThreshold),
        ),
        (
            "MAML, thresholds by group",
            "MAML without a regularizer and with a threshold for each group",
            shown(GroupThresholds),
        ),
        ("coin", "A coin that accepts a share of all rows", shown(Coin)),
        ("from scratch", "A fresh network trained on the K rows alone", shown(Scratch)),
    ]
}
