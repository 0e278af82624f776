//! A constant decision for the larger class of the training tasks.

use std::borrow::Cow;

use tasks::Episode;

use super::{HELD_OUT, Method, Reads, TRAINING_ROWS, Training, Work};
use crate::error::Result;
use crate::plan::{Arm, MethodName, Plan};
use crate::results::outcome::Adaptation;
use crate::results::trained::Learned;
use crate::run::adapt::{Classifier, Run};

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

    /// Positive if at least half of the training rows are.
    fn learn(&self, work: Work<'_>) -> Result<Vec<Training>> {
        let tasks = work.prepared.pool.tasks().iter();
        let labels = tasks.flat_map(|task| task.data.positive());
        let (all, positive) = labels.fold((0_usize, 0_usize), |(all, positive), &label| {
            (all + 1, positive + usize::from(label))
        });
        Ok(vec![Training::without(Learned::Decision(2 * positive >= all))])
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
