//! Bad input: one line that says where it is and what would do, exit code 2, nothing written.

mod common;

use std::path::Path;

use common::{
    TINY, files, folder, golden_cases, manifest, parse, run, run_with, set, without_progress, write,
};
use serde_json::{Value, json};

/// Nothing but these files is in the folder, which also means no `--out`.
#[track_caller]
fn holds_only(folder: &Path, names: &[&str]) {
    let mut found: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();
    assert_eq!(found, names);
}

/// Runs on a data file; the run must be refused with all of `parts` named.
#[track_caller]
fn refuses_data(text: impl AsRef<[u8]>, parts: &[&str]) {
    let folder = folder();
    write(folder.path(), "data.csv", text);
    let line = "reproduce communities --iterations 1 --seeds 1 --data data.csv --out deep/out";
    let mut named = vec!["data.csv"];
    named.extend(parts);
    run(folder.path(), line).refused(&named);
    holds_only(folder.path(), &["data.csv"]);
}

fn shipped() -> String {
    datasets::COMMUNITIES_AND_CRIME.to_owned()
}

/// The shipped file with one cell replaced; lines count from 1, the header's.
fn with_cell(line: usize, column: &str, cell: &str) -> String {
    let text = shipped();
    let mut lines: Vec<String> = text.lines().map(String::from).collect();
    let place = lines[0].split(',').position(|name| name == column).unwrap();
    let mut cells: Vec<&str> = text.lines().nth(line - 1).unwrap().split(',').collect();
    cells[place] = cell;
    lines[line - 1] = cells.join(",");
    lines.join("\n") + "\n"
}

#[test]
fn malformed_tables() {
    let shipped = shipped();
    refuses_data("", &["no rows"]);
    refuses_data("\n\n\n", &["no rows"]);
    refuses_data(shipped.lines().next().unwrap(), &["no rows"]);
    refuses_data("a,b,c\n1,2,3\n", &["line 1", "3 fields", "128"]);
    refuses_data([0xff, 0xfe, 0x00], &["line 1", "UTF-8"]);
    refuses_data([shipped.as_bytes(), b"\xff"].concat(), &["line 1995", "UTF-8"]);
    refuses_data(shipped.clone() + "1,2,3\n", &["line 1995", "3 fields"]);
    refuses_data(shipped.clone() + "\"1,2,3\n", &["line 1995"]);
    let unknown = shipped.replacen("population", "popullation", 1);
    refuses_data(unknown, &["line 1", "popullation"]);
    let twice = shipped.replacen("householdsize", "population", 1);
    refuses_data(twice, &["line 1", "population"]);
    let nameless = shipped.replacen("householdsize", "", 1);
    refuses_data(nameless, &["line 1"]);
    let uci_short = "1,?,?,Sometown,1".to_owned() + &",0.5".repeat(122) + "\n";
    refuses_data(uci_short, &["line 1", "127 fields", "128"]);
}

#[test]
fn missing_columns() {
    // A column is missing if it has another of UCI's names, all of which the header may have.
    for name in ["racepctblack", "racePctHisp", "ViolentCrimesPerPop", "state"] {
        let other = shipped().replacen(name, "LemasSwornFT", 1);
        refuses_data(other, &["no column", name]);
    }
}

#[test]
fn unfit_cells() {
    let mut cases: Vec<(usize, &str, &str, &str)> = Vec::new();
    for cell in ["NaN", "inf", "-inf", "1e999", "", "abc", "0x1F", "1,5"] {
        let column = if cell == "1,5" { continue } else { "population" };
        cases.push((77, column, cell, "a finite number"));
    }
    cases.push((2, "ViolentCrimesPerPop", "?", "a finite number"));
    cases.push((1994, "racepctblack", "nan", "a finite number"));
    cases.push((5, "state", "57", "1 to 56"));
    cases.push((5, "state", "Ohio", "1 to 56"));
    cases.push((5, "state", "-1", "1 to 56"));
    for (line, column, cell, accepted) in cases {
        let line_named = format!("line {line}");
        let cell_named = format!("`{cell}`");
        let parts = [line_named.as_str(), column, &cell_named, accepted];
        refuses_data(with_cell(line, column, cell), &parts);
    }
    refuses_data(with_cell(3, "population", "\"a\nb\""), &["line 3", "population", "a\\nb"]);
}

