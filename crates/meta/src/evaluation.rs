//! Decisions of a classifier and how they fare.

use fairness::metrics::GroupCounts;
use mlp::Network;
use tape::Tape;
use tasks::{Batch, Episode};

use crate::{FairLoss, InnerLoop, adapt};
use fairness::Regularizer;

/// P(class 1) for each row of `x: (rows, features)`, row-major.
///
/// # Panics
/// If `x` or `theta` does not fit the network.
pub fn probabilities(network: &Network, theta: &[f64], x: &[f64]) -> Vec<f64> {
    let features = network.inputs();
    assert_eq!(x.len() % features, 0, "{} values in rows of {features}", x.len());
    let mut tape = Tape::<f64>::new();
    let parameters = tape.variable(1, theta.len(), theta);
    let rows = x.len() / features;
    let x = tape.constant_from(rows, features, |row, feature, _| x[row * features + feature]);
    let logits = network.logits(&mut tape, parameters, x);
    let log_probabilities = tape.log_softmax(logits);
    tape.value(log_probabilities).chunks_exact(2).map(|row| row[1].exp()).collect()
}

/// The classifier's decisions on `batch`, counted by label and group. A row is predicted positive
/// where P(class 1) > 1/2.
///
/// # Panics
/// If `batch` or `theta` does not fit the network.
pub fn decisions(network: &Network, theta: &[f64], batch: &Batch) -> GroupCounts {
    let predicted: Vec<bool> =
        probabilities(network, theta, batch.x()).into_iter().map(|p| p > 0.5).collect();
    GroupCounts::tally(&predicted, batch.positive(), batch.protected())
}

/// Adapts `theta` to the support rows of `episode` under L + γ R.
///
/// An episode without support rows leaves `theta` as it is.
pub fn adapt_to(
    network: &Network,
    regularizer: Option<Regularizer>,
    gamma: f64,
    inner: InnerLoop,
    theta: &[f64],
    episode: &Episode,
) -> Vec<f64> {
    if episode.support.rows() == 0 {
        return theta.to_vec();
    }
    let support = FairLoss { network, regularizer, batch: |_| (&episode.support, gamma) };
    adapt(inner, &support, theta)
}
