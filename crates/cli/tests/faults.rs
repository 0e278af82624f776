//! The process ends, or the disk is full, at each write, sync and rename of a run. The program
//! needs the feature `faults`:
//!
//! ```sh
//! cargo test -p fair-maml --features faults --test faults
//! ```
#![cfg(feature = "faults")]

mod common;

use common::ended::{Files, results, small_training, the_same};
use common::{Ran, folder, of_meta_learning, run, set, write};
use tempfile::TempDir;

/// A command that writes its results to the folder `out`, or replaces those of another one there.
struct Writing {
    folder: TempDir,
    line: &'static str,
    /// What the other command wrote; nothing if there is none.
    old: Files,
    /// What this one writes.
    new: Files,
    /// The file that says of all others how they were made, if one does: it is of the results
    /// beside it.
    manifest: Option<&'static str>,
}

impl Writing {
    fn reproduce() -> Self {
        let folder = folder();
        // Short trainings, which are kept before their end.
        for (name, iterations) in [("old", 2), ("new", 501)] {
            let mut manifest = of_meta_learning(iterations, 1);
            set(&mut manifest, "plans.0.tasks_per_batch", 2.into());
            write(folder.path(), &format!("{name}.json"), manifest.to_string());
            run(folder.path(), &format!("reproduce --manifest {name}.json --out {name}")).done();
        }
        let line = "reproduce --manifest new.json --threads 1 --force --out out";
        Self::of(folder, line, Some("manifest.json"))
    }

    fn train() -> Self {
        let folder = folder();
        for (name, iterations) in [("old", 2), ("new", 501)] {
            small_training(folder.path(), &format!("{name}.toml"), iterations);
            let line = format!("train --config {name}.toml --out {name}/m.safetensors");
            assert_eq!(run(folder.path(), &line).code, Some(0));
        }
        let line = "train --config new.toml --threads 1 --force --out out/m.safetensors";
        Self::of(folder, line, None)
    }

    fn adapt() -> Self {
        let folder = folder();
        small_training(folder.path(), "t.toml", 2);
        // Arguments have no spaces.
        let table = std::fs::read_to_string(folder.path().join("t.csv")).unwrap();
        write(folder.path(), "t.csv", table.replace("shop ", "shop"));
        let line = "train --config t.toml --out m.safetensors";
        assert_eq!(run(folder.path(), line).code, Some(0));
        for (name, seed) in [("old", 1), ("new", 2)] {
            let line = format!(
                "adapt --model m.safetensors --data t.csv --task shop1 --seed {seed} \
                 --out {name}/m.safetensors"
            );
            assert_eq!(run(folder.path(), &line).code, Some(0));
        }
        let line = "adapt --model m.safetensors --data t.csv --task shop1 --seed 2 --force \
                    --out out/m.safetensors";
        Self::of(folder, line, None)
    }

    fn of(folder: TempDir, line: &'static str, manifest: Option<&'static str>) -> Self {
        let [old, new] = ["old", "new"].map(|name| results(&folder.path().join(name)));
        assert!(old.keys().eq(new.keys()) && old != new);
        Writing { folder, line, old, new, manifest }
    }

    /// The same command where nothing is replaced, and without leave to do so.
    fn into_nothing(mut self, line: &'static str) -> Self {
        assert!(!line.contains("--force"));
        self.old.clear();
        Self { line, ..self }
    }

    fn out(&self) -> std::path::PathBuf {
        self.folder.path().join("out")
    }

    /// Runs the command with a fault, on the results of the other one. `None` if it was aborted.
    fn faulty(&self, fault: &str) -> Option<Ran> {
        let _ = std::fs::remove_dir_all(self.out());
        if !self.old.is_empty() {
            std::fs::create_dir(self.out()).unwrap();
        }
        for (name, bytes) in &self.old {
            write(&self.out(), name, bytes);
        }
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_fair-maml"));
        command.args(self.line.split_whitespace()).current_dir(self.folder.path());
        let output = command.env("FAIR_MAML_FAULT", fault).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(!err.contains("panicked"), "{fault}: {err}");
        let code = output.status.code()?;
        Some(Ran { code: Some(code), out: String::new(), err })
    }

    /// Each file of `out` has to be one of the old or of the new ones, whole, and no old one stands
    /// beside a new one.
    fn old_or_new(&self, fault: &str) {
        let found = if self.out().exists() { results(&self.out()) } else { Files::new() };
        let names = |from: &Files, other: &Files| -> Vec<String> {
            let is_only_there = |(name, bytes): &(&String, &Vec<u8>)| {
                from.get(*name) == Some(*bytes) && other.get(*name) != Some(*bytes)
            };
            found.iter().filter(is_only_there).map(|(name, _)| name.clone()).collect()
        };
        let (old, new) = (names(&self.old, &self.new), names(&self.new, &self.old));
        assert!(old.is_empty() || new.is_empty(), "{fault}: old {old:?} beside new {new:?}");
        for (name, bytes) in &found {
            let is = |files: &Files| files.get(name) == Some(bytes);
            assert!(is(&self.old) || is(&self.new), "{fault}: {name} is neither old nor new");
        }
        let has_manifest = self.manifest.is_some_and(|name| found.contains_key(name));
        let is_whole = found == self.old || found == self.new;
        assert!(!has_manifest || is_whole, "{fault}: a manifest of other results");
    }

