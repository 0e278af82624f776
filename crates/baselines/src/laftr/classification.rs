//! What the classifier minimizes.

use mlp::{absolute_errors, logistic_losses};
use serde::{Deserialize, Serialize};
use tape::{Scalar, Tape, Var};

use super::objective::Weights;

/// What the classifier loses on a row with label y (1 positive, 0 not) and probability ŷ of y = 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Classification {
    /// ℓ = |y − ŷ|, between 0 and 1: the loss in the configuration that the authors' public code
    /// has for transfer. A row that is decided wrongly with certainty has nearly no gradient.
    #[default]
    AbsoluteError,
    /// ℓ = −y ln ŷ − (1 − y) ln(1 − ŷ), at least 0: the usual loss of a classifier, which their code
    /// has for other models and for the network on the codes.
    CrossEntropy,
}

/// How much each row counts in L_C. D_i are the rows of group a = i, n is the number of all rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClassWeights {
    /// L_C = (1/n) Σ ℓ over all rows. The authors' public code does this: it defines weights by group
    /// for this loss too, but never applies them.
    #[default]
    EqualRows,
    /// L_C = Σ_i (1/|D_i|) Σ_{D_i} ℓ: a row counts by the inverse of its group's share, so that each
    /// group counts the same. Like the sum in L_Adv it is about twice a mean over all rows; α = 1/2
    /// makes up for that. What |D_i| is, [`GroupSizes`](crate::GroupSizes) says.
    EqualGroups,
}

/// What L_C needs to know of some rows, on the tape.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClassLoss {
    classification: Classification,
    /// 1 for a positive label, −1 for another: `(rows, 1)`.
    signs: Var,
    /// Of each row, `(rows, 1)`; `None` for 1/n.
    weights: Option<Var>,
}

impl ClassLoss {
    /// Records the labels of some rows, and for [`ClassWeights::EqualGroups`] their weights, which
    /// are those of demographic parity without their signs.
    pub fn new<S: Scalar>(
        tape: &mut Tape<S>,
        classification: Classification,
        positive: impl ExactSizeIterator<Item = bool>,
        groups: Option<&Weights>,
    ) -> Self {
        let rows = positive.len();
        let signs: Vec<f64> = positive.map(|positive| if positive { 1.0 } else { -1.0 }).collect();
        let signs = tape.constant_lanes(rows, 1, |_| &signs);
        let weights = groups.map(|groups| {
            let slopes = groups.slopes();
            tape.constant_from(rows, 1, |row, _, _| slopes[row].abs())
        });
        ClassLoss { classification, signs, weights }
    }

    /// L_C, `(1, 1)`, of the classifier's `logits: (rows, 1)`.
    pub fn loss<S: Scalar>(&self, tape: &mut Tape<S>, logits: Var) -> Var {
        let losses = match self.classification {
            Classification::AbsoluteError => absolute_errors(tape, logits, self.signs),
            Classification::CrossEntropy => logistic_losses(tape, logits, self.signs),
        };
        match self.weights {
            None => tape.mean(losses),
            Some(weights) => tape.dot(losses, weights),
        }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use tape::Lanes;

    use super::super::objective::Labels;
    use super::*;
    use crate::AdversaryFairness;

    /// Three protected rows, then one other.
    const POSITIVE: [bool; 4] = [true, false, true, false];

    fn weights() -> Weights {
        let mut weights = Weights::new(AdversaryFairness::DemographicParity, None);
        let rows = (0..4).map(|row| Labels { positive: POSITIVE[row], protected: row < 3 });
        weights.set(rows);
        weights
    }

    /// L_C and its slopes at ŷ = 3/4, 3/4, 1/2, 1/4.
    fn loss(classification: Classification, groups: Option<&Weights>) -> (f64, Vec<f64>) {
        let mut tape = Tape::<Lanes<f64, 2>>::new();
        let z = [3f64.ln(), 3f64.ln(), 0.0, -(3f64.ln())].map(Lanes::from_f64);
        let logits = tape.variable(4, 1, &z);
        let of = ClassLoss::new(&mut tape, classification, POSITIVE.into_iter(), groups);
        let loss = of.loss(&mut tape, logits);
        tape.backward(loss);
        let Lanes([first, second]) = tape.value(loss)[0];
        assert_eq!(first, second);
        (first, tape.adjoint(logits).iter().map(|slope| slope.lane(1)).collect())
    }

    fn same((value, slopes): (f64, Vec<f64>), by_hand: f64, slopes_by_hand: [f64; 4]) {
        assert_relative_eq!(value, by_hand, max_relative = 1e-15);
        for (slope, by_hand) in slopes.iter().zip(slopes_by_hand) {
            assert_relative_eq!(*slope, by_hand, max_relative = 1e-15);
        }
    }

    #[test]
    fn absolute_error_by_hand() {
        // |y − ŷ|: 1/4, 3/4, 1/2 | 1/4; dŷ/dz: 3/16, 3/16, 1/4, 3/16
        let slopes = [-0.1875, 0.1875, -0.25, 0.1875];
        let rows = loss(Classification::AbsoluteError, None);
        same(rows, 1.75 / 4.0, slopes.map(|slope| slope / 4.0));
        let groups = loss(Classification::AbsoluteError, Some(&weights()));
        let [a, b, c, d] = slopes;
        same(groups, 1.5 / 3.0 + 0.25, [a / 3.0, b / 3.0, c / 3.0, d]);
    }

    #[test]
    fn cross_entropy_by_hand() {
        // −ln: 3/4, 1/4, 1/2 | 3/4; slopes ŷ − y
        let (quarter, half, three) = (-(0.25f64.ln()), -(0.5f64.ln()), -(0.75f64.ln()));
        let slopes = [-0.25, 0.75, -0.5, 0.25];
        let rows = loss(Classification::CrossEntropy, None);
        same(rows, (three + quarter + half + three) / 4.0, slopes.map(|slope| slope / 4.0));
        let groups = loss(Classification::CrossEntropy, Some(&weights()));
        let [a, b, c, d] = slopes;
        let by_hand = (three + quarter + half) / 3.0 + three;
        same(groups, by_hand, [a / 3.0, b / 3.0, c / 3.0, d]);
    }
}
