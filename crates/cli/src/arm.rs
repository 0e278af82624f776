//! What is compared: the methods, and their regularization.

use fairness::Notion;
use serde::{Deserialize, Serialize};

/// How a classifier for a new task comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
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
}

/// One training: an algorithm and its regularization.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Arm {
    /// How weights are learned.
    pub algorithm: Algorithm,
    /// What is regularized; `None` exactly when γ is 0.
    pub notion: Option<Notion>,
    /// γ
    pub gamma: f64,
}

impl Arm {
    /// The arm without regularization.
    pub fn plain(algorithm: Algorithm) -> Self {
        Arm { algorithm, notion: None, gamma: 0.0 }
    }

    /// The arm regularized by γ; γ = 0 regularizes nothing.
    pub fn regularized(algorithm: Algorithm, notion: Notion, gamma: f64) -> Self {
        let notion = (gamma > 0.0).then_some(notion);
        Arm { algorithm, notion, gamma }
    }

    /// What tables and figures call it.
    pub fn method(&self) -> &'static str {
        match (self.algorithm, self.notion) {
            (Algorithm::Meta, None) => "MAML",
            (Algorithm::Meta, Some(_)) => "Fair-MAML",
            (Algorithm::Pretrained, _) => "pre-trained",
            (Algorithm::Laftr, _) => "LAFTR",
            (Algorithm::Scratch, _) => "from scratch",
            (Algorithm::Majority, _) => "majority class",
            (Algorithm::PublishedCode, _) => "published-code",
        }
    }
}
