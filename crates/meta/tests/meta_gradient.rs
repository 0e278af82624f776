//! The exact meta-gradient, against differences and against plain formulas.

use std::sync::atomic::{AtomicUsize, Ordering};

use fairness::{Notion, Reading, Regularizer};
use meta::algorithm::{
    Algorithm, Anil, FairMaml, FirstOrder, Imaml, InnerProblem, MetaSgd, Reptile,
};
use meta::{FairLoss, InnerLoop, Losses, Workspace};
use mlp::{Activation, Initialization, Network};
use proptest::prelude::*;
use tape::{Lanes, Objective, Scalar, Tape, Var};
use tasks::{Batch, Purpose, stream};

use crate::support::{differences, distance, norm, random_batch};

/// Every regularizer in every reading, and none.
fn regularizers() -> Vec<Option<Regularizer>> {
    let mut all = vec![None];
    for notion in [Notion::DEMOGRAPHIC_PARITY, Notion::EQUAL_OPPORTUNITY] {
        for reading in [Reading::GroupMean, Reading::PublishedCode] {
            all.push(Some(Regularizer { notion, reading }));
        }
    }
    all
}

/// One task, a network and weights to start from.
struct Problem {
    network: Network,
    theta: Vec<f64>,
    support: Batch,
    query: Batch,
}

impl Problem {
    fn new(seed: u64, activation: Activation, hidden: &[usize], rows: [usize; 2]) -> Self {
        let mut rng = stream(seed, Purpose::Support, 0, 0);
        let widths = [&[2], hidden, &[2]].concat();
        let network = Network::new(&widths, activation).unwrap();
        let theta = network.initialize(Initialization::Glorot, &mut rng);
        let [support, query] = rows.map(|rows| random_batch(&mut rng, rows, 2));
        Problem { network, theta, support, query }
    }

    fn objectives<'a>(
        &'a self,
        regularizer: Option<Regularizer>,
        gamma: f64,
    ) -> [FairLoss<'a, impl Fn(usize) -> (&'a Batch, f64)>; 2] {
        [&self.support, &self.query].map(|batch| FairLoss {
            network: &self.network,
            regularizer,
            batch: move |_lane| (batch, gamma),
        })
    }
}

/// Q(θ_T), with the inner steps written out.
fn meta_loss(
    inner: InnerLoop,
    support: &impl Objective,
    query: &impl Objective,
    theta: &[f64],
) -> f64 {
    let mut theta = theta.to_vec();
    for _ in 0..inner.steps() {
        let (_, gradient) = tape::gradient(support, &theta);
        theta.iter_mut().zip(gradient).for_each(|(theta, g)| *theta -= inner.rate() * g);
    }
    tape::gradient(query, &theta).0
}

/// The losses and the entries of a meta-gradient, in the numbers of one lane.
fn meta_gradient<S: Scalar>(
    algorithm: impl Algorithm,
    inner: InnerLoop,
    objectives: (&impl Objective, &impl Objective),
    theta: &[S::Flat],
    workspace: &mut Workspace<S>,
) -> (Losses<S>, Vec<S>) {
    let (support, query) = objectives;
    let problem = InnerProblem::new(inner, support);
    let gradient = algorithm.meta_gradient(&problem, query, theta, workspace);
    (gradient.losses(), gradient.to_vec())
}

fn gradient_by(
    algorithm: impl Algorithm,
    inner: InnerLoop,
    support: &impl Objective,
    query: &impl Objective,
    theta: &[f64],
) -> Vec<f64> {
    meta_gradient::<f64>(algorithm, inner, (support, query), theta, &mut Workspace::new()).1
}

fn gradient(
    inner: InnerLoop,
    support: &impl Objective,
    query: &impl Objective,
    theta: &[f64],
) -> Vec<f64> {
    gradient_by(FairMaml, inner, support, query, theta)
}

