//! Whether a file has the columns that a model needs.

use std::path::Path;

use tasks::schema::{Feature, Schema, quoted};

use crate::error::{Error, Result};

/// The columns that are needed beside those of the features.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Need {
    pub task: bool,
    pub label: bool,
    pub group: bool,
}

/// Checks that a file with these columns has all that are needed.
///
/// # Errors
/// Returns an error that names the columns that are not there, and all that the model needs.
pub(crate) fn check_columns(
    path: &Path,
    columns: &[String],
    schema: &Schema,
    need: Need,
) -> Result<()> {
    let roles = &schema.roles;
    let others =
        [(need.task, &roles.task), (need.label, &roles.label), (need.group, &roles.sensitive)];
    let others = others.into_iter().filter(|(needed, _)| *needed).map(|(_, name)| name.as_str());
    let needed: Vec<&str> = schema.features.iter().map(Feature::column).chain(others).collect();
    let is_there = |name: &&str| columns.iter().any(|column| column == name);
    let missing: Vec<&str> = needed.iter().copied().filter(|name| !is_there(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let plural = if missing.len() == 1 { "" } else { "s" };
    Err(Error::Refused(format!(
        "{}: no column{plural} {}; the model needs {}; the file has {}",
        path.display(),
        quoted(&missing),
        quoted(&needed),
        quoted(columns)
    )))
}
