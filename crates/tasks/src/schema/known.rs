//! Which of some known texts another text means.

use std::borrow::Cow;
use std::collections::HashMap;

use frame::spelling::{folded, same_truth, value};

/// Known texts, by which others are looked up.
///
/// ```
/// let texts = ["1", "north"].map(String::from);
/// let known = tasks::schema::Known::new(&texts);
/// assert_eq!((known.place("1.0"), known.place("North")), (Some(0), None));
/// assert_eq!(known.nearest("North"), Some("north"));
/// ```
#[derive(Clone, Debug)]
pub struct Known<'a> {
    texts: &'a [String],
    exact: HashMap<&'a str, usize>,
    values: HashMap<Cow<'a, str>, usize>,
    folded: HashMap<Cow<'a, str>, usize>,
}

impl<'a> Known<'a> {
    /// Looks up these texts. Of two with the same value, the first one counts.
    pub fn new(texts: &'a [String]) -> Self {
        let exact = texts.iter().map(String::as_str).zip(0..).collect();
        let (mut values, mut near) = (HashMap::new(), HashMap::new());
        for (place, text) in texts.iter().enumerate() {
            values.entry(value(text)).or_insert(place);
            near.entry(folded(text)).or_insert(place);
        }
        Known { texts, exact, values, folded: near }
    }

    /// The place of the text that is equal to this one or is the same number.
    pub fn place(&self, text: &str) -> Option<usize> {
        self.exact.get(text).or_else(|| self.values.get(&value(text))).copied()
    }

    /// The first text that differs from this one in nothing but case, spaces, or the way to write
    /// a number or a truth value.
    pub fn nearest(&self, text: &str) -> Option<&'a str> {
        let folded = folded(text);
        let truth = || same_truth(&folded).into_iter().find_map(|truth| self.folded.get(truth));
        let place = self.folded.get(&folded).or_else(truth);
        place.map(|&place| self.texts[place].as_str())
    }
}