#[test]
fn too_little_data() {
    let few: Vec<String> = shipped().lines().take(15).map(String::from).collect();
    let folder = folder();
    write(folder.path(), "data.csv", few.join("\n"));
    run(folder.path(), "communities --iterations 1 --seeds 1 --data data.csv --out out")
        .refused(&["min_rows", "must be"]);
    holds_only(folder.path(), &["data.csv"]);
}

#[test]
fn files_that_cannot_be_read() {
    let folder = folder();
    for line in [
        "communities --data nothing.csv --out out",
        "reproduce --manifest nothing.json --out out",
        "meta-grad nothing.json",
    ] {
        let said = run(folder.path(), line).refused(&["nothing."]);
        assert!(said.contains("No such file") || said.contains("cannot find"), "{said}");
    }
    for line in ["communities --data .", "reproduce --manifest .", "meta-grad ."] {
        run(folder.path(), line).refused(&[]);
    }
    run_with(folder.path(), &["meta-grad", "two\nlines"]).refused(&["two\\nlines"]);
    let line = "synthetic --data nothing.csv --out out";
    run(folder.path(), line).refused(&["--data", "communities"]);
    holds_only(folder.path(), &[]);
}

/// The manifest could not name the file; better to say so before the work than after.
#[cfg(target_os = "linux")]
#[test]
fn data_whose_name_is_no_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let folder = folder();
    let name = OsStr::from_bytes(b"\xff.csv");
    std::fs::write(folder.path().join(name), shipped()).unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_fair-maml"))
        .args(["communities", "--iterations", "1", "--seeds", "1", "--data"])
        .arg(name)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.starts_with("error: ") && said.contains("UTF-8"), "{said}");
    assert!(!folder.path().join("results").exists());
}

/// Permission bits do not stop everyone, but nobody can make a folder below a file.
#[test]
fn folders_that_cannot_be_written() {
    let folder = folder();
    write(folder.path(), "file", "mine");
    for out in ["file", "file/below", "file/far/below"] {
        let line = format!("--quick --out {out}");
        run(folder.path(), &line).refused(&["--out", out, "a folder that you can write to"]);
    }
    holds_only(folder.path(), &["file"]);
    assert_eq!(files(folder.path())["file"], "mine");
}

/// Nothing but the manifest and finished parts.
#[track_caller]
fn no_results(folder: &Path) {
    let out = folder.join("out");
    if out.exists() {
        holds_only(folder, &["m.json", "out"]);
        holds_only(&out, &["unfinished"]);
        std::fs::remove_dir_all(out).unwrap();
    } else {
        holds_only(folder, &["m.json"]);
    }
}

/// A result cannot take the place of a folder; then the others are not written either.
#[test]
fn all_files_or_none() {
    let folder = folder();
    std::fs::create_dir_all(folder.path().join("out/synthetic_tradeoff.svg")).unwrap();
    write(&folder.path().join("out"), "manifest.json", "of an earlier run");
    write(&folder.path().join("out"), "note.txt", "mine");
    run(folder.path(), &format!("synthetic {TINY} --out out --force"))
        .refused(&["synthetic_tradeoff.svg"]);
    // What was trained is kept for the next try, and so is what tells of the results still there.
    let there = ["manifest.json", "note.txt", "synthetic_tradeoff.svg", "unfinished"];
    holds_only(&folder.path().join("out"), &there);
}

