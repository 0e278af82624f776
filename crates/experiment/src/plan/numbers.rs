//! Lists of numbers in plans.

use fairness::Notion;
use serde::{Deserialize, Serialize};

/// Weights γ above 0 of one regularizer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sweep {
    /// The notion of the regularizer.
    pub notion: Notion,
    /// In increasing order, without repetition.
    pub gammas: Vec<f64>,
}

impl Sweep {
    /// The number of settings of a method with these weights: one each, and γ = 0.
    pub fn settings(&self) -> usize {
        1 + self.gammas.len()
    }
}

/// Whether the numbers are finite and increasing, and the first is accepted.
pub(super) fn increasing(numbers: &[f64], good: impl Fn(f64) -> bool) -> bool {
    numbers.first().is_none_or(|&first| good(first))
        && numbers.windows(2).all(|pair| pair[0] < pair[1])
        && numbers.iter().all(|x| x.is_finite())
}

/// Whether no element is repeated.
pub(super) fn is_a_set<T: PartialEq>(items: &[T]) -> bool {
    items.iter().enumerate().all(|(i, item)| !items[..i].contains(item))
}
