//! Meta-learning algorithms in `reproduce`: each alone, and several in one run.

mod common;

use common::{SUMMARY, TINY, column, files, folder, manifest, parse, repeatable, rows, run, write};
use serde_json::json;

#[test]
fn every_algorithm_and_regularizer_runs() {
    let folder = folder();
    for name in ["fomaml", "reptile", "anil", "meta-sgd", "published-code"] {
        let line = format!("synthetic {TINY} --algorithm {name} --out {name}");
        run(folder.path(), &line).done();
        let manifest = parse(&files(&folder.path().join(name))["manifest.json"]);
        assert_eq!(manifest["plans"][0]["algorithm"], json!(name));
        let report = &files(&folder.path().join(name))["report.md"];
        let learned = report.lines().filter(|line| line.contains("| learned |")).count();
        assert_eq!(learned, if name == "meta-sgd" { 2 } else { 0 }, "{name}");
    }
    let unknown = run(folder.path(), "--algorithm second");
    assert_eq!(unknown.code, Some(2));
    assert!(
        unknown.err.contains("fair-maml, fomaml, reptile, anil, meta-sgd, imaml, published-code"),
        "{}",
        unknown.err
    );
    let implicit = json!({ "proximal": 1e3, "conjugate_gradient_steps": 10 });
    let mut edits = vec![json!({ "algorithm": "imaml", "inner": { "implicit": implicit } })];
    for notion in
        ["demographic-parity-gap", "equal-opportunity-gap", "equalized-odds-gap", "covariance"]
    {
        let sweeps = json!([{ "notion": notion, "gammas": [1.0] }]);
        edits.push(json!({ "sweeps": sweeps, "gamma_shown": 1.0 }));
    }
    for (i, edit) in edits.into_iter().enumerate() {
        let mut manifest = manifest();
        manifest["plans"].as_array_mut().unwrap().truncate(1);
        json_patch::merge(&mut manifest["plans"][0], &edit);
        write(folder.path(), "edited.json", manifest.to_string());
        run(folder.path(), &format!("reproduce --manifest edited.json --out {i}")).done();
    }
}

/// The claims are about Fair-MAML wherever it stands, and every row says whose it is.
#[test]
fn algorithms_are_compared_in_one_run() {
    let folder = folder();
    let line = "--quick --algorithm fomaml,fair-maml,anil,published-code synthetic";
    let out = run(folder.path(), &format!("{line} --threads 1 --out one")).done().out;
    let titles = ["MAML", "Fair-MAML", "FOMAML", "Fair-FOMAML", "ANIL", "Fair-ANIL"];
    for title in titles.into_iter().chain(["published-code"]) {
        let starts = |line: &&str| line.starts_with(&format!("{title}  "));
        assert_eq!(out.lines().filter(starts).count(), 1, "{title} in {out}");
    }
    let one = repeatable(&folder.path().join("one"));
    let manifest = parse(&one["manifest.json"]);
    let plan = &manifest["plans"][0];
    assert_eq!(plan["algorithm"], json!("fair-maml"));
    assert_eq!(plan["compared"], json!(["fomaml", "anil", "published-code"]));
    for file in ["synthetic_summary.csv", "synthetic_runs.csv", "synthetic_training.csv"] {
        for title in titles {
            assert!(one[file].contains(&format!(",{title},")), "{title} in {file}");
        }
    }
    for file in ["report.html", "report.md", "synthetic_tradeoff.svg"] {
        assert!(one[file].contains("Fair-FOMAML") && one[file].contains("Fair-ANIL"), "{file}");
    }
    let header = "problem,method,minus,notion,gamma,metric,difference,low_95,high_95,runs,defined,\
                  undefined,stopped";
    let differences = rows(&one["synthetic_algorithms.csv"], header);
    let pairs: Vec<[&str; 2]> = differences.iter().map(|row| [&row[1], &row[2]]).collect();
    let pair = |ours, theirs| [[ours, theirs]; 3];
    let expected = [
        pair("FOMAML", "MAML"),
        pair("Fair-FOMAML", "Fair-MAML"),
        pair("ANIL", "MAML"),
        pair("Fair-ANIL", "Fair-MAML"),
        pair("published-code", "MAML"),
    ];
    assert_eq!(pairs, expected.concat());
    // A difference is that of the means, because all values here exist in pairs.
    let mean = |title: &str| -> f64 {
        let summary = rows(&one["synthetic_summary.csv"], SUMMARY);
        let [method, stage, metric, mean] =
            ["method", "stage", "metric", "mean"].map(|name| column(SUMMARY, name));
        let is_it = |row: &&csv::StringRecord| {
            (&row[method], &row[stage], &row[metric]) == (title, "after", "accuracy")
        };
        summary.iter().find(is_it).unwrap()[mean].parse().unwrap()
    };
    let found: f64 = differences[0][6].parse().unwrap();
    assert!((found - (mean("FOMAML") - mean("MAML"))).abs() < 1e-12, "{found}");
    assert!(found != 0.0);
    // Neither threads nor a manifest change a byte, and the first algorithm has its own results.
    run(folder.path(), &format!("{line} --threads 3 --out three")).done();
    assert!(one == repeatable(&folder.path().join("three")));
    run(folder.path(), "reproduce --manifest one/manifest.json --out again").done();
    assert!(one == repeatable(&folder.path().join("again")));
    run(folder.path(), "--quick synthetic --out alone").done();
    let alone = repeatable(&folder.path().join("alone"));
    assert_eq!(alone["claims.json"], one["claims.json"]);
    assert_eq!(alone["synthetic_ablation.csv"], one["synthetic_ablation.csv"]);
    let summary: Vec<&str> = one["synthetic_summary.csv"].lines().collect();
    assert!(alone["synthetic_summary.csv"].lines().all(|line| summary.contains(&line)));
}