#[test]
fn options_that_cannot_be() {
    let folder = folder();
    for (line, parts) in [
        ("--seeds 0", &["--seeds", "0", "1..=10000"][..]),
        ("--seeds -1", &["-1"]),
        ("--seeds 10001", &["--seeds", "10001"]),
        ("--seeds 1.5", &["--seeds", "1.5"]),
        ("--iterations 0", &["--iterations", "0"]),
        ("--iterations 99999999999999999999999", &["--iterations"]),
        ("--threads 0", &["--threads", "1..=1024"]),
        ("--threads 100000", &["--threads"]),
        ("--gammas=-1", &["--gammas", "-1", "at least 0"]),
        ("--gammas=nan", &["--gammas", "nan", "finite"]),
        ("--gammas=inf", &["--gammas", "inf", "finite"]),
        ("--gammas=1e999", &["--gammas", "1e999", "finite"]),
        ("--gammas 1,,2", &["--gammas"]),
        ("--gammas 1;2", &["--gammas", "1;2"]),
        ("--frobnicate", &["--frobnicate"]),
        ("frobnicate", &["frobnicate", "synthetic, communities, all", "meta-grad"]),
        ("reprodce", &["reprodce", "did you mean `reproduce`?"]),
        ("--quick reprodce", &["did you mean `reproduce`?"]),
        ("--force meta-grad", &["`meta-grad` is a command", "before all options"]),
        ("reproduce mnist", &["mnist", "communities"]),
        ("--quick --quick", &["--quick"]),
        ("reproduce --manifest m.json --seeds 3", &["--manifest", "--seeds"]),
        ("reproduce --manifest m.json --quick", &["--manifest", "--quick"]),
        ("--seeds 3 meta-grad case.json", &["cannot be used with"]),
        ("meta-grad", &["<CASE>"]),
        ("meta-grad a b", &["'b'"]),
        ("--out", &["--out"]),
    ] {
        let ran = run(folder.path(), line);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{line}: {}", ran.err);
        assert!(ran.err.starts_with("error: "), "{line}: {}", ran.err);
        for part in parts {
            assert!(ran.err.contains(part), "{line}: no `{part}` in {}", ran.err);
        }
    }
    holds_only(folder.path(), &[]);
}

#[test]
fn manifests_that_are_none() {
    let folder = folder();
    for (text, parts) in [
        ("", &["line 1"][..]),
        ("{", &["line 1"]),
        ("[]", &["line 1"]),
        ("{\"program\": \"fair-maml\",\n\"version\": 3}", &["line 2"]),
        ("{\"program\": \"fair-maml\", \"version\": \"0\"}", &["missing field `plans`"]),
        (
            "{\"program\": \"fair-maml\", \"version\": \"0\", \"plans\": []}",
            &["plans", "at least one"],
        ),
        ("{\"program\": \"other\", \"version\": \"0\", \"plans\": []}", &["of other"]),
        ("{\"program\": {}, \"version\": \"0\", \"plans\": []}", &["expected a string"]),
        (
            "{\"program\": \"fair-maml\", \"version\": \"0\", \"plans\": [], \"seed\": 1}",
            &["unknown field `seed`"],
        ),
        (&"[".repeat(100_000), &["line 1"]),
    ] {
        write(folder.path(), "m.json", text);
        let mut named = vec!["m.json"];
        named.extend(parts);
        run(folder.path(), "reproduce --manifest m.json --out out").refused(&named);
    }
    holds_only(folder.path(), &["m.json"]);
}

/// Some editors begin a file with a byte order mark.
#[test]
fn a_marked_manifest_is_one() {
    let folder = folder();
    write(folder.path(), "m.json", format!("\u{feff}{}", manifest()));
    run(folder.path(), "reproduce --manifest m.json --out out").done();
    let written = parse(&files(&folder.path().join("out"))["manifest.json"]);
    assert_eq!(written, manifest());
    write(folder.path(), "m.json", format!("\u{feff}\u{feff}{}", manifest()));
    run(folder.path(), "reproduce --manifest m.json --out other").refused(&["m.json", "line 1"]);
}

