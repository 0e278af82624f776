//! Tables that are damaged, odd or made by somebody who means harm, through every command that
//! reads one: the command works, or says in one line what is wrong and where. Nothing of a table
//! becomes code in a terminal, a page, a picture or a text.

mod common;

use std::path::Path;

use common::{Ran, folder, run_with, write};

/// The columns of the tables here.
const HEAD: &str = "id,task,y,g,x,color";
/// Next to no training on them.
const TRAIN: [&str; 23] = [
    "train",
    "--data",
    "t.csv",
    "--task",
    "task",
    "--label",
    "y",
    "--positive",
    "yes",
    "--sensitive",
    "g",
    "--protected",
    "b",
    "--drop",
    "id",
    "--iterations",
    "2",
    "--folds",
    "2",
    "--gammas",
    "1",
    "--shots",
    "5",
];

/// The rows of a table of three tasks, as cells.
fn rows() -> Vec<Vec<String>> {
    let row = |i: usize| {
        let (y, g) = (["yes", "no"][i % 2], ["b", "a"][i / 2 % 2]);
        let (x, color) = (i * 7 % 31, ["red", "blue"][i / 5 % 2]);
        let cells = [format!("r{i}"), format!("t{}", i % 3), y.into(), g.into(), x.to_string()];
        cells.into_iter().chain([color.to_owned()]).collect()
    };
    (0..90).map(row).collect()
}

/// A table with changed rows, without quotes.
fn table(change: impl Fn(usize, &mut Vec<String>)) -> String {
    let mut text = format!("{HEAD}\n");
    for (i, mut row) in rows().into_iter().enumerate() {
        change(i, &mut row);
        text += &(row.join(",") + "\n");
    }
    text
}

fn plain() -> String {
    table(|_, _| ())
}

/// Runs a command, which has to work or to refuse, and to say nothing that a terminal would obey.
#[track_caller]
fn careful(folder: &Path, arguments: &[&str]) -> Ran {
    let ran = run_with(folder, arguments);
    for text in [&ran.out, &ran.err] {
        let obeyed = text.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(obeyed, None, "{arguments:?}: {text}");
    }
    match ran.code {
        Some(0) => {}
        Some(2) => {
            let last = ran.err.lines().last().unwrap_or_default();
            assert!(last.starts_with("error: "), "{arguments:?}: {}", ran.err);
            assert_eq!(ran.out.matches("Wrote").count(), 0, "{arguments:?}");
        }
        code => panic!("{arguments:?}: {code:?}, {}", ran.err),
    }
    ran
}

#[track_caller]
fn works(folder: &Path, arguments: &[&str]) -> Ran {
    let ran = careful(folder, arguments);
    assert_eq!(ran.code, Some(0), "{arguments:?}: {}", ran.err);
    ran
}

/// The last line of what a command that refuses says.
#[track_caller]
fn refuses(folder: &Path, arguments: &[&str], parts: &[&str]) {
    let ran = careful(folder, arguments);
    assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.out);
    let line = ran.err.lines().last().unwrap();
    for part in parts {
        assert!(line.contains(part), "no `{part}` in: {line}");
    }
}

const ADAPT: [&str; 9] = [
    "adapt",
    "--model",
    "m.safetensors",
    "--task",
    "t1",
    "--out",
    "a.safetensors",
    "--force",
    "--data",
];
const PREDICT: [&str; 7] =
    ["predict", "--model", "a.safetensors", "--out", "p.csv", "--force", "--data"];
const AUDIT: [&str; 11] = [
    "audit",
    "--label",
    "y",
    "--sensitive",
    "g",
    "--positive",
    "yes",
    "--protected",
    "b",
    "--task",
    "task",
];

fn with<'a>(command: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [command, more].concat()
}

/// Trains on a table, adapts, predicts and audits. Returns the predictions.
#[track_caller]
fn through_all(bytes: impl AsRef<[u8]>) -> String {
    let folder = folder();
    let here = folder.path();
    write(here, "t.csv", bytes);
    works(here, &with(&TRAIN, &["--out", "m.safetensors"]));
    works(here, &with(&ADAPT, &["t.csv"]));
    works(here, &with(&PREDICT, &["t.csv"]));
    works(here, &with(&AUDIT, &["p.csv", "--prediction", "decision"]));
    std::fs::read_to_string(here.join("p.csv")).unwrap()
}

