//! Every function, type and file that a document names in backticks exists.

use std::collections::HashSet;

use super::{File, files, prose};

/// Names of other projects and of the language, which the sources need not use.
const FOREIGN: &[&str] = &["Rc", "HashMap"];

/// The code spans of a Markdown text.
fn spans(text: &str) -> impl Iterator<Item = (usize, &str)> {
    prose(text).flat_map(|(number, line)| {
        line.split('`').skip(1).step_by(2).map(move |span| (number, span))
    })
}

/// Whether the text is a path of names, such as `Tape::backward`.
fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The words of a source outside of comments that fill a line.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(words)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
}

/// The declarations and `impl` blocks of the type, each from its first line to its closing brace,
/// which has the indentation of the first line.
fn blocks<'a>(text: &'a str, owner: &str) -> Vec<&'a str> {
    let kinds = ["struct", "enum", "trait", "type", "impl"];
    let mut blocks = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let mut names = words(line).filter(|word| !["", "pub", "crate", "super"].contains(word));
        let declares = names.next().is_some_and(|first| kinds.contains(&first));
        if declares && names.any(|name| name == owner) {
            let indentation = &line[..line.len() - line.trim_start().len()];
            let end = text[start..].find(&format!("\n{indentation}}}"));
            blocks.push(&text[start..end.map_or(text.len(), |end| start + end)]);
        }
        start += line.len();
    }
    blocks
}

/// Whether a line of the text declares a function, constant, field or variant of this name. With
/// `in_table`, a line that begins with the name does.
fn defines(text: &str, name: &str, in_table: bool) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start().trim_start_matches("pub ").trim_start_matches("pub(crate) ");
        let line = line.trim_start_matches("const ").trim_start_matches("fn ");
        let line = line.trim_start_matches("type ");
        let Some(rest) = line.strip_prefix(name) else { return false };
        match name.starts_with(char::is_uppercase) {
            true => rest.is_empty() || rest.starts_with([',', '(', ' ', ':']),
            false => rest.starts_with(['(', ':', '<']) || in_table && rest.starts_with(' '),
        }
    })
}

struct Tree {
    files: Vec<File>,
    /// Every word of the files that are not Markdown, outside of comments.
    words: HashSet<String>,
}

impl Tree {
    fn new() -> Self {
        let mut files = files();
        // This file names what does not exist.
        files.retain(|file| !file.path.ends_with("documents/names.rs"));
        let sources = files.iter().filter(|file| !file.is("md") && !file.path.ends_with(".lock"));
        let words = sources.flat_map(|file| code(&file.text)).map(String::from).collect();
        Self { files, words }
    }

    fn sources(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.is("rs"))
    }

    /// A file or folder of this path, or whose path has these last parts; `*` and `<problem>` stand
    /// for anything in one part. Or a file that the program writes: its name is in the sources.
    fn has_file(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/').replace("<problem>", "*");
        let parts: Vec<&str> = path.split('/').collect();
        let alike = |own: &str, part: &str| match part.split_once('*') {
            Some((start, end)) => own.starts_with(start) && own.ends_with(end),
            None => own == part,
        };
        let matches = |file: &File| {
            let own: Vec<&str> = file.path.split('/').collect();
            let mut windows = own.windows(parts.len());
            windows.any(|own| own.iter().zip(&parts).all(|(own, part)| alike(own, part)))
        };
        let name = parts[parts.len() - 1].trim_start_matches(['*', '_']);
        self.files.iter().any(matches)
            || !path.ends_with(".rs") && self.sources().any(|file| file.text.contains(name))
    }

    /// Whether `owner` has a member of this name. An owner in lower case is a crate or a module.
    fn has_member(&self, owner: &str, member: &str) -> bool {
        if owner.starts_with(char::is_uppercase) {
            return self.sources().any(|file| {
                // Macros make methods of the tape from the lines of the table.
                let of_tape = owner == "Tape" && file.path.ends_with("rules/table.rs");
                of_tape && defines(&file.text, member, true)
                    || blocks(&file.text, owner).iter().any(|text| defines(text, member, false))
            });
        }
        let of_module = |file: &&File| {
            file.path.starts_with(&format!("crates/{owner}/"))
                || file.path.ends_with(&format!("/{owner}.rs"))
                || file.path.contains(&format!("/{owner}/"))
        };
        self.sources().filter(of_module).any(|file| {
            code(&file.text).any(|word| word == member)
                || file.path.ends_with(&format!("/{member}.rs"))
        })
    }

    /// Whether a code span names nothing that is missing.
    fn knows(&self, span: &str) -> bool {
        let span = span.trim_end_matches("()").trim_start_matches('&');
        let known = |name: &str| {
            self.words.contains(name)
                || FOREIGN.contains(&name)
                // A golden case is named by its file.
                || self.files.iter().any(|file| file.path == format!("tests/cases/{name}.json"))
        };
        let extension = span.rsplit_once('.').map(|(_, extension)| extension);
        let is_file = |extension: &str| {
            ["rs", "md", "csv", "json", "svg", "toml", "py", "html", "css", "js"]
                .contains(&extension)
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-./*<>".contains(c);
        if span.chars().all(plain) && (extension.is_some_and(is_file) || is_folder(span)) {
            return self.has_file(span);
        }
        // A type with arguments is known if all its parts are.
        let parts: Vec<&str> = span.split("::").collect();
        if parts.iter().all(|part| is_identifier(part)) {
            return match parts[..] {
                [name] => {
                    let code = name.contains('_') || name.starts_with(char::is_uppercase);
                    !code || known(name)
                }
                [.., owner, member] => known(member) && self.has_member(owner, member),
                [] => true,
            };
        }
        true
    }
}

/// Whether the text names a folder or a file by its path in the tree.
fn is_folder(span: &str) -> bool {
    ["crates/", "docs/", "tests/", "datasets/", "examples/"].iter().any(|top| span.starts_with(top))
}

#[test]
fn every_name_exists() {
    let tree = Tree::new();
    // Mistakes are found.
    for ghost in
        ["Groups::gradient", "Tape::backwards", "tape::no_such_function", "docs/none.md", "NoType"]
    {
        assert!(!tree.knows(ghost), "{ghost}");
    }
    for name in ["Tape::backward", "tape::sweep", "crates/*/tests/", "workers.rs", "Tape"] {
        assert!(tree.knows(name), "{name}");
    }
    let mut ghosts = Vec::new();
    // The changelog names what is gone.
    for file in tree.files.iter().filter(|file| file.is("md") && file.path != "CHANGELOG.md") {
        for (number, span) in spans(&file.text).filter(|(_, span)| !tree.knows(span)) {
            ghosts.push(format!("{}:{number}: `{span}`", file.path));
        }
    }
    assert!(ghosts.is_empty(), "named, but not there:\n{}", ghosts.join("\n"));
}
