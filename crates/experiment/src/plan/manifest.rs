//! The manifest: all settings of a run. It repeats the run and identifies a folder of results.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::problem::Problem;
use super::settings::Plan;
use report::number::counted;

/// Its file name.
pub const NAME: &str = "manifest.json";

/// The program, its version and the plans of a run.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    program: String,
    version: String,
    plans: Vec<Plan>,
}

impl Manifest {
    /// Makes the manifest of a run by a `program` of this version, such as [`REPRODUCE`].
    pub fn new(program: &str, plans: &[Plan]) -> Self {
        let version = env!("CARGO_PKG_VERSION").into();
        Manifest { program: program.into(), version, plans: plans.to_vec() }
    }

    /// The manifest of a text, without a check of its plans.
    ///
    /// # Errors
    /// If the text is no manifest of one of the `programs`.
    pub fn parse(text: &str, programs: &[&str]) -> Result<Self, String> {
        if let Some(other) = program(text).filter(|other| !programs.contains(&&**other)) {
            let accepted: Vec<&str> = programs.iter().map(|name| command(name)).collect();
            return Err(format!(
                "this is a manifest of {}, expected one of {}",
                command(&other),
                accepted.join(" or ")
            ));
        }
        // Some editors write a byte order mark at the beginning of a file.
        serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(text))
            .map_err(|error| error.to_string())
    }

    /// Checks its plans.
    ///
    /// # Errors
    /// If it has none, or an invalid one; the error names it.
    pub fn check(&self) -> Result<(), String> {
        let plans = &self.plans;
        if plans.is_empty() {
            return Err("plans must be a list of at least one, got none".into());
        }
        for (i, plan) in plans.iter().enumerate() {
            plan.check().map_err(|reason| format!("plans[{i}].{reason}"))?;
            if let Problem::Table(_) = plan.problem {
                let accepted = "synthetic or communities";
                return Err(format!("plans[{i}].problem must be {accepted}, got table"));
            }
            let name = plan.problem.name();
            if plans[..i].iter().any(|other| other.problem.name() == name) {
                return Err(format!(
                    "plans[{i}].problem must differ from the others, got {name} again"
                ));
            }
        }
        Ok(())
    }

    /// The version of the program that wrote it.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The plans.
    pub fn plans(&self) -> &[Plan] {
        &self.plans
    }

    /// Tells how another run with `plans` differs from this one; `None` if it does not.
    pub fn difference(&self, plans: &[Plan]) -> Option<String> {
        if self.plans == plans {
            return None;
        }
        let (theirs, ours) = (told(&self.plans), told(plans));
        let ours = if theirs == ours { "the same number".into() } else { ours };
        let differing = differing(&self.plans, plans);
        let differing = match differing.is_empty() {
            true => String::new(),
            false => format!(", different in {}", differing.join(", ")),
        };
        Some(format!("{theirs}; this one: {ours}{differing}"))
    }
}

/// The program in the manifests of `fair-maml reproduce`, which is the default command.
pub const REPRODUCE: &str = "fair-maml";

/// The command of a program, as it is typed.
pub fn command(program: &str) -> &str {
    if program == REPRODUCE { "fair-maml reproduce" } else { program }
}

/// The name of the program that wrote a manifest. `None` if the text has none.
pub fn program(text: &str) -> Option<String> {
    // The other values are read and forgotten, so a long text takes no memory.
    #[derive(Deserialize)]
    struct Named {
        program: String,
    }
    let named = serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    named.ok().map(|Named { program }| program)
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
