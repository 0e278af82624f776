//! The errors of tables, figures and reports.

/// An error in one line.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Tasks that could not be generated again for a figure or a table.
    #[error(transparent)]
    Experiment(#[from] experiment::error::Error),
    /// Data that do not fit the settings.
    #[error(transparent)]
    Tasks(#[from] tasks::Error),
    /// A figure that could not be drawn.
    #[error(transparent)]
    Figure(#[from] report::figure::FigureError),
    /// Results that could not be put into their format.
    #[error("{file}: {reason}")]
    Format {
        /// The file.
        file: &'static str,
        /// The reason.
        reason: String,
    },
}

/// A result, or an error of a report.
pub type Result<T> = std::result::Result<T, Error>;
