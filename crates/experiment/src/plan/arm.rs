//! The compared methods and their regularization.

use fairness::Notion;
use serde::{Deserialize, Serialize};

/// The name of a compared method, a way to make a classifier for a new task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MethodName {
    /// Initial weights learned through the inner step, and adaptation by that step.
    Meta,
    /// One network trained on all tasks together, and a step of fine-tuning.
    Pretrained,
    /// A fair representation (code) learned on all tasks together, and a fresh network on the
    /// codes.
    Laftr,
    /// A fresh network, trained on the K support rows alone.
    Scratch,
    /// A constant decision for the larger class of the training tasks.
    Majority,
    /// `Meta` as the paper's published code computes it.
    PublishedCode,
    /// `Meta` with an inner rate of 0 in training: the same meta-batches and optimizer, without
    /// meta-learning.
    NoInnerStep,
    /// `Pretrained`, trained at another rate.
    PretrainedOther,
    /// MAML's weights (γ = 0) with another threshold than 1/2, chosen on training tasks.
    SharedThreshold,
    /// MAML's weights (γ = 0) with a threshold for each group, chosen on training tasks.
    GroupThresholds,
    /// Random decisions.
    Coin,
    /// The true labels as decisions: no mistakes, and the parity of the labels.
    Labels,
    /// Accepts rows above y = 0; nothing is learned.
    Line,
    /// The best possible decision under the generator of the tasks, with a threshold for each
    /// group.
    Bayes,
    /// A network trained by cross-validation on all labels of the held-out task, with a threshold
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

    /// Whether it is a companion of the plan, see [`Companion`](crate::plan::Companion).
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
    /// The notion of the regularizer or of the thresholds; `None` without either.
    pub notion: Option<Notion>,
    /// γ
    pub gamma: f64,
    /// The minimum parity (or opportunity) of thresholds, or the share that a coin accepts; `None`
    /// for other methods.
    pub target: Option<f64>,
}

impl Arm {
    /// The arm without regularization.
    pub fn plain(method: MethodName) -> Self {
        Arm { method, notion: None, gamma: 0.0, target: None }
    }

    /// The arm regularized by γ; without regularization at γ = 0.
    pub fn regularized(method: MethodName, notion: Notion, gamma: f64) -> Self {
        let notion = (gamma > 0.0).then_some(notion);
        Arm { method, notion, gamma, target: None }
    }

    /// The arm of thresholds that are chosen for a fairness of at least `target`.
    pub fn aimed(method: MethodName, notion: Notion, target: f64) -> Self {
        Arm { method, notion: Some(notion), gamma: 0.0, target: Some(target) }
    }
}
