//! The fairness regularizer of a loss: a criterion and a reading of its equation.

use serde::{Deserialize, Serialize};
use tape::{Scalar, Tape, Var};

use crate::{Notion, Reading, Rows};

/// The term R that is added to a loss, with weight γ: for the paper's two criteria
/// R = 1 − (1/|G|) Σ_{i ∈ G} P(ŷᵢ = 1), with G the protected rows of the batch (eq. 3) or the
/// protected rows with a positive label (eq. 4).
///
/// It falls as the probability of the positive class rises in the group. If G is empty, R is 0 and
/// has no gradient.
///
/// ```
/// use fairness::{Notion, Reading, Regularizer, Rows};
/// use tape::{Matrix, Tape};
///
/// let notion = Notion::DEMOGRAPHIC_PARITY;
/// let regularizer = Regularizer { notion, reading: Reading::GroupMean };
/// let mut tape = Tape::new();
/// // P(1) is 1/2 and 3/4 for the protected rows.
/// let logits = tape.constant(&Matrix::from_rows(&[[0.0, 0.0], [0.0, 3f64.ln()], [0.0, 9.0]]));
/// let log_probabilities = tape.log_softmax(logits);
/// let rows = Rows { positive: &[true, false, true], protected: &[true, true, false] };
/// let penalty = regularizer.eval(&mut tape, log_probabilities, |_lane| rows);
/// assert!((tape.value(penalty)[0] - (1.0 - 0.625)).abs() < 1e-15);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regularizer {
    /// The criterion.
    pub notion: Notion,
    /// The reading of the equation.
    pub reading: Reading,
}

impl Regularizer {
    /// Whether the batch has a row that the term needs.
    pub fn has_members(&self, rows: Rows<'_>) -> bool {
        (0..rows.protected.len()).any(|i| self.notion.needs(&rows, i))
    }

    /// Records R, `(1, 1)`, given `log_probabilities: (batch, 2)` and the rows of each lane.
    ///
    /// # Panics
    /// If the probabilities or the rows of a lane do not have the batch's shape.
    pub fn eval<'a, S: Scalar>(
        &self,
        tape: &mut Tape<S>,
        log_probabilities: Var,
        rows: impl Fn(usize) -> Rows<'a>,
    ) -> Var {
        let (batch, classes) = tape.shape(log_probabilities);
        assert_eq!(classes, 2, "a regularizer of two classes, over {classes}");
        for lane in 0..S::LANES {
            let Rows { positive, protected } = rows(lane);
            let got = (positive.len(), protected.len());
            assert_eq!(got, (batch, batch), "labels and groups of a batch of {batch}");
        }
        self.notion.eval(tape, log_probabilities, &rows, self.reading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use proptest::prelude::*;
    use tape::check::{Settings, check};
    use tape::{Lanes, Matrix, Objective};

    const NOTIONS: [Notion; 2] = [Notion::DEMOGRAPHIC_PARITY, Notion::EQUAL_OPPORTUNITY];
    const READINGS: [Reading; 2] = [Reading::GroupMean, Reading::PublishedCode];

    /// R as a function of the logits, `(1, 2 n)`.
    struct OfLogits {
        regularizer: Regularizer,
        positive: Vec<bool>,
        protected: Vec<bool>,
    }

    impl Objective for OfLogits {
        fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
            let logits = tape.window(parameters, 0, self.positive.len(), 2);
            let log_probabilities = tape.log_softmax(logits);
            let rows = Rows { positive: &self.positive, protected: &self.protected };
            self.regularizer.eval(tape, log_probabilities, |_| rows)
        }
    }

    /// The equations, computed with plain numbers.
    fn by_definition(objective: &OfLogits, logits: &[f64]) -> f64 {
        let softmax = |a: f64, b: f64| b.exp() / (a.exp() + b.exp());
        let OfLogits { regularizer, positive, protected } = objective;
        let opportunity = regularizer.notion == Notion::EQUAL_OPPORTUNITY;
        let member = |i: usize| protected[i] && (positive[i] || !opportunity);
        let n = positive.len();
        let group: Vec<f64> = (0..n)
            .filter(|&i| member(i))
            .map(|i| softmax(logits[2 * i], logits[2 * i + 1]))
            .map(|p| match regularizer.reading {
                Reading::GroupMean => p,
                Reading::PublishedCode => softmax(1.0 - p, p),
            })
            .collect();
        match regularizer.reading {
            Reading::GroupMean if group.is_empty() => 0.0,
            Reading::GroupMean => 1.0 - group.iter().sum::<f64>() / group.len() as f64,
            Reading::PublishedCode => 1.0 - group.iter().sum::<f64>() / n as f64,
        }
    }

    proptest! {
        #[test]
        fn value_and_derivatives(
            rows in proptest::collection::vec((any::<bool>(), any::<bool>(), -3.0..3.0, -3.0..3.0), 1..7),
            notion in proptest::sample::select(&NOTIONS[..]),
            reading in proptest::sample::select(&READINGS[..]),
        ) {
            let objective = OfLogits {
                regularizer: Regularizer { notion, reading },
                positive: rows.iter().map(|row| row.0).collect(),
                protected: rows.iter().map(|row| row.1).collect(),
            };
            let logits: Vec<f64> = rows.iter().flat_map(|row| [row.2, row.3]).collect();
            let (value, _) = tape::gradient(&objective, &logits);
            assert_relative_eq!(value, by_definition(&objective, &logits), epsilon = 1e-14);
            check(&objective, &logits, Settings::default())?;
        }
    }

    #[test]
    fn an_absent_group_costs_nothing() {
        for notion in NOTIONS {
            let regularizer = Regularizer { notion, reading: Reading::GroupMean };
            let (positive, protected) = (vec![true, false], vec![false, false]);
            let objective = OfLogits { regularizer, positive, protected };
            let (value, gradient) = tape::gradient(&objective, &[1.0, 2.0, -1.0, 0.5]);
            assert_eq!((value, gradient), (0.0, vec![0.0; 4]), "{notion:?}");
        }
    }

    #[test]
    fn each_lane_has_its_own_group() {
        let regularizer =
            Regularizer { notion: Notion::DEMOGRAPHIC_PARITY, reading: Reading::GroupMean };
        let mut tape = Tape::<Lanes<f64, 2>>::new();
        let logits = Matrix::from_rows(&[[Lanes([0.0, 0.0]), Lanes([0.0, 3f64.ln()])]]);
        let logits = tape.constant(&logits);
        let log_probabilities = tape.log_softmax(logits);
        let penalty = regularizer.eval(&mut tape, log_probabilities, |lane| Rows {
            positive: &[true],
            protected: if lane == 0 { &[false] } else { &[true] },
        });
        let Lanes([absent, present]) = tape.value(penalty)[0];
        assert_eq!(absent, 0.0);
        assert_relative_eq!(present, 0.25, max_relative = 1e-14);
    }
}