/// What every command says that reads such a table, with a model of the plain one.
#[track_caller]
fn all_refuse(trained: &Path, bytes: &[u8], parts: &[&str]) {
    write(trained, "u.csv", bytes);
    let parts = &[&["u.csv"], parts].concat()[..];
    let train: Vec<&str> =
        TRAIN.iter().map(|word| if *word == "t.csv" { "u.csv" } else { word }).collect();
    refuses(trained, &with(&train, &["--out", "n.safetensors"]), parts);
    refuses(trained, &with(&ADAPT, &["u.csv"]), parts);
    refuses(trained, &with(&PREDICT, &["u.csv"]), parts);
    refuses(trained, &with(&AUDIT, &["u.csv", "--prediction", "color"]), parts);
    assert!(!trained.join("n.safetensors").exists() && !trained.join("p.csv").exists());
}

/// A folder with a model of the plain table, and an adapted one.
fn trained() -> tempfile::TempDir {
    let folder = folder();
    write(folder.path(), "t.csv", plain());
    works(folder.path(), &with(&TRAIN, &["--out", "m.safetensors"]));
    works(folder.path(), &with(&ADAPT, &["t.csv"]));
    folder
}

/// However lines end and cells are quoted, the table is the same.
/// A model without a fairness in any held-out task has no figure, and none of an earlier model
/// stays beside it.
#[test]
fn tasks_of_one_group() {
    let folder = folder();
    let train = with(&TRAIN, &["--out", "m.safetensors", "--force"]);
    write(folder.path(), "t.csv", plain());
    works(folder.path(), &train);
    assert!(folder.path().join("m.front.svg").exists());
    let of_one = |i: usize, row: &mut Vec<String>| row[3] = ["a", "b", "a"][i % 3].into();
    write(folder.path(), "t.csv", table(of_one));
    let ran = works(folder.path(), &train);
    assert!(!ran.out.contains("front.svg"), "{}", ran.out);
    assert!(!folder.path().join("m.front.svg").exists());
    let card = std::fs::read_to_string(folder.path().join("m.card.md")).unwrap();
    assert!(card.contains("no held-out task has a parity") && !card.contains("front.svg"));
}

#[test]
fn the_same_table_in_other_forms() {
    let expected = through_all(plain());
    assert!(expected.starts_with("id,task,y,g,probability,decision\n"), "{expected}");
    assert_eq!(expected.lines().count(), 91);
    let quoted = plain().replace(",red", ", \"red\" ");
    let forms = [
        plain().replace('\n', "\r\n"),
        plain().replace('\n', "\r"),
        format!("\u{feff}{}", plain()),
        plain().replace('\n', "\n\n"),
        quoted,
    ];
    for form in forms {
        assert!(through_all(&form) == expected, "{}", &form[..60]);
    }
}

/// A line break within quotes is part of a cell or a name, and is written so that it is again.
#[test]
fn line_breaks_in_cells() {
    let text = plain().replacen("id,", "\"i\nd\",", 1).replace("r1,", "\"r\r\n1\",");
    let folder = folder();
    let here = folder.path();
    write(here, "t.csv", text.replace(",red", ",\"re\nd\""));
    let train: Vec<&str> =
        TRAIN.iter().map(|word| if *word == "id" { "i\nd" } else { word }).collect();
    works(here, &with(&train, &["--out", "m.safetensors"]));
    works(here, &with(&ADAPT, &["t.csv"]));
    works(here, &with(&PREDICT, &["t.csv"]));
    let mut reader = csv::Reader::from_path(here.join("p.csv")).unwrap();
    assert_eq!(&reader.headers().unwrap()[0], "i\nd");
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!((rows.len(), &rows[1][0]), (90, "r\r\n1"));
}