/// Settings that cannot be, wherever a manifest may hold one, down to those that no memory could.
#[test]
fn settings_that_cannot_be() {
    let folder = folder();
    let base = manifest();
    let sweep = |gammas: Value| json!([{"notion": "demographic-parity", "gammas": gammas}]);
    let huge = json!(u64::MAX);
    let edits: Vec<(&str, Value, &[&str])> = vec![
        ("plans.0.seeds", json!(0), &["at least 1"]),
        ("plans.0.seeds", huge.clone(), &["seeds", "at most 10000"]),
        ("plans.0.iterations", huge.clone(), &["iterations", "at most"]),
        ("plans.0.iterations", json!(-3), &["-3"]),
        ("plans.0.iterations", json!(1.5), &["1.5"]),
        ("plans.0.k", json!(0), &["at least 1"]),
        ("plans.0.k", huge.clone(), &["K = 18446744073709551615"]),
        ("plans.0.k", json!(101), &["K = 101"]),
        ("plans.1.k", json!(11), &["rows", "K = 11", "22"]),
        ("plans.0.episodes_per_task", huge.clone(), &["episodes_per_task", "at most"]),
        ("plans.0.tasks_per_batch", huge.clone(), &["tasks_per_batch", "at most"]),
        ("plans.0.inner.steps", huge.clone(), &["steps", "at most"]),
        ("plans.0.inner.steps", json!(1_000_000_000_000u64), &["steps", "at most"]),
        ("plans.0.inner.rate", json!(-1), &["inner rate", "at least 0"]),
        ("plans.0.algorithm", json!("second"), &["second", "fair-maml", "fomaml"]),
        ("plans.0.meta_rate", json!(0), &["meta_rate", "above 0"]),
        ("plans.0.meta_rate", json!(-1), &["meta_rate", "above 0"]),
        ("plans.0.meta_rate", json!(null), &["null"]),
        ("plans.0.network.layers", json!([2]), &["layers"]),
        ("plans.0.network.layers", json!([2, 0, 2]), &["layer 1", "0"]),
        ("plans.0.network.layers", json!([2, 20, 3]), &["network outputs", "3", "2 logits"]),
        ("plans.0.network.layers", json!([3, 20, 2]), &["network inputs", "3 with 2 features"]),
        ("plans.0.network.layers", json!([2, u64::MAX, 2]), &["layers"]),
        ("plans.0.network.layers", json!([2, 1u64 << 60, 2]), &["network", "at most"]),
        ("plans.0.network.layers", json!([2, 1u64 << 40, 2]), &["network", "at most"]),
        ("plans.0.network.activation", json!("gelu"), &["gelu", "relu"]),
        ("plans.0.reading", json!("aloud"), &["aloud", "group-mean"]),
        ("plans.0.sweeps", json!([]), &["sweeps", "at least one"]),
        ("plans.0.sweeps", sweep(json!([-1])), &["gammas", "above 0"]),
        ("plans.0.sweeps", sweep(json!([0, 1])), &["gammas", "above 0"]),
        ("plans.0.sweeps", sweep(json!([2, 1])), &["gammas", "increasing"]),
        ("plans.0.sweeps", sweep(json!([1, 1])), &["gammas", "increasing"]),
        ("plans.0.sweeps.0.notion", json!("luck"), &["luck", "demographic-parity"]),
        ("plans.1.sweeps.1.notion", json!("demographic-parity"), &["sweeps", "at most once"]),
        ("plans.0.fine_tuning_rates", json!([]), &["fine_tuning_shown", "one of"]),
        ("plans.0.fine_tuning_rates", json!([-1, 0.3]), &["fine_tuning_rates", "at least 0"]),
        ("plans.0.fine_tuning_rates", json!([0.3, 0.3]), &["fine_tuning_rates", "increasing"]),
        ("plans.0.fine_tuning_shown", json!(7), &["fine_tuning_shown", "7", "one of"]),
        ("plans.0.problem.synthetic.training_tasks", huge.clone(), &["training_tasks", "at most"]),
        ("plans.0.problem.synthetic.test_tasks", huge, &["test_tasks", "at most"]),
        ("plans.0.problem.synthetic.generator.points", json!(7), &["points", "7", "even"]),
        ("plans.0.problem.synthetic.generator.points", json!(2), &["rows", "K = 5"]),
        ("plans.0.problem.synthetic.generator.phis", json!([]), &["phis"]),
        ("plans.0.problem.synthetic.generator.phis", json!([0]), &["phis"]),
        ("plans.0.problem.synthetic.generator.slope", json!([1, -1]), &["slope"]),
        ("plans.1.problem.communities.config.held_out", json!(0), &["held_out", "at least 1"]),
        ("plans.1.problem.communities.config.held_out", json!(30), &["held_out", "at most 29"]),
        ("plans.1.problem.communities.config.min_rows", json!(1), &["min_rows", "at least 2"]),
        ("plans.1.problem.communities.config.min_rows", json!(279), &["min_rows", "at most 278"]),
        ("plans.1.problem.communities.config.min_rows", json!(10), &["rows", "K = 10"]),
        ("plans.1", base["plans"][0].clone(), &["plans[1]", "synthetic again"]),
        ("plans.0.surprise", json!(1), &["surprise"]),
        ("plans.0.inner.setps", json!(1), &["setps", "steps"]),
        ("plans.0.network.layerz", json!([2, 2]), &["layerz", "layers"]),
        (
            "plans.0.gamma_shown",
            json!(7),
            &["plans[0].gamma_shown must be", "first sweep's gammas, got 7"],
        ),
        ("plans.0.methods", json!([]), &["plans[0].methods", "at least one"]),
        ("plans.0.methods", json!(["meta", "meta"]), &["methods", "at most once"]),
        ("plans.0.methods", json!(["meta", "published-code"]), &["methods", "companions"]),
        ("plans.0.methods", json!(["magic"]), &["magic", "majority"]),
        (
            "plans.0.methods",
            json!(["meta", "laftr"]),
            &["plans[0].laftr must be", "if and only if", "got false"],
        ),
        (
            "plans.1.methods",
            json!(["meta"]),
            &["plans[0].laftr must be", "if and only if", "got true"],
        ),
        (
            "plans.1.laftr",
            json!(null),
            &["plans[0].laftr must be", "methods contains laftr, got false"],
        ),
        (
            "plans.1.laftr.gamma_shown",
            json!(0.25),
            &["laftr: gamma_shown must be one of", "got 0.25"],
        ),
        ("plans.1.laftr.rate", json!(0), &["laftr: rate must be", "above 0, got 0.0"]),
        ("plans.1.laftr.hidden", json!(1u64 << 40), &["laftr: hidden", "at most"]),
        ("plans.1.laftr.settings.code", json!(1u64 << 40), &["laftr: settings: code", "at most"]),
        ("plans.1.laftr.settings.hidden", json!(1u64 << 40), &["settings: hidden", "at most"]),
        ("plans.1.laftr.settings.epochs", json!(1u64 << 40), &["settings: epochs", "at most"]),
        ("plans.1.laftr.settings.epoch", json!(1), &["epoch", "epochs"]),
        ("plans.1.laftr.epochs", json!([]), &["laftr: epochs", "at least one"]),
        ("plans.1.laftr.epochs", json!([5, 5]), &["laftr: epochs", "increasing"]),
        ("plans.1.laftr.epochs", json!([5, 1]), &["laftr: epochs", "increasing"]),
        ("plans.1.laftr.sweeps.1.notion", json!("demographic-parity"), &["laftr: sweeps", "once"]),
        (
            "plans.0.points",
            json!([0, 5, 5]),
            &["plans[0].points must be increasing", "got [0, 5, 5]"],
        ),
        ("plans.0.points", json!([5, 0]), &["points", "increasing"]),
        ("plans.0.points", json!([-1]), &["-1"]),
        ("plans.0.scratch.rate", json!(0), &["plans[0].scratch: rate must be", "above 0, got 0.0"]),
        ("plans.0.scratch.epochs", json!(0), &["at least 1"]),
        ("plans.0.scratch.epochs", json!(u64::MAX), &["scratch: epochs", "at most"]),
        ("plans.0.support_rows", json!(0), &["at least 1"]),
        (
            "plans.0.adaptation",
            json!({ "rate": 0.1, "steps": 1u64 << 40 }),
            &["adaptation: steps", "at most"],
        ),
    ];
    for (path, value, parts) in edits {
        let mut manifest = base.clone();
        set(&mut manifest, path, value);
        // The plan in question alone, unless it is about both.
        if path.starts_with("plans.1.") {
            manifest["plans"].as_array_mut().unwrap().remove(0);
        }
        write(folder.path(), "m.json", manifest.to_string());
        run(folder.path(), "reproduce --manifest m.json --out new/out").refused(parts);
        holds_only(folder.path(), &["m.json"]);
    }
}

