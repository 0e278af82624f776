//! This module generates the synthetic tasks of the paper's section 6.1, which follow Zafar et al.
//! (2017).
//!
//! The points come from two Gaussians. By default half of the points come from each:
//!
//! > N([2, 2], [[5, 1], [1, 5]]) and N([−2, −2], [[10, 1], [1, 3]]).
//!
//! **Training tasks** label the points by a random line through the origin, y = mx. The points
//! above the line are positive. **Test tasks** use the two Gaussians as the two classes. By default
//! the lower Gaussian, which is the second one, is the positive class. In training tasks, only
//! about two of five of its points are positive.
//!
//! **The group** depends on the class through a rotation. Each task draws a number φ. With
//! x′ = R x, where R is the rotation by the angle π/φ,
//!
//! > P(protected | x) = p(x′ | y = 1) / (p(x′ | y = 1) + p(x′ | y = 0)).
//!
//! The smaller the rotation, the more closely the group follows the label. By default the densities
//! are those of the two Gaussians. If the Gaussians are the classes, y = 1 stands for the Gaussian
//! of the positive class. If a line labels the points, it cuts across both Gaussians, and y = 1
//! stands for the first Gaussian.
//!
//! [`SyntheticSettings`] has a setting for each choice that the paper leaves open.

mod densities;
mod dependence;

use std::f64::consts::PI;

use rand::seq::SliceRandom;
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use crate::{Batch, Error, Purpose, Stream, Task, stream};

pub use densities::{ClassDensities, Densities, Gaussian};
pub use dependence::Dependence;

/// The largest number of points in one task. A larger number is probably a typing error.
const MAX_POINTS: usize = 1_000_000;

/// Selects how φ determines the angle of rotation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Angle {
    /// The angle is π/φ, in radians.
    #[default]
    PiOverPhi,
    /// The angle is φ itself, in radians.
    Radians,
}

/// Selects the direction of the rotation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rotation {
    /// The rotation is counterclockwise: x′ = R x with R = [[cos, −sin], [sin, cos]].
    #[default]
    Rotation,
    /// The rotation is clockwise: x′ = Rᵀ x. The code of Zafar et al. multiplies row vectors by R,
    /// which gives this rotation.
    Transposed,
}

/// Selects the event whose probability is the ratio of densities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SensitiveDraw {
    /// The ratio is the probability of being protected, as section 6.1 of the paper says. The
    /// protected group is then the one with more positive rows.
    #[default]
    ProtectedWithProbability,
    /// The ratio is the probability of not being protected, as in Zafar et al. The protected group
    /// is then the one with fewer positive rows.
    NonProtectedWithProbability,
}

/// Selects how many points come from each Gaussian.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Components {
    /// Half of the points come from each Gaussian, in random order.
    #[default]
    HalfEach,
    /// A fair coin decides for each point which Gaussian it comes from.
    Coin,
}

/// Selects how the points of a test task are labeled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TestLabels {
    /// The label of a point depends on the Gaussian that it comes from. [`PositiveGaussian`] says
    /// which Gaussian is positive.
    #[default]
    Gaussians,
    /// A random line labels the points, as in a training task.
    Lines,
}

/// Selects the positive side of the line in a task that a line labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PositiveSide {
    /// The points above the line, in the direction of y, are positive.
    #[default]
    Above,
    /// The points below the line are positive.
    Below,
    /// A fair coin, tossed for each task, decides which side is positive.
    Coin,
}

/// Selects which Gaussian is the positive class of a test task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PositiveGaussian {
    /// The second Gaussian, N([−2, −2], …), is positive. At the default settings, about 38% of its
    /// points are positive in training tasks. For the first Gaussian it is 62%.
    #[default]
    Lower,
    /// The first Gaussian, N([2, 2], …), is positive.
    Upper,
    /// A fair coin, tossed for each task, decides which Gaussian is positive.
    Drawn,
}