#[test]
fn what_is_no_table() {
    let folder = trained();
    let here = folder.path();
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let marked = utf16(&format!("\u{feff}{}", plain()));
    all_refuse(here, &marked, &["UTF-16"]);
    all_refuse(here, &utf16(&plain()), &["line 1", "a byte 0"]);
    let mut latin = plain().into_bytes();
    let place = plain().find("r7,").unwrap();
    latin[place] = 0xe9;
    all_refuse(here, &latin, &["line 9", "not UTF-8"]);
    all_refuse(here, plain().replace("r7,", "r\0,").as_bytes(), &["line 9", "a byte 0"]);
    all_refuse(here, b"", &["no rows"]);
    all_refuse(here, b"\n\n\n", &["no rows"]);
    all_refuse(here, b"\xef\xbb\xbf", &["no rows"]);
    all_refuse(here, format!("{HEAD}\n").as_bytes(), &["no rows"]);
    all_refuse(here, HEAD.as_bytes(), &["no rows"]);
    all_refuse(here, plain().replacen(",red", ",red,red", 1).as_bytes(), &["line 2", "7 fields"]);
    all_refuse(here, plain().replacen(",red", "", 1).as_bytes(), &["line 2", "5 fields"]);
    all_refuse(here, plain().replacen("r0", "\"r0", 1).as_bytes(), &["line 2", "never closed"]);
    all_refuse(here, plain().replacen("r0", "\"r\"0", 1).as_bytes(), &["line 2", "text follows"]);
}

/// Names that are empty or doubled stop only those who use them.
#[test]
fn columns_without_a_clear_name() {
    let folder = folder();
    let here = folder.path();
    write(here, "t.csv", plain().replacen(HEAD, ",task,y,g,x,x", 1));
    let dropping = |column: &'static str| {
        let train = TRAIN.map(|word| if word == "id" { column } else { word });
        [&train[..], &["--out", "m.safetensors"]].concat()
    };
    let said = works(here, &dropping("unnamed (1)")).out.replace('\n', " ");
    let note = "the header has `x` 2 times: column 5 is `x (1)`, column 6 is `x (2)`";
    assert!(said.contains(note) && !said.contains("unnamed (1)`"), "{said}");
    works(here, &with(&ADAPT, &["t.csv"]));
    works(here, &with(&PREDICT, &["t.csv"]));
    let problem = "2 columns are named `x`; say which one is meant: `x (1)`, `x (2)`";
    refuses(here, &with(&dropping("x"), &["--force"]), &["t.csv, line 1", problem]);
    let said = works(here, &with(&dropping("x (2)"), &["--force"])).out.replace('\n', " ");
    assert!(said.contains("a column without a name: column 1 is `unnamed (1)`"), "{said}");
    write(here, "t.csv", plain().replacen(HEAD, "id,task,y,y,x,color", 1));
    let parts = ["t.csv, line 1", "2 columns are named `y`"];
    refuses(here, &with(&TRAIN, &["--out", "n.safetensors"]), &parts);
    refuses(here, &with(&AUDIT, &["t.csv", "--prediction", "color"]), &parts);
}

/// A file with one column has a prediction for each of its lines.
#[test]
fn one_column_with_empty_lines() {
    let folder = folder();
    let here = folder.path();
    write(here, "t.csv", plain());
    let train = TRAIN.map(|word| if word == "id" { "id,color" } else { word });
    works(here, &with(&train, &["--out", "m.safetensors"]));
    works(here, &with(&ADAPT, &["t.csv"]));
    write(here, "u.csv", "x\n1\n\n3\n\n\n4\n\n");
    works(here, &with(&PREDICT, &["u.csv"]));
    let written = std::fs::read_to_string(here.join("p.csv")).unwrap();
    assert_eq!(written.lines().count(), 1 + 6, "{written}");
}

