//! No file of the user is destroyed: a look at all files of a command before it begins.

use std::collections::BTreeSet;
use std::fs::Metadata;
use std::io::ErrorKind;
use std::path::{Path, PathBuf, is_separator};

use crate::error::{Error, Result};

/// Files of these names, or with this beginning, are the program's own, in any folder that it
/// writes to: finished parts, the lock, unfinished files.
const PARTS: &str = "unfinished";
const OWN: &str = ".fair-maml";
/// The name of standard input on the command line, and in the file system.
const STDIN: [&str; 2] = ["-", "/dev/stdin"];

/// The files that a command will write, and those that it reads.
pub struct Guard {
    /// The option that names the files, and its value.
    option: &'static str,
    given: PathBuf,
    outputs: Vec<PathBuf>,
    /// What each is to the command, and where it is.
    inputs: Vec<(&'static str, PathBuf)>,
    force: bool,
    /// Files that are the command's own, from a run that was killed.
    own: Vec<String>,
}

impl Guard {
    /// A guard of the file that an option names. `force` is whether files may be replaced.
    pub fn of(option: &'static str, given: &Path, force: bool) -> Self {
        let outputs = vec![given.into()];
        Guard { option, given: given.into(), outputs, inputs: Vec::new(), force, own: Vec::new() }
    }

    /// Guards files of these names, in the folder of the named one, in its place.
    pub fn writes(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.outputs = names.into_iter().map(|name| self.given.with_file_name(name)).collect();
        self
    }

    /// Lets the command replace files of these names, which are its own.
    pub fn owns(mut self, names: &[String]) -> Self {
        self.own = names.to_vec();
        self
    }

    /// Protects a file that is read. `role` is what it is to the command, for the error.
    pub fn reads(mut self, role: &'static str, path: &Path) -> Self {
        let [word, device] = STDIN;
        self.inputs.push((role, path.into()));
        // A file may have this name, too.
        if path.to_str() == Some(word) {
            self.inputs.push((role, device.into()));
        }
        self
    }

    /// Checks all files.
    ///
    /// Even with `force`, no output may be an input, no two outputs may have one name, and what is
    /// replaced has to be a regular file. A symbolic link is none: a rename would replace the link
    /// and leave the file that it leads to as it was, which nobody expects of either.
    ///
    /// # Errors
    /// Returns an error that names the option and the file.
    pub fn check(&self) -> Result<()> {
        self.names()?;
        let mut there = Vec::new();
        for path in &self.outputs {
            let Some(found) = self.look(path)? else { continue };
            if let Some((role, _)) = self.inputs.iter().find(|(_, input)| is_same(input, path)) {
                let (path, role) = (path.clone(), *role);
                return Err(Error::ReplacesInput {
                    option: self.option,
                    given: self.given(),
                    path,
                    role,
                });
            }
            if !found.is_file() {
                return Err(Error::NoRegularFile {
                    option: self.option,
                    given: self.given(),
                    path: path.clone(),
                    kind: store::kind(found.file_type()),
                });
            }
            let name = path.file_name().unwrap_or_default();
            if !self.own.iter().any(|own| name == own.as_str()) {
                there.push(path.display().to_string());
            }
        }
        if there.is_empty() || self.force {
            return Ok(());
        }
        let (one, files) = (there.len() == 1, there.join(", "));
        let (verb, them) = if one { ("exists", "it") } else { ("exist", "them") };
        Err(Error::Exists { option: self.option, given: self.given(), files, verb, them })
    }

    /// Checks the names alone.
    fn names(&self) -> Result<()> {
        let ends_in_a_folder = self.given.to_string_lossy().ends_with(is_separator);
        if self.given.file_name().is_none() || ends_in_a_folder {
            return Err(Error::NoFile { option: self.option, given: self.given() });
        }
        let mut seen = BTreeSet::new();
        for path in &self.outputs {
            // Some systems do not tell large and small letters apart.
            let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
            if name == PARTS || name.starts_with(OWN) {
                return Err(Error::OwnName { option: self.option, given: self.given() });
            }
            if !seen.insert(name) {
                let path = path.clone();
                return Err(Error::SameOutput { option: self.option, given: self.given(), path });
            }
        }
        Ok(())
    }

    /// What is at a place, if anything is. A link is not followed.
    fn look(&self, path: &Path) -> Result<Option<Metadata>> {
        match path.symlink_metadata() {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => {
                let source = store::Error::of(path, error);
                Err(Error::Place { option: self.option, source })
            }
        }
    }

    fn given(&self) -> PathBuf {
        self.given.clone()
    }
}

/// Whether two paths lead to one file; hard links of a file are one file too.
#[cfg(unix)]
fn is_same(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let place = |data: Metadata| (data.dev(), data.ino());
    match (one.metadata(), other.metadata()) {
        (Ok(one), Ok(other)) => place(one) == place(other),
        // One of them does not exist.
        _ => false,
    }
}

/// Whether two paths lead to one file.
#[cfg(not(unix))]
fn is_same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        // One of them does not exist.
        _ => false,
    }
}
