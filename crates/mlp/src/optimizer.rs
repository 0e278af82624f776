//! This module implements first-order optimizers for a flat parameter vector.

use tape::{Scalar, vectorized};

/// Explains why an optimizer cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum OptimizerError {
    /// The rate is not a finite number above 0.
    #[error("rate must be a finite number above 0, got {0}")]
    Rate(f64),
    /// A decay is not in [0, 1).
    #[error("{name} must be in [0, 1), got {value}")]
    Decay {
        /// The name of the decay.
        name: &'static str,
        /// The value that was given.
        value: f64,
    },
    /// The number ε is not finite or not above 0.
    #[error("epsilon must be a finite number above 0, got {0}")]
    Epsilon(f64),
}

/// Updates parameters with their gradient, in order to decrease a loss.
pub trait Optimizer<S> {
    /// Takes one step and changes `parameters` in place. `gradient` holds one entry for each
    /// parameter.
    ///
    /// # Panics
    /// Panics if the lengths differ. An optimizer that keeps a state also panics if the lengths
    /// differ from those of the last step.
    fn step(&mut self, parameters: &mut [S], gradient: &[S]);
}

fn rate(rate: f64) -> Result<f64, OptimizerError> {
    if rate.is_finite() && rate > 0.0 { Ok(rate) } else { Err(OptimizerError::Rate(rate)) }
}

fn decay(name: &'static str, value: f64) -> Result<f64, OptimizerError> {
    if (0.0..1.0).contains(&value) { Ok(value) } else { Err(OptimizerError::Decay { name, value }) }
}

/// Makes a state with one number for each parameter at the first step, and checks the lengths.
fn sized<S: Scalar>(state: &mut Vec<S>, parameters: &[S], gradient: &[S]) {
    assert_eq!(parameters.len(), gradient.len(), "parameters and gradient");
    if state.is_empty() {
        state.resize(parameters.len(), S::zero());
    }
    assert_eq!(state.len(), parameters.len(), "parameters of this step and of the last");
}

/// Implements gradient descent: θ ← θ − β g, with the rate β and the gradient g.
#[derive(Clone, Debug)]
pub struct Sgd {
    rate: f64,
}

impl Sgd {
    /// Makes gradient descent with a rate above 0.
    ///
    /// # Errors
    /// Returns [`OptimizerError::Rate`] if the rate is not a finite number above 0.
    pub fn new(learning_rate: f64) -> Result<Self, OptimizerError> {
        Ok(Sgd { rate: rate(learning_rate)? })
    }
}

impl<S: Scalar> Optimizer<S> for Sgd {
    fn step(&mut self, parameters: &mut [S], gradient: &[S]) {
        assert_eq!(parameters.len(), gradient.len(), "parameters and gradient");
        let rate = S::from_f64(self.rate);
        for (theta, &g) in parameters.iter_mut().zip(gradient) {
            *theta = *theta - rate * g;
        }
    }
}

/// Implements heavy-ball descent (Polyak 1964): v ← μ v + g, θ ← θ − β v.
#[derive(Clone, Debug)]
pub struct Momentum<S> {
    rate: f64,
    momentum: f64,
    velocity: Vec<S>,
}

impl<S: Scalar> Momentum<S> {
    /// Makes heavy-ball descent with a rate above 0 and a momentum μ in [0, 1).
    ///
    /// # Errors
    /// Returns an error if the rate or the momentum is out of range.
    pub fn new(learning_rate: f64, momentum: f64) -> Result<Self, OptimizerError> {
        let momentum = decay("momentum", momentum)?;
        Ok(Momentum { rate: rate(learning_rate)?, momentum, velocity: Vec::new() })
    }
}

impl<S: Scalar> Optimizer<S> for Momentum<S> {
    fn step(&mut self, parameters: &mut [S], gradient: &[S]) {
        sized(&mut self.velocity, parameters, gradient);
        let (rate, momentum) = (S::from_f64(self.rate), S::from_f64(self.momentum));
        let tiny = tiny::<S>();
        for ((theta, &g), v) in parameters.iter_mut().zip(gradient).zip(&mut self.velocity) {
            *v = (momentum * *v + g + tiny) - tiny;
            *theta = *theta - rate * *v;
        }
    }
}

/// Returns a number that is added to a moment and then subtracted again. It is too small to change
/// a moment that matters. It is large enough that the result is either 0 or far from subnormal.
///
/// Suppose that the gradient of a weight stays 0, as for a dead relu unit. Without this number, the
/// moment of the weight decays to the smallest subnormal number and stays there. A processor needs
/// more than a hundred cycles for each operation on a subnormal number, which would be most of the
/// time of a long training.
fn tiny<S: Scalar>() -> S {
    let tiny = S::from_f64(1e-250);
    // In single precision, 1e-250 rounds to 0.
    if tiny.lane(0) > 0.0 { tiny } else { S::from_f64(1e-20) }
}

