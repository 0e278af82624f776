//! The checks of a plan.

use super::arm::{Arm, MethodName};
use super::laftr::LaftrPlan;
use super::numbers::{increasing, is_a_set};
use super::problem::Problem;
use super::settings::Plan;

/// The largest number of values in a list.
const MOST_VALUES: u64 = 10_000;
/// The largest number of bytes of the settings of all variants together, as text. The paper's plans
/// with all readings have less than a tenth of it.
const MOST_SETTINGS: u64 = 5_000_000;

impl Plan {
    /// Finds settings that would fail after hours of work, or never end.
    ///
    /// # Errors
    /// Returns the setting, its value and the accepted values.
    pub fn check(&self) -> Result<(), String> {
        let at_most = |name: &str, value: u64, most: u64| match value <= most {
            true => Ok(()),
            false => Err(format!("{name} must be at most {most}, got {value}")),
        };
        at_most("seeds", self.seeds.get(), 10_000)?;
        at_most("iterations", self.iterations.get(), 1_000_000_000)?;
        at_most("tasks_per_batch", self.tasks_per_batch.get() as u64, 10_000)?;
        at_most("episodes_per_task", self.episodes_per_task.map_or(0, |n| n.get() as u64), 10_000)?;
        at_most("inner: steps", self.inner.steps() as u64, 10_000)?;
        at_most("adaptation: steps", self.adaptation().steps() as u64, 10_000)?;
        at_most("network: parameters", self.network.parameter_count() as u64, 10_000_000)?;
        match &self.problem {
            Problem::Synthetic { generator, training_tasks, test_tasks, .. } => {
                at_most("problem: training_tasks", training_tasks.get(), 100_000)?;
                at_most("problem: test_tasks", test_tasks.get(), 100_000)?;
                let points = generator.settings().points as u64;
                let tasks = training_tasks.max(test_tasks).get();
                at_most("problem: points in all tasks", points.saturating_mul(tasks), 100_000_000)?;
            }
            Problem::Communities { config, .. } if config.settings().held_out == 0 => {
                return Err("problem: held_out must be at least 1, got 0".into());
            }
            Problem::Communities { .. } => {}
            Problem::Table(table) => {
                let folds = table.folds;
                at_most("problem: folds", folds, 10_000)?;
                if folds < 2 || self.seeds.get() > folds {
                    let seeds = self.seeds;
                    return Err(format!(
                        "problem: folds must be at least 2 and at least the {seeds} seeds, got {folds}"
                    ));
                }
            }
        }
        let refuse = |name: &str, value: &dyn std::fmt::Debug, accepted: &str| {
            Err(format!("{name} must be {accepted}, got {value:?}"))
        };
        for (i, sweep) in self.sweeps.iter().enumerate() {
            if self.sweeps[..i].iter().any(|other| other.notion == sweep.notion) {
                return refuse("sweeps", &sweep.notion, "a list with each notion at most once");
            }
            if !increasing(&sweep.gammas, |gamma| gamma > 0.0) {
                return refuse("sweeps: gammas", &sweep.gammas, "increasing numbers above 0");
            }
        }
        if self.sweeps.is_empty() {
            return refuse("sweeps", &self.sweeps, "a list of at least one sweep");
        }
        let rates = &self.fine_tuning_rates;
        if !increasing(rates, |rate| rate >= 0.0) {
            return refuse("fine_tuning_rates", rates, "increasing numbers of at least 0");
        }
        if !rates.contains(&self.fine_tuning_shown) {
            let accepted = "one of fine_tuning_rates";
            return refuse("fine_tuning_shown", &self.fine_tuning_shown, accepted);
        }
        let first = &self.sweeps[0].gammas;
        let shown = first.contains(&self.gamma_shown);
        if !(shown || first.is_empty() && self.gamma_shown == 0.0) {
            return refuse("gamma_shown", &self.gamma_shown, "one of the first sweep's gammas");
        }
        for (name, rate) in
            [("meta_rate", self.meta_rate), ("pretraining_rate", self.pretraining_rate)]
        {
            if !(rate.is_finite() && rate > 0.0) {
                return refuse(name, &rate, "a finite number above 0");
            }
        }
        if !increasing(&self.fine_tuning_gammas, |gamma| gamma >= 0.0) {
            let accepted = "increasing numbers of at least 0";
            return refuse("fine_tuning_gammas", &self.fine_tuning_gammas, accepted);
        }
        if !(self.scratch.rate.is_finite() && self.scratch.rate > 0.0) {
            return refuse("scratch: rate", &self.scratch.rate, "a finite number above 0");
        }
        at_most("scratch: epochs", self.scratch.epochs.get(), 1_000_000)?;
        if !self.points.windows(2).all(|pair| pair[0] < pair[1]) {
            return refuse("points", &self.points, "increasing numbers");
        }
        if !is_a_set(&self.methods) || self.methods.is_empty() {
            return refuse(
                "methods",
                &self.methods,
                "a list of at least one method, each at most once",
            );
        }
        let mut algorithms = self.compared.clone();
        algorithms.push(self.algorithm);
        if !is_a_set(&algorithms) {
            let names: Vec<&str> = self.compared.iter().map(|other| other.name()).collect();
            let accepted = format!("other algorithms than {}, each once", self.algorithm.name());
            return refuse("compared", &names, &accepted);
        }
        if let Some(companion) = self.methods.iter().find(|method| method.is_companion()) {
            return refuse("methods", companion, "a list without companions");
        }
        let companions: Vec<MethodName> = self.companions.iter().map(|c| c.method).collect();
        if !is_a_set(&companions) || !companions.iter().all(|method| method.is_companion()) {
            return refuse(
                "companions: method",
                &companions,
                "published-code, no-inner-step or pretrained-other, each at most once",
            );
        }
        self.check_rivals()?;
        if self.methods.contains(&MethodName::Laftr) != self.laftr.is_some() {
            return refuse(
                "laftr",
                &self.laftr.is_some(),
                "present if and only if methods contains laftr",
            );
        }
        self.laftr.as_ref().map_or(Ok(()), LaftrPlan::check)?;
        self.check_lengths()?;
        self.check_variants()?;
        self.companions()?;
        self.ablation().map(drop)
    }

