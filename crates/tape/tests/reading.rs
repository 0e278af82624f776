//! The way through the code that the crate's documentation shows is short, and leaves out no file
//! that it needs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The most lines of code on that way.
const MOST_LINES: usize = 1200;

/// The code of each file in `src`, without comments and tests, by its path without `.rs`.
type Sources = BTreeMap<String, String>;

fn sources(folder: &Path, within: &str, into: &mut Sources) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_str().expect("UTF-8");
        let name = format!("{within}{name}");
        if path.is_dir() {
            sources(&path, &format!("{name}/"), into);
        } else if !name.contains("/tests") {
            into.insert(name, code(&fs::read_to_string(&path).expect("a source")));
        }
    }
}

/// Lines that are neither empty nor comments, before the tests.
fn code(source: &str) -> String {
    let source = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with("//");
    source.lines().filter(is_code).map(|line| format!("{line}\n")).collect()
}

/// The files of the first table in the documentation of `lib.rs`.
fn way(documentation: &str) -> Vec<String> {
    let table = documentation.lines().skip_while(|line| !line.starts_with("//! |---"));
    let rows = table.skip(1).take_while(|line| line.starts_with("//! | `"));
    let names = rows.flat_map(|row| {
        let files = row.split('|').nth(1).expect("a column of files");
        files.split('`').skip(1).step_by(2)
    });
    names.map(str::to_owned).collect()
}

/// The paths that follow `start` in a text, such as `a::b` and `a::c` for `start::a::{b, c}`.
fn paths<'a>(text: &'a str, start: &str) -> impl Iterator<Item = Vec<&'a str>> {
    text.match_indices(start).flat_map(|(at, found)| {
        let rest = &text[at + found.len()..];
        let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        let (names, after) = rest.split_at(rest.find(|c| !is_name(c)).unwrap_or(rest.len()));
        let names = names.split("::").filter(|name| !name.is_empty());
        let group = after.strip_prefix('{').and_then(|group| group.split_once('}'));
        assert!(group.is_none_or(|(group, _)| !group.contains('{')), "a group within a group");
        let last: Vec<Vec<&str>> = match group {
            Some((group, _)) => group.split(',').map(|p| p.trim().split("::").collect()).collect(),
            None => vec![vec![]],
        };
        last.into_iter().map(move |last| names.clone().chain(last).collect())
    })
}

/// The file in which a path from the crate's root ends. `None` for a list of modules.
fn file(sources: &Sources, path: &[&str]) -> Option<String> {
    let prefixes = (1..=path.len()).rev().map(|length| path[..length].join("/"));
    prefixes.into_iter().find(|prefix| sources.contains_key(prefix))
}

/// The files that a file names: in paths, by macros, and by the methods that it calls.
fn named_by(sources: &Sources, name: &str) -> BTreeSet<String> {
    let text = &sources[name];
    let mut parent: Vec<&str> = name.split('/').collect();
    parent.pop();
    let from_parent = paths(text, "super::").map(|path| [parent.clone(), path].concat());
    let exported: Vec<Vec<&str>> = paths(&sources["lib"], "pub use ").collect();
    let mut named = BTreeSet::new();
    for path in paths(text, "crate::").chain(from_parent) {
        let exported = exported.iter().find(|export| export.last() == path.first());
        named.extend(file(sources, &path).or_else(|| file(sources, exported?)));
    }
    for (other, code) in sources {
        let mut macros = paths(code, "macro_rules! ").filter_map(|path| path.first().copied());
        let mut methods = methods(code).into_iter().filter(|method| {
            let calls = [format!(".{method}("), format!(".{method}::<")];
            calls.iter().any(|call| text.contains(call))
        });
        // A name that several files define may be another one's method.
        let only_here = |method: &&str| {
            let defines = |code: &String| code.contains(&format!("fn {method}"));
            sources.values().filter(|code| defines(code)).count() == 1
        };
        if macros.any(|name| text.contains(&format!("{name}!")))
            || methods.any(|method| only_here(&method))
        {
            named.insert(other.clone());
        }
    }
    named.retain(|other| other != name);
    named
}

/// The methods that a file gives to types of any file.
fn methods(code: &str) -> Vec<&str> {
    let mut inherent = false;
    let mut methods = Vec::new();
    for line in code.lines() {
        if line.starts_with("impl") {
            inherent = !line.contains(" for ");
        }
        let declared = ["pub fn ", "pub(crate) fn "].iter().find_map(|start| {
            line.trim().strip_prefix(start).filter(|_| inherent && line.starts_with("    "))
        });
        let end = |rest: &str| rest.find(['(', '<']);
        methods.extend(declared.and_then(|rest| Some(&rest[..end(rest)?])));
    }
    methods
}

/// Whether a file is not part of the way unless the documentation names it: it is there for speed,
/// or it is the rule of one operation, and another one explains what a rule is.
fn is_beside(sources: &Sources, name: &str) -> bool {
    let is_rule = name.starts_with("rules/") && sources[name].contains("    fn reverse<");
    let is_rule = is_rule || sources[name].contains("    pub fn reverse<");
    name.starts_with("fast/") || name == "lib" || is_rule && name != "rules/rule"
}

#[test]
fn the_way_through_the_code_is_short_and_whole() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Sources::new();
    sources(&folder, "", &mut all);
    let documentation = fs::read_to_string(folder.join("lib.rs")).expect("lib.rs");
    let way = way(&documentation);
    assert_eq!(way.first().map(String::as_str), Some("derivatives"));

    let mut needed: BTreeSet<String> = way.iter().cloned().collect();
    let mut open = way.clone();
    while let Some(name) = open.pop() {
        let named = named_by(&all, &name);
        open.extend(
            named
                .into_iter()
                .filter(|other| !is_beside(&all, other) && needed.insert(other.clone())),
        );
    }
    let left_out: Vec<&String> = needed.iter().filter(|name| !way.contains(name)).collect();
    assert!(left_out.is_empty(), "the table of the way in lib.rs lacks {left_out:?}");
    let lines: usize = needed.iter().map(|name| all[name].lines().count()).sum();
    assert!(lines <= MOST_LINES, "{lines} lines of code in {needed:?}");
}

/// What the test above relies on: it follows paths, groups, macros, methods and what the crate
/// exports.
#[test]
fn every_way_to_another_file_is_followed() {
    let sources: Sources = [
        ("lib", "pub use deep::inner::{Thing, other};\npub use b::B;\n"),
        ("a", "use crate::b::{C, D};\nuse crate::{Thing};\nfn f() { x.far(1); made!(); }\n"),
        ("b", "use super::c;\n"),
        ("c", "pub fn c() {}\n"),
        ("d", "impl<S> T<S> {\n    pub(crate) fn far(&self) {}\n}\n"),
        ("e", "macro_rules! made {}\n"),
        ("deep/inner", "use super::sibling::X;\n"),
        ("deep/sibling", "fn g() { crate::c::c() }\n"),
    ]
    .map(|(name, code)| (name.to_owned(), code.to_owned()))
    .into();
    for (name, expected) in [
        ("a", &["b", "d", "deep/inner", "e"][..]),
        ("b", &["c"]),
        ("deep/inner", &["deep/sibling"]),
        ("deep/sibling", &["c"]),
        ("c", &[]),
    ] {
        let named: Vec<String> = named_by(&sources, name).into_iter().collect();
        assert_eq!(named, expected, "{name}");
    }
}
