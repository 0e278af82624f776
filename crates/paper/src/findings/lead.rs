//! What Fair-MAML's lead over the fine-tuned pre-trained network is made of.

use fairness::Notion;
use report::number::decimal;
use report::page::{Finding, Tested};

use crate::claims::{Results, WORTHY_AREA, evidence};
use crate::tables;
use experiment::plan::arm::MethodName;
use experiment::results::compare::{Compared, Settings, fairness};
use experiment::results::outcome::Adaptation;
use experiment::results::study::Study;

/// What Fair-MAML's lead over the fine-tuned pre-trained network is made of: how far each control
/// comes without what makes Fair-MAML.
pub fn findings(study: &Study) -> Vec<Finding> {
    let notions = study.plan.sweeps.iter().map(|sweep| sweep.notion);
    notions.filter_map(|notion| lead_under(study, notion)).collect()
}

fn lead_under(study: &Study, notion: Notion) -> Option<Finding> {
    let results = Results::from(study);
    let fairness = fairness(notion);
    let rival = results.settings(MethodName::Pretrained, notion);
    let ours = results.settings(MethodName::Meta, notion);
    if rival.is_empty() || ours.is_empty() {
        return None;
    }
    let whole = ours.area_minus(&rival, fairness);
    let mean = whole.mean?.mean;
    let name = tables::notion(notion);
    let row = |who: &str, value: Compared| {
        let what = format!("area of {name}, {who} − pre-trained, fine-tuned");
        evidence(what, value).tested(Tested::More, WORTHY_AREA)
    };
    let mut rows = vec![row("Fair-MAML", whole)];
    let mut sentences = vec![match mean < 0.0 {
        true => format!(
            "Fair-MAML's area under the front is smaller by {} than that of the pre-trained \
             network, fine-tuned at {}, so Fair-MAML has no lead to explain.",
            decimal(-mean, false),
            study.plan.fine_tuning_shown
        ),
        false => format!(
            "Fair-MAML's area under the front is larger by {} than that of the pre-trained \
             network, fine-tuned at {}. Each control below lacks a part of Fair-MAML. If a \
             control reaches the same lead, the lead does not need that part.",
            decimal(mean, false),
            study.plan.fine_tuning_shown
        ),
    }];
    for (who, says, settings) in controls(results, notion) {
        if settings.is_empty() {
            continue;
        }
        let value = settings.area_minus(&rival, fairness);
        if let Some(found) = value.mean {
            sentences.push(reached(says, found.mean, mean));
        }
        rows.push(row(who, value));
    }
    // These know the labels of the new task: what they reach explains nothing.
    for (who, method) in REFERENCES {
        let settings = results.settings(method, notion);
        if !settings.is_empty() {
            rows.push(row(who, settings.area_minus(&rival, fairness)));
        }
    }
    Some(Finding {
        heading: format!("Sources of the lead: {}, {name}", study.plan.problem.name()),
        text: sentences.join(" "),
        evidence: rows,
    })
}

/// What could be reached with the new task's own labels, or by knowing how they are made.
const REFERENCES: [(&str, MethodName); 4] = [
    ("the labels", MethodName::Labels),
    ("Bayes decision", MethodName::Bayes),
    ("own labels, network", MethodName::OwnNetwork),
    ("own labels, logistic regression", MethodName::OwnLogistic),
];

/// How much of the lead a control reaches, in one sentence.
fn reached(says: &str, found: f64, lead: f64) -> String {
    let found_in_words = decimal(found.abs(), false);
    if found < 0.0 {
        return format!(
            "{says} is {found_in_words} behind the pre-trained network, so it explains nothing."
        );
    }
    if lead <= 0.0 {
        return format!("{says} is {found_in_words} ahead of the pre-trained network.");
    }
    match found >= lead {
        true => format!("{says} reaches {found_in_words}, all of the lead and more."),
        false => {
            let share = 100.0 * found / lead;
            format!("{says} reaches {found_in_words}, {share:.0}% of the lead.")
        }
    }
}

/// The controls, each with what it leaves out.
fn controls<'a>(
    results: Results<'a>,
    notion: Notion,
) -> Vec<(&'static str, &'static str, Settings<'a>)> {
    use MethodName::*;
    let shown = |method| results.settings(method, notion);
    let before = |method| results.adapted_settings(method, notion, Adaptation::BEFORE);
    vec![
        (
            "pre-trained, not fine-tuned",
            "The pre-trained network as it is, without any fine-tuning,",
            before(Pretrained),
        ),
        (
            "pre-trained at Fair-MAML's rate, fine-tuned",
            "The pre-trained network trained at Fair-MAML's rate",
            shown(PretrainedOther),
        ),
        (
            "pre-trained at Fair-MAML's rate, not fine-tuned",
            "The same without fine-tuning",
            before(PretrainedOther),
        ),
        ("Fair-MAML before the step", "Fair-MAML before the step", before(Meta)),
        (
            "no inner step, after the step",
            "Training on the same meta-batches without an inner step (α = 0), followed by the same \
             step,",
            shown(NoInnerStep),
        ),
        (
            "no inner step, before the step",
            "The same training without any step",
            before(NoInnerStep),
        ),
        (
            "MAML, one threshold",
            "MAML without a regularizer, with one threshold moved for all rows,",
            shown(SharedThreshold),
        ),
        (
            "MAML, thresholds by group",
            "MAML without a regularizer, with a threshold for each group,",
            shown(GroupThresholds),
        ),
        ("coin", "A coin that accepts a share of all rows", shown(Coin)),
        ("from scratch", "A fresh network trained on the K rows alone", shown(Scratch)),
    ]
}
