//! The weights of a network and their optimizer.

use mlp::{Adam, Network, Optimizer};
use tape::{Scalar, Tape, Var};
use tasks::{Purpose, stream};

use super::LaftrSettings;

/// The weights of one network, one arm to a lane, and what moves them.
#[derive(Clone, Debug)]
pub(super) struct Player<S> {
    pub theta: Vec<S>,
    adam: Adam<S>,
}

impl<S: Scalar> Player<S> {
    pub fn new(theta: Vec<S>, settings: &LaftrSettings) -> Self {
        Player { theta, adam: Adam::new(settings.rate).expect("a validated rate") }
    }

    /// Records the weights to differentiate with respect to them.
    pub fn variable(&self, tape: &mut Tape<S>) -> Var {
        tape.variable(1, self.theta.len(), &self.theta)
    }

    /// Records the weights of a player whose turn it is not.
    pub fn constant(&self, tape: &mut Tape<S>) -> Var {
        tape.constant_with(1, self.theta.len(), |entries| entries.copy_from_slice(&self.theta))
    }

    /// One step of Adam down `gradient`.
    pub fn step(&mut self, gradient: &[S]) {
        self.adam.step(&mut self.theta, gradient);
    }
}

/// Initial weights from the stream of network `word`, the same in every lane. Word 0 is the
/// meta-learner's; the encoder, the classifier, the adversary and the decoder have 1 to 4.
pub(super) fn initial<S: Scalar>(
    network: &Network,
    settings: &LaftrSettings,
    seed: u64,
    word: u64,
) -> Vec<S> {
    let mut rng = stream(seed, Purpose::Initialization, 0, word);
    let theta = network.initialize(settings.initialization, &mut rng);
    theta.into_iter().map(S::from_f64).collect()
}
