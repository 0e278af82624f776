//! The problems that the benchmarks share.
#![allow(dead_code, reason = "each benchmark uses a part")]

use std::fmt;
use std::hint::black_box;

use fairness::{Notion, Reading, Regularizer};
use meta::algorithm::{Algorithm, FairMaml, InnerProblem};
use meta::{FairLoss, InnerLoop, Workspace};
use mlp::{Activation, Initialization, Network};
use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};
use tape::{Number, Objective, Scalar, Tape, Var};
use tasks::{Batch, Episode, Purpose, stream};

pub const GAMMA: f64 = 2.0;

/// One inner step.
pub fn inner() -> InnerLoop {
    InnerLoop::new(0.3, 1).expect("a rate")
}

/// A network and the number of support and of query rows.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    pub name: &'static str,
    pub widths: &'static [usize],
    pub k: usize,
}

pub const SYNTHETIC: Setting = Setting { name: "synthetic", widths: &[2, 20, 20, 2], k: 5 };
pub const COMMUNITIES: Setting = Setting { name: "communities", widths: &[95, 20, 20, 2], k: 10 };
pub const SETTINGS: [Setting; 2] = [SYNTHETIC, COMMUNITIES];

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A network at some weights, and a task for each lane.
pub struct Problem<S: Scalar> {
    pub network: Network,
    /// The weights, the same in every lane.
    pub theta: Vec<S>,
    /// The same weights, once.
    pub shared: Vec<S::Flat>,
    pub episodes: Vec<Episode>,
}

impl<S: Scalar> Problem<S> {
    pub fn new(setting: &Setting) -> Self {
        let network = Network::new(setting.widths, Activation::Relu).expect("widths");
        let rng = &mut stream(0, Purpose::Initialization, 0, 0);
        let theta = network.initialize(Initialization::He, rng);
        let mut batch = || batch(setting.widths[0], setting.k, rng);
        let episodes = (0..S::LANES).map(|_| Episode { support: batch(), query: batch() });
        let episodes = episodes.collect();
        let shared = theta.iter().map(|&x| S::Flat::from_f64(x)).collect();
        Problem { network, theta: theta.into_iter().map(S::from_f64).collect(), shared, episodes }
    }

    pub fn support<'a>(&'a self) -> FairLoss<'a, impl Fn(usize) -> (&'a Batch, f64)> {
        self.loss(|lane: usize| (&self.episodes[lane].support, GAMMA))
    }

    pub fn query<'a>(&'a self) -> FairLoss<'a, impl Fn(usize) -> (&'a Batch, f64)> {
        self.loss(|lane: usize| (&self.episodes[lane].query, GAMMA))
    }

    /// Computes the exact meta-gradient through `inner`.
    pub fn meta_gradient(&self, inner: InnerLoop, workspace: &mut Workspace<S>) -> Vec<S> {
        let (support, query) = (self.support(), self.query());
        let inner = InnerProblem::new(inner, &support);
        FairMaml.meta_gradient(&inner, &query, black_box(&self.shared), workspace).to_vec()
    }

    fn loss<B>(&self, batch: B) -> FairLoss<'_, B> {
        let notion = Notion::DEMOGRAPHIC_PARITY;
        let regularizer = Some(Regularizer { notion, reading: Reading::GroupMean });
        FairLoss { network: &self.network, regularizer, batch }
    }

    /// Records the support loss; returns the parameters and the loss.
    pub fn record(&self, tape: &mut Tape<S>) -> (Var, Var) {
        tape.clear();
        let parameters = tape.variable(1, self.theta.len(), black_box(&self.theta));
        (parameters, self.support().eval(tape, parameters))
    }

    /// Records the support loss and its gradient; returns the parameters and the loss.
    pub fn gradient(&self, tape: &mut Tape<S>) -> (Var, Var) {
        let (parameters, loss) = self.record(tape);
        tape.backward(loss);
        (parameters, loss)
    }
}

/// Standard normal features; labels and groups by the toss of a coin.
fn batch(features: usize, rows: usize, rng: &mut impl Rng) -> Batch {
    let x = (0..rows * features).map(|_| StandardNormal.sample(rng)).collect();
    let mut coins = || (0..rows).map(|_| rng.random()).collect();
    Batch::new(features, x, coins(), coins()).expect("a batch")
}
