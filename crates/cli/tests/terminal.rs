//! How the program speaks to whoever sits before it: widths, colors, help, progress, and what it
//! will not replace unasked.

mod common;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use common::{TINY, files, folder, is_progress, parse, run, run_in};

/// The number of columns that a line takes; no letter of ours takes two.
fn columns(line: &str) -> usize {
    line.chars().count()
}

#[track_caller]
fn fits(text: &str, width: usize) {
    for line in text.lines() {
        assert!(columns(line) <= width, "{} in place of {width}: {line}", columns(line));
    }
}

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

/// Runs with a terminal's width in the environment.
fn in_columns(line: &str, width: usize) -> String {
    let folder = folder();
    let width = width.to_string();
    run_in(folder.path(), &words(line), &[("COLUMNS", &width)], b"").done().out
}

#[test]
fn tables_are_as_wide_as_the_terminal() {
    for (width, shown, left_out) in [
        (60, &["method", "rate", "accuracy", "parity"][..], &["before", "undefined"][..]),
        (80, &["method", "rate", "accuracy", "parity", "opport"], &["before", "undefined"]),
        (100, &["regularizer", "opportunity"], &["ratio", "before", "undefined"]),
        (120, &["opportunity", "undefined", "before"], &["ratio"]),
        (160, &["opportunity", "undefined", "before", "ratio"], &[]),
    ] {
        // Two runs, so that there are intervals.
        let line = "synthetic --quick --iterations 1 --seeds 2 --gammas 1";
        let out = in_columns(line, width);
        fits(&out, width);
        let head = out.lines().find(|line| line.contains("method")).expect("a head");
        for word in shown {
            assert!(head.contains(word), "{width}: no {word} in {head}");
        }
        let note = out.replace('\n', " ");
        for word in left_out {
            assert!(!head.contains(word), "{width}: {word} in {head}");
            let (_, rest) = note.split_once("These columns do not fit here: ").expect("a note");
            let (names, place) = rest.split_once(". ").unwrap();
            assert!(names.contains(word), "{width}: no {word} in {names}");
            assert!(place.contains("results-quick/synthetic_summary.csv"), "{place}");
        }
        assert_eq!(left_out.is_empty(), !note.contains("do not fit here"), "{width}");
    }
}

#[test]
fn without_a_terminal_lines_have_a_hundred_columns() {
    let folder = folder();
    let out = run(folder.path(), TINY).done().out;
    fits(&out, 100);
    assert!(out.lines().any(|line| columns(line) > 80), "{out}");
    // What is no width is none. One problem is enough for that.
    let line = format!("communities {TINY} --out narrow");
    let of_width = |width| run_in(folder.path(), &words(&line), &[("COLUMNS", width)], b"").done();
    let out = of_width("100").out;
    for nonsense in ["0", "-3", "wide", ""] {
        assert_eq!(of_width(nonsense).out, out, "{nonsense}");
    }
    // Narrower than anything can be shown: no panic.
    of_width("1");
}

#[test]
fn verdicts_are_colored_where_colors_are_asked_for() {
    let folder = folder();
    let line = "communities --quick --iterations 200 --seeds 3 --gammas 1";
    let with = |variables: &[(&str, &str)]| {
        let variables = [&[("COLUMNS", "60")], variables].concat();
        run_in(folder.path(), &words(line), &variables, b"").done().out
    };
    let plain = with(&[]);
    assert!(plain.contains("The paper's claims") && !plain.contains("too short"), "{plain}");
    assert!(!plain.contains('\u{1b}'));
    fits(&plain, 60);
    assert_eq!(with(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]), plain);
    let colored = with(&[("CLICOLOR_FORCE", "1")]);
    // The claims about the synthetic tasks cannot be decided by this run.
    assert!(colored.contains("\u{1b}[2mcannot be decided\u{1b}[0m"), "{colored}");
    let mut bare = String::new();
    for (i, piece) in colored.split("\u{1b}[").enumerate() {
        bare += if i == 0 { piece } else { piece.split_once('m').unwrap().1 };
    }
    assert_eq!(bare, plain);
}