/// Rows of several regularizers are told apart, and thresholds have one row for each measure.
#[test]
fn regularizers_are_compared_in_one_run() {
    let folder = folder();
    let names = "demographic-parity,demographic-parity-gap,equal-opportunity-gap,covariance";
    let line = format!("synthetic {TINY} --regularizer {names}");
    run(folder.path(), &format!("reproduce {line} --out one")).done();
    let all = files(&folder.path().join("one"));
    let rows = |start: &str| {
        let lines = all["report.md"].lines();
        lines.filter(|line| line.starts_with(start)).count()
    };
    for name in ["parity", "demographic-parity-gap", "equal-opportunity-gap", "covariance"] {
        assert_eq!(rows(&format!("| Fair-MAML | {name}, 1 |")), 1, "{name}");
    }
    for measure in ["parity", "opportunity"] {
        assert_eq!(rows(&format!("| MAML, thresholds by group | {measure}, 50% to fair |")), 1);
    }
    let plan = &parse(&all["manifest.json"])["plans"][0];
    assert_eq!(plan["sweeps"].as_array().unwrap().len(), 4);
    for name in names.split(',') {
        assert!(all["synthetic_summary.csv"].contains(&format!(",{name},")), "{name}");
    }
    let unknown = run(folder.path(), "reproduce --regularizer parity");
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.err.contains("covariance"), "{}", unknown.err);
}

/// A compared algorithm that stops is a result: the others have their report.
#[test]
fn an_algorithm_that_stops_is_a_result() {
    let folder = folder();
    for order in ["fair-maml,imaml", "imaml,fair-maml"] {
        let line =
            format!("reproduce synthetic {TINY} --gammas 100000 --algorithm {order} --out {order}");
        let ran = run(folder.path(), &line).done();
        let said = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("runs of Fair-iMAML (regularizer parity, 100000) stopped"), "{said}");
        assert!(said.contains("is not positive definite"), "{said}");
        let files = files(&folder.path().join(order));
        assert!(files["report.md"].contains("of Fair-iMAML (regularizer"), "{order}");
        let stopped = files["synthetic_algorithms.csv"]
            .lines()
            .filter(|line| line.contains("Fair-iMAML") && !line.ends_with(",0"));
        assert_eq!(stopped.count(), 3, "{}", files["synthetic_algorithms.csv"]);
        assert!(files["synthetic_summary.csv"].contains(",Fair-MAML,"));
    }
    // Alone it is an error.
    let line = format!("reproduce synthetic {TINY} --gammas 100000 --algorithm imaml --out alone");
    assert_eq!(run(folder.path(), &line).code, Some(2));
}

/// Its settings come with it, and the same method is not run twice.
#[test]
fn the_published_code_brings_its_settings() {
    let folder = folder();
    run(folder.path(), &format!("{TINY} --algorithm published-code --out out")).done();
    let files = repeatable(&folder.path().join("out"));
    let manifest = parse(&files["manifest.json"]);
    for plan in manifest["plans"].as_array().unwrap() {
        assert_eq!(plan["reading"], json!("published-code"));
        assert_eq!(plan["queries"], json!("independent"));
        assert_eq!(plan["labels"], json!("randomly-flipped"));
        let companions = plan["companions"].as_array().unwrap();
        assert!(companions.iter().all(|it| it["method"] != json!("published-code")));
    }
    let communities = &manifest["plans"][1];
    assert_eq!((&communities["k"], &communities["support_rows"]), (&json!(15), &json!(10)));
    assert_eq!(communities["inner"], json!({ "rate": 0.4, "steps": 2 }));
    assert_eq!(communities["network"]["layers"], json!([95, 5, 5, 2]));
    let summary = &files["communities_summary.csv"];
    assert!(summary.contains(",published-code,") && !summary.contains(",MAML,"), "{summary}");
}
