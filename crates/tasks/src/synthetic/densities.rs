//! This module defines Gaussians in the plane, and the densities of the two classes of a task.

use std::f64::consts::PI;

use rand::{Rng, RngExt};
use rand_distr::StandardNormal;
use serde::{Deserialize, Serialize};

use super::TaskFacts;

/// The determinant of a covariance, relative to the square of the mean variance, at or below which
/// the points count as lying on a line.
const LEAST_DETERMINANT: f64 = 1e-9;

/// Describes a Gaussian distribution in the plane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gaussian {
    /// The mean.
    pub mean: [f64; 2],
    /// The covariance, which is symmetric and positive definite.
    pub covariance: [[f64; 2]; 2],
}

impl Gaussian {
    /// Returns ln p(x), the logarithm of the density at x.
    pub fn log_density(&self, x: [f64; 2]) -> f64 {
        let [[a, b], [_, d]] = self.covariance;
        let determinant = a * d - b * b;
        let (u, v) = (x[0] - self.mean[0], x[1] - self.mean[1]);
        let mahalanobis_squared = (d * u * u - 2.0 * b * u * v + a * v * v) / determinant;
        -0.5 * mahalanobis_squared - (2.0 * PI).ln() - 0.5 * determinant.ln()
    }

    /// Draws one point, mean + L z. L is the Cholesky factor of the covariance, and z holds two
    /// independent standard normal numbers.
    pub fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> [f64; 2] {
        let [[a, b], [_, d]] = self.covariance;
        let l00 = a.sqrt();
        let l10 = b / l00;
        let l11 = (d - l10 * l10).sqrt();
        let (z0, z1): (f64, f64) = (rng.sample(StandardNormal), rng.sample(StandardNormal));
        [self.mean[0] + l00 * z0, self.mean[1] + l10 * z0 + l11 * z1]
    }

    /// Fits the Gaussian with the highest likelihood. Its mean is the mean of the points. Its
    /// covariance is that of the points, divided by their number n and not by n − 1.
    ///
    /// Returns `None` for fewer than 3 points. Also returns `None` if the points lie so close to a
    /// line that the determinant of the covariance is at most 10⁻⁹ of the square of the mean
    /// variance.
    ///
    /// ```
    /// use tasks::synthetic::Gaussian;
    ///
    /// let fitted = Gaussian::fit(&[[0.0, 0.0], [4.0, 0.0], [2.0, 6.0]]).unwrap();
    /// assert_eq!((fitted.mean, fitted.covariance[1]), ([2.0, 2.0], [0.0, 8.0]));
    /// assert_eq!(Gaussian::fit(&[[0.0, 0.0], [1.0, 2.0], [2.0, 4.0]]), None);
    /// ```
    pub fn fit(points: &[[f64; 2]]) -> Option<Self> {
        if points.len() < 3 {
            return None;
        }
        let n = points.len() as f64;
        let mean = [0, 1].map(|i| points.iter().map(|x| x[i]).sum::<f64>() / n);
        let moment = |i: usize, j: usize| {
            points.iter().map(|x| (x[i] - mean[i]) * (x[j] - mean[j])).sum::<f64>() / n
        };
        let [a, b, d] = [moment(0, 0), moment(0, 1), moment(1, 1)];
        let (determinant, size) = (a * d - b * b, (0.5 * (a + d)).powi(2));
        // The condition also fails if a sum has overflowed or if every term has underflowed to 0.
        let regular = size.is_finite() && determinant > LEAST_DETERMINANT * size;
        regular.then_some(Self { mean, covariance: [[a, b], [b, d]] })
    }
}

/// Selects the densities p(x | y = 1) and p(x | y = 0), which determine the group of a point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Densities {
    /// The densities are those of the two Gaussians that generate the points. In a task labeled by
    /// a line, y = 1 stands for the first Gaussian.
    #[default]
    Generating,
    /// The densities are those of two Gaussians. [`Gaussian::fit`] fits one to the positive points
    /// of the task and one to the negative points. If one of them cannot be fitted, both densities
    /// are the generating ones.
    Fitted,
}

/// Holds the densities of the two classes of a task.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassDensities {
    /// The density p(x | y = 1).
    pub positive: Gaussian,
    /// The density p(x | y = 0).
    pub negative: Gaussian,
}

impl ClassDensities {
    /// Returns the densities of the two Gaussians that generate the points of a task with these
    /// facts.
    pub fn generating(facts: &TaskFacts) -> Self {
        let positive = facts.positive_component();
        Self { positive: positive.gaussian(), negative: positive.other().gaussian() }
    }

    /// Fits a Gaussian to each class. Returns `None` if one of the two cannot be fitted; see
    /// [`Gaussian::fit`].
    ///
    /// # Panics
    /// Panics if the numbers of points and labels differ.
    pub fn fitted(points: &[[f64; 2]], positive: &[bool]) -> Option<Self> {
        assert_eq!(points.len(), positive.len(), "one label for each point");
        let class = |label| {
            let rows = points.iter().zip(positive).filter(|&(_, &positive)| positive == label);
            Gaussian::fit(&rows.map(|(&point, _)| point).collect::<Vec<_>>())
        };
        Some(Self { positive: class(true)?, negative: class(false)? })
    }

    /// Returns ln p(x | y = 1) − ln p(x | y = 0).
    pub fn log_odds(&self, x: [f64; 2]) -> f64 {
        self.positive.log_density(x) - self.negative.log_density(x)
    }
}
