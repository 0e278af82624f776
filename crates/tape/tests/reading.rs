//! The way through the code that the crate's documentation shows stays short.

use std::fs;
use std::path::Path;

/// The most lines of code on that way.
const MOST_LINES: usize = 1200;

/// The files of the first table in `lib.rs`.
fn way(documentation: &str) -> Vec<&str> {
    let table = documentation.lines().skip_while(|line| !line.starts_with("//! |---"));
    let rows = table.skip(1).take_while(|line| line.starts_with("//! | `"));
    rows.map(|row| row.split('`').nth(1).expect("the name of a file")).collect()
}

/// Lines that are neither empty nor comments, before the tests.
fn lines_of_code(source: &str) -> usize {
    let source = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with("//");
    source.lines().filter(is_code).count()
}

#[test]
fn the_way_through_the_code_is_short() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let read = |name: &str| fs::read_to_string(sources.join(format!("{name}.rs"))).expect(name);
    let documentation = read("lib");
    let files = way(&documentation);
    assert_eq!((files.first(), files.last()), (Some(&"derivatives"), Some(&"sweep")));
    let lines: usize = files.iter().map(|file| lines_of_code(&read(file))).sum();
    assert!(lines <= MOST_LINES, "{lines} lines of code in {files:?}");
}
