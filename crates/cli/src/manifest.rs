//! The manifest of a folder of results.

use std::path::Path;

use experiment::plan::Plan;
use experiment::plan::manifest::{Manifest, NAME};

use crate::error::{Error, Result};
use crate::output;

/// The plans of a manifest, all of them valid.
pub fn plans(path: &Path) -> Result<Vec<Plan>> {
    let manifest = Manifest::read(path)?;
    let (theirs, ours) = (manifest.version(), env!("CARGO_PKG_VERSION"));
    if theirs != ours {
        output::note(&format!("note: version {theirs} wrote the manifest, this is {ours}"));
    }
    Ok(manifest.plans().to_vec())
}

/// Refuses to replace the results of another command, which may have taken a long time.
pub fn guard(out: &Path, plans: &[Plan]) -> Result<()> {
    let path = out.join(NAME);
    if !path.exists() {
        return Ok(());
    }
    let found = match Manifest::parse(&path).map(|manifest| manifest.difference(plans)) {
        Ok(None) => return Ok(()),
        Ok(Some(difference)) => format!("has the results of another command: {difference}"),
        Err(_) => format!("has results, but its {NAME} cannot be read"),
    };
    Err(Error::Replace { path: out.into(), found })
}

#[cfg(test)]
mod tests {
    use super::*;
    use paper::defaults;
    use std::num::NonZeroU64;

    #[test]
    fn other_results_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let full = [defaults::synthetic(), defaults::communities()];
        guard(folder.path(), &full).unwrap();
        std::fs::write(
            folder.path().join(NAME),
            output::json(NAME, &Manifest::new(&full)).unwrap(),
        )
        .unwrap();
        guard(folder.path(), &full).unwrap();
        let said = |plans: &[Plan]| guard(folder.path(), plans).unwrap_err().to_string();
        let seeds = NonZeroU64::new(1).unwrap();
        let error = said(&[Plan { seeds, ..defaults::communities() }]);
        assert!(error.contains("synthetic (20 seeds, 5000 iterations) and communities"), "{error}");
        assert!(error.contains("this one: communities (1 seed, 2000 iterations);"), "{error}");
        let error =
            said(&[Plan { meta_rate: 0.5, ..defaults::synthetic() }, defaults::communities()]);
        assert!(error.contains("the same number, different in meta_rate;"), "{error}");
        std::fs::write(folder.path().join(NAME), "{").unwrap();
        assert!(said(&full).contains("cannot be read"));
    }
}
