//! The report: plain data in, one HTML page out that needs nothing but a browser.
//!
//! It opens with a table of the paper's claims: a verdict on each, beside the first of the numbers
//! that decide it. The claims in full, findings, sections with tables and figures, and where it all comes from follow. Every text is
//! escaped, figures stand in the page as images of their own, and the page forbids the browser to
//! load anything. The same data gives the same bytes.
//!
//! [`verdict`] has words and signs, [`evidence`] the rows of a quantity with its interval drawn,
//! [`crate::number`] and [`mod@prose`] how numbers and text are set; `page/style.css` is the look.
//! [`markdown`] says the same in Markdown.

mod evidence;
mod markdown;
mod prose;
mod verdict;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use self::prose::prose;
use crate::mean::Mean;
use crate::number;

/// The look of the page.
const STYLE: &str = include_str!("page/style.css");
/// What the browser may load: the styles and images in the page itself, nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/// A verdict on a paper's claims, and what it rests on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Stands above the page.
    pub title: String,
    /// What it is, before all else.
    pub about: Vec<String>,
    /// How verdicts come about, and what the numbers are.
    pub reading: Vec<String>,
    /// Numbered in this order.
    pub claims: Vec<Claim>,
    /// What else was seen.
    pub findings: Vec<Finding>,
    /// Tables and figures.
    pub sections: Vec<Section>,
    /// What was run, name and value: command, version, seeds.
    pub provenance: Vec<(String, String)>,
}

/// One claim of the paper.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// The claim, in our words.
    pub claim: String,
    /// What became of it.
    pub verdict: Verdict,
    /// Why, in one or two sentences.
    pub because: String,
    /// The numbers behind it; drawn on one scale.
    pub evidence: Vec<Evidence>,
}

/// What became of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Holds.
    Holds,
    /// Holds in part.
    InPart,
    /// Does not hold.
    DoesNotHold,
    /// Cannot be decided.
    Undecided,
}

/// A quantity, measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// Names it, as in "accuracy, Fair-MAML γ = 10 − pre-trained".
    pub quantity: String,
    /// Mean and interval over seeds; `None` where undefined.
    pub value: Option<Mean>,
    /// How many of all values are undefined; `None` for a quantity that always exists.
    pub undefined: Option<(usize, usize)>,
    /// Whether it is a difference, whose sign is always shown.
    pub signed: bool,
}

/// Something seen that the paper makes no claim about.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// In a few words.
    pub heading: String,
    /// In a few sentences.
    pub text: String,
    /// The numbers behind it; drawn on one scale.
    pub evidence: Vec<Evidence>,
}

/// A chapter of text, tables and figures, shown in this order.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// Also an entry of the table of contents.
    pub heading: String,
    /// Paragraphs.
    pub text: Vec<String>,
    /// Numbered through the report.
    pub tables: Vec<Table>,
    /// Numbered through the report.
    pub figures: Vec<Figure>,
}

/// A table of texts; the first column names the rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Says what is shown; stands above.
    pub caption: String,
    /// The names of the columns.
    pub head: Vec<String>,
    /// Cells, row by row. A row starts a new group where its first cell differs from the last.
    pub rows: Vec<Vec<String>>,
    /// Columns from here on hold numbers.
    pub numeric_from: usize,
}

/// A picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// The name of its own file.
    pub file: String,
    /// Says what is shown; stands below.
    pub caption: String,
    /// The whole SVG document.
    pub svg: String,
    /// Said in place of the picture to those who do not see it.
    pub description: String,
}

