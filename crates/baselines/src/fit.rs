//! This module trains a network on all given rows at once.

use fairness::Regularizer;
use meta::FairLoss;
use mlp::{Adam, Network, Optimizer, OptimizerError};
use tape::{Objective, Scalar, Tape};
use tasks::Batch;

/// Explains why a fit cannot start or continue.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum FitError {
    /// The rate is out of range.
    #[error(transparent)]
    Rate(#[from] OptimizerError),
    /// A loss or a gradient is no longer finite.
    #[error(
        "epoch {epoch}: the {quantity} is not finite (rate {rate:?}, gamma {gamma:?}); \
         use a smaller rate or a smaller gamma"
    )]
    NotFinite {
        /// The epoch, counted from 0.
        epoch: usize,
        /// The quantity that is not finite.
        quantity: &'static str,
        /// Adam's rate.
        rate: f64,
        /// The weight γ of the regularizer.
        gamma: f64,
    },
}

/// Takes `epochs` steps of Adam on L + γ R over all rows of `batch`, starting from `theta`. L is
/// the mean cross-entropy, and R is the regularizer. Returns the final weights in the layout of
/// `theta`. A network with one logit is trained with the logistic loss, which is the cross-entropy
/// of its sigmoid.
///
/// A batch without rows leaves `theta` unchanged. Without a regularizer, γ has no effect.
///
/// ```
/// use baselines::fit;
/// use mlp::{Activation, Initialization, Network};
/// use tasks::{Batch, Purpose, stream};
///
/// let x = vec![-2.0, -1.0, 1.0, 2.0];
/// let batch = Batch::new(1, x, vec![false, false, true, true], vec![true; 4])?;
/// let network = Network::new(&[1, 20, 2], Activation::Relu)?;
/// let mut rng = stream(0, Purpose::Initialization, 0, 0);
/// let theta = network.initialize(Initialization::He, &mut rng);
/// let fitted = fit(&network, None, 0.0, 0.01, 100, &theta, &batch)?;
/// let accuracy = meta::decisions(&network, &fitted, &batch).unwrap().overall().accuracy();
/// assert_eq!(accuracy, Some(1.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Returns an error if the rate is not a finite number above 0, or if a loss or a gradient is not
/// finite.
///
/// # Panics
/// Panics if the rows do not have the features of the network, if `theta` has fewer entries than
/// the network has parameters, or if the network has more than two outputs.
pub fn fit(
    network: &Network,
    regularizer: Option<Regularizer>,
    gamma: f64,
    rate: f64,
    epochs: usize,
    theta: &[f64],
    batch: &Batch,
) -> Result<Vec<f64>, FitError> {
    let mut adam = Adam::new(rate)?;
    let (mut theta, mut tape) = (theta.to_vec(), Tape::new());
    if batch.rows() == 0 {
        return Ok(theta);
    }
    let objective = FairLoss { network, regularizer, batch: |_| (batch, gamma) };
    for epoch in 0..epochs {
        let (_, gradient) = loss_and_gradient(&mut tape, &objective, &theta)
            .map_err(|(quantity, _)| FitError::NotFinite { epoch, quantity, rate, gamma })?;
        adam.step(&mut theta, gradient);
    }
    Ok(theta)
}

/// Records a loss at `theta` on `tape` and returns its value and its gradient. The recording
/// replaces the previous one.
///
/// # Errors
/// Returns the name of the quantity that is not finite, and its lane.
pub(crate) fn loss_and_gradient<'t, S: Scalar>(
    tape: &'t mut Tape<S>,
    objective: &impl Objective,
    theta: &[S],
) -> Result<(S, &'t [S]), (&'static str, usize)> {
    tape.clear();
    let parameters = tape.variable(1, theta.len(), theta);
    let loss = objective.eval(tape, parameters);
    tape.backward(loss);
    let (value, gradient) = (tape.value(loss)[0], tape.adjoint(parameters));
    let bad_lane = |x: &S| (0..S::LANES).find(|&lane| !x.lane(lane).is_finite());
    if let Some(lane) = bad_lane(&value) {
        return Err(("training loss", lane));
    }
    match gradient.iter().find_map(bad_lane) {
        Some(lane) => Err(("gradient", lane)),
        None => Ok((value, gradient)),
    }
}

#[cfg(test)]
mod tests {
    use fairness::{Notion, Reading};
    use mlp::{Activation, Initialization};
    use tasks::{Purpose, stream};

    use super::*;

    /// Makes rows with one feature. The rows above the middle are positive, and all others are
    /// protected.
    fn rows(scale: f64) -> Batch {
        let x = (0..20).map(|i| scale * f64::from(i) / 10.0).collect();
        let positive: Vec<bool> = (0..20).map(|i| i > 10).collect();
        let protected = positive.iter().map(|p| !p).collect();
        Batch::new(1, x, positive, protected).unwrap()
    }

    fn network() -> (Network, Vec<f64>) {
        let network = Network::new(&[1, 8, 2], Activation::Relu).unwrap();
        let mut rng = stream(2, Purpose::Initialization, 0, 0);
        let theta = network.initialize(Initialization::He, &mut rng);
        (network, theta)
    }

