//! The study of a problem: what second order is, what it buys and what it costs.
//!
//! | file | subject |
//! |---|---|
//! | `plan` | the settings |
//! | `estimate` | the memory and the work, before it begins |
//! | [`training`] | one training, recorded along its course |
//! | [`spectra`] | spectra and landscapes at the initial and the trained weights |
//! | [`map`] | exact against first order at many settings |
//! | [`engine`] | ways to a Hessian-vector product; work and memory by inner steps |
//! | `run` | all of these on all threads |
//! | [`answers`] | what follows, in words |
//! | [`worth`] | the answer of the map |
//! | [`figures`], `page`, `words`, `files` | how it is shown |

pub mod answers;
pub mod engine;
mod estimate;
pub mod figures;
mod files;
pub mod map;
mod page;
mod plan;
mod run;
pub mod spectra;
pub mod training;
mod words;
pub mod worth;

pub use estimate::check;
pub use files::StudyManifest;
pub use page::{PAGE, documents, text};
pub use plan::{MapPlan, StudyPlan};
pub use run::{StudyResults, finished, look_ahead, run, steps};
