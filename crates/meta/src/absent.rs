//! Batches without a member of the regularized group.

use serde::{Deserialize, Serialize};

/// Counts the batches that contained no member of the regularized group. The regularizer is 0 on
/// such a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AbsentCounts {
    /// The number of batches so far: two for each task of each iteration. It stays 0 without a
    /// regularizer.
    pub batches: u64,
    /// The number of batches that contained no member of the group.
    pub absent: u64,
}
