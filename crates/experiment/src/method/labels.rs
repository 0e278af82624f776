//! The true labels as decisions: no mistakes, and the parity of the labels.

use std::borrow::Cow;

use super::{Method, Training, Work, decided_by};
use crate::error::Result;
use crate::plan::{Arm, MethodName, Plan};
use crate::results::trained::Trained;

pub(super) struct TrueLabels;

impl Method for TrueLabels {
    fn label(&self, _: &Plan, _: Arm) -> Cow<'static, str> {
        "the labels".into()
    }

    fn arms(&self, _: &Plan, method: MethodName) -> Vec<Arm> {
        vec![Arm::plain(method)]
    }

    fn shown(&self, _: &Plan, method: MethodName) -> Arm {
        Arm::plain(method)
    }

    fn judge(&self, work: Work<'_>, _: &[Training]) -> Result<Vec<Trained>> {
        decided_by(work, |_, positive| positive)
    }
}
