//! The settings of LAFTR.

use std::num::{NonZeroU64, NonZeroUsize};

use baselines::{LaftrOptions, LaftrSettings};
use fairness::Notion;
use serde::{Deserialize, Serialize};

use super::numbers::{Sweep, increasing, is_a_set};
use crate::results::outcome::Adaptation;

/// LAFTR (Madras et al. 2018) and its transfer to a new task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LaftrPlan {
    /// The training of the representation (code).
    pub settings: LaftrSettings,
    /// Weights γ of the adversary; γ = 0, without an adversary, is always included.
    pub sweeps: Vec<Sweep>,
    /// The γ of the first sweep in tables and figures with room for one only.
    pub gamma_shown: f64,
    /// Hidden units of the fresh network on the codes.
    pub hidden: NonZeroUsize,
    /// Logits of the fresh network; two if a manifest does not say.
    #[serde(default)]
    pub logits: Logits,
    /// Adam's rate for the fresh network.
    pub rate: f64,
    /// Numbers of epochs of the fresh network, each from fresh weights.
    pub epochs: Vec<NonZeroU64>,
    /// The number of epochs in tables and figures.
    pub epochs_shown: NonZeroU64,
    /// The number of support rows of a held-out task in tables and figures. LAFTR is also evaluated
    /// with the number of the other methods.
    pub support_rows: NonZeroUsize,
}

/// How many logits a classifier of two classes has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Logits {
    /// One logit, whose sigmoid is P(positive), with the logistic loss. The authors' public code
    /// has one.
    One,
    /// One logit for each class, with their softmax.
    #[default]
    Two,
}

impl Logits {
    /// The number of outputs of the network.
    pub fn outputs(self) -> usize {
        match self {
            Logits::One => 1,
            Logits::Two => 2,
        }
    }
}

impl LaftrPlan {
    /// The trainings of the fresh network on the rows of a new task.
    pub fn adaptations(&self) -> Vec<Adaptation> {
        self.epochs.iter().map(|epochs| Adaptation::after(self.rate, epochs.get())).collect()
    }

    /// The training in tables and figures.
    pub fn shown(&self) -> Adaptation {
        Adaptation::after(self.rate, self.epochs_shown.get())
    }

    /// Limits the epochs of training the code to `epochs`.
    pub fn cap(&mut self, epochs: u64) {
        let options = LaftrOptions { epochs: self.settings.epochs.min(epochs), ..*self.settings };
        self.settings = LaftrSettings::try_from(options).expect("fewer epochs of valid settings");
    }

    pub(super) fn check(&self) -> Result<(), String> {
        let refuse = |name: &str, value: &dyn std::fmt::Debug, accepted: &str| {
            Err(format!("laftr: {name} must be {accepted}, got {value:?}"))
        };
        let LaftrOptions { hidden, code, epochs, .. } = *self.settings;
        for (name, value, most) in [
            ("hidden", self.hidden.get() as u64, 1_000),
            ("settings: hidden", hidden.get() as u64, 1_000),
            ("settings: code", code.get() as u64, 1_000),
            ("settings: epochs", epochs, 1_000_000),
            ("support_rows", self.support_rows.get() as u64, 1_000_000),
        ] {
            if value > most {
                return refuse(name, &value, &format!("at most {most}"));
            }
        }
        let notions: Vec<Notion> = self.sweeps.iter().map(|sweep| sweep.notion).collect();
        if !is_a_set(&notions) {
            return refuse("sweeps", &notions, "a list with each notion at most once");
        }
        for sweep in &self.sweeps {
            if !increasing(&sweep.gammas, |gamma| gamma > 0.0) {
                return refuse("sweeps: gammas", &sweep.gammas, "increasing numbers above 0");
            }
        }
        let first = self.sweeps.first().map_or(&[][..], |sweep| &sweep.gammas);
        if !first.contains(&self.gamma_shown) {
            return refuse("gamma_shown", &self.gamma_shown, "one of the first sweep's gammas");
        }
        if !(self.rate.is_finite() && self.rate > 0.0) {
            return refuse("rate", &self.rate, "a finite number above 0");
        }
        match self.epochs.last() {
            Some(most) if most.get() > 1_000_000 => refuse("epochs", most, "at most 1000000"),
            Some(_) if self.epochs.is_sorted_by(|a, b| a < b) => {
                match self.epochs.contains(&self.epochs_shown) {
                    true => Ok(()),
                    false => refuse("epochs_shown", &self.epochs_shown, "one of epochs"),
                }
            }
            _ => {
                refuse("epochs", &self.epochs, "a list of at least one number, in increasing order")
            }
        }
    }
}