/// Tables that are read well, and from which nothing can be learned.
#[test]
fn what_cannot_be_learned_from() {
    let folder = folder();
    let here = folder.path();
    let refused = |text: String, parts: &[&str]| {
        write(here, "t.csv", text);
        refuses(here, &with(&TRAIN, &["--out", "m.safetensors"]), parts);
        let left: Vec<_> =
            std::fs::read_dir(here).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, ["t.csv"]);
    };
    refused(table(|i, row| row[1] = format!("t{i}")), &["0 of 90 tasks", "K = 5"]);
    refused(table(|_, row| row[1] = "t".into()), &["1 of 1 tasks"]);
    refused(table(|_, row| row[2] = "yes".into()), &["`y`"]);
    refused(table(|_, row| row[2] = "no".into()), &["got `yes`", "`y`", "`no`"]);
    refused(table(|_, row| row[2] = "?".into()), &["got `yes`", "`y`"]);
    refused(table(|_, row| row[3] = "b".into()), &["`g`"]);
    refused(table(|_, row| row[3] = "a".into()), &["got `b`", "`g`", "`a`"]);
    let constant = table(|_, row| (row[4], row[5]) = ("1".into(), "red".into()));
    refused(constant, &["`x` is left out", "`color` is left out"]);
}

/// Columns and tasks that are of little use do no harm.
#[test]
fn odd_columns_and_tasks() {
    // One class, or one group, in a task.
    through_all(table(|i, row| {
        if i % 3 == 1 {
            row[2] = "yes".into()
        }
    }));
    through_all(table(|i, row| {
        if i % 3 == 1 {
            row[2] = "no".into()
        }
    }));
    through_all(table(|i, row| {
        if i % 3 == 1 {
            row[3] = "b".into()
        }
    }));
    through_all(table(|i, row| {
        if i % 3 == 1 {
            row[3] = "a".into()
        }
    }));
    // Missing cells in the columns that count, and in features.
    through_all(table(|i, row| {
        if i % 9 == 0 {
            row[4] = "NaN".into()
        }
    }));
    through_all(table(|i, row| {
        if i % 9 == 0 {
            row[5].clear()
        }
    }));
    // A constant column, and a task of one row.
    through_all(table(|_, row| row[5] = "red".into()));
    through_all(table(|i, row| {
        if i == 0 {
            row[1] = "alone".into()
        }
    }));
}

/// Numbers at the ends of the range, all of them and a few.
#[test]
fn extreme_numbers() {
    for extreme in ["3e38", "-3.4e38", "1e-45", "1e-310", "-0", "1e-999", "0x10", "1_000", "１"] {
        through_all(table(|i, row| {
            if i % 4 == 0 {
                row[4] = extreme.into()
            }
        }));
        through_all(table(|i, row| {
            if i == 8 {
                row[4] = extreme.into()
            }
        }));
    }
    // What single precision cannot hold is no number: the column becomes one of texts, or the line
    // is named where a number is asked for.
    for extreme in ["1e308", "inf", "-Infinity"] {
        let text = table(|i, row| {
            if i == 8 {
                row[4] = extreme.into()
            }
        });
        let folder = folder();
        write(folder.path(), "t.csv", text);
        let ran = works(folder.path(), &with(&TRAIN, &["--out", "t.safetensors"]));
        let said = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
        let note = format!(
            "column `x` is read as texts: 1 of 90 cells are no numbers of single \
             precision, the first `{extreme}`"
        );
        assert!(said.contains(&note), "{said}");
        let train = with(&TRAIN, &["--out", "m.safetensors", "--numeric", "x"]);
        refuses(folder.path(), &train, &["line 10", "`x`", extreme, "a finite number"]);
    }
    let folder = trained();
    write(
        folder.path(),
        "u.csv",
        table(|i, row| {
            if i == 8 {
                row[4] = "1e308".into()
            }
        }),
    );
    for command in [with(&ADAPT, &["u.csv"]), with(&PREDICT, &["u.csv"])] {
        refuses(folder.path(), &command, &["u.csv", "line 10", "`x`", "1e308"]);
    }
    // Far from what the model knows, a probability is still one.
    write(
        folder.path(),
        "u.csv",
        table(|i, row| {
            if i == 8 {
                row[4] = "-3.4e38".into()
            }
        }),
    );
    works(folder.path(), &with(&PREDICT, &["u.csv"]));
}