/// Implements Adam (Kingma and Ba 2015):
///
/// ```text
/// m ← β₁ m + (1 − β₁) g       m̂ = m / (1 − β₁ᵗ)
/// v ← β₂ v + (1 − β₂) g²      v̂ = v / (1 − β₂ᵗ)
/// θ ← θ − β m̂ / (√v̂ + ε)
/// ```
///
/// Here β is the rate, g is the gradient, and t is the number of the step, counted from 1.
///
/// ```
/// use mlp::{Adam, Optimizer};
/// let mut adam = Adam::new(0.1)?;
/// let mut theta = [1.0];
/// adam.step(&mut theta, &[250.0]);
/// assert!((theta[0] - 0.9_f64).abs() < 1e-9); // the first step is β long, whatever the gradient
/// # Ok::<(), mlp::OptimizerError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Adam<S> {
    rate: f64,
    decays: [f64; 2],
    epsilon: f64,
    /// The powers β₁ᵗ and β₂ᵗ.
    powers: [f64; 2],
    moments: [Vec<S>; 2],
}

impl<S: Scalar> Adam<S> {
    /// Makes Adam with a rate above 0 and with the values of its paper: β₁ = 0.9, β₂ = 0.999 and
    /// ε = 1e-8.
    ///
    /// # Errors
    /// Returns [`OptimizerError::Rate`] if the rate is not a finite number above 0.
    pub fn new(learning_rate: f64) -> Result<Self, OptimizerError> {
        Adam::with(learning_rate, [0.9, 0.999], 1e-8)
    }

    /// Makes Adam with a rate above 0, with decays β₁ and β₂ in [0, 1), and with ε above 0.
    ///
    /// # Errors
    /// Returns an error if one of them is out of range.
    pub fn with(
        learning_rate: f64,
        decays: [f64; 2],
        epsilon: f64,
    ) -> Result<Self, OptimizerError> {
        let decays = [decay("beta1", decays[0])?, decay("beta2", decays[1])?];
        if !(epsilon.is_finite() && epsilon > 0.0) {
            return Err(OptimizerError::Epsilon(epsilon));
        }
        let moments = [Vec::new(), Vec::new()];
        Ok(Adam { rate: rate(learning_rate)?, decays, epsilon, powers: [1.0; 2], moments })
    }

    /// Returns the powers β₁ᵗ and β₂ᵗ. Both are 1 before the first step.
    pub fn powers(&self) -> [f64; 2] {
        self.powers
    }

    /// Returns the moments m and v, with one entry for each parameter. Both are empty before the
    /// first step.
    pub fn moments(&self) -> [&[S]; 2] {
        [&self.moments[0], &self.moments[1]]
    }

    /// Continues where another Adam with the same rate, decays and ε was, with its
    /// [`powers`](Adam::powers) and [`moments`](Adam::moments).
    ///
    /// ```
    /// use mlp::{Adam, Optimizer};
    /// let (mut whole, mut theta) = (Adam::new(0.1)?, [1.0_f64]);
    /// whole.step(&mut theta, &[0.5]);
    /// let mut again = Adam::new(0.1)?;
    /// again.resume(whole.powers(), whole.moments().map(<[f64]>::to_vec));
    /// let mut same = theta;
    /// whole.step(&mut theta, &[0.3]);
    /// again.step(&mut same, &[0.3]);
    /// assert_eq!(theta, same);
    /// # Ok::<(), mlp::OptimizerError>(())
    /// ```
    ///
    /// # Panics
    /// Panics if the moments have different lengths.
    pub fn resume(&mut self, powers: [f64; 2], moments: [Vec<S>; 2]) {
        assert_eq!(moments[0].len(), moments[1].len(), "first and second moments");
        (self.powers, self.moments) = (powers, moments);
    }
}

