//! All settings of a study. Its manifest holds them, and its numbers but the times depend on
//! nothing else.

use std::num::{NonZeroU64, NonZeroUsize};

use experiment::plan::{Arm, MethodName, Plan, Problem};
use fairness::Notion;
use meta::algorithm::{ALL, Algorithm, FAIR_MAML, PublishedCode};
use meta::{AnyAlgorithm, Implicit, InnerLoop, MetaOptions, MetaSettings, SettingsError};
use serde::{Deserialize, Serialize};

/// One problem under study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StudyPlan {
    /// The problem and the settings of training.
    pub plan: Plan,
    /// The notion of the regularizer.
    pub notion: Notion,
    /// Its weight γ.
    pub gamma: f64,
    /// The algorithms that are compared. The first is the reference.
    pub algorithms: Vec<AnyAlgorithm>,
    /// The number of points along training at which everything is recorded, beside the start.
    pub checkpoints: NonZeroU64,
    /// The steps of Lanczos.
    pub spectrum_steps: usize,
    /// The number of tasks whose spectra are computed.
    pub spectrum_tasks: usize,
    /// The points of a line through the weights.
    pub line_points: usize,
    /// The map of inner steps, α, γ and K.
    pub map: MapPlan,
    /// The widths of the hidden layers at which Hessian-vector products are compared.
    pub widths: Vec<usize>,
    /// The numbers of inner steps at which work and memory are compared.
    pub inner_steps: Vec<usize>,
}

/// The settings that the map varies: inner steps by α, and γ by K.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapPlan {
    /// The number of runs of each cell.
    pub seeds: NonZeroU64,
    /// The meta-iterations of each training.
    pub iterations: NonZeroU64,
    /// The numbers of inner steps.
    pub inner_steps: Vec<usize>,
    /// The inner rates α.
    pub rates: Vec<f64>,
    /// The weights γ.
    pub gammas: Vec<f64>,
    /// The numbers K of support rows.
    pub rows: Vec<NonZeroUsize>,
}

impl StudyPlan {
    /// The study of a problem at its own settings: 10 seeds, all algorithms, and the middle weight
    /// of the first sweep.
    pub fn new(plan: Plan) -> Self {
        let sweep = &plan.sweeps[0];
        let gamma = sweep.gammas.get((sweep.gammas.len().max(1) - 1) / 2).copied().unwrap_or(0.0);
        let rate = plan.inner.rate();
        // At the default λ no run of iMAML reaches the end (docs/derivations.md).
        let implicit = Implicit { proximal: 4_096.0, ..plan.inner.implicit() };
        let inner = plan.inner.with_implicit(implicit).unwrap_or(plan.inner);
        // The published code has the meta-gradient of first-order MAML.
        let different = |algorithm: &AnyAlgorithm| algorithm.name() != PublishedCode.name();
        let algorithms = ALL.iter().copied().filter(different).collect();
        // The smallest state has 20 rows, and an episode takes 2K.
        let rows: &[usize] = match plan.problem {
            Problem::Synthetic { .. } => &[2, 5, 10, 20],
            Problem::Communities { .. } | Problem::Table(_) => &[2, 5, 10],
        };
        let map = MapPlan {
            seeds: count(5),
            iterations: count(300),
            inner_steps: vec![1, 2, 5, 10],
            rates: [1.0 / 3.0, 1.0, 3.0, 10.0].map(|factor| rounded(factor * rate)).to_vec(),
            gammas: [0.0, 0.25, 1.0, 4.0].map(|factor| factor * gamma).to_vec(),
            rows: rows.iter().map(|&rows| rows_of(rows)).collect(),
        };
        StudyPlan {
            notion: sweep.notion,
            gamma,
            algorithms,
            checkpoints: count(10),
            spectrum_steps: 120,
            spectrum_tasks: 4,
            line_points: 41,
            map,
            widths: vec![5, 20, 80],
            inner_steps: vec![0, 1, 2, 5, 10, 20],
            plan: Plan {
                inner,
                seeds: count(10),
                methods: vec![MethodName::Meta],
                laftr: None,
                targets: Vec::new(),
                points: Vec::new(),
                fine_tuning_gammas: Vec::new(),
                ..plan.bare()
            },
        }
    }

