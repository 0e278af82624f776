//! Why results could not be shown.

/// One line that says what is wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Tasks could not be made again for a figure or a table.
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
        /// Which file.
        file: &'static str,
        /// Why.
        reason: String,
    },
}

/// What could be shown, or why not.
pub type Result<T> = std::result::Result<T, Error>;
