//! Equal opportunity, eq. 4: R = 1 − the mean of P(ŷ = 1) over the protected rows with y = 1.

use tape::{Recorder, Var};

use super::group_mean::one_minus_mean;
use super::{Criterion, Measure, Reading, Rows};

pub(super) struct EqualOpportunity;

impl Criterion for EqualOpportunity {
    fn name(&self) -> &'static str {
        "equal-opportunity"
    }

    fn title(&self) -> &'static str {
        "Equal opportunity"
    }

    fn measure(&self) -> Measure {
        Measure::Opportunity
    }

    fn needs(&self, rows: &Rows<'_>, i: usize) -> bool {
        is_member(rows, i)
    }

    fn eval<'a>(
        &self,
        tape: &mut dyn Recorder,
        log_probabilities: Var,
        rows: &dyn Fn(usize) -> Rows<'a>,
        reading: Reading,
    ) -> Var {
        one_minus_mean(is_member, tape, log_probabilities, rows, reading)
    }
}

fn is_member(rows: &Rows<'_>, i: usize) -> bool {
    rows.protected[i] && rows.positive[i]
}
