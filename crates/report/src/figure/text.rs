//! How much room text takes, and numbers as text.
//!
//! The viewer chooses the font, so widths are estimates; they follow a wide one (DejaVu Sans),
//! so that text set in a narrower one (Helvetica, Arial) only leaves more air.

/// How much wider bold type is.
pub(super) const BOLD: f64 = 1.08;

/// The width of `text` at font size `size`, in pixels.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let em: f64 = text
        .chars()
        .map(|c| match c {
            'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | ' ' => 0.33,
            '(' | ')' | '[' | ']' | 'f' | 't' | 'r' | 'I' | '-' | '/' | '"' => 0.42,
            'm' | 'w' | 'M' | 'W' | '%' | '—' => 0.95,
            c if c.is_uppercase() => 0.70,
            _ => 0.62,
        })
        .sum();
    // No text is 0 wide; the empty sum is −0, and a room divided by that would be −∞.
    em.abs() * size
}

/// Breaks `text` between words into lines of at most `room` pixels (a longer word stands alone).
pub(super) fn wrap(text: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(line, size) + width(" ", size) + width(word, size) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The same in lines of like length: as narrow as the same number of lines can be.
pub(super) fn wrap_evenly(text: &str, size: f64, room: f64) -> Vec<String> {
    let lines = wrap(text, size, room);
    let narrower = (1..20).map(|k| wrap(text, size, room * (1.0 - 0.025 * f64::from(k))));
    narrower.take_while(|l| l.len() == lines.len()).last().unwrap_or(lines)
}

/// `value` with as few digits as tell it apart, with a proper minus sign.
pub(super) fn number(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-4..1e6).contains(&magnitude) {
        let exponent = magnitude.log10().floor() as i32;
        let mantissa = format!("{:.2}", value / 10f64.powi(exponent));
        let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
        let power = format!("10{}", superscript(exponent));
        return match mantissa {
            "1" => power,
            "-1" => format!("−{power}"),
            other => format!("{}·{power}", other.replace('-', "−")),
        };
    }
    let decimals = if magnitude < 0.01 { 6 } else { 4 };
    let text = format!("{value:.decimals$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.replace('-', "−") }
}

/// An exponent in raised digits.
fn superscript(exponent: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let raised = |c: char| c.to_digit(10).map_or('⁻', |d| DIGITS[d as usize]);
    exponent.to_string().chars().map(raised).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_in_print() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (10.0, "10"),
            (0.5, "0.5"),
            (-0.25, "−0.25"),
            (0.0005, "0.0005"),
            (100_000.0, "100000"),
            (1e-5, "10⁻⁵"),
            (-2.5e7, "−2.5·10⁷"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn wrapping_keeps_every_word_and_the_room() {
        let text = "undefined and not shown: 2 points of Fair-MAML, 1 point of MAML";
        let lines = wrap(text, 10.0, 140.0);
        assert!(lines.len() > 1);
        assert_eq!(lines.join(" "), text);
        assert!(lines.iter().all(|line| width(line, 10.0) <= 140.0));
        assert_eq!(wrap("unbreakable", 10.0, 5.0), ["unbreakable"]);
        assert!(wrap("", 10.0, 100.0).is_empty());
    }
}
