//! Plans: the compared methods and all settings of an experiment.
//!
//! - [`settings`]: [`Plan`], every setting of an experiment;
//! - [`problem`]: the source of its tasks;
//! - [`arm`]: the compared methods and their regularization;
//! - [`laftr`]: the settings of LAFTR;
//! - [`manifest`]: the file with the plans of a run;
//! - [`variants`], `patch`: changes of a plan, and the resulting plans;
//! - `check`: the checks of a plan;
//! - `numbers`: lists of numbers.

pub mod arm;
mod check;
pub mod laftr;
pub mod manifest;
mod numbers;
mod patch;
pub mod problem;
pub mod settings;
pub mod variants;

pub use arm::{Arm, MethodName};
pub use laftr::{LaftrPlan, Logits};
pub use numbers::Sweep;
pub use problem::{Data, Problem, TableProblem};
pub use settings::{FEWEST_QUERIES, FineTuning, Fit, GroupChoice, Judged, Plan};
pub use variants::{Ablation, Companion, Reading};
