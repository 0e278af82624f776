//! The synthetic tasks of the paper's section 6.1, after Zafar et al. (2017).
//!
//! Points come from two Gaussians, by default half from each:
//!
//! > N([2, 2], [[5, 1], [1, 5]]) and N([−2, −2], [[10, 1], [1, 3]]).
//!
//! **Training tasks** label them by a random line through the origin, y = mx: points above it are
//! positive. **Test tasks** make each Gaussian a class; by default the lower one, the second, is
//! the positive class: in training, only two of five of its points are positive.
//!
//! **The group** is tied to the class by a rotation. Each task draws φ; with x′ = R x, R the
//! rotation by π/φ,
//!
//! > P(protected | x) = p(x′ | y = 1) / (p(x′ | y = 1) + p(x′ | y = 0)).
//!
//! The smaller the rotation, the more the group follows the label. The densities are by default those
//! of the two Gaussians. Where each is a class, y = 1 is the Gaussian of the positive class; in a
//! task labeled by a line, which cuts across both, y = 1 is the first.
//!
//! What the paper leaves open is a setting: [`SyntheticSettings`].

mod densities;
mod dependence;

use std::f64::consts::PI;

use rand::seq::SliceRandom;
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use crate::{Batch, Error, Purpose, Stream, Task, stream};

pub use densities::{ClassDensities, Densities, Gaussian};
pub use dependence::Dependence;

/// More points than this in one task are taken for a slip of the keyboard.
const MAX_POINTS: usize = 1_000_000;

/// How φ gives the angle of rotation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Angle {
    /// π/φ, in radians.
    #[default]
    PiOverPhi,
    /// φ itself is the angle, in radians.
    Radians,
}

/// Which way the rotation turns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rotation {
    /// x′ = R x, R = [[cos, −sin], [sin, cos]]: counterclockwise.
    #[default]
    Rotation,
    /// x′ = Rᵀ x, clockwise: rows times R, as the code of Zafar et al. has it.
    Transposed,
}

/// Whose probability the ratio of densities is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SensitiveDraw {
    /// Of being protected, as section 6.1 of the paper says: the protected group is the one with
    /// more positives.
    #[default]
    ProtectedWithProbability,
    /// Of not being protected, as in Zafar et al.: the protected group is the one with fewer
    /// positives.
    NonProtectedWithProbability,
}

/// How many points come from each Gaussian.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Components {
    /// Half of them, in random order.
    #[default]
    HalfEach,
    /// As many as the toss of a fair coin for each point gives it.
    Coin,
}

/// What labels the points of a test task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TestLabels {
    /// The Gaussian each comes from; [`PositiveGaussian`] says which one is positive.
    #[default]
    Gaussians,
    /// A random line, as in a training task.
    Lines,
}

/// Which side of a training task's line is positive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PositiveSide {
    /// Above the line, in the direction of y.
    #[default]
    Above,
    /// Below the line.
    Below,
    /// A fair coin, tossed for each task, decides.
    Coin,
}

/// Which Gaussian is the positive class of a test task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PositiveGaussian {
    /// The second, N([−2, −2], …), of whose points about 38% are positive in training tasks at the
    /// default settings; of the first, 62% are.
    #[default]
    Lower,
    /// The first, N([2, 2], …).
    Upper,
    /// A fair coin, tossed for each task, decides.
    Drawn,
}

/// The choices of the generator; [`SyntheticConfig`] is their checked form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SyntheticSettings {
    /// Rows of a task, 2 to 1,000,000, even if half of them come from each Gaussian. Default 200.
    pub points: usize,
    /// The values φ is drawn from, uniformly; each positive. Default 2, 4, 8, 16.
    pub phis: Vec<f64>,
    /// Lowest and highest slope m of a training task's line, drawn uniformly. Default −5 to 5.
    pub slope: [f64; 2],
    /// Lowest and highest intercept b of a training task's line, drawn uniformly. Default 0: lines
    /// through the origin.
    pub intercept: [f64; 2],
    /// Which side of the line is positive. Default: above it.
    pub positive_side: PositiveSide,
    /// How φ gives the angle. Default π/φ.
    pub angle: Angle,
    /// Which way the rotation turns. Default: R x.
    pub rotation: Rotation,
    /// Whose probability the ratio of densities is. Default: of being protected.
    pub sensitive: SensitiveDraw,
    /// Which densities these are. Default: those of the generating Gaussians.
    pub densities: Densities,
    /// How many points come from each Gaussian. Default: half of them.
    pub components: Components,
    /// What labels test tasks. Default: the Gaussians.
    pub test_labels: TestLabels,
    /// Which Gaussian is then the positive class. Default: the lower one.
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
    /// The angle of rotation for φ, in radians.
    fn angle(&self, phi: f64) -> f64 {
        match self.angle {
            Angle::PiOverPhi => PI / phi,
            Angle::Radians => phi,
        }
    }
}

