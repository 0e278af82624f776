//! The errors of experiments.

use std::path::PathBuf;

/// An error in one line: the problem and the accepted values.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file that could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Its path.
        path: PathBuf,
        /// The error of the system.
        source: std::io::Error,
    },
    /// A data file that differs from the one in the plan.
    #[error("{}: {reason}", path.display())]
    Data {
        /// Its path.
        path: PathBuf,
        /// The problem.
        reason: String,
    },
    /// A network whose outputs overflow, so that a row has no probability.
    #[error(transparent)]
    Probability(#[from] fairness::metrics::NotAProbability),
    /// Data or tasks that do not fit the settings.
    #[error(transparent)]
    Tasks(#[from] tasks::Error),
    /// An invalid setting.
    #[error(transparent)]
    Settings(#[from] meta::SettingsError),
    /// An invalid network.
    #[error(transparent)]
    Network(#[from] mlp::NetworkError),
    /// Training that stopped with an error.
    #[error("{run}: {source}")]
    Learner {
        /// Problem, method, seed.
        run: String,
        /// The error.
        source: meta::LearnerError,
    },
    /// A fine-tuning step that overflowed.
    #[error("{run}, task {task}: {source}")]
    Adaptation {
        /// Problem, method, seed.
        run: String,
        /// The task.
        task: String,
        /// The error.
        source: meta::AdaptationError,
    },
    /// A classifier without a probability for a row of a held-out task.
    #[error("{run}, task {task}: {source}; use smaller rates or a smaller gamma")]
    Decision {
        /// Problem, method, seed.
        run: String,
        /// The task.
        task: String,
        /// The error.
        source: fairness::metrics::NotAProbability,
    },
    /// A hidden layer of a network that overflows, so that it cannot be probed.
    #[error(
        "{run}, task {task}: the last hidden layer: {source}; use smaller rates or a smaller gamma"
    )]
    Activation {
        /// Problem, method, seed.
        run: String,
        /// The task.
        task: String,
        /// The error.
        source: Box<tasks::Error>,
    },
    /// Training of LAFTR that stopped with an error.
    #[error("{run}: {source}")]
    Laftr {
        /// Problem, method, seed.
        run: String,
        /// The error.
        source: baselines::LaftrError,
    },
    /// A fresh network whose training overflowed.
    #[error("{run}, task {task}: {source}")]
    Fit {
        /// Problem, method, seed.
        run: String,
        /// The task.
        task: String,
        /// The error.
        source: baselines::FitError,
    },
    /// An invalid variant of a plan.
    #[error("{problem}: {reason}")]
    Variant {
        /// The problem of the plan.
        problem: &'static str,
        /// The problem.
        reason: String,
    },
    /// A run that needs more memory or work than is allowed.
    #[error(transparent)]
    TooLarge(#[from] meta::estimate::TooLarge),
    /// Threads that could not be started.
    #[error("--threads: the system gives no more threads ({0}); use fewer, or end other programs")]
    Threads(String),
    /// A run that was stopped by the one who observes it.
    #[error("the run was stopped")]
    Stopped,
}

/// A result, or an error of an experiment.
pub type Result<T> = std::result::Result<T, Error>;
