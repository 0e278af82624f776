//! What a reader meets first: the words one has to know, the sources, the contents, the claims at a
//! glance. And last: the glossary.

use maud::{Markup, html};

use super::prose::prose;
use super::terms::{Terms, id};
use super::{Claim, Definition, Report, Section, Term, linked, verdict};

impl Report {
    pub(super) fn opening(&self, terms: &Terms) -> Markup {
        html! {
            header {
                h1 { (prose(&self.title)) }
                // In place of the list beside the page, where there is no room for it.
                details.contents {
                    summary { "Contents" }
                    nav aria-label="Contents, folded" { (self.contents()) }
                }
                @for paragraph in &self.about { p { (terms.prose(paragraph)) } }
                (self.definitions(terms))
                (self.references())
                (self.at_a_glance())
            }
        }
    }

    /// Links to everything that has a heading.
    pub(super) fn contents(&self) -> Markup {
        let sections = self.sections.iter().enumerate();
        html! {
            ul {
                @if !self.claims.is_empty() { li { a href="#verdicts" { "Verdicts at a glance" } } }
                @if !self.reading.is_empty() {
                    li { a href="#reading" { "How to read the evidence" } }
                }
                @if !self.claims.is_empty() {
                    li {
                        a href="#claims" { "The claims in full" }
                        ol.numbers {
                            @for number in 1..=self.claims.len() {
                                li {
                                    a href={ "#claim-" (number) } aria-label={ "Claim " (number) } {
                                        (number)
                                    }
                                }
                            }
                        }
                    }
                }
                @if !self.findings.is_empty() { li { a href="#findings" { "Findings" } } }
                @for (index, section) in sections { (entry(section, &(index + 1).to_string())) }
                @if !self.provenance.is_empty() { li { a href="#provenance" { "Provenance" } } }
                @if !self.glossary.is_empty() { li { a href="#glossary" { "Glossary" } } }
            }
        }
    }

    fn definitions(&self, terms: &Terms) -> Markup {
        html! {
            @if !self.definitions.is_empty() {
                dl.definitions aria-label="Definitions" {
                    @for Definition { term, text, link } in &self.definitions {
                        div {
                            // What it means stands beside it: no link to the glossary.
                            dt { (prose(term)) }
                            dd { (terms.prose(text)) (more(link.as_deref())) }
                        }
                    }
                }
            }
        }
    }

    fn references(&self) -> Markup {
        html! {
            @if !self.sources.is_empty() {
                ul.sources aria-label="Sources" {
                    @for source in &self.sources {
                        li { (prose(&source.role)) ": " (linked(&source.name, &source.link)) }
                    }
                }
            }
        }
    }

    /// One row a claim, or one sentence if there is nothing to say of any.
    fn at_a_glance(&self) -> Markup {
        html! {
            @if !self.claims.is_empty() {
                h2 id="verdicts" { "Verdicts at a glance" }
                @if let Some(sentence) = verdict::too_short(self.verdicts()) {
                    p.word { (super::Verdict::TooShort.icon()) span { (prose(&sentence)) } }
                } @else {
                    table.evidence.verdicts aria-labelledby="verdicts" {
                        thead {
                            tr {
                                th scope="col" { "The paper’s claim" }
                                th scope="col" { "Verdict" }
                                th scope="col" { "The first of its evidence" }
                                th scope="col" { "Effect, 95% interval" }
                                th.numeric scope="col" { "Undefined" }
                            }
                        }
                        tbody {
                            @for (index, claim) in self.claims.iter().enumerate() {
                                (claim.at_a_glance(index + 1))
                            }
                        }
                    }
                }
            }
        }
    }

    pub(super) fn verdicts(&self) -> impl ExactSizeIterator<Item = super::Verdict> + Clone {
        self.claims.iter().map(|claim| claim.verdict)
    }

    /// The glossary.
    pub(super) fn terms(&self) -> Markup {
        html! {
            @if !self.glossary.is_empty() {
                section {
                    h2 id="glossary" { "Glossary" }
                    dl.glossary {
                        @for (place, Term { term, text, link, .. }) in
                            self.glossary.iter().enumerate()
                        {
                            div {
                                dt id=(id(place)) { (prose(term)) }
                                dd { (prose(text)) (more(link.as_deref())) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A link with the address itself for its text, which is still of use in print.
fn more(link: Option<&str>) -> Markup {
    html! {
        @if let Some(address) = link {
            @let text = address.trim_start_matches("https://").trim_start_matches("http://");
            " " span.more { (linked(text, address)) }
        }
    }
}

/// A chapter and, below it, its subsections.
fn entry(section: &Section, path: &str) -> Markup {
    html! {
        li {
            a href={ "#section-" (path) } { (prose(&section.heading)) }
            @if !section.subsections.is_empty() {
                ul {
                    @for (index, section) in section.subsections.iter().enumerate() {
                        (entry(section, &format!("{path}-{}", index + 1)))
                    }
                }
            }
        }
    }
}

impl Claim {
    /// The claim and its verdict, beside the first of its evidence.
    fn at_a_glance(&self, number: usize) -> Markup {
        html! {
            tr {
                th.claim scope="row" {
                    div {
                        span.number { (number) }
                        a href={ "#claim-" (number) } { (prose(&self.claim)) }
                    }
                }
                td { span.word { (self.verdict.icon()) (self.verdict.word()) } }
                @match self.evidence.first() {
                    Some(first) => (first.in_words()),
                    None => td.none colspan="3" { "no evidence" },
                }
            }
        }
    }
}
