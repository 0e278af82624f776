//! The paper's claims, each judged by what was measured here.
//!
//! Every part of a claim is a paired difference with a 95% interval over runs. It is borne out if
//! the whole interval lies on its side of 0, and refuted if the whole interval lies below the least
//! effect that would be worth having. A claim holds if all its parts are borne out, holds in part
//! if some are, does not hold if none is and one is refuted, and is undecided otherwise. Where a
//! part is what gives the others a meaning, its refutation is the claim's.

use fairness::Notion;

use crate::arm::{Algorithm, Arm};
use crate::compare::{
    Compared, Quantity, Settings, Side, accuracy, beyond_constant, fairness, one_class, parity,
};
use crate::experiment::Study;
use crate::outcome::Adaptation;
use crate::plan::Problem;
use crate::report::{Claim, Evidence, Verdict};

/// The least difference of accuracies or of fairnesses that would be worth having.
pub const WORTH: f64 = 0.05;
/// The same for areas, which are at most 1/2.
const WORTHY_AREA: f64 = WORTH / 2.0;

/// What a part of a claim comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    BorneOut,
    Refuted,
    Open,
    /// Shown, but no part of the claim.
    Aside,
}

/// A claim in the making.
struct Judgment {
    claim: &'static str,
    parts: Vec<(Part, Evidence)>,
    /// Whether a part without which the others say nothing is refuted.
    void: bool,
}

impl Judgment {
    fn of(claim: &'static str) -> Self {
        Judgment { claim, parts: Vec::new(), void: false }
    }

    fn push(&mut self, part: Part, quantity: String, compared: Compared) {
        self.parts.push((part, evidence(quantity, compared)));
    }

    /// The claim says that this is above 0.
    fn positive(&mut self, quantity: impl Into<String>, compared: Compared, worth: f64) {
        let part = match (compared.above(0.0), compared.below(worth)) {
            (Some(true), _) => Part::BorneOut,
            (_, Some(true)) => Part::Refuted,
            _ => Part::Open,
        };
        self.push(part, quantity.into(), compared);
    }

    /// The claim says that this is above 0, and without it the rest says nothing.
    fn necessary(&mut self, quantity: impl Into<String>, compared: Compared, worth: f64) {
        self.positive(quantity, compared, worth);
        self.void |= self.parts.last().is_some_and(|(part, _)| *part == Part::Refuted);
    }

    /// The claim says that this is not worth having.
    fn negligible(&mut self, quantity: impl Into<String>, compared: Compared, worth: f64) {
        let part = match (compared.below(worth), compared.above(worth)) {
            (Some(true), _) => Part::BorneOut,
            (_, Some(true)) => Part::Refuted,
            _ => Part::Open,
        };
        self.push(part, quantity.into(), compared);
    }

    /// The claim says that this is about 0.
    fn similar(&mut self, quantity: impl Into<String>, compared: Compared, worth: f64) {
        let within = compared.above(-worth).zip(compared.below(worth)).map(|(a, b)| a && b);
        let beyond = compared.below(-worth).zip(compared.above(worth)).map(|(a, b)| a || b);
        let part = match (within, beyond) {
            (Some(true), _) => Part::BorneOut,
            (_, Some(true)) => Part::Refuted,
            _ => Part::Open,
        };
        self.push(part, quantity.into(), compared);
    }

    /// Shown for comparison.
    fn aside(&mut self, quantity: impl Into<String>, compared: Compared) {
        self.push(Part::Aside, quantity.into(), compared);
    }

    fn verdict(&self) -> Verdict {
        let count = |wanted| self.parts.iter().filter(|(part, _)| *part == wanted).count();
        let parts = self.parts.len() - count(Part::Aside);
        match (count(Part::BorneOut), count(Part::Refuted)) {
            _ if self.void => Verdict::DoesNotHold,
            (borne_out, _) if parts > 0 && borne_out == parts => Verdict::Holds,
            (1.., _) => Verdict::InPart,
            (0, 1..) => Verdict::DoesNotHold,
            (0, 0) => Verdict::Undecided,
        }
    }

