//! The decision-boundary covariance (Zafar, Valera, Gomez Rodriguez, Gummadi 2017), squared.
//!
//! ```text
//! R = (mean of (a − ā) z)²
//! ```
//!
//! Here z is the difference of the two logits, a is 0 for protected rows and 1 for the others, and
//! means are over the batch. R is 0 if a batch has one group alone.

use tape::{Recorder, Var};

use super::{Criterion, Measure, Reading, Rows};

pub(super) struct Covariance;

impl Criterion for Covariance {
    fn name(&self) -> &'static str {
        "covariance"
    }

    fn title(&self) -> &'static str {
        "Covariance"
    }

    fn measure(&self) -> Measure {
        Measure::Parity
    }

    /// Every row counts where both groups are present.
    fn needs(&self, rows: &Rows<'_>, _: usize) -> bool {
        rows.protected.contains(&true) && rows.protected.contains(&false)
    }

    /// The equation has one reading. z is a difference of log-probabilities: the normalization of
    /// the softmax is the same for both classes and cancels.
    fn eval<'a>(
        &self,
        tape: &mut dyn Recorder,
        log_probabilities: Var,
        rows: &dyn Fn(usize) -> Rows<'a>,
        _: Reading,
    ) -> Var {
        let (batch, _) = tape.shape(log_probabilities);
        // (a − ā) / n for class 1, and the negative for class 0.
        let weights = tape.constant(batch, 2, &|i, class, lane| {
            let protected = rows(lane).protected;
            let a = |protected: bool| if protected { 0.0 } else { 1.0 };
            let mean = protected.iter().map(|&row| a(row)).sum::<f64>() / batch as f64;
            let weight = (a(protected[i]) - mean) / batch as f64;
            if class == 1 { weight } else { -weight }
        });
        let covariance = tape.dot(log_probabilities, weights);
        tape.powi(covariance, 2)
    }
}
