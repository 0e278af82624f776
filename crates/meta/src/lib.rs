//! Fair-MAML learns initial weights. One gradient step from these weights, on a few rows of a new
//! task, gives a classifier that is accurate and fair.
//!
//! It is MAML (Finn, Abbeel, Levine 2017) with a fairness regularizer in both loops (Slack,
//! Friedler, Givental 2019, Algorithm 1):
//!
//! ```text
//! θ'_i = θ − α ∇[L_i(θ) + γ_i R_i(θ)]           on the support rows of task i
//! θ   ← θ − β ∇ Σ_i [L_i(θ'_i) + γ_i R_i(θ'_i)]  on its query rows
//! ```
//!
//! Here L_i is the mean cross-entropy on task i, R_i is the regularizer and γ_i is its weight. The
//! inner rate is α, and the meta rate is β. The implementation takes the outer step with Adam.
//!
//! By default the outer gradient is exact. [`FairMaml`](algorithm::FairMaml) carries one vector
//! back through the inner steps. This costs one Hessian-vector product per step. Other algorithms
//! implement the same trait, [`Algorithm`](algorithm::Algorithm).
//!
//! | file | subject |
//! |---|---|
//! | [`plain`] | the meta-gradient as the equations have it: read this first |
//! | `objective` | L + γ R on a batch |
//! | [`algorithm`] | the trait of meta-learning algorithms, and one file for each |
//! | `inner_problem` | a loss to adapt to, and the inner loop |
//! | `workspace` | the inner steps, and the exact gradient through them |
//! | `vectors` | loops over vectors of parameters |
//! | `batch` | tasks in lanes and on several threads |
//! | `workers` | threads that stay awake between the rounds of a loop |
//! | `learner` | the outer loop |
//! | `state` | its state between two iterations, to go on from later |
//! | `absent` | how many batches had no member of the regularized group |
//! | `settings` | the settings of the inner loop and of the regularizer |
//! | `meta_settings` | the settings of the outer loop |
//! | `evaluation` | decisions on new tasks |
//! | [`estimate`] | estimates of memory and work, and their limits |
//! | [`sizes`] | what recordings, workspaces and learners take |
//! | `case` | reference cases, read and computed |

mod absent;
pub mod algorithm;
mod batch;
pub mod case;
pub mod estimate;
mod evaluation;
mod inner_problem;
mod learner;
mod meta_settings;
mod objective;
pub mod plain;
mod settings;
pub mod sizes;
mod state;
mod vectors;
mod workers;
mod workspace;

pub use absent::AbsentCounts;
pub use algorithm::AnyAlgorithm;
pub use batch::Precision;
pub use evaluation::{AdaptationError, adapt_to, decisions, last_hidden, logits, probabilities};
pub use learner::{LearnerError, MetaLearner, initial_weights};
pub use meta_settings::{MetaOptions, MetaSettings};
pub use objective::FairLoss;
pub use settings::{AbsentGroup, Gamma, Implicit, InnerLoop, SettingsError};
pub use state::LearnerState;
pub use workspace::{
    Adapted, Losses, MetaGradient, NotPositiveDefinite, Recording, Solve, Workspace,
    gradient_descent,
};
