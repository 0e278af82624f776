//! The squared gaps of equalized odds (Hardt, Price, Srebro 2016).
//!
//! ```text
//! R = Σ_y (m_0 − m_1)²     among the rows with label y = 0, 1
//! ```
//!
//! Here m_g is the mean of P(ŷ = 1) over rows of group g: 0 is protected, 1 is not.

use super::Measure;
use super::gap::{SquaredGaps, Stratum};

pub(super) const GAP: SquaredGaps = SquaredGaps {
    name: "equalized-odds-gap",
    title: "Gap of equalized odds",
    measure: Measure::EqualizedOdds,
    strata: &[Stratum::Label(true), Stratum::Label(false)],
};
