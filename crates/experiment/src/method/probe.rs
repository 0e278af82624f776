//! Linear probes: what a logistic regression finds in the last hidden layer of a network.
//!
//! A representation is useful for a new task if its classes are easy to tell apart there. A probe
//! measures this: it sees the activations of the last hidden layer at the weights before any step,
//! in place of the features. Every probe is trained on the labels of the task itself, with the same
//! folds and the same penalty, so that only the representations differ.

use std::borrow::Cow;
use std::slice;

use baselines::Logistic;
use fairness::metrics::GroupCounts;
use meta::initial_weights;
use meta::sizes::NUMBER;
use tasks::{Batch, Episode};

use super::own_labels::{FOLDS, folds};
use super::{Cost, HELD_OUT, Host, Method, Needs, Reads, Shared, Training, Work, decided};
use crate::error::{Error, Result};
use crate::plan::{Arm, MethodName, Plan};
use crate::results::outcome::Outcome;
use crate::results::trained::{Learned, Trained};
use crate::run::adapt::Run;
use crate::run::size::PlanSize;

/// The Newton steps of a fit, about.
const STEPS: f64 = 10.0;

/// What is probed.
pub(super) enum Probe {
    /// The weights of MAML and Fair-MAML.
    Meta,
    /// The weights of the pre-trained network.
    Pretrained,
    /// The weights at which MAML begins its training.
    Random,
    /// The features themselves.
    Features,
}

impl Method for Probe {
    fn label(&self, plan: &Plan, arm: Arm) -> Cow<'static, str> {
        match self {
            Probe::Meta => format!("{}, probe", plan.algorithm.title(arm.notion.is_some())).into(),
            Probe::Pretrained => "pre-trained, probe".into(),
            Probe::Random => "random weights, probe".into(),
            Probe::Features => "features, probe".into(),
        }
    }

    /// Weights that were trained are probed at γ = 0 and at the γ of the tables.
    fn arms(&self, plan: &Plan, method: MethodName) -> Vec<Arm> {
        let (plain, shown) = (Arm::plain(method), plan.shown(method));
        match self {
            Probe::Meta | Probe::Pretrained if shown != plain => vec![plain, shown],
            _ => vec![plain],
        }
    }

    fn shown(&self, plan: &Plan, method: MethodName) -> Arm {
        match self {
            Probe::Meta | Probe::Pretrained => {
                Arm::regularized(method, plan.sweeps[0].notion, plan.gamma_shown)
            }
            Probe::Random | Probe::Features => Arm::plain(method),
        }
    }

    /// The settings of what is probed are read by the host, in the same job.
    fn reads(&self) -> Reads {
        let training: &[&[&str]] = match self {
            Probe::Random => &[&["network", "initialization"]],
            _ => &[],
        };
        Reads { training, regularized: &[], judging: &[HELD_OUT, &["network", "points"]] }
    }

    fn host(&self, arm: Arm) -> Option<Host> {
        let method = match self {
            Probe::Meta => MethodName::Meta,
            Probe::Pretrained => MethodName::Pretrained,
            Probe::Random | Probe::Features => return None,
        };
        Some(Host { arm: Arm { method, ..arm }, shares: Shared::Learned })
    }

    /// Activations of all rows of a task, and a fit for each fold and each number of support rows.
    /// A guest does all of this after the training of its host.
    fn needs(&self, size: PlanSize<'_>, arms: &[Arm], _: f64) -> Needs {
        let PlanSize { plan, data, network } = size;
        let (inputs, fits) = (self.inputs(plan) as f64, (FOLDS + plan.points.len()) as f64);
        let width = inputs + 1.0;
        let fit = |rows: f64| STEPS * width * width * (rows / 2.0 + width / 6.0);
        let rows = data.most_rows;
        let numbers = 2.0 * width * width + rows * (data.features + 3.0 * width);
        let one = Cost {
            bytes: NUMBER * numbers + network.recording(rows, 1.0, NUMBER),
            multiply_adds: network.values(data.rows) + fits * fit(data.rows),
        };
        let times = data.tests * arms.len() as f64;
        let as_guests = Cost { multiply_adds: times * one.multiply_adds, ..one };
        Needs {
            learned: if matches!(self, Probe::Random) { network.parameters } else { 0.0 },
            training: if self.host(arms[0]).is_some() { as_guests } else { Cost::NONE },
            judging: one,
            memory_is_for: "linear probes: hidden units × hidden units",
            work_is_for: "linear probes: hidden units × hidden units × held-out tasks × seeds",
        }
    }

    fn learn(&self, work: Work<'_>) -> Result<Vec<Training>> {
        let Work { plan, prepared, .. } = work;
        let learned = |&arm: &Arm| {
            Ok(Training::without(match self {
                Probe::Random => {
                    let (settings, pool) = (plan.settings(arm)?, &prepared.pool);
                    let theta = initial_weights(&settings, &plan.network, pool, prepared.seed)?;
                    Learned::Weights(theta)
                }
                _ => Learned::Nothing,
            }))
        };
        work.arms.iter().map(learned).collect()
    }

    fn is_compared_over_points(&self, _: &Plan, _: Arm) -> bool {
        true
    }

    /// Decides about each query row by a probe that saw the labels of all other folds of the task.
    /// With other numbers of support rows, the probe sees these rows alone.
    fn judge(&self, work: Work<'_>, trainings: &[Training]) -> Result<Vec<Trained>> {
        let mut judged = Vec::new();
        for (arm, Training { learned, .. }) in work.arms.iter().zip(trainings) {
            let run = work.run(*arm);
            let of_arm = Work { arms: slice::from_ref(arm), ..work };
            let mut trained = decided(of_arm, |index, test, Episode { support, query }| {
                let all = Batch::concat(&[&query, &support]);
                let all = self.represented(run, learned, test.name(), &all)?;
                let scores = out_of_fold(work.prepared.seed, index, &all);
                let counts = counted(run, test.name(), &scores[..query.rows()], &query)?;
                Ok(move |_| counts)
            })?;
            for test in &work.prepared.tests {
                let some_rows = |episode: &Episode| episode.support.rows() > 0;
                for Episode { support, query } in test.points().filter(some_rows) {
                    let seen = self.represented(run, learned, test.name(), &support)?;
                    let new = self.represented(run, learned, test.name(), &query)?;
                    let scores = Logistic::fit(&seen).probabilities(&new);
                    trained[0].points.push(Outcome {
                        task: test.name().into(),
                        adaptation: work.plan.shown_adaptation(*arm),
                        support_rows: support.rows(),
                        counts: counted(run, test.name(), &scores, &query)?,
                    });
                }
            }
            judged.extend(trained);
        }
        Ok(judged)
    }
}

