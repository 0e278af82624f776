//! Texts that a spreadsheet would take for a formula.
//!
//! A spreadsheet evaluates a cell of a CSV file that begins with `=`, `+`, `-` or `@`, and a
//! formula can start a program or send data away. A program that reads CSV does nothing of the
//! kind, and needs the text as it is: an id has to be found again. So texts are counted, and
//! changed only where that is asked for.

/// Whether a spreadsheet would take a text for a formula. A number is none.
///
/// A tab or a line break at the beginning counts too, and so do the wide forms of the four signs,
/// which some spreadsheets take for the signs.
pub(crate) fn is_formula(text: &str) -> bool {
    let begins = |c: char| "=+-@\t\r\n\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}".contains(c);
    text.starts_with(begins) && !text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// The text with a `'` in front, which a spreadsheet takes for the mark of a text.
pub(crate) fn escaped(text: &str) -> String {
    format!("'{text}")
}

#[cfg(test)]
mod tests {
    use super::is_formula;

    #[test]
    fn a_number_is_no_formula() {
        for text in ["=1+1", "+1-2", "-", "@x", "-inf", "+a", "-1,5", "\t=x", "\u{ff1d}1"] {
            assert!(is_formula(text), "{text}");
        }
        for text in ["", "-1", "+1.5e3", "a=b", "'=1", "1-2", "<=50K"] {
            assert!(!is_formula(text), "{text}");
        }
    }
}
