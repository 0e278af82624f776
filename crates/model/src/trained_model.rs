//! What a model is made of.

use fairness::Regularizer;
use fairness::metrics::GroupCounts;
use meta::{AnyAlgorithm, InnerLoop};
use mlp::Network;
use report::number::counted;
use serde::{Deserialize, Serialize};
use tasks::schema::Schema;

use crate::recipe::Recipe;
use crate::seen::Seen;
use crate::validation::Validation;

/// The largest number of inner steps, which is that of a plan. Without a limit, a file of a few
/// kilobytes could keep an adaptation busy for years.
const MOST_STEPS: usize = 10_000;
/// The largest number of parameters, which is that of a plan.
pub(crate) const MOST_PARAMETERS: usize = 10_000_000;

/// A trained model, before or after adaptation to a task.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// All but the numbers that were learned.
    pub description: Description,
    /// What was learned: the network's flat parameter vector and, with Meta-SGD and before
    /// adaptation, an inner rate for each parameter.
    pub learned: Vec<f64>,
}

/// All that prediction and adaptation need beside the weights, and where they come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// The version of the program that made the model.
    pub version: String,
    /// How a row becomes features.
    pub schema: Schema,
    /// The text of a negative decision.
    pub negative: String,
    /// The network.
    pub network: Network,
    /// The meta-learning algorithm.
    pub algorithm: AnyAlgorithm,
    /// The inner loop, which is also the adaptation.
    pub inner: InnerLoop,
    /// The regularizer of training and of adaptation.
    pub regularizer: Option<Regularizer>,
    /// Its weight γ.
    pub gamma: f64,
    /// How a probability becomes a decision.
    pub decision: Decision,
    /// The rows that it was trained on.
    pub origin: Origin,
    /// What was found on held-out tasks.
    pub validation: Validation,
    /// All settings of the training.
    pub recipe: Recipe,
    /// The task to which the model is adapted; `None` before.
    pub adapted: Option<AdaptedTo>,
}

/// How a probability becomes a decision.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Decision {
    /// Positive above 1/2.
    Half,
    /// Positive above a threshold of the row's group.
    ByGroup {
        /// The threshold of the protected group.
        #[serde(with = "threshold")]
        protected: f64,
        /// The threshold of the other group.
        #[serde(with = "threshold")]
        unprotected: f64,
    },
}

/// A threshold may be infinite, which JSON has no number for.
mod threshold {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(threshold: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{threshold:?}"))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        let text = String::deserialize(deserializer)?;
        let threshold: f64 = text.parse().map_err(serde::de::Error::custom)?;
        match threshold.is_nan() {
            true => Err(serde::de::Error::custom("a threshold that is not a number")),
            false => Ok(threshold),
        }
    }
}

impl Decision {
    /// The decision about a row.
    pub fn accepts(self, probability: f64, protected: bool) -> bool {
        probability
            > match self {
                Decision::Half => 0.5,
                Decision::ByGroup { protected: of_protected, .. } if protected => of_protected,
                Decision::ByGroup { unprotected, .. } => unprotected,
            }
    }
}

/// The rows that a model was trained on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The file.
    pub file: String,
    /// The SHA-256 checksum of its contents, in hexadecimal.
    pub sha256: String,
    /// The rows of the tasks.
    pub rows: usize,
    /// The number of rows without a task, a label or a group, which were left out.
    pub left_out: usize,
    /// The number of tasks that were trained on.
    pub tasks: usize,
    /// The number of tasks with too few rows, which were left out.
    pub small: usize,
    /// Rows by group and label over all tasks.
    pub labels: GroupCounts,
    /// What the owner of the table should know.
    pub notes: Vec<String>,
    /// The texts of the table.
    pub seen: Seen,
}

/// The task to which a model is adapted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdaptedTo {
    /// The file with the rows.
    pub file: String,
    /// Its SHA-256 checksum, in hexadecimal.
    pub sha256: String,
    /// The task of the rows, if the file names it.
    pub task: Option<String>,
    /// The lines of the file with the labeled rows of the adaptation.
    pub lines: Vec<usize>,
    /// The decisions on the other labeled rows, before and after adaptation; `None` if there are
    /// none, or if the file has no groups.
    pub audit: Option<[GroupCounts; 2]>,
}

impl Description {
    /// Whether a decision needs the group of its row.
    pub fn needs_group(&self) -> bool {
        matches!(self.decision, Decision::ByGroup { .. })
    }

    /// The number of numbers that are learned.
    pub fn learned_count(&self) -> usize {
        let theta = self.network.parameter_count();
        match self.adapted {
            Some(_) => theta,
            None => self.algorithm.initial(vec![0.0; theta], self.inner).len(),
        }
    }

    /// Finds what does not fit in a description that was read.
    ///
    /// # Errors
    /// Returns what does not fit.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.recipe.check().map_err(|error| error.to_string())?;
        self.schema.check().map_err(|error| error.to_string())?;
        let (width, inputs) = (self.schema.width(), self.network.inputs());
        if width != inputs {
            let features = counted(width, "feature");
            return Err(format!("{features} for a network with {}", counted(inputs, "input")));
        }
        let (steps, parameters) = (self.inner.steps(), self.network.parameter_count());
        if steps > MOST_STEPS {
            return Err(format!("{steps} inner steps, more than {MOST_STEPS}"));
        }
        if parameters > MOST_PARAMETERS {
            return Err(format!("a network of {parameters} numbers, more than {MOST_PARAMETERS}"));
        }
        if self.network.outputs() != 2 {
            return Err(format!("{} outputs of the network, not 2", self.network.outputs()));
        }
        let places = [&self.validation.regularizer, &self.validation.thresholds];
        if places.iter().any(|chosen| chosen.place >= self.validation.tried.len()) {
            return Err("a chosen setting that was not tried".into());
        }
        Ok(())
    }
}
