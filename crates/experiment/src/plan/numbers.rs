//! Lists of numbers in plans.

use fairness::Notion;
use serde::{Deserialize, Serialize};

/// Weights γ above 0 of one regularizer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sweep {
    /// Which regularizer.
    pub notion: Notion,
    /// In increasing order, without repetition.
    pub gammas: Vec<f64>,
}

/// Whether finite numbers rise from one to the next, the first of them being good.
pub(super) fn increasing(numbers: &[f64], good: impl Fn(f64) -> bool) -> bool {
    numbers.first().is_none_or(|&first| good(first))
        && numbers.windows(2).all(|pair| pair[0] < pair[1])
        && numbers.iter().all(|x| x.is_finite())
}

/// Whether nothing is there twice.
pub(super) fn is_a_set<T: PartialEq>(items: &[T]) -> bool {
    items.iter().enumerate().all(|(i, item)| !items[..i].contains(item))
}
