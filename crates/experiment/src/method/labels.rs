//! The labels themselves: no mistake, and the labels' own parity.

use super::{Method, Training, Work, decided_by};
use crate::error::Result;
use crate::plan::{Algorithm, Arm, Plan};
use crate::results::trained::Trained;

pub(super) struct Labels;

impl Method for Labels {
    fn label(&self, _: bool) -> &'static str {
        "the labels"
    }

    fn arms(&self, _: &Plan, algorithm: Algorithm) -> Vec<Arm> {
        vec![Arm::plain(algorithm)]
    }

    fn shown(&self, _: &Plan, algorithm: Algorithm) -> Arm {
        Arm::plain(algorithm)
    }

    fn judge(&self, work: Work<'_>, _: &[Training]) -> Result<Vec<Trained>> {
        decided_by(work, |_, positive| positive)
    }
}