    /// The study, small enough to run in seconds.
    #[must_use]
    pub fn quick(self) -> Self {
        let plan = Plan { seeds: count(2), iterations: count(200), ..self.plan };
        let map = MapPlan {
            seeds: count(2),
            iterations: count(50),
            inner_steps: vec![1, 5],
            rates: self.map.rates[1..3].to_vec(),
            gammas: self.map.gammas[..2].to_vec(),
            rows: self.map.rows[1..3].to_vec(),
        };
        StudyPlan {
            plan,
            map,
            checkpoints: count(4),
            spectrum_steps: 15,
            spectrum_tasks: 1,
            ..self
        }
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// Returns the field, what it accepts and what it has.
    pub fn check(&self) -> Result<(), String> {
        self.plan.check().map_err(|reason| format!("plan.{reason}"))?;
        if !(self.gamma.is_finite() && self.gamma >= 0.0) {
            return Err(format!("gamma must be a finite number of at least 0, got {}", self.gamma));
        }
        if self.algorithms.first() != Some(&FAIR_MAML) {
            return Err("algorithms must be a list that begins with fair-maml".into());
        }
        let twice =
            |(i, algorithm): (usize, &AnyAlgorithm)| self.algorithms[..i].contains(algorithm);
        if self.algorithms.iter().enumerate().any(twice) {
            return Err("algorithms must be a list without repetitions".into());
        }
        let least = [
            ("spectrum_steps", self.spectrum_steps, 1),
            ("spectrum_tasks", self.spectrum_tasks, 1),
            ("line_points", self.line_points, 2),
            ("widths", self.widths.iter().copied().min().unwrap_or(1), 1),
            ("the length of inner_steps", self.inner_steps.len(), 1),
            ("the length of widths", self.widths.len(), 1),
            ("map: the length of inner_steps", self.map.inner_steps.len(), 1),
            ("map: the length of rates", self.map.rates.len(), 1),
            ("map: the length of gammas", self.map.gammas.len(), 1),
            ("map: the length of rows", self.map.rows.len(), 1),
        ];
        if let Some((name, value, least)) = least.iter().find(|(_, value, least)| value < least) {
            return Err(format!("{name} must be at least {least}, got {value}"));
        }
        let at_most = |name: &str, value: u64, most: u64| match value <= most {
            true => Ok(()),
            false => Err(format!("{name} must be at most {most}, got {value}")),
        };
        at_most("checkpoints", self.checkpoints.get(), self.plan.iterations.get())?;
        at_most("spectrum_steps", self.spectrum_steps as u64, 1_000)?;
        at_most("spectrum_tasks", self.spectrum_tasks as u64, 1_000)?;
        at_most("line_points", self.line_points as u64, 10_000)?;
        at_most("map: seeds", self.map.seeds.get(), 10_000)?;
        let steps = self.inner_steps.iter().chain(&self.map.inner_steps).copied().max();
        at_most("inner steps", steps.unwrap_or(0) as u64, 1_000)?;
        at_most("widths", self.widths.iter().copied().max().unwrap_or(0) as u64, 1_000)?;
        let numbers = self.map.rates.iter().chain(&self.map.gammas);
        match numbers.copied().find(|x| !(x.is_finite() && *x >= 0.0)) {
            None => Ok(()),
            Some(x) => {
                Err(format!("map: rates and gammas must be finite numbers of at least 0, got {x}"))
            }
        }
    }

    /// The numbers of meta-iterations at which a training is recorded, 0 first.
    pub fn recorded_at(&self) -> Vec<u64> {
        let (all, parts) = (self.plan.iterations.get(), self.checkpoints.get());
        (0..=parts).map(|part| all * part / parts).collect()
    }

    /// The regularized arm.
    pub fn arm(&self) -> Arm {
        Arm::regularized(MethodName::Meta, self.notion, self.gamma)
    }

    /// The settings of training with one algorithm.
    ///
    /// # Errors
    /// Returns an error for settings that are not accepted.
    pub fn settings(&self, algorithm: AnyAlgorithm) -> Result<MetaSettings, SettingsError> {
        let settings = self.plan.settings(self.arm())?;
        MetaSettings::try_from(MetaOptions { algorithm, ..(*settings).clone() })
    }

    /// The study with another inner loop.
    ///
    /// # Errors
    /// Returns an error if the rate is not a finite number of at least 0.
    pub fn with_inner(&self, rate: f64, steps: usize) -> Result<Self, SettingsError> {
        let inner = InnerLoop::new(rate, steps)?.with_implicit(self.plan.inner.implicit())?;
        Ok(StudyPlan { plan: Plan { inner, ..self.plan.clone() }, ..self.clone() })
    }

    /// The study with another weight and another number of support rows.
    #[must_use]
    pub fn with_gamma_and_rows(&self, gamma: f64, k: NonZeroUsize) -> Self {
        StudyPlan { gamma, plan: Plan { k, ..self.plan.clone() }, ..self.clone() }
    }
}

/// Two significant digits.
fn rounded(x: f64) -> f64 {
    format!("{x:.1e}").parse().unwrap_or(x)
}

fn count(n: u64) -> NonZeroU64 {
    NonZeroU64::new(n).expect("a count above 0")
}

fn rows_of(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).expect("a count above 0")
}

#[cfg(test)]
mod tests {
    use super::*;
    use paper::defaults;

    #[test]
    fn default_studies_are_valid() {
        for plan in [defaults::synthetic(), defaults::communities()] {
            let study = StudyPlan::new(plan);
            assert_eq!(study.check(), Ok(()));
            assert_eq!(study.clone().quick().check(), Ok(()));
            let text = serde_json::to_string(&study).unwrap();
            assert_eq!(serde_json::from_str::<StudyPlan>(&text).unwrap(), study);
        }
    }

    #[test]
    fn wrong_settings_are_named() {
        let study = StudyPlan::new(defaults::synthetic());
        let named = |study: StudyPlan, name: &str| {
            let reason = study.check().unwrap_err();
            assert!(reason.starts_with(name), "{reason}");
        };
        named(StudyPlan { gamma: f64::NAN, ..study.clone() }, "gamma");
        named(StudyPlan { algorithms: Vec::new(), ..study.clone() }, "algorithms");
        named(StudyPlan { inner_steps: vec![5_000], ..study.clone() }, "inner steps");
        named(StudyPlan { checkpoints: count(1 << 40), ..study.clone() }, "checkpoints");
        named(StudyPlan { inner_steps: Vec::new(), ..study.clone() }, "the length of inner_steps");
        let map = MapPlan { gammas: Vec::new(), ..study.map.clone() };
        named(StudyPlan { map, ..study.clone() }, "map: the length of gammas must be at least 1");
        let map = MapPlan { rates: vec![-1.0], ..study.map.clone() };
        named(StudyPlan { map, ..study }, "map");
    }
}
