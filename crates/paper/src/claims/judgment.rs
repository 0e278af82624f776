//! The rules for a verdict: intervals decide the parts of a claim, and the parts decide the claim.
//!
//! Every part of a claim is a paired difference with a 95% interval over runs. It is refuted if the
//! whole interval lies below the smallest effect that matters. Otherwise it is borne out if the
//! whole interval lies on the claimed side of 0. It is open if neither is so. The ends of the
//! interval decide, and not the mean, which is known less well than any limit. A claim holds if all
//! its parts are borne out and holds in part if some are. It does not hold if none is borne out and
//! one is refuted, or if a necessary part is refuted. It is undecided otherwise.

use experiment::results::compare::Compared;
use report::page::{Claim, Evidence, EvidenceOutcome, Tested, Unit, Verdict};

/// The smallest difference in accuracy or fairness that matters.
pub const WORTH: f64 = 0.05;
/// The smallest difference in area that matters. Areas are at most 1/2.
pub const WORTHY_AREA: f64 = WORTH / 2.0;

/// The outcome of a part of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    BorneOut,
    Refuted,
    Open,
    /// Shown for comparison; no part of the claim.
    Aside,
}

/// A claim before its verdict.
pub struct Judgment {
    claim: &'static str,
    pub parts: Vec<(Part, Evidence)>,
    /// Whether a necessary part is refuted.
    void: bool,
    /// A verdict that replaces the one from the parts.
    overall: Option<Verdict>,
}

impl Judgment {
    pub fn of(claim: &'static str) -> Self {
        Judgment { claim, parts: Vec::new(), void: false, overall: None }
    }

    pub fn push(&mut self, part: Part, evidence: Evidence) -> Part {
        self.parts.push((part, evidence));
        part
    }

    /// The claim says that this is above 0. Returns the outcome of the part.
    pub fn positive(
        &mut self,
        quantity: impl Into<String>,
        compared: Compared,
        worth: f64,
    ) -> Part {
        let part = match (compared.below(worth), compared.above(0.0)) {
            (Some(true), _) => Part::Refuted,
            (_, Some(true)) => Part::BorneOut,
            _ => Part::Open,
        };
        self.push(part, evidence(quantity, compared).tested(Tested::More, worth))
    }

    /// The claim says that this is above 0, and needs this part: if it is refuted, so is the claim.
    pub fn necessary(
        &mut self,
        quantity: impl Into<String>,
        compared: Compared,
        worth: f64,
    ) -> Part {
        let part = self.positive(quantity, compared, worth);
        self.void |= part == Part::Refuted;
        part
    }

    /// The claim says that this is too small to matter.
    pub fn negligible(
        &mut self,
        quantity: impl Into<String>,
        compared: Compared,
        worth: f64,
    ) -> Part {
        let part = match (compared.below(worth), compared.above(worth)) {
            (Some(true), _) => Part::BorneOut,
            (_, Some(true)) => Part::Refuted,
            _ => Part::Open,
        };
        self.push(part, evidence(quantity, compared).tested(Tested::NotMore, worth))
    }

    /// The claim says that this is about 0.
    pub fn similar(&mut self, quantity: impl Into<String>, compared: Compared, worth: f64) -> Part {
        let within = compared.above(-worth).zip(compared.below(worth)).map(|(a, b)| a && b);
        let beyond = compared.below(-worth).zip(compared.above(worth)).map(|(a, b)| a || b);
        let part = match (within, beyond) {
            (Some(true), _) => Part::BorneOut,
            (_, Some(true)) => Part::Refuted,
            _ => Part::Open,
        };
        self.push(part, evidence(quantity, compared).tested(Tested::Alike, worth))
    }

    /// Shown for comparison.
    pub fn aside(&mut self, quantity: impl Into<String>, compared: Compared) {
        self.push(Part::Aside, evidence(quantity, compared));
    }

    /// Replaces the verdict from the parts.
    pub fn overall(&mut self, verdict: Verdict) {
        self.overall = Some(verdict);
    }

    pub fn verdict(&self) -> Verdict {
        if let Some(verdict) = self.overall {
            return verdict;
        }
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

    /// The claim, if its problem was not run.
    pub fn not_run(mut self, because: impl Into<String>) -> Claim {
        self.overall(Verdict::NotRun);
        self.judged(because)
    }

    /// The claim with its verdict; `because` explains the numbers in words.
    pub fn judged(self, because: impl Into<String>) -> Claim {
        let verdict = self.verdict();
        let tell = |(part, evidence): (Part, Evidence)| {
            let outcome = match part {
                Part::BorneOut => Some(EvidenceOutcome::BorneOut),
                Part::Refuted => Some(EvidenceOutcome::Refuted),
                Part::Open => Some(EvidenceOutcome::Open),
                Part::Aside => None,
            };
            Evidence { outcome, ..evidence }
        };
        let evidence = self.parts.into_iter().map(tell).collect();
        Claim::new(self.claim, verdict).because(because).evidence(evidence)
    }
}

/// A paired difference as evidence. The first word of `quantity` names its unit.
pub fn evidence(quantity: impl Into<String>, compared: Compared) -> Evidence {
    let quantity = quantity.into();
    let unit = unit(&quantity);
    Evidence::difference(quantity, compared.mean)
        .unit(unit)
        .undefined(compared.undefined, compared.tasks)
        .seeds(compared.seeds)
}

/// The unit of a quantity by its first word: "accuracy, …", "parity, …", "area of …".
fn unit(quantity: &str) -> Unit {
    let word = quantity.split([' ', ',']).next();
    match word {
        Some("parity" | "opportunity") => Unit::Fairness,
        Some("area") => Unit::Area,
        _ => Unit::Accuracy,
    }
}

/// Whether the whole interval is too close to 0 to matter.
pub fn is_nothing(difference: Compared, worth: f64) -> bool {
    (difference.above(-worth), difference.below(worth)) == (Some(true), Some(true))
}
