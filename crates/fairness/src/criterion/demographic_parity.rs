//! Demographic parity, eq. 3: R = 1 − the mean of P(ŷ = 1) over the protected rows.

use tape::{Recorder, Var};

use super::group_mean::one_minus_mean;
use super::{Criterion, Measure, Reading, Rows};

pub(super) struct DemographicParity;

impl Criterion for DemographicParity {
    fn name(&self) -> &'static str {
        "demographic-parity"
    }

    fn title(&self) -> &'static str {
        "Demographic parity"
    }

    fn measure(&self) -> Measure {
        Measure::Parity
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
    rows.protected[i]
}
