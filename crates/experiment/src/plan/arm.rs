//! The compared methods and their regularization.

use fairness::Notion;
use meta::AnyAlgorithm;
use serde::{Deserialize, Serialize};

/// Makes [`MethodName`] of the table.
macro_rules! names {
    ($($(#[$doc:meta])* $name:ident => $($method:ident)::+,)*) => {
        /// The name of a compared method, a way to make a classifier for a new task.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
        )]
        #[serde(rename_all = "kebab-case")]
        pub enum MethodName {
            $($(#[$doc])* $name,)*
        }
    };
}

method_table!(names);

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
    /// Of references, the minimum parity (or opportunity). Of thresholds, the share of the way from
    /// the fairness of the most accurate ones to 1. Of a coin, the share of rows that it accepts.
    /// `None` for other methods.
    pub target: Option<f64>,
    /// The meta-learning algorithm; that of the plan if `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<AnyAlgorithm>,
}

impl Arm {
    /// The arm without regularization.
    pub fn plain(method: MethodName) -> Self {
        Arm { method, notion: None, gamma: 0.0, target: None, algorithm: None }
    }

    /// The arm regularized by γ; without regularization at γ = 0.
    pub fn regularized(method: MethodName, notion: Notion, gamma: f64) -> Self {
        let notion = (gamma > 0.0).then_some(notion);
        Arm { notion, gamma, ..Arm::plain(method) }
    }

    /// The arm of thresholds that are chosen for a fairness.
    pub fn aimed(method: MethodName, notion: Notion, target: f64) -> Self {
        Arm { notion: Some(notion), target: Some(target), ..Arm::plain(method) }
    }
}