/// Holds the settings of the generator. [`SyntheticConfig`] holds them in checked form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SyntheticSettings {
    /// The number of rows of a task, from 2 to 1,000,000. It must be even if half of the rows come
    /// from each Gaussian. Default 200.
    pub points: usize,
    /// The values from which φ is drawn uniformly. Each value is above 0. Default 2, 4, 8, 16.
    pub phis: Vec<f64>,
    /// The lowest and the highest slope m of a line. The slope is drawn uniformly between them.
    /// Default −5 to 5.
    pub slope: [f64; 2],
    /// The lowest and the highest intercept b of a line. The intercept is drawn uniformly between
    /// them. Default 0 to 0, so that every line passes through the origin.
    pub intercept: [f64; 2],
    /// The positive side of the line. Default: above the line.
    pub positive_side: PositiveSide,
    /// How φ determines the angle. Default: π/φ.
    pub angle: Angle,
    /// The direction of the rotation. Default: R x.
    pub rotation: Rotation,
    /// The event whose probability is the ratio of densities. Default: being protected.
    pub sensitive: SensitiveDraw,
    /// The densities in that ratio. Default: those of the generating Gaussians.
    pub densities: Densities,
    /// The number of points from each Gaussian. Default: half of the points.
    pub components: Components,
    /// How test tasks are labeled. Default: by the Gaussians.
    pub test_labels: TestLabels,
    /// The positive class of test tasks that are labeled by the Gaussians. Default: the lower
    /// Gaussian.
    pub positive_gaussian: PositiveGaussian,
}

impl Default for SyntheticSettings {
    fn default() -> Self {
        Self {
            points: 200,
            phis: vec![2.0, 4.0, 8.0, 16.0],
            slope: [-5.0, 5.0],
            intercept: [0.0, 0.0],
            positive_side: PositiveSide::default(),
            angle: Angle::default(),
            rotation: Rotation::default(),
            sensitive: SensitiveDraw::default(),
            densities: Densities::default(),
            components: Components::default(),
            test_labels: TestLabels::default(),
            positive_gaussian: PositiveGaussian::default(),
        }
    }
}

impl SyntheticSettings {
    /// Returns the angle of rotation for φ, in radians.
    fn angle(&self, phi: f64) -> f64 {
        match self.angle {
            Angle::PiOverPhi => PI / phi,
            Angle::Radians => phi,
        }
    }
}

/// Names one of the two Gaussians.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Component {
    /// The Gaussian N([2, 2], [[5, 1], [1, 5]]).
    First,
    /// The Gaussian N([−2, −2], [[10, 1], [1, 3]]).
    Second,
}

impl Component {
    /// Returns the parameters of the Gaussian.
    pub fn gaussian(self) -> Gaussian {
        match self {
            Self::First => Gaussian { mean: [2.0, 2.0], covariance: [[5.0, 1.0], [1.0, 5.0]] },
            Self::Second => Gaussian { mean: [-2.0, -2.0], covariance: [[10.0, 1.0], [1.0, 3.0]] },
        }
    }

    /// Returns the other Gaussian.
    pub fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

/// Describes the rule that decides which points are positive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LabelRule {
    /// A point is positive if it lies on the positive side of the line y = slope · x + intercept.
    /// Training tasks use this rule, and test tasks use it with [`TestLabels::Lines`].
    Line {
        /// The slope m.
        slope: f64,
        /// The intercept b.
        intercept: f64,
        /// Whether the positive side is above the line.
        positive_above: bool,
    },
    /// A point is positive if it comes from a certain Gaussian. Test tasks use this rule by
    /// default.
    Component {
        /// The Gaussian whose points are positive.
        positive: Component,
    },
}

/// Holds the facts from which the data of a task are generated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TaskFacts {
    /// The value of φ that was drawn for the task.
    pub phi: f64,
    /// The rule that decides which points are positive.
    pub rule: LabelRule,
}

impl TaskFacts {
    /// Returns whether the point `x`, which comes from `component`, is positive.
    pub fn is_positive(&self, x: [f64; 2], component: Component) -> bool {
        match self.rule {
            LabelRule::Line { slope, intercept, positive_above } => {
                (x[1] > slope * x[0] + intercept) == positive_above
            }
            LabelRule::Component { positive } => component == positive,
        }
    }

    /// Returns the Gaussian whose density is p(· | y = 1). It plays no role if densities are
    /// fitted.
    pub fn positive_component(&self) -> Component {
        match self.rule {
            LabelRule::Line { .. } => Component::First,
            LabelRule::Component { positive } => positive,
        }
    }
}

