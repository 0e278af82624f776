//! Why an experiment could not be run.

use std::path::PathBuf;

/// One line that says what is wrong and what would be accepted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file that could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A data file that is another than the plan says.
    #[error("{}: {reason}", path.display())]
    Data {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Data or tasks that do not fit the settings.
    #[error(transparent)]
    Tasks(#[from] tasks::Error),
    /// An impossible setting.
    #[error(transparent)]
    Settings(#[from] meta::SettingsError),
    /// A network that cannot be.
    #[error(transparent)]
    Network(#[from] mlp::NetworkError),
    /// Training that broke off.
    #[error("{run}: {source}")]
    Learner {
        /// Problem, method, seed.
        run: String,
        /// What happened.
        source: meta::LearnerError,
    },
    /// A fine-tuning step that ran away.
    #[error("{run}, task {task}: {source}")]
    Adaptation {
        /// Problem, method, seed.
        run: String,
        /// Which task.
        task: String,
        /// What happened.
        source: meta::AdaptationError,
    },
    /// LAFTR's training that broke off.
    #[error("{run}: {source}")]
    Laftr {
        /// Problem, method, seed.
        run: String,
        /// What happened.
        source: baselines::LaftrError,
    },
    /// A fresh network whose training ran away.
    #[error("{run}, task {task}: {source}")]
    Fit {
        /// Problem, method, seed.
        run: String,
        /// Which task.
        task: String,
        /// What happened.
        source: baselines::FitError,
    },
    /// A variant of a plan that is no plan.
    #[error("{problem}: {reason}")]
    Variant {
        /// Which problem's.
        problem: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Threads that could not be started.
    #[error("--threads: {0}")]
    Threads(String),
}

/// What came of it, or why nothing did.
pub type Result<T> = std::result::Result<T, Error>;
