//! This module estimates the memory and the work of recordings, workspaces and learners.
//!
//! With P parameters, n rows, H hidden units in all layers and F features, a recording of L + γ R
//! has these numbers:
//!
//! | numbers | what |
//! |---|---|
//! | P | the parameters |
//! | 2 n H | before and after each activation |
//! | n (2 + 2 + 4) | logits, log-probabilities, and what the regularizer computes of them |
//! | n (F + 2 + 4), constant | features, targets, and the weights of the regularizer |
//!
//! A sweep adds a plane as large as that of the values: one for the gradient, and two more for
//! Hessian-vector products. The multiply-adds are n P for the values, twice as many for the
//! gradient, and six times as many for a Hessian-vector product.

use mlp::Network;

use crate::algorithm::{AnyAlgorithm, Cost};
use crate::batch::lanes;
use crate::settings::InnerLoop;

/// The bytes of a number in a single lane.
pub const NUMBER: f64 = size_of::<f64>() as f64;

/// The bytes of what a tape knows of each node, beside its numbers. Lists grow by doubling.
const NODE: f64 = 160.0;

/// The bytes that are lost in each plane because the numbers of a node start at a cache line.
const LINE: f64 = 32.0;

/// The part of a plane that is in memory twice while the values grow by doubling.
const GROWTH: f64 = 0.5;

/// Holds the sizes of a network. They are `f64`, so that products of them do not overflow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NetworkSize {
    /// The number P of parameters.
    pub parameters: f64,
    /// The number F of features.
    pub inputs: f64,
    /// The number H of hidden units in all layers.
    pub hidden: f64,
    /// The number of outputs.
    pub outputs: f64,
    /// The number of layers, without the features.
    pub layers: f64,
}

impl From<&Network> for NetworkSize {
    fn from(network: &Network) -> Self {
        NetworkSize::of(network.widths())
    }
}

impl NetworkSize {
    /// Returns the sizes of the network with these widths, input first.
    pub fn of(widths: &[usize]) -> Self {
        let width = |&width: &usize| width as f64;
        let ends = |end: Option<&usize>| end.map_or(0.0, width);
        let (inputs, outputs) = (ends(widths.first()), ends(widths.last()));
        let all: f64 = widths.iter().map(width).sum();
        NetworkSize {
            parameters: widths
                .windows(2)
                .map(|pair| (width(&pair[0]) + 1.0) * width(&pair[1]))
                .sum(),
            inputs,
            hidden: (all - inputs - outputs).max(0.0),
            outputs,
            layers: (widths.len() as f64 - 1.0).max(0.0),
        }
    }

    /// Returns the bytes of the tape of a loss on `rows` rows, with `planes` planes: 1 for values,
    /// 2 with adjoints, 4 with tangents. `number` is the size of a number in all its lanes.
    pub fn recording(self, rows: f64, planes: f64, number: f64) -> f64 {
        let active = self.parameters + rows * (2.0 * self.hidden + self.outputs + 6.0);
        let constant = rows * (self.inputs + 6.0);
        let nodes = 4.0 * self.layers + 20.0;
        let planes = planes + GROWTH;
        number * (planes * active + constant) + nodes * (NODE + planes * LINE)
    }

    /// Returns the bytes of the network itself, whose parameters have names.
    pub fn itself(self) -> f64 {
        self.layers * 400.0
    }

    /// Returns the multiply-adds of the values on `rows` rows.
    pub fn values(self, rows: f64) -> f64 {
        (rows + 1.0) * self.parameters
    }

    /// Returns the multiply-adds of a gradient on `rows` rows.
    pub fn gradient(self, rows: f64) -> f64 {
        3.0 * self.values(rows)
    }

    /// Returns the multiply-adds of a Hessian-vector product on `rows` rows, after the gradient.
    pub fn hessian_vector(self, rows: f64) -> f64 {
        6.0 * self.values(rows)
    }
}

/// Returns how many numbers `algorithm` learns for each parameter.
pub fn learned(algorithm: AnyAlgorithm, inner: InnerLoop) -> f64 {
    algorithm.initial(vec![0.0], inner).len() as f64
}

/// Returns the bytes of a [`Workspace`](crate::Workspace) that has computed a meta-gradient:
/// tapes, iterates and vectors. `rows` are those of support and query.
pub fn workspace(
    network: NetworkSize,
    algorithm: AnyAlgorithm,
    inner: InnerLoop,
    rows: (f64, f64),
    number: f64,
) -> f64 {
    let Cost { hessian_vector_products, vectors, .. } = algorithm.cost(inner);
    let planes = if hessian_vector_products > 0 { 4.0 } else { 2.0 };
    network.recording(rows.0, planes, number)
        + network.recording(rows.1, 2.0, number)
        + vectors as f64 * number * network.parameters
}

/// Returns the multiply-adds of the meta-gradient of one task.
pub fn meta_gradient(
    network: NetworkSize,
    algorithm: AnyAlgorithm,
    inner: InnerLoop,
    rows: (f64, f64),
) -> f64 {
    let cost = algorithm.cost(inner);
    let most = rows.0.max(rows.1);
    cost.gradients as f64 * network.gradient(most)
        + cost.hessian_vector_products as f64 * network.hessian_vector(rows.0)
}

/// Describes the training of a [`MetaLearner`](crate::MetaLearner).
#[derive(Clone, Copy, Debug)]
pub struct LearnerSize {
    /// The network.
    pub network: NetworkSize,
    /// The algorithm.
    pub algorithm: AnyAlgorithm,
    /// The inner loop.
    pub inner: InnerLoop,
    /// The number of tasks in a meta-batch.
    pub tasks: f64,
    /// K, the number of support rows and of query rows.
    pub k: f64,
    /// The number of threads.
    pub threads: f64,
}

