//! Result files, which are written completely or not at all, and lines for the terminal.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use store::Lock;

use crate::error::{Error, Result};

/// A folder that is known to be writable before the work begins, and that no other run writes to.
pub struct Folder {
    path: PathBuf,
    lock: Option<Lock>,
    /// The folders created for it, the outermost first. They are removed if nothing is written.
    made: Vec<PathBuf>,
    written: bool,
}

impl Folder {
    /// Creates the folder if it does not exist, locks it, and tries to write in it.
    pub fn open(path: &Path) -> Result<Folder> {
        let missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
        let mut made: Vec<PathBuf> =
            path.ancestors().take_while(missing).map(PathBuf::from).collect();
        made.reverse();
        let mut folder = Folder { path: path.into(), lock: None, made, written: false };
        std::fs::create_dir_all(path).map_err(|source| store::Error::of(path, source))?;
        folder.lock = Some(Lock::take(path, &command())?);
        store::remove_unfinished(path);
        store::is_writable(path)?;
        Ok(folder)
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

    /// Writes all files or none: all are complete on disk before the first gets its name. Just
    /// before that, the files in `outdated` are removed. Returns the names.
    pub fn write(
        &mut self,
        files: &[(String, impl AsRef<[u8]>)],
        outdated: &[&str],
    ) -> Result<Vec<String>> {
        store::write_together(&self.path, files, outdated)?;
        self.written = true;
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

/// The command line of this process, for those who find the folder locked.
fn command() -> String {
    let words: Vec<_> = std::env::args_os().map(|word| word.display().to_string()).collect();
    words.join(" ")
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
