//! Texts that are only text in Markdown: no emphasis, no link, no HTML, no line that begins a list.

/// Characters that mean something to Markdown wherever they stand.
const MARKS: &[char] = &['\\', '`', '*', '[', ']', '~', '$', '|'];

/// A text inside a line. Line breaks become spaces.
pub(super) fn inline(text: &str) -> String {
    let letters: Vec<char> =
        text.split_whitespace().collect::<Vec<_>>().join(" ").chars().collect();
    let mut set = String::with_capacity(text.len() + 8);
    for (index, &letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).map(|index| letters[index]);
        let after = letters.get(index + 1).copied();
        let inside = |other: Option<char>| other.is_some_and(char::is_alphanumeric);
        match letter {
            '<' => set += "&lt;",
            // As in "&lt;", which would become a sign.
            '&' if inside(after) || after == Some('#') => set += "&amp;",
            // Within a word it is only a letter.
            '_' if !(inside(before) && inside(after)) => set += "\\_",
            // Addresses are made links without any sign around them.
            '/' if before == Some(':') => set += "\\/",
            '.' if index >= 3 && letters[index - 3..index].iter().all(|w| "wW".contains(*w)) => {
                set += "\\.";
            }
            mark if MARKS.contains(&mark) => set.extend(['\\', mark]),
            other => set.push(other),
        }
    }
    set
}

/// A text that is a paragraph of its own.
pub(super) fn paragraph(text: &str) -> String {
    let set = inline(text);
    let digits = set.bytes().take_while(u8::is_ascii_digit).count();
    // "2019. And" would be number 2019 of a list; "- so" an entry, "# so" a heading.
    let rest = &set[digits..];
    let begins = match digits {
        0 => rest.starts_with(['#', '>', '-', '+', '=']),
        _ => [". ", ") "].iter().any(|mark| rest.starts_with(mark)) || [".", ")"].contains(&rest),
    };
    if begins { format!("{}\\{rest}", &set[..digits]) } else { set }
}

/// An address for a link; `None` if it is none of the web.
pub(super) fn address(link: &str) -> Option<String> {
    let web = ["https://", "http://"].iter().any(|scheme| link.starts_with(scheme));
    web.then(|| path(link))
}

/// An address or the path of a file, with nothing in it that could end a link.
pub(super) fn path(path: &str) -> String {
    let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'*+,;=%".contains(&byte);
    let mut set = String::with_capacity(path.len());
    for byte in path.bytes() {
        match kept(byte) {
            true => set.push(char::from(byte)),
            false => set += &format!("%{byte:02X}"),
        }
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_and_links_are_only_text() {
        for (text, expected) in [
            ("<script>alert(1)</script>", "&lt;script>alert(1)&lt;/script>"),
            ("a &lt; b & c", "a &amp;lt; b & c"),
            ("[x](https://a.b)", "\\[x\\](https:\\//a.b)"),
            ("![x](y)", "!\\[x\\](y)"),
            ("www.a.b", "www\\.a.b"),
            ("*a* `b` _c_ d_e", "\\*a\\* \\`b\\` \\_c\\_ d_e"),
            ("a|b\n\n# c", "a\\|b # c"),
        ] {
            assert_eq!(inline(text), expected);
        }
    }

    #[test]
    fn a_paragraph_begins_nothing_else() {
        for (text, expected) in [
            ("# a", "\\# a"),
            ("- a", "\\- a"),
            ("2019. A year", "2019\\. A year"),
            ("1) a", "1\\) a"),
            ("0.05 is the margin", "0.05 is the margin"),
            ("5 rows - all", "5 rows - all"),
            ("−0.1", "−0.1"),
        ] {
            assert_eq!(paragraph(text), expected);
        }
    }

    #[test]
    fn an_address_cannot_end_its_link() {
        assert_eq!(
            address("https://a.b/c?d=(e) f").as_deref(),
            Some("https://a.b/c?d=%28e%29%20f")
        );
        assert_eq!(address("javascript:alert(1)"), None);
    }
}
