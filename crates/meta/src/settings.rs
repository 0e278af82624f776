//! This module defines the settings of the inner loop and of the regularizer.

use std::fmt::Display;

use serde::{Deserialize, Serialize};

/// Reports a setting with a value that is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} must be {accepted}, got {value}")]
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

/// Describes the inner loop: its rate and its number of gradient steps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct InnerLoop {
    rate: f64,
    steps: usize,
    #[serde(skip_serializing_if = "Implicit::is_default")]
    implicit: Implicit,
}

/// The settings of iMAML, which other algorithms do not read.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Implicit {
    /// The weight λ of the proximal term λ/2 ‖φ − θ‖² of the inner objective, above 0.
    pub proximal: f64,
    /// The largest number of steps of conjugate gradients, at most [`Implicit::MOST_STEPS`].
    pub conjugate_gradient_steps: usize,
}

impl Default for Implicit {
    fn default() -> Self {
        Implicit { proximal: 4.0, conjugate_gradient_steps: 10 }
    }
}

impl Implicit {
    /// The largest accepted number of steps of conjugate gradients.
    pub const MOST_STEPS: usize = 10_000;

    fn is_default(&self) -> bool {
        *self == Implicit::default()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    rate: f64,
    steps: usize,
    #[serde(default)]
    implicit: Implicit,
}

impl TryFrom<Unchecked> for InnerLoop {
    type Error = SettingsError;
    fn try_from(inner: Unchecked) -> Result<Self, SettingsError> {
        InnerLoop::new(inner.rate, inner.steps)?.with_implicit(inner.implicit)
    }
}

impl InnerLoop {
    /// Makes an inner loop of `steps` gradient steps at the inner rate α.
    ///
    /// # Errors
    /// Returns an error if the rate is not a finite number of at least 0.
    pub fn new(rate: f64, steps: usize) -> Result<Self, SettingsError> {
        if !(rate.is_finite() && rate >= 0.0) {
            return Err(SettingsError::new("inner rate", rate, "a finite number of at least 0"));
        }
        Ok(InnerLoop { rate, steps, implicit: Implicit::default() })
    }

    /// Returns the same inner loop with these settings of iMAML.
    ///
    /// # Errors
    /// Returns an error if the weight of the proximal term is not a finite number above 0, or if
    /// there are more steps of conjugate gradients than [`Implicit::MOST_STEPS`].
    pub fn with_implicit(self, implicit: Implicit) -> Result<Self, SettingsError> {
        if !(implicit.proximal.is_finite() && implicit.proximal > 0.0) {
            let accepted = "a finite number above 0";
            return Err(SettingsError::new("proximal", implicit.proximal, accepted));
        }
        let steps = implicit.conjugate_gradient_steps;
        if steps > Implicit::MOST_STEPS {
            return Err(SettingsError::new("conjugate_gradient_steps", steps, "at most 10000"));
        }
        Ok(InnerLoop { implicit, ..self })
    }

    /// Returns the settings of iMAML.
    pub fn implicit(&self) -> Implicit {
        self.implicit
    }

    /// Returns the inner rate α.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// Returns the number T of gradient steps.
    pub fn steps(&self) -> usize {
        self.steps
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

    pub(crate) fn all(&self) -> &[f64] {
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
