//! This crate defines dense networks that are recorded on a tape.
//!
//! A [`Network`] describes only a shape. Its parameters are stored outside of it, in one flat
//! vector. A meta-learner can therefore treat θ as a point in ℝⁿ. [`Network::parameters`] lists the
//! weight matrices and the bias vectors within this vector.
//!
//! ```
//! use mlp::{Activation, Initialization, Network, cross_entropy};
//! use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
//! use tape::{Matrix, Tape};
//!
//! let network = Network::new(&[2, 20, 20, 2], Activation::Relu)?;
//! let theta = network.initialize(Initialization::He, &mut ChaCha8Rng::seed_from_u64(1));
//! assert_eq!(theta.len(), 2 * 20 + 20 + 20 * 20 + 20 + 20 * 2 + 2);
//!
//! let mut tape = Tape::new();
//! let parameters = tape.variable(1, theta.len(), &theta);
//! let x = tape.constant(&Matrix::from_rows(&[[0.5, -1.0], [2.0, 0.0], [1.0, 1.0]]));
//! let targets = tape.constant(&Matrix::from_rows(&[[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]));
//! let logits = network.logits(&mut tape, parameters, x); // (3, 2)
//! let log_probabilities = tape.log_softmax(logits);
//! let loss = cross_entropy(&mut tape, log_probabilities, targets);
//! tape.backward(loss);
//! assert_eq!(tape.adjoint(parameters).len(), theta.len());
//! # Ok::<(), mlp::NetworkError>(())
//! ```

mod checkpoint;
mod loss;
mod network;
mod optimizer;

pub use checkpoint::{Checkpoint, CheckpointError, InvalidCheckpoint};
pub use loss::{absolute_errors, cross_entropy, logistic_losses, mean_squared_error};
pub use network::{
    Activation, Initialization, MOST_WIDTHS, Network, NetworkError, Parameter, widths,
};
pub use optimizer::{Adam, Momentum, Optimizer, OptimizerError, Sgd};
