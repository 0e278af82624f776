//! Runs that are interrupted, and taken up again by the same command.

mod common;

use std::collections::BTreeMap;

#[cfg(unix)]
use common::ended::heeds_signals;
use common::ended::{
    Going, parts, results, seeded, small_training, survives_kills, taking_up, the_same, unfinished,
};
use common::{Ran, files, folder, of_meta_learning, run, set, write};

/// A second or two, in many parts.
const LINE: &str = "--quick --iterations 100 --seeds 2 --gammas 1";

/// Interrupted in the first problem, and again in the second: each time the finished parts stay,
/// and so do the files of the first problem; in the end nothing shows that anything happened.
#[cfg(unix)]
#[test]
fn the_same_command_takes_an_interrupted_run_up() {
    let folder = folder();
    let line = format!("{LINE} --out out");
    let out = folder.path().join("out");
    let said = |ran: &Ran| {
        assert_eq!((ran.code, ran.out.as_str()), (Some(130), ""), "{}", ran.err);
        assert!(ran.err.contains("interrupted") && ran.err.contains("kept in out"), "{}", ran.err);
    };

    let ran = Going::start(folder.path(), &line).until(|| !parts(&out).is_empty()).interrupted();
    said(&ran);
    assert!(!ran.err.contains("continuing an"), "{}", ran.err);
    assert!(results(&out).is_empty());
    let first = parts(&out);
    assert!(!first.is_empty());

    let last = out.join("synthetic_learning_curves.svg");
    let ran = Going::start(folder.path(), &line)
        .until(|| last.exists() && parts(&out).len() > first.len())
        .interrupted();
    said(&ran);
    let word = taking_up(first.len());
    assert!(ran.err.starts_with(&word), "{}", ran.err);
    let of_first = results(&out);
    assert!(of_first.len() > 5 && of_first.keys().all(|name| name.starts_with("synthetic_")));
    let second = parts(&out);
    assert!(first.iter().all(|part| second.contains(part)));

    let ran = run(folder.path(), &line);
    let word = taking_up(second.len());
    assert_eq!((ran.code, ran.err), (Some(0), word));
    assert!(!out.join("unfinished").exists());

    run(folder.path(), &format!("{LINE} --out whole")).done();
    let whole = results(&folder.path().join("whole"));
    the_same(&results(&out), &whole);
    for (name, text) in of_first {
        assert!(text == whole[&name], "{name} differs");
    }
}

/// What a run says about a file that it does not believe.
fn made_again(err: &str) -> usize {
    err.lines().filter(|line| line.ends_with("; this part is made again")).count()
}

/// Parts that are not as they were written are named and made again; those that are, are believed;
/// files of others are left alone.
#[test]
fn parts_that_are_none_are_made_again() {
    let folder = folder();
    let line = |out| format!("synthetic {LINE} --threads 1 --out {out}");
    run(folder.path(), &line("whole")).done();
    let whole = results(&folder.path().join("whole"));
    let out = folder.path().join("out");
    Going::start(folder.path(), &line("out")).until(|| parts(&out).len() > 12).killed();
    let left = parts(&out);
    let of_another = std::fs::read_to_string(&left[0]).unwrap();
    let spoil: [&dyn Fn(&str) -> String; 7] = [
        &|_| String::new(),
        &|text| text[..text.len() / 2].into(),
        &|_| "[]".into(),
        // As another version might have written it.
        &|text| text.replacen("sealed 1", "sealed 2", 1),
        // Another seed, and another number of decisions.
        &|text| text.replacen("\"seed\":", "\"seed\":1", 1),
        &|text| text.replacen("\"support_rows\":5", "\"support_rows\":6", 1),
        // Of another job.
        &|_| of_another.clone(),
    ];
    let chosen = &left[1..=spoil.len()];
    for (part, spoil) in chosen.iter().zip(spoil) {
        let text = std::fs::read_to_string(part).unwrap();
        let spoiled = spoil(&text);
        assert_ne!(spoiled, text);
        std::fs::write(part, spoiled).unwrap();
    }
    // And one bit of each of the others.
    let mut random = seeded(1);
    for part in &left[spoil.len() + 1..] {
        let mut bytes = std::fs::read(part).unwrap();
        let place = random(bytes.len());
        bytes[place] ^= 1 << random(8);
        std::fs::write(part, bytes).unwrap();
    }
    let chosen = &left[1..];
    let unfinished = out.join("unfinished");
    let stray = format!("{}.part", "0".repeat(32));
    write(&unfinished, &stray, "of another build or run");
    write(&unfinished, ".fair-maml-abc.tmp", "half writ");
    let ran = run(folder.path(), &line("out"));
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.starts_with(&taking_up(left.len())), "{}", ran.err);
    assert_eq!(made_again(&ran.err), chosen.len(), "{}", ran.err);
    for part in chosen {
        let name = part.file_name().unwrap().to_str().unwrap();
        assert!(ran.err.contains(&format!("note: out/unfinished/{name}: ")), "{}", ran.err);
    }
    let last =
        "note: out/unfinished has 1 part of another command or build; this run cannot use it\n";
    assert!(ran.err.ends_with(last), "{}", ran.err);
    assert_eq!(files(&unfinished).into_keys().collect::<Vec<_>>(), [stray]);
    the_same(&results(&out), &whole);
}