#[test]
fn a_run_that_is_too_short_has_no_verdicts() {
    let out = in_columns(TINY, 80);
    assert_eq!(out.matches("cannot be decided").count(), 0, "{out}");
    let text = out.replace('\n', " ");
    for part in ["too short to judge the paper's claims", "1 iteration;", "fair-maml reproduce"] {
        assert!(text.contains(part), "no {part} in {out}");
    }
}

#[test]
fn help_is_short_and_fits() {
    let folder = folder();
    let version = run(folder.path(), "--version").done().out;
    assert_eq!(version, format!("fair-maml {}\n", env!("CARGO_PKG_VERSION")));
    let help = run(folder.path(), "--help").done().out;
    for word in ["reproduce", "meta-grad", "bench", "fair-maml reproduce --help", "--seeds 3"] {
        assert!(help.replace('\n', " ").contains(word), "{word} in {help}");
    }
    // Those of `reproduce` are in its own help.
    for word in ["--gammas", "--iterations", "--threads", "--manifest"] {
        assert!(!help.contains(word), "{word} in {help}");
    }
    assert!(help.lines().count() < 40, "{help}");
    let help = run(folder.path(), "reproduce --help").done().out;
    for word in
        ["--seeds", "--gammas", "--iterations", "--threads", "--out", "--json", "--data", "--force"]
    {
        assert!(help.contains(word), "{word}");
    }
    let help = run(folder.path(), "meta-grad --help").done().out;
    assert!(help.contains("first_order_meta_gradient"));
    for line in ["--help", "-h", "reproduce --help", "meta-grad --help", "bench --help"] {
        for width in [60, 80, 120] {
            fits(&in_columns(line, width), width);
        }
    }
    assert!(files(folder.path()).is_empty());
}

/// A quick run has a folder of its own, and no run replaces the results of another command.
#[test]
fn results_of_another_command_are_not_replaced_unasked() {
    let folder = folder();
    let full = "--iterations 1 --seeds 2 --gammas 1";
    run(folder.path(), &format!("synthetic {full}")).done();
    let results = folder.path().join("results");
    let before = files(&results);
    run(folder.path(), &format!("synthetic --quick {full}")).done();
    assert!(folder.path().join("results-quick").exists());
    assert!(files(&results) == before);

    let other = "synthetic --iterations 1 --seeds 1 --gammas 1";
    let found = "synthetic (2 seeds, 1 iteration)";
    run(folder.path(), other).refused(&["results", found, "--force", "--out"]);
    let other_gamma = "synthetic --iterations 1 --seeds 2 --gammas 3";
    run(folder.path(), other_gamma).refused(&[found, "sweeps", "--force"]);
    assert!(files(&results) == before);

    // The same command may, and any that is told to.
    run(folder.path(), &format!("synthetic {full}")).done();
    run(folder.path(), &format!("{other} --force")).done();
    assert_eq!(parse(&files(&results)["manifest.json"])["plans"][0]["seeds"], 1);
    std::fs::write(results.join("manifest.json"), "{").unwrap();
    run(folder.path(), other).refused(&["manifest.json cannot be read", "--force"]);
    run(folder.path(), &format!("{other} --force")).done();
}

/// Where nobody looks at a terminal there is a line before long, on standard error alone.
#[test]
fn a_long_run_says_how_far_it_is() {
    let folder = folder();
    let mut run = Command::new(env!("CARGO_BIN_EXE_fair-maml"))
        .args(["synthetic", "--json"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(run.stderr.take().unwrap()).read_line(&mut line).unwrap();
    run.kill().unwrap();
    let output = run.wait_with_output().unwrap();
    assert!(is_progress(&line) && line.starts_with("synthetic: "), "{line}");
    assert!(line.contains("% of the run done, "), "{line}");
    assert!(output.stdout.is_empty());
}