    /// The claim with its verdict; `because` says in words what the numbers mean.
    fn judged(self, because: impl Into<String>) -> Claim {
        let verdict = self.verdict();
        let tell = |(part, evidence): (Part, Evidence)| {
            let mark = match part {
                Part::BorneOut => "borne out",
                Part::Refuted => "refuted",
                Part::Open => "open",
                Part::Aside => "for comparison",
            };
            Evidence { quantity: format!("{} ({mark})", evidence.quantity), ..evidence }
        };
        let evidence = self.parts.into_iter().map(tell).collect();
        Claim { claim: self.claim.into(), verdict, because: because.into(), evidence }
    }
}

/// A paired difference as evidence.
pub fn evidence(quantity: impl Into<String>, compared: Compared) -> Evidence {
    Evidence {
        quantity: quantity.into(),
        value: compared.mean,
        undefined: Some((compared.undefined, compared.tasks)),
        signed: true,
    }
}

/// The records of one problem by arm and adaptation.
#[derive(Clone, Copy)]
pub struct Results<'a>(pub &'a Study);

impl<'a> Results<'a> {
    /// An arm as tables show it: after adaptation to the K rows.
    pub fn shown(self, arm: Arm) -> Side<'a> {
        let adaptation = self.0.plan.shown_adaptation(arm);
        Side::of(&self.0.records, arm, adaptation)
    }

    /// An arm adapted in some other way.
    pub fn adapted(self, arm: Arm, adaptation: Adaptation) -> Side<'a> {
        Side::of(&self.0.records, arm, adaptation)
    }

    /// An arm as shown, after so many support rows, on the query rows common to all such numbers.
    fn after_points(self, arm: Arm, rows: usize) -> Side<'a> {
        let adaptation = self.0.plan.shown_adaptation(arm);
        Side::of(&self.0.points, arm, adaptation).with_support(rows)
    }

    /// The arms of an algorithm under a notion, γ = 0 among them.
    fn arms(self, algorithm: Algorithm, notion: Notion) -> impl Iterator<Item = Arm> {
        self.0.plan.arms().into_iter().filter(move |arm| {
            arm.algorithm == algorithm && arm.notion.is_none_or(|other| other == notion)
        })
    }

    /// All settings of an algorithm under a notion, as tables show them.
    fn settings(self, algorithm: Algorithm, notion: Notion) -> Settings<'a> {
        Settings(self.arms(algorithm, notion).map(|arm| self.shown(arm)).collect())
    }

    /// All settings of the pre-trained network under a notion, fine-tuned at `rate`.
    fn tuned(self, rate: f64, notion: Notion) -> Settings<'a> {
        let adapted = |arm| self.adapted(arm, Adaptation::after(rate, 1));
        Settings(self.arms(Algorithm::Pretrained, notion).map(adapted).collect())
    }

    /// Fair-MAML at the γ that is shown, if it is run at any γ above 0.
    fn fair(self) -> Option<Arm> {
        Some(self.0.plan.shown(Algorithm::Meta)).filter(|arm| arm.notion.is_some())
    }

    /// The same before adaptation.
    fn unadapted(self, algorithm: Algorithm, notion: Notion) -> Settings<'a> {
        let before = |arm| self.adapted(arm, Adaptation::BEFORE);
        Settings(self.arms(algorithm, notion).map(before).collect())
    }
}

/// Whether the whole interval is too close to 0 to be worth having.
pub fn is_nothing(difference: Compared, worth: f64) -> bool {
    (difference.above(-worth), difference.below(worth)) == (Some(true), Some(true))
}

/// The seven claims, judged by the studies at hand.
pub fn claims(studies: &[Study]) -> Vec<Claim> {
    let find = |wanted: fn(&Problem) -> bool| {
        studies.iter().find(|study| wanted(&study.plan.problem)).map(Results)
    };
    let synthetic = find(|problem| matches!(problem, Problem::Synthetic { .. }));
    let communities = find(|problem| matches!(problem, Problem::Communities { .. }));
    vec![
        keeps_accuracy(synthetic),
        is_fairer(synthetic),
        better_front(communities, Notion::DemographicParity),
        better_front(communities, Notion::EqualOpportunity),
        laftr(communities),
        fine_tuning_rates(synthetic, communities),
        enough_points(communities),
    ]
}

