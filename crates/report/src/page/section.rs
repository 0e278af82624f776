//! Chapters: text, tables, figures and subsections, numbered through the page.

use std::cell::Cell;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, html};

use super::prose::prose;
use super::terms::Terms;
use super::{Figure, Report, Section, Table};
use crate::number::{self, counted};

/// Tables of more rows are folded.
const UNFOLDED: usize = 12;
/// Tables of more characters in a row do not fit the screen of a telephone.
const NARROW: usize = 40;

/// Pictures of more pixels may be wider than a telephone.
const TELEPHONE: f64 = 340.0;

/// A table; if it is long, behind one line that says what is in it.
pub(super) fn folded(rows: usize, summary: &str, table: Markup) -> Markup {
    html! {
        @if rows > UNFOLDED {
            details.long {
                summary { (summary) }
                (table)
            }
        } @else {
            (table)
        }
    }
}

/// Seen on telephones only: a picture or a table that is cut off may look as if it were whole.
fn hint() -> Markup {
    html! { p.hint { "Wider than the screen: scroll it sideways." } }
}

/// How many tables and figures there were before.
#[derive(Default)]
struct Counters {
    tables: Cell<usize>,
    figures: Cell<usize>,
}

/// One more.
fn next(counter: &Cell<usize>) -> usize {
    counter.set(counter.get() + 1);
    counter.get()
}

impl Report {
    pub(super) fn sections(&self, terms: &Terms) -> Markup {
        let counters = Counters::default();
        html! {
            @for (index, section) in self.sections.iter().enumerate() {
                (section.at(&(index + 1).to_string(), 2, terms, &counters))
            }
        }
    }
}

impl Section {
    /// With its subsections; `path` as in "3-1", and the level of its heading.
    fn at(&self, path: &str, level: usize, terms: &Terms, counters: &Counters) -> Markup {
        let id = format!("section-{path}");
        let heading = prose(&self.heading);
        html! {
            section {
                @match level {
                    2 => h2 id=(id) { (heading) },
                    3 => h3 id=(id) { (heading) },
                    _ => h4 id=(id) { (heading) },
                }
                @for paragraph in &self.text { p { (terms.prose(paragraph)) } }
                @for table in &self.tables { (table.numbered(next(&counters.tables), terms)) }
                @for figure in &self.figures { (figure.numbered(next(&counters.figures), terms)) }
                @for (index, section) in self.subsections.iter().enumerate() {
                    (section.at(&format!("{path}-{}", index + 1), level + 1, terms, counters))
                }
            }
        }
    }
}

impl Table {
    /// The characters of a row, each column as wide as its widest word.
    fn width(&self) -> usize {
        let widest = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            let words = |text: &String| text.split(' ').map(|word| word.chars().count()).max();
            let numbers = |text: &String| text.chars().count();
            let cell = |text: &String| match column >= self.numeric_from {
                true => numbers(text),
                false => words(text).unwrap_or(0),
            };
            let head = self.head.get(column).and_then(words).unwrap_or(0);
            cells.map(cell).fold(head, usize::max) + 2
        };
        (0..self.head.len()).map(widest).sum()
    }

    fn numbered(&self, number: usize, terms: &Terms) -> Markup {
        let id = format!("table-{number}");
        let wide = self.width() > NARROW;
        html! {
            figure.table {
                figcaption id=(id) { b { "Table " (number) ". " } (terms.prose(&self.caption)) }
                (folded(self.rows.len(), &self.summary(), html! {
                    @if wide { (hint()) }
                    // Can be reached by keyboard, as it may have to be scrolled.
                    div.scroll role="region" aria-labelledby=(id) tabindex="0" {
                        table.sortable.wide[wide] aria-labelledby=(id) { (self.grid()) }
                    }
                }))
            }
        }
    }

    /// What is inside, for those who have not unfolded it.
    fn summary(&self) -> String {
        format!("{}: {}", counted(self.rows.len(), "row"), self.head.join(", "))
    }

    fn grid(&self) -> Markup {
        let numeric = |column: usize| column >= self.numeric_from;
        let mut last = None;
        html! {
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
                        @for (column, cell) in row.iter().enumerate() { (self.cell(column, cell)) }
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
    /// Whether it may be wider than a telephone, going by the width that the picture gives itself.
    fn is_wide(&self) -> bool {
        let root = self.svg.split_once("<svg").and_then(|(_, rest)| rest.split_once('>'));
        let width = root.and_then(|(root, _)| root.split_once(" width=\""));
        let width = width.and_then(|(_, rest)| rest.split('"').next()?.parse::<f64>().ok());
        width.is_none_or(|width| width > TELEPHONE)
    }

    /// The picture as an image of its own, so that no name in it meets one of another picture.
    fn numbered(&self, number: usize, terms: &Terms) -> Markup {
        let source = format!("data:image/svg+xml;base64,{}", STANDARD.encode(&self.svg));
        html! {
            figure {
                @if self.is_wide() { (hint()) }
                div.scroll role="region" aria-label={ "Figure " (number) } tabindex="0" {
                    img src=(source) alt=(self.description);
                }
                figcaption { b { "Figure " (number) ". " } (terms.prose(&self.caption)) }
            }
        }
    }
}
