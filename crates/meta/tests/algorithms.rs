//! Every algorithm: its gradient against differences, its lanes against single numbers.

use fairness::{Notion, Reading, Regularizer};
use meta::algorithm::{
    Algorithm, Anil, FairMaml, FirstOrder, Imaml, InnerProblem, MetaSgd, PublishedCode, Reptile,
};
use meta::{FairLoss, Implicit, InnerLoop, Workspace};
use mlp::{Activation, Initialization, Network};
use proptest::prelude::*;
use tape::Lanes;
use tasks::{Batch, Purpose, stream};

use crate::support::{differences, distance, norm, random_batch};

/// A network at some weights, and tasks with a support and a query batch.
struct Tasks {
    network: Network,
    theta: Vec<f64>,
    batches: Vec<[Batch; 2]>,
    notion: Option<Notion>,
    gamma: f64,
}

impl Tasks {
    fn new(seed: u64, count: usize, notion: Option<Notion>, gamma: f64) -> Self {
        let mut rng = stream(seed, Purpose::Support, 0, 0);
        let network = Network::new(&[2, 4, 3, 2], Activation::Tanh).unwrap();
        let theta = network.initialize(Initialization::Glorot, &mut rng);
        let batches =
            (0..count).map(|_| [5, 7].map(|rows| random_batch(&mut rng, rows, 2))).collect();
        Tasks { network, theta, batches, notion, gamma }
    }

    /// The support or the query objective, with the task of each lane.
    fn loss<'a>(
        &'a self,
        part: usize,
        first: usize,
    ) -> FairLoss<'a, impl Fn(usize) -> (&'a Batch, f64)> {
        let regularizer =
            self.notion.map(|notion| Regularizer { notion, reading: Reading::GroupMean });
        let batch = move |lane: usize| (&self.batches[first + lane][part], self.gamma);
        FairLoss { network: &self.network, regularizer, batch }
    }

    /// What the algorithm learns: weights, and rates that differ from each other.
    fn learned(&self, algorithm: &impl Algorithm, inner: InnerLoop) -> Vec<f64> {
        let mut learned = algorithm.initial(self.theta.clone(), inner);
        let extra = &mut learned[self.theta.len()..];
        extra.iter_mut().enumerate().for_each(|(i, rate)| *rate *= 1.0 + (i as f64).sin() / 2.0);
        learned
    }

    fn gradient(&self, algorithm: &impl Algorithm, inner: InnerLoop, task: usize) -> Vec<f64> {
        let (support, query) = (self.loss(0, task), self.loss(1, task));
        let last_layer = self.network.last_layer();
        let problem = InnerProblem { inner, support: &support, last_layer };
        let learned = self.learned(algorithm, inner);
        let workspace = &mut Workspace::new();
        algorithm.meta_gradient::<f64>(&problem, &query, &learned, workspace).to_vec()
    }

    /// Q at the weights that the algorithm adapts to.
    fn meta_loss(&self, algorithm: &impl Algorithm, inner: InnerLoop, learned: &[f64]) -> f64 {
        let (support, query) = (self.loss(0, 0), self.loss(1, 0));
        let last_layer = self.network.last_layer();
        let problem = InnerProblem { inner, support: &support, last_layer };
        let adapted: Vec<f64> = algorithm.adapt(&problem, learned);
        tape::gradient(&query, &adapted).0
    }

    /// The distance from the slopes of the meta-loss, relative to their norm.
    fn error(&self, algorithm: &impl Algorithm, inner: InnerLoop) -> f64 {
        let learned = self.learned(algorithm, inner);
        let slopes = differences(|learned| self.meta_loss(algorithm, inner, learned), &learned);
        distance(&self.gradient(algorithm, inner, 0), &slopes) / norm(&slopes)
    }
}

/// The numbers of inner steps in any test here.
const STEPS: [usize; 5] = [0, 1, 2, 5, 20];

fn any_steps() -> impl Strategy<Value = usize> {
    prop_oneof![proptest::sample::select(&STEPS[..]), 0usize..=20]
}

