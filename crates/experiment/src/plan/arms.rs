//! What is trained and judged under a plan: its arms, and how each is adapted to a new task.

use std::num::NonZeroUsize;

use super::arm::{Algorithm, Arm};
use super::laftr::LaftrPlan;
use super::numbers::Sweep;
use super::settings::Plan;
use crate::results::outcome::Adaptation;

impl Plan {
    /// Every arm of one seed, in the order of tables.
    pub fn arms(&self) -> Vec<Arm> {
        self.methods.iter().flat_map(|&algorithm| self.arms_of(algorithm)).collect()
    }

    fn arms_of(&self, algorithm: Algorithm) -> Vec<Arm> {
        if algorithm.has_targets() {
            let aimed = |sweep: &Sweep| {
                let notion = sweep.notion;
                self.targets.iter().map(move |&target| Arm::aimed(algorithm, notion, target))
            };
            return self.sweeps.iter().flat_map(aimed).collect();
        }
        if algorithm == Algorithm::Coin {
            let share = |&share| Arm { target: Some(share), ..Arm::plain(algorithm) };
            return self.coin_shares.iter().map(share).collect();
        }
        let sweeps = match algorithm {
            Algorithm::Majority | Algorithm::Labels | Algorithm::Line => &[][..],
            Algorithm::Laftr => self.laftr.as_ref().map_or(&[][..], |laftr| &laftr.sweeps),
            _ => &self.sweeps,
        };
        let regularized = sweeps.iter().flat_map(|sweep| {
            let arm = |&gamma| Arm::regularized(algorithm, sweep.notion, gamma);
            sweep.gammas.iter().map(arm)
        });
        std::iter::once(Arm::plain(algorithm)).chain(regularized).collect()
    }

    /// Every way in which an arm is adapted to a task kept apart.
    pub fn adaptations(&self, arm: Arm) -> Vec<Adaptation> {
        use Algorithm::*;
        let before = [Adaptation::BEFORE];
        match arm.algorithm {
            Meta | PublishedCode | NoInnerStep => {
                let inner = self.adaptation();
                let step = Adaptation::after(inner.rate(), inner.steps() as u64);
                before.into_iter().chain([step]).chain(self.other_gammas(arm, step)).collect()
            }
            SharedThreshold | GroupThresholds => {
                let inner = self.adaptation();
                vec![before[0], Adaptation::after(inner.rate(), inner.steps() as u64)]
            }
            Pretrained | PretrainedOther => {
                let fine_tuning = |&rate: &f64| Adaptation::after(rate, 1);
                let rates = self.fine_tuning_rates.iter().map(fine_tuning);
                let shown = Adaptation::after(self.fine_tuning_shown, 1);
                before.into_iter().chain(rates).chain(self.other_gammas(arm, shown)).collect()
            }
            Laftr => self.laftr.iter().flat_map(LaftrPlan::adaptations).collect(),
            Scratch => vec![Adaptation::after(self.scratch.rate, self.scratch.epochs.get())],
            Majority | Coin | Labels | Line | Bayes => before.into(),
            OwnNetwork | OwnLogistic => {
                vec![Adaptation::after(self.scratch.rate, self.scratch.epochs.get())]
            }
        }
    }

    /// A step with each γ that is tried beside that of training.
    fn other_gammas(&self, arm: Arm, step: Adaptation) -> impl Iterator<Item = Adaptation> {
        let is_tried = self.has_grid(arm);
        let gammas = self.fine_tuning_gammas.iter().copied();
        let others = gammas.filter(move |&gamma| is_tried && gamma != arm.gamma);
        others.map(move |gamma| step.at_gamma(gamma))
    }

    /// Whether an arm is adapted with some γ above 0 though it was trained without.
    pub(crate) fn adapts_with_gamma(&self, arm: Arm) -> bool {
        self.has_grid(arm) && self.fine_tuning_gammas.iter().any(|&gamma| gamma > 0.0)
    }

    /// Whether an arm is adapted with every γ of the grid: those of the first sweep.
    fn has_grid(&self, arm: Arm) -> bool {
        matches!(arm.algorithm, Algorithm::Meta | Algorithm::Pretrained)
            && arm.notion.is_none_or(|notion| notion == self.sweeps[0].notion)
    }

    /// The way of them that tables and figures show.
    ///
    /// # Panics
    /// If the arm is LAFTR's and the plan has none.
    pub fn shown_adaptation(&self, arm: Arm) -> Adaptation {
        match (arm.algorithm, &self.laftr) {
            (Algorithm::Pretrained | Algorithm::PretrainedOther, _) => {
                Adaptation::after(self.fine_tuning_shown, 1)
            }
            (Algorithm::Meta | Algorithm::PublishedCode | Algorithm::NoInnerStep, _) => {
                self.adaptations(arm)[1]
            }
            (Algorithm::Laftr, Some(laftr)) => laftr.shown(),
            _ => *self.adaptations(arm).last().expect("an arm of the plan"),
        }
    }

    /// The support rows of the tasks kept apart with which tables and figures show an arm.
    pub fn shown_rows(&self, arm: Arm) -> NonZeroUsize {
        match (arm.algorithm, &self.laftr) {
            (Algorithm::Laftr, Some(laftr)) => laftr.support_rows,
            _ => self.support_rows(),
        }
    }

    /// The arm of an algorithm at the γ that is shown; nothing is regularized in some.
    pub fn shown(&self, algorithm: Algorithm) -> Arm {
        use Algorithm::*;
        if matches!(algorithm, Majority | Coin | Labels | Line) {
            return Arm::plain(algorithm);
        }
        let (notion, gamma) = match (algorithm, &self.laftr) {
            (Algorithm::Laftr, Some(laftr)) => (laftr.sweeps[0].notion, laftr.gamma_shown),
            _ => (self.sweeps[0].notion, self.gamma_shown),
        };
        Arm::regularized(algorithm, notion, gamma)
    }
}
