//! Several files that are written as one.
//!
//! All files are complete on the disk, with names of their own, before a journal says which name
//! each of them gets. From then on they count as written: if the process is killed, the next holder
//! of the lock finishes what the journal says. First all files that are outdated or replaced are
//! removed, the last ones first, and then the new ones get their names. So an old file never stands
//! beside a new one, and the last file is there only if all others are.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::folder::sync;
use crate::open::{look, open};
use crate::sealed::{checksum, hexadecimal, read_sealed, seal};
use crate::whole::{filled, give_name, is_unfinished};
use crate::{Error, Lock, SealError, faults};

/// The name of the journal.
const NAME: &str = ".fair-maml.journal";
/// The key of the sealed journal, with the version of its format.
const KEY: &str = "journal, format 1";
/// The bytes of the longest journal.
const LONGEST: u64 = 10_000_000;

/// Files that a killed process had begun to name, and that now have their names.
#[derive(Debug, PartialEq, Eq)]
pub struct Finished {
    /// The command of that process.
    pub command: String,
    /// The names of its files that are as it wrote them.
    pub names: Vec<String>,
    /// The number of files that did not have their names yet.
    pub left: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Journal {
    command: String,
    /// Files that are removed.
    outdated: Vec<String>,
    files: Vec<Entry>,
}

/// A file that is complete.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// The name that it has until then.
    unfinished: String,
    name: String,
    sha256: String,
    /// Whether a file of its name was there.
    replaces: bool,
}

impl Lock {
    /// Writes several files of the folder as one, and removes those in `outdated`, if they exist,
    /// the last one first.
    /// If the process is killed, all is as before, or [`Lock::finish_writing`] finishes it.
    ///
    /// # Errors
    /// Returns an error that names the file or the folder. All files are then as they were, or
    /// [`Lock::finish_writing`] finishes.
    pub fn write_together<N: AsRef<str>, C: AsRef<[u8]>>(
        &mut self,
        files: &[(N, C)],
        outdated: &[impl AsRef<str>],
    ) -> Result<(), Error> {
        let in_folder = |source| Error::of(&self.folder, source);
        for name in outdated {
            look(&self.folder.join(name.as_ref()))?;
        }
        let (mut complete, mut entries) = (Vec::new(), Vec::new());
        for (name, contents) in files {
            let (name, contents) = (name.as_ref().to_owned(), contents.as_ref());
            let replaces = look(&self.folder.join(&name))?.is_some();
            let file = filled(&self.folder, contents).map_err(in_folder)?;
            let unfinished = file.path().file_name().unwrap_or_default().to_string_lossy().into();
            let sha256 = hexadecimal(&Sha256::digest(contents));
            entries.push(Entry { unfinished, name, sha256, replaces });
            complete.push(file);
        }
        let outdated = outdated.iter().map(|name| name.as_ref().to_owned()).collect();
        let journal = Journal { command: self.command.clone(), outdated, files: entries };
        let text = serde_json::to_vec(&journal).map_err(|error| in_folder(error.into()))?;
        let written = filled(&self.folder, &seal(KEY, &text)).map_err(in_folder)?;
        self.begin(written, complete)?;
        journal.carry_out(&self.folder)?;
        self.carried_out = true;
        Ok(())
    }

    /// Gives the journal its name. From then on its files stay, whatever happens.
    fn begin(
        &mut self,
        journal: NamedTempFile,
        mut files: Vec<NamedTempFile>,
    ) -> Result<(), Error> {
        let path = self.folder.join(NAME);
        look(&path)?;
        // It is not known whether a failure comes before or after the name.
        files.iter_mut().for_each(|file| file.disable_cleanup(true));
        self.carried_out = false;
        let named = give_name(journal, &path);
        if named.is_err() && !path.exists() {
            files.iter_mut().for_each(|file| file.disable_cleanup(false));
        }
        named
    }

