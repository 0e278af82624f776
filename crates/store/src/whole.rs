//! Files that are complete on the disk before they get their names.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

use crate::Error;
use crate::faults;
use crate::folder::{folder_of, sync};
use crate::open::look;

/// The prefix and suffix of the names of unfinished files.
const UNFINISHED: (&str, &str) = (".fair-maml-", ".tmp");

/// Writes a file completely or not at all. A file that was there before stays as it was until the
/// new one is on the disk. Only a regular file is replaced: a link is not followed.
///
/// The permissions of the file are those of any new file (0666 without the bits of the umask),
/// whatever a replaced file had.
///
/// # Errors
/// Returns an error that names the file or its folder. A file that was there before is then intact.
pub fn write(path: &Path, contents: &[u8]) -> Result<(), Error> {
    check(path)?;
    let folder = folder_of(path);
    let in_folder = |source| Error::of(folder, source);
    give_name(filled(folder, contents).map_err(in_folder)?, path)
}

/// Writes a file with what `fill` writes, completely or not at all. The contents need not fit into
/// memory.
///
/// # Errors
/// Returns the error of `fill`, or an error that names the file or its folder. A file that was
/// there before is then intact.
pub fn write_with<T, E: From<Error>>(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> Result<T, E>,
) -> Result<T, E> {
    check(path)?;
    let folder = folder_of(path);
    let in_folder = |source| Error::of(folder, source);
    let file = temporary(folder).map_err(in_folder)?;
    let mut writer = BufWriter::with_capacity(1 << 20, file);
    let filled = fill(&mut writer)?;
    let file = writer.into_inner().map_err(|error| in_folder(error.into_error()))?;
    faults::step(|| ()).map_err(in_folder)?;
    file.as_file().sync_all().map_err(in_folder)?;
    give_name(file, path)?;
    Ok(filled)
}

/// Tries to write to a folder, and leaves nothing there.
///
/// # Errors
/// Returns an error that says why the folder cannot be written to.
pub fn is_writable(folder: &Path) -> Result<(), Error> {
    temporary(folder).map(drop).map_err(|source| Error::of(folder, source))
}

/// Removes the files that a killed process has left unfinished in a folder. The caller holds the
/// [`Lock`](crate::Lock) of the folder, so nobody else is writing there, and what the process had
/// to finish is [finished](crate::Lock::finish_writing).
pub fn remove_unfinished(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if is_unfinished(&entry.file_name().to_string_lossy()) {
            // A file that cannot be removed only takes up space.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Whether a file of this name is an unfinished one.
pub(crate) fn is_unfinished(name: &str) -> bool {
    name.starts_with(UNFINISHED.0) && name.ends_with(UNFINISHED.1)
}

/// A place that a file can have.
fn check(path: &Path) -> Result<(), Error> {
    if path.file_name().is_none() {
        return Err(Error::of(path, ErrorKind::IsADirectory.into()));
    }
    look(path).map(drop)
}

/// Gives a complete file its name, for good.
pub(crate) fn give_name(file: NamedTempFile, path: &Path) -> Result<(), Error> {
    faults::step(|| ()).map_err(|source| Error::of(path, source))?;
    file.persist(path).map_err(|error| Error::of(path, error.error))?;
    let folder = folder_of(path);
    sync(folder).map_err(|source| Error::of(folder, source))
}

/// A temporary file with these contents, which are on the disk.
pub(crate) fn filled(folder: &Path, contents: &[u8]) -> io::Result<NamedTempFile> {
    let file = temporary(folder)?;
    faults::step(|| drop(file.as_file().write_all(&contents[..contents.len() / 2])))?;
    file.as_file().write_all(contents)?;
    faults::step(|| ())?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// A temporary file with the permissions of any new file; by default it would be private. It is
/// always a new file: what has its name by chance, a link too, is left alone.
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(UNFINISHED.0).suffix(UNFINISHED.1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder).map_err(without_path)
}

/// An error of `tempfile` without the path in it, which is that of a file that never was.
fn without_path(error: io::Error) -> io::Error {
    let text = error.to_string();
    let of_system = text.split(" at path ").next().unwrap_or_default();
    io::Error::new(error.kind(), of_system)
}
