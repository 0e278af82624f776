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
    // Both groups have fewer than 30 rows.
    let kinds: Vec<_> = found["warnings"].as_array().unwrap().iter().map(|w| &w["kind"]).collect();
    assert_eq!(kinds, ["small_group", "small_group"]);
}

#[test]
fn the_order_of_the_rows_decides_nothing() {
    let text = by_hand();
    let mut lines: Vec<&str> = text.lines().collect();
    lines[1..].reverse();
    let reversed = lines.join("\n");
    assert_eq!(json(&text, &[]), json(&reversed, &[]));
    // Options of earlier scripts are accepted, and it is said that they do nothing.
    let earlier = ["--seed", "1", "--resamples", "500"];
    assert_eq!(json(&text, &earlier), json(&text, &[]));
    let out = audit(&text, &earlier).done().out;
    assert!(out.contains("--resamples and --seed have no effect"), "{out}");
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
fn scores_and_a_threshold() {
    let text = "y,d,g\n1,0.7,a\n0,0.69,a\n1,1,b\n0,0.0,b\n";
    let found = json(text, &["--threshold", "0.7"]);
    near(&found["groups"]["a"]["selection_rate"], 0.5);
    near(&found["accuracy"], 1.0);
    // Any scale: a decile, and log-odds.
    let text = "y,d,g\n1,7,a\n0,4,a\n1,5,b\n0,-2.5,b\n";
    near(&json(text, &["--threshold", "5"])["accuracy"], 1.0);
    near(&json(text, &["--threshold", "-3"])["accuracy"], 0.5);
    audit("y,d,g\n1,high,a\n0,0,b\n", &["--threshold", "0.7"])
        .refused(&["line 2", "`d`", "`high`"]);
}

/// Rows of y, d and g, each with the texts of a label, a decision and a group.
fn rows(kinds: &[&str]) -> String {
    format!("y,d,g\n{}\n", kinds.join("\n"))
}

/// An audit of such rows in which `yes` is positive and `F` protected.
fn audit_yes(kinds: &[&str], more: &[&str]) -> Ran {
    let folder = folder();
    write(folder.path(), "p.csv", rows(kinds));
    let columns = ["--label", "y", "--prediction", "d", "--sensitive", "g"];
    let values = ["--positive", "yes", "--protected", "F"];
    run_with(folder.path(), &[&["audit", "p.csv", "--json"], &columns[..], &values, more].concat())
}

const PLAIN: [&str; 4] = ["yes,yes,F", "no,no,F", "yes,yes,M", "no,yes,M"];

/// Every way to write a value otherwise, in each column: it is refused with counts, or an option
/// says what it means, and then the numbers are those of the plain table.
#[test]
fn no_value_is_taken_for_another() {
    let plain = parse(&audit_yes(&PLAIN, &[]).done().out);
    near(&plain["groups"]["F"]["selection_rate"], 0.5);
    for (value, others) in
        [("yes", ["Yes", "YES", "y es", "yes!"]), ("no", ["No", "NO", "n o", "No answer"])]
    {
        for other in others {
            for column in [0, 1] {
                let mut table = PLAIN.map(String::from);
                let place = usize::from(value == "no");
                let mut cells: Vec<&str> = table[place].split(',').collect();
                cells[column] = other;
                table[place] = cells.join(",");
                let table: Vec<&str> = table.iter().map(String::as_str).collect();
                let (yes, no, name) =
                    [("--positive", "--negative", "`y`"), ("--accepted", "--rejected", "`d`")]
                        [column];
                // The label and the decision have one `no` left, or none.
                let refused = audit_yes(&table, &[]);
                if value == "no" && column == 1 {
                    // The only other value of the decision, which nothing else can mean.
                    assert_eq!(parse(&refused.done().out)["accuracy"], plain["accuracy"]);
                    continue;
                }
                refused.refused(&["p.csv", name, &format!("`{other}` (1 row"), yes, no]);
                let [mut all_yes, mut all_no] = ["yes", "no"].map(String::from);
                *(if value == "yes" { &mut all_yes } else { &mut all_no }) += &format!(",{other}");
                let found = audit_yes(&table, &[yes, &all_yes, no, &all_no]).done().out;
                for key in ["accuracy", "groups", "demographic_parity_ratio"] {
                    assert_eq!(parse(&found)[key], plain[key], "{other} {key}");
                }
            }
        }
    }
}

/// The audit of the issue: `yes,Yes,no,No` with labels `yes,no` said 0.000 without a warning.
#[test]
fn decisions_of_other_words() {
    let spelled = ["yes,Yes,F", "no,No,F", "yes,yes,M", "no,no,M"];
    let parts =
        ["`d`", "`Yes` (1 row, like `yes`)", "`No` (1 row, like `no`)", "--accepted", "--rejected"];
    audit_yes(&spelled, &[]).refused(&parts);
    let options = ["--accepted", "yes,Yes", "--rejected", "no", "--rejected", "No"];
    let found = parse(&audit_yes(&spelled, &options).done().out);
    near(&found["accuracy"], 1.0);
    near(&found["demographic_parity_ratio"], 1.0);

    let numbers = ["yes,1,F", "no,0,F", "yes,1,M", "no,0,M"];
    audit_yes(&numbers, &[]).refused(&["no cell is `yes`", "`1` (2 rows), `0` (2 rows)"]);
    near(&parse(&audit_yes(&numbers, &["--accepted", "1"]).done().out)["accuracy"], 1.0);
    // `1.0` is another text than `1`, and may be the same value.
    let mixed = ["yes,1,F", "no,0,F", "yes,1.0,M", "no,0,M"];
    audit_yes(&mixed, &["--accepted", "1"]).refused(&["`1.0` (1 row, like `1`)", "--rejected"]);
    let two = ["yes,1,F", "yes,1.0,F", "yes,1,M"];
    audit_yes(&two, &["--accepted", "1"]).refused(&["`1.0` (1 row, like `1`)"]);
    let truth = ["yes,true,F", "no,1,F", "yes,true,M"];
    audit_yes(&truth, &["--accepted", "1"]).refused(&["`true` (2 rows, like `1`)"]);
    // Nobody is accepted: an option has to say so, unless labels do.
    audit_yes(&["yes,no,F", "no,no,M"], &[]).done();
    let nobody = ["yes,0,F", "no,0,M"];
    audit_yes(&nobody, &["--accepted", "1"]).refused(&["no cell is `1`", "--accepted"]);
    audit_yes(&nobody, &["--accepted", "1", "--rejected", "0"]).done();
    audit_yes(&PLAIN, &["--rejected", "yes"]).refused(&["--positive and --rejected", "`yes`"]);
    audit_yes(&PLAIN, &["--positive", "Yes"]).refused(&["`y`", "no cell is `Yes`", "--positive"]);
    // A third answer, and a word of its own.
    let third = ["yes,yes,F", "no,no,F", "maybe,yes,M", "no,no,M"];
    audit_yes(&third, &[]).refused(&["`y`", "`no` (2 rows), `maybe` (1 row)", "--negative"]);
    audit_yes(&third, &["--negative", "no,maybe"]).done();
    let denied = ["yes,yes,F", "no,denied,F", "yes,yes,M"];
    near(&parse(&audit_yes(&denied, &[]).done().out)["accuracy"], 1.0);
}

/// A column of scores in place of decisions, also if some are exactly 1 or 0.
#[test]
fn scores_without_a_threshold() {
    for decisions in [["1", "0.3", "0.7", "0"], ["1", "0.3", "0.3", "1"], ["0.2", "0.3", "4", "5"]]
    {
        let labels = ["1", "0", "1", "0"];
        let rows: String = (0..4)
            .map(|row| format!("{},{},{}\n", labels[row], decisions[row], ["a", "b"][row / 2]))
            .collect();
        audit(&format!("y,d,g\n{rows}"), &[]).refused(&["`d`", "--threshold"]);
    }
}

#[test]
fn groups_that_may_be_one() {
    let plain = ["yes,yes,F", "no,no,F", "yes,yes,M", "no,yes,M"];
    for (one, other) in [("F", "f"), ("M", "m"), ("M", "M\u{2003}"), ("1", "1.0"), ("0", "False")] {
        let mut table: Vec<String> =
            plain.iter().chain(&plain).map(|row| row.replace(",M", &format!(",{one}"))).collect();
        table.push(format!("yes,yes,{other}"));
        let table: Vec<&str> = table.iter().map(String::as_str).collect();
        let ran = audit_yes(&table, &[]);
        if other.ends_with('\u{2003}') {
            // Spaces around a cell are removed when it is read.
            ran.done();
            continue;
        }
        // The first pair is in the rows of both groups.
        let count = if one == "F" { 8 } else { 4 };
        let counted = format!("`{one}` ({count} rows) and `{other}` (1 row)");
        ran.refused(&["p.csv", "`g`", &counted, "--protected"]);
    }
    // Who names both says that they are two.
    let both = ["yes,yes,F", "no,no,f", "yes,yes,M", "no,yes,M"];
    let found = parse(&audit_yes(&both, &["--protected", "f"]).done().out);
    assert_eq!(found["protected"], serde_json::json!(["F", "f"]));
    // Tasks are named only; there may be very many.
    let text = "y,d,g,t\n1,1,a,Ohio\n1,0,b,ohio\n0,0,a,Utah\n";
    let Ran { code, err: said, .. } = audit(text, &["--task", "t"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("`Ohio` (1 row) and `ohio` (1 row) are two tasks"), "{said}");
}

/// `NA` is a group of the table (North America), and -9 a missing label.
#[test]
fn texts_that_are_missing_and_texts_that_are_not() {
    let table = ["yes,yes,F", "no,no,F", "yes,yes,NA", "no,yes,NA", "-9,yes,F", ",yes,F"];
    audit_yes(&table, &[]).refused(&["`y`", "`-9` (1 row)"]);
    audit_yes(&table, &["--missing=-9"]).refused(&["missing in 4 rows", "--skip-missing"]);
    let options = ["--missing=-9", "--not-missing", "NA", "--skip-missing"];
    let found = parse(&audit_yes(&table, &options).done().out);
    assert_eq!((&found["rows"], &found["left_out"]), (&4.into(), &2.into()));
    assert_eq!(found["groups"]["NA"]["count"], 2);
    let both = ["--missing", "x", "--not-missing", "x"];
    audit_yes(&table, &both).refused(&["--missing and --not-missing both have `x`"]);
}

/// A name with a comma is taken whole, and so is a value.
#[test]
fn names_with_a_comma() {
    let folder = folder();
    let text = "\"y, true\",\"d, made\",\"g,h\",\"t,u\"\n\
                \"yes, all\",\"yes, all\",\"a,b\",x\n\"no, none\",\"no, none\",c,x\n";
    write(folder.path(), "p.csv", text);
    let asked = [
        "audit",
        "p.csv",
        "--json",
        "--label",
        "y, true",
        "--prediction",
        "d, made",
        "--sensitive",
        "g,h",
        "--task",
        "t,u",
        "--positive",
        "yes, all",
        "--protected",
        "a,b",
        "--negative",
        "no, none",
        "--reference",
        "c",
    ];
    let found = parse(&run_with(folder.path(), &asked).done().out);
    near(&found["accuracy"], 1.0);
    assert_eq!(found["groups"]["a,b"]["protected"], true);
}

/// Columns that nobody uses need no name of their own.
#[test]
fn headers_of_columns_that_are_not_used() {
    let body = |head: &str| {
        let rows: String = (0..8)
            .map(|row| format!("{row},{},{},{},5\n", row % 2, row / 4, ["a", "b"][row % 2]))
            .collect();
        format!("{head}\n{rows}")
    };
    let found = json(&body(",y,d,g,x"), &[]);
    assert_eq!(found, json(&body("x,y,d,g,x"), &[]));
    assert_eq!(found, json(&body("index,y,d,g,"), &[]));
    audit(&body("y,y,d,g,x"), &[]).refused(&[
        "p.csv, line 1",
        "2 columns are named `y`",
        "`y (1)`, `y (2)`",
    ]);
    let folder = folder();
    write(folder.path(), "p.csv", body("y,y,d,g,x"));
    let mut asked = ASKED.to_vec();
    asked[3] = "y (2)";
    asked.push("--json");
    assert_eq!(found, parse(&run_with(folder.path(), &asked).done().out));
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
    let values = "`1` (8 rows), `0` (6 rows)";
    with("--positive", "yes").refused(&["p.csv", "`y`", "`yes`", "--positive", values]);
    with("--protected", "A").refused(&["p.csv", "`g`", "protected group `A`", "`a`, `b`"]);
    with("--label", "why").refused(&["p.csv", "no column `why`", "`y`"]);
    with("--label", "d").refused(&["--label and --prediction", "`d`"]);
    let words = "y,d,g\n1,yes,a\n0,no,b\n";
    audit(words, &[]).refused(&["`d`", "`yes` (1 row), `no` (1 row)"]);
    let many: String = (0..101).map(|i| format!("1,1,g{i}\n")).collect();
    audit(&format!("y,d,g\n{many}"), &[]).refused(&["`g`", "101 groups", "at most 100"]);
    for (option, value) in [("--threshold", "NaN"), ("--threshold", "x"), ("--delimiter", "ab")] {
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