#[test]
fn ten_thousand_columns() {
    let more: String = (0..10_000).map(|i| format!(",c{i}")).collect();
    let mut text = format!("{HEAD}{more}\n");
    for (i, row) in rows().into_iter().enumerate() {
        text += &row.join(",");
        for column in 0..10_000 {
            text += [",0", ",1", ","][(i * 31 + column) % 7 % 3];
        }
        text.push('\n');
    }
    through_all(text);
}

/// Texts that are code elsewhere.
const CODE: [&str; 12] = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>",
    "[x](javascript:alert(1))",
    "javascript:alert(1)",
    "a|b|c",
    "`a` *b* _c_ # d",
    "\u{1b}[2J\u{1b}]0;t\u{7}",
    "\u{202e}txt",
    "&lt;b&gt;",
    "=cmd|' /C calc'!A0",
    "]]></style>",
];

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// Each text in turn is a column, a text of a column, a task, a label and a group.
#[test]
fn code_in_names_and_cells() {
    for code in CODE {
        let cell = quoted(code);
        let text = table(|i, row| {
            row[1] = row[1].replace("t1", &cell);
            row[2] = row[2].replace("yes", &cell);
            row[3] = row[3].replace('b', &cell);
            if i % 2 == 0 {
                row[5] = cell.clone();
            }
        });
        let text = text.replacen("color", &quoted(&format!("c{code}")), 1);
        let text = text.replacen("id,", &(quoted(&format!("i{code}")) + ","), 1);
        let folder = folder();
        let here = folder.path();
        write(here, "t.csv", text);
        let id = format!("--drop=i{code}");
        let [positive, protected] = ["--positive", "--protected"].map(|o| format!("{o}={code}"));
        let roles = ["--label", "y", "--sensitive", "g", "--task", "task", &positive, &protected];
        let train =
            ["train", "--data", "t.csv", &id, "--out", "m.safetensors", "--iterations", "2"];
        let small = ["--folds", "2", "--gammas", "1", "--shots", "5"];
        works(here, &[&train[..], &small, &roles].concat());
        works(here, &["inspect", "m.safetensors"]);
        works(
            here,
            &with(&ADAPT, &["t.csv", "--shots", "4"])
                .iter()
                .map(|word| if *word == "t1" { code } else { word })
                .collect::<Vec<_>>(),
        );
        works(here, &["inspect", "a.safetensors", "--json"]);
        works(here, &with(&PREDICT, &["t.csv"]));
        let audit = ["audit", "p.csv", "--prediction", "decision", "--html", "audit.html"];
        works(here, &[&audit[..], &roles].concat());
        let mut reader = csv::Reader::from_path(here.join("p.csv")).unwrap();
        assert_eq!(reader.headers().unwrap()[0], format!("i{code}"));
        // The cells are as they were, for a program that reads them.
        let first = reader.records().nth(4).unwrap().unwrap();
        assert_eq!([&first[1], &first[2], &first[3]], [code; 3].map(String::from));
        for entry in std::fs::read_dir(here).unwrap() {
            harmless(&entry.unwrap().path());
        }
    }
}

/// Nothing in a file that is shown to people is code.
fn harmless(path: &Path) {
    let name = path.file_name().unwrap().to_str().unwrap();
    let ending = name.rsplit('.').next().unwrap();
    if !["html", "svg", "md"].contains(&ending) {
        return;
    }
    let text = std::fs::read_to_string(path).unwrap();
    let obeyed = text.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(obeyed, None, "{name}: {text}");
    if ending == "md" {
        return harmless_markdown(name, &text);
    }
    let tag = ["<script>alert", "<img src=x", "<svg onload", "</style>\"", "]]></style>"];
    assert_eq!(tag.iter().find(|tag| text.contains(**tag)), None, "{name}");
    assert!(!text.contains("href=\"javascript:"), "{name}");
    if ending == "svg" {
        roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

fn harmless_markdown(name: &str, text: &str) {
    // A backslash takes the meaning from the character after it.
    let mut bare = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => drop(characters.next()),
            c => bare.push(c),
        }
    }
    for mark in ["<script", "<img", "<svg", "](javascript:"] {
        assert!(!bare.contains(mark), "{name}: {mark} in {text}");
    }
    // The rows of a table have as many cells as its head.
    let mut cells = None;
    for line in bare.lines() {
        let found = line.starts_with('|').then(|| line.matches('|').count());
        assert!(cells.is_none() || found.is_none() || cells == found, "{name}: {line}");
        cells = found;
    }
}

