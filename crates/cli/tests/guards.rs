//! No command about a table of the user destroys a file: one that it reads, one that is there, or
//! one that it writes itself. Most files here are none of the program: it refuses before it reads.

mod common;

use std::path::Path;

use common::ended::{Files, Going, parts, small_training};
use common::{folder, run, write};

const AUDIT: &str = "--label y --prediction d --positive 1 --sensitive g --protected a";

/// A folder with the settings of a training and these other files, which are nothing in particular.
fn with(names: &[&str]) -> tempfile::TempDir {
    let folder = folder();
    small_training(folder.path(), "t.toml", 2);
    for name in names {
        write(folder.path(), name, format!("this is {name}"));
    }
    folder
}

/// Names and contents of all files, hidden ones too. What is no regular file has no contents.
fn all(folder: &Path) -> Files {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let contents = |entry: &std::fs::DirEntry| match entry.file_type().unwrap().is_file() {
        true => std::fs::read(entry.path()).unwrap(),
        false => Vec::new(),
    };
    entries.map(|entry| (entry.file_name().into_string().unwrap(), contents(&entry))).collect()
}

/// The command refuses, and all files are as they were.
#[track_caller]
fn refused(folder: &Path, line: &str, parts: &[&str]) {
    let before = all(folder);
    run(folder, line).refused(parts);
    assert!(all(folder) == before, "{line}: {:?}", all(folder).keys());
}

/// Refuses alike with and without `--force`.
#[track_caller]
fn always_refused(folder: &Path, line: &str, parts: &[&str]) {
    refused(folder, line, parts);
    refused(folder, &format!("{line} --force"), parts);
}

#[track_caller]
fn done(folder: &Path, line: &str) {
    let ran = run(folder, line);
    assert_eq!(ran.code, Some(0), "{line}: {}", ran.err);
}

#[test]
fn an_input_is_never_replaced() {
    let folder = with(&["m.safetensors", "a.csv", "m.card.md"]);
    let here = folder.path();
    std::fs::copy(here.join("t.csv"), here.join("m.front.csv")).unwrap();
    let data = "train --config t.toml --data m.front.csv --out m.safetensors";
    always_refused(here, data, &["--out m.safetensors: m.front.csv is the file of --data"]);
    always_refused(
        here,
        "train --config t.toml --out t.safetensors",
        &["--out t.safetensors: t.toml is the file of --config"],
    );
    always_refused(here, "train --config t.toml --out t.csv", &["--out t.csv", "--config"]);
    std::fs::rename(here.join("t.toml"), here.join("s.toml")).unwrap();
    always_refused(
        here,
        "train --config s.toml --out t.csv",
        &["--out t.csv: t.csv is the table that --config names"],
    );
    for command in ["adapt", "predict"] {
        let line = |out| format!("{command} --model m.safetensors --data a.csv --out {out}");
        always_refused(here, &line("a.csv"), &["--out a.csv: a.csv is the file of --data"]);
        always_refused(here, &line("m.safetensors"), &["m.safetensors is the file of --model"]);
        // The same file under another name.
        let other = format!("../{}/a.csv", here.file_name().unwrap().display());
        always_refused(here, &line(&other), &["is the file of --data"]);
    }
    // A file may have the name of standard input.
    write(here, "-", "a table");
    let dash = "predict --model m.safetensors --data - --out -";
    always_refused(here, dash, &["--out -: - is the file of --data"]);
    // A card may be the table of an adaptation.
    let card = "adapt --model m.safetensors --data m.card.md --out m.txt";
    always_refused(here, card, &["--out m.txt: m.card.md is the file of --data"]);
    always_refused(here, &format!("audit a.csv {AUDIT} --html a.csv"), &["is the file to audit"]);
}

