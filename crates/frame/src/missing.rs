//! The texts that mean "missing".

/// A set of texts that answers quickly for most texts that are not in it.
#[derive(Clone, Debug)]
pub(crate) struct Missing {
    texts: Vec<String>,
    empty: bool,
    /// Whether a text in the set begins with this byte.
    first: [bool; 256],
}

impl Missing {
    pub fn new(texts: &[String]) -> Self {
        let texts: Vec<String> = texts.iter().map(|text| text.trim().to_owned()).collect();
        let mut first = [false; 256];
        for byte in texts.iter().filter_map(|text| text.as_bytes().first()) {
            first[*byte as usize] = true;
        }
        Self { empty: texts.iter().any(String::is_empty), texts, first }
    }

    pub fn contains(&self, text: &str) -> bool {
        match text.as_bytes().first() {
            None => self.empty,
            Some(&byte) => {
                self.first[byte as usize] && self.texts.iter().any(|other| other == text)
            }
        }
    }
}
