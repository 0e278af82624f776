//! A meta-batch, split into groups of tasks that march in lanes.

use std::borrow::Cow;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use fairness::Regularizer;
use mlp::Network;
use tape::{Lanes, Scalar, vectorized};
use tasks::{Batch, Episode};

use crate::{FairLoss, InnerLoop, Workspace, crew};

/// What stays the same from task to task.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Problem<'a> {
    pub network: &'a Network,
    pub regularizer: Option<Regularizer>,
    pub inner: InnerLoop,
}

/// One task of a meta-batch.
#[derive(Clone, Debug)]
pub(crate) struct Case<'a> {
    pub episode: Cow<'a, Episode>,
    pub gamma: f64,
}

/// A meta-batch at some weights, and what comes of it.
#[derive(Debug)]
pub(crate) struct Round<'a, R> {
    pub theta: Vec<R>,
    pub cases: Vec<Case<'a>>,
    /// Σ_i ∇_θ [L_i(θ'_i) + γ_i R_i(θ'_i)]
    pub gradient: Vec<R>,
    /// L_i(θ'_i) + γ_i R_i(θ'_i) of each case.
    pub losses: Vec<f64>,
}

impl<R> Round<'_, R> {
    pub fn at(theta: Vec<R>) -> Self {
        Round { theta, cases: Vec::new(), gradient: Vec::new(), losses: Vec::new() }
    }
}

/// Computes the gradient and the losses of a round.
pub(crate) type Gradient<'f, 'a, R> = dyn FnMut(&mut Round<'a, R>) + 'f;

/// Computes the meta-gradients of meta-batches.
pub(crate) trait MetaBatch<R>: Send {
    /// Calls `lead` with a function that computes the gradient and the losses of a round, on as
    /// many threads of the Rayon pool as there are groups of tasks and cores; they stay awake until
    /// `lead` returns.
    ///
    /// Tasks are grouped by their order alone and the sum runs in their order, so the result is
    /// the same to the last bit on any number of threads.
    fn session<'a>(&mut self, problem: Problem<'_>, lead: &mut dyn FnMut(&mut Gradient<'_, 'a, R>));
}

/// A precision that meta-learning can run in: [`f64`] or [`f32`].
pub trait Precision: Scalar {
    /// The way to compute meta-batches of `tasks` tasks with `parameters` parameters each. It
    /// depends on nothing else, least of all on the number of threads.
    #[doc(hidden)]
    #[expect(private_interfaces, reason = "the trait is for f64 and f32 only")]
    fn meta_batch(tasks: usize, parameters: usize) -> Box<dyn MetaBatch<Self>>;
}

/// Above this many parameters one task fills the caches by itself, and lanes only thin them out.
const ALONE: usize = 16_384;

/// The largest number of lanes below; every number is a power of 2.
const MOST_LANES: usize = 16;

macro_rules! precision {
    ($real:ty, few: $few:literal, many: $many:literal) => {
        impl Precision for $real {
            #[expect(private_interfaces, reason = "the trait is for f64 and f32 only")]
            fn meta_batch(tasks: usize, parameters: usize) -> Box<dyn MetaBatch<Self>> {
                if tasks == 1 || parameters > ALONE {
                    Box::new(Groups::<Self, Self>::new(tasks))
                } else if tasks <= 2 * $few {
                    Box::new(Groups::<Self, Lanes<Self, $few>>::new(tasks))
                } else {
                    Box::new(Groups::<Self, Lanes<Self, $many>>::new(tasks))
                }
            }
        }
    };
}

precision!(f64, few: 4, many: 8);
precision!(f32, few: 4, many: 16);

/// Consecutive tasks, one to a lane. The last group repeats its last task in the lanes left over
/// and ignores what comes of them.
struct Groups<R, S> {
    groups: Vec<Mutex<Group<R>>>,
    /// One for each thread.
    workspaces: Vec<Workspace<S>>,
    /// How many threads can run at once: more would only drive each other's numbers from the caches.
    cores: usize,
}

