//! What Fair-MAML's lead over the fine-tuned pre-trained network is made of.

use fairness::Notion;
use report::number::decimal;
use report::page::{Finding, Tested};

use crate::claims::{Results, WORTHY_AREA, evidence};
use crate::tables;
use experiment::plan::arm::Algorithm;
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
    let rival = results.settings(Algorithm::Pretrained, notion);
    let ours = results.settings(Algorithm::Meta, notion);
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
    let mut sentences = vec![format!(
        "Fair-MAML's front leads that of the pre-trained network, fine-tuned at {}, by {}.",
        study.plan.fine_tuning_shown,
        decimal(mean, true)
    )];
    for (who, says, settings) in controls(results, notion) {
        if settings.is_empty() {
            continue;
        }
        let value = settings.area_minus(&rival, fairness);
        if let Some(found) = value.mean {
            sentences.push(format!("{says}: {}.", decimal(found.mean, true)));
        }
        rows.push(row(who, value));
    }
    Some(Finding {
        heading: format!("What the lead is made of: {}, {name}", study.plan.problem.name()),
        text: sentences.join(" "),
        evidence: rows,
    })
}

/// The controls, each with what it leaves out.
fn controls<'a>(
    results: Results<'a>,
    notion: Notion,
) -> Vec<(&'static str, &'static str, Settings<'a>)> {
    use Algorithm::*;
    let shown = |algorithm| results.settings(algorithm, notion);
    let before = |algorithm| results.adapted_settings(algorithm, notion, Adaptation::BEFORE);
    vec![
        (
            "pre-trained, not fine-tuned",
            "Leaving the pre-trained network as it is, without any fine-tuning, leads by",
            before(Pretrained),
        ),
        (
            "pre-trained at Fair-MAML's rate, fine-tuned",
            "Training the pre-trained network at Fair-MAML's rate leads by",
            shown(PretrainedOther),
        ),
        (
            "pre-trained at Fair-MAML's rate, not fine-tuned",
            "Training it at that rate and leaving it as it is leads by",
            before(PretrainedOther),
        ),
        (
            "Fair-MAML before the step",
            "Fair-MAML's own weights without the step lead by",
            before(Meta),
        ),
        (
            "no inner step, after the step",
            "The same meta-batches and optimizer without meta-learning (α = 0), and the same step, \
             lead by",
            shown(NoInnerStep),
        ),
        (
            "no inner step, before the step",
            "The same without the step leads by",
            before(NoInnerStep),
        ),
        (
            "MAML, one threshold",
            "MAML without regularizer, its threshold moved for everybody alike, leads by",
            shown(SharedThreshold),
        ),
        (
            "MAML, thresholds by group",
            "MAML without regularizer, with a threshold for each group, leads by",
            shown(GroupThresholds),
        ),
        ("coin", "A coin that accepts a share of all, whoever they are, leads by", shown(Coin)),
        ("from scratch", "A fresh network on the K rows alone leads by", shown(Scratch)),
        ("the labels", "The labels themselves lead by", shown(Labels)),
        ("Bayes decision", "The best decision that the generator allows leads by", shown(Bayes)),
        (
            "own labels, network",
            "A network trained on the state's own labels leads by",
            shown(OwnNetwork),
        ),
        (
            "own labels, logistic regression",
            "A logistic regression trained on the state's own labels leads by",
            shown(OwnLogistic),
        ),
    ]
}
