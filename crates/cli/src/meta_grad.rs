//! `fair-maml meta-grad`: a case, its numbers, and how they compare.

use std::path::Path;

use meta::case::{Case, TOLERANCE};

use crate::args::MetaGrad;
use crate::error::{Error, Result};
use crate::output;

/// Prints the numbers of the case; `false` if they are not the expected ones.
pub fn run(args: &MetaGrad) -> Result<bool> {
    let case = read(&args.case)?;
    let fail = |source| Error::Case { path: args.case.clone(), source };
    let outcome = case.compute().map_err(fail)?;
    let text = serde_json::to_string(&outcome)
        .map_err(|error| Error::Format { file: "standard output", reason: error.to_string() })?;
    output::print(&text)?;
    let Some(expected) = &case.expected else { return Ok(true) };
    let differences = outcome.differences(expected);
    for name in &differences {
        output::note(&format!(
            "{name}: differs from the expected by more than {TOLERANCE:e} of its norm"
        ));
    }
    Ok(differences.is_empty())
}

fn read(path: &Path) -> Result<Case> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| Error::File { path: path.into(), source })?;
    Case::parse(&text).map_err(|source| Error::Case { path: path.into(), source })
}
