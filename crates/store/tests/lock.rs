//! The lock of a folder.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use store::{Error, Lock};

const NAME: &str = ".fair-maml.lock";

#[test]
fn the_second_is_refused_and_told_of_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let first = Lock::take(folder.path(), "fair-maml study --quick").unwrap();
    let error = Lock::take(folder.path(), "fair-maml").unwrap_err();
    assert!(matches!(error, Error::Locked { .. }));
    let id = format!("process {}", std::process::id());
    for part in [&id, "started 20", "fair-maml study --quick", "another run writes to it"] {
        assert!(error.to_string().contains(part), "{error}");
    }
    // It locks this folder alone.
    let other = tempfile::tempdir().unwrap();
    Lock::take(other.path(), "").unwrap();
    drop(first);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    Lock::take(folder.path(), "").unwrap();
}

/// The file of a killed process locks nothing, and it is not taken for the new holder's.
#[test]
fn what_is_left_of_a_killed_process_does_not_block() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(NAME), "process 1: ".to_owned() + &"x".repeat(500)).unwrap();
    let _first = Lock::take(folder.path(), "new").unwrap();
    let error = Lock::take(folder.path(), "").unwrap_err().to_string();
    assert!(error.contains(": new)") && !error.contains("xxx"), "{error}");
}

/// A link is not followed, a second name is noticed, and nothing is truncated that is not ours.
#[cfg(unix)]
#[test]
fn no_file_of_others_is_destroyed() {
    let folder = tempfile::tempdir().unwrap();
    let (precious, lock) = (folder.path().join("precious"), folder.path().join(NAME));
    std::fs::write(&precious, "thesis").unwrap();
    let refused = |kind: &str| {
        let error = Lock::take(folder.path(), "new").unwrap_err();
        assert!(matches!(error, Error::NotOurs { .. }), "{error}");
        let said = error.to_string();
        assert!(said.contains(NAME) && said.contains("lock") && said.contains(kind), "{said}");
        assert_eq!(std::fs::read_to_string(&precious).unwrap(), "thesis");
        assert!(lock.symlink_metadata().is_ok());
        std::fs::remove_file(&lock).unwrap();
    };
    std::os::unix::fs::symlink(&precious, &lock).unwrap();
    refused("a symbolic link");
    std::os::unix::fs::symlink(folder.path().join("nothing"), &lock).unwrap();
    refused("a symbolic link");
    assert!(!folder.path().join("nothing").exists());
    std::fs::hard_link(&precious, &lock).unwrap();
    refused("a hard link");
    std::fs::copy(&precious, &lock).unwrap();
    refused("something else in it");
    assert!(std::process::Command::new("mkfifo").arg(&lock).status().unwrap().success());
    refused("a pipe");
    // A second name of a file that was ours.
    std::fs::write(&precious, "process 1: a copy").unwrap();
    std::fs::hard_link(&precious, &lock).unwrap();
    let error = Lock::take(folder.path(), "new").unwrap_err().to_string();
    assert!(error.contains("a hard link"), "{error}");
    assert_eq!(std::fs::read_to_string(&precious).unwrap(), "process 1: a copy");
}

/// Whatever the file says, the error is one line without escape sequences.
#[test]
fn a_hostile_lock_file_is_shown_as_plain_text() {
    let folder = tempfile::tempdir().unwrap();
    let _first = Lock::take(folder.path(), "").unwrap();
    let hostile = [b"\x1b[2Jall\nis \xff well".to_vec(), vec![b'y'; 100_000]].concat();
    std::fs::write(folder.path().join(NAME), hostile).unwrap();
    let error = Lock::take(folder.path(), "").unwrap_err().to_string();
    assert!(error.contains("(it") || error.contains("[2Jallis"), "{error}");
    assert!(!error.chars().any(char::is_control) && error.len() < 2000, "{error}");
}

/// However often it changes hands, it is never in two.
#[test]
fn one_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let (inside, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..500 {
                    let Ok(_lock) = Lock::take(folder.path(), "") else { continue };
                    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                    taken.fetch_add(1, Ordering::SeqCst);
                    inside.fetch_sub(1, Ordering::SeqCst);
                }
            });
        }
    });
    assert!(taken.into_inner() > 0);
}

#[test]
fn a_folder_that_is_not_there() {
    let error = Lock::take(Path::new("nowhere/at/all"), "").unwrap_err();
    assert!(matches!(error, Error::Missing { .. }), "{error}");
    assert!(error.to_string().contains("nowhere/at/all: the folder does not exist"), "{error}");
}
