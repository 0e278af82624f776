//! Micro-benchmarks: what the parts of a meta-iteration cost, bottom up, for each scalar type that
//! training uses.
//!
//! ```text
//! cargo bench -p fair-maml-meta --bench micro [-- FILTER]
//! ```
//!
//! A time in `Lanes<_, N>` is that of N tasks together. The products are counted in multiply-adds
//! ("items"), all lanes together; iterations of the learner, of which ten are timed, in tasks.
//!
//! Times move with the machine and what else it does; `instructions` counts what does not move.

mod common;

use std::fmt;
use std::num::NonZeroUsize;
use std::time::Duration;

use common::{COMMUNITIES, Problem, SETTINGS, SYNTHETIC, Setting, inner};
use divan::counter::ItemsCount;
use divan::{Bencher, Divan, black_box};
use meta::algorithm::{Algorithm, FairMaml, InnerProblem};
use meta::{AbsentGroup, Gamma, InnerLoop, MetaLearner, MetaOptions, MetaSettings, Workspace};
use mlp::{Activation, Initialization, Network};
use tape::{Factor, Lanes, Scalar, Tape};
use tasks::synthetic::SyntheticConfig;
use tasks::{EpisodeOptions, EpisodePool};

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
        let (parameters, _) = problem.gradient(&mut tape);
        black_box(tape.adjoint(parameters));
    });
}

/// With the value and the gradient, of which it makes use.
#[divan::bench(types = [f64, Lanes<f64, 4>, Lanes<f64, 8>, Lanes<f32, 16>], args = &SETTINGS)]
fn d_hessian_vector<S: Scalar>(bencher: Bencher, setting: &Setting) {
    let (problem, mut tape) = (Problem::<S>::new(setting), Tape::new());
    bencher.bench_local(|| {
        let (parameters, loss) = problem.gradient(&mut tape);
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
        let support = problem.support();
        let inner = InnerProblem::new(inner(), &support);
        black_box(FairMaml.adapt::<S>(&inner, black_box(&problem.shared)));
    });
}

/// Through one inner step.
#[divan::bench(types = [f64, Lanes<f64, 4>, Lanes<f64, 8>, Lanes<f32, 16>], args = &SETTINGS)]
fn f_meta_gradient<S: Scalar>(bencher: Bencher, setting: &Setting) {
    let (problem, mut workspace) = (Problem::<S>::new(setting), Workspace::new());
    bencher.bench_local(|| {
        black_box(problem.meta_gradient(inner(), &mut workspace));
    });
}

/// Through more inner steps: the cost is linear in them.
#[divan::bench(args = [1, 2, 4, 8, 16])]
fn g_inner_steps(bencher: Bencher, steps: usize) {
    let problem = Problem::<Lanes<f64, 4>>::new(&COMMUNITIES);
    let mut workspace = Workspace::new();
    let inner = InnerLoop::new(0.01, steps).expect("a rate");
    bencher.bench_local(|| {
        black_box(problem.meta_gradient(inner, &mut workspace));
    });
}

/// Iterations of the meta-learner on one thread: the cost is linear in the tasks of a batch.
#[divan::bench(args = [8, 16, 32, 64, 128])]
fn h_tasks(bencher: Bencher, tasks: usize) {
    const ITERATIONS: u64 = 10;
    let thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    let count = |n| NonZeroUsize::new(n).expect("above 0");
    let settings = MetaOptions {
        algorithm: meta::algorithm::FAIR_MAML,
        inner: inner(),
        meta_rate: 1e-3,
        tasks_per_batch: count(tasks),
        initialization: Initialization::He,
        regularizer: None,
        gamma: Gamma::Shared(0.0),
        absent_group: AbsentGroup::Skip,
    };
    let settings = MetaSettings::try_from(settings).expect("settings");
    let synthetic = SyntheticConfig::default();
    let training = (0..32).map(|i| synthetic.training_task(0, i)).collect();
    let pool = EpisodePool::new(training, EpisodeOptions::new(count(5), Some(count(1))), 0)
        .expect("a pool");
    let network = Network::new(SYNTHETIC.widths, Activation::Relu).expect("widths");
    let mut learner = MetaLearner::<f64>::new(settings, &network, &pool, 0).expect("a learner");
    bencher
        .counter(ItemsCount::new(tasks * ITERATIONS as usize))
        .bench_local(|| thread.install(|| learner.train(ITERATIONS, |_, _| ()).expect("numbers")));
}
