//! What is compared under the name of LAFTR.

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
    /// The training of codes.
    pub settings: LaftrSettings,
    /// Weights of the adversary; without adversary (γ = 0) is always run.
    pub sweeps: Vec<Sweep>,
    /// The γ of the first sweep that is shown where there is room for one.
    pub gamma_shown: f64,
    /// Hidden units of the fresh network that is trained on the codes.
    pub hidden: NonZeroUsize,
    /// Adam's rate there.
    pub rate: f64,
    /// Numbers of epochs there, each from fresh weights.
    pub epochs: Vec<NonZeroU64>,
    /// The one of them that is shown.
    pub epochs_shown: NonZeroU64,
    /// The support rows of a task kept apart with which it is shown; with as many as the other
    /// methods have it is tried too.
    pub support_rows: NonZeroUsize,
}

impl LaftrPlan {
    /// How a code's network is trained on the rows of a new task.
    pub fn adaptations(&self) -> Vec<Adaptation> {
        self.epochs.iter().map(|epochs| Adaptation::after(self.rate, epochs.get())).collect()
    }

    /// The way that tables and figures show.
    pub fn shown(&self) -> Adaptation {
        Adaptation::after(self.rate, self.epochs_shown.get())
    }

    /// No more epochs of training codes than these.
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