/// One of the two Gaussians.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Component {
    /// N([2, 2], [[5, 1], [1, 5]]).
    First,
    /// N([−2, −2], [[10, 1], [1, 3]]).
    Second,
}

impl Component {
    /// The Gaussian's parameters.
    pub fn gaussian(self) -> Gaussian {
        match self {
            Self::First => Gaussian { mean: [2.0, 2.0], covariance: [[5.0, 1.0], [1.0, 5.0]] },
            Self::Second => Gaussian { mean: [-2.0, -2.0], covariance: [[10.0, 1.0], [1.0, 3.0]] },
        }
    }

    /// The other Gaussian.
    pub fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

/// What makes a point positive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LabelRule {
    /// The side of the line y = slope · x + intercept it lies on (training tasks, and test tasks if
    /// so set).
    Line {
        /// The slope m.
        slope: f64,
        /// The intercept b.
        intercept: f64,
        /// Whether the positive side is above the line.
        positive_above: bool,
    },
    /// The Gaussian it comes from (test tasks, by default).
    Component {
        /// The positive one.
        positive: Component,
    },
}

/// What a task's data were generated from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TaskFacts {
    /// The φ drawn for the task.
    pub phi: f64,
    /// What makes a point positive.
    pub rule: LabelRule,
}

impl TaskFacts {
    /// Whether a point that comes from `component` is positive.
    pub fn is_positive(&self, x: [f64; 2], component: Component) -> bool {
        match self.rule {
            LabelRule::Line { slope, intercept, positive_above } => {
                (x[1] > slope * x[0] + intercept) == positive_above
            }
            LabelRule::Component { positive } => component == positive,
        }
    }

    /// The Gaussian whose density is p(· | y = 1), unless densities are fitted.
    pub fn positive_component(&self) -> Component {
        match self.rule {
            LabelRule::Line { .. } => Component::First,
            LabelRule::Component { positive } => positive,
        }
    }
}

/// Valid [`SyntheticSettings`], and the generator they describe.
///
/// A task is found by (seed, index): the same two give the same task, whichever other tasks were
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
    /// [`Error::Setting`] for a number of points that is odd or out of range, no φ, a φ that is not
    /// positive or gives no finite angle, a range whose ends are not finite or not in order.
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

    /// The settings.
    pub fn settings(&self) -> &SyntheticSettings {
        &self.0
    }

    /// Training task `index`: labels by a random line.
    pub fn training_task(&self, seed: u64, index: u64) -> Task {
        let (facts, mut rng) = self.training(seed, index);
        Task { name: format!("training {index}"), data: self.generate(&facts, &mut rng) }
    }

    /// Test task `index`: each Gaussian is a class, or labels by a random line.
    pub fn test_task(&self, seed: u64, index: u64) -> Task {
        let (facts, mut rng) = self.test(seed, index);
        Task { name: format!("test {index}"), data: self.generate(&facts, &mut rng) }
    }

    /// What [`training_task`](Self::training_task) is generated from.
    pub fn training_facts(&self, seed: u64, index: u64) -> TaskFacts {
        self.training(seed, index).0
    }

    /// What [`test_task`](Self::test_task) is generated from.
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

    /// The rows of a task with these facts, in random order.
    ///
    /// Which densities they have decides the groups alone: points and labels are the same.
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

    /// The densities on which the groups of a task with these facts, points and labels depend.
    ///
    /// # Panics
    /// If there are not as many labels as points.
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

    /// P(protected | x) in a task with this φ and these densities.
    pub fn protected_probability(&self, phi: f64, densities: &ClassDensities, x: [f64; 2]) -> f64 {
        let (sin, cos) = self.0.angle(phi).sin_cos();
        let rotated = match self.0.rotation {
            Rotation::Rotation => [cos * x[0] - sin * x[1], sin * x[0] + cos * x[1]],
            Rotation::Transposed => [cos * x[0] + sin * x[1], cos * x[1] - sin * x[0]],
        };
        let log_odds = densities.log_odds(rotated);
        // p₁ / (p₁ + p₀) = 1 / (1 + exp(−(ln p₁ − ln p₀))), which neither overflows nor divides 0
        // by 0.
        let sigmoid = |log_odds: f64| 1.0 / (1.0 + (-log_odds).exp());
        match self.0.sensitive {
            SensitiveDraw::NonProtectedWithProbability => sigmoid(-log_odds),
            SensitiveDraw::ProtectedWithProbability => sigmoid(log_odds),
        }
    }
}

/// One of the two Gaussians, by the toss of a fair coin.
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
