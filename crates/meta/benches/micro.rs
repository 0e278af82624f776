//! Micro-benchmarks: what the parts of a meta-iteration cost, bottom up, for each scalar type that
//! training uses.
//!
//! ```text
//! cargo bench -p meta --bench micro [-- FILTER]
//! ```
//!
//! A time in `Lanes<_, N>` is that of N tasks together. The products are counted in multiply-adds
//! ("items"), all lanes together.
//!
//! Times move with the machine and what else it does; `instructions` counts what does not move.

use std::fmt;
use std::time::Duration;

use divan::counter::ItemsCount;
use divan::{Bencher, Divan, black_box};
use fairness::{Notion, Reading, Regularizer};
use meta::{FairLoss, InnerLoop, Workspace, adapt};
use mlp::{Activation, Initialization, Network};
use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};
use tape::{Factor, Lanes, Objective, Scalar, Tape, Var};
use tasks::{Batch, Episode, Purpose, stream};

const ALPHA: f64 = 0.3;
const GAMMA: f64 = 2.0;

fn main() {
    let divan = Divan::default().sample_size(20).min_time(Duration::from_millis(200));
    divan.config_with_args().main();
}

/// A product as it occurs in the communities network, K = 10.
struct Product {
    name: &'static str,
    /// Rows, inner dimension and columns.
    shape: [usize; 3],
    /// Whether each factor is stored as its transpose.
    transposed: [bool; 2],
}

const PRODUCTS: [Product; 3] = [
    Product { name: "x W", shape: [10, 95, 20], transposed: [false, false] },
    Product { name: "xᵀ Y", shape: [95, 10, 20], transposed: [true, false] },
    Product { name: "Y Wᵀ", shape: [10, 20, 20], transposed: [false, true] },
];

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [rows, inner, columns] = self.shape;
        write!(f, "{} ({rows}x{inner} by {inner}x{columns})", self.name)
    }
}

/// A network and the number of support and of query rows.
struct Setting {
    name: &'static str,
    widths: &'static [usize],
    k: usize,
}

const SETTINGS: [Setting; 2] = [
    Setting { name: "synthetic", widths: &[2, 20, 20, 2], k: 5 },
    Setting { name: "communities", widths: &[95, 20, 20, 2], k: 10 },
];

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A network at some weights, and a task for each lane.
struct Problem<S> {
    network: Network,
    theta: Vec<S>,
    episodes: Vec<Episode>,
}

impl<S: Scalar> Problem<S> {
    fn new(setting: &Setting) -> Self {
        let network = Network::new(setting.widths, Activation::Relu).expect("widths");
        let rng = &mut stream(0, Purpose::Initialization, 0, 0);
        let theta = network.initialize(Initialization::He, rng);
        let mut batch = || batch(setting.widths[0], setting.k, rng);
        let episodes = (0..S::LANES).map(|_| Episode { support: batch(), query: batch() });
        let episodes = episodes.collect();
        Problem { network, theta: theta.into_iter().map(S::from_f64).collect(), episodes }
    }

    fn support<'a>(&'a self) -> FairLoss<'a, impl Fn(usize) -> (&'a Batch, f64)> {
        self.loss(|lane: usize| (&self.episodes[lane].support, GAMMA))
    }

    fn query<'a>(&'a self) -> FairLoss<'a, impl Fn(usize) -> (&'a Batch, f64)> {
        self.loss(|lane: usize| (&self.episodes[lane].query, GAMMA))
    }

    fn loss<B>(&self, batch: B) -> FairLoss<'_, B> {
        let notion = Notion::DemographicParity;
        let regularizer = Some(Regularizer { notion, reading: Reading::GroupMean });
        FairLoss { network: &self.network, regularizer, batch }
    }

    /// Records the support loss; returns the parameters and the loss.
    fn record(&self, tape: &mut Tape<S>) -> (Var, Var) {
        tape.clear();
        let parameters = tape.variable(1, self.theta.len(), black_box(&self.theta));
        (parameters, self.support().eval(tape, parameters))
    }
}

