//! Quantities with their intervals, in numbers and drawn.
//!
//! The rows of one claim that measure the same are drawn on one scale, which always has zero on it.
//! So lengths can be compared within a claim, and an interval that keeps clear of the zero line, or
//! of the margin beside it, is seen to do so. [`super::forest`] draws.

use maud::{Markup, html};

use super::forest::{Group, Scale, margin, shown};
use super::prose::prose;
use super::section::folded;
use super::{Evidence, EvidenceOutcome};
use crate::number::{UNDEFINED, decimal};

/// Columns of a quantity: name, what is tested, picture, numbers, seeds, undefined.
const COLUMNS: usize = 6;

/// A table of quantities, folded if it is long; `name` is said to those who do not see it.
pub(super) fn table(name: &str, evidence: &[Evidence]) -> Markup {
    let table = html! {
        table.evidence aria-label=(name) {
            thead {
                tr {
                    th scope="col" { "Quantity" }
                    th scope="col" { "Tested" }
                    th scope="colgroup" colspan="2" { "Effect, 95% interval" }
                    th.numeric scope="col" { "Seeds" }
                    th.numeric scope="col" { "Undefined" }
                }
            }
            tbody {
                @if evidence.is_empty() {
                    tr { td.none colspan=(COLUMNS) { "no evidence" } }
                }
                @for group in Group::all(evidence) { (rows(&group)) }
            }
        }
    };
    folded(evidence.len(), &format!("{} measured quantities", evidence.len()), table)
}

impl EvidenceOutcome {
    /// As said of a row.
    pub(super) fn word(self) -> &'static str {
        match self {
            EvidenceOutcome::BorneOut => "borne out",
            EvidenceOutcome::Refuted => "refuted",
            EvidenceOutcome::Open => "open",
        }
    }

    /// Its name in the style sheet.
    fn class(self) -> &'static str {
        match self {
            EvidenceOutcome::BorneOut => "borne-out",
            EvidenceOutcome::Refuted => "refuted",
            EvidenceOutcome::Open => "open",
        }
    }
}

/// What the pictures mean.
pub(super) fn legend() -> Markup {
    html! {
        p.note {
            "A large dot is the mean over seeds, and the line through it is the 95% interval. A \
             small blue dot is one seed. The upright line marked 0 is zero. The shaded band \
             reaches one margin to either side of zero: a difference inside it is too small to \
             matter. Rows of the same quantity share one scale, with its numbers below them. A \
             ring without a line is a single run, which has no interval."
        }
        p.note {
            "“Tested” is the claim about a row: it is "
            b { "more" } " than zero, with a mean of at least the margin, " b { "not more" } ", " b { "alike" }
            " (between minus and plus the margin) or " b { "less" }
            " than zero, with a mean of at least the margin. A row with a dash is for comparison \
             only. “Undefined” counts values that do not exist. No mean includes them."
        }
    }
}

/// The rows of one scale, and the scale.
fn rows(group: &Group) -> Markup {
    let scale = group.scale();
    html! {
        @for row in &group.rows { tr { (row.cells(scale.as_ref())) } }
        @if let Some(scale) = &scale {
            // Says nothing to those who do not see the picture.
            tr.axis aria-hidden="true" {
                td.blank colspan="2" { (group.name()) }
                td.picture { (scale.labels()) }
                td.blank colspan=(COLUMNS - 3) {}
            }
        }
    }
}

impl Evidence {
    fn cells(&self, scale: Option<&Scale>) -> Markup {
        html! {
            th.quantity scope="row" { (prose(&self.quantity)) }
            td.tested { (self.test()) }
            td.picture {
                @if let Some(scale) = scale { (scale.draw(self)) }
            }
            td.effect { (self.effect()) }
            td.seeds.numeric data-label=[shown(self).map(|_| "seeds")] {
                @if let Some(mean) = shown(self) { (mean.values) } @else { "–" }
            }
            (self.missing())
        }
    }

    /// Name, numbers and undefined values, without a picture.
    pub(super) fn in_words(&self) -> Markup {
        html! {
            td.quantity {
                (prose(&self.quantity))
                @if let Some(tested) = self.tested {
                    small.test {
                        "tested: " (tested.word())
                        @if let Some(outcome) = self.outcome { ", " (outcome.word()) }
                        @if let Some(margin) = margin(self) { ", margin " (decimal(margin, false)) }
                    }
                }
            }
            td.effect { (self.effect()) }
            (self.missing())
        }
    }

    /// What the claim says of it, and the margin.
    fn test(&self) -> Markup {
        html! {
            @match self.tested {
                Some(tested) => {
                    span { (tested.word()) }
                    @if let Some(outcome) = self.outcome {
                        ": " b.(outcome.class()) { (outcome.word()) }
                    }
                },
                None => span.undefined { "–" },
            }
            @if let Some(margin) = margin(self) { " " small { "margin " (decimal(margin, false)) } }
        }
    }

    fn missing(&self) -> Markup {
        html! {
            td.missing.numeric data-label=[self.undefined.map(|_| "undefined")] {
                @if let Some((undefined, all)) = self.undefined {
                    (undefined) " of " (all)
                } @else {
                    "–"
                }
            }
        }
    }

    fn effect(&self) -> Markup {
        let Some(mean) = shown(self) else {
            return html! { span.undefined { (UNDEFINED) } small { "undefined" } };
        };
        let Some((low, high)) = mean.interval else {
            let reason = match mean.values {
                0 | 1 => "one run: no interval",
                _ => "no interval",
            };
            return html! { span { (decimal(mean.mean, self.signed)) } small { (reason) } };
        };
        // The interval of a rate near 0 or 1 is wider on one side.
        let lopsided = ((low + high) / 2.0 - mean.mean).abs() > 0.0005;
        html! {
            span {
                (decimal(mean.mean, self.signed))
                @if !lopsided { " ± " (decimal((high - low) / 2.0, false)) }
            }
            small { (decimal(low, self.signed)) " to " (decimal(high, self.signed)) }
        }
    }
}
