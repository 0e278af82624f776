//! Where and how files are written: permissions, places that cannot be written to, threads that
//! cannot be had.

mod common;

use common::{Ran, TINY, folder, of_meta_learning, run, run_in, write};

/// Runs the program with this umask.
#[cfg(unix)]
fn with_umask(folder: &std::path::Path, umask: &str, line: &str) {
    let script = format!("umask {umask} && exec {} {line}", env!("CARGO_BIN_EXE_fair-maml"));
    let status = std::process::Command::new("sh")
        .args(["-c", &script])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
}

/// Files have the permissions that the umask leaves them, new files and replaced ones.
#[cfg(unix)]
#[test]
fn the_umask_is_followed() {
    use std::os::unix::fs::PermissionsExt;

    let folder = folder();
    write(folder.path(), "m.json", of_meta_learning(2, 1).to_string());
    let line = "reproduce --manifest m.json --out out";
    for (umask, mode) in [("077", 0o600), ("002", 0o664), ("022", 0o644)] {
        with_umask(folder.path(), umask, line);
        let mut seen = 0;
        for entry in std::fs::read_dir(folder.path().join("out")).unwrap() {
            let entry = entry.unwrap();
            let found = entry.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(found, mode, "umask {umask}, {:?}", entry.file_name());
            seen += 1;
        }
        assert!(seen > 5);
    }
}

/// A folder of a system that gives none to anybody, and one without permission.
#[cfg(target_os = "linux")]
#[test]
fn a_read_only_place_is_told() {
    use std::os::unix::fs::PermissionsExt;

    let folder = folder();
    let out = folder.path().join("out");
    std::fs::create_dir(&out).unwrap();
    std::fs::set_permissions(&out, std::fs::Permissions::from_mode(0o555)).unwrap();
    let line = format!("{TINY} --out out");
    // Permission bits do not stop everyone.
    if std::fs::write(out.join("try"), "").is_err() {
        let refused = run(folder.path(), &line).refused(&["--out out: it is read-only"]);
        assert!(refused.contains("choose a folder that you can write to"), "{refused}");
    }
    run(folder.path(), &format!("{TINY} --out /sys/fair-maml"))
        .refused(&["--out /sys/fair-maml: "]);
}

/// No thread can be had if each wants more memory than there are addresses.
#[test]
fn threads_that_cannot_be_had_are_an_error() {
    let folder = folder();
    let refused = |line: &str| -> Ran {
        let words: Vec<&str> = line.split_whitespace().collect();
        run_in(folder.path(), &words, &[("RUST_MIN_STACK", "281474976710656")], b"")
    };
    for line in [
        "synthetic --quick --iterations 1 --threads 2 --out out",
        "fronts synthetic --quick --iterations 1 --threads 1 --out out",
        "study synthetic --quick --iterations 1 --threads 3 --out out",
        "check synthetic --quick --iterations 1",
        "bench --threads 2",
    ] {
        refused(line).refused(&["--threads: the system gives no more threads", "use fewer"]);
        assert!(!folder.path().join("out").exists(), "{line}");
    }
}
