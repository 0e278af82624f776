//! This module defines L_C, the loss that the classifier minimizes.

use mlp::{absolute_errors, logistic_losses};
use serde::{Deserialize, Serialize};
use tape::{Scalar, Tape, Var};

use super::objective::Weights;

/// Selects the loss ℓ of the classifier on one row. The row has the label y (1 if positive, else
/// 0), and ŷ is the predicted probability of y = 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Classification {
    /// The loss is ℓ = |y − ŷ|, between 0 and 1. The authors' public code has this loss in its
    /// transfer configuration. A row that is wrongly classified with near certainty has nearly no
    /// gradient.
    #[default]
    AbsoluteError,
    /// The loss is ℓ = −y ln ŷ − (1 − y) ln(1 − ŷ), at least 0. It is the usual loss of a
    /// classifier. The authors' code has it for other models and for the network on the codes.
    CrossEntropy,
}

/// Selects the weight of each row in L_C. D_i is the set of rows of group a = i, and n is the
/// number of all rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClassWeights {
    /// L_C = (1/n) Σ ℓ over all rows. The authors' public code does this. It also defines group
    /// weights for this loss, but it never applies them.
    #[default]
    EqualRows,
    /// L_C = Σ_i (1/|D_i|) Σ_{D_i} ℓ. The weight of a row is inverse to the share of its group, so
    /// that both groups count the same. Like the sum in L_Adv, this loss is about twice a mean over
    /// all rows, and α = 1/2 compensates for that. [`GroupSizes`](crate::GroupSizes) defines |D_i|.
    EqualGroups,
}

/// Holds the labels and the weights of some rows on the tape, from which L_C is computed.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClassLoss {
    classification: Classification,
    /// The sign of each label, `(rows, 1)`: 1 for a positive label and −1 for a negative one.
    signs: Var,
    /// The weight of each row, `(rows, 1)`. `None` stands for 1/n.
    weights: Option<Var>,
}

impl ClassLoss {
    /// Records the labels of some rows. For [`ClassWeights::EqualGroups`] it also records the
    /// weights of the rows. They are the absolute values of the weights of demographic parity.
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

    /// Records L_C, `(1, 1)`, of the classifier's `logits: (rows, 1)`.
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

    use super::super::objective::RowLabels;
    use super::*;
    use crate::AdversaryFairness;
    use tape::Number;

    /// The first three rows are protected, and the last row is not.
    const POSITIVE: [bool; 4] = [true, false, true, false];

    fn weights() -> Weights {
        let mut weights = Weights::new(AdversaryFairness::DemographicParity, None);
        let rows = (0..4).map(|row| RowLabels { positive: POSITIVE[row], protected: row < 3 });
        weights.set(rows);
        weights
    }

    /// Returns L_C and its derivatives with respect to the logits, for ŷ = 3/4, 3/4, 1/2, 1/4.
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
        // The errors |y − ŷ| are 1/4, 3/4, 1/2 for the protected rows and 1/4 for the other row.
        // The derivatives dŷ/dz are 3/16, 3/16, 1/4, 3/16.
        let slopes = [-0.1875, 0.1875, -0.25, 0.1875];
        let rows = loss(Classification::AbsoluteError, None);
        same(rows, 1.75 / 4.0, slopes.map(|slope| slope / 4.0));
        let groups = loss(Classification::AbsoluteError, Some(&weights()));
        let [a, b, c, d] = slopes;
        same(groups, 1.5 / 3.0 + 0.25, [a / 3.0, b / 3.0, c / 3.0, d]);
    }

    #[test]
    fn cross_entropy_by_hand() {
        // The losses are −ln of 3/4, 1/4, 1/2 for the protected rows and −ln of 3/4 for the other
        // row. The derivatives are ŷ − y.
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
