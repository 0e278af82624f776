//! `fair-maml audit` as a process.

mod common;

use std::path::Path;

use common::{Ran, files, folder, parse, root, run_in, run_with, write};
use serde_json::Value;

/// What each audit of the tests has in common: the file `p.csv` with the columns y, d and g.
const ASKED: [&str; 12] = [
    "audit",
    "p.csv",
    "--label",
    "y",
    "--prediction",
    "d",
    "--sensitive",
    "g",
    "--positive",
    "1",
    "--protected",
    "a",
];

/// Audits a table with more options.
fn audit(table: &str, more: &[&str]) -> Ran {
    let folder = folder();
    write(folder.path(), "p.csv", table);
    audit_in(folder.path(), more)
}

fn audit_in(folder: &Path, more: &[&str]) -> Ran {
    run_with(folder, &[&ASKED, more].concat())
}

fn json(table: &str, more: &[&str]) -> Value {
    parse(&audit(table, &[&["--json"], more].concat()).done().out)
}

/// A table of y, d, g with so many rows of each kind.
fn table(kinds: &[(&str, usize)]) -> String {
    let rows: String = kinds.iter().map(|(row, count)| format!("{row}\n").repeat(*count)).collect();
    format!("y,d,g\n{rows}")
}

/// Group a: 4 rows with y = 1, of which 2 accepted; 4 with y = 0, of which 1 accepted. Group b: 4
/// of which 4, and 2 of which 1.
fn by_hand() -> String {
    table(&[
        ("1,1,a", 2),
        ("1,0,a", 2),
        ("0,1,a", 1),
        ("0,0,a", 3),
        ("1,1,b", 4),
        ("0,1,b", 1),
        ("0,0,b", 1),
    ])
}

#[track_caller]
fn near(found: &Value, expected: f64) {
    let found = found.as_f64().unwrap_or_else(|| panic!("{found} in place of {expected}"));
    assert!((found - expected).abs() < 1e-12, "{found} in place of {expected}");
}

#[test]
fn json_has_the_numbers_computed_by_hand() {
    let found = json(&by_hand(), &[]);
    near(&found["accuracy"], 10.0 / 14.0);
    near(&found["demographic_parity_ratio"], (3.0 / 8.0) / (5.0 / 6.0));
    near(&found["demographic_parity_difference"], 3.0 / 8.0 - 5.0 / 6.0);
    near(&found["equal_opportunity_ratio"], 0.5);
    near(&found["equal_opportunity_difference"], -0.5);
    near(&found["equalized_odds_difference"], 0.5);
    near(&found["equalized_odds_ratio"], 0.5);
    near(&found["false_positive_rate_ratio"], 0.5);
    let (a, b) = (&found["groups"]["a"], &found["groups"]["b"]);
    for (group, count, rates) in [(a, 8, [3.0 / 8.0, 0.5, 0.25]), (b, 6, [5.0 / 6.0, 1.0, 0.5])] {
        assert_eq!(group["count"], count);
        let keys = ["selection_rate", "true_positive_rate", "false_positive_rate"];
        for (key, rate) in keys.iter().zip(rates) {
            near(&group[key], rate);
        }
    }
    assert_eq!((&a["protected"], &b["protected"]), (&Value::Bool(true), &Value::Bool(false)));
    assert_eq!(found["counts"]["protected"]["true_negatives"], 3);
    assert_eq!(found["reference"], "b");
    assert_eq!(found["pairs"]["a"]["equal_opportunity_ratio"], 0.5);
    assert_eq!((&found["rows"], &found["left_out"]), (&14.into(), &0.into()));
    assert_eq!((&found["tasks"], &found["task_means"]), (&Value::Null, &Value::Null));
    let interval = &found["intervals"]["demographic_parity_difference"];
    assert!(interval["low"].as_f64() < found["demographic_parity_difference"].as_f64());
    assert_eq!(interval["undefined_resamples"], 0);
    // Both groups have fewer than 30 rows.
    let kinds: Vec<_> = found["warnings"].as_array().unwrap().iter().map(|w| &w["kind"]).collect();
    assert_eq!(kinds, ["small_group", "small_group"]);
}

#[test]
fn the_seed_decides_and_the_order_of_the_rows_does_not() {
    let text = by_hand();
    let mut lines: Vec<&str> = text.lines().collect();
    lines[1..].reverse();
    let reversed = lines.join("\n");
    assert_eq!(json(&text, &[]), json(&reversed, &[]));
    assert_ne!(json(&text, &[])["intervals"], json(&text, &["--seed", "1"])["intervals"]);
}