    /// Takes the run up again.
    fn to_the_end(&self, fault: &str) {
        let ran = run(self.folder.path(), self.line);
        assert_eq!(ran.code, Some(0), "{fault}: {}", ran.err);
        the_same(&results(&self.out()), &self.new);
        let own = |name: &String| name.starts_with(".fair-maml") || name == "unfinished";
        let left: Vec<String> = std::fs::read_dir(self.out())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(own)
            .collect();
        assert!(left.is_empty(), "{fault}: {left:?}");
    }

    /// Ends the process at each step in turn, and takes the run up again.
    fn aborted_at_every_step(&self, least: usize) {
        let mut step = 0;
        loop {
            step += 1;
            let fault = format!("abort {step}");
            if let Some(ran) = self.faulty(&fault) {
                assert_eq!(ran.code, Some(0), "{fault}: {}", ran.err);
                break;
            }
            self.old_or_new(&fault);
            self.to_the_end(&fault);
        }
        assert!(step > least, "{step} steps");
        the_same(&results(&self.out()), &self.new);
    }

    /// The disk is full from each step on: the results that were there stay, or the run says that
    /// it could not keep its parts; with room again it goes on.
    fn full_from_every_step_on(&self) {
        let mut step = 0;
        loop {
            step += 1;
            let fault = format!("full {step}");
            let ran = self.faulty(&fault).expect("no signal");
            if ran.code == Some(0) {
                break;
            }
            assert_eq!(ran.code, Some(2), "{fault}: {}", ran.err);
            let error = ran.err.lines().last().unwrap();
            assert!(error.starts_with("error: --out out"), "{fault}: {}", ran.err);
            let told = error.contains("the disk is full") && error.contains("free some space");
            assert!(told, "{fault}: {error}");
            self.old_or_new(&fault);
            assert!(!self.out().join(".fair-maml.lock").exists(), "{fault}");
            self.to_the_end(&fault);
        }
        assert!(step > 40, "{step} steps");
    }
}

#[test]
fn reproduce_aborted_at_every_step() {
    Writing::reproduce().aborted_at_every_step(60);
}

#[test]
fn train_aborted_at_every_step() {
    Writing::train().aborted_at_every_step(60);
}

#[test]
fn adapt_aborted_at_every_step() {
    Writing::adapt().aborted_at_every_step(20);
}

/// What was not there before is finished without `--force`, too.
#[test]
fn reproduce_aborted_at_every_step_in_a_new_folder() {
    let line = "reproduce --manifest new.json --threads 1 --out out";
    Writing::reproduce().into_nothing(line).aborted_at_every_step(50);
}

#[test]
fn train_aborted_at_every_step_in_a_new_folder() {
    let line = "train --config new.toml --threads 1 --out out/m.safetensors";
    Writing::train().into_nothing(line).aborted_at_every_step(50);
}

#[test]
fn adapt_aborted_at_every_step_in_a_new_folder() {
    let line =
        "adapt --model m.safetensors --data t.csv --task shop1 --seed 2 --out out/m.safetensors";
    Writing::adapt().into_nothing(line).aborted_at_every_step(15);
}

#[test]
fn reproduce_with_a_full_disk_from_every_step_on() {
    Writing::reproduce().full_from_every_step_on();
}

#[test]
fn train_with_a_full_disk_from_every_step_on() {
    Writing::train().full_from_every_step_on();
}

/// What a killed run had to name is the same command's own only as long as nobody changes it, and
/// no other command's at all.
#[test]
fn what_a_killed_run_has_written_is_not_replaced_by_others() {
    let line =
        "adapt --model m.safetensors --data t.csv --task shop1 --seed 2 --out out/m.safetensors";
    let writing = Writing::adapt().into_nothing(line);
    let name = ".fair-maml.journal";
    let mut step = 0;
    // Until all files have their names.
    while !writing.out().join("m.safetensors").exists() {
        step += 1;
        assert!(writing.faulty(&format!("abort {step}")).is_none());
    }
    assert!(writing.out().join(name).exists());
    let other = line.replace("--seed 2", "--seed 1");
    let journal = std::fs::read(writing.out().join(name)).unwrap();
    run(writing.folder.path(), &other).refused(&["out/m.safetensors", "exist; use --force"]);
    assert!(!writing.out().join(name).exists());
    write(&writing.out(), name, &journal);
    write(&writing.out(), "m.card.md", "a comment of the user");
    run(writing.folder.path(), line).refused(&["out/m.card.md exists; use --force"]);
    assert!(results(&writing.out())["m.card.md"] == b"a comment of the user");
}
