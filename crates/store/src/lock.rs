//! A lock for a folder.

use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::faults;
use crate::journal::Journal;
use crate::open::{has_one_name, look, open, to_write};
use crate::{Error, holder};

/// The name of the lock file.
const NAME: &str = ".fair-maml.lock";

/// Keeps other runs out of a folder while it exists.
///
/// The lock is a lock of the system on the file `.fair-maml.lock`, which says whose it is. It ends
/// with the process, however the process ends. The file of a killed process may stay; it locks
/// nothing.
///
/// Some file systems have no such locks. There, the file itself is the lock: only one process can
/// create it. The file of a process of this machine that has ended is recognized and removed; that
/// of another machine is not, and the error names it.
#[derive(Debug)]
pub struct Lock {
    pub(crate) folder: PathBuf,
    pub(crate) command: String,
    path: PathBuf,
    file: File,
    /// What is written or was finished, if all of it has its names.
    pub(crate) carried_out: bool,
}

impl Lock {
    /// Locks a folder, which exists. `command` is what others are told about this run.
    ///
    /// # Errors
    /// Returns [`Error::Locked`] or [`Error::Held`] at once if another run has the lock,
    /// [`Error::NotOurs`] if the lock file is a link or has been made by something else, and other
    /// errors if it cannot be written. Nothing but a lock file of this program is changed.
    pub fn take(folder: &Path, command: &str) -> Result<Lock, Error> {
        Self::take_with(folder, command, File::try_lock)
    }

    fn take_with(
        folder: &Path,
        command: &str,
        try_lock: impl Fn(&File) -> Result<(), TryLockError>,
    ) -> Result<Lock, Error> {
        let path = folder.join(NAME);
        loop {
            let Some((file, is_new)) = lock_file(folder, &path)? else { continue };
            match try_lock(&file) {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let holder = holder::of(file);
                    return Err(Error::Locked { path: folder.into(), holder });
                }
                // Whoever has created the file has the lock.
                Err(TryLockError::Error(_)) if is_new => {}
                Err(TryLockError::Error(_)) => {
                    remove_stale(&path, file)?;
                    continue;
                }
            }
            // Another run may have removed the file after it was opened here.
            if is_still_at(&file, &path) {
                is_lock_file(&file, &path)?;
                let (folder, command) = (folder.to_owned(), command.to_owned());
                let mut lock = Lock { folder, command, path, file, carried_out: false };
                lock.say()?;
                return Ok(lock);
            }
        }
    }

    /// Writes whose lock it is. A full disk and the like are told as they are everywhere.
    fn say(&mut self) -> Result<(), Error> {
        let text = holder::text(&self.command);
        self.replace(&text).map_err(|source| Error::of(&self.folder, source))
    }

    fn replace(&mut self, text: &str) -> io::Result<()> {
        faults::step(|| ())?;
        self.file.rewind()?;
        self.file.set_len(0)?;
        self.file.write_all(text.as_bytes())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Only now: until its end, a run that is killed is told from one that is over.
        if self.carried_out {
            Journal::remove(&self.folder);
        }
        // While it is still locked, so nobody else's file is removed. A file that stays locks
        // nothing.
        if is_still_at(&self.file, &self.path) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Creates the lock file, or opens the one that is there; tells whether it is new. `None` if one
/// was there and is gone.
fn lock_file(folder: &Path, path: &Path) -> Result<Option<(File, bool)>, Error> {
    match to_write().create_new(true).open(path) {
        Ok(file) => return Ok(Some((file, true))),
        Err(source) if source.kind() == ErrorKind::AlreadyExists => {}
        Err(source) => return Err(Error::of(folder, source)),
    }
    let not_ours = |kind| Err(Error::NotOurs { path: path.into(), kind });
    match look(path) {
        Ok(Some(_)) => {}
        Ok(None) => return Ok(None),
        Err(Error::NoFile { kind, .. }) => return not_ours(kind),
        Err(other) => return Err(other),
    }
    let fail = |source| Error::Lock { path: path.into(), source };
    let file = match to_write().open(path) {
        Ok(file) => file,
        Err(source) if source.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) if source.kind() == ErrorKind::PermissionDenied => {
            // It is another user's.
            let holder = open(path).map_or_else(|_| holder::UNKNOWN.into(), holder::of);
            return Err(Error::Held { path: path.into(), holder });
        }
        Err(source) => return Err(fail(source)),
    };
    // What was opened may be something else than what was looked at.
    match file.metadata().map_err(fail)? {
        found if !found.is_file() => not_ours("no regular file"),
        found if !has_one_name(&found) && is_still_at(&file, path) => {
            not_ours("a hard link to another file")
        }
        _ => Ok(Some((file, false))),
    }
}

