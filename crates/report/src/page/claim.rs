//! The claims in full, and what else was found.

use maud::{Markup, html};

use super::prose::prose;
use super::terms::Terms;
use super::{Claim, Finding, Report, evidence, section, verdict};

impl Report {
    pub(super) fn claims_in_full(&self, terms: &Terms) -> Markup {
        html! {
            @if !self.claims.is_empty() {
                section {
                    h2 id="claims" { "The claims in full" }
                    @match verdict::too_short(self.verdicts()) {
                        Some(sentence) => p { (prose(&sentence)) },
                        None => (verdict::tally(self.verdicts())),
                    }
                    @let under = self.under();
                    @if let Some(under) = under {
                        p.under { "All are judged under: " (terms.prose(under)) "." }
                    }
                    @for (index, claim) in self.claims.iter().enumerate() {
                        (claim.in_full(index + 1, under.is_none(), terms))
                    }
                }
            }
        }
    }

    /// What all claims were judged under, if that is the same and not nothing.
    pub(super) fn under(&self) -> Option<&str> {
        let first = self.claims.first().map(|claim| claim.under.as_str())?;
        let all_alike = self.claims.iter().all(|claim| claim.under == first);
        (all_alike && !first.is_empty()).then_some(first)
    }

    pub(super) fn all_findings(&self, terms: &Terms) -> Markup {
        html! {
            @if !self.findings.is_empty() {
                section {
                    h2 id="findings" { "Findings" }
                    @for finding in &self.findings { (finding.in_full(terms)) }
                }
            }
        }
    }
}

impl Claim {
    fn in_full(&self, number: usize, says_under: bool, terms: &Terms) -> Markup {
        html! {
            section.finding {
                h3 id={ "claim-" (number) } { (number) ". " (prose(&self.claim)) }
                p.word { (self.verdict.icon()) (self.verdict.word()) }
                @if !self.because.is_empty() { p { (terms.prose(&self.because)) } }
                @if says_under && !self.under.is_empty() {
                    p.under { "Judged under: " (terms.prose(&self.under)) }
                }
                (evidence::table(&self.claim, &self.evidence))
                @if !self.readings.is_empty() { (self.under_readings()) }
            }
        }
    }

    /// The claim's verdict under each other reading of the paper.
    fn under_readings(&self) -> Markup {
        let table = html! {
            table.readings aria-label="Under other readings of the paper" {
                thead {
                    tr {
                        th scope="col" { "Open question" }
                        th scope="col" { "Read as" }
                        th scope="col" { "The claim" }
                    }
                }
                tbody {
                    @for other in &self.readings {
                        tr {
                            th scope="row" { (prose(&other.decision)) }
                            td { (prose(&other.reading)) }
                            td { (other.verdict.word()) }
                        }
                    }
                }
            }
        };
        let count = self.readings.len();
        section::folded(count, &format!("the claim under {count} other readings"), table)
    }
}

impl Finding {
    fn in_full(&self, terms: &Terms) -> Markup {
        html! {
            section.finding {
                h3 { (prose(&self.heading)) }
                p { (terms.prose(&self.text)) }
                @if !self.evidence.is_empty() {
                    (evidence::table(&self.heading, &self.evidence))
                }
            }
        }
    }
}
