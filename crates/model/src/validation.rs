//! What was found on held-out tasks, as a model keeps it: numbers that the card shows.

use fairness::metrics::GroupCounts;
use report::mean::Mean;
use serde::{Deserialize, Serialize};

use crate::recipe::Measured;

/// A way to reach fairness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// A regularizer in training and adaptation; γ = 0 is without one.
    Regularizer,
    /// MAML with a threshold for each group.
    Thresholds,
    /// A method that is only shown beside them.
    Other,
}

/// The rival with the better estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Better {
    /// The regularizer.
    Regularizer,
    /// The thresholds.
    Thresholds,
    /// They cannot be told apart.
    NotTold,
}

/// What decides which rival is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// Only one of them is useful: the difference in accuracy.
    Usefulness,
    /// Only one of them reaches the target: the difference in fairness.
    Target,
    /// Both reach it: the difference in accuracy.
    Accuracy,
    /// Neither reaches it: the difference in fairness.
    Fairness,
}

/// A setting that was tried, in numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tried {
    /// The way to reach fairness.
    pub family: Family,
    /// Its name.
    pub name: String,
    /// γ, or the aim of the thresholds.
    pub strength: f64,
    /// Whether it decides the same about every row.
    pub is_constant: bool,
    /// On held-out tasks, before adaptation.
    pub before: Found,
    /// After it.
    pub after: Found,
}

/// Means over held-out tasks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// The number of tasks.
    pub tasks: usize,
    /// Accuracy.
    pub accuracy: Option<Mean>,
    /// Fairness.
    pub fairness: Option<Mean>,
    /// The number of tasks without a fairness.
    pub undefined: usize,
}

impl Found {
    /// Whether the mean accuracy is above that of a constant decision.
    pub fn is_useful(&self, constant: &Found) -> bool {
        match (self.accuracy, constant.accuracy) {
            (Some(ours), Some(constant)) => ours.mean > constant.mean,
            _ => true,
        }
    }

    /// Whether the mean fairness is at least the target.
    pub fn reaches(&self, least: f64) -> bool {
        self.fairness.is_some_and(|fairness| fairness.mean >= least)
    }
}

/// What was found on held-out tasks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validation {
    /// What the target is about.
    pub measure: Measured,
    /// The target.
    pub least: f64,
    /// All settings that were tried.
    pub tried: Vec<Tried>,
    /// The chosen regularizer and γ.
    pub regularizer: Chosen,
    /// The chosen thresholds by group.
    pub thresholds: Chosen,
    /// The estimated accuracy of the regularizer minus that of the thresholds.
    pub difference: Option<Mean>,
    /// The same of the fairness, over the tasks where both exist.
    pub fairness_difference: Option<Mean>,
    /// Which of them is better.
    pub better: Better,
    /// What decides that.
    pub ground: Ground,
    /// Which of them the model keeps.
    pub kept: Family,
    /// The decisions of the kept setting on all held-out rows, before and after adaptation.
    pub audit: [GroupCounts; 2],
}

/// A choice, and the honest estimate of its value for new tasks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    /// Its place among the settings that were tried.
    pub place: usize,
    /// Whether it reaches the target on the tasks on which it was chosen.
    pub reaches: bool,
    /// The estimate for new tasks.
    pub estimate: Found,
}

impl Validation {
    /// The choice that the model keeps.
    pub fn kept(&self) -> &Chosen {
        match self.kept {
            Family::Thresholds => &self.thresholds,
            Family::Regularizer | Family::Other => &self.regularizer,
        }
    }
}
