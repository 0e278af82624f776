//! A lock for a folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::Error;
use crate::faults;

/// The name of the lock file.
const NAME: &str = ".fair-maml.lock";
/// The most bytes that are read of it.
const LONGEST: u64 = 1000;

/// Keeps other runs out of a folder while it exists.
///
/// The lock is a lock of the system on the file `.fair-maml.lock`, which says whose it is. It ends
/// with the process, however the process ends. The file of a killed process may stay; it locks
/// nothing.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    file: File,
}

impl Lock {
    /// Locks a folder, which exists. `command` is what others are told about this run.
    ///
    /// # Errors
    /// Returns [`Error::Locked`] at once if another run has the lock, and other errors if the lock
    /// file cannot be written.
    pub fn take(folder: &Path, command: &str) -> Result<Lock, Error> {
        let fail = |source| Error::of(folder, source);
        let path = folder.join(NAME);
        loop {
            let mut options = OpenOptions::new();
            let file = options.read(true).write(true).create(true).truncate(false).open(&path);
            let file = file.map_err(fail)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    return Err(Error::Locked { path: folder.into(), holder: holder(file) });
                }
                Err(TryLockError::Error(source)) => return Err(fail(source)),
            }
            // Another run may have removed the file after it was opened here.
            if is_still_at(&file, &path) {
                let mut lock = Lock { path, file };
                lock.say(command).map_err(fail)?;
                return Ok(lock);
            }
        }
    }

    /// Writes whose lock it is.
    fn say(&mut self, command: &str) -> io::Result<()> {
        let (id, now) = (std::process::id(), humantime::format_rfc3339_seconds(SystemTime::now()));
        faults::step(|| ())?;
        self.file.set_len(0)?;
        self.file.write_all(format!("process {id}, started {now}: {command}\n").as_bytes())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // While it is still locked, so nobody else's file is removed. A file that stays locks
        // nothing.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// What a locked file says about its holder, in one line.
fn holder(file: File) -> String {
    let mut bytes = Vec::new();
    // Some systems do not let others read a locked file.
    let _ = file.take(LONGEST).read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes);
    let text: String = text.trim().chars().filter(|c| !c.is_control()).collect();
    if text.is_empty() { "it does not say which".into() } else { text }
}

#[cfg(unix)]
fn is_still_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let place = |data: std::fs::Metadata| (data.dev(), data.ino());
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(ours), Ok(theirs)) => place(ours) == place(theirs),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_still_at(_: &File, path: &Path) -> bool {
    path.exists()
}
