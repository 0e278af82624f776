//! Result files, which are written completely or not at all, and lines for the terminal.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use tempfile::{Builder, NamedTempFile};

use crate::error::{Error, Result};

/// The prefix and suffix of the names of unfinished files.
const IN_WRITING: (&str, &str) = (".fair-maml-", ".tmp");

/// A folder that is known to be writable before the work begins.
pub struct Folder {
    path: PathBuf,
    /// The folders created for it, the outermost first. They are removed if nothing is written.
    made: Vec<PathBuf>,
    written: bool,
}

impl Folder {
    /// Creates the folder if it does not exist, and tries to write in it.
    pub fn open(path: &Path) -> Result<Folder> {
        let fail = |source| Error::Out { path: path.into(), source };
        let missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
        let mut made: Vec<PathBuf> =
            path.ancestors().take_while(missing).map(PathBuf::from).collect();
        made.reverse();
        let folder = Folder { path: path.into(), made, written: false };
        std::fs::create_dir_all(path).map_err(fail)?;
        // Files that an interrupt left unfinished.
        for entry in std::fs::read_dir(path).map_err(fail)?.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(IN_WRITING.0) && name.ends_with(IN_WRITING.1) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
        folder.file().map_err(fail)?;
        Ok(folder)
    }

    /// A temporary file.
    fn file(&self) -> std::io::Result<NamedTempFile> {
        Builder::new().prefix(IN_WRITING.0).suffix(IN_WRITING.1).tempfile_in(&self.path)
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
    pub fn write(&mut self, files: &[(String, String)], outdated: &[&str]) -> Result<Vec<String>> {
        let out = |source| Error::Out { path: self.path.clone(), source };
        // The only failure below that can be detected in advance.
        if let Some((name, _)) = files.iter().find(|(name, _)| self.path.join(name).is_dir()) {
            let path = self.path.join(name);
            return Err(Error::Out { path, source: ErrorKind::IsADirectory.into() });
        }
        let mut complete = Vec::new();
        for (name, text) in files {
            let mut file = self.file().map_err(out)?;
            file.write_all(text.as_bytes()).and_then(|()| file.flush()).map_err(out)?;
            complete.push((file, self.path.join(name)));
        }
        for name in outdated {
            match std::fs::remove_file(self.path.join(name)) {
                Err(source) if source.kind() != ErrorKind::NotFound => return Err(out(source)),
                _ => {}
            }
        }
        for (file, path) in complete {
            share(&file).map_err(out)?;
            file.persist(path).map_err(|error| out(error.error))?;
        }
        self.written = true;
        Ok(files.iter().map(|(name, _)| name.clone()).collect())
    }
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

/// Temporary files are private; results are ordinary files.
#[cfg(unix)]
fn share(file: &NamedTempFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn share(_: &NamedTempFile) -> std::io::Result<()> {
    Ok(())
}

impl Drop for Folder {
    fn drop(&mut self) {
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
