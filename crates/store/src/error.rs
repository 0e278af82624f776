//! Why a file or a folder could not be written.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

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
