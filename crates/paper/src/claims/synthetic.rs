//! The two claims about biased fine-tuning on the synthetic tasks, at every γ.
//!
//! At each γ Fair-MAML is compared with the pre-trained network that has the same regularizer at
//! the same γ, at each of its fine-tuning rates, and with the better constant decision. At γ = 0
//! this compares MAML with the pre-trained network without a regularizer.

use fairness::Notion;

use super::judgment::{Judgment, WORTH};
use super::{NOT_BIASED, NOT_RUN, Results, named, share};
use experiment::plan::arm::{Arm, MethodName};
use experiment::results::compare::{
    Compared, Quantity, SettingRecords, accuracy, beyond_constant, fairness, one_class, parity,
};
use experiment::results::outcome::Adaptation;
use report::page::{Claim, Verdict};

/// A claim at each γ, before the verdicts are combined.
struct ByGamma {
    claim: Judgment,
    verdicts: Vec<(f64, Verdict)>,
}

/// Claim 1: Fair-MAML keeps its accuracy.
pub fn keeps_accuracy(synthetic: Option<Results<'_>>) -> Claim {
    let claim = Judgment::of(
        "Synthetic tasks, biased fine-tuning: Fair-MAML keeps its accuracy, and the fine-tuned \
         pre-trained network with the same regularizer loses it.",
    );
    let Some(results) = synthetic else { return claim.not_run(NOT_RUN) };
    if !results.is_biased() {
        return claim.judged(NOT_BIASED);
    }
    let mut by_gamma = ByGamma { claim, verdicts: Vec::new() };
    for gamma in results.gammas() {
        by_gamma.judge(results, gamma, ("accuracy", accuracy), loss);
    }
    let ByGamma { mut claim, verdicts } = by_gamma;
    for gamma in results.gammas() {
        accuracy_asides(&mut claim, results, gamma);
    }
    claim.overall(combined(&verdicts));
    let because = [told(&verdicts), spread(results), collapse(results), ceiling(results)].join(" ");
    claim.judged(because)
}

/// Claim 2: Fair-MAML is fairer.
pub fn is_fairer(synthetic: Option<Results<'_>>) -> Claim {
    let claim = Judgment::of(
        "Synthetic tasks, biased fine-tuning: Fair-MAML is fairer than the fine-tuned pre-trained \
         network with the same regularizer.",
    );
    let Some(results) = synthetic else { return claim.not_run(NOT_RUN) };
    if !results.is_biased() {
        return claim.judged(NOT_BIASED);
    }
    let mut by_gamma = ByGamma { claim, verdicts: Vec::new() };
    for gamma in results.gammas() {
        by_gamma.judge(results, gamma, ("parity", parity), |_, _, _| ());
    }
    let ByGamma { mut claim, verdicts } = by_gamma;
    for gamma in results.gammas() {
        let [ours, theirs] = pair(results, gamma);
        let before = |arm| results.adapted(arm, Adaptation::BEFORE);
        let us = results.plan.algorithm.title(true);
        let lead = before(ours).minus(&before(theirs), parity);
        claim.aside(format!("parity before the step, γ = {gamma}: {us} − pre-trained"), lead);
    }
    claim.overall(combined(&verdicts));
    claim.judged(format!(
        "{} A method that accepts everybody has a parity of 1. So a fairer method must also beat \
         the better constant decision in accuracy. {}",
        told(&verdicts),
        ceiling(results)
    ))
}

/// Fair-MAML and the pre-trained network at the same γ.
fn pair(results: Results<'_>, gamma: f64) -> [Arm; 2] {
    let notion = results.plan.sweeps[0].notion;
    [MethodName::Meta, MethodName::Pretrained].map(|method| Arm::regularized(method, notion, gamma))
}

