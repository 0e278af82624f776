//! Meta-learning algorithms: how a model adapts to a task, and what an outer step learns from it.
//!
//! An algorithm is one file that implements [`Algorithm`]: its equations, its gradient and its
//! cost. Its name is its name in manifests. To add one here, add its file and its line in
//! [`ALL`]. From outside this crate, hand one to [`AnyAlgorithm::of`].
//!
//! | file | algorithm | meta-gradient |
//! |---|---|---|
//! | `fair_maml` | Fair-MAML, or MAML without a regularizer | ∇_θ Q(θ_T), exact |
//! | `first_order` | first-order MAML | ∇Q at θ_T |
//! | `reptile` | Reptile | θ − θ_T |
//! | `anil` | ANIL: the inner steps move the last layer alone | ∇_θ Q(θ_T), exact |
//! | `meta_sgd` | Meta-SGD: learned inner rates | ∇ Q(θ_T) by weights and rates, exact |
//! | `imaml` | iMAML: the minimum of S(φ) + λ/2 ‖φ − θ‖² | (I + ∇²S(φ)/λ)⁻¹ ∇Q(φ) |
//! | `published_code` | the paper's published program | ∇Q at θ_T, as first-order MAML |
//!
//! Everywhere S is the support objective and Q the query objective of a task. α is the inner rate,
//! T is the number of inner steps, and θ_{t+1} = θ_t − α ∇S(θ_t).

mod anil;
mod fair_maml;
mod first_order;
mod imaml;
mod meta_sgd;
mod published_code;
mod reptile;

use std::fmt::Debug;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tape::{Lanes, Scalar, Tape, Var, Work};

use crate::settings::InnerLoop;
use crate::workspace::{MetaGradient, Workspace, gradient_descent};

pub use crate::inner_problem::{InnerProblem, Loss, Rates};

pub use anil::Anil;
pub use fair_maml::FairMaml;
pub use first_order::FirstOrder;
pub use imaml::Imaml;
pub use meta_sgd::MetaSgd;
pub use published_code::PublishedCode;
pub use reptile::Reptile;

/// Defines a meta-learning algorithm.
///
/// Its methods are generic over the scalar type. The learner runs them on single numbers and on
/// [`Lanes`], which hold one task each. What they return must depend on their arguments alone, and
/// each lane must depend on its own task alone. Then the result of training is the same on any
/// number of threads.
pub trait Algorithm: Debug + Sync + 'static {
    /// Returns the name in manifests, in lower case with hyphens. No two algorithms share one.
    fn name(&self) -> &'static str;

    /// Returns the name in tables and figures, with or without a regularizer in the loss. The
    /// default is the name in manifests.
    fn title(&self, is_regularized: bool) -> &'static str {
        let _ = is_regularized;
        self.name()
    }

    /// Returns what a meta-gradient of one task costs.
    fn cost(&self, inner: InnerLoop) -> Cost;

    /// Returns the initial value of what is learned, given the initial weights `theta` of the
    /// network. What is learned starts with the weights. An algorithm that learns more appends it.
    fn initial(&self, theta: Vec<f64>, inner: InnerLoop) -> Vec<f64> {
        let _ = inner;
        theta
    }

    /// Returns the weights θ_T of a model that adapts to a task from what was `learned`. The
    /// default is gradient descent on all weights.
    ///
    /// # Panics
    /// Panics if the objective is not `(1, 1)`.
    fn adapt<S: Scalar>(&self, inner: &InnerProblem<'_, S>, learned: &[S::Flat]) -> Vec<S> {
        gradient_descent(inner, learned, Rates::shared(inner.inner))
    }

    /// Says what the meta-gradient is, so that a check can compare it with differences. The default
    /// is the exact gradient.
    fn claim(&self) -> Claim {
        Claim::Exact
    }

    /// Returns the inner rate of each weight if [`adapt`](Algorithm::adapt) is gradient descent on
    /// S, else `None`. The default is α for all weights.
    fn step_rates(&self, inner: &InnerProblem<'_, f64>, learned: &[f64]) -> Option<Vec<f64>> {
        Some(vec![inner.inner.rate(); learned.len()])
    }

    /// Returns the losses of a task, and the gradient that the outer step follows. The gradient has
    /// one entry for each entry of `learned`. `query` is the objective of the adapted weights.
    ///
    /// # Panics
    /// Panics if an objective is not `(1, 1)`.
    fn meta_gradient<'w, S: Scalar>(
        &self,
        inner: &InnerProblem<'_, S>,
        query: &dyn Loss<S>,
        learned: &[S::Flat],
        workspace: &'w mut Workspace<S>,
    ) -> MetaGradient<'w, S>;
}

