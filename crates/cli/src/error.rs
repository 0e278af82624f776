//! Why a command could not be carried out.

use std::path::PathBuf;

/// One line that says what is wrong and what would be accepted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An experiment that could not be run.
    #[error(transparent)]
    Experiment(#[from] experiment::error::Error),
    /// Results that could not be shown.
    #[error(transparent)]
    Paper(#[from] paper::error::Error),
    /// A file that could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A results folder that cannot be written to.
    #[error("--out {}: {source}; choose a folder that you can write to", path.display())]
    Out {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A folder with results that are not to be replaced unasked.
    #[error(
        "--out {}: {found}; use --force to replace them, or choose another folder",
        path.display()
    )]
    Replace {
        /// Which.
        path: PathBuf,
        /// Whose results they are.
        found: String,
    },
    /// A case that is not one.
    #[error("{}: {source}", path.display())]
    Case {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        source: meta::case::CaseError,
    },
    /// A manifest that is not one.
    #[error("{}: {reason}", path.display())]
    Manifest {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A data file for a problem that reads none.
    #[error("--data {}: synthetic tasks are generated, not read; use the problem communities or all", path.display())]
    Unread {
        /// Which file.
        path: PathBuf,
    },
    /// Results that could not be put into their format.
    #[error("{file}: {reason}")]
    Format {
        /// Which file.
        file: &'static str,
        /// Why.
        reason: String,
    },
    /// An impossible setting.
    #[error(transparent)]
    Settings(#[from] meta::SettingsError),
    /// A network that cannot be.
    #[error(transparent)]
    Network(#[from] mlp::NetworkError),
    /// Data that cannot be.
    #[error(transparent)]
    Tasks(#[from] tasks::Error),
    /// Training that broke off.
    #[error("{run}: {source}")]
    Learner {
        /// Which.
        run: String,
        /// What happened.
        source: meta::LearnerError,
    },
}

/// The result of a command or a part of it.
pub type Result<T> = std::result::Result<T, Error>;