/// "Fair-MAML, γ = 10"
pub fn named(arm: Arm) -> String {
    match arm.notion {
        None => arm.method().into(),
        Some(_) => format!("{}, γ = {}", arm.method(), arm.gamma),
    }
}

fn keeps_accuracy(synthetic: Option<Results<'_>>) -> Claim {
    let mut claim = Judgment::of(
        "Synthetic tasks, biased fine-tuning: Fair-MAML keeps its accuracy where the fine-tuned pre-trained network loses it.",
    );
    let Some(results) = synthetic else { return claim.judged(NOT_RUN) };
    let plan = &results.0.plan;
    let Some(fair) = results.fair() else { return claim.judged(NOT_FAIR) };
    let pretrained = Arm::plain(Algorithm::Pretrained);
    let ours = results.shown(fair);
    let theirs = results.shown(pretrained);
    claim.positive(
        format!("accuracy, {} − pre-trained", named(fair)),
        ours.minus(&theirs, accuracy),
        WORTH,
    );
    claim.positive(
        format!("accuracy, {} − the better constant decision", named(fair)),
        ours.mean(beyond_constant),
        WORTH,
    );
    let beyond = theirs.mean(beyond_constant);
    claim.aside("accuracy, pre-trained − the better constant decision", beyond);
    for arm in [fair, pretrained] {
        let before = results.adapted(arm, Adaptation::BEFORE);
        let lost = results.shown(arm).minus(&before, accuracy);
        claim.aside(format!("accuracy, {}, after − before the step", named(arm)), lost);
    }
    let plain = Arm::plain(Algorithm::Meta);
    let maml = results.shown(plain).mean(beyond_constant);
    claim.aside("accuracy, MAML − the better constant decision", maml);
    claim.judged(format!(
        "After one step on {} positive, protected rows {} decides {} of the tasks by one class, and \
         before it {}: what it keeps is the accuracy of a constant decision, which a method that is \
         of use has to beat.",
        plan.support_rows(),
        named(fair),
        share(ours.mean(one_class)),
        share(results.adapted(fair, Adaptation::BEFORE).mean(one_class))
    ))
}

/// "92%", or "an undefined share".
fn share(compared: Compared) -> String {
    compared.mean.map_or("an undefined share".into(), |mean| format!("{:.0}%", 100.0 * mean.mean))
}

/// Why a claim about Fair-MAML is undecided where only MAML was run.
const NOT_FAIR: &str = "Nothing was run at a γ above 0.";

/// Why a claim about a problem that was not run is undecided.
const NOT_RUN: &str = "This problem was not run.";

fn is_fairer(synthetic: Option<Results<'_>>) -> Claim {
    let mut claim = Judgment::of(
        "Synthetic tasks, biased fine-tuning: Fair-MAML is fairer than the fine-tuned pre-trained network.",
    );
    let Some(results) = synthetic else { return claim.judged(NOT_RUN) };
    let Some(fair) = results.fair() else { return claim.judged(NOT_FAIR) };
    let ours = results.shown(fair);
    let plain = results.shown(Arm::plain(Algorithm::Pretrained));
    let regularized = results.0.plan.shown(Algorithm::Pretrained);
    claim.positive(
        format!("parity, {} − pre-trained", named(fair)),
        ours.minus(&plain, parity),
        WORTH,
    );
    claim.positive(
        format!("accuracy, {} − the better constant decision", named(fair)),
        ours.mean(beyond_constant),
        WORTH,
    );
    claim.aside(
        format!("parity, {} − {}", named(fair), named(regularized)),
        ours.minus(&results.shown(regularized), parity),
    );
    let theirs = plain.mean(parity).mean;
    let ceiling = theirs.filter(|mean| mean.mean > 1.0 - WORTH).map_or(String::new(), |mean| {
        format!(
            " The pre-trained network decides nearly everybody alike as well and has a parity of {:.3}: \
             there is nothing left to win by {WORTH}.",
            mean.mean
        )
    });
    claim.judged(format!(
        "Parity is min(r, 1/r) of the ratio r; whoever accepts everybody has a parity of 1, so that \
         the second part asks for more than one class.{ceiling}"
    ))
}