fn any_notion() -> impl Strategy<Value = Option<Notion>> {
    prop_oneof![Just(None), proptest::sample::select(Notion::ALL).prop_map(Some)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn exact_ones_are_slopes_of_the_meta_loss(
        seed in 0u64..10_000, steps in any_steps(), notion in any_notion(), gamma in 0.0..2.0f64,
    ) {
        let tasks = Tasks::new(seed, 1, notion, gamma);
        let inner = InnerLoop::new(0.2, steps).unwrap();
        prop_assert!(tasks.error(&FairMaml, inner) < 1e-7);
        prop_assert!(tasks.error(&Anil, inner) < 1e-7);
        prop_assert!(tasks.error(&MetaSgd, inner) < 1e-7);
    }

    /// At the minimum of the proximal objective the implicit gradient is the slope.
    #[test]
    fn the_implicit_one_is_the_slope_at_the_minimum(seed in 0u64..10_000, gamma in 0.0..1.0f64) {
        let tasks = Tasks::new(seed, 1, Some(Notion::DEMOGRAPHIC_PARITY), gamma);
        let implicit = Implicit { proximal: 4.0, conjugate_gradient_steps: 100 };
        // So small a rate that the steps converge at any curvature of these tasks.
        let inner = InnerLoop::new(0.05, 200).unwrap().with_implicit(implicit).unwrap();
        prop_assert!(tasks.error(&Imaml, inner) < 1e-6);
    }

    #[test]
    fn reptile_moves_to_the_adapted_weights(seed in 0u64..10_000, steps in any_steps()) {
        let tasks = Tasks::new(seed, 1, None, 0.0);
        let inner = InnerLoop::new(0.2, steps).unwrap();
        let support = tasks.loss(0, 0);
        let problem = InnerProblem::new(inner, &support);
        let adapted: Vec<f64> = Reptile.adapt(&problem, &tasks.theta);
        let moved: Vec<f64> = tasks.theta.iter().zip(&adapted).map(|(a, b)| a - b).collect();
        prop_assert!(distance(&tasks.gradient(&Reptile, inner, 0), &moved) < 1e-14);
    }

    #[test]
    fn lanes_are_single_tasks(
        seed in 0u64..10_000, steps in any_steps(), notion in any_notion(),
    ) {
        let tasks = Tasks::new(seed, 4, notion, 1.0);
        let inner = InnerLoop::new(0.2, steps).unwrap();
        prop_assert!(lanes_agree(&tasks, &FairMaml, inner));
        prop_assert!(lanes_agree(&tasks, &FirstOrder, inner));
        prop_assert!(lanes_agree(&tasks, &Reptile, inner));
        prop_assert!(lanes_agree(&tasks, &Anil, inner));
        prop_assert!(lanes_agree(&tasks, &MetaSgd, inner));
        prop_assert!(lanes_agree(&tasks, &Imaml, inner));
        prop_assert!(lanes_agree(&tasks, &PublishedCode, inner));
    }

    /// By definition, and so to the last bit.
    #[test]
    fn the_published_code_has_the_gradient_of_first_order(
        seed in 0u64..10_000, steps in any_steps(), notion in any_notion(),
    ) {
        let tasks = Tasks::new(seed, 1, notion, 1.0);
        let inner = InnerLoop::new(0.2, steps).unwrap();
        let [theirs, ours] = [
            tasks.gradient(&PublishedCode, inner, 0), tasks.gradient(&FirstOrder, inner, 0),
        ];
        prop_assert_eq!(theirs, ours);
    }
}

/// Every number of steps on the same tasks, so that none depends on what is drawn.
#[test]
fn from_no_step_to_twenty() {
    for (seed, steps) in STEPS.into_iter().enumerate().map(|(i, steps)| (i as u64, steps)) {
        let tasks = Tasks::new(seed, 4, Some(Notion::DEMOGRAPHIC_PARITY), 1.0);
        let inner = InnerLoop::new(0.2, steps).unwrap();
        let errors = [
            tasks.error(&FairMaml, inner),
            tasks.error(&Anil, inner),
            tasks.error(&MetaSgd, inner),
        ];
        assert!(errors.iter().all(|&error| error < 1e-7), "{steps} steps: {errors:?}");
        // Without second derivatives it is another vector, once there is a step.
        let first_order = tasks.error(&FirstOrder, inner);
        assert_eq!(first_order > 1e-3, steps > 0, "{steps} steps: {first_order:e}");
        assert!(lanes_agree(&tasks, &FairMaml, inner), "{steps}");
        assert!(lanes_agree(&tasks, &FirstOrder, inner), "{steps}");
        assert!(lanes_agree(&tasks, &Reptile, inner), "{steps}");
        assert!(lanes_agree(&tasks, &Anil, inner), "{steps}");
        assert!(lanes_agree(&tasks, &MetaSgd, inner), "{steps}");
        assert!(lanes_agree(&tasks, &Imaml, inner), "{steps}");
        assert!(lanes_agree(&tasks, &PublishedCode, inner), "{steps}");
    }
}

/// Whether four tasks in lanes have the gradients that they have one by one.
fn lanes_agree(tasks: &Tasks, algorithm: &impl Algorithm, inner: InnerLoop) -> bool {
    let (support, query) = (tasks.loss(0, 0), tasks.loss(1, 0));
    let last_layer = tasks.network.last_layer();
    let problem = InnerProblem { inner, support: &support, last_layer };
    let learned = tasks.learned(algorithm, inner);
    let workspace = &mut Workspace::new();
    let together =
        algorithm.meta_gradient::<Lanes<f64, 4>>(&problem, &query, &learned, workspace).to_vec();
    (0..4).all(|task| {
        let alone = tasks.gradient(algorithm, inner, task);
        let lane: Vec<f64> = together.iter().map(|entry| entry.0[task]).collect();
        distance(&lane, &alone) <= 1e-10 * norm(&alone).max(1e-12)
    })
}

/// With one step of conjugate gradients fewer than it needs, the residual says so.
#[test]
fn the_residual_tells_whether_the_system_is_solved() {
    let tasks = Tasks::new(3, 1, None, 0.0);
    let (support, query) = (tasks.loss(0, 0), tasks.loss(1, 0));
    let solve = |conjugate_gradient_steps, proximal| {
        let implicit = Implicit { proximal, conjugate_gradient_steps };
        let inner = InnerLoop::new(0.1, 5).unwrap().with_implicit(implicit).unwrap();
        let problem = InnerProblem::new(inner, &support);
        let workspace = &mut Workspace::<f64>::new();
        Imaml.meta_gradient(&problem, &query, &tasks.theta, workspace).solve().unwrap()
    };
    assert_eq!(solve(0, 1.0).residual, 1.0);
    assert!(solve(2, 1.0).residual > 1e-9);
    assert!(solve(50, 1.0).residual < 1e-10);
    assert!(solve(50, 1.0).curvature > 0.0);
    // A small λ lets the negative curvature of the loss through.
    assert!(solve(50, 1e-4).curvature <= 0.0);
}
