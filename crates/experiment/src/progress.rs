//! The observer of a run's progress.

/// Receives the progress of a run.
pub trait Progress: Sync {
    /// The current work.
    fn message(&self, text: String);

    /// This number of further steps is done.
    fn advance(&self, steps: u64);
}

/// Ignores the progress.
pub struct Silent;

impl Progress for Silent {
    fn message(&self, _: String) {}

    fn advance(&self, _: u64) {}
}
