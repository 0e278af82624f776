//! What a small file can claim: it is estimated before any work, and refused above `--memory` or
//! `--work`.

mod common;

use std::path::Path;

use common::{folder, golden_cases, of_meta_learning, run, set, write};
use serde_json::{Value, json};

/// A manifest with changes, written to `folder`. It must be short.
fn short_manifest(folder: &Path, changes: &[(&str, Value)]) {
    let mut manifest = of_meta_learning(1, 1);
    for (path, value) in changes {
        set(&mut manifest, &format!("plans.0.{path}"), value.clone());
    }
    let text = manifest.to_string();
    assert!(text.len() < 2_000, "{}", text.len());
    write(folder, "small.json", text);
}

/// Each size is accepted alone. The folder of the results is not even made.
#[test]
fn a_small_manifest_cannot_take_all_memory() {
    let folder = folder();
    let data = "problem.synthetic";
    let wide = ("network.layers", json!([2, 3000, 3000, 2]));
    for (changes, largest) in [
        (
            vec![
                (format!("{data}.generator.points"), json!(1_000_000)),
                (format!("{data}.training_tasks"), json!(100)),
                (format!("{data}.test_tasks"), json!(100)),
                ("points".into(), json!((1..50).collect::<Vec<u8>>())),
            ],
            "tasks × rows",
        ),
        (
            vec![(wide.0.into(), wide.1.clone()), ("inner.steps".into(), json!(10_000))],
            "inner steps",
        ),
        (
            vec![(wide.0.into(), wide.1.clone()), ("tasks_per_batch".into(), json!(10_000))],
            "tasks of a batch",
        ),
        (
            vec![
                ("episodes_per_task".into(), json!(10_000)),
                ("k".into(), json!(100)),
                (format!("{data}.training_tasks"), json!(100_000)),
            ],
            "tasks × rows",
        ),
        (
            vec![("seeds".into(), json!(10_000)), (format!("{data}.test_tasks"), json!(100_000))],
            "held-out tasks",
        ),
    ] {
        let changes: Vec<(&str, Value)> =
            changes.iter().map(|(path, value)| (&**path, value.clone())).collect();
        short_manifest(folder.path(), &changes);
        let line = "reproduce --manifest small.json --out out";
        let said = run(folder.path(), line).refused(&[
            "the run on synthetic tasks needs about",
            "more than the 8.0 GB of --memory",
            largest,
            "use smaller settings or --memory ",
        ]);
        let enough = said.rsplit(' ').next().unwrap();
        assert!(enough.ends_with("GB") || enough.ends_with("TB"), "{said}");
        assert!(!folder.path().join("out").exists());
    }
}

#[test]
fn a_small_manifest_cannot_take_all_time() {
    let folder = folder();
    let changes = [("iterations", json!(1_000_000_000)), ("seeds", json!(10_000))];
    short_manifest(folder.path(), &changes);
    let line = "reproduce --manifest small.json --out out --memory 1000TB";
    run(folder.path(), line).refused(&["multiply-adds, more than the 1.0e18 of --work", "× seeds"]);
    run(folder.path(), "check --manifest small.json --work 1e9").refused(&[
        "the check of fair-maml on synthetic tasks",
        "of --work",
        "--work 1e",
    ]);
}

/// The program itself needs more than 1 MB. What is refused with little runs with more.
#[test]
fn memory_raises_the_limit() {
    let folder = folder();
    short_manifest(folder.path(), &[]);
    for (line, name) in [
        ("reproduce --manifest small.json --out out", "the run on synthetic tasks"),
        ("check --manifest small.json --entries 1", "the check of fair-maml on synthetic tasks"),
        ("fronts synthetic --quick --iterations 1 --out fronts", "the run on synthetic tasks"),
        ("study synthetic --quick --iterations 4 --out study", "the study of synthetic tasks"),
    ] {
        let small = format!("{line} --memory 1MB");
        run(folder.path(), &small).refused(&[name, "more than the 1 MB of --memory"]);
    }
    run(folder.path(), "reproduce --manifest small.json --out out --memory 1GB").done();
    let wrong = run(folder.path(), "reproduce --memory much");
    assert!(wrong.code == Some(2) && wrong.err.contains("500MB"), "{}", wrong.err);
}

