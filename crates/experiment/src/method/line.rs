//! The line y > 0: rows above it are accepted, and nothing is learned.

use std::borrow::Cow;

use super::{Method, Training, Work, decided_by};
use crate::error::Result;
use crate::plan::{Arm, MethodName, Plan};
use crate::results::trained::Trained;

pub(super) struct HalfPlane;

impl Method for HalfPlane {
    fn label(&self, _: &Plan, _: Arm) -> Cow<'static, str> {
        "line y > 0".into()
    }

    fn arms(&self, _: &Plan, method: MethodName) -> Vec<Arm> {
        vec![Arm::plain(method)]
    }

    fn shown(&self, _: &Plan, method: MethodName) -> Arm {
        Arm::plain(method)
    }

    fn judge(&self, work: Work<'_>, _: &[Training]) -> Result<Vec<Trained>> {
        decided_by(work, |x, _| x[1] > 0.0)
    }
}
