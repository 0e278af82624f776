//! The squared gap of demographic parity. Unlike eq. 3, it also pushes down a group that is
//! accepted too often.
//!
//! ```text
//! R = (m_0 − m_1)²
//! ```
//!
//! Here m_g is the mean of P(ŷ = 1) over rows of group g: 0 is protected, 1 is not.

use super::Measure;
use super::gap::{SquaredGaps, Stratum};

pub(super) const GAP: SquaredGaps = SquaredGaps {
    name: "demographic-parity-gap",
    title: "Gap of demographic parity",
    measure: Measure::Parity,
    strata: &[Stratum::All],
};
