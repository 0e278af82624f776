//! Files that are complete on the disk before they get their names.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

use crate::Error;
use crate::faults;

/// The prefix and suffix of the names of unfinished files.
const UNFINISHED: (&str, &str) = (".fair-maml-", ".tmp");

/// Writes a file completely or not at all. A file that was there before stays as it was until the
/// new one is on the disk.
///
/// # Errors
/// Returns an error that names the file or its folder. A file that was there before is then intact.
pub fn write(path: &Path, contents: &[u8]) -> Result<(), Error> {
    let name = path.file_name().ok_or_else(|| Error::of(path, ErrorKind::IsADirectory.into()))?;
    write_together(folder_of(path), &[(name, contents)], &[])
}

/// Writes several files of a folder: all of them are complete on the disk before the first gets its
/// name. Just before that, the files in `outdated` are removed, if they exist.
///
/// The permissions of the files are those of any new file (0666 without the bits of the umask),
/// whatever a replaced file had.
///
/// # Errors
/// Returns an error that names the file or the folder. Unless the names themselves cannot be given,
/// all files are then as they were.
pub fn write_together<N: AsRef<Path>, C: AsRef<[u8]>>(
    folder: &Path,
    files: &[(N, C)],
    outdated: &[&str],
) -> Result<(), Error> {
    // The only failure of a rename that can be detected in advance.
    if let Some(path) = files.iter().map(|(name, _)| folder.join(name)).find(|path| path.is_dir()) {
        return Err(Error::of(&path, ErrorKind::IsADirectory.into()));
    }
    let in_folder = |source| Error::of(folder, source);
    let mut complete = Vec::new();
    for (name, contents) in files {
        let file = filled(folder, contents.as_ref()).map_err(in_folder)?;
        complete.push((file, folder.join(name)));
    }
    let mut removed = false;
    for path in outdated.iter().map(|name| folder.join(name)) {
        match std::fs::remove_file(&path) {
            Ok(()) => removed = true,
            Err(source) if source.kind() == ErrorKind::NotFound => {}
            Err(source) => return Err(Error::of(&path, source)),
        }
    }
    if removed {
        // No power cut may bring them back beside the new files.
        sync_folder(folder).map_err(in_folder)?;
    }
    for (file, path) in complete {
        faults::step(|| ()).map_err(|source| Error::of(&path, source))?;
        file.persist(&path).map_err(|error| Error::of(&path, error.error))?;
    }
    sync_folder(folder).map_err(in_folder)
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
    let folder = folder_of(path);
    let in_folder = |source| Error::of(folder, source);
    if path.is_dir() || path.file_name().is_none() {
        return Err(Error::of(path, ErrorKind::IsADirectory.into()).into());
    }
    let file = temporary(folder).map_err(in_folder)?;
    let mut writer = BufWriter::with_capacity(1 << 20, file);
    let filled = fill(&mut writer)?;
    let file = writer.into_inner().map_err(|error| in_folder(error.into_error()))?;
    faults::step(|| ()).map_err(in_folder)?;
    file.as_file().sync_all().map_err(in_folder)?;
    faults::step(|| ()).map_err(in_folder)?;
    file.persist(path).map_err(|error| Error::of(path, error.error))?;
    sync_folder(folder).map_err(in_folder)?;
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
/// [`Lock`](crate::Lock) of the folder, so nobody else is writing there.
pub fn remove_unfinished(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(UNFINISHED.0) && name.ends_with(UNFINISHED.1) {
            // A file that cannot be removed only takes up space.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// The folder of a file.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A temporary file with these contents, which are on the disk.
fn filled(folder: &Path, contents: &[u8]) -> io::Result<NamedTempFile> {
    let file = temporary(folder)?;
    faults::step(|| drop(file.as_file().write_all(&contents[..contents.len() / 2])))?;
    file.as_file().write_all(contents)?;
    faults::step(|| ())?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// A temporary file with the permissions of any new file; by default it would be private.
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

/// Makes the names in a folder last through a power cut.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    faults::step(|| ())?;
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        // Some file systems cannot do this, and need not.
        Err(error) if error.kind() == ErrorKind::InvalidInput => Ok(()),
        done => done,
    }
}

/// Other systems have no such call.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    faults::step(|| ())
}
