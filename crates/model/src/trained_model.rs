//! What a model is made of.

use experiment::plan::{MethodName, Plan};
use fairness::Regularizer;
use fairness::metrics::GroupCounts;
use meta::{AnyAlgorithm, InnerLoop};
use mlp::Network;
use report::mean::Mean;
use serde::{Deserialize, Serialize};
use tasks::schema::Schema;

use crate::recipe::{Keep, Measured, Recipe};
use crate::selection::{Better, Candidate, Estimate, Family, Selection};

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

impl From<&Estimate> for Found {
    fn from(estimate: &Estimate) -> Self {
        Found {
            tasks: estimate.accuracies.len(),
            accuracy: estimate.accuracy(),
            fairness: estimate.mean_fairness(),
            undefined: estimate.undefined(),
        }
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
    /// Which of them is better.
    pub better: Better,
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

/// The task to which a model is adapted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdaptedTo {
    /// The file with the rows.
    pub file: String,
    /// Its SHA-256 checksum, in hexadecimal.
    pub sha256: String,
    /// The task of the rows, if the file has several.
    pub task: Option<String>,
    /// The lines of the file with the labeled rows of the adaptation.
    pub lines: Vec<usize>,
    /// The decisions on the other labeled rows, before and after adaptation; `None` if there are
    /// none, or if the file has no groups.
    pub audit: Option<[GroupCounts; 2]>,
}

impl Validation {
    /// The numbers of a selection, with the rival that is kept.
    pub(crate) fn of(selection: &Selection, keep: Keep) -> Self {
        let measure = selection.measure;
        let tried = |candidate: &Candidate| Tried {
            family: candidate.family,
            name: candidate.name.clone(),
            strength: candidate.strength,
            is_constant: candidate.arm.method == MethodName::Majority,
            before: Found::from(&candidate.before(measure.measure())),
            after: Found::from(&candidate.after(measure.measure())),
        };
        let chosen = |family: Family| {
            let choice = selection.choice(family);
            let estimate = Found::from(&choice.estimate);
            Chosen { place: choice.candidate, reaches: choice.reaches, estimate }
        };
        let better = selection.better();
        let kept = match keep {
            Keep::Thresholds => Family::Thresholds,
            Keep::Better if better == Better::Thresholds => Family::Thresholds,
            Keep::Regularizer | Keep::Better => Family::Regularizer,
        };
        let judged = || selection.chosen(kept).judged.iter();
        let nobody = GroupCounts::default();
        let audit = [
            judged().filter_map(|judged| judged.before).fold(nobody, |sum, counts| sum + counts),
            judged().map(|judged| judged.after).fold(nobody, |sum, counts| sum + counts),
        ];
        Validation {
            measure,
            least: selection.least,
            tried: selection.candidates.iter().map(tried).collect(),
            regularizer: chosen(Family::Regularizer),
            thresholds: chosen(Family::Thresholds),
            difference: selection.difference(),
            better,
            kept,
            audit,
        }
    }

    /// The choice that the model keeps.
    pub fn kept(&self) -> &Chosen {
        match self.kept {
            Family::Thresholds => &self.thresholds,
            Family::Regularizer | Family::Other => &self.regularizer,
        }
    }
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
        let (width, inputs) = (self.schema.width(), self.network.inputs());
        if width != inputs {
            return Err(format!("{width} features for a network of {inputs}"));
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

/// The regularizer and γ of a setting of a plan.
pub(crate) fn regularization(plan: &Plan, candidate: &Candidate) -> (Option<Regularizer>, f64) {
    match candidate.family {
        Family::Regularizer => (plan.regularizer(candidate.arm), candidate.arm.gamma),
        Family::Thresholds | Family::Other => (None, 0.0),
    }
}
