//! The claim that Fair-MAML learns a more useful internal representation, judged by linear probes.

use experiment::plan::arm::{Arm, MethodName};
use experiment::results::compare::{Compared, accuracy};
use report::page::{Claim, Verdict};

use super::judgment::{Judgment, Part, WORTH};
use super::{NOT_RUN, Results, named};

/// What has learned nothing from other tasks.
const UNLEARNED: [MethodName; 2] = [MethodName::ProbeRandom, MethodName::ProbeFeatures];

/// The caption of Figure 1. It compares MAML (γ = 0) and Fair-MAML with the pre-trained network, so
/// these are compared at γ = 0 and at the γ of the tables. Random weights and features have no
/// regularizer, so they are compared at γ = 0.
pub fn more_useful(problems: [(&str, Option<Results<'_>>); 2]) -> Claim {
    let mut claim = Judgment::of(
        "Fair-MAML learns a more useful internal representation than the pre-trained network.",
    );
    if problems.iter().all(|(_, results)| results.is_none()) {
        return claim.not_run(NOT_RUN);
    }
    let is_probed = |results: &Results<'_>| results.plan.methods.contains(&MethodName::ProbeMeta);
    if !problems.iter().filter_map(|(_, results)| results.as_ref()).any(is_probed) {
        return claim.not_run("No linear probe was run.");
    }
    let (mut over_pretrained, mut over_unlearned) = (Vec::new(), Vec::new());
    for (name, results) in problems {
        let Some(results) = results.filter(is_probed) else {
            // This half of the claim stays open.
            claim.positive(format!("{name}: not run"), Compared::default(), 0.0);
            continue;
        };
        let plan = results.plan;
        let (ours, shown) = (Arm::plain(MethodName::ProbeMeta), plan.shown(MethodName::ProbeMeta));
        let what = |ours: Arm, theirs: Arm| {
            format!("{name}: accuracy, {} − {}", named(plan, ours), named(plan, theirs))
        };
        let lead = |ours, theirs| results.shown(ours).minus(&results.shown(theirs), accuracy);
        let pretrained = |arm: Arm| Arm { method: MethodName::ProbePretrained, ..arm };
        let unlearned = UNLEARNED.map(Arm::plain);
        for arm in [ours, shown].into_iter().take(if shown == ours { 1 } else { 2 }) {
            let part =
                claim.positive(what(arm, pretrained(arm)), lead(arm, pretrained(arm)), WORTH);
            over_pretrained.push(part);
        }
        for theirs in unlearned {
            over_unlearned.push(claim.positive(what(ours, theirs), lead(ours, theirs), WORTH));
        }
        for theirs in unlearned.into_iter().filter(|_| shown != ours) {
            claim.aside(what(shown, theirs), lead(shown, theirs));
        }
        let k = plan.support_rows().get();
        for theirs in [pretrained(ours)].into_iter().chain(unlearned) {
            let few = |arm| results.after_points(arm, k);
            if !few(ours).is_empty() {
                let what = format!("{}, each trained on {k} points", what(ours, theirs));
                claim.aside(what, few(ours).minus(&few(theirs), accuracy));
            }
        }
    }
    // The paper compares with the pre-trained network, so a lead over what has learned nothing
    // alone is no part of its claim.
    if claim.verdict() == Verdict::InPart && !over_pretrained.contains(&Part::BorneOut) {
        claim.overall(match over_pretrained.contains(&Part::Refuted) {
            true => Verdict::DoesNotHold,
            false => Verdict::Undecided,
        });
    }
    let nothing = match over_unlearned.contains(&Part::BorneOut) {
        true => "",
        false => " At γ = 0 no lead over either of them is shown on any problem.",
    };
    claim.judged(format!(
        "A linear probe is a logistic regression on the activations of a network's last hidden \
         layer, with the weights before any step. Its accuracy says how well a linear classifier \
         tells the classes of a new task apart in this representation. The labels of the new task \
         train it, by cross-validation over all of its rows, or a number of points where a row \
         says so. All probes have the same folds and the same penalty, and are judged on the same \
         query rows. Random weights are those at which Fair-MAML begins, and the probe of the \
         features sees no network. The paper compares with the pre-trained network, \
         so a lead over random weights or the features alone does not make the claim hold in \
         part.{nothing}"
    ))
}