/// A training that was stopped at any iteration, or killed, goes on from where it was kept; what is
/// kept is believed only if it is whole. In the end nothing shows that anything happened.
#[cfg(unix)]
#[test]
fn a_training_goes_on() {
    let folder = folder();
    write(folder.path(), "m.json", of_meta_learning(1600, 1).to_string());
    let line = |out| format!("reproduce --manifest m.json --threads 1 --out {out}");
    run(folder.path(), &line("whole")).done();
    let out = folder.path().join("out");
    let begun = || unfinished(&out, ".begun");
    let going = || Going::start(folder.path(), &line("out"));

    going().until(|| !begun().is_empty()).killed();
    let [killed] = &begun()[..] else { panic!("one training") };
    let kept = std::fs::read(killed).unwrap();
    let changed = || std::fs::read(killed).is_ok_and(|now| now != kept);
    let ran = going().until(changed).ended_by("TERM");
    assert_eq!(ran.code, Some(143), "{}", ran.err);
    assert!(ran.err.contains("interrupted") && !ran.err.contains("again"), "{}", ran.err);
    let mut kept = std::fs::read(killed).unwrap();
    // The iteration is the first number of the state.
    let text = String::from_utf8(kept.clone()).unwrap();
    let (_, state) = text.split_once('\n').unwrap();
    let iteration = state.strip_prefix("[{\"iteration\":").unwrap().split_once(',').unwrap().0;
    assert!((500..1600).contains(&iteration.parse().unwrap()), "{iteration}");

    let ran = run(folder.path(), &line("out"));
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    let whole = results(&folder.path().join("whole"));
    the_same(&results(&out), &whole);
    assert!(!out.join("unfinished").exists());

    std::fs::create_dir(out.join("unfinished")).unwrap();
    let place = kept.len() / 2;
    kept[place] ^= 1;
    std::fs::write(killed, kept).unwrap();
    let ran = run(folder.path(), &line("out"));
    assert_eq!((ran.code, made_again(&ran.err)), (Some(0), 1), "{}", ran.err);
    the_same(&results(&out), &whole);
}

#[cfg(unix)]
#[test]
fn every_signal_ends_a_run_in_order() {
    let folder = folder();
    heeds_signals(folder.path(), &format!("{LINE} --out out"));
    small_training(folder.path(), "t.toml", 4000);
    heeds_signals(folder.path(), "train --config t.toml --threads 1 --out out/m.safetensors");
}

/// While a run writes to a folder, no other does.
#[test]
fn a_second_run_is_refused() {
    let folder = folder();
    let out = folder.path().join("out");
    let line = format!("synthetic {LINE} --out out");
    let going = Going::start(folder.path(), &line).until(|| !parts(&out).is_empty());
    let first = format!("process {}", going.id());
    let refused = run(folder.path(), &line).refused(&["--out out: another run writes to it"]);
    for part in [first.as_str(), "started 20", &line] {
        assert!(refused.contains(part), "{refused}");
    }
    going.killed();
    // Every command, and nothing is changed or removed.
    let before = files(&out.join("unfinished"));
    let lock = store::Lock::take(&out, "the test").unwrap();
    for command in ["reproduce", "study", "fronts", "check"] {
        let line = format!("{command} synthetic --quick --iterations 1 --out out");
        run(folder.path(), &line).refused(&["--out out: another run", "the test"]);
    }
    assert!(files(&out.join("unfinished")) == before);
    drop(lock);
    let line = "synthetic --quick --iterations 1 --seeds 1 --gammas 1 --out out";
    assert_eq!(run(folder.path(), line).code, Some(0));
    assert!(!out.join(".fair-maml.lock").exists());
}

fn reproduce_survives(kills: usize, seed: u64) {
    let folder = folder();
    let mut manifest = of_meta_learning(1200, 4);
    set(&mut manifest, "plans.0.tasks_per_batch", 8.into());
    write(folder.path(), "m.json", manifest.to_string());
    let line = |out: &str| format!("reproduce --manifest m.json --threads 2 --force --out {out}");
    survives_kills(folder.path(), line, kills, seed);
}

/// The model, its card, its settings, its front and its figure.
fn train_survives(kills: usize, seed: u64) {
    let folder = folder();
    small_training(folder.path(), "t.toml", 4000);
    let line =
        |out: &str| format!("train --config t.toml --threads 2 --force --out {out}/m.safetensors");
    survives_kills(folder.path(), line, kills, seed);
}

