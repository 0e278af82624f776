//! Where and when a run was made. This is the only result file that differs between repeated runs.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use serde::Serialize;

/// Its file name.
pub const NAME: &str = "provenance.json";

/// The times of a run and its problems.
pub struct Clock {
    date: SystemTime,
    start: Instant,
    problems: Vec<Timed>,
}

/// The duration of a problem.
#[derive(Serialize)]
struct Timed {
    problem: &'static str,
    seconds: f64,
}

/// Where and when a run was made.
#[derive(Serialize)]
pub struct Provenance<'a> {
    version: &'static str,
    #[serde(flatten)]
    source: Source,
    command_line: Vec<String>,
    /// The start of the run.
    date: String,
    seconds: f64,
    problems: &'a [Timed],
    machine: Machine,
}

/// The machine of a run.
#[derive(Serialize)]
struct Machine {
    os: &'static str,
    arch: &'static str,
    threads: usize,
    cpu: Option<String>,
}

/// The state of the sources; `None` if unknown.
#[derive(Debug, Default, PartialEq, Serialize)]
struct Source {
    commit: Option<String>,
    /// Whether files differ from the commit.
    modified: Option<bool>,
}

impl Clock {
    /// Starts the clock.
    pub fn start() -> Self {
        Clock { date: SystemTime::now(), start: Instant::now(), problems: Vec::new() }
    }

    /// Adds the time since `start` to a problem.
    pub fn add(&mut self, problem: &'static str, start: Instant) {
        self.problems.push(Timed { problem, seconds: seconds(start.elapsed()) });
    }

    /// What the file holds, at this moment.
    pub fn provenance(&self, threads: usize) -> Provenance<'_> {
        Provenance {
            version: env!("CARGO_PKG_VERSION"),
            source: source(),
            // As typed, except for bytes that are no text.
            command_line: std::env::args_os().map(|a| a.to_string_lossy().into()).collect(),
            date: humantime::format_rfc3339_seconds(self.date).to_string(),
            seconds: seconds(self.start.elapsed()),
            problems: &self.problems,
            machine: Machine {
                os: std::env::consts::OS,
                arch: std::env::consts::ARCH,
                threads,
                cpu: std::fs::read_to_string("/proc/cpuinfo").ok().as_deref().and_then(cpu),
            },
        }
    }
}

/// Rounded to the millisecond.
fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e3).round() / 1e3
}

/// The name of the processor on Linux, if known.
fn cpu(info: &str) -> Option<String> {
    let name = info.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == "model name").then(|| value.trim().to_owned())
    });
    name.filter(|name| !name.is_empty())
}

/// The commit given to the build, or that of the checkout in which the program runs.
fn source() -> Source {
    match option_env!("FAIR_MAML_COMMIT") {
        Some(commit) => Source { commit: Some(commit.into()), modified: None },
        None if is_checkout(Path::new(".")) => checked_out(),
        None => Source::default(),
    }
}

/// The commit of another project would be worse than none.
fn is_checkout(folder: &Path) -> bool {
    let manifest = std::fs::read_to_string(folder.join("crates/cli/Cargo.toml"));
    let is_ours = manifest.is_ok_and(|text| text.contains("name = \"fair-maml\""));
    is_ours && folder.join(".git").exists()
}

fn checked_out() -> Source {
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(arguments).stdin(Stdio::null()).stderr(Stdio::null());
        let output = command.output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "HEAD"]) else { return Source::default() };
    let status = git(&["status", "--porcelain", "--untracked-files=no"]);
    Source { commit: Some(commit), modified: status.map(|changes| !changes.is_empty()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processors() {
        let info = "processor\t: 0\nmodel name\t: Some CPU @ 2 GHz: fast\nmodel name\t: Other\n";
        assert_eq!(cpu(info).unwrap(), "Some CPU @ 2 GHz: fast");
        assert_eq!(cpu("processor: 0\nmodel name:\n"), None);
    }

    #[test]
    fn other_checkouts_are_not_ours() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!is_checkout(folder.path()));
        std::fs::create_dir_all(folder.path().join("crates/cli")).unwrap();
        std::fs::create_dir(folder.path().join(".git")).unwrap();
        let write = |text| std::fs::write(folder.path().join("crates/cli/Cargo.toml"), text);
        write("name = \"another\"").unwrap();
        assert!(!is_checkout(folder.path()));
        write("name = \"fair-maml\"").unwrap();
        assert!(is_checkout(folder.path()));
    }
}