impl<S: Scalar> Optimizer<S> for Adam<S> {
    fn step(&mut self, parameters: &mut [S], gradient: &[S]) {
        let [first, second] = &mut self.moments;
        sized(first, parameters, gradient);
        sized(second, parameters, gradient);
        let [beta1, beta2] = self.decays;
        self.powers = [self.powers[0] * beta1, self.powers[1] * beta2];
        let [correct1, correct2] = self.powers.map(|power| 1.0 / (1.0 - power));
        let scalar = S::from_f64;
        let (keep1, new1) = (scalar(beta1), scalar(1.0 - beta1));
        let (keep2, new2) = (scalar(beta2), scalar(1.0 - beta2));
        let (rate, correct2) = (scalar(self.rate * correct1), scalar(correct2));
        let (epsilon, tiny) = (scalar(self.epsilon), tiny::<S>());
        vectorized(
            #[inline(always)]
            move || {
                let state = first.iter_mut().zip(second.iter_mut());
                for ((theta, &g), (m, v)) in parameters.iter_mut().zip(gradient).zip(state) {
                    *m = (keep1 * *m + new1 * g + tiny) - tiny;
                    *v = keep2 * *v + new2 * (g * g);
                    *theta = *theta - rate * *m / ((*v * correct2).sqrt() + epsilon);
                }
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn two_steps_by_hand() {
        let steps = |optimizer: &mut dyn Optimizer<f64>| {
            let mut theta = [1.0, -2.0];
            optimizer.step(&mut theta, &[0.5, 1.0]);
            optimizer.step(&mut theta, &[0.25, -1.0]);
            theta
        };
        assert_eq!(steps(&mut Sgd::new(0.1).unwrap()), [1.0 - 0.05 - 0.025, -2.0 - 0.1 + 0.1]);
        // The velocities of the first parameter are 0.5 and 0.5. Those of the second are 1 and
        // −0.5.
        assert_relative_eq!(
            steps(&mut Momentum::new(0.1, 0.5).unwrap())[..],
            [1.0 - 0.05 - 0.05, -2.0 - 0.1 + 0.05][..]
        );
        // The second step follows from the definition of m̂ and v̂.
        let second = |g1: f64, g2: f64| {
            let m = (0.9 * 0.1 * g1 + 0.1 * g2) / (1.0 - 0.81);
            let v = (0.999 * 0.001 * g1 * g1 + 0.001 * g2 * g2) / (1.0 - 0.999 * 0.999);
            m / (v.sqrt() + 1e-8)
        };
        let adam = steps(&mut Adam::new(0.1).unwrap());
        assert_relative_eq!(adam[0], 1.0 - 0.1 - 0.1 * second(0.5, 0.25), max_relative = 1e-8);
        assert_relative_eq!(adam[1], -2.0 - 0.1 - 0.1 * second(1.0, -1.0), max_relative = 1e-8);
    }

    /// The test covers both precisions, with and without lanes.
    #[test]
    fn moments_of_what_is_dead_do_not_become_subnormal() {
        fn dead<S: Scalar>(least: f64) {
            let mut adam = Adam::<S>::new(0.1).unwrap();
            let mut momentum = Momentum::<S>::new(0.1, 0.9).unwrap();
            let mut theta = [S::from_f64(1.0)];
            for step in 0..8_000 {
                let gradient = [S::from_f64(if step == 0 { 0.5 } else { 0.0 })];
                adam.step(&mut theta, &gradient);
                momentum.step(&mut theta, &gradient);
            }
            for moment in [adam.moments[0][0], momentum.velocity[0]] {
                for lane in 0..S::LANES {
                    let moment = moment.lane(lane);
                    assert!(moment == 0.0 || moment.abs() > least, "{moment:e}");
                    assert!(moment.abs() < 1e-20, "{moment:e}");
                }
            }
        }
        dead::<f64>(1e-280);
        dead::<f32>(1e-30);
        dead::<tape::Lanes<f64, 4>>(1e-280);
        // A moment that is not negligible does not change by a single bit.
        for moment in [1e-200, -3.0, 0.1, 7e-230] {
            assert_eq!((moment + tiny::<f64>()) - tiny::<f64>(), moment);
        }
    }

    #[test]
    fn every_optimizer_finds_a_minimum() {
        let optimizers: [Box<dyn Optimizer<f64>>; 3] = [
            Box::new(Sgd::new(0.1).unwrap()),
            Box::new(Momentum::new(0.02, 0.9).unwrap()),
            Box::new(Adam::new(0.05).unwrap()),
        ];
        for mut optimizer in optimizers {
            let mut theta = [3.0, -4.0];
            for _ in 0..600 {
                let gradient = [2.0 * (theta[0] - 1.0), 4.0 * (theta[1] + 2.0)];
                optimizer.step(&mut theta, &gradient);
            }
            assert_relative_eq!(theta[..], [1.0, -2.0][..], max_relative = 1e-3);
        }
    }

    #[test]
    fn impossible_settings_are_refused() {
        assert_eq!(Sgd::new(0.0).unwrap_err(), OptimizerError::Rate(0.0));
        assert!(Adam::<f64>::new(f64::NAN).is_err());
        assert!(
            Momentum::<f64>::new(0.1, 1.0)
                .unwrap_err()
                .to_string()
                .contains("momentum must be in [0, 1), got 1")
        );
        assert!(Adam::<f64>::with(0.1, [0.9, -0.1], 1e-8).is_err());
        assert!(Adam::<f64>::with(0.1, [0.9, 0.9], 0.0).is_err());
    }
}
