//! Files that are looked at before anything is done with them.

use std::fs::{File, FileType, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use crate::Error;

/// Opens a regular file for reading. Anything else is an error at once: a pipe is never waited for.
///
/// # Errors
/// Returns the error of the system, or one that says what is there instead.
pub fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    add_flags(&mut options, rustix::fs::OFlags::NONBLOCK);
    let file = options.open(path)?;
    regular(file.metadata()?.file_type())?;
    Ok(file)
}

/// Reads a regular file of at most `most` bytes.
///
/// # Errors
/// Returns the errors of [`open`], and [`ErrorKind::FileTooLarge`] for a longer file, of which
/// nothing is read.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    all_of(open(path)?, most)
}

/// Reads a file of at most `most` bytes that the user has named, and that may be a pipe: then this
/// function waits for its end.
///
/// # Errors
/// Returns the error of the system, and [`ErrorKind::FileTooLarge`] for a longer file.
pub fn read_any(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    all_of(File::open(path)?, most)
}

fn all_of(file: File, most: u64) -> io::Result<Vec<u8>> {
    is_at_most(file.metadata()?.len(), most)?;
    read_at_most(file, most)
}

/// Reads all bytes, of which there are at most `most`. The source may have no end.
///
/// # Errors
/// Returns the error of the source, and [`ErrorKind::FileTooLarge`] if it has more.
pub fn read_at_most(from: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    is_at_most(bytes.len() as u64, most)?;
    Ok(bytes)
}

/// What something is that is no regular file, in words.
pub fn kind(of: FileType) -> &'static str {
    match of {
        of if of.is_dir() => "a folder",
        of if of.is_symlink() => "a symbolic link",
        _ => "a device, a pipe or the like",
    }
}

/// An error if a file is longer than it may be.
pub(crate) fn is_at_most(bytes: u64, most: u64) -> io::Result<()> {
    if bytes <= most {
        return Ok(());
    }
    let most =
        if most < 1_000_000 { format!("{most} bytes") } else { format!("{} MB", most / 1_000_000) };
    Err(io::Error::new(ErrorKind::FileTooLarge, format!("it has more than {most}")))
}

/// What is at the place of a file that will be written; `None` if nothing is. A link is not
/// followed.
///
/// # Errors
/// Returns [`Error::NoFile`] if it is no regular file, so that it should not be replaced.
pub(crate) fn look(path: &Path) -> Result<Option<Metadata>, Error> {
    match path.symlink_metadata() {
        Ok(found) if found.is_file() => Ok(Some(found)),
        Ok(found) => Err(Error::NoFile { path: path.into(), kind: kind(found.file_type()) }),
        Err(source) if source.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::of(path, source)),
    }
}

/// Options to open a file for reading and writing without following a link, and without waiting.
pub(crate) fn to_write() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    add_flags(&mut options, rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK);
    options
}

/// Whether a file has one name only: with a second one, what is written would be seen there too.
#[cfg(unix)]
pub(crate) fn has_one_name(found: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(found) == 1
}

/// Other systems do not tell.
#[cfg(not(unix))]
pub(crate) fn has_one_name(_: &Metadata) -> bool {
    true
}

fn regular(of: FileType) -> io::Result<()> {
    if of.is_file() {
        return Ok(());
    }
    let reason = format!("it is {}, not a regular file", kind(of));
    Err(io::Error::new(ErrorKind::InvalidInput, reason))
}

#[cfg(unix)]
fn add_flags(options: &mut OpenOptions, flags: rustix::fs::OFlags) {
    // The flags of all systems are within the positive numbers.
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, flags.bits().cast_signed());
}