impl Report {
    /// The page.
    pub fn html(&self) -> String {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(POLICY);
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light";
                    title { (self.title) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    header {
                        h1 { (prose(&self.title)) }
                        @for paragraph in &self.about { p { (prose(paragraph)) } }
                        (self.verdicts())
                    }
                    (self.contents())
                    main {
                        (self.how_to_read())
                        (self.claims())
                        (self.findings())
                        (self.sections())
                        (self.provenance())
                    }
                }
            }
        }
        .into_string()
    }

    fn contents(&self) -> Markup {
        let sections = self.sections.iter().enumerate();
        html! {
            nav aria-label="Contents" {
                ul {
                    @if !self.claims.is_empty() { li { a href="#claims" { "The claims in full" } } }
                    @if !self.findings.is_empty() { li { a href="#findings" { "Findings" } } }
                    @for (index, section) in sections {
                        li { a href={ "#section-" (index + 1) } { (prose(&section.heading)) } }
                    }
                    @if !self.provenance.is_empty() { li { a href="#provenance" { "Provenance" } } }
                }
            }
        }
    }

    /// The claims at a glance.
    fn verdicts(&self) -> Markup {
        html! {
            @if !self.claims.is_empty() {
                table.evidence.verdicts {
                    thead {
                        tr {
                            th scope="col" { "The paper's claim" }
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

    fn how_to_read(&self) -> Markup {
        html! {
            @if !self.reading.is_empty() {
                section.reading {
                    h2 { "How to read the evidence" }
                    @for paragraph in &self.reading { p { (prose(paragraph)) } }
                    (evidence::legend())
                }
            }
        }
    }

    fn claims(&self) -> Markup {
        html! {
            @if !self.claims.is_empty() {
                section {
                    h2 id="claims" { "The claims in full" }
                    (verdict::tally(self.claims.iter().map(|claim| claim.verdict)))
                    @for (index, claim) in self.claims.iter().enumerate() {
                        section.finding {
                            h3 id={ "claim-" (index + 1) } { (index + 1) ". " (prose(&claim.claim)) }
                            p.word { (claim.verdict.icon()) (claim.verdict.word()) }
                            p { (prose(&claim.because)) }
                            (evidence::table(&claim.claim, &claim.evidence))
                        }
                    }
                }
            }
        }
    }

    fn findings(&self) -> Markup {
        html! {
            @if !self.findings.is_empty() {
                section {
                    h2 id="findings" { "Findings" }
                    @for finding in &self.findings {
                        section.finding {
                            h3 { (prose(&finding.heading)) }
                            p { (prose(&finding.text)) }
                            @if !finding.evidence.is_empty() {
                                (evidence::table(&finding.heading, &finding.evidence))
                            }
                        }
                    }
                }
            }
        }
    }

    fn sections(&self) -> Markup {
        let (mut tables, mut figures) = (1.., 1..);
        html! {
            @for (index, section) in self.sections.iter().enumerate() {
                section {
                    h2 id={ "section-" (index + 1) } { (prose(&section.heading)) }
                    @for paragraph in &section.text { p { (prose(paragraph)) } }
                    @for (table, number) in section.tables.iter().zip(&mut tables) {
                        (table.numbered(number))
                    }
                    @for (figure, number) in section.figures.iter().zip(&mut figures) {
                        (figure.numbered(number))
                    }
                }
            }
        }
    }

    fn provenance(&self) -> Markup {
        html! {
            @if !self.provenance.is_empty() {
                section {
                    h2 id="provenance" { "Provenance" }
                    dl {
                        @for (name, value) in &self.provenance {
                            dt { (name) }
                            dd { (value) }
                        }
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

impl Table {
    fn numbered(&self, number: usize) -> Markup {
        let id = format!("table-{number}");
        let numeric = |column: usize| column >= self.numeric_from;
        let mut last = None;
        html! {
            figure.table {
                figcaption id=(id) { b { "Table " (number) ". " } (prose(&self.caption)) }
                // Can be reached by keyboard, as it may have to be scrolled.
                div.scroll role="region" aria-labelledby=(id) tabindex="0" {
                    table aria-labelledby=(id) {
                        thead {
                            tr {
                                @for (column, name) in self.head.iter().enumerate() {
                                    th scope="col" .numeric[numeric(column)] { (name) }
                                }
                            }
                        }
                        tbody {
                            @for row in &self.rows {
                                @let first = row.first();
                                tr.group[last.replace(first) != Some(first)] {
                                    @for (column, cell) in row.iter().enumerate() {
                                        (self.cell(column, cell))
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn cell(&self, column: usize, cell: &str) -> Markup {
        let numeric = column >= self.numeric_from;
        let text = if numeric { number::with_minus_signs(cell) } else { cell.to_owned() };
        html! {
            @if column == 0 {
                th scope="row" .numeric[numeric] { (text) }
            } @else {
                td.numeric[numeric].undefined[cell == number::UNDEFINED] { (text) }
            }
        }
    }
}

impl Figure {
    /// The picture as an image of its own, so that no name in it meets one of another picture.
    fn numbered(&self, number: usize) -> Markup {
        let source = format!("data:image/svg+xml;base64,{}", STANDARD.encode(&self.svg));
        html! {
            figure {
                div.scroll role="region" aria-label={ "Figure " (number) } tabindex="0" {
                    img src=(source) alt=(self.description);
                }
                figcaption { b { "Figure " (number) ". " } (prose(&self.caption)) }
            }
        }
    }
}

#[cfg(test)]
mod tests;
