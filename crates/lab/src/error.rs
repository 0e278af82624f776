//! The errors of the laboratory's results.

/// Explains why results could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A figure that could not be drawn.
    #[error(transparent)]
    Figure(#[from] report::figure::FigureError),
    /// A number that has no form in CSV.
    #[error("CSV: {0}")]
    Csv(#[from] csv::Error),
}