impl ByGamma {
    /// The parts of the claim at one γ: an advantage over the pre-trained network at the paper's
    /// rate and at the strongest rate, an advantage over the better constant decision, and `more`.
    fn judge(
        &mut self,
        results: Results<'_>,
        gamma: f64,
        (name, quantity): (&str, Quantity),
        more: fn(&mut Judgment, Results<'_>, f64),
    ) {
        let [ours, theirs] = pair(results, gamma);
        let plan = results.plan;
        let us = plan.algorithm.title(true);
        let mut at_gamma = Judgment::of("");
        let ours = results.shown(ours);
        let fine_tuned = |rate: f64| results.adapted(theirs, Adaptation::after(rate, 1));
        let what = |rival: &str| format!("{name}, γ = {gamma}: {us} − pre-trained, {rival}");
        // The paper's own rate is necessary: an advantage over a worse rate alone does not count.
        let shown = plan.fine_tuning_shown;
        let lead = |rate| ours.minus(&fine_tuned(rate), quantity);
        let rival = |rate| what(&format!("fine-tuned at {rate}"));
        at_gamma.necessary(rival(shown), lead(shown), WORTH);
        let all: Vec<SettingRecords<'_>> =
            plan.fine_tuning_rates.iter().map(|&rate| fine_tuned(rate)).collect();
        if all.len() > 1 {
            let strongest = ours.minus_strongest(&all, quantity).difference;
            let rival = what(&format!("at the strongest of {} rates", all.len()));
            at_gamma.positive(rival, strongest, WORTH);
        }
        for rate in plan.fine_tuning_rates.iter().copied().filter(|rate| *rate != shown) {
            at_gamma.aside(rival(rate), lead(rate));
        }
        more(&mut at_gamma, results, gamma);
        let beyond = ours.mean_difference(beyond_constant);
        let what = format!("accuracy, γ = {gamma}: {us} − the better constant decision");
        at_gamma.necessary(what, beyond, WORTH);
        self.verdicts.push((gamma, at_gamma.verdict()));
        self.claim.parts.append(&mut at_gamma.parts);
    }
}

/// The part of claim 1 about the pre-trained network: fine-tuning costs it accuracy.
fn loss(at_gamma: &mut Judgment, results: Results<'_>, gamma: f64) {
    let [_, theirs] = pair(results, gamma);
    let before = results.adapted(theirs, Adaptation::BEFORE);
    at_gamma.positive(
        format!("accuracy, γ = {gamma}: pre-trained, before − after fine-tuning"),
        before.minus(&results.shown(theirs), accuracy),
        WORTH,
    );
}

/// Comparisons beside claim 1 at one γ.
fn accuracy_asides(claim: &mut Judgment, results: Results<'_>, gamma: f64) {
    let [ours, theirs] = pair(results, gamma);
    let before = |arm| results.adapted(arm, Adaptation::BEFORE);
    let us = results.plan.algorithm.title(true);
    let lead = before(ours).minus(&before(theirs), accuracy);
    claim.aside(format!("accuracy before the step, γ = {gamma}: {us} − pre-trained"), lead);
    let left_alone = results.shown(ours).minus(&before(theirs), accuracy);
    let what = format!("accuracy, γ = {gamma}: {us} − pre-trained, not fine-tuned");
    claim.aside(what, left_alone);
    let change = results.shown(ours).minus(&before(ours), accuracy);
    let what = format!("accuracy, {}: after − before the step", named(results.plan, ours));
    claim.aside(what, change);
    if gamma > 0.0 {
        return;
    }
    for method in [MethodName::Line, MethodName::NoInnerStep, MethodName::Scratch] {
        let arm = Arm::plain(method);
        let other = results.shown(arm);
        if !other.is_empty() {
            let lead = results.shown(ours).minus(&other, accuracy);
            claim.aside(
                format!(
                    "accuracy, γ = 0: {} − {}",
                    results.plan.label(ours),
                    results.plan.label(arm)
                ),
                lead,
            );
        }
    }
}

/// A claim about every γ holds if it holds at each γ.
fn combined(verdicts: &[(f64, Verdict)]) -> Verdict {
    let count = |wanted| verdicts.iter().filter(|(_, verdict)| *verdict == wanted).count();
    match (count(Verdict::Holds), count(Verdict::InPart), count(Verdict::DoesNotHold)) {
        (all, ..) if all > 0 && all == verdicts.len() => Verdict::Holds,
        (1.., ..) | (_, 1.., _) => Verdict::InPart,
        (0, 0, 1..) => Verdict::DoesNotHold,
        (0, 0, 0) => Verdict::Undecided,
    }
}

/// "It holds for γ = 0 and 0.1, …"
fn told(verdicts: &[(f64, Verdict)]) -> String {
    let kinds = [
        (Verdict::Holds, "holds for"),
        (Verdict::InPart, "holds in part for"),
        (Verdict::DoesNotHold, "does not hold for"),
        (Verdict::Undecided, "cannot be decided for"),
    ];
    let said: Vec<String> = kinds
        .into_iter()
        .filter_map(|(wanted, words)| {
            let of_kind = verdicts.iter().filter(|(_, verdict)| *verdict == wanted);
            let gammas: Vec<String> = of_kind.map(|(gamma, _)| gamma.to_string()).collect();
            (!gammas.is_empty()).then(|| format!("{words} γ = {}", gammas.join(", ")))
        })
        .collect();
    format!("It {}.", said.join("; it "))
}

/// How the difference at γ = 0 varies over runs: a mean over two kinds of runs describes neither.
fn spread(results: Results<'_>) -> String {
    const LARGE: f64 = 0.15;
    let [ours, theirs] = pair(results, 0.0).map(|arm| results.shown(arm));
    let leads = ours.minus(&theirs, accuracy).seeds;
    let small = leads.iter().filter(|lead| **lead < WORTH).count();
    let large = leads.iter().filter(|lead| **lead >= LARGE).count();
    format!(
        "The runs differ a lot: at γ = 0 the difference is less than {WORTH} in {small} of {} \
         runs, and {LARGE} or more in {large}.",
        leads.len()
    )
}

/// How often methods give all rows the same decision.
fn collapse(results: Results<'_>) -> String {
    let notion = results.plan.sweeps[0].notion;
    let of = |method, gamma| {
        let arm = Arm::regularized(method, notion, gamma);
        share(results.shown(arm).mean(one_class))
    };
    let gammas = results.gammas();
    let (Some(least), Some(most)) = (gammas.first(), gammas.last()) else { return String::new() };
    format!(
        "After the step on {} positive, protected rows, {} gives one decision to all rows \
         in {} of the tasks at γ = {least} and in {} at γ = {most}; the pre-trained network \
         does so in {} and {}.",
        results.plan.support_rows(),
        results.plan.algorithm.title(true),
        of(MethodName::Meta, *least),
        of(MethodName::Meta, *most),
        of(MethodName::Pretrained, *least),
        of(MethodName::Pretrained, *most),
    )
}

/// The best possible decisions.
fn ceiling(results: Results<'_>) -> String {
    let notion = results.plan.sweeps[0].notion;
    let bayes = |target: f64| {
        let side = results.shown(Arm::aimed(MethodName::Bayes, notion, target));
        let fairness = fairness(notion);
        Some((side.mean(accuracy).mean?.mean, side.mean(fairness).mean?.mean))
    };
    let targets = &results.plan.targets;
    let (Some(first), Some(last)) = (targets.first(), targets.last()) else {
        return String::new();
    };
    match (bayes(*first), bayes(*last)) {
        (Some((accurate, unfair)), Some((less, fair))) => format!(
            "No decision can be both accurate and fair here: the most accurate decision that the \
             generator allows has an accuracy of {accurate:.2} and a parity of {unfair:.2}; \
             the fairest has {less:.2} and {fair:.2}."
        ),
        _ => String::new(),
    }
}

/// Fair-MAML minus the pre-trained network, in accuracy and fairness, for each γ in training and
/// each γ in fine-tuning.
pub fn grid(results: Results<'_>) -> Vec<(f64, f64, Compared, Compared)> {
    let plan = results.plan;
    let notion: Notion = plan.sweeps[0].notion;
    let mut leads = Vec::new();
    for trained in results.gammas() {
        for &tuned in &plan.fine_tuning_gammas {
            let [ours, theirs] = pair(results, trained).map(|arm| {
                let step = plan.shown_adaptation(arm);
                let step = if tuned == trained { step } else { step.at_gamma(tuned) };
                results.adapted(arm, step)
            });
            let lead = |quantity| ours.minus(&theirs, quantity);
            leads.push((trained, tuned, lead(accuracy), lead(fairness(notion))));
        }
    }
    leads
}