fn adapt(inner: InnerLoop, support: &impl Objective, theta: &[f64]) -> Vec<f64> {
    FairMaml.adapt(&InnerProblem::new(inner, support), theta)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]

    /// The fast way and the equations give the same numbers.
    #[test]
    fn it_is_the_plain_recursion(
        seed in 0u64..10_000,
        hidden in proptest::collection::vec(1usize..5, 0..3),
        rows in [1usize..7, 1usize..7],
        rate in 0.01..0.6f64,
        gamma in 0.0..12.0f64,
    ) {
        let problem = Problem::new(seed, Activation::Tanh, &hidden, rows);
        let theta = &problem.theta;
        for regularizer in regularizers() {
            let [support, query] = problem.objectives(regularizer, gamma);
            for steps in 0..=4 {
                let inner = InnerLoop::new(rate, steps).unwrap();
                let (loss, plain) = meta::plain::meta_gradient(inner, &support, &query, theta);
                let fast = gradient(inner, &support, &query, theta);
                let error = distance(&fast, &plain);
                prop_assert!(error <= 1e-12 * (1.0 + norm(&plain)), "{steps} steps: {error:e}");
                let expected = meta_loss(inner, &support, &query, theta);
                prop_assert!((loss - expected).abs() <= 1e-12 * (1.0 + expected.abs()));
            }
        }
    }

    /// 0 to 5 inner steps and every regularizer, each time.
    #[test]
    fn it_is_the_slope_of_the_meta_loss(
        seed in 0u64..10_000,
        activation in prop_oneof![Just(Activation::Tanh), Just(Activation::Sigmoid)],
        hidden in proptest::collection::vec(1usize..4, 0..3),
        rows in [1usize..6, 1usize..6],
        rate in 0.01..0.6f64,
        gamma in prop_oneof![Just(0.0), 0.1..2.0, 2.0..12.0f64],
    ) {
        let problem = Problem::new(seed, activation, &hidden, rows);
        let theta = &problem.theta;
        for regularizer in regularizers() {
            let [support, query] = problem.objectives(regularizer, gamma);
            for steps in 0..=5 {
                let inner = InnerLoop::new(rate, steps).unwrap();
                let exact = gradient(inner, &support, &query, theta);
                let slope = differences(|at| meta_loss(inner, &support, &query, at), theta);
                let (error, size) = (distance(&exact, &slope), norm(&slope));
                prop_assert!(
                    error <= 1e-6 * (1.0 + size),
                    "{regularizer:?}, {steps} steps: {error:e} off, of {size}"
                );
            }
        }
    }

    #[test]
    fn the_losses_on_the_way_are_those_of_the_definition(
        seed in 0u64..10_000,
        steps in 0usize..4,
        gamma in 0.0..5.0f64,
    ) {
        let problem = Problem::new(seed, Activation::Relu, &[4], [5, 7]);
        let inner = InnerLoop::new(0.2, steps).unwrap();
        for regularizer in regularizers() {
            let [support, query] = problem.objectives(regularizer, gamma);
            let (theta, objectives) = (&problem.theta, (&support, &query));
            let (losses, _) =
                meta_gradient::<f64>(FairMaml, inner, objectives, theta, &mut Workspace::new());
            let expected = meta_loss(inner, &support, &query, &problem.theta);
            prop_assert!((losses.query - expected).abs() <= 1e-13 * (1.0 + expected));
            let at_start = tape::gradient(&support, &problem.theta).0;
            prop_assert_eq!(losses.support, (steps > 0).then_some(at_start));
            let adapted = adapt(inner, &support, &problem.theta);
            prop_assert!((tape::gradient(&query, &adapted).0 - expected).abs() <= 1e-13 * (1.0 + expected));
        }
    }

    /// A workspace is reused for tasks of other shapes and steps, and by other algorithms.
    #[test]
    fn a_workspace_remembers_nothing(
        seeds in proptest::collection::vec((0u64..1000, 0usize..5, 1usize..6), 2..6),
    ) {
        let mut used = Workspace::<f64>::new();
        for (seed, steps, rows) in seeds {
            let problem = Problem::new(seed, Activation::Relu, &[3], [rows, 6 - rows]);
            let [support, query] = problem.objectives(regularizers()[1], 2.0);
            let inner = InnerLoop::new(0.3, steps).unwrap();
            let (theta, objectives) = (&problem.theta, (&support, &query));
            let (_, first) = meta_gradient(FirstOrder, inner, objectives, theta, &mut used);
            prop_assert_eq!(first, gradient_by(FirstOrder, inner, &support, &query, theta));
            let (_, exact) = meta_gradient(FairMaml, inner, objectives, theta, &mut used);
            prop_assert_eq!(exact, gradient(inner, &support, &query, theta));
        }
    }

    /// Each lane has its own batches and its own γ.
    #[test]
    fn lanes_agree_with_scalars(
        seed in 0u64..10_000,
        steps in 0usize..4,
        activation in prop_oneof![Just(Activation::Tanh), Just(Activation::Relu)],
    ) {
        for regularizer in regularizers() {
            in_lanes::<4>(seed, steps, activation, regularizer);
            in_lanes::<8>(seed, steps, activation, regularizer);
        }
    }

    #[test]
    fn single_precision_is_near(seed in 0u64..10_000, steps in 0usize..4, gamma in 0.0..4.0f64) {
        let problem = Problem::new(seed, Activation::Tanh, &[5], [5, 5]);
        let inner = InnerLoop::new(0.2, steps).unwrap();
        for regularizer in regularizers() {
            let [support, query] = problem.objectives(regularizer, gamma);
            let theta: Vec<f32> = problem.theta.iter().map(|&theta| theta as f32).collect();
            let objectives = (&support, &query);
            let (_, single) =
                meta_gradient::<f32>(FairMaml, inner, objectives, &theta, &mut Workspace::new());
            let single: Vec<f64> = single.into_iter().map(f64::from).collect();
            let double = gradient(inner, &support, &query, &problem.theta);
            prop_assert!(distance(&single, &double) <= 1e-5 * (1.0 + norm(&double)));
            prop_assert_ne!(single, double, "the precision of f32 leaves a trace");
        }
    }
}