/// An error if a file is neither a lock file nor empty.
fn is_lock_file(mut file: &File, path: &Path) -> Result<(), Error> {
    let mut first = [0; holder::FIRST.len()];
    match file.read_exact(&mut first) {
        Ok(()) if first == *holder::FIRST.as_bytes() => return Ok(()),
        Ok(()) => {}
        Err(_) if file.metadata().is_ok_and(|found| found.len() == 0) => return Ok(()),
        Err(_) => {}
    }
    Err(Error::NotOurs { path: path.into(), kind: "a file with something else in it" })
}

/// Removes a lock file that locks by being there, if its process has ended.
fn remove_stale(path: &Path, file: File) -> Result<(), Error> {
    let holder = holder::of(&file);
    if !holder::has_ended(&holder) {
        return Err(Error::Held { path: path.into(), holder });
    }
    if !is_still_at(&file, path) {
        return Ok(());
    }
    match std::fs::remove_file(path) {
        Err(source) if source.kind() != ErrorKind::NotFound => {
            Err(Error::Lock { path: path.into(), source })
        }
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn is_still_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let place = |data: std::fs::Metadata| (data.dev(), data.ino());
    match (file.metadata(), std::fs::symlink_metadata(path)) {
        (Ok(ours), Ok(theirs)) => place(ours) == place(theirs),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_still_at(_: &File, path: &Path) -> bool {
    path.exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As on a file system without locks.
    fn without(_: &File) -> Result<(), TryLockError> {
        Err(TryLockError::Error(ErrorKind::Unsupported.into()))
    }

    fn take(folder: &Path) -> Result<Lock, Error> {
        Lock::take_with(folder, "the command", without)
    }

    #[test]
    fn without_locks_of_the_system_the_file_is_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let lock = take(folder.path()).unwrap();
        let error = take(folder.path()).unwrap_err();
        assert!(matches!(error, Error::Held { .. }), "{error}");
        for part in [NAME, "lock", "the command", "remove this file"] {
            assert!(error.to_string().contains(part), "{error}");
        }
        drop(lock);
        assert!(!folder.path().join(NAME).exists());
        take(folder.path()).unwrap();
    }

    /// Only a process of this machine can be known to have ended.
    #[cfg(unix)]
    #[test]
    fn without_locks_of_the_system_a_stale_file_is_told_from_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(NAME);
        let mut ended = std::process::Command::new("true").spawn().unwrap();
        ended.wait().unwrap();
        let text = holder::text("it was killed");
        let id = |id: u32| text.replace(&format!(" {} ", std::process::id()), &format!(" {id} "));
        std::fs::write(&path, id(ended.id())).unwrap();
        drop(take(folder.path()).unwrap());
        let host = holder::host();
        let elsewhere = id(ended.id()).replace(&format!("on {host},"), "on another,");
        for held in [id(1), elsewhere, String::new(), "process".into()] {
            std::fs::write(&path, &held).unwrap();
            let error = take(folder.path()).unwrap_err();
            assert!(matches!(error, Error::Held { .. }), "{held}: {error}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), held);
        }
    }
}
