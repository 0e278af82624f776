//! The squared gap of equal opportunity: demographic parity among the rows with y = 1.
//!
//! ```text
//! R = (m_0 − m_1)²     rows with y = 1 alone
//! ```
//!
//! Here m_g is the mean of P(ŷ = 1) over rows of group g: 0 is protected, 1 is not.

use super::Measure;
use super::gap::{SquaredGaps, Stratum};

pub(super) const GAP: SquaredGaps = SquaredGaps {
    name: "equal-opportunity-gap",
    title: "Gap of equal opportunity",
    measure: Measure::Opportunity,
    strata: &[Stratum::Label(true)],
};