fn in_lanes<const L: usize>(
    seed: u64,
    steps: usize,
    activation: Activation,
    regularizer: Option<Regularizer>,
) {
    let problem = |lane: usize| {
        let problem = Problem::new(seed + 7 * lane as u64, activation, &[4, 3], [5, 3]);
        (problem, 0.7 * lane as f64)
    };
    let tasks: Vec<(Problem, f64)> = (0..L).map(problem).collect();
    let network = &tasks[0].0.network;
    let of_lanes = |part: fn(&Problem) -> &Batch| FairLoss {
        network,
        regularizer,
        batch: {
            let tasks = &tasks;
            move |lane: usize| (part(&tasks[lane].0), tasks[lane].1)
        },
    };
    let (support, query) = (of_lanes(|task| &task.support), of_lanes(|task| &task.query));
    let inner = InnerLoop::new(0.25, steps).unwrap();
    let (theta, objectives) = (&tasks[0].0.theta, (&support, &query));
    let mut workspace = Workspace::<Lanes<f64, L>>::new();
    let (losses, entries) = meta_gradient(FairMaml, inner, objectives, theta, &mut workspace);
    for (lane, (task, gamma)) in tasks.iter().enumerate() {
        let [support, query] = task.objectives(regularizer, *gamma);
        let alone = gradient(inner, &support, &query, theta);
        let of_lane: Vec<f64> = entries.iter().map(|g| g.lane(lane)).collect();
        let error = distance(&of_lane, &alone);
        assert!(error <= 1e-12 * (1.0 + norm(&alone)), "lane {lane}: {error:e} off");
        let loss = meta_loss(inner, &support, &query, theta);
        assert!((losses.query.lane(lane) - loss).abs() <= 1e-12 * (1.0 + loss), "lane {lane}");
    }
}

/// ½ θᵀA θ + bᵀθ with A = diag(a).
struct Quadratic {
    a: [f64; 3],
    b: [f64; 3],
}

impl Objective for Quadratic {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        let a = tape.constant_from(1, 3, |_, i, _| self.a[i]);
        let b = tape.constant_from(1, 3, |_, i, _| self.b[i]);
        let square = tape.mul(parameters, parameters);
        let bent = tape.dot(a, square);
        let bent = tape.scale(bent, 0.5);
        let straight = tape.dot(b, parameters);
        tape.add(bent, straight)
    }
}

