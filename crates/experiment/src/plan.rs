//! Plans: what is trained and compared, under which settings.
//!
//! - [`settings`]: [`Plan`], every setting of an experiment;
//! - [`problem`]: where its tasks come from;
//! - [`arm`]: what is compared, and its regularization;
//! - [`laftr`]: the settings of LAFTR;
//! - [`variants`], `patch`: changes of a plan, and the plans they make;
//! - `check`: what a plan may not be;
//! - `numbers`: lists of numbers.

pub mod arm;
mod check;
pub mod laftr;
mod numbers;
mod patch;
pub mod problem;
pub mod settings;
pub mod variants;

pub use arm::{Arm, MethodName};
pub use laftr::LaftrPlan;
pub use numbers::Sweep;
pub use problem::{Data, Problem};
pub use settings::{FineTuning, Fit, Judged, Plan, ProtectedGroup};
pub use variants::{Ablation, Companion, Reading};
