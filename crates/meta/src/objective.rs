//! This module records the loss that Fair-MAML minimizes on one batch: L + γ R.

use fairness::{Regularizer, Rows};
use mlp::Network;
use tape::{Axis, Objective, Scalar, Tape, Var};
use tasks::Batch;

/// Records the fair loss L(θ) + γ R(θ) of a network, with one batch for each lane. L is the mean
/// cross-entropy, and R is the regularizer.
///
/// ```
/// use meta::FairLoss;
/// use mlp::{Activation, Network};
/// use tasks::Batch;
///
/// let network = Network::new(&[1, 2], Activation::Relu).unwrap();
/// let batch = Batch::new(1, vec![1.0, -1.0], vec![true, false], vec![true, true]).unwrap();
/// let loss = FairLoss { network: &network, regularizer: None, batch: |_lane| (&batch, 0.0) };
/// let (value, _) = tape::gradient(&loss, &[0.0; 4]);
/// assert_eq!(value, 2f64.ln()); // both classes equally likely
/// ```
#[derive(Clone, Copy, Debug)]
pub struct FairLoss<'a, B> {
    /// The classifier. It has two logits, or one.
    pub network: &'a Network,
    /// The regularizer R. Without one, γ has no effect.
    pub regularizer: Option<Regularizer>,
    /// A function that gives the batch and the γ of each lane. All batches have the same shape.
    pub batch: B,
}

impl<'a, B: Fn(usize) -> (&'a Batch, f64)> Objective for FairLoss<'a, B> {
    /// Records the loss, `(1, 1)`, at `parameters: (1, n)`, the flat parameter vector of the
    /// network.
    ///
    /// # Panics
    /// Panics if the batches of the lanes differ in shape, are empty, or do not fit the network.
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        let (rows, features) = shape((self.batch)(0).0);
        for lane in 1..S::LANES {
            let other = shape((self.batch)(lane).0);
            assert_eq!((rows, features), other, "the batches of two lanes");
        }
        let x = tape.constant_lanes(rows, features, |lane| (self.batch)(lane).0.x());
        let targets = tape.constant_with(rows, 2, |one_hot| {
            one_hot.fill(S::zero());
            // The outer loop runs over the lanes, so that each batch is looked up once and not for
            // every entry.
            for lane in 0..S::LANES {
                let labels = (self.batch)(lane).0.positive();
                for (row, &positive) in one_hot.chunks_exact_mut(2).zip(labels) {
                    row[usize::from(positive)].set_lane(lane, 1.0);
                }
            }
        });
        let log_probabilities = log_probabilities(tape, self.network, parameters, x);
        let loss = mlp::cross_entropy(tape, log_probabilities, targets);
        let Some(regularizer) = self.regularizer else { return loss };
        let penalty =
            regularizer.eval(tape, log_probabilities, |lane| labels((self.batch)(lane).0));
        let gamma = tape.constant_from(1, 1, |_, _, lane| (self.batch)(lane).1);
        let weighted = tape.mul(gamma, penalty);
        tape.add(loss, weighted)
    }
}

/// Records ln P of both classes for the rows `x`, as `(rows, 2)`. With two logits, P is their
/// softmax. With one logit z, P(class 1) is its sigmoid, which is the softmax of (0, z): the
/// cross-entropy is then the logistic loss.
///
/// # Panics
/// Panics if the network has more than two outputs.
pub(crate) fn log_probabilities<S: Scalar>(
    tape: &mut Tape<S>,
    network: &Network,
    parameters: Var,
    x: Var,
) -> Var {
    let outputs = network.outputs();
    assert!(outputs <= 2, "a classifier of two classes has one or two logits, not {outputs}");
    let mut logits = network.logits(tape, parameters, x);
    if outputs == 1 {
        let zeros = tape.constant_from(tape.shape(logits).0, 1, |_, _, _| 0.0);
        logits = tape.concat(&[zeros, logits], Axis::Columns);
    }
    tape.log_softmax(logits)
}

fn shape(batch: &Batch) -> (usize, usize) {
    (batch.rows(), batch.features())
}

/// Returns the labels and groups of a batch in the form that the regularizer reads.
pub(crate) fn labels(batch: &Batch) -> Rows<'_> {
    Rows { positive: batch.positive(), protected: batch.protected() }
}
