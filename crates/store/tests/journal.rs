//! Several files that are written as one. What a killed process leaves is tried with the program,
//! at each step (`crates/cli/tests/faults.rs`).

use std::path::Path;

use store::{Error, Finished, Lock, seal};

const JOURNAL: &str = ".fair-maml.journal";
const TEMPORARY: &str = ".fair-maml-a.tmp";
/// `printf new | sha256sum`
const SUM: &str = "11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437";

/// What a process leaves that is killed when its file is complete.
fn left(folder: &Path, entry: &str) {
    std::fs::write(folder.join(TEMPORARY), "new").unwrap();
    let text = format!(r#"{{"command":"it","outdated":["old"],"files":[{entry}]}}"#);
    std::fs::write(folder.join(JOURNAL), seal("journal, format 1", text.as_bytes())).unwrap();
}

fn entry(unfinished: &str, name: &str, sum: &str, replaces: bool) -> String {
    format!(
        r#"{{"unfinished":"{unfinished}","name":"{name}","sha256":"{sum}","replaces":{replaces}}}"#
    )
}

fn finish(folder: &Path) -> Result<Option<Finished>, Error> {
    Lock::take(folder, "the next").unwrap().finish_writing()
}

#[test]
fn what_was_begun_is_finished_once() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert_eq!(finish(folder).unwrap(), None);
    left(folder, &entry(TEMPORARY, "a", SUM, true));
    std::fs::write(folder.join("a"), "before").unwrap();
    std::fs::write(folder.join("old"), "").unwrap();
    let finished = finish(folder).unwrap().unwrap();
    assert_eq!(finished, Finished { command: "it".into(), names: vec!["a".into()], left: 1 });
    assert_eq!(std::fs::read_to_string(folder.join("a")).unwrap(), "new");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1);
    assert_eq!(finish(folder).unwrap(), None);
}

/// A file that somebody has made or changed meanwhile is not replaced, and is not the run's.
#[test]
fn what_came_between_stays() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    left(folder, &entry(TEMPORARY, "a", SUM, false));
    std::fs::write(folder.join("a"), "of the user").unwrap();
    let error = finish(folder).unwrap_err();
    assert!(error.to_string().contains("a: something is in the way"), "{error}");
    assert_eq!(std::fs::read_to_string(folder.join("a")).unwrap(), "of the user");
    // Nothing is lost by the refusal.
    std::fs::rename(folder.join("a"), folder.join("b")).unwrap();
    assert_eq!(finish(folder).unwrap().unwrap().left, 1);
    assert_eq!(std::fs::read_to_string(folder.join("b")).unwrap(), "of the user");

    left(folder, &entry(".fair-maml-gone.tmp", "a", SUM, true));
    std::fs::write(folder.join("a"), "changed").unwrap();
    let finished = finish(folder).unwrap().unwrap();
    assert_eq!((finished.names.len(), finished.left), (0, 0));
    assert_eq!(std::fs::read_to_string(folder.join("a")).unwrap(), "changed");
}

/// A journal names files of its folder only, and temporary files that are as they were.
#[test]
fn a_journal_that_is_none_is_not_obeyed() {
    let above = tempfile::tempdir().unwrap();
    let folder = above.path().join("results");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(above.path().join("thesis"), "years of work").unwrap();
    std::fs::write(folder.join("precious"), "new").unwrap();
    let hostile = [
        entry(TEMPORARY, "../thesis", SUM, true),
        entry(TEMPORARY, "..", SUM, true),
        entry(TEMPORARY, ".fair-maml.lock", SUM, true),
        entry("precious", "a", SUM, true),
        entry("../thesis", "a", SUM, true),
        entry(".fair-maml-/../precious.tmp", "a", SUM, true),
        entry(TEMPORARY, "a", &SUM.replace('1', "2"), true),
        "1".into(),
    ];
    for entry in hostile {
        left(&folder, &entry);
        let error = finish(&folder).unwrap_err();
        assert!(matches!(error, Error::Journal { .. }), "{entry}: {error}");
        assert!(error.to_string().contains(JOURNAL), "{error}");
        assert!(folder.join("precious").exists() && !folder.join("a").exists(), "{entry}");
        let thesis = std::fs::read_to_string(above.path().join("thesis")).unwrap();
        assert_eq!(thesis, "years of work", "{entry}");
    }
    std::fs::write(folder.join(JOURNAL), "fair-maml sealed").unwrap();
    assert!(matches!(finish(&folder).unwrap_err(), Error::Journal { .. }));
}
