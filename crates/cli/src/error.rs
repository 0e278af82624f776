//! The errors of commands.

use std::path::PathBuf;

/// An error in one line: the problem and the accepted values.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An experiment that could not be run.
    #[error(transparent)]
    Experiment(#[from] experiment::error::Error),
    /// Results of the laboratory that could not be shown.
    #[error(transparent)]
    Lab(#[from] lab::error::Error),
    /// Results that could not be shown.
    #[error(transparent)]
    Paper(#[from] paper::error::Error),
    /// A file that could not be read or written.
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    /// A results folder that cannot be written to.
    #[error("--out {0}")]
    Out(#[from] store::Error),
    /// A run that a signal has stopped.
    #[error(
        "interrupted: finished work is kept in {}; the same command continues from there",
        out.display()
    )]
    Interrupted {
        out: PathBuf,
        /// The exit code that tells the signal.
        code: u8,
    },
    /// A folder with results that only `--force` replaces.
    #[error(
        "--out {}: {found}; use --force to replace them, or choose another folder",
        path.display()
    )]
    Replace {
        path: PathBuf,
        /// A description of the results in the folder.
        found: String,
    },
    /// An invalid case.
    #[error("{}: {source}", path.display())]
    Case { path: PathBuf, source: meta::case::CaseError },
    /// A manifest that is none of a study.
    #[error("{}: {reason}", path.display())]
    Manifest { path: PathBuf, reason: String },
    /// Settings beside a manifest that has all of them.
    #[error(
        "--manifest {}: it repeats a study as it was; leave --algorithm, --regularizer and --gamma out",
        path.display()
    )]
    Repeated { path: PathBuf },
    /// A data file for a problem that reads no data.
    #[error("--data {}: synthetic tasks are generated, not read; use the problem communities or all", path.display())]
    Unread { path: PathBuf },
    /// Results that could not be put into their format.
    #[error("{file}: {reason}")]
    Format { file: &'static str, reason: String },
}

/// The result of a command or a part of it.
pub type Result<T> = std::result::Result<T, Error>;
