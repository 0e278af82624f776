//! This module defines the order of the rows in mini-batch training.

use rand::seq::SliceRandom;
use tasks::{Purpose, stream};

/// Fills `order` with the rows 0, 1, … in the random order of pass `epoch`. `network` is the number
/// by which [`Purpose::MiniBatch`] names the network in training.
pub(crate) fn shuffled(order: &mut Vec<usize>, rows: usize, seed: u64, epoch: u64, network: u64) {
    order.clear();
    order.extend(0..rows);
    order.shuffle(&mut stream(seed, Purpose::MiniBatch, epoch, network));
}
