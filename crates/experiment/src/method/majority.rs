//! A constant decision for the larger class of the training tasks.

use std::borrow::Cow;

use tasks::Episode;

use super::{Cost, HELD_OUT, Method, Needs, Reads, TRAINING_ROWS, Training, Work};
use crate::error::Result;
use crate::plan::{Arm, MethodName, Plan};
use crate::results::outcome::Adaptation;
use crate::results::trained::Learned;
use crate::run::adapt::{Classifier, Run};
use crate::run::size::PlanSize;

pub(super) struct LargerClass;

impl Method for LargerClass {
    fn label(&self, _: &Plan, _: Arm) -> Cow<'static, str> {
        "majority class".into()
    }

    fn arms(&self, _: &Plan, method: MethodName) -> Vec<Arm> {
        vec![Arm::plain(method)]
    }

    fn shown(&self, _: &Plan, method: MethodName) -> Arm {
        Arm::plain(method)
    }

    fn reads(&self) -> Reads {
        Reads { training: &[TRAINING_ROWS], regularized: &[], judging: &[HELD_OUT] }
    }

    /// A copy of all training rows, whose labels are counted.
    fn needs(&self, size: PlanSize<'_>, _: &[Arm], _: f64) -> Needs {
        let training = Cost { bytes: size.data.all_training_rows(), multiply_adds: 0.0 };
        Needs { training, ..Needs::decisions(size) }
    }

    /// Positive if at least half of the training rows are.
    fn learn(&self, work: Work<'_>) -> Result<Vec<Training>> {
        let rows = work.prepared.all_training_rows();
        let positive = rows.positive().iter().filter(|&&positive| positive).count();
        Ok(vec![Training::without(Learned::Decision(2 * positive >= rows.rows()))])
    }

    fn adapt(
        &self,
        _: Run<'_>,
        learned: &Learned,
        _: Adaptation,
        _: (&str, &Episode),
    ) -> Result<Classifier> {
        let Learned::Decision(decision) = learned else { unreachable!("a decision is learned") };
        Ok(Classifier::Constant(*decision))
    }
}