#[test]
fn a_quadratic_by_formula() {
    // θ_T is affine in θ with slope (1 − α a)^T, and ∇Q(θ_T) = c θ_T + d.
    let support = Quadratic { a: [1.0, -0.5, 3.0], b: [0.2, 0.4, -1.0] };
    let query = Quadratic { a: [2.0, 0.3, 1.0], b: [1.0, -1.0, 0.5] };
    let theta = [0.3, -0.8, 1.5];
    for steps in 0..=5 {
        let inner = InnerLoop::new(0.1, steps).unwrap();
        let adapted = adapt(inner, &support, &theta);
        let at_the_end = [0, 1, 2].map(|i| query.a[i] * adapted[i] + query.b[i]);
        let through = [0, 1, 2].map(|i| (1.0 - 0.1 * support.a[i]).powi(steps as i32));
        let expected = [0, 1, 2].map(|i| through[i] * at_the_end[i]);
        assert!(distance(&gradient(inner, &support, &query, &theta), &expected) < 1e-14);
        let first = gradient_by(FirstOrder, inner, &support, &query, &theta);
        assert!(distance(&first, &at_the_end) < 1e-14);
    }
}

#[test]
fn first_order_is_exact_only_without_curvature() {
    let straight = Quadratic { a: [0.0; 3], b: [0.2, 0.4, -1.0] };
    let bent = Quadratic { a: [2.0, 0.3, 1.0], b: [1.0, -1.0, 0.5] };
    let theta = [0.3, -0.8, 1.5];
    let both = |support: &Quadratic, rate, steps| {
        let inner = InnerLoop::new(rate, steps).unwrap();
        let exact = gradient(inner, support, &bent, &theta);
        [exact, gradient_by(FirstOrder, inner, support, &bent, &theta)]
    };
    for steps in 0..=3 {
        let [exact, first] = both(&straight, 0.3, steps);
        assert_eq!(exact, first, "{steps} steps on a plane");
        let [exact, first] = both(&bent, 0.0, steps);
        assert_eq!(exact, first, "{steps} steps of no length");
        let [exact, first] = both(&bent, 0.3, steps);
        assert_eq!(exact == first, steps == 0, "{steps} steps on a curve");
    }
    // And for networks.
    for activation in [Activation::Tanh, Activation::Relu] {
        let problem = Problem::new(3, activation, &[4], [5, 5]);
        let [support, query] = problem.objectives(regularizers()[1], 1.0);
        let inner = InnerLoop::new(0.3, 1).unwrap();
        let exact = gradient(inner, &support, &query, &problem.theta);
        let first = gradient_by(FirstOrder, inner, &support, &query, &problem.theta);
        assert!(distance(&exact, &first) > 1e-3 * norm(&exact));
    }
}

/// Counts how often it is recorded.
struct Counted<'a>(Quadratic, &'a AtomicUsize);

impl Objective for Counted<'_> {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.eval(tape, parameters)
    }
}

/// Each recording is differentiated once, except Reptile's of the query objective.
#[test]
fn the_cost_is_what_is_computed() {
    fn recordings(algorithm: impl Algorithm + Copy, inner: InnerLoop) -> (usize, usize) {
        let count = AtomicUsize::new(0);
        let [support, query] =
            [1.0, 2.0].map(|a| Counted(Quadratic { a: [a; 3], b: [0.5; 3] }, &count));
        let learned = algorithm.initial(vec![0.3, -0.8, 1.5], inner);
        gradient_by(algorithm, inner, &support, &query, &learned);
        (algorithm.cost(inner).gradients, count.into_inner())
    }
    for steps in 0..5 {
        let inner = InnerLoop::new(0.1, steps).unwrap();
        for (said, found) in [
            recordings(FairMaml, inner),
            recordings(FirstOrder, inner),
            recordings(Anil, inner),
            recordings(MetaSgd, inner),
            recordings(Imaml, inner),
        ] {
            assert_eq!(said, found, "{steps} steps");
        }
        let (said, found) = recordings(Reptile, inner);
        assert_eq!(said + 1, found, "{steps} steps");
    }
}
