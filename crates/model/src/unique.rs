//! Names that occur twice in one object of JSON. A reader takes the first or the last of them, so
//! such a text has no single meaning.

use std::collections::HashSet;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};

/// The first name that occurs twice in an object, at any depth. `None` if there is none, and for a
/// text that is no JSON.
pub(crate) fn doubled(json: &[u8]) -> Option<String> {
    let mut found = None;
    let _ = Names(&mut found).deserialize(&mut serde_json::Deserializer::from_slice(json));
    found
}

/// Looks at all names of a value.
struct Names<'f>(&'f mut Option<String>);

impl<'de> DeserializeSeed<'de> for Names<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<(), D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Names<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if names.contains(&name) {
                *self.0 = Some(name);
                return Err(A::Error::custom("a name twice"));
            }
            map.next_value_seed(Names(self.0))?;
            names.insert(name);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<(), A::Error> {
        while values.next_element_seed(Names(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::doubled;

    #[test]
    fn names_are_looked_at_everywhere() {
        for (json, name) in [
            (r#"{"a": 1, "b": [null, true, -1, 2.5, "x", {"a": 1}], "c": {"a": {}}}"#, None),
            (r#"{"a": 1, "b": 2, "a": 1}"#, Some("a")),
            (r#"{"a": 1, "\u0061": 1}"#, Some("a")),
            (r#"{"a": [1, {"b": {"c": 1, "c": 2}}]}"#, Some("c")),
            (r#"{"a": 1, "a""#, Some("a")),
            ("no JSON", None),
            ("", None),
        ] {
            assert_eq!(doubled(json.as_bytes()).as_deref(), name, "{json}");
        }
    }
}