/// Standard input may be a file that the command line does not name.
#[cfg(unix)]
#[test]
fn standard_input_is_not_replaced() {
    let folder = with(&["a.csv"]);
    let script = format!(
        "exec {} audit - {AUDIT} --html a.csv --force < a.csv",
        env!("CARGO_BIN_EXE_fair-maml")
    );
    let mut command = std::process::Command::new("sh");
    let output = command.args(["-c", &script]).current_dir(folder.path()).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(err.contains("--html a.csv: a.csv is the file to audit"), "{err}");
    assert_eq!(all(folder.path())["a.csv"], b"this is a.csv");
}

#[test]
fn nothing_beside_a_model_is_replaced_without_force() {
    for taken in ["m.toml", "m.front.csv", "m.front.svg", "m.card.html", "m.card.md", "m.txt"] {
        let folder = with(&[taken]);
        let line = "train --config t.toml --out m.txt";
        let error = format!("--out m.txt: {taken} exists; use --force to replace it");
        refused(folder.path(), line, &[&error]);
        done(folder.path(), &format!("{line} --force"));
        assert_ne!(all(folder.path())[taken], format!("this is {taken}").as_bytes());
    }
    let folder = with(&["m.safetensors", "m.card.html", "m.card.md", "n.csv", "a.html"]);
    let here = folder.path();
    let adapt = "adapt --model m.safetensors --data n.csv --out m.txt";
    refused(here, adapt, &["--out m.txt: m.card.html, m.card.md exist; use --force"]);
    let predict = "predict --model m.safetensors --data n.csv --out m.card.md";
    refused(here, predict, &["--out m.card.md: m.card.md exists; use --force"]);
    write(here, "p.csv", "y,d,g\n1,1,a\n0,1,b\n1,0,b\n0,0,a\n");
    let audit = format!("audit p.csv {AUDIT} --html a.html");
    refused(here, &audit, &["--html a.html: a.html exists; use --force"]);
    done(here, &format!("{audit} --force"));
    assert!(all(here)["a.html"].starts_with(b"<!DOCTYPE html>"));
}

#[test]
fn no_file_of_a_command_replaces_another() {
    let folder = with(&["m.safetensors"]);
    let here = folder.path();
    for out in ["w.toml", "w.TOML", "deep/w.toml"] {
        let line = format!("train --config t.toml --out {out}");
        always_refused(here, &line, &[&format!("--out {out}: another file of this command")]);
    }
    for out in ["unfinished", ".fair-maml.lock", ".fair-maml-x.tmp"] {
        let own = format!("--out {out}: the program has files of its own");
        always_refused(here, &format!("train --config t.toml --out {out}"), &[&own]);
        let predict = format!("predict --model m.safetensors --data t.csv --out {out}");
        always_refused(here, &predict, &[&own]);
    }
    always_refused(here, "train --config t.toml --out new/", &["expected the name of a file"]);
    always_refused(here, "train --config t.toml --out ..", &["expected the name of a file"]);
}

/// A folder, a link, whether it leads somewhere or not, and a socket. It stands for the devices of
/// the machine, which a broken guard must not lose to a test.
#[cfg(unix)]
#[test]
fn what_is_no_regular_file_stays() {
    let folder = with(&["m.safetensors", "kept.csv"]);
    let here = folder.path();
    std::fs::create_dir(here.join("dir.csv")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(here.join("socket.csv")).unwrap();
    std::os::unix::fs::symlink("kept.csv", here.join("link.csv")).unwrap();
    std::os::unix::fs::symlink("nowhere", here.join("x.card.md")).unwrap();
    for (out, kind) in [
        ("dir.csv", "dir.csv is a folder"),
        ("link.csv", "link.csv is a symbolic link"),
        ("socket.csv", "socket.csv is a device"),
    ] {
        let named = format!("--out {out}: ");
        let predict = format!("predict --model m.safetensors --data t.csv --out {out}");
        always_refused(here, &predict, &[&named, kind]);
        let adapt = format!("adapt --model m.safetensors --data t.csv --out {out}");
        always_refused(here, &adapt, &[&named, kind]);
        always_refused(here, &format!("train --config t.toml --out {out}"), &[&named, kind]);
        always_refused(here, &format!("audit t.csv {AUDIT} --html {out}"), &["--html", kind]);
    }
    let train = "train --config t.toml --out x.safetensors";
    always_refused(here, train, &["--out x.safetensors: x.card.md is a symbolic link"]);
    // A link to an input is the input.
    let line = "predict --model m.safetensors --data kept.csv --out link.csv";
    always_refused(here, line, &["link.csv is the file of --data"]);
}

/// A file that somebody makes while the program trains stays too, and so does what was trained.
#[test]
fn a_file_that_comes_later_stays() {
    let folder = folder();
    let here = folder.path();
    small_training(here, "t.toml", 4000);
    let (line, out) = ("train --config t.toml --out out/m.txt", here.join("out"));
    let going = Going::start(here, line).until(|| !parts(&out).is_empty());
    write(&out, "m.card.md", "mine");
    let ran = going.ended();
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    assert!(ran.err.contains("error: --out out/m.txt: out/m.card.md exists"), "{}", ran.err);
    assert_eq!(all(&out)["m.card.md"], b"mine");
    let ran = run(here, &format!("{line} --force"));
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("continuing an unfinished run"), "{}", ran.err);
}

