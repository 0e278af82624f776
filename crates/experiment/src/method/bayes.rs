//! The best possible decision under the generator of the tasks, with a threshold for each group.

use std::borrow::Cow;

use tasks::synthetic::{ClassDensities, LabelRule, SyntheticConfig, SyntheticSettings, TaskFacts};
use tasks::{Batch, Episode, Purpose, Task, stream};

use super::arms::aimed;
use super::{Cost, Method, Needs, SCORED, Training, Work, decided};
use crate::error::Result;
use crate::plan::{Arm, MethodName, Plan, Problem};
use crate::results::trained::Trained;
use crate::run::score::{Thresholds, scored};
use crate::run::size::PlanSize;

/// The points of a large task on which the thresholds are chosen.
const POPULATION: usize = 20_000;

pub(super) struct BestDecision;

impl Method for BestDecision {
    fn label(&self, _: &Plan, _: Arm) -> Cow<'static, str> {
        "Bayes decision".into()
    }

    fn arms(&self, plan: &Plan, method: MethodName) -> Vec<Arm> {
        aimed(method, plan)
    }

    fn groups(&self, arms: &[Arm]) -> Vec<Vec<Arm>> {
        vec![arms.to_vec()]
    }

    /// The population with its scores, and the thresholds of each task and arm.
    fn needs(&self, size: PlanSize<'_>, arms: &[Arm], _: f64) -> Needs {
        let thresholds = size.data.tests * arms.len() as f64 * SCORED * 2.0;
        let bytes = POPULATION as f64 * 2.0 * SCORED + thresholds;
        Needs { training: Cost { bytes, multiply_adds: 0.0 }, ..Needs::decisions(size) }
    }

    /// Accepts by P(y = 1 | x), which the generator knows. The group of a point depends only on the
    /// point, so it adds no information about the label.
    fn judge(&self, work: Work<'_>, _: &[Training]) -> Result<Vec<Trained>> {
        // Tasks with the same parameters have the same thresholds.
        let mut known: Vec<(TaskFacts, Vec<(Arm, Thresholds)>)> = Vec::new();
        decided(work, |_, test, Episode { query, .. }| {
            let facts = test.facts.expect("a generated task");
            let chosen = match known.iter().find(|(other, _)| *other == facts) {
                Some((_, chosen)) => chosen.clone(),
                None => {
                    let population = population(work.plan, &facts);
                    let rows = scored(&population, &scores(&population, &facts));
                    let choose = |&arm: &Arm| (arm, Thresholds::of_arm(&rows, arm));
                    let chosen: Vec<_> = work.arms.iter().map(choose).collect();
                    known.push((facts, chosen.clone()));
                    chosen
                }
            };
            let rows = scored(&query, &scores(&query, &facts));
            Ok(move |arm| {
                let of_arm = chosen.iter().find(|(other, _)| *other == arm);
                of_arm.expect("an arm of the job").1.decide(&rows)
            })
        })
    }
}

/// The log-odds of y = 1 for each row. They come from the two Gaussians, each with half of the
/// points, or from the signed distance to the line.
fn scores(rows: &Batch, facts: &TaskFacts) -> Vec<f64> {
    let point = |row: usize| [rows.row(row)[0], rows.row(row)[1]];
    let score = |x: [f64; 2]| match facts.rule {
        LabelRule::Component { .. } => ClassDensities::generating(facts).log_odds(x),
        LabelRule::Line { slope, intercept, positive_above } => {
            let above = x[1] - slope * x[0] - intercept;
            if positive_above { above } else { -above }
        }
    };
    (0..rows.rows()).map(point).map(score).collect()
}

/// A large task with these parameters.
fn population(plan: &Plan, facts: &TaskFacts) -> Batch {
    let Problem::Synthetic { generator, .. } = &plan.problem else {
        unreachable!("only generated tasks have facts")
    };
    let settings = SyntheticSettings { points: POPULATION, ..generator.settings().clone() };
    let generator = SyntheticConfig::new(settings).expect("more points of valid settings");
    let phis = &generator.settings().phis;
    let place = phis.iter().position(|phi| *phi == facts.phi).unwrap_or(0) as u64;
    let data = generator.generate(facts, &mut stream(0, Purpose::Population, 0, place));
    plan.protected_group.of(Task::new("population", data)).data.into_batch()
}
