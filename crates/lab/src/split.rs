//! The meta-gradient, split by term of the loss and by order.
//!
//! With the query objective Q = L + γ R and the Jacobian J of the inner steps,
//!
//! ```text
//! Jᵀ ∇Q(θ_T) = ∇L + (Jᵀ − I) ∇L + γ ∇R + (Jᵀ − I) γ ∇R        all at θ_T
//! ```
//!
//! The first and the third part are of first order, the others of second order. The sum is exact
//! for any number of inner steps, because Jᵀ is linear.

use meta::algorithm::Loss;
use serde::{Deserialize, Serialize};

use crate::vectors::{cosine, norm, plus};
use crate::{InnerPath, Local};

/// Holds the four parts of a meta-gradient, `(n)` each.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// The cross-entropy's part of first order.
    pub loss_first: Vec<f64>,
    /// The cross-entropy's part of second order.
    pub loss_second: Vec<f64>,
    /// The regularizer's part of first order.
    pub fairness_first: Vec<f64>,
    /// The regularizer's part of second order.
    pub fairness_second: Vec<f64>,
}

/// Holds the sizes of the parts, and angles between them. A cosine is `None` if a part is 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SplitSizes {
    /// The norm of [`Split::loss_first`].
    pub loss_first: f64,
    /// The norm of [`Split::loss_second`].
    pub loss_second: f64,
    /// The norm of [`Split::fairness_first`].
    pub fairness_first: f64,
    /// The norm of [`Split::fairness_second`].
    pub fairness_second: f64,
    /// The norm of the whole: the exact meta-gradient.
    pub whole: f64,
    /// The norm of both parts of second order together.
    pub second: f64,
    /// The cosine of the exact and the first-order meta-gradient.
    pub exact_and_first: Option<f64>,
    /// The cosine of the two parts of the cross-entropy.
    pub within_loss: Option<f64>,
    /// The cosine of the two parts of the regularizer.
    pub within_fairness: Option<f64>,
    /// The cosine of the exact gradient of the cross-entropy and that of the regularizer.
    pub loss_and_fairness: Option<f64>,
}

impl Split {
    /// Splits the meta-gradient through `path`. `loss` is the query's cross-entropy L, and
    /// `penalty` is γ R, both as functions of the adapted weights.
    ///
    /// # Panics
    /// Panics if a loss is not `(1, 1)`.
    pub fn of(path: &mut InnerPath, loss: &dyn Loss<f64>, penalty: &dyn Loss<f64>) -> Self {
        let loss_first = Local::at(loss, path.adapted()).gradient().to_vec();
        let fairness_first = Local::at(penalty, path.adapted()).gradient().to_vec();
        let mut second = |first: &[f64]| plus(&path.back(first), -1.0, first);
        let (loss_second, fairness_second) = (second(&loss_first), second(&fairness_first));
        Split { loss_first, loss_second, fairness_first, fairness_second }
    }

    /// Returns the part of first order: the gradient of first-order MAML.
    pub fn first(&self) -> Vec<f64> {
        plus(&self.loss_first, 1.0, &self.fairness_first)
    }

    /// Returns the exact meta-gradient.
    pub fn exact(&self) -> Vec<f64> {
        plus(&self.first(), 1.0, &plus(&self.loss_second, 1.0, &self.fairness_second))
    }

    /// Adds the parts of another task.
    #[must_use]
    pub fn plus(&self, other: &Split) -> Split {
        Split {
            loss_first: plus(&self.loss_first, 1.0, &other.loss_first),
            loss_second: plus(&self.loss_second, 1.0, &other.loss_second),
            fairness_first: plus(&self.fairness_first, 1.0, &other.fairness_first),
            fairness_second: plus(&self.fairness_second, 1.0, &other.fairness_second),
        }
    }

    /// Returns the sizes of the parts and the angles between them.
    pub fn sizes(&self) -> SplitSizes {
        let (first, exact) = (self.first(), self.exact());
        let loss = plus(&self.loss_first, 1.0, &self.loss_second);
        let fairness = plus(&self.fairness_first, 1.0, &self.fairness_second);
        SplitSizes {
            loss_first: norm(&self.loss_first),
            loss_second: norm(&self.loss_second),
            fairness_first: norm(&self.fairness_first),
            fairness_second: norm(&self.fairness_second),
            whole: norm(&exact),
            second: norm(&plus(&self.loss_second, 1.0, &self.fairness_second)),
            exact_and_first: cosine(&exact, &first),
            within_loss: cosine(&self.loss_first, &self.loss_second),
            within_fairness: cosine(&self.fairness_first, &self.fairness_second),
            loss_and_fairness: cosine(&loss, &fairness),
        }
    }
}