#[test]
fn what_does_not_exist_is_null() {
    // No negative labels, and nobody of b accepted.
    let found = json(&table(&[("1,1,a", 2), ("1,0,b", 2)]), &[]);
    for key in ["demographic_parity_ratio", "equal_opportunity_ratio", "equalized_odds_difference"]
    {
        assert_eq!(found[key], Value::Null, "{key}");
        assert_eq!(found["intervals"][key]["low"], Value::Null, "{key}");
    }
    assert_eq!(found["groups"]["a"]["false_positive_rate"], Value::Null);
    near(&found["demographic_parity_difference"], 1.0);
    // One group alone.
    let found = json(&table(&[("1,1,a", 3), ("0,0,a", 3)]), &[]);
    assert_eq!(
        (&found["demographic_parity_difference"], &found["reference"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(found["warnings"][0]["kind"], "one_side");
    let text = audit(&table(&[("1,1,a", 3), ("0,0,a", 3)]), &[]).done().out;
    assert!(text.contains("n/a") && text.contains("Every row is protected"), "{text}");
}

#[test]
fn nobody_accepted_is_no_error() {
    let found = json(&table(&[("1,0,a", 3), ("0,0,b", 3)]), &[]);
    near(&found["groups"]["a"]["selection_rate"], 0.0);
    assert_eq!(found["warnings"][0]["kind"], "one_decision");
}

#[test]
fn probabilities_and_a_threshold() {
    let text = "y,d,g\n1,0.7,a\n0,0.69,a\n1,1,b\n0,0.0,b\n";
    let found = json(text, &["--threshold", "0.7"]);
    near(&found["groups"]["a"]["selection_rate"], 0.5);
    near(&found["accuracy"], 1.0);
    let refused = audit("y,d,g\n1,0.7,a\n0,1.5,b\n", &["--threshold", "0.7"]);
    refused.refused(&["p.csv", "line 3", "`d`", "`1.5`", "a probability from 0 to 1"]);
    audit("y,d,g\n1,high,a\n0,0,b\n", &["--threshold", "0.7"])
        .refused(&["line 2", "`d`", "`high`"]);
}

#[test]
fn tasks_and_their_means() {
    let mut text = "y,d,g,t\n".to_owned();
    for (task, accepted) in [("x", 1), ("y", 2), ("z", 4)] {
        for row in 0..4 {
            text += &format!("1,{},a,{task}\n1,1,b,{task}\n", u8::from(row < accepted));
        }
    }
    let found = json(&text, &["--task", "t"]);
    near(&found["tasks"]["x"]["demographic_parity_ratio"], 0.25);
    near(&found["task_means"]["demographic_parity_ratio"]["mean"], 1.75 / 3.0);
    near(&found["demographic_parity_ratio"], 7.0 / 12.0);
    assert_eq!(found["task_means"]["demographic_parity_ratio"]["tasks"], 3);
    assert_eq!(found["task_means"]["false_positive_rate_ratio"]["undefined"], 3);
    assert_eq!(found["tasks"]["y"]["groups"]["a"]["count"], 4);
    let text = audit(&text, &["--task", "t"]).done().out;
    for part in ["Means over tasks", "3 tasks by \"t\"", " x* ", "warnings of their own: 3 of 3"] {
        assert!(text.contains(part), "no {part} in {text}");
    }
}

#[test]
fn more_than_two_groups_are_compared_by_pairs() {
    let text = by_hand() + &"1,1,c\n".repeat(5) + "0,0,\"d,e\"\n";
    let found = json(&text, &[]);
    let pairs: Vec<&str> = found["pairs"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(pairs, ["a", "c", "d,e"]);
    assert_eq!(found["reference"], "b");
    let other = json(&text, &["--reference", "c"]);
    assert_eq!(other["reference"], "c");
    near(&other["pairs"]["a"]["demographic_parity_difference"], 3.0 / 8.0 - 1.0);
    // Several values, one of which has a comma.
    for more in [
        &["--protected", "c,a", "--protected", "d,e"][..],
        &["--protected", "c", "--protected", "d,e"],
    ] {
        assert_eq!(json(&text, more)["groups"]["d,e"]["protected"], true);
    }
    audit(&text, &["--reference", "a"]).refused(&["`g`", "reference group `a` is protected"]);
    let out = audit(&text, &[]).done().out;
    assert!(out.contains("Each group against the reference group, \"b\""), "{out}");
}

#[test]
fn values_that_are_not_there() {
    let text = by_hand();
    let with = |option: &str, value: &str| {
        let mut asked = ASKED.map(String::from).to_vec();
        let place = asked.iter().position(|word| word == option).unwrap();
        asked[place + 1] = value.into();
        let folder = folder();
        write(folder.path(), "p.csv", &text);
        run_with(folder.path(), &asked.iter().map(String::as_str).collect::<Vec<_>>())
    };
    with("--positive", "yes").refused(&["p.csv", "`y`", "`yes`", "--positive", "`1`, `0`"]);
    with("--protected", "A").refused(&["p.csv", "`g`", "protected group `A`", "`a`, `b`"]);
    with("--label", "why").refused(&["p.csv", "no column `why`", "`y`"]);
    with("--label", "d").refused(&["--label and --prediction", "`d`"]);
    let words = "y,d,g\n1,yes,a\n0,no,b\n";
    audit(words, &[]).refused(&["`d`", "`yes`, `no`", "--threshold"]);
    let many: String = (0..101).map(|i| format!("1,1,g{i}\n")).collect();
    audit(&format!("y,d,g\n{many}"), &[]).refused(&["`g`", "101 groups", "at most 100"]);
    for (option, value) in [("--threshold", "2"), ("--resamples", "3"), ("--delimiter", "ab")] {
        let ran = audit(&text, &[option, value]);
        assert_eq!(ran.code, Some(2), "{option}");
        assert!(ran.err.contains(option), "{}", ran.err);
    }
}

#[test]
fn missing_cells() {
    let text = by_hand() + "1,,a\n?,1,a\n0,1,NA\n";
    audit(&text, &[]).refused(&["p.csv", "3 rows", "line 16", "column `d`", "--skip-missing"]);
    let found = json(&text, &["--skip-missing"]);
    assert_eq!((&found["rows"], &found["left_out"]), (&14.into(), &3.into()));
    let out = audit(&text, &["--skip-missing"]).done().out;
    assert!(out.contains("Left out because a cell is missing: 3 rows."), "{out}");
    audit("y,d,g\n1,1,\n,0,a\n", &["--skip-missing"]).refused(&["no rows"]);
    audit("y,d,g\n", &[]).refused(&["p.csv", "no rows"]);
}

const HOSTILE: &str = "<script>alert(1)</script>\u{1b}[31m\u{202e}";

#[test]
fn names_are_escaped_everywhere() {
    let text = by_hand() + &format!("1,1,\"{HOSTILE}\"\n");
    let folder = folder();
    write(folder.path(), "p.csv", &text);
    let out = audit_in(folder.path(), &["--html", "a.html"]).done().out;
    assert!(!out.contains('\u{1b}') && !out.contains('\u{202e}'), "{out}");
    assert!(out.contains("Wrote a.html."), "{out}");
    let page = &files(folder.path())["a.html"];
    assert!(!page.contains("<script>alert") && !page.contains('\u{1b}'));
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;\\u{1b}[31m\\u{202e}"));
    // JSON has the name as it is.
    let found = parse(&audit_in(folder.path(), &["--json"]).done().out);
    assert_eq!(found["groups"][HOSTILE]["count"], 1);
    // Errors list it, and are one line.
    let line = audit_in(folder.path(), &["--protected", "nobody"]).refused(&["`nobody`"]);
    assert!(!line.contains('\u{1b}'), "{line}");
}

#[test]
fn the_page_is_one_file_and_spares_the_table() {
    let folder = folder();
    write(folder.path(), "p.csv", by_hand());
    audit_in(folder.path(), &["--html", "p.csv"]).refused(&["--html p.csv", "the file to audit"]);
    assert_eq!(files(folder.path())["p.csv"], by_hand());
    let printed = audit_in(folder.path(), &["--html", "deep/a.html", "--json"]).done().out;
    assert!(parse(&printed)["accuracy"].is_number());
    let page = &files(&folder.path().join("deep"))["a.html"];
    for part in [
        "Fairness audit of p.csv",
        "The rates of each group with their 95% intervals",
        "Content-Security-Policy",
        "Warnings",
    ] {
        assert!(page.contains(part), "no {part}");
    }
    for loaded in ["src=\"http", "href=\"data", "@import", "url("] {
        assert!(!page.contains(loaded), "{loaded}");
    }
}

#[test]
fn every_width_is_kept() {
    let mut text = "y,d,g,t\n".to_owned();
    for row in 0..900 {
        let (label, decision) = (u8::from(row % 2 == 0), u8::from(row % 3 == 0));
        let group = ["a", "b", "a group with a very long name that fits nowhere at all"][row % 3];
        text += &format!("{label},{decision},{group},task number {}\n", row % 25);
    }
    let folder = folder();
    write(folder.path(), "p.csv", &text);
    let asked = [&ASKED[..], &["--task", "t"]].concat();
    for width in [40, 60, 80, 100, 120] {
        let columns = width.to_string();
        let out = run_in(folder.path(), &asked, &[("COLUMNS", &columns)], b"").done().out;
        for line in out.lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
        assert!(out.contains("The 20 largest of 25 tasks"), "{out}");
    }
}

/// The command and the output in the README.
#[test]
fn the_readme_shows_what_the_command_prints() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let (_, section) = readme.split_once("## Audit any classifier's decisions").unwrap();
    let block = |fence: &str| {
        let (_, rest) = section.split_once(&format!("```{fence}\n")).unwrap();
        rest.split_once("\n```").unwrap().0
    };
    let command = block("sh").replace("\\\n", " ");
    let words: Vec<&str> = command.split_whitespace().skip(1).collect();
    let out = run_in(&root(), &words, &[("COLUMNS", "80")], b"").done().out;
    let trimmed = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    assert!(trimmed(&out).starts_with(&trimmed(block("text"))), "{out}");
}

#[test]
fn standard_input_and_other_delimiters() {
    let folder = folder();
    let text = by_hand().replace(',', ";");
    let mut asked = [&ASKED[..], &["--json", "--delimiter", ";"]].concat();
    asked[1] = "-";
    let found = parse(&run_in(folder.path(), &asked, &[], text.as_bytes()).done().out);
    assert_eq!(found, json(&by_hand(), &[]));
    asked[5] = "p";
    let ran = run_in(folder.path(), &asked, &[], text.as_bytes());
    ran.refused(&["standard input", "no column `p`"]);
}
