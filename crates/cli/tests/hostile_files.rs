//! Files that are not what they seem: links, pipes, devices, and files without end. None of them is
//! overwritten, waited for or read into memory.
#![cfg(unix)]

mod common;

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use common::ended::{Going, parts, results, small_training, the_same};
use common::{folder, golden_cases, of_meta_learning, run, run_in, write};

const LOCK: &str = ".fair-maml.lock";

fn make_pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// A file of 8 TB that takes no space.
fn make_sparse(path: &Path, beginning: &[u8]) {
    std::fs::write(path, beginning).unwrap();
    std::fs::OpenOptions::new().write(true).open(path).unwrap().set_len(1 << 43).unwrap();
}

/// The command is refused, whatever notes come before the error.
#[track_caller]
fn refused(folder: &Path, line: &str, parts: &[&str]) {
    let ran = run(folder, line);
    let last = ran.err.lines().last().unwrap_or_default();
    assert!(ran.code == Some(2) && last.starts_with("error: "), "{line}: {}", ran.err);
    assert!(parts.iter().all(|part| last.contains(part)), "{line}: {last}");
}

/// Every command that locks a folder leaves what has the name of its lock file.
#[test]
fn a_lock_destroys_no_file() {
    let folder = folder();
    let here = folder.path();
    small_training(here, "t.toml", 2);
    write(here, "m.json", of_meta_learning(1, 1).to_string());
    std::fs::create_dir(here.join("r")).unwrap();
    write(here, "thesis", "years of work");
    let model = "train --config t.toml --out m.safetensors";
    assert_eq!(run(here, model).code, Some(0));
    let commands = [
        "reproduce --manifest m.json --out r",
        "check --manifest m.json --out r",
        "study synthetic --quick --iterations 4 --out r",
        "fronts synthetic --quick --iterations 1 --out r",
        "train --config t.toml --out r/m.safetensors",
        "adapt --model m.safetensors --data t.csv --out r/m.safetensors",
        "predict --model m.safetensors --data t.csv --out r/p.csv",
    ];
    let lock = here.join("r").join(LOCK);
    for (kind, is_link) in [("a symbolic link", true), ("a hard link", false)] {
        for command in commands {
            match is_link {
                true => symlink(here.join("thesis"), &lock).unwrap(),
                false => std::fs::hard_link(here.join("thesis"), &lock).unwrap(),
            }
            for line in [command.into(), format!("{command} --force")] {
                if line.starts_with("check") && line.ends_with("--force") {
                    continue;
                }
                refused(here, &line, &[LOCK, "lock", kind]);
            }
            assert_eq!(std::fs::read_to_string(here.join("thesis")).unwrap(), "years of work");
            assert_eq!(std::fs::read_dir(here.join("r")).unwrap().count(), 1, "{command}");
            std::fs::remove_file(&lock).unwrap();
        }
    }
}

/// Nothing is written through a link with the name of a result, and no link is replaced.
#[test]
fn a_result_is_not_written_through_a_link() {
    let folder = folder();
    let here = folder.path();
    write(here, "m.json", of_meta_learning(1, 1).to_string());
    write(here, "thesis", "years of work");
    std::fs::create_dir(here.join("r")).unwrap();
    for name in ["report.html", "synthetic_runs.csv", ".fair-maml.journal"] {
        let link = here.join("r").join(name);
        symlink(here.join("thesis"), &link).unwrap();
        let line = "reproduce --manifest m.json --out r --force";
        refused(here, line, &[name, "a symbolic link is in the way"]);
        assert_eq!(std::fs::read_to_string(here.join("thesis")).unwrap(), "years of work");
        assert!(link.is_symlink());
        std::fs::remove_file(link).unwrap();
    }
    // A link to a folder of others has no parts, and what is in it stays.
    std::fs::create_dir(here.join("others")).unwrap();
    write(&here.join("others"), ".fair-maml-x.tmp", "half writ");
    let _ = std::fs::remove_dir_all(here.join("r"));
    std::fs::create_dir(here.join("r")).unwrap();
    symlink(here.join("others"), here.join("r/unfinished")).unwrap();
    let ran = run(here, "reproduce --manifest m.json --out r");
    assert!(ran.code == Some(0) && ran.err.contains("would lose"), "{}", ran.err);
    assert_eq!(std::fs::read_dir(here.join("others")).unwrap().count(), 1);
}