/// A name that is too long is told before a training, not after it.
#[test]
fn a_name_that_no_file_can_have_is_told_at_once() {
    let folder = with(&[]);
    let line = format!("train --config t.toml --out {}.txt", "n".repeat(250));
    always_refused(folder.path(), &line, &["--out nnn"]);
}

/// A folder with a model, and a table in `large.csv` that keeps `predict` busy for a while.
#[cfg(unix)]
fn to_predict() -> (tempfile::TempDir, &'static str) {
    let folder = with(&[]);
    let here = folder.path();
    done(here, "train --config t.toml --out m.safetensors");
    let table = std::fs::read_to_string(here.join("t.csv")).unwrap();
    let (head, rows) = table.split_once('\n').unwrap();
    write(here, "large.csv", format!("{head}\n{}", rows.repeat(4000)));
    (folder, "predict --model m.safetensors --data large.csv --out out/p.csv")
}

#[cfg(unix)]
fn begun(out: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(out) else { return false };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().ends_with(".tmp"))
}

/// A signal leaves nothing of `predict`; what a kill leaves, the next run removes.
#[cfg(unix)]
#[test]
fn predictions_that_are_ended_leave_nothing() {
    let (folder, line) = to_predict();
    let (here, out) = (folder.path(), folder.path().join("out"));
    // Under `nohup` a hangup is ignored.
    let survives = run_sh("kill -HUP $$");
    let hangup = (!survives).then_some(("HUP", 129));
    for (signal, code) in [("INT", 130), ("TERM", 143)].into_iter().chain(hangup) {
        let ran = Going::start(here, line).until(|| begun(&out)).ended_by(signal);
        assert_eq!((ran.code, ran.out.as_str()), (Some(code), ""), "{signal}: {}", ran.err);
        assert!(ran.err.contains("interrupted: nothing is written"), "{signal}: {}", ran.err);
        // The folder was made for the predictions.
        assert!(!out.exists(), "{signal}");
    }
    Going::start(here, line).until(|| begun(&out)).killed();
    assert!(begun(&out));
    done(here, line);
    assert_eq!(all(&out).into_keys().collect::<Vec<_>>(), ["p.csv"]);
}

#[cfg(unix)]
fn run_sh(script: &str) -> bool {
    std::process::Command::new("sh").args(["-c", script]).status().unwrap().success()
}

/// Two commands do not write to a folder at a time.
#[test]
fn predictions_heed_the_lock() {
    let folder = with(&[]);
    let here = folder.path();
    done(here, "train --config t.toml --out m.safetensors");
    let line = "predict --model m.safetensors --data t.csv --out p.csv";
    let lock = store::Lock::take(here, "the test").unwrap();
    let ran = run(here, line);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{}", ran.err);
    assert!(ran.err.contains("error: --out .: another run writes to it"), "{}", ran.err);
    assert!(!here.join("p.csv").exists());
    drop(lock);
    done(here, line);
}