/// Says what the meta-gradient of an [`Algorithm`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The gradient of the query loss after adaptation, by everything that is learned.
    Exact,
    /// The gradient of the query loss by the adapted weights, at these weights.
    AtAdapted,
    /// What adaptation subtracts from the weights: θ − θ_T.
    Displacement,
    /// The solution v of (I + ∇²S(φ)/λ) v = ∇Q(φ) at the adapted weights φ.
    Implicit,
}

/// Says which weights the directions of Hessian-vector products move. What depends on none of them
/// is skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moving {
    /// All weights.
    All,
    /// The weights and biases of the last layer.
    LastLayer,
}

/// Counts what a meta-gradient of one task computes and keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// The gradients of S or Q, each with its recording.
    pub gradients: usize,
    /// The Hessian-vector products.
    pub hessian_vector_products: usize,
    /// The weights that the directions of these products move.
    pub moving: Moving,
    /// The vectors of the length of θ that are kept beside the tapes.
    pub vectors: usize,
}

impl Cost {
    /// Returns the cost of an exact gradient through `inner`. Each step before the last is recorded
    /// twice: on the way forward, and again on the way back. `vectors` are kept in any case. If
    /// there are several steps, each iterate and v are kept too.
    fn through_steps(inner: InnerLoop, vectors: usize) -> Self {
        let steps = inner.steps();
        Cost {
            gradients: if steps == 0 { 1 } else { 2 * steps },
            hessian_vector_products: steps,
            moving: Moving::All,
            vectors: vectors + if steps < 2 { 0 } else { steps },
        }
    }

    /// Counts the operations. `tape` has the recording of an objective at `parameters`, which
    /// stands for each recording of S and Q. `last_layer` are the parameters of the last layer.
    ///
    /// # Panics
    /// Panics if `parameters` is a constant.
    pub fn work<S: Scalar>(
        self,
        tape: &Tape<S>,
        parameters: Var,
        last_layer: Range<usize>,
    ) -> Work {
        let all = tape.work();
        let product = match self.moving {
            Moving::All => all,
            Moving::LastLayer => tape.work_within(parameters, last_layer),
        };
        let products = product.hessian_vector() * self.hessian_vector_products as u64;
        all.gradient() * self.gradients as u64 + products
    }
}

/// Holds any algorithm. Two with the same name are equal.
#[derive(Clone, Copy, Debug)]
pub struct AnyAlgorithm(&'static dyn Compiled);

/// MAML with the exact meta-gradient. With a regularizer it is Fair-MAML.
// A static and not a constant: a crate that uses a constant would compile the algorithm again.
pub static FAIR_MAML: AnyAlgorithm = AnyAlgorithm::of(&FairMaml);

/// First-order MAML.
pub static FIRST_ORDER: AnyAlgorithm = AnyAlgorithm::of(&FirstOrder);

/// The paper's published program.
pub static PUBLISHED_CODE: AnyAlgorithm = AnyAlgorithm::of(&PublishedCode);

/// Implicit MAML.
pub static IMAML: AnyAlgorithm = AnyAlgorithm::of(&Imaml);

/// Every algorithm of this crate.
pub static ALL: [AnyAlgorithm; 7] = [
    AnyAlgorithm::of(&FairMaml),
    AnyAlgorithm::of(&FirstOrder),
    AnyAlgorithm::of(&Reptile),
    AnyAlgorithm::of(&Anil),
    AnyAlgorithm::of(&MetaSgd),
    AnyAlgorithm::of(&Imaml),
    AnyAlgorithm::of(&PublishedCode),
];

impl AnyAlgorithm {
    /// Makes the handle of an algorithm from anywhere.
    pub const fn of<A: Algorithm>(algorithm: &'static A) -> Self {
        AnyAlgorithm(algorithm)
    }

    /// Returns the name. See [`Algorithm::name`].
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// Returns the name in tables and figures. See [`Algorithm::title`].
    pub fn title(self, is_regularized: bool) -> &'static str {
        self.0.title(is_regularized)
    }

    /// Returns the cost. See [`Algorithm::cost`].
    pub fn cost(self, inner: InnerLoop) -> Cost {
        self.0.cost(inner)
    }

    /// Returns the initial value of what is learned. See [`Algorithm::initial`].
    pub fn initial(self, theta: Vec<f64>, inner: InnerLoop) -> Vec<f64> {
        self.0.initial(theta, inner)
    }

    /// Says what the meta-gradient is. See [`Algorithm::claim`].
    pub fn claim(self) -> Claim {
        self.0.claim()
    }

    /// Returns the inner rate of each weight. See [`Algorithm::step_rates`].
    pub fn step_rates(self, inner: &InnerProblem<'_, f64>, learned: &[f64]) -> Option<Vec<f64>> {
        self.0.step_rates(inner, learned)
    }

    /// Returns the losses of one task and its meta-gradient. See [`Algorithm::meta_gradient`].
    ///
    /// # Panics
    /// Panics if an objective is not `(1, 1)`.
    pub fn meta_gradient<'w>(
        self,
        inner: &InnerProblem<'_, f64>,
        query: &dyn Loss<f64>,
        learned: &[f64],
        workspace: &'w mut Workspace<f64>,
    ) -> MetaGradient<'w, f64> {
        self.on::<f64>().meta_gradient(inner, query, learned, workspace)
    }

    /// Adapts to a task. See [`Algorithm::adapt`].
    ///
    /// # Panics
    /// Panics if the objective is not `(1, 1)`.
    pub fn adapt(self, inner: &InnerProblem<'_, f64>, learned: &[f64]) -> Vec<f64> {
        self.0.adapt(inner, learned)
    }

    /// Returns the algorithm as it is compiled for the scalar type `S`.
    pub(crate) fn on<S: Vectorized>(self) -> &'static dyn OnScalar<S> {
        S::of(self)
    }
}

