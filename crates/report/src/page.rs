//! The report: plain data in, one HTML page out that needs nothing but a browser.
//!
//! It opens with the words one has to know, the sources, and a table of the paper's claims: a
//! verdict on each, beside the first of the numbers that decide it. The claims in full, findings,
//! sections with tables and figures, where it all comes from, and a glossary follow. Every text is
//! escaped, figures stand in the page as images of their own, and the page forbids the browser to
//! load anything. The one script in it sorts tables and unfolds what is printed; without it there
//! is as much to read. The same data gives the same bytes.
//!
//! | file | subject |
//! |---|---|
//! | `data` | what a report is made of |
//! | `opening` | definitions, sources, contents, claims at a glance; the glossary |
//! | `claim` | claims in full, findings |
//! | `section` | chapters of text, tables and figures |
//! | `evidence`, `forest` | a quantity with its interval: in numbers, and drawn |
//! | `verdict` | words and signs of verdicts |
//! | `terms`, `prose` | running text: links to the glossary, typesetting |
//! | `json`, `markdown` | the claims as JSON, the report as Markdown |
//! | `style.css`, `script.js` | the look; what a click does |

mod claim;
mod data;
mod evidence;
mod forest;
mod json;
mod markdown;
mod opening;
mod prose;
mod section;
mod terms;
mod verdict;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

pub use self::data::{
    Claim, Definition, Evidence, EvidenceOutcome, Figure, Finding, Report, Section, Source, Table,
    Term, Tested, UnderReading, Unit, Verdict,
};
pub use self::json::claims_json;
use self::prose::prose;
use self::terms::Terms;

/// The look of the page.
const STYLE: &str = include_str!("page/style.css");
/// What the page can do beyond being read.
const SCRIPT: &str = include_str!("page/script.js");

/// What the browser may load and run: the styles, the images and the one script in the page
/// itself, nothing else.
fn policy() -> String {
    let hash = STANDARD.encode(Sha256::digest(SCRIPT));
    format!(
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{hash}'; \
         base-uri 'none'; form-action 'none'"
    )
}

impl Report {
    /// The page.
    pub fn html(&self) -> String {
        let terms = Terms::of(&self.glossary);
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(policy());
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.title) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    nav.side aria-label="Contents" { (self.contents()) }
                    div.page {
                        (self.opening(&terms))
                        main {
                            (self.how_to_read(&terms))
                            (self.claims_in_full(&terms))
                            (self.all_findings(&terms))
                            (self.sections(&terms))
                            (self.origin())
                            (self.terms())
                        }
                    }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        }
        .into_string()
    }

    fn how_to_read(&self, terms: &Terms) -> Markup {
        html! {
            @if !self.reading.is_empty() {
                section.reading {
                    h2 id="reading" { "How to read the evidence" }
                    @for paragraph in &self.reading { p { (terms.prose(paragraph)) } }
                    (evidence::legend())
                }
            }
        }
    }

    fn origin(&self) -> Markup {
        html! {
            @if !self.provenance.is_empty() {
                section {
                    h2 id="provenance" { "Provenance" }
                    dl.provenance {
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

/// The text as a link to its address; only as itself if that is no address of the web.
fn linked(text: &str, address: &str) -> Markup {
    let web = ["https://", "http://"].iter().any(|scheme| address.starts_with(scheme));
    html! {
        @if web { a href=(address) rel="noreferrer" { (prose(text)) } } @else { (prose(text)) }
    }
}

#[cfg(test)]
mod tests;
