//! The errors of the crate.

use std::path::PathBuf;

use crate::file::FileError;
use crate::recipe::RecipeError;

/// An error in one line.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A table that could not be read or does not fit.
    #[error(transparent)]
    Tasks(#[from] tasks::Error),
    /// A table that could not be read.
    #[error(transparent)]
    Frame(#[from] frame::Error),
    /// An experiment that could not be run.
    #[error(transparent)]
    Experiment(#[from] experiment::error::Error),
    /// A training that ended with an error.
    #[error(transparent)]
    Learner(#[from] meta::LearnerError),
    /// An adaptation that ended with an error.
    #[error(transparent)]
    Adaptation(#[from] meta::AdaptationError),
    /// A probability that is not a number.
    #[error(transparent)]
    Probability(#[from] fairness::metrics::NotAProbability),
    /// Settings that do not fit.
    #[error(transparent)]
    Settings(#[from] meta::SettingsError),
    /// A setting that is not accepted.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// A network that cannot be made.
    #[error(transparent)]
    Network(#[from] mlp::NetworkError),
    /// A model file that could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: FileError,
    },
    /// A figure that could not be drawn.
    #[error(transparent)]
    Figure(#[from] report::figure::FigureError),
    /// Predictions that could not be written.
    #[error(transparent)]
    Write(std::io::Error),
    /// Something that was asked for and cannot be had.
    #[error("{0}")]
    Refused(String),
}

/// A result, or an error of this crate.
pub type Result<T> = std::result::Result<T, Error>;
