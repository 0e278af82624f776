//! Equal opportunity, eq. 4: R = 1 − the mean of P(ŷ = 1) over the protected rows with y = 1.

use super::group_mean::Group;
use super::{Measure, Rows};

/// The protected rows whose label is positive.
pub(super) struct ProtectedPositive;

impl Group for ProtectedPositive {
    const NAME: &'static str = "equal-opportunity";
    const TITLE: &'static str = "Equal opportunity";
    const MEASURE: Measure = Measure::Opportunity;

    fn is_member(rows: &Rows<'_>, i: usize) -> bool {
        rows.protected[i] && rows.positive[i]
    }
}
