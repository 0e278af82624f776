//! Whether two texts mean the same value, or may do so.

use std::borrow::Cow;

/// The ways to write a truth value, in lower case: that of 1 and that of 0.
const TRUTHS: [&[&str]; 2] = [&["1", "true", "yes", "t", "y"], &["0", "false", "no", "f", "n"]];
/// The letters among them, which are the same value only beside a word or a number.
const LETTERS: [&str; 4] = ["t", "y", "f", "n"];

/// The value of a text: the same text for all ways to write a decimal number, and otherwise the
/// text itself. A number with a 0 before other digits is a code, such as a zip code, and no number.
///
/// ```
/// use frame::spelling::value;
///
/// assert!(["1.0", "1e0", "+1"].into_iter().all(|one| value(one) == value("1")));
/// assert_ne!(value("01"), value("1"));
/// assert_eq!(value("north"), "north");
/// ```
pub fn value(text: &str) -> Cow<'_, str> {
    match decimal(text).filter(|number| !number.padded) {
        Some(number) => number.shortest.into(),
        None => text.into(),
    }
}

/// Whether two texts are the same value, see [`value`].
pub fn same(one: &str, other: &str) -> bool {
    one == other || value(one) == value(other)
}

/// A text without what may be an accident: case, spaces, and the way to write a number, also with
/// a 0 in front. Texts with the same one may mean the same value.
pub fn folded(text: &str) -> Cow<'_, str> {
    match decimal(text.trim()) {
        Some(number) => number.shortest.into(),
        None => {
            let letters = text.chars().filter(|letter| !letter.is_whitespace());
            letters.flat_map(char::to_lowercase).collect::<String>().into()
        }
    }
}

/// The other folded texts that may mean the same truth value as a folded text.
pub fn same_truth(folded: &str) -> impl Iterator<Item = &'static str> {
    // A number is folded to its shortest form, in which 1 is `1e0`.
    let plain = |text: &str| match text {
        "1e0" => Some("1"),
        "0e0" => Some("0"),
        _ => None,
    };
    let folded = plain(folded).unwrap_or(folded).to_owned();
    let class = TRUTHS.into_iter().find(|class| class.contains(&folded.as_str()));
    let others = class.into_iter().flatten().copied();
    let is_letter = LETTERS.contains(&folded.as_str());
    let other = move |other: &&str| *other != folded && !(is_letter && LETTERS.contains(other));
    others.filter(other).map(|other| match other {
        "1" => "1e0",
        "0" => "0e0",
        _ => other,
    })
}

/// Whether two texts differ in nothing but case, spaces, or the way to write a number or a truth
/// value. Also true if they are the same.
///
/// ```
/// use frame::spelling::nearly;
///
/// assert!(nearly("Zone A", "zone  a") && nearly("1.0", "True") && nearly("007", "7"));
/// assert!(!nearly("yes", "no") && !nearly("t", "y"));
/// ```
pub fn nearly(one: &str, other: &str) -> bool {
    let (one, other) = (folded(one), folded(other));
    one == other || same_truth(&one).any(|truth| truth == other)
}

/// A decimal number.
struct Decimal {
    /// Sign, digits without 0 at both ends, and exponent, such as `-12e3`; `0e0` for 0.
    shortest: String,
    /// Whether a 0 stands before other digits of the whole part.
    padded: bool,
}

/// The decimal number that a text is.
fn decimal(text: &str) -> Option<Decimal> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{part}");
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let padded = whole.len() > 1 && whole.starts_with('0');
    let significant = digits.trim_end_matches('0');
    let exponent = i64::from(exponent) - part.len() as i64;
    let exponent = exponent + (digits.len() - significant.len()) as i64;
    let significant = significant.trim_start_matches('0');
    let shortest = match (significant, text.starts_with('-')) {
        ("", _) => "0e0".into(),
        (digits, true) => format!("-{digits}e{exponent}"),
        (digits, false) => format!("{digits}e{exponent}"),
    };
    Some(Decimal { shortest, padded })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_compare_as_numbers() {
        for (one, other) in [
            ("1", "1.0"),
            ("1", "1."),
            ("-999", "-999.00"),
            ("0.5", ".5"),
            ("0", "-0.0"),
            ("1200", "1.2e3"),
            ("1E-2", "0.01"),
        ] {
            assert!(same(one, other) && nearly(one, other), "{one} {other}");
        }
        // Codes, and digits that no double tells apart.
        for (one, other) in [
            ("01234", "1234"),
            ("12345678901234567890", "12345678901234567891"),
            ("1", "-1"),
            ("1", "10"),
            ("inf", "infinity"),
            ("e1", "e10"),
            ("", "0"),
            (".", "0"),
            ("1e99999999999", "1e99999999998"),
        ] {
            assert!(!same(one, other), "{one} {other}");
        }
    }

    #[test]
    fn near_spellings() {
        for (one, other) in [
            ("Yes", "yes"),
            ("North East", " north  east"),
            ("1.0", "TRUE"),
            ("1", "y"),
            ("t", "true"),
            ("0", "No"),
            ("0.0", "f"),
            ("01234", "1234"),
            ("Ä", "ä"),
        ] {
            assert!(nearly(one, other) && nearly(other, one), "{one} {other}");
            assert!(!same(one, other), "{one} {other}");
        }
        for (one, other) in [("yes", "no"), ("t", "y"), ("f", "n"), ("1", "0"), ("2", "yes")] {
            assert!(!nearly(one, other) && !nearly(other, one), "{one} {other}");
        }
    }

    proptest! {
        /// A value is its own value, and equal doubles of few digits have one.
        #[test]
        fn values(text in "[-+]?[0-9]{0,4}[.]?[0-9]{0,4}(e-?[0-9])?|[ -~]{0,6}") {
            let shortest = value(&text);
            prop_assert_eq!(&value(&shortest), &shortest);
            prop_assert!(nearly(&text, &shortest));
            if let Ok(number) = text.parse::<f64>() && number.is_finite() {
                prop_assert!(nearly(&text, &number.to_string()));
                let with_exponent = format!("{number:e}");
                prop_assert!(nearly(&text, &with_exponent));
            }
        }
    }
}
