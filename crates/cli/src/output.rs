//! Result files, which are written completely or not at all, and lines for the terminal.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use report::number::counted;
use serde::Serialize;
use store::Lock;

use crate::error::{Error, Result};

/// A folder that is known to be writable before the work begins, and that no other run writes to.
pub struct Folder {
    path: PathBuf,
    lock: Option<Lock>,
    /// Files that a killed run of the same command has written, and that are as it wrote them.
    finished: Vec<String>,
    /// The folders created for it, the outermost first. They are removed if nothing is written.
    made: Vec<PathBuf>,
    written: bool,
}

impl Folder {
    /// Creates the folder if it does not exist, locks it, finishes what a killed run was writing,
    /// and tries to write in it.
    pub fn open(path: &Path) -> Result<Folder> {
        let made = store::create_folders(path)?;
        let (path, finished) = (path.to_owned(), Vec::new());
        let mut folder = Folder { path, lock: None, finished, made, written: false };
        let (path, command) = (&folder.path, command());
        let lock = folder.lock.insert(Lock::take(path, &command)?);
        if let Some(killed) = lock.finish_writing()? {
            if killed.left > 0 {
                let (files, path) = (counted(killed.left, "file"), path.display());
                note(&format!("note: {path}: gave {files} of a killed run their names"));
            }
            if killed.command == command {
                folder.finished = killed.names;
            }
        }
        store::remove_unfinished(path);
        store::is_writable(path)?;
        Ok(folder)
    }

    /// The names of files that a killed run of the same command has written, and that nobody has
    /// changed: the run may write them again.
    pub fn finished(&self) -> &[String] {
        &self.finished
    }

    /// The number of files in it that begin with one of `beginnings` and are not in `names`.
    pub fn others(&self, beginnings: &[&str], names: &[String]) -> usize {
        let Ok(entries) = std::fs::read_dir(&self.path) else { return 0 };
        let names_there =
            entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let is_other = |name: &String| {
            beginnings.iter().any(|start| name.starts_with(start)) && !names.contains(name)
        };
        names_there.filter(is_other).count()
    }

    /// Writes all files as one, and removes those in `outdated`. Returns the names.
    pub fn write(
        &mut self,
        files: &[(String, impl AsRef<[u8]>)],
        outdated: &[&str],
    ) -> Result<Vec<String>> {
        // From here on there may be files, even if the last of them cannot get its name.
        self.written = true;
        if let Some(lock) = &mut self.lock {
            lock.write_together(files, outdated)?;
        }
        Ok(files.iter().map(|(name, _)| name.clone()).collect())
    }

    /// Writes one file of the folder with what `fill` writes, or not at all.
    pub fn write_with<T>(
        &mut self,
        path: &Path,
        fill: impl FnOnce(&mut dyn Write) -> Result<T>,
    ) -> Result<T> {
        let filled = store::write_with(path, fill)?;
        self.written = true;
        Ok(filled)
    }
}

/// The command line of this process and its folder, for those who find the results locked, and by
/// which the same command is known.
fn command() -> String {
    let words: Vec<_> = std::env::args_os().map(|word| word.display().to_string()).collect();
    let here = std::env::current_dir().unwrap_or_default();
    format!("{} (in {})", words.join(" "), here.display())
}

/// Prints a line. A closed pipe is no error.
pub fn print(line: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Err(source) if source.kind() != ErrorKind::BrokenPipe => {
            Err(Error::File { path: "standard output".into(), source })
        }
        _ => Ok(()),
    }
}

/// Prints a value as one line of JSON.
pub fn print_json(value: &impl Serialize) -> Result<()> {
    let file = "standard output";
    let line = serde_json::to_string(value);
    print(&line.map_err(|error| Error::Format { file, reason: error.to_string() })?)
}

/// Prints a line to standard error and ignores failures.
pub fn note(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

impl Drop for Folder {
    fn drop(&mut self) {
        // It has a file in the folder.
        drop(self.lock.take());
        if !self.written {
            for folder in self.made.iter().rev() {
                // This fails if the folder is not empty, and then the folder should stay.
                let _ = std::fs::remove_dir(folder);
            }
        }
    }
}

/// A value as JSON.
pub fn json(file: &'static str, value: &impl Serialize) -> Result<String> {
    serde_json::to_string_pretty(value)
        .map_err(|error| Error::Format { file, reason: error.to_string() })
}
