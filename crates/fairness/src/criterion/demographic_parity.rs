//! Demographic parity, eq. 3: R = 1 − the mean of P(ŷ = 1) over the protected rows.

use super::group_mean::Group;
use super::{Measure, Rows};

/// The protected rows.
pub(super) struct Protected;

impl Group for Protected {
    const NAME: &'static str = "demographic-parity";
    const TITLE: &'static str = "Demographic parity";
    const MEASURE: Measure = Measure::Parity;

    fn is_member(rows: &Rows<'_>, i: usize) -> bool {
        rows.protected[i]
    }
}
