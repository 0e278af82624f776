//! The frozen record in `docs/` is one of the present defaults, and the README agrees with it.

use experiment::plan::Plan;
use paper::defaults;
use serde::{Deserialize, Serialize};

/// What the program writes, see `crates/cli/src/manifest.rs`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    program: String,
    version: String,
    plans: Vec<Plan>,
}

/// Whoever changes a default makes a new record.
#[test]
fn the_record_is_of_the_defaults() {
    let text = include_str!("../../docs/reproduction/manifest.json");
    let record: Manifest = serde_json::from_str(text).unwrap();
    let defaults = [defaults::synthetic(), defaults::communities()];
    assert!(record.plans == defaults, "the defaults have changed: the record is out of date");
    assert_eq!(record.version, env!("CARGO_PKG_VERSION"));
    let written = serde_json::to_string_pretty(&record).unwrap() + "\n";
    assert!(text == written, "the manifest has another format");
}

/// What the README prints is what the record found.
#[test]
fn the_readme_has_the_verdicts_of_the_record() {
    let record = include_str!("../../docs/reproduction.md");
    let readme = include_str!("../../README.md");
    let (_, printed) = readme.split_once("The paper's claims (").unwrap();
    for number in 1..=8 {
        let row = record.lines().find(|line| line.starts_with(&format!("| {number} | ")));
        let verdict = row.unwrap().split(" | ").nth(2).unwrap();
        let line = printed.lines().find(|line| line.starts_with(&format!(" {number}  ")));
        let line = line.unwrap().trim_end();
        assert!(line.ends_with(&format!("  {verdict}")), "{verdict}: {line}");
    }
}
