//! The process ends, or the disk is full, at each write, sync and rename of a run. The program
//! needs the feature `faults`:
//!
//! ```sh
//! cargo test -p fair-maml --features faults --test faults
//! ```
#![cfg(feature = "faults")]

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::{Ran, files, folder, of_meta_learning, repeatable, run, write};

/// A manifest of a run with short trainings, which are kept before their end.
fn small(folder: &Path, name: &str, iterations: u64) {
    write(folder, name, of_meta_learning(iterations, 1).to_string());
}

const LINE: &str = "reproduce --manifest new.json --threads 1 --force --out out";

fn faulty(folder: &Path, fault: &str) -> Option<Ran> {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_fair-maml"));
    command.args(LINE.split_whitespace()).current_dir(folder).env("FAIR_MAML_FAULT", fault);
    let output = command.output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(!err.contains("panicked"), "{fault}: {err}");
    let code = output.status.code()?;
    Some(Ran { code: Some(code), out: String::new(), err })
}

/// The files of `out`, each of which has to be one of `old` or of `new`, whole.
fn old_or_new(out: &Path, [old, new]: [&BTreeMap<String, String>; 2], fault: &str) {
    let (mut all_old, mut manifest) = (true, false);
    for entry in std::fs::read_dir(out).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if name.starts_with(".fair-maml") || name == "unfinished" || name == "provenance.json" {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let is = |files: &BTreeMap<String, String>| files.get(&name) == Some(&text);
        assert!(is(old) || is(new), "{fault}: {name} is neither old nor new");
        all_old &= is(old);
        manifest |= name == "manifest.json";
    }
    // A manifest is of the results beside it.
    assert!(!manifest || all_old || old_is_gone(out, old, new), "{fault}");
}

/// Every file that differs between the two is the new one.
fn old_is_gone(out: &Path, old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> bool {
    let differing = new.iter().filter(|(name, text)| old.get(*name) != Some(text));
    differing.into_iter().all(|(name, text)| {
        std::fs::read_to_string(out.join(name)).is_ok_and(|found| found == *text)
    })
}

/// Ends the process at each step in turn, on a folder with results of another command, and takes
/// the run up again.
#[test]
fn aborted_at_every_step() {
    let folder = folder();
    small(folder.path(), "old.json", 2);
    small(folder.path(), "new.json", 501);
    run(folder.path(), "reproduce --manifest old.json --out old").done();
    run(folder.path(), "reproduce --manifest new.json --out new").done();
    let [old, new] = ["old", "new"].map(|name| repeatable(&folder.path().join(name)));
    let out = folder.path().join("out");
    let mut step = 0;
    loop {
        step += 1;
        let fault = format!("abort {step}");
        let _ = std::fs::remove_dir_all(&out);
        copy(&folder.path().join("old"), &out);
        if let Some(ran) = faulty(folder.path(), &fault) {
            assert_eq!(ran.code, Some(0), "{fault}: {}", ran.err);
            break;
        }
        old_or_new(&out, [&old, &new], &fault);
        let ran = run(folder.path(), LINE);
        assert_eq!(ran.code, Some(0), "{fault}: {}", ran.err);
        assert!(repeatable(&out) == new, "{fault}");
    }
    assert!(step > 40, "{step} steps");
    assert!(repeatable(&out) == new);
}

/// The disk is full from each step on: the results that were there stay, or the run says that it
/// could not keep its parts; with room again it goes on.
#[test]
fn a_full_disk_from_every_step_on() {
    let folder = folder();
    small(folder.path(), "old.json", 2);
    small(folder.path(), "new.json", 501);
    run(folder.path(), "reproduce --manifest old.json --out old").done();
    run(folder.path(), "reproduce --manifest new.json --out new").done();
    let [old, new] = ["old", "new"].map(|name| repeatable(&folder.path().join(name)));
    let out = folder.path().join("out");
    let mut step = 0;
    loop {
        step += 1;
        let fault = format!("full {step}");
        let _ = std::fs::remove_dir_all(&out);
        copy(&folder.path().join("old"), &out);
        let ran = faulty(folder.path(), &fault).expect("no signal");
        if ran.code == Some(0) {
            break;
        }
        assert_eq!(ran.code, Some(2), "{fault}: {}", ran.err);
        let error = ran.err.lines().last().unwrap();
        assert!(error.starts_with("error: --out out"), "{fault}: {}", ran.err);
        assert!(error.contains("the disk is full") && error.contains("free some space"), "{error}");
        old_or_new(&out, [&old, &new], &fault);
        assert!(!out.join(".fair-maml.lock").exists(), "{fault}");
        let ran = run(folder.path(), LINE);
        assert_eq!(ran.code, Some(0), "{fault}: {}", ran.err);
        assert!(repeatable(&out) == new, "{fault}");
    }
    assert!(step > 40, "{step} steps");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for (name, text) in files(from) {
        write(to, &name, text);
    }
}