/// 10,000 steps with 15,002 parameters: a file of 60 kB whose iterates take 1.2 GB.
#[test]
fn a_small_case_cannot_take_all_memory() {
    let folder = folder();
    let (rows, width) = (1, 3_000);
    let features: Vec<u8> = vec![0; 2];
    let batch = json!({"x": vec![features; rows], "y": vec![1; rows], "a": vec![0; rows]});
    let zeros = |n: usize| vec![0; n];
    let case = json!({
        "layers": [2, width, 2], "activation": "relu", "regularizer": "none",
        "inner_rate": 0.1, "inner_steps": 10_000,
        "parameters": [zeros(2 * width), zeros(width), zeros(2 * width), zeros(2)],
        "tasks": [{"gamma": 0, "support": batch, "query": batch}],
    });
    write(folder.path(), "case.json", case.to_string());
    run(folder.path(), "meta-grad case.json --memory 1GB").refused(&[
        "case.json needs about 1.2 GB of memory, more than the 1.0 GB of --memory",
        "parameters × inner steps",
        "--memory 2GB",
    ]);
    run(folder.path(), "meta-grad case.json --work 1e6").refused(&["of --work", "inner steps"]);
    // First-order MAML keeps the iterates too, and iMAML keeps none.
    let mut other = case.clone();
    other["algorithm"] = json!("imaml");
    other["proximal"] = json!(4);
    other["inner_steps"] = json!(10);
    write(folder.path(), "other.json", other.to_string());
    run(folder.path(), "meta-grad other.json --memory 50MB").done();
    let (_, golden) = golden_cases().remove(0);
    write(folder.path(), "golden.json", golden);
    run(folder.path(), "meta-grad golden.json --memory 1MB").refused(&["golden.json needs"]);
    run(folder.path(), "meta-grad golden.json --memory 1GB").done();
}

/// A short patch stands for a whole plan, and the readings of an ablation are many.
#[test]
fn many_variants_of_a_long_plan() {
    let folder = folder();
    let mut manifest = of_meta_learning(1, 1);
    let rates: Vec<f64> = (0..9_000).map(f64::from).collect();
    let reading = json!({"decision": "", "reading": "", "changes": {}});
    set(&mut manifest, "plans.0.fine_tuning_rates", json!(rates));
    set(&mut manifest, "plans.0.fine_tuning_shown", json!(0));
    let ablation = json!({"reference": {}, "readings": vec![reading; 2_000]});
    set(&mut manifest, "plans.0.ablation", ablation);
    write(folder.path(), "small.json", manifest.to_string());
    run(folder.path(), "reproduce --manifest small.json --out out")
        .refused(&["plans[0].companions and ablation must have at most", "2001 variants"]);
}

/// The settings of a training are a small file too.
#[test]
fn a_small_configuration_cannot_take_all_memory() {
    let folder = folder();
    let rows: String = (0..4)
        .flat_map(|task| {
            (0..40).map(move |row| format!("t{task},{},{row},a{}\n", row % 2, row % 3))
        })
        .collect();
    write(folder.path(), "t.csv", format!("task,y,x,s\n{rows}"));
    let line = "train --data t.csv --task task --label y --positive 1 --sensitive s \
                --protected a0 --out m.safetensors --shots 2 --iterations 20 --folds 2";
    run(folder.path(), &format!("{line} --memory 20MB"))
        .refused(&["the training needs about", "more than the 20 MB of --memory"]);
    run(folder.path(), &format!("{line} --work 1e3")).refused(&["the training", "of --work"]);
    let ran = run(folder.path(), &format!("{line} --memory 1GB"));
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let toml = std::fs::read_to_string(folder.path().join("m.toml")).unwrap();
    assert!(toml.contains("hidden = ["), "{toml}");
    let start = toml.find("hidden = [").unwrap();
    let end = start + toml[start..].find(']').unwrap() + 1;
    let large = format!("{}hidden = [3000, 3000]{}", &toml[..start], &toml[end..]);
    let large = large.replace("inner_steps = 1", "inner_steps = 10000");
    assert!(large.contains("= 10000"), "{large}");
    write(folder.path(), "large.toml", large);
    run(folder.path(), "train --config large.toml --out other.safetensors").refused(&[
        "the training needs about",
        "8.0 GB of --memory",
        "inner steps",
    ]);
}
