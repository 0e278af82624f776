//! This module holds the weights of a network and their optimizer.

use mlp::{Adam, Network, Optimizer};
use tape::{Scalar, Tape, Var};
use tasks::{Purpose, stream};

use super::LaftrSettings;

/// Holds the weights of one network, one setting per lane, and their optimizer.
#[derive(Clone, Debug)]
pub(super) struct Player<S> {
    pub theta: Vec<S>,
    adam: Adam<S>,
}

impl<S: Scalar> Player<S> {
    pub fn new(theta: Vec<S>, settings: &LaftrSettings) -> Self {
        Player { theta, adam: Adam::new(settings.rate).expect("a validated rate") }
    }

    /// Records the weights as a variable, so that the tape differentiates with respect to them.
    pub fn variable(&self, tape: &mut Tape<S>) -> Var {
        tape.variable(1, self.theta.len(), &self.theta)
    }

    /// Records the weights as a constant, for a player that is not being trained.
    pub fn constant(&self, tape: &mut Tape<S>) -> Var {
        tape.constant_with(1, self.theta.len(), |entries| entries.copy_from_slice(&self.theta))
    }

    /// Takes one step of Adam with `gradient`.
    pub fn step(&mut self, gradient: &[S]) {
        self.adam.step(&mut self.theta, gradient);
    }
}

/// Draws initial weights from the stream of network `word`. They are the same in every lane. Word 0
/// is the meta-learner. Words 1 to 4 are the encoder, the classifier, the adversary and the
/// decoder.
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
