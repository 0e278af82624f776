//! The texts that mean "missing".

use crate::spelling;

/// A set of texts that answers quickly for most texts that are not in it. A number in it stands for
/// all ways to write this number.
///
/// ```
/// let missing = frame::Missing::new(&["NA".into(), "-999".into()]);
/// assert!(missing.contains("NA") && missing.contains("-999.0") && !missing.contains("999"));
/// ```
#[derive(Clone, Debug)]
pub struct Missing {
    texts: Vec<String>,
    empty: bool,
    /// Whether a text in the set begins with this byte.
    first: [bool; 256],
    /// The values of the numbers in the set.
    numbers: Vec<f64>,
}

impl Missing {
    /// A set of texts without the spaces around them.
    pub fn new(texts: &[String]) -> Self {
        let texts: Vec<String> = texts.iter().map(|text| text.trim().to_owned()).collect();
        let mut first = [false; 256];
        for byte in texts.iter().filter_map(|text| text.as_bytes().first()) {
            first[*byte as usize] = true;
        }
        let numbers = texts.iter().filter_map(|text| finite(text)).collect();
        Self { empty: texts.iter().any(String::is_empty), texts, first, numbers }
    }

    /// Whether a text is in the set. It has no spaces around it, as the cells of a frame.
    pub fn contains(&self, text: &str) -> bool {
        match text.as_bytes().first() {
            None => self.empty,
            Some(&byte) => {
                let is_text = || self.texts.iter().any(|other| other == text);
                self.first[byte as usize] && is_text() || self.has_number(text, byte)
            }
        }
    }

    fn has_number(&self, text: &str, first: u8) -> bool {
        !self.numbers.is_empty()
            && (first.is_ascii_digit() || b"+-.".contains(&first))
            && finite(text).is_some_and(|number| self.numbers.contains(&number))
            && self.texts.iter().any(|other| spelling::same(other, text))
    }
}

fn finite(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}
