//! This module defines the settings of a meta-learner.

use std::fmt::Display;
use std::num::NonZeroUsize;

use fairness::Regularizer;
use mlp::Initialization;
use serde::{Deserialize, Serialize};

use crate::InnerLoop;

/// Reports a setting with a value that is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {value} given, {accepted} needed")]
pub struct SettingsError {
    name: &'static str,
    value: String,
    accepted: &'static str,
}

impl SettingsError {
    /// Makes the error for the setting `name`, which has the value `value` where `accepted` is
    /// needed.
    pub fn new(name: &'static str, value: impl Display, accepted: &'static str) -> Self {
        SettingsError { name, value: value.to_string(), accepted }
    }
}

/// Gives the weight γ of the regularizer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Gamma {
    /// Every task has the same γ.
    Shared(f64),
    /// Training task i has the weight γ_i. The tasks are in the order of the pool.
    PerTask(Vec<f64>),
}

impl Gamma {
    /// Returns γ of training task `task`.
    ///
    /// # Panics
    /// Panics if there is no γ for that task.
    pub fn of(&self, task: usize) -> f64 {
        match self {
            Gamma::Shared(gamma) => *gamma,
            Gamma::PerTask(gammas) => gammas[task],
        }
    }

    fn all(&self) -> &[f64] {
        match self {
            Gamma::Shared(gamma) => std::slice::from_ref(gamma),
            Gamma::PerTask(gammas) => gammas,
        }
    }
}

/// Selects what happens if a batch contains no member of the regularized group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AbsentGroup {
    /// The regularizer is 0 and has no gradient. The batch is counted.
    #[default]
    Skip,
    /// Training ends with an error.
    Refuse,
}

/// Holds the settings of a [`MetaLearner`](crate::MetaLearner) in checked form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "MetaOptions")]
pub struct MetaSettings(MetaOptions);

/// Holds the fields of [`MetaSettings`] in unchecked form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetaOptions {
    /// The inner loop: its rate α, its steps and its order.
    pub inner: InnerLoop,
    /// The meta rate β, which is Adam's rate in the outer loop. It is finite and above 0.
    pub meta_rate: f64,
    /// The number of tasks in a meta-batch.
    pub tasks_per_batch: NonZeroUsize,
    /// How the weights are initialized.
    pub initialization: Initialization,
    /// The regularizer R, if there is one.
    pub regularizer: Option<Regularizer>,
    /// The weight γ of the regularizer. It is finite and at least 0.
    pub gamma: Gamma,
    /// What happens if a batch contains no member of the regularized group.
    pub absent_group: AbsentGroup,
}

impl TryFrom<MetaOptions> for MetaSettings {
    type Error = SettingsError;

    fn try_from(options: MetaOptions) -> Result<Self, SettingsError> {
        let rate = options.meta_rate;
        if !(rate.is_finite() && rate > 0.0) {
            return Err(SettingsError::new("meta rate", rate, "a finite number above 0"));
        }
        let good = |gamma: &&f64| gamma.is_finite() && **gamma >= 0.0;
        if let Some(gamma) = options.gamma.all().iter().find(|gamma| !good(gamma)) {
            return Err(SettingsError::new("gamma", gamma, "a finite number of at least 0"));
        }
        Ok(MetaSettings(options))
    }
}

impl std::ops::Deref for MetaSettings {
    type Target = MetaOptions;
    fn deref(&self) -> &MetaOptions {
        &self.0
    }
}
