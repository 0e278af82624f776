//! Files that are complete or not there.

use std::collections::BTreeMap;
use std::path::Path;

use store::{Error, is_writable, remove_unfinished, write, write_together};

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let file = |entry: std::fs::DirEntry| {
        (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())
    };
    entries.map(file).collect()
}

#[test]
fn all_are_written_and_what_is_outdated_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("manifest"), b"old").unwrap();
    write(&folder.path().join("a"), b"old and long").unwrap();
    write_together(folder.path(), &[("a", "new"), ("b", "")], &["manifest", "none"]).unwrap();
    let expected = BTreeMap::from([("a".into(), b"new".to_vec()), ("b".into(), Vec::new())]);
    assert_eq!(files(folder.path()), expected);
}

/// Nothing is written or removed if one file cannot be.
#[test]
fn all_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write(&path.join("a"), b"old").unwrap();
    std::fs::create_dir(path.join("b")).unwrap();
    let error = write_together(path, &[("a", "new"), ("b", "new")], &["a"]).unwrap_err();
    assert!(
        matches!(error, Error::InTheWay { .. })
            && error.to_string().contains("b: something is in the way")
    );
    assert_eq!(std::fs::read(path.join("a")).unwrap(), b"old");
    assert_eq!(std::fs::read_dir(path).unwrap().count(), 2);
}

#[test]
fn errors_name_the_place() {
    let error = write(Path::new("nowhere/file"), b"").unwrap_err();
    assert!(matches!(error, Error::Missing { .. }), "{error}");
    let said = error.to_string();
    assert!(said.starts_with("nowhere: the folder does not exist ("), "{said}");
    assert!(!said.contains(".tmp"), "{said}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    write(&file, b"").unwrap();
    let error = is_writable(&file).unwrap_err();
    assert!(matches!(error, Error::InTheWay { .. }), "{error}");
    assert!(matches!(write(Path::new("/"), b""), Err(Error::InTheWay { .. })));
}

/// A file without a folder in its path is one of the current folder.
#[test]
fn a_bare_name() {
    let name = format!("a-bare-name-{}", std::process::id());
    write(Path::new(&name), b"here").unwrap();
    assert_eq!(std::fs::read(&name).unwrap(), b"here");
    std::fs::remove_file(&name).unwrap();
}

#[test]
fn only_unfinished_files_are_removed() {
    let folder = tempfile::tempdir().unwrap();
    for name in [".fair-maml-x1.tmp", ".fair-maml.lock", ".tmp", "a.tmp"] {
        std::fs::write(folder.path().join(name), "").unwrap();
    }
    is_writable(folder.path()).unwrap();
    remove_unfinished(folder.path());
    assert_eq!(
        files(folder.path()).into_keys().collect::<Vec<_>>(),
        [".fair-maml.lock", ".tmp", "a.tmp"]
    );
}

/// The permissions are those of a file that the system makes, also where a file is replaced.
#[cfg(unix)]
#[test]
fn permissions_are_those_of_any_new_file() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let mode = |name: &str| {
        std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o7777
    };
    std::fs::write(folder.path().join("ordinary"), "").unwrap();
    let path = folder.path().join("ours");
    write(&path, b"").unwrap();
    assert_eq!(mode("ours"), mode("ordinary"));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    write(&path, b"").unwrap();
    assert_eq!(mode("ours"), mode("ordinary"));
}
