//! Running text in which a term of the glossary is a link where it is first used.
//!
//! A page is put together from top to bottom, so what was linked before is known by then. Headings,
//! cells of tables and what is a link anyway go through [`prose`](super::prose::prose) instead and
//! leave a term's first use to the text.

use std::cell::RefCell;
use std::collections::BTreeSet;

use maud::{Markup, html};

use super::Term;
use super::prose::{kept_whole, typeset};

/// The terms of a glossary, and which of them the page has linked so far.
pub(super) struct Terms {
    /// Every spelling with the place of its term, longer ones first: "parity ratio" is no use of
    /// "parity".
    forms: Vec<(String, usize)>,
    linked: RefCell<BTreeSet<usize>>,
}

impl Terms {
    pub(super) fn of(glossary: &[Term]) -> Terms {
        let mut forms: Vec<(String, usize)> = Vec::new();
        for (place, Term { term, forms: others, .. }) in glossary.iter().enumerate() {
            let spellings = std::iter::once(term).chain(others);
            forms.extend(spellings.map(|form| (typeset(form), place)));
        }
        forms.retain(|(form, _)| !form.trim().is_empty());
        forms.sort_by_key(|(form, place)| (std::cmp::Reverse(form.len()), *place));
        Terms { forms, linked: RefCell::default() }
    }

    /// A text, with a link to the glossary from every term not linked before.
    pub(super) fn prose(&self, text: &str) -> Markup {
        let text = typeset(text);
        html! {
            @for (piece, place) in self.pieces(&text) {
                @match place {
                    None => (kept_whole(piece)),
                    Some(place) => a.term href={ "#" (id(place)) } { (kept_whole(piece)) },
                }
            }
        }
    }

    /// Cuts a text before and behind what becomes a link.
    fn pieces<'t>(&self, text: &'t str) -> Vec<(&'t str, Option<usize>)> {
        let mut pieces = Vec::new();
        let (mut from, mut at) = (0, 0);
        while let Some(letter) = text[at..].chars().next() {
            let Some((form, place)) = self.found_at(text, at) else {
                at += letter.len_utf8();
                continue;
            };
            let end = at + form.len();
            if self.linked.borrow_mut().insert(place) {
                pieces.extend([(&text[from..at], None), (&text[at..end], Some(place))]);
                from = end;
            }
            at = end;
        }
        pieces.push((&text[from..], None));
        pieces.retain(|(piece, _)| !piece.is_empty());
        pieces
    }

    /// The longest spelling that stands at a place as a word of its own.
    fn found_at(&self, text: &str, at: usize) -> Option<(&str, usize)> {
        // "Fair-MAML" is no use of "MAML".
        let in_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
        if text[..at].chars().next_back().is_some_and(in_word) {
            return None;
        }
        let stands = |form: &str| {
            let rest = text[at..].strip_prefix(form);
            rest.is_some_and(|rest| !rest.chars().next().is_some_and(in_word))
        };
        self.forms.iter().find(|(form, _)| stands(form)).map(|(form, place)| (&**form, *place))
    }
}

/// What links name an entry of the glossary.
pub(super) fn id(place: usize) -> String {
    format!("term-{}", place + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms() -> Terms {
        Terms::of(&[
            Term::new("MAML", "."),
            Term::new("Fair-MAML", "."),
            Term::new("parity", "."),
            Term::new("parity ratio", ".").forms(["parity ratios"]),
            Term::new("γ", "."),
            Term::default(),
        ])
    }

    /// Links in brackets with their places.
    fn linked(terms: &Terms, text: &str) -> String {
        let mut set = String::new();
        let typeset = typeset(text);
        for (piece, place) in terms.pieces(&typeset) {
            set += &place.map_or(piece.to_owned(), |place| format!("[{piece}|{place}]"));
        }
        set
    }

    #[test]
    fn only_the_first_use_is_a_link() {
        let terms = terms();
        assert_eq!(linked(&terms, "MAML, then MAML"), "[MAML|0], then MAML");
        assert_eq!(linked(&terms, "and MAML again"), "and MAML again");
    }

    #[test]
    fn only_whole_words_of_the_same_case_are_terms() {
        let terms = terms();
        let text = "maml MAMLs Fair-MAML-like disparity Parity";
        assert_eq!(linked(&terms, text), text);
        assert_eq!(linked(&terms, "(Fair-MAML's)"), "([Fair-MAML|1]’s)");
        assert_eq!(linked(&terms, "MAML"), "[MAML|0]");
    }

    #[test]
    fn a_longer_term_is_no_use_of_a_shorter_one_even_the_second_time() {
        let terms = terms();
        assert_eq!(
            linked(&terms, "parity ratios, parity ratio, parity"),
            "[parity ratios|3], parity ratio, [parity|2]"
        );
    }
}