impl LearnerSize {
    /// Returns the bytes of the learner between two meta-iterations and within one: the learned
    /// numbers, their gradient, the moments of Adam, the gradient of each group of tasks, a
    /// workspace for each thread, and the episodes.
    pub fn bytes(self) -> f64 {
        let LearnerSize { network, algorithm, inner, tasks, k, threads } = self;
        let lanes = lanes(tasks as usize, network.parameters as usize) as f64;
        let groups = (tasks / lanes).ceil();
        let vector = NUMBER * network.parameters * learned(algorithm, inner);
        let workspace = workspace(network, algorithm, inner, (k, k), lanes * NUMBER);
        let episode = 2.0 * k * (NUMBER * network.inputs + 2.0) + 500.0;
        vector * (4.0 + groups) + threads.min(groups) * workspace + tasks * episode
    }

    /// Returns the multiply-adds of one meta-iteration.
    pub fn iteration(self) -> f64 {
        let LearnerSize { network, algorithm, inner, tasks, k, .. } = self;
        let learned = network.parameters * learned(algorithm, inner);
        tasks * (meta_gradient(network, algorithm, inner, (k, k)) + learned) + 10.0 * learned
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algorithm::{ALL, Loss};
    use crate::inner_problem::InnerProblem;
    use crate::objective::FairLoss;
    use crate::workspace::Workspace;
    use fairness::{Notion, Reading, Regularizer};
    use mlp::Activation;
    use tape::Tape;
    use tasks::Batch;

    fn batch(rows: usize) -> Batch {
        let x = (0..3 * rows).map(|i| (i as f64).sin()).collect();
        let flags = |n: usize| (0..rows).map(|row| row % n == 0).collect();
        Batch::new(3, x, flags(2), flags(3)).unwrap()
    }

    /// Calls `test` with the network, its loss on 20 rows and on 30, and initial weights.
    fn each(mut test: impl FnMut(&Network, &dyn Loss<f64>, &dyn Loss<f64>, &[f64])) {
        let (few, more) = (batch(20), batch(30));
        for widths in [&[3, 2][..], &[3, 20, 20, 2], &[3, 300, 2], &[3, 1, 1, 1, 1, 1, 2]] {
            for &notion in Notion::ALL {
                let network = Network::new(widths, Activation::Tanh).unwrap();
                let regularizer = Some(Regularizer { notion, reading: Reading::GroupMean });
                let loss = |batch| FairLoss {
                    network: &network,
                    regularizer,
                    batch: move |_| -> (&Batch, f64) { (batch, 1.0) },
                };
                let theta: Vec<f64> =
                    (0..network.parameter_count()).map(|i| 0.1 * (i as f64).sin()).collect();
                test(&network, &loss(&few), &loss(&more), &theta);
            }
        }
    }

    /// The estimate is not below what the tapes and vectors occupy, and not far above it.
    #[test]
    fn workspaces_are_as_large_as_estimated() {
        for algorithm in ALL {
            for steps in [0, 1, 7] {
                let inner = InnerLoop::new(0.01, steps).unwrap();
                each(|network, support, query, theta| {
                    let mut workspace = Workspace::new();
                    let last_layer = network.last_layer();
                    let problem = InnerProblem { inner, support, last_layer };
                    let learned = algorithm.initial(theta.to_vec(), inner);
                    algorithm.meta_gradient(&problem, query, &learned, &mut workspace);
                    let found = workspace.memory() as f64;
                    let size = NetworkSize::from(network);
                    let estimate = super::workspace(size, algorithm, inner, (20.0, 30.0), NUMBER);
                    let names = (algorithm.name(), steps, network.widths());
                    assert!(found <= estimate, "{names:?}: {found} of {estimate}");
                    // Without steps there is no tape of S, and Reptile has no adjoints of Q.
                    let small = 40_000.0;
                    assert!(estimate < 4.0 * found + small, "{names:?}: {found} of {estimate}");
                });
            }
        }
    }

    /// The counts of the tape are those of the estimate, within a factor of 3.
    #[test]
    fn work_is_as_large_as_estimated() {
        each(|network, support, _, theta| {
            let mut tape = Tape::<f64>::new();
            let parameters = tape.variable(1, theta.len(), theta);
            support.record(&mut tape, parameters);
            let (work, size) = (tape.work(), NetworkSize::from(network));
            for (counted, estimate) in [
                (work.gradient(), size.gradient(20.0)),
                (work.hessian_vector(), size.hessian_vector(20.0)),
            ] {
                let counted = counted.multiply_adds as f64;
                // In a tiny network the loss counts more than the products.
                let loss = 20.0 * 40.0;
                assert!(counted <= estimate + loss, "{counted} of {estimate}");
                assert!(estimate <= 3.0 * counted, "{counted} of {estimate}");
            }
        });
    }

    #[test]
    fn sizes_of_a_network_by_hand() {
        let size = NetworkSize::of(&[2, 20, 20, 2]);
        assert_eq!(size.parameters, 522.0);
        assert_eq!((size.inputs, size.hidden, size.outputs, size.layers), (2.0, 40.0, 2.0, 3.0));
        let huge = NetworkSize::of(&[usize::MAX; 5]);
        assert!(huge.recording(f64::from(u32::MAX), 4.0, 64.0).is_finite());
    }
}
