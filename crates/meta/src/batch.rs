//! This module splits a meta-batch into groups of tasks. The tasks of a group are computed
//! together, one task per lane.

use std::borrow::Cow;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use fairness::Regularizer;
use mlp::Network;
use tape::{Lanes, Scalar, vectorized};
use tasks::{Batch, Episode};

use crate::algorithm::{AnyAlgorithm, InnerProblem, Vectorized};
use crate::objective::FairLoss;
use crate::settings::InnerLoop;
use crate::workers;
use crate::workspace::{Solve, Workspace};

/// Holds the parts of the problem that are the same for every task.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BatchProblem<'a> {
    pub network: &'a Network,
    pub regularizer: Option<Regularizer>,
    pub algorithm: AnyAlgorithm,
    pub inner: InnerLoop,
}

/// Holds one task of a meta-batch.
#[derive(Clone, Debug)]
pub(crate) struct BatchTask<'a> {
    pub episode: Cow<'a, Episode>,
    pub gamma: f64,
}

/// Holds a meta-batch at certain weights, and the results that are computed from it.
#[derive(Debug)]
pub(crate) struct Round<'a, R> {
    /// What is learned: the weights θ, and whatever the algorithm learns beside them.
    pub learned: Vec<R>,
    pub tasks: Vec<BatchTask<'a>>,
    /// The sum of the meta-gradients. For Fair-MAML: Σ_i ∇_θ [L_i(θ'_i) + γ_i R_i(θ'_i)].
    pub gradient: Vec<R>,
    /// The query loss L_i(θ'_i) + γ_i R_i(θ'_i) of each task.
    pub losses: Vec<f64>,
    /// The linear system of each task. Empty if the algorithm solves none.
    pub solves: Vec<Solve<f64>>,
}

impl<R> Round<'_, R> {
    pub fn at(learned: Vec<R>) -> Self {
        let (tasks, gradient) = (Vec::new(), Vec::new());
        Round { learned, tasks, gradient, losses: Vec::new(), solves: Vec::new() }
    }
}

/// Computes the gradient and the losses of a round.
pub(crate) type Gradient<'f, 'a, R> = dyn FnMut(&mut Round<'a, R>) + 'f;

/// Computes the meta-gradients of meta-batches.
pub(crate) trait MetaBatch<R>: Send {
    /// Calls `rounds` with a function that computes the gradient and the losses of a round. The
    /// computation uses threads of the Rayon pool: at most one per group of tasks and at most one
    /// per core. The threads stay awake until `rounds` returns.
    ///
    /// The groups depend only on the order of the tasks, and the sum runs in this order. The result
    /// is therefore the same to the last bit for any number of threads.
    fn session<'a>(
        &mut self,
        problem: BatchProblem<'_>,
        rounds: &mut dyn FnMut(&mut Gradient<'_, 'a, R>),
    );
}

/// Marks a precision in which meta-learning can run: [`f64`] or [`f32`].
pub trait Precision: Scalar {
    /// Returns the method that computes meta-batches of `tasks` tasks with `parameters` parameters
    /// each. The choice depends only on these two numbers. In particular, it does not depend on the
    /// number of threads.
    #[doc(hidden)]
    #[expect(private_interfaces, reason = "the trait is for f64 and f32 only")]
    fn meta_batch(tasks: usize, parameters: usize) -> Box<dyn MetaBatch<Self>>;
}

/// The number of parameters above which one task fills the caches by itself. Lanes would then make
/// the caches less effective.
const ALONE: usize = 16_384;

/// The largest number of lanes below. Every number of lanes is a power of 2.
const MOST_LANES: usize = 16;

/// Returns the number of tasks that share a recording in `f64`.
pub(crate) fn lanes(tasks: usize, parameters: usize) -> usize {
    lanes_of(tasks, parameters, (4, 8))
}

/// Returns the same with `few` or `many` lanes, by the number of tasks.
fn lanes_of(tasks: usize, parameters: usize, (few, many): (usize, usize)) -> usize {
    match tasks {
        _ if tasks == 1 || parameters > ALONE => 1,
        _ if tasks <= 2 * few => few,
        _ => many,
    }
}

macro_rules! precision {
    ($real:ty, few: $few:literal, many: $many:literal) => {
        impl Precision for $real {
            #[expect(private_interfaces, reason = "the trait is for f64 and f32 only")]
            fn meta_batch(tasks: usize, parameters: usize) -> Box<dyn MetaBatch<Self>> {
                match lanes_of(tasks, parameters, ($few, $many)) {
                    1 => Box::new(Groups::<Self, Self>::new(tasks)),
                    $few => Box::new(Groups::<Self, Lanes<Self, $few>>::new(tasks)),
                    _ => Box::new(Groups::<Self, Lanes<Self, $many>>::new(tasks)),
                }
            }
        }
    };
}

precision!(f64, few: 4, many: 8);
precision!(f32, few: 4, many: 16);

/// Holds groups of consecutive tasks, one task per lane. The last group repeats its last task in
/// the unused lanes and ignores their results.
struct Groups<R, S> {
    groups: Vec<Mutex<Group<R>>>,
    /// One workspace for each thread.
    workspaces: Vec<Workspace<S>>,
    /// The number of threads that can run at once. More threads would only evict each other's
    /// numbers from the caches.
    cores: usize,
}

/// Holds the results of the tasks in one group.
#[derive(Clone)]
struct Group<R> {
    /// The gradient, summed over the tasks.
    gradient: Vec<R>,
    losses: Vec<f64>,
    solves: Vec<Solve<f64>>,
}

