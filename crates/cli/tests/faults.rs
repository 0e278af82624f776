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

/// A command that replaces the results of another one in the folder `out`.
struct Replacing {
    folder: TempDir,
    line: &'static str,
    /// What the other command wrote.
    old: Files,
    /// What this one writes.
    new: Files,
    /// The file that says of all others how they were made, if one does: it is of the results
    /// beside it.
    manifest: Option<&'static str>,
}

impl Replacing {
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

    fn of(folder: TempDir, line: &'static str, manifest: Option<&'static str>) -> Self {
        let [old, new] = ["old", "new"].map(|name| results(&folder.path().join(name)));
        assert!(old.keys().eq(new.keys()) && old != new);
        Replacing { folder, line, old, new, manifest }
    }

    fn out(&self) -> std::path::PathBuf {
        self.folder.path().join("out")
    }

    /// Runs the command with a fault, on the results of the other one. `None` if it was aborted.
    fn faulty(&self, fault: &str) -> Option<Ran> {
        let _ = std::fs::remove_dir_all(self.out());
        std::fs::create_dir(self.out()).unwrap();
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

    /// Each file of `out` has to be one of the old or of the new ones, whole.
    fn old_or_new(&self, fault: &str) {
        let found = results(&self.out());
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
    }

    /// Ends the process at each step in turn, and takes the run up again.
    fn aborted_at_every_step(&self) {
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
        assert!(step > 40, "{step} steps");
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
    Replacing::reproduce().aborted_at_every_step();
}

#[test]
fn train_aborted_at_every_step() {
    Replacing::train().aborted_at_every_step();
}

#[test]
fn reproduce_with_a_full_disk_from_every_step_on() {
    Replacing::reproduce().full_from_every_step_on();
}

#[test]
fn train_with_a_full_disk_from_every_step_on() {
    Replacing::train().full_from_every_step_on();
}