/// Holds valid [`SyntheticSettings`] and generates the tasks that they describe.
///
/// The settings, a seed and an index determine a task. It does not matter which other tasks were
/// made.
///
/// ```
/// use tasks::synthetic::{Rotation, SyntheticConfig, SyntheticSettings};
///
/// let settings = SyntheticSettings { rotation: Rotation::Transposed, ..Default::default() };
/// let config = SyntheticConfig::new(settings)?;
/// let (task, facts) = (config.training_task(1, 0), config.training_facts(1, 0));
/// assert_eq!((task.data.rows(), task.data.features()), (200, 2));
/// assert!([2.0, 4.0, 8.0, 16.0].contains(&facts.phi));
/// # Ok::<(), tasks::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "SyntheticSettings", into = "SyntheticSettings")]
pub struct SyntheticConfig(SyntheticSettings);

impl SyntheticConfig {
    /// Checks the settings.
    ///
    /// # Errors
    /// Returns [`Error::Setting`] in each of these cases:
    ///
    /// - `points` is out of range, or it is odd although half of the points come from each
    ///   Gaussian;
    /// - `phis` is empty, or one of its values is not positive or gives no finite angle;
    /// - the ends of `slope` or of `intercept` are not finite or not in order.
    pub fn new(settings: SyntheticSettings) -> Result<Self, Error> {
        let SyntheticSettings { points, ref phis, slope, intercept, components, .. } = settings;
        let (number, divides) = match components {
            Components::HalfEach => ("an even number", points % 2 == 0),
            Components::Coin => ("a number", true),
        };
        if !((2..=MAX_POINTS).contains(&points) && divides) {
            let accepted = format!("{number} from 2 to {MAX_POINTS}");
            return Err(Error::setting("points", points, accepted));
        }
        if phis.is_empty()
            || !phis
                .iter()
                .all(|&phi| phi > 0.0 && phi.is_finite() && settings.angle(phi).is_finite())
        {
            return Err(Error::setting(
                "phis",
                format!("{phis:?}"),
                "one or more positive numbers that give an angle",
            ));
        }
        for (name, [low, high]) in [("slope", slope), ("intercept", intercept)] {
            if !(low <= high && (high - low).is_finite()) {
                let accepted = "two finite numbers, the lower first";
                return Err(Error::setting(name, format!("{low} to {high}"), accepted));
            }
        }
        Ok(Self(settings))
    }

    /// Returns the settings.
    pub fn settings(&self) -> &SyntheticSettings {
        &self.0
    }

    /// Makes training task `index`, whose labels come from a random line. The features are
    /// `(points, 2)`.
    pub fn training_task(&self, seed: u64, index: u64) -> Task {
        let (facts, mut rng) = self.training(seed, index);
        Task::new(format!("training {index}"), self.generate(&facts, &mut rng))
    }

    /// Makes test task `index`, whose labels come from the Gaussians or from a random line. The
    /// features are `(points, 2)`.
    pub fn test_task(&self, seed: u64, index: u64) -> Task {
        let (facts, mut rng) = self.test(seed, index);
        Task::new(format!("test {index}"), self.generate(&facts, &mut rng))
    }

    /// Returns the facts from which [`training_task`](Self::training_task) generates the task.
    pub fn training_facts(&self, seed: u64, index: u64) -> TaskFacts {
        self.training(seed, index).0
    }

    /// Returns the facts from which [`test_task`](Self::test_task) generates the task.
    pub fn test_facts(&self, seed: u64, index: u64) -> TaskFacts {
        self.test(seed, index).0
    }

    fn training(&self, seed: u64, index: u64) -> (TaskFacts, Stream) {
        let mut rng = stream(seed, Purpose::TaskGeneration, 0, index);
        let phi = self.draw_phi(&mut rng);
        let rule = self.draw_line(&mut rng);
        (TaskFacts { phi, rule }, rng)
    }

    fn test(&self, seed: u64, index: u64) -> (TaskFacts, Stream) {
        let mut rng = stream(seed, Purpose::TaskGeneration, 1, index);
        let phi = self.draw_phi(&mut rng);
        let rule = match self.0.test_labels {
            TestLabels::Gaussians => {
                let positive = match self.0.positive_gaussian {
                    PositiveGaussian::Lower => Component::Second,
                    PositiveGaussian::Upper => Component::First,
                    PositiveGaussian::Drawn => draw_component(&mut rng),
                };
                LabelRule::Component { positive }
            }
            TestLabels::Lines => self.draw_line(&mut rng),
        };
        (TaskFacts { phi, rule }, rng)
    }

