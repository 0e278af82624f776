//! Random streams: each draw in the project belongs to a stream named by what it is for.
//!
//! A stream is a [ChaCha8](https://cr.yp.to/chacha/chacha-20080128.pdf) generator whose 256-bit key
//! *is* the four words (seed, purpose, iteration, task). Nothing is hashed, so two different names
//! never share a stream, and a draw depends on its name alone: not on the number of threads, nor on
//! what was drawn before.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// What a stream is for. The numbers are part of every result: never renumber, only add.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u64)]
pub enum Purpose {
    /// A network's initial weights. `iteration`: 0; `task`: which network, 0 the meta-learner's and
    /// the pre-trained one, 1 to 4 LAFTR's encoder, classifier, adversary and decoder.
    Initialization = 1,
    /// Generated tasks. `iteration`: 0 for training tasks, 1 for test tasks; `task`: the task's
    /// index.
    TaskGeneration = 2,
    /// Which tasks are held out. `iteration` and `task`: 0.
    Split = 3,
    /// Episodes drawn once and kept. `iteration`: the episode's index within its task; `task`: the
    /// task's index.
    EpisodeCache = 4,
    /// Which tasks (and which of their kept episodes) make a meta-batch. `iteration`: the
    /// meta-iteration; `task`: 0.
    TaskSampling = 5,
    /// Episodes drawn anew. `iteration`: the meta-iteration; `task`: the slot in the meta-batch.
    EpisodeSampling = 6,
    /// The support set of an evaluation. `iteration`: 0, or 1 for a training
    /// task on which thresholds are chosen; `task`: the task's index.
    Support = 7,
    /// Mini-batches of ordinary training. `iteration`: the epoch; `task`: which network, 0 LAFTR,
    /// 1 the pre-trained one.
    MiniBatch = 8,
    /// Decisions by chance. `iteration`: 0; `task`: the task's index.
    Coin = 10,
    /// Large tasks on which what is known of a generator is measured. `iteration`: 0; `task`: which
    /// φ.
    Population = 11,
    /// Folds of cross-validation. `iteration`: 0; `task`: the task's index.
    Folds = 12,
    /// Directions in which derivatives are checked. `iteration`: the direction's index; `task`: 0.
    Direction = 9,
}

/// The generator behind every stream.
pub type Stream = ChaCha8Rng;

/// The stream of that name, at its beginning.
///
/// The key is the four words, little endian, in the order of the arguments.
///
/// ```
/// use rand::Rng;
/// use tasks::{Purpose, stream};
///
/// let first = stream(42, Purpose::TaskSampling, 0, 0).next_u64();
/// assert_eq!(first, stream(42, Purpose::TaskSampling, 0, 0).next_u64());
/// assert_ne!(first, stream(42, Purpose::TaskSampling, 1, 0).next_u64());
/// ```
pub fn stream(seed: u64, purpose: Purpose, iteration: u64, task: u64) -> Stream {
    let mut key = [0; 32];
    for (bytes, word) in key.chunks_exact_mut(8).zip([seed, purpose as u64, iteration, task]) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    Stream::from_seed(key)
}
