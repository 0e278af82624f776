//! What regularizers buy: fronts of accuracy and fairness over γ, and a rival without training.
//!
//! Every regularizer is trained with the same weights γ on the same tasks. The rival is MAML
//! without a regularizer, with thresholds chosen on training tasks. A setting is judged by its
//! accuracy at a parity of at least [`FOUR_FIFTHS`]. All methods have equally many settings, and
//! accepting and rejecting everybody are settings of each.
//!
//! | file | subject |
//! |---|---|
//! | `curve` | accuracy at a parity, along the settings of one method |
//! | `reasons` | why a term does not help: noise, the labels, the step |
//! | `page` | how it is shown |

mod curve;
mod page;
mod reasons;

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use experiment::plan::{Arm, MethodName, Plan, Sweep};
use experiment::results::compare::{SettingRecords, accuracy, parity};
use experiment::results::front::constants;
use experiment::results::record::Record;
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
        fine_tuning_gammas: Vec::new(),
        points: Vec::new(),
        laftr: None,
        ..plan.bare()
    }
}

/// The settings of one method. Every method has the same number of them.
#[derive(Clone, Debug)]
pub struct Front {
    /// Its name in tables.
    pub name: String,
    /// Its arms: MAML and one for each γ, or one for each step of the thresholds.
    pub arms: Vec<Arm>,
}

/// A front for each regularizer of a plan, then one for thresholds by group and one for a shared
/// threshold.
pub fn fronts(plan: &Plan) -> Vec<Front> {
    let arms = plan.arms();
    let front = |name: &str, method: MethodName, notion: Notion| {
        let of_notion = |arm: &&Arm| arm.notion.is_none_or(|of_arm| of_arm == notion);
        let arms = arms.iter().filter(|arm| arm.method == method).filter(of_notion);
        Front { name: name.into(), arms: arms.copied().collect() }
    };
    let of_sweep = |sweep: &Sweep| front(sweep.notion.name(), MethodName::Meta, sweep.notion);
    let parity = Notion::DEMOGRAPHIC_PARITY;
    let fronts = plan.sweeps.iter().map(of_sweep).chain([
        front("thresholds by group", MethodName::GroupThresholds, parity),
        front("one threshold", MethodName::SharedThreshold, parity),
    ]);
    fronts.collect()
}

/// The settings of a front in one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Points {
    /// The mean parity and accuracy over the held-out tasks after adaptation. Settings without a
    /// parity are left out.
    pub own: Vec<Point>,
    /// Accept everybody, and reject everybody: settings that every method has.
    pub constants: [Point; 2],
}

impl Points {
    /// The largest accuracy at a parity of at least `target`, see [`accuracy_at`]. Accepting
    /// everybody may be an end of a straight line: who lets a coin accept more rows reaches at
    /// least the parity on that line. Rejecting more rows does not change a ratio.
    pub fn accuracy_at(&self, target: f64) -> f64 {
        let [accept, reject] = self.constants;
        let best = accuracy_at(&[&self.own[..], &[accept]].concat(), target);
        best.map_or(reject.accuracy, |best| best.max(reject.accuracy))
    }

    /// Whether a setting of the method itself has a parity of at least `target`.
    pub fn reach(&self, target: f64) -> bool {
        self.own.iter().any(|point| point.parity >= target)
    }
}

/// The settings of a front in each run, without one of the held-out tasks.
pub fn points(study: &Study, front: &Front, left_out: Option<&str>) -> BTreeMap<u64, Points> {
    let kept: Vec<&Record> =
        study.records.iter().filter(|record| Some(&*record.task) != left_out).collect();
    let all = kept.iter().map(|record| (record.seed, &*record.task)).collect();
    let of_run = |(run, constants): (u64, [(f64, f64); 2])| {
        let point = |&arm: &Arm| {
            let records = kept.iter().copied().filter(|record| record.seed == run);
            let side = SettingRecords::among(records, arm, study.plan.shown_adaptation(arm));
            let (accuracy, parity) = (side.mean(accuracy).mean, side.mean(parity).mean);
            Some(Point { parity: parity?.mean, accuracy: accuracy?.mean })
        };
        let own: Vec<Point> = front.arms.iter().filter_map(point).collect();
        let constants = constants.map(|(accuracy, parity)| Point { parity, accuracy });
        (!own.is_empty()).then_some((run, Points { own, constants }))
    };
    constants(kept.iter().copied(), &all).into_iter().filter_map(of_run).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use experiment::run::estimate::check;
    use meta::estimate::Limits;
    use paper::defaults;

    /// An accuracy at a parity only grows with more settings.
    #[test]
    fn fronts_have_equal_numbers_of_settings() {
        for plan in [defaults::synthetic(), defaults::communities()] {
            for quick in [false, true] {
                let plan = plan_of(plan.clone(), quick);
                for front in fronts(&plan) {
                    assert_eq!(front.arms.len(), plan.sweeps[0].settings(), "{}", front.name);
                }
            }
        }
    }

    #[test]
    fn constants_are_settings_of_every_method() {
        let point = |parity, accuracy| Point { parity, accuracy };
        let points = |own: &[Point], positive: f64| Points {
            own: own.to_vec(),
            constants: [point(1.0, positive), point(1.0, 1.0 - positive)],
        };
        // No setting reaches 0.8. Halfway from (0.6, 0.9) to accepting everybody it is reached.
        let unfair = [point(0.6, 0.9)];
        assert_eq!(points(&unfair, 0.5).accuracy_at(0.8), 0.7);
        // Rejecting everybody is better, but no line leads to it.
        assert_eq!(points(&unfair, 0.125).accuracy_at(0.8), 0.875);
        assert_eq!(points(&[], 0.25).accuracy_at(0.8), 0.75);
        assert!(!points(&unfair, 0.5).reach(0.8) && points(&unfair, 0.5).reach(0.6));
    }

    #[test]
    fn default_fronts_are_below_the_limits() {
        let plans = [defaults::synthetic(), defaults::communities()];
        let plans = plans.map(|plan| plan_of(plan, false));
        for threads in [1, 128] {
            check(&plans, threads, Limits::default(), |_| 0.0).unwrap();
        }
    }
}
