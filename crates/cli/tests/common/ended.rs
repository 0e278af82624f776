//! Runs that end before their time, and are taken up again by the same command.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{Ran, run, without_progress, write};

/// A run of the program that goes on while the test does something else.
pub struct Going(Child);

impl Going {
    pub fn start(folder: &Path, line: &str) -> Going {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fair-maml"));
        command.args(line.split_whitespace()).current_dir(folder);
        Going(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Waits until something has happened while the run still goes on.
    #[track_caller]
    pub fn until(mut self, happened: impl Fn() -> bool) -> Going {
        let start = Instant::now();
        while !happened() {
            assert!(self.0.try_wait().unwrap().is_none(), "it ended first");
            assert!(start.elapsed() < Duration::from_secs(120), "nothing happened");
            std::thread::sleep(Duration::from_millis(2));
        }
        self
    }

    /// What it left behind, after an interrupt as by Ctrl-C.
    #[cfg(unix)]
    pub fn interrupted(self) -> Ran {
        self.ended_by("INT")
    }

    /// What it left behind, after a signal.
    #[cfg(unix)]
    pub fn ended_by(self, signal: &str) -> Ran {
        let id = self.0.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
        self.ended()
    }

    /// What it left behind, after its own end.
    pub fn ended(self) -> Ran {
        let output = self.0.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let err = without_progress(&text(output.stderr));
        Ran { code: output.status.code(), out: text(output.stdout), err }
    }

    /// Ends it without a chance to say anything. Returns whether it had ended before.
    pub fn killed(mut self) -> bool {
        let ended = self.0.try_wait().unwrap().is_some();
        self.0.kill().unwrap();
        self.0.wait().unwrap();
        ended
    }
}

/// The finished parts of the run that writes to `out`.
pub fn parts(out: &Path) -> Vec<PathBuf> {
    unfinished(out, ".part")
}

/// Its files with this ending.
pub fn unfinished(out: &Path, ending: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(out.join("unfinished")) else { return Vec::new() };
    let mut parts: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    parts.sort();
    parts
}

/// Numbers that look random and are the same in every run.
pub fn seeded(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed;
    move |below| {
        // The generator of Knuth's MMIX; its high bits are the better ones.
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % below
    }
}

/// What a run says that finds so many finished parts.
pub fn taking_up(parts: usize) -> String {
    let plural = if parts == 1 { "" } else { "s" };
    format!("continuing an unfinished run: {parts} finished part{plural}\n")
}

/// Names and contents of files.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The files directly in `out` that repeat to the byte.
pub fn results(out: &Path) -> Files {
    let entries = std::fs::read_dir(out).unwrap().map(|entry| entry.unwrap());
    let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
    files
        .map(|file| {
            let name = file.file_name().into_string().unwrap();
            (name, std::fs::read(file.path()).unwrap())
        })
        .filter(|(name, _)| !name.starts_with(".fair-maml") && name != "provenance.json")
        .collect()
}

#[track_caller]
pub fn the_same(found: &Files, expected: &Files) {
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, bytes) in found {
        assert!(*bytes == expected[name], "{name} differs");
    }
}

/// Killed at random times and taken up again, `kills` times in all, a run ends as one that was left
/// alone. Some kills hit what an earlier one has left. `line` is the command that writes to a
/// folder, and has no word against results that are there.
pub fn survives_kills(folder: &Path, line: impl Fn(&str) -> String, kills: usize, seed: u64) {
    let start = Instant::now();
    assert_eq!(run(folder, &line("whole")).code, Some(0));
    let (whole, time) = (results(&folder.join("whole")), start.elapsed());
    let out = folder.join("out");
    let to_the_end = || {
        assert_eq!(run(folder, &line("out")).code, Some(0));
        the_same(&results(&out), &whole);
        assert!(!out.join("unfinished").exists());
    };
    let mut random = seeded(seed);
    for kill in 0..kills {
        let going = Going::start(folder, &line("out"));
        std::thread::sleep(time.mul_f64(random(1000) as f64 / 2500.0));
        if going.killed() || kill % 7 == 6 {
            to_the_end();
            std::fs::remove_dir_all(&out).unwrap();
        }
    }
    to_the_end();
}

/// Each signal that asks for an end is heard: its exit code tells which it was, the run says where
/// its work is, and nothing but that work is there.
#[cfg(unix)]
pub fn heeds_signals(folder: &Path, line: &str) {
    // Where the tests run under `nohup`, so does the program, which then is right to go on.
    let survives = Command::new("sh").args(["-c", "kill -HUP $$"]).status().unwrap().success();
    let hangup = (!survives).then_some(("HUP", 129));
    let out = folder.join("out");
    for (signal, code) in [("INT", 130), ("TERM", 143)].into_iter().chain(hangup) {
        let ran = Going::start(folder, line).until(|| !parts(&out).is_empty());
        let ran = ran.ended_by(signal);
        assert_eq!(ran.code, Some(code), "{signal}: {}", ran.err);
        let word = "interrupted: finished work is kept in out; the same command continues";
        assert!(ran.err.contains(word), "{signal}: {}", ran.err);
        assert!(!ran.out.contains("Wrote"), "{signal}: {}", ran.out);
        let names: Vec<_> =
            std::fs::read_dir(&out).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names, ["unfinished"], "{signal}");
        std::fs::remove_dir_all(&out).unwrap();
    }
}

/// A table of a few shops in `t.csv`, and the settings of a short training on it in `t.toml`. A
/// training of more than 500 iterations is kept before its end.
pub fn small_training(folder: &Path, name: &str, iterations: u64) {
    let mut random = seeded(3);
    let mut csv = String::from("shop,sold,sex,hours,color\n");
    for row in 0..120 {
        let hours = random(100);
        let sold = ["no", "yes"][usize::from(hours + random(40) > 70)];
        let (sex, color) = (["f", "m"][random(2)], ["red", "green"][random(2)]);
        csv += &format!("shop {},{sold},{sex},{hours},{color}\n", row % 4);
    }
    write(folder, "t.csv", csv);
    let settings = format!(
        "data = \"t.csv\"\n\
         columns = {{ task = \"shop\", label = \"sold\", positive = \"yes\", sensitive = \"sex\", \
         protected = [\"f\"] }}\n\
         training = {{ iterations = {iterations}, shots = 5, tasks_per_batch = 2 }}\n\
         network = {{ hidden = [3] }}\n\
         fairness = {{ gammas = [1.0], folds = 2 }}\n"
    );
    write(folder, name, settings);
}