    fn draw_line(&self, rng: &mut Stream) -> LabelRule {
        let uniform = |rng: &mut Stream, [low, high]: [f64; 2]| rng.random_range(low..=high);
        let slope = uniform(rng, self.0.slope);
        let intercept = uniform(rng, self.0.intercept);
        let positive_above = match self.0.positive_side {
            PositiveSide::Above => true,
            PositiveSide::Below => false,
            PositiveSide::Coin => rng.random(),
        };
        LabelRule::Line { slope, intercept, positive_above }
    }

    fn draw_phi(&self, rng: &mut Stream) -> f64 {
        self.0.phis[rng.random_range(0..self.0.phis.len())]
    }

    /// Generates the rows of a task with these facts, in random order. The features are
    /// `(points, 2)`.
    ///
    /// The choice of densities affects only the groups. Points and labels do not depend on it.
    pub fn generate<R: Rng + ?Sized>(&self, facts: &TaskFacts, rng: &mut R) -> Batch {
        let count = self.0.points;
        let components: Vec<Component> = match self.0.components {
            Components::HalfEach => {
                let mut components = vec![Component::First; count];
                components[count / 2..].fill(Component::Second);
                components.shuffle(rng);
                components
            }
            Components::Coin => (0..count).map(|_| draw_component(rng)).collect(),
        };

        let (mut points, mut positive) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let mut thresholds = Vec::with_capacity(count);
        for component in components {
            let point = component.gaussian().sample(rng);
            points.push(point);
            positive.push(facts.is_positive(point, component));
            thresholds.push(rng.random::<f64>());
        }
        let densities = self.densities(facts, &points, &positive);
        let probability = |&point| self.protected_probability(facts.phi, &densities, point);
        let protected = points.iter().zip(thresholds).map(|(x, t)| t < probability(x)).collect();
        Batch::new(2, points.into_flattened(), positive, protected)
            .expect("Gaussian draws are finite, one label and group a row")
    }

    /// Returns the densities that determine the groups of a task with these facts, points and
    /// labels.
    ///
    /// # Panics
    /// Panics with [`Densities::Fitted`] if the numbers of points and labels differ.
    pub fn densities(
        &self,
        facts: &TaskFacts,
        points: &[[f64; 2]],
        positive: &[bool],
    ) -> ClassDensities {
        let fitted = match self.0.densities {
            Densities::Generating => None,
            Densities::Fitted => ClassDensities::fitted(points, positive),
        };
        fitted.unwrap_or_else(|| ClassDensities::generating(facts))
    }

    /// Returns P(protected | x), between 0 and 1, in a task with this φ and these densities.
    pub fn protected_probability(&self, phi: f64, densities: &ClassDensities, x: [f64; 2]) -> f64 {
        let (sin, cos) = self.0.angle(phi).sin_cos();
        let rotated = match self.0.rotation {
            Rotation::Rotation => [cos * x[0] - sin * x[1], sin * x[0] + cos * x[1]],
            Rotation::Transposed => [cos * x[0] + sin * x[1], cos * x[1] - sin * x[0]],
        };
        let log_odds = densities.log_odds(rotated);
        // The probability is p₁ / (p₁ + p₀) = 1 / (1 + exp(−(ln p₁ − ln p₀))). The second form
        // never divides 0 by 0.
        let sigmoid = |log_odds: f64| 1.0 / (1.0 + (-log_odds).exp());
        match self.0.sensitive {
            SensitiveDraw::NonProtectedWithProbability => sigmoid(-log_odds),
            SensitiveDraw::ProtectedWithProbability => sigmoid(log_odds),
        }
    }
}

/// Draws one of the two Gaussians by the toss of a fair coin.
fn draw_component<R: Rng + ?Sized>(rng: &mut R) -> Component {
    if rng.random() { Component::First } else { Component::Second }
}

impl TryFrom<SyntheticSettings> for SyntheticConfig {
    type Error = Error;

    fn try_from(settings: SyntheticSettings) -> Result<Self, Error> {
        Self::new(settings)
    }
}

impl From<SyntheticConfig> for SyntheticSettings {
    fn from(config: SyntheticConfig) -> Self {
        config.0
    }
}
