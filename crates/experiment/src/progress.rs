//! Whom a run tells how far it is.

/// Is told of the work as it is done.
pub trait Progress: Sync {
    /// What is being done now.
    fn message(&self, text: String);

    /// That so many more steps of work are done.
    fn advance(&self, steps: u64);
}

/// Nobody is told.
pub struct Silent;

impl Progress for Silent {
    fn message(&self, _: String) {}

    fn advance(&self, _: u64) {}
}
