//! Files that are complete or not there.

use std::collections::BTreeMap;
use std::path::Path;

use store::{Error, Lock, create_folders, is_writable, remove_unfinished, write};

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
    let mut lock = Lock::take(folder.path(), "").unwrap();
    lock.write_together(&[("a", "new"), ("b", "")], &["manifest", "none"]).unwrap();
    drop(lock);
    let expected = BTreeMap::from([("a".into(), b"new".to_vec()), ("b".into(), Vec::new())]);
    assert_eq!(files(folder.path()), expected);
}

/// Nothing is written or removed if one file cannot be: the name of each is that of a regular file,
/// or nobody's. What a link leads to is left alone.
#[test]
fn all_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write(&path.join("a"), b"old").unwrap();
    std::fs::create_dir(path.join("folder")).unwrap();
    let mut others = vec![("folder", "a folder is in the way")];
    #[cfg(unix)]
    {
        write(&path.join("precious"), b"thesis").unwrap();
        std::os::unix::fs::symlink(path.join("precious"), path.join("link")).unwrap();
        std::os::unix::fs::symlink(path.join("nothing"), path.join("dangling")).unwrap();
        make_pipe(&path.join("pipe"));
        let link = "a symbolic link is in the way";
        others.extend([("link", link), ("dangling", link), ("pipe", "a device, a pipe")]);
    }
    let mut lock = Lock::take(path, "").unwrap();
    let before = std::fs::read_dir(path).unwrap().count();
    for (name, words) in others {
        let none: [&str; 0] = [];
        for error in [
            lock.write_together(&[("a", "new"), (name, "new")], &["a"]).unwrap_err(),
            lock.write_together(&[("a", "new")], &[name]).unwrap_err(),
            lock.write_together(&[(name, "new"), ("a", "new")], &none).unwrap_err(),
            write(&path.join(name), b"new").unwrap_err(),
        ] {
            assert!(matches!(error, Error::NoFile { .. }), "{error}");
            assert!(error.to_string().contains(&format!("{name}: {words}")), "{error}");
        }
        assert_eq!(std::fs::read(path.join("a")).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(path).unwrap().count(), before, "{name}");
    }
    #[cfg(unix)]
    assert_eq!(std::fs::read(path.join("precious")).unwrap(), b"thesis");
}

#[cfg(unix)]
fn make_pipe(path: &Path) {
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// A file that is no regular one, or too long, is refused at once.
#[cfg(unix)]
#[test]
fn only_regular_files_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    make_pipe(&path);
    let said = |path: &Path| store::read(path, 1_000).unwrap_err().to_string();
    assert_eq!(said(&path), "it is a device, a pipe or the like, not a regular file");
    let sealed = store::read_sealed(&path, "", 1_000).unwrap_err().to_string();
    assert!(sealed.contains("a pipe"), "{sealed}");
    assert!(said(Path::new("/dev/zero")).contains("a device"));
    assert!(said(folder.path()).contains("a folder"));
    std::fs::remove_file(&path).unwrap();
    // Terabytes of nothing.
    std::fs::File::create(&path).unwrap().set_len(1 << 42).unwrap();
    assert_eq!(said(&path), "it has more than 1000 bytes");
    let sealed = store::read_sealed(&path, "", 2_000_000).unwrap_err().to_string();
    assert!(sealed.contains("it has more than 2 MB"), "{sealed}");
    // Its beginning is enough to see that it is none of ours.
    let sealed = store::read_sealed(&path, "", u64::MAX).unwrap_err();
    assert!(matches!(sealed, store::SealError::NotSealed), "{sealed}");
    let endless = store::read_at_most(std::io::repeat(b' '), 3_000_000).unwrap_err();
    assert_eq!(endless.to_string(), "it has more than 3 MB");
    let endless = store::read_any(Path::new("/dev/zero"), 1_000).unwrap_err();
    assert_eq!(endless.to_string(), "it has more than 1000 bytes");
    std::fs::write(&path, vec![b'x'; 1_000]).unwrap();
    assert_eq!(store::read(&path, 1_000).unwrap().len(), 1_000);
}

#[test]
fn folders_are_created_with_those_above() {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("a/b/c");
    let made = create_folders(&deep).unwrap();
    let expected = ["a", "a/b", "a/b/c"].map(|name| folder.path().join(name));
    assert_eq!(made, expected);
    assert!(deep.is_dir() && create_folders(&deep).unwrap().is_empty());
    assert!(create_folders(Path::new("")).unwrap().is_empty());
    write(&deep.join("file"), b"").unwrap();
    for below in ["file", "file/d"] {
        let error = create_folders(&deep.join(below)).unwrap_err();
        assert!(matches!(error, Error::InTheWay { .. }), "{error}");
    }
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
