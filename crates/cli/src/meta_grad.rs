//! `fair-maml meta-grad`: computes the numbers of a case and compares them with the expected ones.
//! `fair-maml tape`: shows the recording behind them.

use std::path::{Path, PathBuf};

use meta::case::{Case, TOLERANCE};
use meta::estimate::Limits;

use crate::args::{MetaGrad, ShowTape};
use crate::error::{Error, Result};
use crate::{input, output};

/// Prints the numbers of the case. Returns `false` if they differ from the expected ones.
pub fn run(args: &MetaGrad) -> Result<bool> {
    let limits = args.limits.limits();
    let (case, path) = read(&args.input.case, limits)?;
    case.estimate().check(&path.display().to_string(), limits)?;
    let fail = |source| Error::Case { path: path.clone(), source };
    let outcome = case.compute().map_err(fail)?;
    output::print_json(&outcome)?;
    let Some(expected) = &case.expected else { return Ok(true) };
    let differences = outcome.differences(expected);
    for name in &differences {
        output::note(&format!(
            "{name}: differs from the expected array by more than {TOLERANCE:e} of its norm"
        ));
    }
    Ok(differences.is_empty())
}

/// Prints the tape of the case.
pub fn show(args: &ShowTape) -> Result<()> {
    let tape = read(&args.input.case, Limits::default())?.0.tape();
    output::print((if args.dot { tape.dot_graph() } else { tape.listing() }).trim_end())
}

/// The case, and its origin for error messages.
fn read(path: &Path, limits: Limits) -> Result<(Case, PathBuf)> {
    let (text, path) = (input::text(path, input::CASE)?, input::name(path));
    Case::estimate_of_reading(&text).check(&path.display().to_string(), limits)?;
    match Case::parse(&text) {
        Ok(case) => Ok((case, path)),
        Err(source) => Err(Error::Case { path, source }),
    }
}
