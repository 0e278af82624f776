//! Classifiers trained by cross-validation on all labels of a held-out task, with a threshold for
//! each group.

use std::borrow::Cow;

use baselines::fit;
use meta::probabilities;
use mlp::{Activation, Initialization, Network};
use rand::seq::SliceRandom;
use tasks::{Batch, Episode, Purpose, stream};

use super::arms::aimed;
use super::{Cost, HELD_OUT, Method, Needs, Reads, Training, Work, decided};
use crate::error::{Error, Result};
use crate::plan::{Arm, MethodName, Plan};
use crate::results::outcome::Adaptation;
use crate::results::trained::Trained;
use crate::run::held_out::Test;
use crate::run::score::{Thresholds, scored};
use crate::run::size::PlanSize;

/// The number of folds of cross-validation.
pub(super) const FOLDS: usize = 5;
/// The random stream for the weights of these networks, among the streams of initial weights.
const OWN: u64 = 200;

pub(super) enum OwnLabels {
    Network,
    Logistic,
}

impl Method for OwnLabels {
    fn label(&self, _: &Plan, _: Arm) -> Cow<'static, str> {
        match self {
            OwnLabels::Network => "own labels, network".into(),
            OwnLabels::Logistic => "own labels, logistic".into(),
        }
    }

    fn arms(&self, plan: &Plan, method: MethodName) -> Vec<Arm> {
        aimed(method, plan)
    }

    fn adaptations(&self, plan: &Plan, _: Arm) -> Vec<Adaptation> {
        vec![Adaptation::after(plan.scratch.rate, plan.scratch.epochs.get())]
    }

    fn reads(&self) -> Reads {
        Reads { training: &[], regularized: &[], judging: &[HELD_OUT, &["network", "scratch"]] }
    }

    fn groups(&self, arms: &[Arm]) -> Vec<Vec<Arm>> {
        vec![arms.to_vec()]
    }

    /// A network for each fold. A logistic regression is counted as the plan's network, which is
    /// usually larger.
    fn needs(&self, size: PlanSize<'_>, _: &[Arm], _: f64) -> Needs {
        let gradients = FOLDS as f64 * size.plan.scratch.epochs.get() as f64;
        let rows = size.data.most_rows;
        Needs::fresh_networks(0.0, Cost::of_adaptation(size, size.network, rows, gradients))
    }

    /// Accepts by a classifier that saw the labels of all other folds of the task. The thresholds
    /// are chosen on the same labels, so this is an optimistic reference.
    fn judge(&self, work: Work<'_>, _: &[Training]) -> Result<Vec<Trained>> {
        decided(work, |index, test, Episode { support, query }| {
            let all = Batch::concat(&[&query, &support]);
            let scores = self.out_of_fold(work, (index, test), &all)?;
            let (all, query) = (scored(&all, &scores), scored(&query, &scores[..query.rows()]));
            Ok(move |arm| Thresholds::of_arm(&all, arm).decide(&query))
        })
    }
}

impl OwnLabels {
    /// P(class 1) of each row, by a network that was trained on the other folds.
    fn out_of_fold(
        &self,
        work: Work<'_>,
        (index, test): (u64, &Test),
        all: &Batch,
    ) -> Result<Vec<f64>> {
        let (plan, seed) = (work.plan, work.prepared.seed);
        let network = match self {
            OwnLabels::Logistic => Network::new(&[all.features(), 2], Activation::Relu)?,
            OwnLabels::Network => plan.network.clone(),
        };
        let mut scores = vec![0.0; all.rows()];
        for (fold, (others, held_out)) in (0..).zip(folds(seed, index, all.rows())) {
            let mut rng = stream(seed, Purpose::Initialization, fold, OWN);
            let theta = network.initialize(Initialization::He, &mut rng);
            let (rate, epochs) = (plan.scratch.rate, plan.scratch.epochs.get() as usize);
            let theta = fit(&network, None, 0.0, rate, epochs, &theta, &all.select(&others))
                .map_err(|source| {
                    let run = Arm::plain(work.arms[0].method);
                    Error::Fit { run: work.run(run).name(), task: test.name().into(), source }
                })?;
            let rows = all.select(&held_out);
            for (row, score) in held_out.iter().zip(probabilities(&network, &theta, rows.x())?) {
                scores[*row] = score;
            }
        }
        Ok(scores)
    }
}

/// The folds of the rows of a run's n-th held-out task: in each of them the other rows, and the
/// rows that are held out. They are the same for every method.
pub(super) fn folds(
    seed: u64,
    n: u64,
    rows: usize,
) -> impl Iterator<Item = (Vec<usize>, Vec<usize>)> {
    let mut order: Vec<usize> = (0..rows).collect();
    order.shuffle(&mut stream(seed, Purpose::Folds, 0, n));
    (0..FOLDS).map(move |fold| {
        let pick = |inside: bool| -> Vec<usize> {
            let places = (0..rows).filter(|place| (place % FOLDS == fold) == inside);
            places.map(|place| order[place]).collect()
        };
        (pick(false), pick(true))
    })
}