fn better_front(communities: Option<Results<'_>>, notion: Notion) -> Claim {
    let (claim, name) = match notion {
        Notion::DemographicParity => (
            "Communities and Crime, demographic parity: Fair-MAML has the better front of accuracy and fairness.",
            "parity",
        ),
        Notion::EqualOpportunity => (
            "Communities and Crime, equal opportunity: Fair-MAML has the better front of accuracy and fairness.",
            "opportunity",
        ),
    };
    let mut claim = Judgment::of(claim);
    let Some(results) = communities else { return claim.judged(NOT_RUN) };
    if results.arms(Algorithm::Meta, notion).all(|arm| arm.notion.is_none()) {
        return claim.judged(NOT_FAIR);
    }
    let fairness = fairness(notion);
    let ours = results.settings(Algorithm::Meta, notion);
    let mut others = vec![(Algorithm::Pretrained, true)];
    if results.0.plan.laftr.is_some() {
        others.push((Algorithm::Laftr, true));
    }
    others.push((Algorithm::Scratch, false));
    for (algorithm, is_part) in others {
        let theirs = results.settings(algorithm, notion);
        let difference = ours.area_minus(&theirs, fairness);
        let what = format!("area of {name}, Fair-MAML − {}", Arm::plain(algorithm).method());
        match is_part {
            true => claim.positive(what, difference, WORTHY_AREA),
            false => claim.aside(what, difference),
        }
    }
    let before = |algorithm| results.unadapted(algorithm, notion);
    let adapted = ours.area_minus(&before(Algorithm::Meta), fairness);
    claim.aside(format!("area of {name}, Fair-MAML − its weights before adaptation"), adapted);
    let untuned = ours.area_minus(&before(Algorithm::Pretrained), fairness);
    claim.positive(
        format!("area of {name}, Fair-MAML − pre-trained without fine-tuning"),
        untuned,
        WORTHY_AREA,
    );
    let plan = &results.0.plan;
    for &rate in plan.fine_tuning_rates.iter().filter(|rate| **rate != plan.fine_tuning_shown) {
        let theirs = results.tuned(rate, notion);
        claim.aside(
            format!("area of {name}, Fair-MAML − pre-trained, fine-tuned at {rate}"),
            ours.area_minus(&theirs, fairness),
        );
    }
    let credit = match is_nothing(adapted, WORTHY_AREA) {
        true => {
            " Its weights before adaptation have the same front: adaptation adds nothing to it."
        }
        false => "",
    };
    claim.judged(format!(
        "The area of accuracy beyond 1/2 times fairness beyond 0 that the settings γ of a method \
         dominate, in each run; it is at most 1/2. The pre-trained network is fine-tuned at {}, the \
         paper's rate, and also left as it is, since that rate can make it worse.{credit}",
        plan.fine_tuning_shown
    ))
}

fn laftr(communities: Option<Results<'_>>) -> Claim {
    let mut claim = Judgment::of(
        "LAFTR is not useful with 10 points (1 epoch), reasonable with 30 points and 100 epochs, and similar to Fair-MAML with 50.",
    );
    let Some(results) = communities else { return claim.judged(NOT_RUN) };
    let Some(laftr) = &results.0.plan.laftr else { return claim.judged("LAFTR was not run.") };
    let code = results.0.plan.shown(Algorithm::Laftr);
    let Some(fair) = results.fair() else { return claim.judged(NOT_FAIR) };
    let brief = results.adapted(code, laftr.adaptations()[0]);
    let k = results.0.plan.support_rows();
    claim.negligible(
        format!(
            "accuracy, LAFTR with {k} points and {} epoch − the better constant decision",
            laftr.epochs[0]
        ),
        brief.mean(beyond_constant),
        WORTH,
    );
    let beyond = |rows| results.after_points(code, rows).mean(beyond_constant);
    claim.aside(
        format!("accuracy, LAFTR with {k} points − the better constant decision"),
        beyond(k.get()),
    );
    claim.positive(
        "accuracy, LAFTR with 30 points − the better constant decision",
        beyond(30),
        WORTH,
    );
    let ours = results.after_points(fair, k.get());
    let most = results.after_points(code, 50);
    for (name, quantity) in [("accuracy", accuracy as Quantity), ("parity", parity)] {
        let what = format!("{name}, LAFTR with 50 points − {} with {k}", named(fair));
        claim.similar(what, most.minus(&ours, quantity), WORTH);
    }
    let ours = results.after_points(Arm::plain(Algorithm::Meta), k.get());
    let compared = results.after_points(code, 50).minus(&ours, accuracy);
    claim.aside(format!("accuracy, LAFTR with 50 points − MAML with {k}"), compared);
    claim.judged(format!(
        "LAFTR at γ = {}; its fresh network is trained for {} epochs but in the first row, which is on \
         all held-out states. The other rows are on those that have rows enough, on the same query rows.",
        laftr.gamma_shown,
        laftr.epochs[laftr.epochs.len() - 1]
    ))
}

