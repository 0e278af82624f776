//! The arms of a plan, with their adaptations and their place in tables, as their methods define
//! them.

use std::borrow::Cow;
use std::num::NonZeroUsize;

use fairness::Notion;

use crate::plan::{Arm, MethodName, Plan, Sweep};
use crate::results::outcome::Adaptation;

/// An arm without a regularizer, and one for each γ of the sweeps.
pub fn swept(method: MethodName, sweeps: &[Sweep]) -> Vec<Arm> {
    let regularized = sweeps.iter().flat_map(|sweep| {
        let arm = |&gamma| Arm::regularized(method, sweep.notion, gamma);
        sweep.gammas.iter().map(arm)
    });
    std::iter::once(Arm::plain(method)).chain(regularized).collect()
}

/// An arm for each target of the plan and each measure of its notions. Notions with the same
/// measure have the same targets, so one of them stands for all.
pub fn aimed(method: MethodName, plan: &Plan) -> Vec<Arm> {
    let aimed = |notion| plan.targets.iter().map(move |&target| Arm::aimed(method, notion, target));
    plan.aims().map(|sweep| sweep.notion).flat_map(aimed).collect()
}

/// As many arms as a regularizer has weights γ, with γ = 0: equal steps from 0 on, the first of
/// them 0 and the last below 1. One sweep stands for all with the same measure.
pub fn stepped(method: MethodName, plan: &Plan) -> Vec<Arm> {
    let steps = |sweep: &Sweep| {
        let (notion, steps) = (sweep.notion, sweep.settings());
        (0..steps).map(move |step| Arm::aimed(method, notion, step as f64 / steps as f64))
    };
    plan.aims().flat_map(steps).collect()
}

impl Plan {
    /// The name of an arm in tables and figures.
    pub fn label(&self, arm: Arm) -> Cow<'static, str> {
        arm.method.implementation().label(self, arm)
    }

    /// The sweeps whose notions have targets: the first one of each measure.
    pub(crate) fn aims(&self) -> impl Iterator<Item = &Sweep> {
        self.sweeps.iter().filter(|sweep| self.aim_of(sweep.notion) == sweep.notion)
    }

    /// The notion that stands for another one where a measure has a target: the first of the sweeps
    /// with the same measure.
    pub fn aim_of(&self, notion: Notion) -> Notion {
        let mut notions = self.sweeps.iter().map(|sweep| sweep.notion);
        notions.find(|other| other.measure() == notion.measure()).unwrap_or(notion)
    }

    /// Every arm of one seed, in the order of tables.
    pub fn arms(&self) -> Vec<Arm> {
        let of = |&method: &MethodName| method.implementation().arms(self, method);
        self.methods.iter().flat_map(of).collect()
    }

    /// All adaptations of an arm to a held-out task.
    pub fn adaptations(&self, arm: Arm) -> Vec<Adaptation> {
        arm.method.implementation().adaptations(self, arm)
    }

    /// The adaptation in tables and figures.
    ///
    /// # Panics
    /// If the plan does not have the arm's method.
    pub fn shown_adaptation(&self, arm: Arm) -> Adaptation {
        arm.method.implementation().shown_adaptation(self, arm)
    }

    /// The number of support rows of an arm in tables and figures.
    pub fn shown_rows(&self, arm: Arm) -> NonZeroUsize {
        arm.method.implementation().shown_rows(self)
    }

    /// The arm of a method in tables and figures with room for one only.
    pub fn shown(&self, method: MethodName) -> Arm {
        method.implementation().shown(self, method)
    }

    /// A step with each other γ than that of training.
    pub(super) fn other_gammas(
        &self,
        arm: Arm,
        step: Adaptation,
    ) -> impl Iterator<Item = Adaptation> {
        let is_tried = self.has_grid(arm);
        let gammas = self.fine_tuning_gammas.iter().copied();
        let others = gammas.filter(move |&gamma| is_tried && gamma != arm.gamma);
        others.map(move |gamma| step.at_gamma(gamma))
    }

    /// Whether an arm is adapted with a γ above 0 but trained with γ = 0.
    pub(crate) fn adapts_with_gamma(&self, arm: Arm) -> bool {
        self.has_grid(arm) && self.fine_tuning_gammas.iter().any(|&gamma| gamma > 0.0)
    }

    /// Whether an arm is adapted with every γ of the grid: the arms of the first sweep.
    fn has_grid(&self, arm: Arm) -> bool {
        arm.method.implementation().has_grid()
            && arm.notion.is_none_or(|notion| notion == self.sweeps[0].notion)
    }
}
