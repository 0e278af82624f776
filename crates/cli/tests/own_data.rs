//! `train`, `adapt`, `predict` and `inspect` on a table of the user.

mod common;

use std::path::Path;

use common::{Ran, folder, parse, root, run, write};

/// What all trainings of these tests have.
const COLUMNS: &str = "--data t.csv --task occupation --label salary --positive >50K \
                       --sensitive sex --protected Female";
/// Next to no training.
const TINY: &str = "--iterations 5 --gammas 1 --folds 2";

/// The sample of the census table.
fn sample() -> String {
    std::fs::read_to_string(root().join("datasets/adult_sample.csv")).unwrap()
}

fn start() -> tempfile::TempDir {
    let folder = folder();
    write(folder.path(), "t.csv", sample());
    folder
}

/// Runs the program and does not ask for a silent standard error.
fn done(folder: &Path, line: &str) -> Ran {
    let ran = run(folder, line);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    ran
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn from_a_table_to_decisions() {
    let folder = start();
    let here = folder.path();
    let trained = done(here, &format!("train {COLUMNS} {TINY} --out m.safetensors"));
    for part in ["2000 rows of 14 tasks", "hours-per-week", "(chosen)", "Wrote", "The model keeps"]
    {
        assert!(trained.out.contains(part), "no `{part}` in {}", trained.out);
    }
    let made = [
        "m.card.html",
        "m.card.md",
        "m.front.csv",
        "m.front.svg",
        "m.safetensors",
        "m.toml",
        "t.csv",
    ];
    assert_eq!(names(here), made);

    // The settings that were used repeat the training.
    done(here, "train --config m.toml --out again.safetensors");
    let bytes = |name: &str| std::fs::read(here.join(name)).unwrap();
    assert_eq!(bytes("m.safetensors"), bytes("again.safetensors"));
    assert_eq!(bytes("m.toml"), bytes("again.toml"));

    let adapted = "adapt --model m.safetensors --data t.csv --task Sales --shots 10";
    let said = done(here, &format!("{adapted} --out a.safetensors")).out;
    assert!(said.starts_with("Adapted to 10 of "), "{said}");
    assert!(said.contains("Adaptation changes the accuracy from 0."), "{said}");

    done(here, "predict --model a.safetensors --data t.csv --out p.csv");
    let predictions = std::fs::read_to_string(here.join("p.csv")).unwrap();
    let mut lines = predictions.lines();
    // The columns that are no features are kept.
    assert_eq!(lines.next(), Some("occupation,sex,salary,probability,decision"));
    assert_eq!(lines.count(), 2_000);

    let shown = done(here, "inspect a.safetensors").out;
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in ["salary = >50K", "adapted to 10 labeled rows of t.csv", "SHA-256"] {
        assert!(shown.contains(part), "no `{part}` in {shown}");
    }
    let json = parse(&done(here, "inspect a.safetensors --json").out);
    assert_eq!(json["recipe"]["columns"]["protected"][0], "Female");
    assert_eq!(json["adapted"]["task"], "Sales");
}

#[test]
fn nothing_is_replaced_without_a_word() {
    let folder = start();
    let here = folder.path();
    write(here, "m.safetensors", "mine");
    let line = format!("train {COLUMNS} {TINY} --out m.safetensors");
    run(here, &line).refused(&["m.safetensors", "--force"]);
    assert_eq!(std::fs::read_to_string(here.join("m.safetensors")).unwrap(), "mine");
    done(here, &format!("{line} --force"));
    let predict = "predict --model m.safetensors --data t.csv --out t.csv";
    run(here, predict).refused(&["--out t.csv: ", "the file of --data"]);
}

#[test]
fn what_is_refused_names_the_place() {
    let folder = start();
    let here = folder.path();
    let refused = |line: &str, parts: &[&str]| {
        run(here, line).refused(parts);
        assert_eq!(names(here), ["t.csv"], "{line}");
    };
    let with = |from: &str, to: &str| {
        format!("train {} {TINY} --out m.safetensors", COLUMNS.replace(from, to))
    };
    refused(&with("occupation", "ocupation"), &["`ocupation`", "`occupation`"]);
    refused(&with(">50K", "50K"), &["got `50K`", "`<=50K`", "`>50K`"]);
    refused(&with("Female", "female"), &["`female`", "`Female`"]);
    refused(&with("--data t.csv", "--data u.csv"), &["u.csv"]);
    refused(&(with("x", "x") + " --numeric workclass"), &["`workclass`", "line 2"]);
    refused(&(with("x", "x") + " --drop nothing"), &["`nothing`"]);
    refused(&(with("x", "x") + " --shots 300"), &["K = 300"]);
    refused("inspect t.csv", &["t.csv", "no safetensors file"]);
    refused("adapt --model t.csv --data t.csv --out a.safetensors", &["t.csv"]);
    let usage = run(here, "train --out m.safetensors");
    assert_eq!(usage.code, Some(2));
    assert!(usage.err.contains("--data"), "{}", usage.err);
}