/// A patch is refused before anything is run, as its plan would be, and by its place.
#[test]
fn patches_that_cannot_be() {
    let folder = folder();
    let base = manifest();
    const PUBLISHED: &str = "companions: published-code: ";
    const REFUSE: &str = "ablation: high crime: ";
    let edits: Vec<(&str, Value, &[&str])> = vec![
        ("ablation.readings.1.changes.surprise", json!(1), &[REFUSE, "surprise"]),
        ("ablation.readings.1.changes.inner", json!({ "setps": 1 }), &[REFUSE, "setps"]),
        ("ablation.readings.1.changes", json!(3), &[REFUSE, "integer `3`"]),
        ("ablation.readings.1.changes.k", json!(null), &[REFUSE, "missing field `k`"]),
        (
            "ablation.readings.1.changes.meta_rate",
            json!(0),
            &[REFUSE, "meta_rate must be", "got 0"],
        ),
        ("ablation.readings.1.change", json!({}), &["change", "changes"]),
        ("ablation.reference.gamma_shown", json!(77), &["ablation: reference: gamma_shown", "77"]),
        ("ablation.reference.methods", json!(["laftr", "published-code"]), &["reference: methods"]),
        ("companions.0.changes", json!(true), &[PUBLISHED, "boolean `true`"]),
        (
            "companions.0.changes.inner.rate",
            json!(-1),
            &[PUBLISHED, "inner rate must be", "got -1"],
        ),
        ("companions.0.changes.k", json!(0), &[PUBLISHED, "at least 1"]),
        ("companions.0.changes.laftr", json!({}), &[PUBLISHED, "laftr"]),
        ("companions.0.changes.methods", json!(["published-code"]), &[PUBLISHED, "methods"]),
        (
            "companions.0.changes.methods",
            json!(["meta", "scratch"]),
            &[PUBLISHED, r#"methods must be ["meta"] or ["pretrained"], got ["meta", "scratch"]"#],
        ),
        ("companions.0.method", json!("coin"), &["companions: method must be"]),
        (
            "companions.0.changes.problem",
            json!({ "communities": null, "synthetic": base["plans"][0]["problem"]["synthetic"] }),
            &[PUBLISHED, "problem must be communities, as in the plan, got synthetic"],
        ),
    ];
    for (path, value, parts) in edits {
        let mut manifest = base.clone();
        set(&mut manifest, &format!("plans.1.{path}"), value);
        write(folder.path(), "m.json", manifest.to_string());
        let mut named = vec!["m.json: plans[1]."];
        // What is no plan at all is refused where it stands.
        if path.ends_with(".change") {
            named.clear();
        }
        named.extend(parts);
        run(folder.path(), "reproduce --manifest m.json --out new/out").refused(&named);
        holds_only(folder.path(), &["m.json"]);
    }
}

#[test]
fn cases_that_are_none() {
    let folder = folder();
    let golden = golden_cases();
    let (_, text) = golden.iter().find(|(name, _)| name == "nobody_protected").unwrap();
    let base = parse(text);
    let opposed = [1e308, -1e308].repeat(5);
    let edits: Vec<(&str, Value, &[&str])> = vec![
        // A misspelled `expected` would compare nothing.
        ("expectd", json!({}), &["expectd", "expected"]),
        ("tasks.0.gama", json!(1), &["gama", "gamma"]),
        ("layers", json!([3, 5, 3]), &["layers", "expected 2 outputs", "got 3"]),
        ("layers", json!([3, 0, 2]), &["layer 1"]),
        ("layers", json!([4, 5, 2]), &["parameters[0]", "15 numbers", "20 for W1"]),
        ("layers", json!([3, u64::MAX, 2]), &["layers"]),
        ("layers", json!([3, 1u64 << 60, 2]), &["parameters[0]", "W1"]),
        ("layers", json!("wide"), &["line", "column"]),
        ("activation", json!("gelu"), &["gelu", "relu"]),
        ("regularizer", json!("luck"), &["luck", "demographic_parity"]),
        ("inner_rate", json!(-0.1), &["inner rate", "-0.1", "at least 0"]),
        ("inner_steps", json!(-1), &["-1", "line", "column"]),
        ("inner_steps", json!(u64::MAX), &["inner_steps", "at most"]),
        ("parameters", json!([]), &["parameters", "0 arrays"]),
        ("vector.1", json!([1, 2]), &["vector[1]", "2 numbers", "5 for b1"]),
        ("tasks", json!([]), &["tasks", "at least one"]),
        ("tasks.0.gamma", json!(-1), &["tasks[0].gamma", "-1", "at least 0"]),
        ("tasks.1.query.x", json!([]), &["tasks[1].query.x", "no rows"]),
        ("tasks.0.support.x.1", json!([1, 2]), &["tasks[0].support.x[1]", "2 numbers", "3"]),
        ("tasks.0.support.y.0", json!(2), &["tasks[0].support.y[0]", "2", "0 or 1"]),
        ("tasks.0.support.y.0", json!(0.5), &["tasks[0].support.y[0]", "0.5", "0 or 1"]),
        ("tasks.0.query.a.1", json!(-1), &["tasks[0].query.a[1]", "-1", "0 or 1"]),
        ("tasks.0.query.a", json!([1]), &["tasks[0].query.a", "1 labels"]),
        ("tasks.0.support.y", json!(true), &["line", "column"]),
        ("expected.meta_loss", json!("low"), &["line", "column"]),
        ("expected.meta_loss", json!(null), &["line", "column"]),
        // Finite input, but not what comes of it.
        ("parameters.2", json!(opposed), &["support_loss", "not finite"]),
        (
            "tasks.0.support.x.0",
            json!([1e308, 1e308, 1e308]),
            &["not finite", "inner rate 0.2", "gamma [3.0"],
        ),
        ("vector.2", json!(opposed), &["hessian_vector_product: not finite"]),
    ];
    let refuses = |text: &str, parts: &[&str]| {
        write(folder.path(), "case.json", text);
        let mut named = vec!["case.json"];
        named.extend(parts);
        run(folder.path(), "meta-grad case.json").refused(&named);
    };
    for (path, value, parts) in edits {
        let mut case = base.clone();
        set(&mut case, path, value);
        refuses(&case.to_string(), parts);
    }
    for key in ["layers", "parameters", "tasks", "inner_rate"] {
        let mut case = base.clone();
        case.as_object_mut().unwrap().remove(key);
        refuses(&case.to_string(), &["missing field", key]);
    }
    refuses("", &["line 1"]);
    refuses("nonsense", &["line 1", "column"]);
    refuses(&text[..text.len() / 2], &["line 1", "column"]);
    refuses(&text.replacen("0.2", "NaN", 1), &["line 1", "column"]);
    refuses(&text.replacen("0.2", "1e999", 1), &["out of range", "line 1"]);
    refuses(&"{\"layers\":".repeat(10_000), &["line 1"]);
    write(folder.path(), "case.json", [0xff, 0x00]);
    run(folder.path(), "meta-grad case.json").refused(&["case.json", "UTF-8"]);
}

#[test]
fn a_run_that_diverges_says_where() {
    let folder = folder();
    let base = manifest();
    for (plan, path, value, parts) in [
        (0, "plans.0.inner.rate", json!(1e200), &["MAML", "inner rate 1e200", "gamma 0"][..]),
        (1, "plans.0.inner.rate", json!(1e200), &["communities", "inner rate 1e200"]),
        (0, "plans.0.meta_rate", json!(1e300), &["meta rate 1e300", "iteration "]),
        (
            0,
            "plans.0.sweeps",
            json!([{"notion": "demographic-parity", "gammas": [1e300]}]),
            // The pre-trained network ends its training, and has no probability for a row then.
            &["gamma 1e300"],
        ),
    ] {
        let mut manifest = base.clone();
        manifest["plans"] = json!([base["plans"][plan].clone()]);
        manifest["plans"][0]["iterations"] = json!(5);
        if path == "plans.0.sweeps" {
            manifest["plans"][0]["gamma_shown"] = json!(1e300);
        }
        set(&mut manifest, path, value);
        // What diverges is the plan itself, not a variant of it.
        set(&mut manifest, "plans.0.ablation", json!(null));
        write(folder.path(), "m.json", manifest.to_string());
        let mut named = vec!["seed 0", "task", "smaller"];
        if path != "plans.0.sweeps" {
            named.extend(["iteration", "inner step", "meta rate"]);
        }
        named.extend(parts);
        run(folder.path(), "reproduce --manifest m.json --out out").refused(&named);
        no_results(folder.path());
    }
    // The pre-trained network may survive training and fail when it is fine-tuned.
    let mut manifest = base.clone();
    set(&mut manifest, "plans.0.fine_tuning_rates", json!([1e308]));
    set(&mut manifest, "plans.0.fine_tuning_shown", json!(1e308));
    set(&mut manifest, "plans.0.problem.synthetic.generator.slope", json!([0, 0]));
    write(folder.path(), "m.json", manifest.to_string());
    let ran = run(folder.path(), "reproduce --manifest m.json --out out");
    if ran.code != Some(0) {
        ran.refused(&["pre-trained", "task test", "rate 1e308"]);
        no_results(folder.path());
    }
}

/// A group that is refused when absent ends the run with a name.
#[test]
fn an_absent_group_may_be_refused() {
    let folder = folder();
    let mut manifest = manifest();
    manifest["plans"][0]["absent_group"] = json!("refuse");
    write(folder.path(), "m.json", manifest.to_string());
    run(folder.path(), "reproduce --manifest m.json --out out").refused(&[
        "Fair-MAML",
        "iteration 0",
        "task training",
        "contained no member",
    ]);
    no_results(folder.path());
}

/// A reading that diverges is a result about the reading; the plan has its own.
#[test]
fn a_reading_that_diverges_is_told() {
    let folder = folder();
    let mut manifest = manifest();
    manifest["plans"] = json!([manifest["plans"][0]]);
    let readings = json!([{
        "decision": "A decision", "reading": "too far",
        "changes": { "methods": ["meta"], "inner": { "rate": 1e200 } },
    }]);
    set(&mut manifest, "plans.0.ablation.readings", readings);
    write(folder.path(), "m.json", manifest.to_string());
    run(folder.path(), "reproduce --manifest m.json --out out").done();
    let report = std::fs::read_to_string(folder.path().join("out/report.md")).unwrap();
    assert!(report.contains("A decision: too far. "), "{report}");
    assert!(report.contains(" stopped. The first error was: synthetic, "), "{report}");
    assert!(report.contains("inner rate 1e200"), "{report}");
}

/// A reader that closes the pipe is no error; a full disk below the output is.
#[cfg(target_os = "linux")]
#[test]
fn outputs_that_end_early() {
    use std::process::{Command, Stdio};

    let folder = folder();
    write(folder.path(), "case.json", &golden_cases()[0].1);
    for line in ["meta-grad case.json", "synthetic --quick --iterations 1 --seeds 1"] {
        let start = |out: Stdio| {
            Command::new(env!("CARGO_BIN_EXE_fair-maml"))
                .args(line.split_whitespace())
                .current_dir(folder.path())
                .stdout(out)
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        };
        let mut closed = start(Stdio::piped());
        drop(closed.stdout.take());
        let closed = closed.wait_with_output().unwrap();
        let said = without_progress(&String::from_utf8(closed.stderr).unwrap());
        assert_eq!((closed.status.code(), said.as_str()), (Some(0), ""), "{line}");

        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let full = start(full.into()).wait_with_output().unwrap();
        let said = without_progress(&String::from_utf8(full.stderr).unwrap());
        assert_eq!(full.status.code(), Some(2), "{said}");
        assert!(said.starts_with("error: standard output"), "{said}");
    }
}