    const PARITY: Regularizer =
        Regularizer { notion: Notion::DEMOGRAPHIC_PARITY, reading: Reading::GroupMean };

    #[test]
    fn it_separates_and_gamma_makes_it_generous() {
        let ((network, theta), rows) = (network(), rows(1.0));
        let counts = |regularizer, gamma| {
            let theta = fit(&network, regularizer, gamma, 0.02, 600, &theta, &rows).unwrap();
            meta::decisions(&network, &theta, &rows).unwrap().overall()
        };
        assert_eq!(counts(None, 0.0).accuracy(), Some(1.0));
        assert_eq!(counts(Some(PARITY), 0.0).accuracy(), Some(1.0));
        assert_eq!(counts(None, 20.0).accuracy(), Some(1.0), "gamma without a regularizer");
        assert_eq!(counts(Some(PARITY), 20.0).predicted_positives(), 20);
    }

    /// The test repeats the fit step by step. Each step uses a new tape.
    #[test]
    fn it_is_adam_on_the_fair_loss() {
        let ((network, mut theta), rows) = (network(), rows(1.0));
        let fitted = fit(&network, Some(PARITY), 0.5, 0.01, 5, &theta, &rows).unwrap();
        let objective =
            FairLoss { network: &network, regularizer: Some(PARITY), batch: |_| (&rows, 0.5) };
        let mut adam = Adam::new(0.01).unwrap();
        for _ in 0..5 {
            let (_, gradient) = tape::gradient(&objective, &theta);
            adam.step(&mut theta, &gradient);
        }
        assert_eq!(fitted, theta);
    }

    /// Logistic regression with one logit w x + b, written out by hand: the slope of a row's loss
    /// in its logit is p − y, and Adam has its usual constants.
    #[test]
    fn one_logit_is_logistic_regression() {
        let network = Network::new(&[1, 1], Activation::Relu).unwrap();
        let (x, y) = ([2.0, -1.0, 0.5], [1.0, 0.0, 0.0]);
        let positive = y.map(|y| y == 1.0).to_vec();
        let rows = Batch::new(1, x.to_vec(), positive, vec![true; 3]).unwrap();
        let start = [0.3, -0.2];
        let (mut theta, mut first, mut second) = (start, [0.0; 2], [0.0; 2]);
        for step in 1..=40 {
            let mut slopes = [0.0; 2];
            for (x, y) in x.iter().zip(y) {
                let p = 1.0 / (1.0 + (-(theta[0] * x + theta[1])).exp());
                slopes[0] += (p - y) * x / 3.0;
                slopes[1] += (p - y) / 3.0;
            }
            for i in 0..2 {
                first[i] = 0.9 * first[i] + 0.1 * slopes[i];
                second[i] = 0.999 * second[i] + 0.001 * slopes[i] * slopes[i];
                let mean = first[i] / (1.0 - 0.9_f64.powi(step));
                let square = second[i] / (1.0 - 0.999_f64.powi(step));
                theta[i] -= 0.01 * mean / (square.sqrt() + 1e-8);
            }
        }
        let fitted = fit(&network, None, 0.0, 0.01, 40, &start, &rows).unwrap();
        for (found, by_hand) in fitted.iter().zip(theta) {
            assert!((found - by_hand).abs() < 1e-12, "{fitted:?}, by hand {theta:?}");
        }
    }

    /// From equal probabilities, Adam's first step moves one logit by the rate, and the difference
    /// of two logits by twice the rate, because it moves both.
    #[test]
    fn two_logits_are_not_one() {
        let moved = |outputs: usize| {
            let network = Network::new(&[1, outputs], Activation::Relu).unwrap();
            let start = vec![0.0; network.parameter_count()];
            let theta = fit(&network, None, 0.0, 0.01, 1, &start, &rows(1.0)).unwrap();
            // The weight of x in the logit, or in the difference of both.
            if outputs == 1 { theta[0] } else { theta[1] - theta[0] }
        };
        assert!((moved(1) - 0.01).abs() < 1e-8, "{}", moved(1));
        assert!((moved(2) - 0.02).abs() < 1e-8, "{}", moved(2));
    }

    #[test]
    fn nothing_to_do_leaves_the_weights() {
        let ((network, theta), rows) = (network(), rows(1.0));
        assert_eq!(fit(&network, Some(PARITY), 1.0, 0.01, 0, &theta, &rows).unwrap(), theta);
        let nobody = rows.select(&[]);
        assert_eq!(fit(&network, Some(PARITY), 1.0, 0.01, 9, &theta, &nobody).unwrap(), theta);
    }

    #[test]
    fn what_goes_wrong_is_named() {
        let (network, theta) = network();
        let error = fit(&network, None, 0.0, 1e300, 9, &theta, &rows(1e300)).unwrap_err();
        assert!(matches!(error, FitError::NotFinite { rate: 1e300, .. }), "{error:?}");
        let said = error.to_string();
        assert!(said.contains("epoch") && said.contains("not finite"), "{said}");
        let error = fit(&network, None, 0.0, -1.0, 9, &theta, &rows(1.0)).unwrap_err();
        assert!(
            error.to_string().starts_with("rate must be a finite number above 0, got -1"),
            "{error}"
        );
    }
}
