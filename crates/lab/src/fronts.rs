//! What regularizers buy: fronts of accuracy and fairness over γ, and a rival without training.
//!
//! Every regularizer is trained with the same weights γ on the same tasks. The rival is MAML
//! without a regularizer, with thresholds chosen on training tasks. A setting is judged by its
//! accuracy at a parity of at least [`FOUR_FIFTHS`].
//!
//! | file | subject |
//! |---|---|
//! | `curve` | accuracy at a parity, along the settings of one method |
//! | `reasons` | why a term does not help: noise, the labels, the step |
//! | `page` | how it is shown |

mod curve;
mod page;
mod reasons;

use std::num::NonZeroU64;

use experiment::plan::{Arm, MethodName, Plan, Sweep};
use experiment::results::compare::{SettingRecords, accuracy, parity};
use experiment::results::study::Study;
use fairness::Notion;

pub use self::curve::{Point, accuracy_at};
pub use self::page::{PAGE, documents, text};
pub use self::reasons::{Agreement, agreements};

/// The program in the manifests of fronts.
pub const PROGRAM: &str = "fair-maml fronts";

/// The four-fifths rule: a parity from which on selection counts as fair in US employment law.
pub const FOUR_FIFTHS: f64 = 0.8;

/// The plan of the fronts: MAML with every regularizer, and with other thresholds.
pub fn plan_of(plan: Plan, quick: bool) -> Plan {
    let gammas = if quick { vec![1.0, 10.0] } else { vec![0.3, 1.0, 3.0, 10.0, 30.0, 100.0] };
    let sweep = |&notion: &Notion| Sweep { notion, gammas: gammas.clone() };
    let count = |n| NonZeroU64::new(n).expect("a count above 0");
    Plan {
        seeds: count(if quick { 2 } else { 10 }),
        iterations: if quick { count(200) } else { plan.iterations },
        sweeps: Notion::ALL.iter().map(sweep).collect(),
        gamma_shown: gammas[0],
        methods: vec![MethodName::Meta, MethodName::SharedThreshold, MethodName::GroupThresholds],
        targets: vec![0.6, 0.7, 0.8, 0.9, 1.0],
        fine_tuning_gammas: Vec::new(),
        points: Vec::new(),
        laftr: None,
        coin_shares: Vec::new(),
        ..plan.bare()
    }
}

/// The settings of one method: MAML, then its arms.
#[derive(Clone, Debug)]
pub struct Front {
    /// Its name in tables.
    pub name: String,
    /// Its arms. The first has no regularizer and the threshold 1/2.
    pub arms: Vec<Arm>,
}

/// A front for each regularizer of a plan, then one for thresholds by group and one for a shared
/// threshold.
pub fn fronts(plan: &Plan) -> Vec<Front> {
    let plain = Arm::plain(MethodName::Meta);
    let front = |name: &str, arms: Vec<Arm>| Front {
        name: name.into(),
        arms: std::iter::once(plain).chain(arms).collect(),
    };
    let arms = plan.arms();
    let of = |method: MethodName, notion: Notion| -> Vec<Arm> {
        let is = |arm: &&Arm| arm.method == method && arm.notion == Some(notion);
        arms.iter().filter(is).copied().collect()
    };
    let regularized = plan
        .sweeps
        .iter()
        .map(|sweep| front(sweep.notion.name(), of(MethodName::Meta, sweep.notion)));
    let parity = Notion::DEMOGRAPHIC_PARITY;
    regularized
        .chain([
            front("thresholds by group", of(MethodName::GroupThresholds, parity)),
            front("one threshold", of(MethodName::SharedThreshold, parity)),
        ])
        .collect()
}

/// The points of a front in one run: the mean parity and accuracy over the held-out tasks after
/// adaptation. Settings without a parity are left out.
pub fn points(study: &Study, front: &Front, seed: u64) -> Vec<Point> {
    let point = |&arm: &Arm| {
        let records = study.records.iter().filter(|record| record.seed == seed);
        let side = SettingRecords::among(records, arm, study.plan.shown_adaptation(arm));
        let (accuracy, parity) = (side.mean(accuracy).mean, side.mean(parity).mean);
        Some(Point { parity: parity?.mean, accuracy: accuracy?.mean })
    };
    front.arms.iter().filter_map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use experiment::run::estimate::check;
    use meta::estimate::Limits;
    use paper::defaults;

    #[test]
    fn default_fronts_are_below_the_limits() {
        let plans = [defaults::synthetic(), defaults::communities()];
        let plans = plans.map(|plan| plan_of(plan, false));
        for threads in [1, 128] {
            check(&plans, threads, Limits::default(), |_| 0.0).unwrap();
        }
    }
}