    /// Checks the lengths of the lists that multiply each other.
    fn check_lengths(&self) -> Result<(), String> {
        let gammas = self.sweeps.iter().map(|sweep| ("sweeps: gammas", sweep.gammas.len()));
        let of_laftr = self.laftr.iter().flat_map(|laftr| {
            let gammas = laftr.sweeps.iter().map(|sweep| ("laftr: sweeps", sweep.gammas.len()));
            gammas.chain([("laftr: epochs", laftr.epochs.len())])
        });
        let lists = [
            ("fine_tuning_rates", self.fine_tuning_rates.len()),
            ("fine_tuning_gammas", self.fine_tuning_gammas.len()),
            ("points", self.points.len()),
            ("targets", self.targets.len()),
        ];
        match gammas.chain(of_laftr).chain(lists).find(|(_, len)| *len as u64 > MOST_VALUES) {
            None => Ok(()),
            Some((name, len)) => {
                Err(format!("{name} must have at most {MOST_VALUES} values, got {len}"))
            }
        }
    }

    /// Checks the size of all variants together before they are made. Each of them has all
    /// settings of the plan, so a short patch makes a whole plan.
    fn check_variants(&self) -> Result<(), String> {
        let readings = self.ablation.as_ref().map_or(0, |ablation| 1 + ablation.readings.len());
        let variants = (self.companions.len() + readings) as u64;
        if variants == 0 {
            return Ok(());
        }
        let settings = serde_json::to_string(&self.clone().bare());
        // The readings are made from the reference, which has its own patch.
        let reference = self.ablation.as_ref().map_or(0, |them| them.reference.to_string().len());
        let each = (settings.map_err(|error| error.to_string())?.len() + reference) as u64;
        let bytes = variants.saturating_mul(each);
        if bytes > MOST_SETTINGS {
            return Err(format!(
                "companions and ablation must have at most {MOST_SETTINGS} bytes of settings, got \
                 about {bytes}: {variants} variants of a plan of {each} bytes"
            ));
        }
        Ok(())
    }

    /// Checks the settings of methods without training.
    pub(super) fn check_rivals(&self) -> Result<(), String> {
        let targets = &self.targets;
        if !(increasing(targets, |x| x >= 0.0) && targets.last().is_none_or(|&x| x <= 1.0)) {
            return Err(format!("targets must be increasing numbers from 0 to 1, got {targets:?}"));
        }
        let has = |method| self.methods.contains(&method);
        let synthetic = matches!(self.problem, Problem::Synthetic { .. });
        let (generated, data) = (
            [MethodName::Bayes, MethodName::Line],
            [MethodName::OwnNetwork, MethodName::OwnLogistic],
        );
        let misplaced = if synthetic { &data } else { &generated };
        if let Some(method) = misplaced.iter().find(|method| has(**method)) {
            let name = self.problem.name();
            return Err(format!(
                "methods must not contain {misplaced:?} on {name}, got {method:?}"
            ));
        }
        let guests = self.methods.iter().filter_map(|&guest| {
            Some((guest, guest.implementation().host(Arm::plain(guest))?.arm.method))
        });
        for (guest, host) in guests {
            if !has(host) {
                let (guest, host) = (guest.name(), host.name());
                return Err(format!(
                    "methods must contain {host}, because {guest} uses its weights"
                ));
            }
        }
        Ok(())
    }
}