#[test]
fn killed_at_three_times() {
    reproduce_survives(3, 5);
    train_survives(3, 5);
}

/// Takes a minute: `cargo test -p fair-maml --test interrupted -- --ignored`.
#[test]
#[ignore = "takes a minute; .ci/run runs it"]
fn reproduce_killed_at_fifty_times() {
    reproduce_survives(50, 50);
}

/// Takes a minute: `cargo test -p fair-maml --test interrupted -- --ignored`.
#[test]
#[ignore = "takes a minute; .ci/run runs it"]
fn train_killed_at_fifty_times() {
    train_survives(50, 51);
}

/// A run that meets an error keeps what it has finished: the cause mended, it goes on from there.
#[test]
fn an_error_loses_nothing() {
    let folder = folder();
    let line = format!("synthetic {LINE} --out out");
    let out = folder.path().join("out");
    let in_the_way = out.join("synthetic_tradeoff.svg");
    std::fs::create_dir_all(&in_the_way).unwrap();
    run(folder.path(), &line).refused(&["synthetic_tradeoff.svg"]);
    let kept = parts(&out).len();
    assert!(kept > 10 && results(&out).is_empty());
    std::fs::remove_dir(&in_the_way).unwrap();
    let ran = run(folder.path(), &line);
    let word = taking_up(kept);
    assert_eq!((ran.code, ran.err), (Some(0), word));
    assert!(!out.join("unfinished").exists());
}

/// Without a place for finished parts a run goes on, and says so once.
#[test]
fn parts_that_cannot_be_kept_are_no_error() {
    let folder = folder();
    let out = folder.path().join("out");
    std::fs::create_dir_all(&out).unwrap();
    write(&out, "unfinished", "a file in the way");
    let ran = run(folder.path(), "synthetic --quick --iterations 1 --seeds 1 --out out");
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.starts_with("note: out/unfinished: "), "{}", ran.err);
    assert_eq!(ran.err.matches("an interrupted run would lose").count(), 1, "{}", ran.err);
}

/// The manifest and the report are of the results beside them, or are not there.
#[cfg(unix)]
#[test]
fn an_old_manifest_does_not_outlive_its_results() {
    let folder = folder();
    let out = folder.path().join("out");
    run(folder.path(), "--quick --iterations 2 --seeds 1 --out out").done();
    let old = results(&out);
    let was = old["synthetic_runs.csv"].clone();
    let line = format!("{LINE} --out out --force");
    let replaced = || {
        std::fs::read_to_string(out.join("synthetic_runs.csv"))
            .is_ok_and(|runs| runs.as_bytes() != was)
    };
    let ran = Going::start(folder.path(), &line).until(replaced).interrupted();
    assert_eq!(ran.code, Some(130), "{}", ran.err);
    let left = results(&out);
    for name in ["manifest.json", "report.html", "report.md", "claims.json"] {
        assert!(old.contains_key(name) && !left.contains_key(name), "{name}");
    }
    assert!(!out.join("provenance.json").exists());
    // What is left of another run is told.
    let ran = run(folder.path(), "synthetic --quick --iterations 2 --seeds 1 --out out");
    assert!(ran.err.contains("of an earlier run"), "{}", ran.err);
}

/// What a part says is what the results say: nothing is trained twice.
#[test]
fn finished_parts_are_not_made_again() {
    let folder = folder();
    let line = format!("synthetic {LINE} --threads 1 --out out");
    let out = folder.path().join("out");
    Going::start(folder.path(), &line).until(|| !parts(&out).is_empty()).killed();
    let part = &parts(&out)[0];
    let text = std::fs::read_to_string(part).unwrap();
    // The first line ends with the key, as JSON.
    let (header, value) = text.split_once('\n').unwrap();
    let key: String = serde_json::from_str(&header[header.find('"').unwrap()..]).unwrap();
    assert!(value.contains("\"test 0\""));
    let planted = store::seal(&key, value.replace("\"test 0\"", "\"planted\"").as_bytes());
    std::fs::write(part, planted).unwrap();
    assert_eq!(run(folder.path(), &line).code, Some(0));
    assert!(files(&out)["synthetic_runs.csv"].contains("planted"));
}

/// A folder of that name may be somebody's own.
#[test]
fn files_of_others_stay() {
    let folder = folder();
    let unfinished = folder.path().join("unfinished");
    std::fs::create_dir(&unfinished).unwrap();
    write(&unfinished, "novel.txt", "Call me");
    run(folder.path(), "synthetic --quick --iterations 1 --seeds 1 --out .").done();
    assert_eq!(files(&unfinished), BTreeMap::from([("novel.txt".into(), "Call me".into())]));
}