    /// Finishes what a killed process had begun to write together in the folder. Returns what that
    /// was.
    ///
    /// # Errors
    /// Returns [`Error::Journal`] if the files are not as the process has left them, and other
    /// errors if they cannot get their names.
    pub fn finish_writing(&mut self) -> Result<Option<Finished>, Error> {
        let path = self.folder.join(NAME);
        let fail = |source| Error::Journal { path: path.clone(), source };
        if look(&path)?.is_none() {
            return Ok(None);
        }
        let text = read_sealed(&path, KEY, LONGEST).map_err(fail)?;
        let journal: Journal =
            serde_json::from_slice(&text).map_err(|error| fail(io::Error::from(error).into()))?;
        journal.check(&self.folder).map_err(fail)?;
        let left = journal.left(&self.folder).count();
        journal.carry_out(&self.folder)?;
        self.carried_out = true;
        let is_same =
            |file: &&Entry| has_checksum(&self.folder.join(&file.name), &file.sha256).is_ok();
        let names = journal.files.iter().filter(is_same).map(|file| file.name.clone()).collect();
        Ok(Some(Finished { command: journal.command, names, left }))
    }
}

impl Journal {
    /// Removes the journal of a folder.
    pub(crate) fn remove(folder: &Path) {
        // One that stays finds nothing to do.
        let _ = std::fs::remove_file(folder.join(NAME));
    }

    /// Checks that all names are those of files in the folder, and the files that have no name yet.
    fn check(&self, folder: &Path) -> Result<(), SealError> {
        let is_plain = |name: &str| {
            Path::new(name).file_name().is_some_and(|plain| plain == name)
                && !name.starts_with(".fair-maml")
        };
        let is_sound = |file: &Entry| {
            is_plain(&file.name)
                && is_unfinished(&file.unfinished)
                && Path::new(&file.unfinished)
                    .file_name()
                    .is_some_and(|name| name == &*file.unfinished)
        };
        if !self.outdated.iter().all(|name| is_plain(name)) || !self.files.iter().all(is_sound) {
            return Err(SealError::Damaged);
        }
        for file in self.left(folder) {
            has_checksum(&folder.join(&file.unfinished), &file.sha256)?;
        }
        Ok(())
    }

    /// The files that do not have their names yet.
    fn left<'a>(&'a self, folder: &'a Path) -> impl Iterator<Item = &'a Entry> {
        let is_there = |name: &str| folder.join(name).symlink_metadata().is_ok();
        self.files.iter().filter(move |file| is_there(&file.unfinished))
    }

    /// Does what is left to do. It may be cut off anywhere, and done again.
    fn carry_out(&self, folder: &Path) -> Result<(), Error> {
        let left: Vec<&Entry> = self.left(folder).collect();
        // The first name is given after the last removal.
        if left.len() == self.files.len() {
            let replaced = self.files.iter().rev().filter(|file| file.replaces);
            let names = self.outdated.iter().rev().chain(replaced.map(|file| &file.name));
            let mut removed = false;
            for path in names.map(|name| folder.join(name)) {
                if look(&path)?.is_none() {
                    continue;
                }
                faults::step(|| ()).map_err(|source| Error::of(&path, source))?;
                std::fs::remove_file(&path).map_err(|source| Error::of(&path, source))?;
                removed = true;
            }
            if removed {
                sync(folder).map_err(|source| Error::of(folder, source))?;
            }
        }
        for file in left {
            let path = folder.join(&file.name);
            // Somebody may have made a file of this name meanwhile.
            if look(&path)?.is_some() {
                return Err(Error::of(&path, io::ErrorKind::AlreadyExists.into()));
            }
            faults::step(|| ()).map_err(|source| Error::of(&path, source))?;
            std::fs::rename(folder.join(&file.unfinished), &path)
                .map_err(|source| Error::of(&path, source))?;
        }
        sync(folder).map_err(|source| Error::of(folder, source))
    }
}

/// An error if a file does not have this checksum.
fn has_checksum(path: &Path, expected: &str) -> Result<(), SealError> {
    if checksum(open(path)?)? == expected { Ok(()) } else { Err(SealError::Damaged) }
}
