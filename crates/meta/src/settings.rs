//! The settings of a meta-learner.

use std::fmt::Display;
use std::num::NonZeroUsize;

use fairness::Regularizer;
use mlp::Initialization;
use serde::{Deserialize, Serialize};

use crate::InnerLoop;

/// A setting that cannot be, and what could.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {value} given, {accepted} needed")]
pub struct SettingsError {
    name: &'static str,
    value: String,
    accepted: &'static str,
}

impl SettingsError {
    /// The error of a setting called `name` that has `value`, where `accepted` is needed.
    pub fn new(name: &'static str, value: impl Display, accepted: &'static str) -> Self {
        SettingsError { name, value: value.to_string(), accepted }
    }
}

/// The weight γ of the regularizer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Gamma {
    /// The same for every task.
    Shared(f64),
    /// γ_i for training task i, in the order of the pool.
    PerTask(Vec<f64>),
}

impl Gamma {
    /// γ of training task `task`.
    ///
    /// # Panics
    /// If there is no γ for that task.
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

/// What to do with a batch in which nobody belongs to the regularizer's group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AbsentGroup {
    /// The regularizer is 0, without gradient; the batch is counted.
    #[default]
    Skip,
    /// Training ends with an error.
    Refuse,
}

/// Everything that [`MetaLearner`](crate::MetaLearner) needs to be told, checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "MetaOptions")]
pub struct MetaSettings(MetaOptions);

/// The fields of [`MetaSettings`], unchecked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetaOptions {
    /// The inner loop: α, steps, order.
    pub inner: InnerLoop,
    /// β, Adam's rate in the outer loop; above 0.
    pub meta_rate: f64,
    /// Tasks in a meta-batch.
    pub tasks_per_batch: NonZeroUsize,
    /// How weights start.
    pub initialization: Initialization,
    /// R, or none.
    pub regularizer: Option<Regularizer>,
    /// γ; finite and at least 0.
    pub gamma: Gamma,
    /// What to do with a batch without the regularizer's group.
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
