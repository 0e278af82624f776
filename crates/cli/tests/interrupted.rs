//! Runs that are interrupted, and taken up again by the same command.

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::{Ran, files, folder, repeatable, run, without_progress, write};

/// Some seconds long, in many parts.
const LINE: &str = "--quick --iterations 250 --seeds 2 --gammas 1";

/// A run of the program that goes on while the test does something else.
struct Going(Child);

impl Going {
    fn start(folder: &Path, line: &str) -> Going {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fair-maml"));
        command.args(line.split_whitespace()).current_dir(folder);
        Going(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// Waits until something has happened while the run still goes on.
    #[track_caller]
    fn until(mut self, happened: impl Fn() -> bool) -> Going {
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
    fn interrupted(self) -> Ran {
        let id = self.0.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        let output = self.0.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let err = without_progress(&text(output.stderr));
        Ran { code: output.status.code(), out: text(output.stdout), err }
    }

    /// Ends it without a chance to say anything.
    fn killed(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// The finished parts of the run that writes to `out`.
fn parts(out: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(out.join("unfinished")) else { return Vec::new() };
    let mut parts: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".part.json"))
        .collect();
    parts.sort();
    parts
}

/// What a run says that finds so many finished parts.
fn taking_up(parts: usize) -> String {
    let plural = if parts == 1 { "" } else { "s" };
    format!("continuing an unfinished run: {parts} finished part{plural}\n")
}

/// Names and contents of the files directly in `out` that repeat to the byte.
fn results(out: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(out).unwrap().map(|entry| entry.unwrap());
    let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
    files
        .map(|file| {
            let name = file.file_name().into_string().unwrap();
            (name, std::fs::read_to_string(file.path()).unwrap())
        })
        .filter(|(name, _)| !name.starts_with(".tmp") && name != "provenance.json")
        .collect()
}

#[track_caller]
fn the_same(found: &BTreeMap<String, String>, expected: &BTreeMap<String, String>) {
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, text) in found {
        assert!(*text == expected[name], "{name} differs");
    }
}

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
    let whole = repeatable(&folder.path().join("whole"));
    the_same(&repeatable(&out), &whole);
    for (name, text) in of_first {
        assert!(text == whole[&name], "{name} differs");
    }
}

/// Parts that cannot be read are made again; those that can are believed; files of others are left
/// alone.
#[test]
fn parts_that_are_none_are_made_again() {
    let folder = folder();
    let line = |out| format!("synthetic {LINE} --threads 1 --out {out}");
    run(folder.path(), &line("whole")).done();
    let whole = repeatable(&folder.path().join("whole"));
    let out = folder.path().join("out");
    let spoil: [fn(&str) -> String; 5] = [
        |_| String::new(),
        |text| text[..text.len() / 2].into(),
        |_| "[]".into(),
        // As another version might have written it.
        |text| text.replace("\"learned\"", "\"weights\""),
        // Of another arm.
        |text| text.replace("\"method\":\"meta\"", "\"method\":\"scratch\""),
    ];
    Going::start(folder.path(), &line("out")).until(|| parts(&out).len() > spoil.len()).killed();
    // The first jobs are seed 0's of the plan itself, MAML among them; which part is whose is not
    // in its name.
    let of_meta: Vec<PathBuf> = parts(&out)
        .into_iter()
        .filter(|part| std::fs::read_to_string(part).unwrap().contains("\"method\":\"meta\""))
        .collect();
    let others = parts(&out).into_iter().filter(|part| !of_meta.contains(part));
    // The last spoiler is for one of MAML's.
    let order = others.chain(of_meta.iter().cloned()).collect::<Vec<_>>();
    let chosen = &order[order.len() - spoil.len()..];
    for (part, spoil) in chosen.iter().zip(spoil) {
        let text = std::fs::read_to_string(part).unwrap();
        let spoiled = spoil(&text);
        assert_ne!(spoiled, text);
        std::fs::write(part, spoiled).unwrap();
    }
    let unfinished = out.join("unfinished");
    let left = parts(&out).len();
    let of_another = format!("{}.part.json", "0".repeat(32));
    write(&unfinished, &of_another, "of another build or run");
    write(&unfinished, ".tmpabc.part.tmp", "half writ");
    let ran = run(folder.path(), &line("out"));
    let words = [
        taking_up(left),
        "note: out/unfinished has 1 finished part of another command or build; this run cannot use \
         them\n"
            .into(),
    ];
    assert_eq!((ran.code, ran.err), (Some(0), words.concat()));
    assert_eq!(files(&unfinished).into_keys().collect::<Vec<_>>(), [of_another]);
    the_same(&results(&out), &whole);
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
    let replaced =
        || std::fs::read_to_string(out.join("synthetic_runs.csv")).is_ok_and(|runs| runs != was);
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
    assert!(text.contains("\"test 0\""));
    std::fs::write(part, text.replace("\"test 0\"", "\"planted\"")).unwrap();
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
