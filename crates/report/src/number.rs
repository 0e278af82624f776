//! How numbers are set: three decimals, and a minus sign that is one.

/// What stands in place of a number that does not exist.
pub const UNDEFINED: &str = "n/a";

/// From here on a number has a power of ten: nobody reads so many digits.
const LARGE: f64 = 1e7;

/// With three decimals; `signed` for a plus sign where there is no minus.
pub fn decimal(x: f64, signed: bool) -> String {
    set(x, 3, signed)
}

/// "1 point", "2 points".
pub fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// With so many decimals; what rounds to zero has no sign.
pub(super) fn set(x: f64, decimals: usize, signed: bool) -> String {
    let digits = match x.abs() < LARGE {
        true => format!("{:.decimals$}", x.abs()),
        false => format!("{:.2e}", x.abs()),
    };
    let zero = digits.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    let sign = match x {
        _ if zero => "",
        x if x < 0.0 => "\u{2212}",
        _ if signed => "+",
        _ => "",
    };
    format!("{sign}{digits}")
}

/// A text with a minus sign for every hyphen that begins a number.
pub(super) fn with_minus_signs(text: &str) -> String {
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    let mut set = String::with_capacity(text.len() + 2);
    while let Some(character) = rest.next() {
        let number = rest.peek().is_some_and(char::is_ascii_digit);
        let begins = matches!(before, ' ' | '(' | '[');
        set.push(if character == '-' && number && begins { '\u{2212}' } else { character });
        before = character;
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs() {
        assert_eq!(decimal(0.7436, false), "0.744");
        assert_eq!(decimal(0.7436, true), "+0.744");
        assert_eq!(decimal(-0.0206, true), "−0.021");
        assert_eq!(decimal(-0.0206, false), "−0.021");
        assert_eq!(decimal(-0.0004, true), "0.000");
        assert_eq!(set(-2.0, 0, false), "−2");
        assert_eq!(decimal(-1_233_435_592_287_536.8, true), "−1.23e15");
        assert_eq!(decimal(9_999_999.0, false), "9999999.000");
    }

    #[test]
    fn only_hyphens_of_numbers_become_minus_signs() {
        assert_eq!(with_minus_signs("-0.1 ± 0.2"), "−0.1 ± 0.2");
        assert_eq!(with_minus_signs("(-1, -2)"), "(−1, −2)");
        assert_eq!(with_minus_signs("K-5, 1-2, -x, -"), "K-5, 1-2, -x, -");
    }
}
