//! Folders, and names in them that last through a power cut.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::Error;
use crate::faults;

/// Creates a folder and those above it, where they do not exist, and makes their names last.
/// Returns the new ones, the outermost first.
///
/// # Errors
/// Returns an error that names `path`.
pub fn create_folders(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let is_missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
    let mut missing: Vec<PathBuf> =
        path.ancestors().take_while(is_missing).map(PathBuf::from).collect();
    missing.reverse();
    for (place, folder) in missing.iter().enumerate() {
        if let Err(source) = create(folder) {
            // Nothing is left of a failure. A folder that is not empty stays.
            missing[..=place].iter().rev().for_each(|made| drop(std::fs::remove_dir(made)));
            return Err(Error::of(path, source));
        }
    }
    match path.metadata() {
        Ok(found) if !found.is_dir() => Err(Error::of(path, ErrorKind::NotADirectory.into())),
        _ => Ok(missing),
    }
}

fn create(folder: &Path) -> io::Result<()> {
    match std::fs::create_dir(folder) {
        Ok(()) => {}
        // Another run may have made it meanwhile.
        Err(source) if source.kind() == ErrorKind::AlreadyExists && folder.is_dir() => {}
        Err(source) => return Err(source),
    }
    sync(folder_of(folder))
}

/// The folder of a file.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Makes the names in a folder last through a power cut.
#[cfg(unix)]
pub(crate) fn sync(folder: &Path) -> io::Result<()> {
    faults::step(|| ())?;
    match std::fs::File::open(folder).and_then(|folder| folder.sync_all()) {
        // Some file systems cannot do this, and need not. A folder that may not be listed may
        // still be written to.
        Err(error)
            if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::PermissionDenied) =>
        {
            Ok(())
        }
        done => done,
    }
}

/// Other systems have no such call.
#[cfg(not(unix))]
pub(crate) fn sync(_: &Path) -> io::Result<()> {
    faults::step(|| ())
}
