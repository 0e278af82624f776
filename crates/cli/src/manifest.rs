//! The manifest of a folder of results.

use std::path::Path;

use experiment::plan::Plan;
use experiment::plan::manifest::{Manifest, NAME, command, program};
use lab::study::{StudyManifest, StudyPlan};

use crate::error::{Error, Result};
use crate::{input, output};

/// The plans of a manifest of one of the `programs`, all of them valid.
pub fn plans(path: &Path, programs: &[&str]) -> Result<Vec<Plan>> {
    let refuse = |reason| Error::Manifest { path: path.into(), reason };
    let manifest =
        Manifest::parse(&input::text(path, input::MANIFEST)?, programs).map_err(refuse)?;
    manifest.check().map_err(refuse)?;
    compare_versions(manifest.version());
    Ok(manifest.plans().to_vec())
}

/// The studies of a manifest, all of them valid.
pub fn studies(path: &Path) -> Result<Vec<StudyPlan>> {
    let manifest = StudyManifest::parse(&input::text(path, input::MANIFEST)?)
        .map_err(|reason| Error::Manifest { path: path.into(), reason })?;
    compare_versions(&manifest.version);
    Ok(manifest.studies)
}

fn compare_versions(theirs: &str) {
    let ours = env!("CARGO_PKG_VERSION");
    if theirs != ours {
        output::note(&format!("note: version {theirs} wrote the manifest, this is {ours}"));
    }
}

/// Refuses to replace the results of another command, which may have taken a long time.
pub fn guard(out: &Path, program: &str, plans: &[Plan]) -> Result<()> {
    guarded(out, |path| {
        let manifest = Manifest::parse(&input::regular(path, input::MANIFEST)?, &[program]).ok()?;
        Some(manifest.difference(plans))
    })
}

/// Does the same for a study.
pub fn guard_study(out: &Path, settings: &StudyManifest) -> Result<()> {
    guarded(out, |path| {
        let found = StudyManifest::parse(&input::regular(path, input::MANIFEST)?).ok()?;
        Some((found != *settings).then(|| "a study with other settings".into()))
    })
}

/// `difference` reads a manifest and tells how its run differs from this one. It is `None` if it
/// cannot read it.
fn guarded(out: &Path, difference: impl FnOnce(&Path) -> Option<Option<String>>) -> Result<()> {
    let path = out.join(NAME);
    if !path.exists() {
        return Ok(());
    }
    let program = || program(&input::regular(&path, input::MANIFEST)?);
    let found = match difference(&path) {
        Some(None) => return Ok(()),
        Some(Some(difference)) => format!("has the results of another command: {difference}"),
        None => match program() {
            Some(program) => format!("has the results of another command, {}", command(&program)),
            None => format!("has results, but its {NAME} cannot be read"),
        },
    };
    Err(Error::Replace { path: out.into(), found })
}

#[cfg(test)]
mod tests {
    use super::*;
    use experiment::plan::manifest::REPRODUCE;
    use paper::defaults;
    use std::num::NonZeroU64;

    #[test]
    fn other_results_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let full = [defaults::synthetic(), defaults::communities()];
        guard(folder.path(), REPRODUCE, &full).unwrap();
        std::fs::write(
            folder.path().join(NAME),
            output::json(NAME, &Manifest::new(REPRODUCE, &full)).unwrap(),
        )
        .unwrap();
        guard(folder.path(), REPRODUCE, &full).unwrap();
        let said = |plans: &[Plan]| guard(folder.path(), REPRODUCE, plans).unwrap_err().to_string();
        // The same plans of another command are other results.
        let error = guard(folder.path(), lab::fronts::PROGRAM, &full).unwrap_err().to_string();
        assert!(error.contains("of another command, fair-maml reproduce"), "{error}");
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