impl Default for AnyAlgorithm {
    fn default() -> Self {
        FAIR_MAML
    }
}

impl PartialEq for AnyAlgorithm {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for AnyAlgorithm {}

/// Reports a name that no algorithm of [`ALL`] has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown algorithm `{name}`, expected one of {}", ALL.map(AnyAlgorithm::name).join(", "))]
pub struct UnknownAlgorithm {
    name: String,
}

impl FromStr for AnyAlgorithm {
    type Err = UnknownAlgorithm;

    /// Returns the algorithm of [`ALL`] that has this name.
    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        let found = ALL.iter().copied().find(|algorithm| algorithm.name() == name);
        found.ok_or_else(|| UnknownAlgorithm { name: name.into() })
    }
}

impl Serialize for AnyAlgorithm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for AnyAlgorithm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The part of an [`Algorithm`] that depends on the scalar type, for one type.
pub(crate) trait OnScalar<S: Scalar>: Sync {
    fn meta_gradient<'w>(
        &self,
        inner: &InnerProblem<'_, S>,
        query: &dyn Loss<S>,
        learned: &[S::Flat],
        workspace: &'w mut Workspace<S>,
    ) -> MetaGradient<'w, S>;
}

impl<S: Scalar, A: Algorithm> OnScalar<S> for A {
    fn meta_gradient<'w>(
        &self,
        inner: &InnerProblem<'_, S>,
        query: &dyn Loss<S>,
        learned: &[S::Flat],
        workspace: &'w mut Workspace<S>,
    ) -> MetaGradient<'w, S> {
        Algorithm::meta_gradient(self, inner, query, learned, workspace)
    }
}

/// A scalar type for which every algorithm is compiled.
pub(crate) trait Vectorized: Scalar {
    fn of(algorithm: AnyAlgorithm) -> &'static dyn OnScalar<Self>;
}

/// Lists the scalar types for which every algorithm is compiled.
macro_rules! compiled_for {
    ($($scalar:ty),* $(,)?) => {
        /// An [`Algorithm`] that is chosen at run time.
        trait Compiled: Debug + $(OnScalar<$scalar> +)* Sync {
            fn name(&self) -> &'static str;
            fn title(&self, is_regularized: bool) -> &'static str;
            fn cost(&self, inner: InnerLoop) -> Cost;
            fn initial(&self, theta: Vec<f64>, inner: InnerLoop) -> Vec<f64>;
            fn adapt(&self, inner: &InnerProblem<'_, f64>, learned: &[f64]) -> Vec<f64>;
            fn claim(&self) -> Claim;
            fn step_rates(
                &self,
                inner: &InnerProblem<'_, f64>,
                learned: &[f64],
            ) -> Option<Vec<f64>>;
        }

        $(
            impl Vectorized for $scalar {
                fn of(algorithm: AnyAlgorithm) -> &'static dyn OnScalar<Self> {
                    algorithm.0
                }
            }
        )*
    };
}

compiled_for!(f64, Lanes<f64, 4>, Lanes<f64, 8>, f32, Lanes<f32, 4>, Lanes<f32, 16>);

impl<A: Algorithm> Compiled for A {
    fn name(&self) -> &'static str {
        Algorithm::name(self)
    }

    fn title(&self, is_regularized: bool) -> &'static str {
        Algorithm::title(self, is_regularized)
    }

    fn cost(&self, inner: InnerLoop) -> Cost {
        Algorithm::cost(self, inner)
    }

    fn initial(&self, theta: Vec<f64>, inner: InnerLoop) -> Vec<f64> {
        Algorithm::initial(self, theta, inner)
    }

    fn adapt(&self, inner: &InnerProblem<'_, f64>, learned: &[f64]) -> Vec<f64> {
        Algorithm::adapt(self, inner, learned)
    }

    fn claim(&self) -> Claim {
        Algorithm::claim(self)
    }

    fn step_rates(&self, inner: &InnerProblem<'_, f64>, learned: &[f64]) -> Option<Vec<f64>> {
        Algorithm::step_rates(self, inner, learned)
    }
}
