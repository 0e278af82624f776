//! Methods that are another method under settings of their own: a plan's companions.

use super::{Method, meta, pretrained};
use crate::plan::{Arm, Plan};
use crate::results::outcome::Adaptation;

/// As MAML, in the variant that the paper's published code computes.
pub(super) struct PublishedCode;

impl Method for PublishedCode {
    fn label(&self, _: bool) -> &'static str {
        "published-code"
    }

    fn shown_adaptation(&self, plan: &Plan, _: Arm) -> Adaptation {
        meta::step(plan)
    }
}

/// As MAML, trained with an inner rate of 0: the same meta-batches and optimizer, without any
/// meta-learning.
pub(super) struct NoInnerStep;

impl Method for NoInnerStep {
    fn label(&self, _: bool) -> &'static str {
        "no inner step"
    }

    fn shown_adaptation(&self, plan: &Plan, _: Arm) -> Adaptation {
        meta::step(plan)
    }
}

/// As the pre-trained network, trained at another rate.
pub(super) struct PretrainedOther;

impl Method for PretrainedOther {
    fn label(&self, _: bool) -> &'static str {
        "pre-trained, other rate"
    }

    fn shown_adaptation(&self, plan: &Plan, _: Arm) -> Adaptation {
        pretrained::shown(plan)
    }
}