fn fine_tuning_rates(synthetic: Option<Results<'_>>, communities: Option<Results<'_>>) -> Claim {
    let mut claim = Judgment::of(
        "The pre-trained network's best fine-tuning rates are 0.3 (synthetic) and 0.1 (Communities).",
    );
    if synthetic.is_none() && communities.is_none() {
        return claim.judged(NOT_RUN);
    }
    for (name, results) in [("synthetic", synthetic), ("Communities", communities)] {
        let Some(results) = results else {
            // Half of the claim stays open.
            claim.positive(format!("{name}: not run"), Compared::NOTHING, 0.0);
            continue;
        };
        let plan = &results.0.plan;
        let arm = Arm::plain(Algorithm::Pretrained);
        let best = results.shown(arm);
        for &rate in plan.fine_tuning_rates.iter().filter(|rate| **rate != plan.fine_tuning_shown) {
            let other = results.adapted(arm, Adaptation::after(rate, 1));
            let what = format!("{name}: accuracy at {} − at {rate}", plan.fine_tuning_shown);
            // Best is best, by however little.
            claim.positive(what, best.minus(&other, accuracy), 0.0);
        }
    }
    claim.judged("Accuracy after one step, without regularizer; every rate on the same rows.")
}

fn enough_points(communities: Option<Results<'_>>) -> Claim {
    let mut claim =
        Judgment::of("Ten communities are enough for Fair-MAML to adapt to a new state.");
    let Some(results) = communities else { return claim.judged(NOT_RUN) };
    let k = results.0.plan.support_rows().get();
    let Some(fair) = results.fair() else { return claim.judged(NOT_FAIR) };
    let points = |arm, rows| results.after_points(arm, rows);
    let more = |arm, rows, quantity: Quantity| points(arm, rows).minus(&points(arm, k), quantity);
    let gained = points(fair, k).minus(&points(fair, 0), accuracy);
    claim.necessary(format!("accuracy, {} with {k} points − with 0", named(fair)), gained, WORTH);
    for rows in [20, 50] {
        let what = format!("accuracy, {} with {rows} points − with {k}", named(fair));
        claim.negligible(what, more(fair, rows, accuracy), WORTH);
    }
    let five = points(fair, k).minus(&points(fair, 5), accuracy);
    claim.aside(format!("accuracy, {} with {k} points − with 5", named(fair)), five);
    claim.aside(
        format!("parity, {} with 50 points − with {k}", named(fair)),
        more(fair, 50, parity),
    );
    claim.aside(
        format!("accuracy, {} with {k} points − the better constant decision", named(fair)),
        points(fair, k).mean(beyond_constant),
    );
    let maml = Arm::plain(Algorithm::Meta);
    let more_of_maml = points(maml, k).minus(&points(maml, 0), accuracy);
    claim.aside(format!("accuracy, MAML with {k} points − with 0"), more_of_maml);
    let scratch = Arm::plain(Algorithm::Scratch);
    let lead = points(maml, k).minus(&points(scratch, 50), accuracy);
    claim.aside(format!("accuracy, MAML with {k} points − from scratch with 50"), lead);
    let plainly = match gained.above(0.0) {
        Some(false) => format!(
            " But {k} are not found to be better than none, so that it is not the {k} communities \
             that are enough: what the network knows it knows before."
        ),
        _ => String::new(),
    };
    claim.judged(format!(
        "Enough means that ten are better than none, and more are not much better than ten. On the \
         held-out states that have rows enough, on the same query rows.{plainly}"
    ))
}

#[cfg(test)]
mod tests;
