//! The manifest: all settings of a run. It repeats the run and identifies a folder of results.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::output;
use experiment::plan::Plan;
use report::number::counted;

/// Its file name.
pub const NAME: &str = "manifest.json";

/// The program, its version and the plans of a run.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    program: String,
    version: String,
    plans: Vec<Plan>,
}

/// The manifest of a run.
pub fn write(plans: &[Plan]) -> Result<String> {
    let manifest = Manifest {
        program: "fair-maml".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        plans: plans.to_vec(),
    };
    Ok(output::json(NAME, &manifest)? + "\n")
}

/// The plans of a manifest, all of them valid.
pub fn read(path: &Path) -> Result<Vec<Plan>> {
    let refuse = |reason: String| Error::Manifest { path: path.into(), reason };
    let manifest = parse(path)?;
    if manifest.plans.is_empty() {
        return Err(refuse("plans must be a list of at least one, got none".into()));
    }
    for (i, plan) in manifest.plans.iter().enumerate() {
        plan.check().map_err(|reason| refuse(format!("plans[{i}].{reason}")))?;
        let name = plan.problem.name();
        if manifest.plans[..i].iter().any(|other| other.problem.name() == name) {
            return Err(refuse(format!(
                "plans[{i}].problem must differ from the others, got {name} again"
            )));
        }
    }
    if manifest.version != env!("CARGO_PKG_VERSION") {
        let (theirs, ours) = (&manifest.version, env!("CARGO_PKG_VERSION"));
        let note = format!("note: the manifest was written by version {theirs}, this is {ours}");
        output::note(&note);
    }
    Ok(manifest.plans)
}

fn parse(path: &Path) -> Result<Manifest> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| Error::File { path: path.into(), source })?;
    // Some editors write a byte order mark at the beginning of a file.
    serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(&text))
        .map_err(|error| Error::Manifest { path: path.into(), reason: error.to_string() })
}

/// Refuses to replace the results of another command, which may have taken a long time.
pub fn guard(out: &Path, plans: &[Plan]) -> Result<()> {
    let path: PathBuf = out.join(NAME);
    if !path.exists() {
        return Ok(());
    }
    let found = match parse(&path) {
        Ok(manifest) if manifest.plans == plans => return Ok(()),
        Ok(manifest) => {
            let (theirs, ours) = (told(&manifest.plans), told(plans));
            let ours = if theirs == ours { "the same number".into() } else { ours };
            let differing = differing(&manifest.plans, plans);
            let differing = match differing.is_empty() {
                true => String::new(),
                false => format!(", different in {}", differing.join(", ")),
            };
            format!("has the results of another command: {theirs}; this one: {ours}{differing}")
        }
        Err(_) => format!("has results, but its {NAME} cannot be read"),
    };
    Err(Error::Replace { path: out.into(), found })
}

/// The problems of the plans with their seeds and iterations.
fn told(plans: &[Plan]) -> String {
    let plan = |plan: &Plan| {
        let seeds = counted(plan.seeds.get() as usize, "seed");
        let iterations = counted(plan.iterations.get() as usize, "iteration");
        format!("{} ({seeds}, {iterations})", plan.problem.name())
    };
    plans.iter().map(plan).collect::<Vec<_>>().join(" and ")
}

/// The settings, other than seeds and iterations, in which plans of the same problem differ.
fn differing(theirs: &[Plan], ours: &[Plan]) -> Vec<String> {
    let settings = |plan: &Plan| match serde_json::to_value(plan) {
        Ok(Value::Object(settings)) => settings,
        _ => serde_json::Map::new(),
    };
    let mut names = BTreeSet::new();
    for plan in ours {
        let name = plan.problem.name();
        let Some(other) = theirs.iter().find(|other| other.problem.name() == name) else {
            continue;
        };
        let other = settings(other);
        let settings = settings(plan).into_iter();
        names.extend(settings.filter(|(name, value)| other.get(name) != Some(value)).map(|x| x.0));
    }
    names.into_iter().filter(|name| name != "seeds" && name != "iterations").collect()
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
        std::fs::write(folder.path().join(NAME), write(&full).unwrap()).unwrap();
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
