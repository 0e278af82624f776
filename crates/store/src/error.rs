//! Why a file or a folder could not be written.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::SealError;

/// Explains in one line why a file or a folder could not be written, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk or the quota is full.
    #[error(
        "{}: the disk is full ({source}); free some space or choose another folder",
        path.display()
    )]
    Full {
        /// The file or folder.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The place cannot be written to.
    #[error(
        "{}: it is read-only ({source}); choose a folder that you can write to",
        path.display()
    )]
    ReadOnly {
        /// The file or folder.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The folder is not there.
    #[error(
        "{}: the folder does not exist ({source}); create it or choose another",
        path.display()
    )]
    Missing {
        /// The folder.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// A folder has the name of a file, or a file that of a folder.
    #[error(
        "{}: something is in the way ({source}); move it or choose a folder that you can write to",
        path.display()
    )]
    InTheWay {
        /// The file or folder.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// Another run has locked the folder.
    #[error(
        "{}: another run writes to it ({holder}); wait for its end or choose another folder",
        path.display()
    )]
    Locked {
        /// The folder.
        path: PathBuf,
        /// Process id, start and command of the other run, as its lock file has them.
        holder: String,
    },
    /// The lock file of another run is there, and may be all that is left of it.
    #[error(
        "{}: this is the lock of another run ({holder}); if that run has ended, remove this file, \
         and otherwise wait or choose another folder",
        path.display()
    )]
    Held {
        /// The lock file.
        path: PathBuf,
        /// Process id, machine, start and command of the other run, as its lock file has them.
        holder: String,
    },
    /// Something else has the name of the lock file.
    #[error(
        "{}: the lock file of a run would have this name, and it is {kind}; move it or choose \
         another folder",
        path.display()
    )]
    NotOurs {
        /// The lock file.
        path: PathBuf,
        /// What is there.
        kind: &'static str,
    },
    /// The folder cannot be locked.
    #[error("{}: the lock of the folder cannot be taken ({source}); choose another folder", path.display())]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// Something that is no regular file has the name of a file that would be written.
    #[error("{}: {kind} is in the way, which is not replaced; move it or choose another place", path.display())]
    NoFile {
        /// The file.
        path: PathBuf,
        /// What is there.
        kind: &'static str,
    },
    /// A killed run was about to name its files, which are not as it has left them.
    #[error(
        "{}: the files of a killed run cannot get their names ({source}); remove this file to leave \
         them out",
        path.display()
    )]
    Journal {
        /// The journal.
        path: PathBuf,
        /// What is wrong.
        source: SealError,
    },
    /// The file is larger than this process may write.
    #[error(
        "{}: the file would be larger than the system allows ({source}); raise the limit (`ulimit \
         -f`) or choose another folder",
        path.display()
    )]
    LargeFile {
        /// The file or folder.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// Another error of the system.
    #[error("{}: {source}; choose a folder that you can write to", path.display())]
    Other {
        /// The file or folder.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
}

impl Error {
    /// Tells the errors of the system apart.
    ///
    /// ```
    /// use std::io::{Error, ErrorKind::StorageFull};
    /// let error = store::Error::of("out".as_ref(), Error::from(StorageFull));
    /// assert!(error.to_string().starts_with("out: the disk is full"));
    /// ```
    pub fn of(path: &Path, source: io::Error) -> Self {
        let path = path.into();
        match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Error::Full { path, source },
            ErrorKind::FileTooLarge => Error::LargeFile { path, source },
            ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => {
                Error::ReadOnly { path, source }
            }
            ErrorKind::NotFound => Error::Missing { path, source },
            ErrorKind::NotADirectory | ErrorKind::IsADirectory | ErrorKind::AlreadyExists => {
                Error::InTheWay { path, source }
            }
            _ => Error::Other { path, source },
        }
    }
}
