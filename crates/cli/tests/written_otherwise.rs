//! Values that are written in another way than before, names with a comma, and texts that mean that
//! a value is missing.

mod common;

use std::path::Path;

use common::{folder, run_with, write};

/// The columns of the tables here.
const HEAD: &str = "id,task,y,g,\"x, raw\",color";
/// Next to no training on them.
const TRAIN: &str = "train --data t.csv --task task --label y --positive 1 --sensitive g \
                     --iterations 2 --folds 2 --gammas 1 --shots 5 --out m.safetensors";

/// A table of three tasks whose cells are a function of the row.
fn table(cells: impl Fn(usize) -> [String; 6]) -> String {
    let rows = (0..90).map(|row| cells(row).map(|cell| format!("\"{cell}\"")).join(",") + "\n");
    format!("{HEAD}\n{}", rows.collect::<String>())
}

fn cells(row: usize) -> [String; 6] {
    let group = ["b, or c", "NA"][row / 2 % 2].to_owned();
    let x = if row % 10 == 9 { String::new() } else { (row * 7 % 31).to_string() };
    let (y, color) = (row % 2, ["red", "blue"][row / 5 % 2]);
    [format!("r{row}"), (row % 3).to_string(), y.to_string(), group, x, color.into()]
}

/// All that a command says, in one line.
#[track_caller]
fn said(folder: &Path, line: &str, more: &[&str]) -> String {
    let words: Vec<&str> = line.split_whitespace().chain(more.to_vec()).collect();
    let ran = run_with(folder, &words);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    format!("{} {}", ran.out, ran.err).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_same_value_written_otherwise() {
    let folder = folder();
    let here = folder.path();
    write(here, "t.csv", table(cells));
    let whole = ["--drop", "id", "--protected", "b, or c", "--not-missing", "NA"];
    let told = said(here, TRAIN, &whole);
    assert!(told.contains("90 rows of 3 tasks") && !told.contains("left out"), "{told}");

    // Numbers with a decimal point, as other programs write them, change nothing.
    let pointed = table(|row| {
        let [id, task, y, group, x, color] = cells(row);
        [id, task + ".0", y + ".0", group, x, color]
    });
    write(here, "pointed.csv", &pointed);
    let decisions = |name: &str| {
        let adapted = format!("adapt --model m.safetensors --data {name} --out a.safetensors");
        said(here, &adapted, &["--force", "--task", "1"]);
        let told = said(
            here,
            &format!("predict --model a.safetensors --data {name} --out p.csv"),
            &["--force"],
        );
        assert!(told.contains("note: 60 rows belong to other tasks than 1"), "{told}");
        let text = std::fs::read_to_string(here.join("p.csv")).unwrap();
        let rows = csv::Reader::from_reader(text.as_bytes());
        rows.into_records()
            .map(|row| row.unwrap().iter().skip(4).collect())
            .collect::<Vec<String>>()
    };
    assert_eq!(decisions("t.csv"), decisions("pointed.csv"));

    // Near spellings of texts are named with their numbers of rows, and refused in labels.
    write(here, "near.csv", table(cells).replace("red", " Red"));
    let told = said(here, "predict --model a.safetensors --data near.csv --out q.csv", &[]);
    assert!(told.contains("note: column `color`: `Red` (45 rows) for `red`;"), "{told}");
    write(here, "near.csv", table(cells).replace("b, or c", "B,or C"));
    let adapt = "adapt --model m.safetensors --data near.csv --task 1 --out b.safetensors";
    let words: Vec<&str> = adapt.split_whitespace().collect();
    run_with(here, &words).refused(&["`B,or C` (16 rows", "like `b, or c`", "column `g`"]);
    write(here, "t.csv", pointed.replacen("1.0", "TRUE", 9));
    let train: Vec<&str> = TRAIN.split_whitespace().chain(whole).collect();
    let other = train.join("\u{0}").replace("m.saf", "n.saf");
    run_with(here, &other.split('\u{0}').collect::<Vec<_>>()).refused(&["`TRUE`", "like `1.0`"]);
}

#[test]
fn lists_and_missing_texts() {
    let folder = folder();
    let here = folder.path();
    let numbers = table(|row| {
        let [id, task, y, group, x, color] = cells(row);
        let x = if row % 10 == 8 { "-999.0".into() } else { x };
        [id, task, y, group, x, color]
    });
    write(here, "t.csv", &numbers);
    let settings = |more: &[&str]| {
        said(here, TRAIN, &[&["--force"], more].concat());
        std::fs::read_to_string(here.join("m.toml")).unwrap()
    };
    // The default texts still mean that a value is missing.
    let with_default =
        ["--protected", "b, or c", "--drop", "id", "--missing=-999", "--not-missing", "NA"];
    let text = settings(&with_default);
    assert!(text.contains("\"b, or c\"") && text.contains("\"-999\""), "{text}");
    assert!(text.contains("\"n/a\"") && !text.contains("\"NA\""), "{text}");
    let told = said(here, "inspect m.safetensors", &[]);
    assert!(told.contains("x, raw numbers 2 yes"), "{told}");
    // A name with a comma is taken whole, also beside others.
    let text = settings(
        &[&with_default[..2], &["--drop", "id", "--drop", "x, raw"], &with_default[4..]].concat(),
    );
    let drop = text[text.find("drop = [").unwrap()..].split(']').next().unwrap();
    assert!(drop.contains("\"id\"") && drop.contains("\"x, raw\""), "{drop}");
    // One that is no value as a whole is two.
    let words = format!("{TRAIN} --force --drop id,color --not-missing NA --protected");
    let words: Vec<&str> = words.split_whitespace().chain(["b, NA"]).collect();
    run_with(here, &words).refused(&["the protected values must be in", "got `b`"]);
    let words = format!("{TRAIN} --force --missing NA --not-missing ?,NA --protected x");
    run_with(here, &words.split_whitespace().collect::<Vec<_>>())
        .refused(&["--missing and --not-missing both have `NA`"]);
    let words = format!("{TRAIN} --force --protected NA");
    run_with(here, &words.split_whitespace().collect::<Vec<_>>())
        .refused(&["`NA`", "--not-missing"]);
}

/// Every task has one group. That is said before the training, and nothing ranks a parity.
#[test]
fn no_task_has_both_groups() {
    let folder = folder();
    write(
        folder.path(),
        "t.csv",
        table(|row| {
            let [id, task, y, _, x, color] = cells(row);
            let group = if row % 3 == 0 { "b" } else { "a" };
            [id, task, y, group.into(), x, color]
        }),
    );
    let told = said(folder.path(), TRAIN, &["--protected", "b", "--drop", "id"]);
    assert!(
        told.contains("note: no task has rows of both groups, so no task has a pari"),
        "{told}"
    );
    assert!(!told.contains("highest parity") && !told.contains("parity of n/a"), "{told}");
}
