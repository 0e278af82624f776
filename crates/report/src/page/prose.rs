//! Small things of typesetting that running text deserves.

use maud::{Markup, html};

/// A text with typographic quotation marks, whose equations ("γ = 10") and compounds
/// ("Fair-MAML") are not broken at the end of a line.
pub(super) fn prose(text: &str) -> Markup {
    kept_whole(&typeset(text))
}

/// A text as a typesetter has it, before it is cut into words.
pub(super) fn typeset(text: &str) -> String {
    with_quotes(text).replace(" = ", "\u{a0}=\u{a0}")
}

/// A text that is set already, whose compounds are not broken at the end of a line.
pub(super) fn kept_whole(text: &str) -> Markup {
    html! {
        @for (index, word) in text.split(' ').enumerate() {
            @if index > 0 { " " }
            // Longer ones must be able to break on a narrow page.
            @if word.contains('-') && word.chars().count() <= 24 {
                span.whole { (word) }
            } @else {
                (word)
            }
        }
    }
}

/// Straight quotation marks and apostrophes as a typesetter has them.
fn with_quotes(text: &str) -> String {
    let mut before = ' ';
    let set = text.chars().map(|character| {
        let opens = matches!(before, ' ' | '(' | '[' | '\u{201c}');
        before = match (character, opens) {
            ('"', true) => '\u{201c}',
            ('"', false) => '\u{201d}',
            ('\'', true) => '\u{2018}',
            ('\'', false) => '\u{2019}',
            (other, _) => other,
        };
        before
    });
    set.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_turn_toward_what_they_quote() {
        assert_eq!(with_quotes("the paper's \"fair\" ('so')"), "the paper’s “fair” (‘so’)");
    }

    #[test]
    fn what_belongs_together_stays_together() {
        let set = prose("Fair-MAML with γ = 2").into_string();
        assert_eq!(set, "<span class=\"whole\">Fair-MAML</span> with γ\u{a0}=\u{a0}2");
    }

    #[test]
    fn text_is_escaped() {
        assert_eq!(
            prose("<a-b> & c").into_string(),
            "<span class=\"whole\">&lt;a-b&gt;</span> &amp; c"
        );
    }
}