impl<R: Scalar, S: Scalar> Groups<R, S> {
    fn new(tasks: usize) -> Self {
        let (gradient, losses, solves) = (Vec::new(), Vec::new(), Vec::new());
        let empty = Group { gradient, losses, solves };
        let group = || Mutex::new(empty.clone());
        Groups {
            groups: (0..tasks.div_ceil(S::LANES)).map(|_| group()).collect(),
            workspaces: Vec::new(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
        }
    }
}

impl<R: Scalar, S: Vectorized<Flat = R>> MetaBatch<R> for Groups<R, S> {
    fn session<'a>(
        &mut self,
        problem: BatchProblem<'_>,
        rounds: &mut dyn FnMut(&mut Gradient<'_, 'a, R>),
    ) {
        let Groups { groups, workspaces, cores } = self;
        let threads = rayon::current_num_threads().min(*cores).min(groups.len());
        workspaces.resize_with(threads, Workspace::new);
        let shared = RwLock::new(Round::at(Vec::new()));
        let work = |workspace: &mut Workspace<S>, i: usize| {
            let round = shared.read().unwrap_or_else(PoisonError::into_inner);
            let tasks = round.tasks.chunks(S::LANES).nth(i).expect("a group of tasks");
            lock(&groups[i]).run(problem, tasks, &round.learned, workspace);
        };
        workers::gather(workspaces, work, |call| {
            rounds(&mut |round| {
                let swap = |round: &mut Round<'a, R>| {
                    let mut shared = shared.write().unwrap_or_else(PoisonError::into_inner);
                    std::mem::swap(&mut *shared, round);
                };
                swap(round);
                let used = shared.read().map_or(0, |round| round.tasks.len()).div_ceil(S::LANES);
                call(used);
                swap(round);
                collect(&groups[..used], round);
            });
        });
    }
}

fn lock<R>(group: &Mutex<Group<R>>) -> MutexGuard<'_, Group<R>> {
    group.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sums the gradients of the groups in their order and collects their losses.
fn collect<R: Scalar>(groups: &[Mutex<Group<R>>], round: &mut Round<'_, R>) {
    round.losses.clear();
    round.solves.clear();
    round.gradient.clear();
    for group in groups {
        let group = lock(group);
        round.losses.extend(&group.losses);
        round.solves.extend(&group.solves);
        if round.gradient.is_empty() {
            round.gradient.extend_from_slice(&group.gradient);
        } else {
            add(&mut round.gradient, &group.gradient);
        }
    }
}

/// Computes `sum += terms`.
fn add<R: Scalar>(sum: &mut [R], terms: &[R]) {
    vectorized(
        #[inline(always)]
        move || {
            for (sum, &term) in sum.iter_mut().zip(terms) {
                *sum = *sum + term;
            }
        },
    );
}

impl<R: Scalar> Group<R> {
    /// Computes the meta-gradients of the tasks in the lanes and sums them.
    fn run<S: Vectorized<Flat = R>>(
        &mut self,
        problem: BatchProblem<'_>,
        tasks: &[BatchTask<'_>],
        learned: &[R],
        workspace: &mut Workspace<S>,
    ) {
        let BatchProblem { network, regularizer, algorithm, inner } = problem;
        let task = |lane: usize| &tasks[lane.min(tasks.len() - 1)];
        let support = FairLoss {
            network,
            regularizer,
            batch: |lane| -> (&Batch, f64) { (&task(lane).episode.support, task(lane).gamma) },
        };
        let query = FairLoss {
            network,
            regularizer,
            batch: |lane| -> (&Batch, f64) { (&task(lane).episode.query, task(lane).gamma) },
        };
        let last_layer = network.last_layer();
        let inner = InnerProblem { inner, support: &support, last_layer };
        let gradient = algorithm.on::<S>().meta_gradient(&inner, &query, learned, workspace);
        self.gradient.resize(learned.len(), R::zero());
        if tasks.len() == S::LANES {
            gradient.write_to(
                &mut self.gradient,
                #[inline(always)]
                |entry| sum_of_lanes(entry),
            );
        } else {
            gradient.write_to(&mut self.gradient, |entry| {
                (1..tasks.len()).fold(R::from_f64(entry.lane(0)), |sum, lane| {
                    sum + R::from_f64(entry.lane(lane))
                })
            });
        }
        let loss = gradient.losses().query;
        self.losses.clear();
        self.losses.extend((0..tasks.len()).map(|lane| loss.lane(lane)));
        self.solves.clear();
        if let Some(Solve { residual, curvature }) = gradient.solve() {
            self.solves.extend((0..tasks.len()).map(|lane| Solve {
                residual: residual.lane(lane),
                curvature: curvature.lane(lane),
            }));
        }
    }
}

/// Returns the sum over all lanes. It adds one half of the lanes to the other half again and again,
/// because vector registers are reduced in this way.
#[inline(always)]
fn sum_of_lanes<R: Scalar, S: Scalar>(entry: S) -> R {
    let mut sums = [R::zero(); MOST_LANES];
    for (lane, sum) in sums.iter_mut().enumerate().take(S::LANES) {
        *sum = R::from_f64(entry.lane(lane));
    }
    let mut half = S::LANES / 2;
    while half > 0 {
        for lane in 0..half {
            sums[lane] = sums[lane] + sums[lane + half];
        }
        half /= 2;
    }
    sums[0]
}
