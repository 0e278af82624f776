//! A coin: accepts a share of the rows at random.

use std::borrow::Cow;

use fairness::metrics::GroupCounts;
use rand::RngExt;
use tasks::{Episode, Purpose, stream};

use super::{Method, Training, Work, decided};
use crate::error::Result;
use crate::plan::{Arm, MethodName, Plan};
use crate::results::trained::Trained;

pub(super) struct Coin;

impl Method for Coin {
    fn label(&self, _: &Plan, _: Arm) -> Cow<'static, str> {
        "coin".into()
    }

    fn arms(&self, plan: &Plan, method: MethodName) -> Vec<Arm> {
        // As many shares as a regularizer has weights γ, with γ = 0. Who accepts nobody has no
        // fairness.
        let shares = plan.sweeps[0].settings();
        let share = |step| Arm { target: Some(step as f64 / shares as f64), ..Arm::plain(method) };
        (1..=shares).map(share).collect()
    }

    fn shown(&self, _: &Plan, method: MethodName) -> Arm {
        Arm::plain(method)
    }

    fn groups(&self, arms: &[Arm]) -> Vec<Vec<Arm>> {
        vec![arms.to_vec()]
    }

    /// A share q accepts the rows whose number, uniform on [0, 1), is below q.
    fn judge(&self, work: Work<'_>, _: &[Training]) -> Result<Vec<Trained>> {
        decided(work, |index, _, Episode { query, .. }| {
            let mut rng = stream(work.prepared.seed, Purpose::Coin, 0, index);
            let numbers: Vec<f64> = (0..query.rows()).map(|_| rng.random()).collect();
            Ok(move |arm: Arm| {
                let share = arm.target.unwrap_or(0.5);
                let accepted: Vec<bool> = numbers.iter().map(|&number| number < share).collect();
                GroupCounts::tally(&accepted, query.positive(), query.protected())
            })
        })
    }
}