impl Probe {
    /// The number of values that a probe sees of each row.
    fn inputs(&self, plan: &Plan) -> usize {
        let widths = plan.network.widths();
        if matches!(self, Probe::Features) { widths[0] } else { widths[widths.len() - 2] }
    }

    /// The rows as a probe sees them.
    fn represented(
        &self,
        run: Run<'_>,
        learned: &Learned,
        task: &str,
        rows: &Batch,
    ) -> Result<Batch> {
        if matches!(self, Probe::Features) {
            return Ok(rows.clone());
        }
        meta::last_hidden(&run.plan.network, learned.weights(), rows).map_err(|source| {
            let (run, task, source) = (run.name(), task.into(), source.into());
            Error::Activation { run, task, source }
        })
    }
}

/// P(positive) of each row of the n-th held-out task, by a probe of the other folds.
fn out_of_fold(seed: u64, n: u64, rows: &Batch) -> Vec<f64> {
    let mut scores = vec![0.0; rows.rows()];
    for (others, held_out) in folds(seed, n, rows.rows()) {
        let probe = Logistic::fit(&rows.select(&others));
        let of_fold = probe.probabilities(&rows.select(&held_out));
        held_out.iter().zip(of_fold).for_each(|(&row, score)| scores[row] = score);
    }
    scores
}

/// The decisions of a probe, counted.
fn counted(run: Run<'_>, task: &str, scores: &[f64], rows: &Batch) -> Result<GroupCounts> {
    GroupCounts::above(0.5, scores, rows.positive(), rows.protected())
        .map_err(|error| run.at(task, error.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The score of a row does not know the label of the row.
    #[test]
    fn no_row_is_judged_by_its_own_label() {
        let x: Vec<f64> = (0..120).map(|i| f64::from(i * i % 37)).collect();
        let labels: Vec<bool> = (0..40).map(|row| row % 3 == 0).collect();
        let rows = |positive| Batch::new(3, x.clone(), positive, vec![false; 40]).unwrap();
        let scores = out_of_fold(0, 0, &rows(labels.clone()));
        for row in 0..40 {
            let mut flipped = labels.clone();
            flipped[row] = !flipped[row];
            let found = out_of_fold(0, 0, &rows(flipped));
            assert_eq!(found[row], scores[row], "row {row}");
            let changed = found.iter().zip(&scores).filter(|(a, b)| a != b).count();
            // All rows of the four other folds.
            assert_eq!(changed, 32, "row {row}");
        }
    }
}
