//! The companions of a plan: a method again, under other settings.

use std::borrow::Cow;

use super::{Method, Needs, meta, pretrained};
use crate::plan::{Arm, Plan};
use crate::results::outcome::Adaptation;
use crate::run::size::PlanSize;

/// MAML as the paper's published code computes it.
pub(super) struct PublishedCode;

impl Method for PublishedCode {
    fn label(&self, _: &Plan, _: Arm) -> Cow<'static, str> {
        "published-code".into()
    }

    fn shown_adaptation(&self, plan: &Plan, _: Arm) -> Adaptation {
        meta::step(plan)
    }

    fn needs(&self, size: PlanSize<'_>, arms: &[Arm], threads: f64) -> Needs {
        meta::Meta.needs(size, arms, threads)
    }
}

/// MAML with an inner rate of 0 in training: the same meta-batches and optimizer, without
/// meta-learning.
pub(super) struct NoInnerStep;

impl Method for NoInnerStep {
    fn label(&self, _: &Plan, _: Arm) -> Cow<'static, str> {
        "no inner step".into()
    }

    fn shown_adaptation(&self, plan: &Plan, _: Arm) -> Adaptation {
        meta::step(plan)
    }

    fn needs(&self, size: PlanSize<'_>, arms: &[Arm], threads: f64) -> Needs {
        meta::Meta.needs(size, arms, threads)
    }
}

/// The pre-trained network, trained at another rate.
pub(super) struct PretrainedOther;

impl Method for PretrainedOther {
    fn label(&self, _: &Plan, _: Arm) -> Cow<'static, str> {
        "pre-trained, other rate".into()
    }

    fn shown_adaptation(&self, plan: &Plan, _: Arm) -> Adaptation {
        pretrained::shown(plan)
    }

    fn needs(&self, size: PlanSize<'_>, arms: &[Arm], threads: f64) -> Needs {
        pretrained::PretrainedNetwork.needs(size, arms, threads)
    }
}
