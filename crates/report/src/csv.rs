//! Rows as CSV.

use serde::Serialize;

/// Rows with a header, as CSV. An undefined value is an empty cell.
///
/// ```
/// #[derive(serde::Serialize)]
/// struct Row {
///     method: &'static str,
///     accuracy: Option<f64>,
/// }
///
/// let row = |method, accuracy| Row { method, accuracy };
/// let text = report::csv::csv([row("MAML", Some(0.5)), row("LAFTR", None)])?;
/// assert_eq!(text, "method,accuracy\nMAML,0.5\nLAFTR,\n");
/// # Ok::<(), String>(())
/// ```
///
/// # Errors
/// Returns the reason if a value has no form in CSV.
pub fn csv<T: Serialize>(rows: impl IntoIterator<Item = T>) -> Result<String, String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).map_err(|error| error.to_string())?;
    }
    let bytes = writer.into_inner().map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}
