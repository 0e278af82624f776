//! Lists of texts in errors and notes.

/// The largest number of texts that a list shows.
const LISTED: usize = 12;

/// Texts in backticks, with their special characters escaped, such as "`a`, `b` and 3 more". At
/// most 12 are listed.
///
/// ```
/// assert_eq!(tasks::schema::quoted(&["north", "so\nuth"]), "`north`, `so\\nuth`");
/// ```
pub fn quoted<T: AsRef<str>>(texts: &[T]) -> String {
    let quote = |text: &T| format!("`{}`", text.as_ref().escape_debug());
    let some: Vec<String> = texts.iter().take(LISTED).map(quote).collect();
    let more = texts.len().saturating_sub(LISTED);
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    some.join(", ") + &tail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_cut_short() {
        let texts: Vec<String> = (0..14).map(|n| n.to_string()).collect();
        assert!(quoted(&texts).ends_with("`10`, `11` and 2 more"));
        assert!(quoted(&texts[..12]).ends_with("`10`, `11`"));
        assert_eq!(quoted::<&str>(&[]), "");
    }
}
