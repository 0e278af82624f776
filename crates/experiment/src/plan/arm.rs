//! What is compared: the methods, and their regularization.

use fairness::Notion;
use serde::{Deserialize, Serialize};

/// Names a compared method, which is a way to make a classifier for a new task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MethodName {
    /// Initial weights learned through the inner step, and that step.
    Meta,
    /// One network trained on all tasks together, and a step of fine-tuning.
    Pretrained,
    /// A fair code learned on all tasks together, and a fresh network on the coded rows.
    Laftr,
    /// A fresh network, trained on the K support rows alone.
    Scratch,
    /// A constant decision for the larger class of the training tasks.
    Majority,
    /// As `Meta`, in the variant that the paper's published code computes.
    PublishedCode,
    /// As `Meta`, trained with an inner rate of 0: the same meta-batches and optimizer, and no
    /// meta-learning.
    NoInnerStep,
    /// As `Pretrained`, trained at another rate.
    PretrainedOther,
    /// MAML's weights (γ = 0) with another threshold than 1/2, chosen on training tasks.
    SharedThreshold,
    /// The same with a threshold for each group.
    GroupThresholds,
    /// Decisions by chance.
    Coin,
    /// The labels themselves: no mistake, and the labels' own parity.
    Labels,
    /// Accepted is what lies above y = 0; nothing is learned.
    Line,
    /// The best decision that the generator of the tasks allows, a threshold for each group.
    Bayes,
    /// A network trained by cross-validation on all of the held-out task's own labels, a threshold
    /// for each group.
    OwnNetwork,
    /// A logistic regression trained in the same way.
    OwnLogistic,
}

impl MethodName {
    /// Its name in manifests.
    pub fn name(self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(name)) => name,
            _ => unreachable!("a method is a name"),
        }
    }

    /// Whether it is judged by a companion of the plan: see [`Companion`](crate::plan::Companion).
    pub fn is_companion(self) -> bool {
        use MethodName::*;
        matches!(self, PublishedCode | NoInnerStep | PretrainedOther)
    }
}

/// One training: a method and its regularization.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Arm {
    /// The method.
    pub method: MethodName,
    /// What is regularized, or what thresholds are chosen for; `None` where nothing is.
    pub notion: Option<Notion>,
    /// γ
    pub gamma: f64,
    /// The least parity (or opportunity) that thresholds are chosen for, or the share that a coin
    /// accepts; of these alone.
    pub target: Option<f64>,
}

impl Arm {
    /// The arm without regularization.
    pub fn plain(method: MethodName) -> Self {
        Arm { method, notion: None, gamma: 0.0, target: None }
    }

    /// The arm regularized by γ; γ = 0 regularizes nothing.
    pub fn regularized(method: MethodName, notion: Notion, gamma: f64) -> Self {
        let notion = (gamma > 0.0).then_some(notion);
        Arm { method, notion, gamma, target: None }
    }

    /// The arm of thresholds that are chosen for a fairness of at least `target`.
    pub fn aimed(method: MethodName, notion: Notion, target: f64) -> Self {
        Arm { method, notion: Some(notion), gamma: 0.0, target: Some(target) }
    }
}
