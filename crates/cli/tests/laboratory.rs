//! `fair-maml check`, `study` and `fronts` as processes.

mod common;

use common::{files, folder, run, write};
#[cfg(not(feature = "planted"))]
use serde_json::Value;

/// The program checks every algorithm on both problems. A planted mistake is found; `cargo test -p
/// fair-maml --features planted --test laboratory` plants one in each algorithm.
#[test]
fn derivatives_are_right_unless_a_mistake_is_planted() {
    let folder = folder();
    for algorithm in ["fair-maml", "fomaml", "reptile", "anil", "meta-sgd", "imaml"] {
        let line = format!("check synthetic --iterations 20 --entries 8 --algorithm {algorithm}");
        let ran = run(folder.path(), &line);
        let wrong = cfg!(feature = "planted");
        assert_eq!(ran.code, Some(i32::from(wrong)), "{algorithm}: {}", ran.out);
        assert_eq!(ran.out.contains("WRONG"), wrong, "{}", ran.out);
        let solves = algorithm == "imaml";
        assert_eq!(ran.out.contains("residual of the"), solves, "{}", ran.out);
        assert_eq!(ran.out.contains("does not adapt by gradient descent"), solves, "{}", ran.out);
        assert_eq!(ran.out.contains("No derivative is wrong."), !wrong, "{}", ran.out);
    }
}

#[test]
#[cfg(not(feature = "planted"))]
fn a_check_writes_its_errors() {
    let folder = folder();
    let line = "check communities --iterations 20 --entries 5 --algorithm anil --regularizer \
                covariance --gamma 0.5 --json --out here";
    let found: Value = serde_json::from_str(&run(folder.path(), line).done().out).unwrap();
    assert_eq!(found[0], "communities");
    let report = &found[2];
    assert_eq!(report["algorithm"], "anil");
    let rows = report["rows"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["verdict"] == "right"), "{rows:?}");
    assert_eq!(report["certificates"].as_array().unwrap().len(), 3);
    let written = files(&folder.path().join("here"));
    let table = &written["check_communities_anil.csv"];
    // Every row has a line for each step, below the head.
    let steps = report["steps"].as_array().unwrap().len();
    assert_eq!(table.lines().count(), 1 + rows.len() * steps);
    assert!(written["check_communities_anil.svg"].contains("Step h of the difference"));
}

/// The manifest of another command says what is checked.
#[test]
#[cfg(not(feature = "planted"))]
fn a_check_reads_the_manifest_of_a_run() {
    let folder = folder();
    run(folder.path(), "synthetic --quick --iterations 10 --seeds 1 --gammas 1 --out run").done();
    let path = folder.path().join("run/manifest.json");
    let text = std::fs::read_to_string(&path).unwrap();
    write(folder.path(), "other.json", text.replace("\"steps\": 1", "\"steps\": 2"));
    let line = "check --manifest other.json --entries 4 --json";
    let found: Value = serde_json::from_str(&run(folder.path(), line).done().out).unwrap();
    let shares = found[2]["certificates"][0]["shares"].as_array().unwrap();
    assert_eq!(shares.len(), 2, "a share for each inner step");
}

#[test]
fn wrong_words_are_refused() {
    let folder = folder();
    let refused = |line: &str, parts: &[&str]| {
        let ran = run(folder.path(), line);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{line}");
        parts.iter().for_each(|part| assert!(ran.err.contains(part), "{line}: {}", ran.err));
    };
    refused("check --algorithm maml", &["maml", "fair-maml", "anil"]);
    refused("check --regularizer parity", &["parity", "demographic-parity-gap"]);
    refused("check --gamma -1", &["-1"]);
    refused("study --manifest none.json", &["none.json"]);
    write(
        folder.path(),
        "m.json",
        "{\"program\": \"fair-maml\", \"version\": \"1\", \"studies\": []}",
    );
    refused("study --manifest m.json", &["m.json", "fair-maml study"]);
    refused("study synthetic --data x.csv", &["--data"]);
}

/// Some seconds long on a slow machine.
const STUDY: &str = "study --quick --iterations 40 --algorithm fomaml,anil";

/// Files with times differ from run to run.
fn without_times(folder: &std::path::Path) -> std::collections::BTreeMap<String, String> {
    let timed =
        ["study.html", "study.md", "_cost.svg", "_by_seconds.svg", "_times.csv", "provenance.json"];
    let mut all = files(folder);
    all.retain(|name, _| !timed.iter().any(|end| name.ends_with(end)));
    all
}

#[test]
fn a_study_repeats_on_any_number_of_threads() {
    let folder = folder();
    let one = run(folder.path(), &format!("{STUDY} --threads 1 --out one")).done().out;
    assert!(one.contains("Does second order change the meta-gradient?"), "{one}");
    assert!(one.contains("no conclusions"), "{one}");
    run(folder.path(), &format!("{STUDY} --threads 3 --out three")).done();
    let found = without_times(&folder.path().join("one"));
    assert!(found.len() > 20, "{:?}", found.keys());
    assert!(found == without_times(&folder.path().join("three")));
    let line = "study --manifest one/manifest.json --out again";
    run(folder.path(), line).done();
    assert!(found == without_times(&folder.path().join("again")));
    // The page needs nothing but itself, and has every figure.
    let page = &files(&folder.path().join("one"))["study.html"];
    assert_eq!(page.matches("data:image/svg+xml").count(), 18);
    let other = run(folder.path(), "study synthetic --quick --out one");
    other.refused(&["another command", "--force"]);
}

#[test]
fn fronts_have_a_row_for_each_regularizer_and_rival() {
    let folder = folder();
    let line = "fronts synthetic --quick --iterations 30";
    let printed = run(folder.path(), &format!("{line} --threads 1 --out one")).done().out;
    let names = [
        "demographic-parity",
        "equal-opportunity",
        "demographic-parity-gap",
        "equal-opportunity-gap",
        "equalized-odds-gap",
        "covariance",
        "thresholds by group",
        "one threshold",
    ];
    for name in names {
        assert!(printed.contains(&format!(" {name} ")), "{name} in {printed}");
    }
    run(folder.path(), &format!("{line} --threads 3 --out three")).done();
    let found = common::repeatable(&folder.path().join("one"));
    assert!(found == common::repeatable(&folder.path().join("three")));
    run(folder.path(), "fronts --manifest one/manifest.json --out again").done();
    assert!(found == common::repeatable(&folder.path().join("again")));
    // Its manifest is not one of `reproduce`, and its folder not either.
    let line = "reproduce --manifest one/manifest.json --out other";
    let refused = run(folder.path(), line);
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("this is a manifest of fair-maml fronts, expected one of fair-"));
    let line = "synthetic --quick --iterations 1 --seeds 1 --gammas 1 --out";
    run(folder.path(), &format!("reproduce {line} one"))
        .refused(&["another command, fair-maml fronts", "--force"]);
    run(folder.path(), &format!("reproduce {line} run")).done();
    let refused = run(folder.path(), "fronts --manifest run/manifest.json --out other");
    assert!(refused.err.contains("this is a manifest of fair-maml reproduce"), "{}", refused.err);
    let line = "check --manifest one/manifest.json --iterations 5 --entries 2";
    run(folder.path(), line).done();
}