/// A part that is none is named and made again, whatever it is.
#[test]
fn parts_are_looked_at_before_they_are_read() {
    let folder = folder();
    let here = folder.path();
    let line = |out| format!("synthetic --quick --iterations 100 --seeds 2 --gammas 1 --out {out}");
    run(here, &line("whole")).done();
    let out = here.join("out");
    Going::start(here, &line("out")).until(|| parts(&out).len() > 4).killed();
    let left = parts(&out);
    let header = std::fs::read(&left[3]).unwrap()[..100].to_vec();
    left[..4].iter().for_each(|part| std::fs::remove_file(part).unwrap());
    make_pipe(&left[0]);
    symlink("/dev/zero", &left[1]).unwrap();
    make_sparse(&left[2], b"");
    make_sparse(&left[3], &header);
    let ran = run(here, &line("out"));
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    for (part, reason) in left.iter().zip(["", "", "more than 4000 MB", "more than 4000 MB"]) {
        let name = part.file_name().unwrap().to_str().unwrap();
        let is_told = |line: &str| line.contains(name) && line.contains(reason);
        // A pipe and a device are no files, so they do not count as parts that are left.
        assert!(reason.is_empty() || ran.err.lines().any(is_told), "{name}: {}", ran.err);
    }
    the_same(&results(&out), &results(&here.join("whole")));
}

#[test]
fn a_manifest_that_is_none_is_not_waited_for() {
    let folder = folder();
    let here = folder.path();
    write(here, "m.json", of_meta_learning(1, 1).to_string());
    std::fs::create_dir(here.join("r")).unwrap();
    let manifest = here.join("r/manifest.json");
    make_pipe(&manifest);
    let line = "reproduce --manifest m.json --out r";
    run(here, line).refused(&["manifest.json cannot be read"]);
    std::fs::remove_file(&manifest).unwrap();
    make_sparse(&manifest, b"{");
    run(here, line).refused(&["manifest.json cannot be read"]);
}

/// What the user names may be a pipe. What has no end is refused.
#[test]
fn files_of_the_user() {
    let folder = folder();
    let here = folder.path();
    let (_, case) = golden_cases().remove(0);
    assert_eq!(run_in(here, &["meta-grad", "-"], &[], case.as_bytes()).code, Some(0));
    assert_eq!(run_in(here, &["meta-grad", "/dev/stdin"], &[], case.as_bytes()).code, Some(0));
    make_pipe(&here.join("pipe"));
    let pipe = here.join("pipe");
    let writer = std::thread::spawn(move || std::fs::write(pipe, case));
    assert_eq!(run(here, "meta-grad pipe").code, Some(0));
    writer.join().unwrap().unwrap();

    small_training(here, "t.toml", 2);
    assert_eq!(run(here, "train --config t.toml --out m.safetensors").code, Some(0));
    let model = std::fs::read(here.join("m.safetensors")).unwrap();
    let ran = run_in(here, &["inspect", "/dev/stdin"], &[], &model);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    run(here, "inspect /dev/zero").refused(&["/dev/zero", "no safetensors file"]);
    make_sparse(&here.join("sparse"), b"");
    run(here, "inspect sparse").refused(&["no safetensors file"]);
    make_sparse(&here.join("sparse"), &model);
    run(here, "inspect sparse").refused(&["sparse: this is no safetensors file"]);
    for command in ["train --out o.safetensors --config", "reproduce --manifest", "meta-grad"] {
        run(here, &format!("{command} /dev/zero")).refused(&["/dev/zero"]);
        run(here, &format!("{command} sparse")).refused(&["sparse: it has more than"]);
    }
}

/// A process may write files of a kilobyte only: that is an error, and it names the limit.
#[test]
fn a_file_that_is_too_large_for_the_system() {
    let folder = folder();
    let here = folder.path();
    small_training(here, "t.toml", 2);
    let program = env!("CARGO_BIN_EXE_fair-maml");
    let line = format!("ulimit -f 2; exec {program} train --config t.toml --out o/m.safetensors");
    let output = Command::new("sh").args(["-c", &line]).current_dir(here).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    let last = said.lines().last().unwrap();
    assert!(last.contains("larger than the system allows") && last.contains("ulimit"), "{said}");
    assert!(!here.join("o/m.safetensors").exists());
    assert_eq!(run(here, "train --config t.toml --out o/m.safetensors").code, Some(0));
}