/// Standard normal features; labels and groups by the toss of a coin.
fn batch(features: usize, rows: usize, rng: &mut impl Rng) -> Batch {
    let x = (0..rows * features).map(|_| StandardNormal.sample(rng)).collect();
    let mut coins = || (0..rows).map(|_| rng.random()).collect();
    Batch::new(features, x, coins(), coins()).expect("a batch")
}

fn inner() -> InnerLoop {
    InnerLoop::new(ALPHA, 1).expect("a rate")
}

/// Small numbers that are not all alike.
fn entries<S: Scalar>(n: usize) -> Vec<S> {
    (0..n).map(|i| S::from_lanes(|lane| ((i + lane) % 7) as f64 - 3.0)).collect()
}

#[divan::bench(types = [f64, Lanes<f64, 4>, Lanes<f64, 8>, Lanes<f32, 16>], args = &PRODUCTS)]
fn a_product<S: Scalar>(bencher: Bencher, product: &Product) {
    let [rows, inner, columns] = product.shape;
    let (a, b) = (entries::<S>(rows * inner), entries::<S>(inner * columns));
    let mut out = entries::<S>(rows * columns);
    let a = Factor { data: &a, rows, columns: inner, transposed: product.transposed[0] };
    let b = Factor { data: &b, rows: inner, columns, transposed: product.transposed[1] };
    bencher
        .counter(ItemsCount::new(rows * inner * columns * S::LANES))
        .bench_local(|| S::product(black_box(a), black_box(b), black_box(&mut out), false));
}

#[divan::bench(types = [f64, Lanes<f64, 4>, Lanes<f64, 8>, Lanes<f32, 16>], args = &SETTINGS)]
fn b_recording<S: Scalar>(bencher: Bencher, setting: &Setting) {
    let (problem, mut tape) = (Problem::<S>::new(setting), Tape::new());
    bencher.bench_local(|| {
        let (_, loss) = problem.record(&mut tape);
        tape.value(loss)[0]
    });
}

#[divan::bench(types = [f64, Lanes<f64, 4>, Lanes<f64, 8>, Lanes<f32, 16>], args = &SETTINGS)]
fn c_gradient<S: Scalar>(bencher: Bencher, setting: &Setting) {
    let (problem, mut tape) = (Problem::<S>::new(setting), Tape::new());
    bencher.bench_local(|| {
        let (parameters, loss) = problem.record(&mut tape);
        tape.backward(loss);
        black_box(tape.adjoint(parameters));
    });
}

/// With the value and the gradient, of which it makes use.
#[divan::bench(types = [f64, Lanes<f64, 4>, Lanes<f64, 8>, Lanes<f32, 16>], args = &SETTINGS)]
fn d_hessian_vector<S: Scalar>(bencher: Bencher, setting: &Setting) {
    let (problem, mut tape) = (Problem::<S>::new(setting), Tape::new());
    bencher.bench_local(|| {
        let (parameters, loss) = problem.record(&mut tape);
        tape.backward(loss);
        black_box(tape.hessian_vector(parameters, black_box(&problem.theta), loss));
    });
}

// Results are dropped inside the closures: divan would keep those of a whole sample, each in memory
// of its own, and the caches would be cold.

/// One inner step on a tape of its own, as for a new task.
#[divan::bench(types = [f64, Lanes<f64, 4>, Lanes<f64, 8>, Lanes<f32, 16>], args = &SETTINGS)]
fn e_adaptation<S: Scalar>(bencher: Bencher, setting: &Setting) {
    let problem = Problem::<S>::new(setting);
    bencher.bench_local(|| {
        black_box(adapt(inner(), &problem.support(), black_box(&problem.theta)));
    });
}

/// Through one inner step.
#[divan::bench(types = [f64, Lanes<f64, 4>, Lanes<f64, 8>, Lanes<f32, 16>], args = &SETTINGS)]
fn f_meta_gradient<S: Scalar>(bencher: Bencher, setting: &Setting) {
    let (problem, mut workspace) = (Problem::<S>::new(setting), Workspace::new());
    bencher.bench_local(|| {
        let theta = black_box(&problem.theta).iter().copied();
        let gradient =
            workspace.meta_gradient(inner(), &problem.support(), &problem.query(), theta);
        black_box(gradient.to_vec());
    });
}
