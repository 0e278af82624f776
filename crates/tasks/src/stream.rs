//! This module provides random streams. Each draw in the project belongs to a stream, and the name
//! of the stream states the purpose of the draw.
//!
//! A stream is a [ChaCha8](https://cr.yp.to/chacha/chacha-20080128.pdf) generator. Its 256-bit key
//! consists of the four words (seed, purpose, iteration, task). The words are not hashed, so two
//! different names never share a stream. The numbers of a stream depend only on its name. They do
//! not depend on the number of threads or on draws from other streams.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Names the purpose of a stream. The numeric values are part of every result, so they must never
/// change. A new purpose gets a new value; 9 is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u64)]
pub enum Purpose {
    /// The initial weights of a network. `iteration` is 0, or the fold in cross-validation. `task`
    /// names the network: 0 is the meta-learner and the pre-trained network, and 1 to 4 are LAFTR's
    /// encoder, classifier, adversary and decoder. The experiments also use 100 for the network on
    /// LAFTR's codes and 200 for the networks of the cross-validation.
    Initialization = 1,
    /// The generated tasks. `iteration` is 0 for training tasks and 1 for test tasks. `task` is the
    /// index of the task.
    TaskGeneration = 2,
    /// The choice of the held-out tasks. `iteration` and `task` are 0.
    Split = 3,
    /// The episodes that are drawn once and stored. `iteration` is the index of the episode within
    /// its task. `task` is the index of the task.
    EpisodeCache = 4,
    /// The choice of the tasks of a meta-batch, and of their stored episodes. `iteration` is the
    /// meta-iteration. `task` is 0.
    TaskSampling = 5,
    /// The episodes that are drawn anew. `iteration` is the meta-iteration. `task` is the slot in
    /// the meta-batch.
    EpisodeSampling = 6,
    /// The support set of an evaluation. `iteration` is 0, or 1 for a training task on which
    /// thresholds are chosen. `task` is the index of the task.
    Support = 7,
    /// The mini-batches of ordinary training. `iteration` is the epoch. `task` names the network: 0
    /// is LAFTR, and 1 is the pre-trained network.
    MiniBatch = 8,
    /// The decisions of a random classifier. `iteration` is 0. `task` is the index of the task.
    Coin = 10,
    /// The large generated tasks that stand for the whole distribution of a generator. `iteration`
    /// is 0. `task` is the position of φ among its values.
    Population = 11,
    /// The folds of cross-validation. `iteration` is 0. `task` is the index of the task.
    Folds = 12,
}

/// The random generator of every stream.
pub type Stream = ChaCha8Rng;

/// Returns the stream with this name, at its beginning.
///
/// The key consists of the four words in the order of the arguments. Each word is in little-endian
/// byte order.
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
