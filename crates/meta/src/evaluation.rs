//! This module computes the decisions of a classifier and evaluates them.

use fairness::Regularizer;
use fairness::metrics::{GroupCounts, NotAProbability, check_probabilities};
use mlp::Network;
use tape::{Tape, Var};
use tasks::{Batch, Episode};

use crate::algorithm::{AnyAlgorithm, InnerProblem};
use crate::objective::{FairLoss, log_probabilities};
use crate::settings::InnerLoop;

/// Returns P(class 1) for each row of `x: (rows, features)`, row-major. With two outputs of the
/// network it is the softmax of the second one, and with one output it is its sigmoid.
///
/// # Errors
/// Returns [`NotAProbability`] if the outputs of a row are not finite, so that it has no
/// probability.
///
/// # Panics
/// Panics if the length of `x` is not a multiple of the number of features, if `theta` has fewer
/// entries than the network has parameters, or if the network has more than two outputs.
pub fn probabilities(
    network: &Network,
    theta: &[f64],
    x: &[f64],
) -> Result<Vec<f64>, NotAProbability> {
    let mut tape = Tape::<f64>::new();
    let (parameters, x) = record_rows(&mut tape, network, theta, x);
    let log_probabilities = log_probabilities(&mut tape, network, parameters, x);
    let pairs = tape.value(log_probabilities).chunks_exact(2);
    let probabilities: Vec<f64> = pairs.map(|row| row[1].exp()).collect();
    check_probabilities(&probabilities)?;
    Ok(probabilities)
}

/// Returns the logits of each row of `x: (rows, features)`, row-major: `(rows, outputs)`. They may
/// be infinite or NaN, where the weights are large.
///
/// # Panics
/// Panics if the length of `x` is not a multiple of the number of features, or if `theta` has fewer
/// entries than the network has parameters.
pub fn logits(network: &Network, theta: &[f64], x: &[f64]) -> Vec<f64> {
    let mut tape = Tape::<f64>::new();
    let (parameters, x) = record_rows(&mut tape, network, theta, x);
    let logits = network.logits(&mut tape, parameters, x);
    tape.value(logits).to_vec()
}

/// Returns the same rows with the activations of the network's last hidden layer in place of their
/// features. Labels and groups stay the same. A network without a hidden layer leaves the features
/// as they are.
///
/// # Errors
/// Returns `tasks::Error::NonFinite` if an activation is not finite.
///
/// # Panics
/// Panics if `batch` does not have the features of the network, or if `theta` has fewer entries
/// than the network has parameters.
pub fn last_hidden(network: &Network, theta: &[f64], batch: &Batch) -> Result<Batch, tasks::Error> {
    let mut tape = Tape::<f64>::new();
    let (parameters, x) = record_rows(&mut tape, network, theta, batch.x());
    let hidden = network.last_hidden(&mut tape, parameters, x);
    let units = network.widths()[network.widths().len() - 2];
    let activations = tape.value(hidden).to_vec();
    Batch::new(units, activations, batch.positive().to_vec(), batch.protected().to_vec())
}

/// Records the weights and the rows.
fn record_rows(tape: &mut Tape<f64>, network: &Network, theta: &[f64], x: &[f64]) -> (Var, Var) {
    let features = network.inputs();
    assert_eq!(x.len() % features, 0, "{} values in rows of {features}", x.len());
    let parameters = tape.variable(1, theta.len(), theta);
    let rows = x.len() / features;
    (parameters, tape.constant_lanes(rows, features, |_| x))
}

/// Counts the classifier's decisions on `batch` by label and group. A row is predicted positive if
/// P(class 1) > 1/2. The network has one output or two.
///
/// # Errors
/// Returns [`NotAProbability`] if a row has no probability.
///
/// # Panics
/// Panics if `batch` does not have the features of the network, if `theta` has fewer entries than
/// the network has parameters, or if the network has more than two outputs.
pub fn decisions(
    network: &Network,
    theta: &[f64],
    batch: &Batch,
) -> Result<GroupCounts, NotAProbability> {
    let probabilities = probabilities(network, theta, batch.x())?;
    GroupCounts::above(0.5, &probabilities, batch.positive(), batch.protected())
}

/// Reports that an adaptation did not end at finite weights.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error(
    "the weights are not finite after {steps} step(s) at rate {rate:?} with gamma {gamma:?}; \
     use a smaller rate or a smaller gamma"
)]
pub struct AdaptationError {
    /// The inner rate α.
    pub rate: f64,
    /// The number T of inner steps.
    pub steps: usize,
    /// The weight γ of the regularizer.
    pub gamma: f64,
}

/// Adapts what `algorithm` has `learned` to the support rows of `episode`, on L + γ R. Returns the
/// adapted weights in the layout of the network's flat parameter vector.
///
/// An episode without support rows leaves the learned weights unchanged.
///
/// # Errors
/// Returns an error if the adapted weights are not finite.
///
/// # Panics
/// Panics if the rows do not have the features of the network, if `learned` has fewer entries
/// than the network has parameters, or if the network has more than two outputs.
pub fn adapt_to(
    network: &Network,
    regularizer: Option<Regularizer>,
    gamma: f64,
    algorithm: AnyAlgorithm,
    inner: InnerLoop,
    learned: &[f64],
    episode: &Episode,
) -> Result<Vec<f64>, AdaptationError> {
    if episode.support.rows() == 0 {
        return Ok(learned[..network.parameter_count()].to_vec());
    }
    let support = FairLoss { network, regularizer, batch: |_| (&episode.support, gamma) };
    let last_layer = network.last_layer();
    let problem = InnerProblem { inner, support: &support, last_layer };
    let adapted = algorithm.adapt(&problem, learned);
    if adapted.iter().all(|x| x.is_finite()) {
        Ok(adapted)
    } else {
        Err(AdaptationError { rate: inner.rate(), steps: inner.steps(), gamma })
    }
}
