//! This module defines the settings of a meta-learner.

use std::num::NonZeroUsize;

use fairness::Regularizer;
use mlp::Initialization;
use serde::{Deserialize, Serialize};

use crate::algorithm::AnyAlgorithm;
use crate::settings::{AbsentGroup, Gamma, InnerLoop, SettingsError};

/// Holds the settings of a [`MetaLearner`](crate::MetaLearner) in checked form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "MetaOptions")]
pub struct MetaSettings(MetaOptions);

/// Holds the fields of [`MetaSettings`] in unchecked form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetaOptions {
    /// The meta-learning algorithm. The default is Fair-MAML with the exact gradient.
    #[serde(default)]
    pub algorithm: AnyAlgorithm,
    /// The inner loop: its rate α and its number of steps.
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// A misspelled key would leave a default in its place.
    #[test]
    fn unknown_keys_are_errors_at_every_depth() {
        let settings = json!({
            "algorithm": "fair-maml",
            "inner": { "rate": 0.01, "steps": 1, "implicit": { "proximal": 4.0, "conjugate_gradient_steps": 10 } },
            "meta_rate": 0.001,
            "tasks_per_batch": 2,
            "initialization": "he",
            "regularizer": { "notion": "demographic-parity", "reading": "group-mean" },
            "gamma": 1.0,
            "absent_group": "skip",
        });
        let read = |settings: &Value| serde_json::from_value::<MetaSettings>(settings.clone());
        read(&settings).unwrap();
        for place in ["", "/inner", "/inner/implicit", "/regularizer"] {
            let mut spoilt = settings.clone();
            spoilt.pointer_mut(place).unwrap()["gama"] = json!(1.0);
            let error = read(&spoilt).unwrap_err().to_string();
            assert!(error.contains("unknown field `gama`"), "{place}: {error}");
        }
    }
}
