//! The observer of a run's progress, who may stop it.

use std::ops::ControlFlow;

use crate::error::{Error, Result};

/// Receives the progress of a run, and may stop it.
pub trait Progress: Sync {
    /// The current work.
    fn message(&self, text: String);

    /// This number of further steps is done.
    fn advance(&self, steps: u64);

    /// Whether the run has to stop. Trainings look at this after each iteration.
    fn stopped(&self) -> bool {
        false
    }

    /// What a loop does that looks at [`stopped`](Progress::stopped).
    fn flow(&self) -> ControlFlow<()> {
        if self.stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Ends work that has to stop.
    ///
    /// # Errors
    /// Returns [`Error::Stopped`] if it has to.
    fn go_on(&self) -> Result<()> {
        if self.stopped() { Err(Error::Stopped) } else { Ok(()) }
    }
}

/// Ignores the progress.
pub struct Silent;

impl Progress for Silent {
    fn message(&self, _: String) {}

    fn advance(&self, _: u64) {}
}