/// The results of the tasks in one group.
struct Group<R> {
    /// Summed over the tasks.
    gradient: Vec<R>,
    losses: Vec<f64>,
}

impl<R: Scalar, S: Scalar> Groups<R, S> {
    fn new(tasks: usize) -> Self {
        let group = || Mutex::new(Group { gradient: Vec::new(), losses: Vec::new() });
        Groups {
            groups: (0..tasks.div_ceil(S::LANES)).map(|_| group()).collect(),
            workspaces: Vec::new(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
        }
    }
}

impl<R: Scalar, S: Scalar> MetaBatch<R> for Groups<R, S> {
    fn session<'a>(
        &mut self,
        problem: Problem<'_>,
        lead: &mut dyn FnMut(&mut Gradient<'_, 'a, R>),
    ) {
        let Groups { groups, workspaces, cores } = self;
        let threads = rayon::current_num_threads().min(*cores).min(groups.len());
        workspaces.resize_with(threads, Workspace::new);
        let shared = RwLock::new(Round::at(Vec::new()));
        let work = |workspace: &mut Workspace<S>, i: usize| {
            let round = shared.read().unwrap_or_else(PoisonError::into_inner);
            let cases = round.cases.chunks(S::LANES).nth(i).expect("a group of tasks");
            lock(&groups[i]).run(problem, cases, &round.theta, workspace);
        };
        crew::gather(workspaces, work, |call| {
            lead(&mut |round| {
                let swap = |round: &mut Round<'a, R>| {
                    let mut shared = shared.write().unwrap_or_else(PoisonError::into_inner);
                    std::mem::swap(&mut *shared, round);
                };
                swap(round);
                let used = shared.read().map_or(0, |round| round.cases.len()).div_ceil(S::LANES);
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

/// Sums the gradients of the groups in their order and gathers their losses.
fn collect<R: Scalar>(groups: &[Mutex<Group<R>>], round: &mut Round<'_, R>) {
    round.losses.clear();
    round.gradient.clear();
    for group in groups {
        let group = lock(group);
        round.losses.extend(&group.losses);
        if round.gradient.is_empty() {
            round.gradient.extend_from_slice(&group.gradient);
        } else {
            add(&mut round.gradient, &group.gradient);
        }
    }
}

/// `sum += terms`
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
    /// The meta-gradients of the lanes' tasks and their sum.
    fn run<S: Scalar>(
        &mut self,
        problem: Problem<'_>,
        cases: &[Case<'_>],
        theta: &[R],
        workspace: &mut Workspace<S>,
    ) {
        let Problem { network, regularizer, inner } = problem;
        let case = |lane: usize| &cases[lane.min(cases.len() - 1)];
        let support = FairLoss {
            network,
            regularizer,
            batch: |lane| -> (&Batch, f64) { (&case(lane).episode.support, case(lane).gamma) },
        };
        let query = FairLoss {
            network,
            regularizer,
            batch: |lane| -> (&Batch, f64) { (&case(lane).episode.query, case(lane).gamma) },
        };
        let theta = theta.iter().map(
            #[inline(always)]
            |x| S::from_f64(x.lane(0)),
        );
        self.gradient.resize(theta.len(), R::zero());
        let gradient = workspace.meta_gradient(inner, &support, &query, theta);
        if cases.len() == S::LANES {
            gradient.write_to(
                &mut self.gradient,
                #[inline(always)]
                |entry| sum_of_lanes(entry),
            );
        } else {
            gradient.write_to(&mut self.gradient, |entry| {
                (1..cases.len()).fold(R::from_f64(entry.lane(0)), |sum, lane| {
                    sum + R::from_f64(entry.lane(lane))
                })
            });
        }
        let loss = gradient.losses().query;
        self.losses.clear();
        self.losses.extend((0..cases.len()).map(|lane| loss.lane(lane)));
    }
}

/// The sum over all lanes, in halves: that is how a register folds.
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
