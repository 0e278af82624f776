//! The errors of the laboratory's results.

/// Explains why results could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A figure that could not be drawn.
    #[error(transparent)]
    Figure(#[from] report::figure::FigureError),
    /// A file whose numbers have no form in CSV.
    #[error("{file}: {reason}")]
    Csv {
        /// The file.
        file: String,
        /// The reason.
        reason: String,
    },
}

/// Rows as a CSV file, name and text.
pub(crate) fn csv_file<T: serde::Serialize>(
    file: String,
    rows: impl IntoIterator<Item = T>,
) -> Result<(String, String), Error> {
    match report::csv::csv(rows) {
        Ok(text) => Ok((file, text)),
        Err(reason) => Err(Error::Csv { file, reason }),
    }
}