/// Files that have each of these as code are found.
#[test]
fn code_would_be_found() {
    let folder = folder();
    let found = |name: &str, text: &str| {
        write(folder.path(), name, text);
        let path = folder.path().join(name);
        assert!(std::panic::catch_unwind(|| harmless(&path)).is_err(), "{name}: {text}");
    };
    for code in &CODE[..3] {
        found("a.html", &format!("<p>{code}</p>"));
        found("a.md", &format!("| {code} |\n"));
    }
    found("a.html", "<a href=\"javascript:alert(1)\">x</a>");
    found("a.md", CODE[3]);
    found("a.md", "| a | b |\n|---|---|\n| a|b|c | d |\n");
    found("a.svg", "<svg><text>&lt;b&gt; & c</text></svg>");
    for name in ["a.html", "a.svg", "a.md"] {
        found(name, CODE[7]);
    }
    write(folder.path(), "b.md", "| a\\|b\\|c | \\[x\\](javascript:alert(1)) |\n");
    harmless(&folder.path().join("b.md"));
}

/// Ids that a spreadsheet would evaluate are kept, and told; or they are texts there too.
#[test]
fn formulas_in_ids() {
    let folder = trained();
    let here = folder.path();
    let ids = ["=1+1", "+1", "-1", "@x", "+cmd|' /C calc'!A0", "-2+3", "r=1"];
    write(
        here,
        "u.csv",
        table(|i, row| {
            if let Some(id) = ids.get(i) {
                row[0] = (*id).into()
            }
        }),
    );
    let ids_of = |file: &str| -> Vec<String> {
        let mut reader = csv::Reader::from_path(here.join(file)).unwrap();
        reader.records().take(ids.len()).map(|row| row.unwrap()[0].to_owned()).collect()
    };
    let note = "4 cells would be a formula in a spreadsheet; --escape-formulas";
    let ran = works(here, &with(&PREDICT, &["u.csv"]));
    assert!(ran.err.contains(note), "{}", ran.err);
    assert_eq!(ids_of("p.csv"), ids);
    let ran = works(here, &with(&PREDICT, &["u.csv", "--escape-formulas"]));
    assert!(!ran.err.contains("formula"), "{}", ran.err);
    let escaped = ["'=1+1", "+1", "-1", "'@x", "'+cmd|' /C calc'!A0", "'-2+3", "r=1"];
    assert_eq!(ids_of("p.csv"), escaped);
    // Without such ids, nothing is said.
    let ran = works(here, &with(&PREDICT, &["t.csv"]));
    assert!(!ran.err.contains("formula"), "{}", ran.err);
}

/// A model for other columns: all that are missing are named, and all that it needs.
#[test]
fn a_model_for_other_columns() {
    let folder = trained();
    let here = folder.path();
    write(here, "u.csv", plain().replacen("x,color", "x\u{1b},colour", 1));
    let parts = ["u.csv: no columns `x`, `color`", "the model needs `x`, `color`", "`colour`"];
    refuses(here, &with(&ADAPT, &["u.csv"]), &parts);
    refuses(here, &with(&PREDICT, &["u.csv"]), &parts);
    write(here, "u.csv", plain().replacen(",y,", ",label,", 1));
    let parts = ["no column `y`", "the model needs `x`, `color`, `task`, `y`"];
    refuses(here, &with(&ADAPT, &["u.csv"]), &parts);
    // A decision needs no label.
    works(here, &with(&PREDICT, &["u.csv"]));
    // Nor does anything need the column that training has dropped.
    write(here, "u.csv", plain().replacen("id,", "probability,", 1));
    refuses(here, &with(&PREDICT, &["u.csv"]), &["`probability`", "rename it"]);
}
