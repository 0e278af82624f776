//! The compared methods, a file each.
//!
//! A method says which arms it has, which settings it reads, what it learns from the training
//! tasks, and how what it learned becomes a classifier for a new task. To add one: its file here,
//! its line in [`MethodName`] and its line in [`MethodName::implementation`].
//!
//! | file | methods |
//! |---|---|
//! | `meta` | MAML and Fair-MAML |
//! | `pretrained` | one network trained on all tasks together |
//! | `laftr` | LAFTR |
//! | `scratch` | a fresh network on the support rows alone |
//! | `thresholds` | MAML with other thresholds |
//! | `majority`, `coin`, `labels`, `line` | decisions without learning |
//! | `bayes`, `own_labels` | what could be reached |
//! | `companions` | methods that are another method under settings of their own |

mod arms;
mod bayes;
mod coin;
mod companions;
mod labels;
mod laftr;
mod line;
mod majority;
mod meta;
mod own_labels;
mod pretrained;
mod scratch;
mod thresholds;

use std::num::NonZeroUsize;

use ::meta::AbsentCounts;
use fairness::Notion;
use fairness::metrics::GroupCounts;
use tasks::Episode;

use crate::error::Result;
use crate::plan::{Arm, MethodName, Plan};
use crate::progress::Progress;
use crate::results::outcome::{Adaptation, Outcome};
use crate::results::trained::{Learned, Trained};
use crate::run::adapt::{Classifier, Run};
use crate::run::prepare::{Prepared, Test};
use crate::run::score::{Scored, Thresholds};

pub use arms::swept;

/// So many arms are trained side by side at most; with eight, parameters and activations leave the
/// first cache.
pub const LANES: usize = 4;

/// Settings by their names in the manifest, list by list.
type Settings = &'static [&'static [&'static str]];

/// What the results of a method depend on.
#[derive(Clone, Copy)]
pub struct Reads {
    /// Settings read in training.
    pub training: Settings,
    /// Settings read in training and in adaptation with a regularizer.
    pub regularized: Settings,
    /// Settings read in adaptation to held-out tasks, and in judging.
    pub judging: Settings,
}

/// What the rows of the training tasks depend on. A task of which no episode can be drawn is
/// replaced.
pub const TRAINING_ROWS: &[&str] =
    &["problem", "protected_group", "k", "training_support", "queries"];
/// What the episodes of training depend on, beside the rows.
pub const EPISODES: &[&str] = &["episodes_per_task", "cached_batches", "labels"];
/// What the held-out tasks and their episodes depend on.
pub const HELD_OUT: &[&str] = &["problem", "protected_group", "k", "support_rows"];
/// What a regularizer in a loss depends on.
pub const REGULARIZER: &[&str] = &["reading", "absent_group"];
/// Not all of the setting `sweeps`: the notion of the first.
pub const FIRST_NOTION: &str = "first notion";

/// Arms of one method that are trained together, on the tasks of one seed.
#[derive(Clone, Copy)]
pub struct Work<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The tasks.
    pub prepared: &'a Prepared,
    /// The arms, in the order of tables.
    pub arms: &'a [Arm],
    /// Is told of the work as it is done.
    pub progress: &'a dyn Progress,
}

impl<'a> Work<'a> {
    /// One of its arms, with plan and seed.
    pub fn run(&self, arm: Arm) -> Run<'a> {
        Run { plan: self.plan, arm, seed: self.prepared.seed }
    }

    /// What errors call it; of several arms, the error itself says which.
    pub fn name(&self) -> String {
        match *self.arms {
            [arm] => self.run(arm).name(),
            _ => {
                let (problem, method) = (self.plan.problem.name(), self.arms[0].label());
                format!("{problem}, {method}, seed {}", self.prepared.seed)
            }
        }
    }
}

/// What was learned, and how it went.
#[derive(Clone)]
pub struct Training {
    /// What was learned.
    pub learned: Learned,
    /// (iteration, mean loss of a task since the last point).
    pub curve: Vec<(u64, f64)>,
    /// How often a batch had no member of the regularized group, where that is counted.
    pub absent: Option<AbsentCounts>,
}

impl Training {
    /// Nothing is told of the training.
    pub fn without(learned: Learned) -> Self {
        Training { learned, curve: Vec::new(), absent: None }
    }
}

/// How a classifier for a new task comes about.
pub trait Method: Sync {
    /// What tables and figures call an arm, which may be regularized.
    fn label(&self, is_regularized: bool) -> &'static str;

    /// Its arms under a plan, in the order of tables.
    fn arms(&self, plan: &Plan, method: MethodName) -> Vec<Arm> {
        swept(method, &plan.sweeps)
    }

    /// Every way in which an arm is adapted to a held-out task.
    fn adaptations(&self, _: &Plan, _: Arm) -> Vec<Adaptation> {
        vec![Adaptation::BEFORE]
    }

    /// The way of them that tables and figures show: the last, where nothing else is said.
    ///
    /// # Panics
    /// If the plan does not have the method.
    fn shown_adaptation(&self, plan: &Plan, arm: Arm) -> Adaptation {
        *self.adaptations(plan, arm).last().expect("an arm of the plan")
    }

    /// The number of support rows with which tables and figures show it.
    fn shown_rows(&self, plan: &Plan) -> NonZeroUsize {
        plan.support_rows()
    }

    /// The arm that is shown where there is room for one.
    fn shown(&self, plan: &Plan, method: MethodName) -> Arm {
        Arm::regularized(method, plan.sweeps[0].notion, plan.gamma_shown)
    }

    /// The settings that its results depend on: by default those of the held-out tasks alone.
    fn reads(&self) -> Reads {
        Reads { training: &[], regularized: &[], judging: &[HELD_OUT] }
    }

    /// Its arms in groups that are trained together.
    fn groups(&self, arms: &[Arm]) -> Vec<Vec<Arm>> {
        arms.iter().map(|&arm| vec![arm]).collect()
    }

    /// The method whose training it shares: its arms join the job of that method's plain arm.
    fn host(&self) -> Option<MethodName> {
        None
    }

    /// About how long it takes to train arms together, in meta-iterations. What takes any time is
    /// learned once for all plans of a run that agree in the settings read.
    fn work(&self, _: &Plan, _: usize) -> u64 {
        0
    }

    /// What each of the arms learns from the training tasks.
    ///
    /// # Errors
    /// If the training breaks off.
    fn learn(&self, work: Work<'_>) -> Result<Vec<Training>> {
        Ok(work.arms.iter().map(|_| Training::without(Learned::Nothing)).collect())
    }

    /// The classifier that `learned` becomes on the support rows of `episode`.
    ///
    /// # Errors
    /// If the adaptation runs away.
    fn adapt(
        &self,
        _: Run<'_>,
        _: &Learned,
        _: Adaptation,
        _: (&str, &Episode),
    ) -> Result<Classifier> {
        unreachable!("a method without adaptation judges its arms itself")
    }

    /// Whether an arm is judged after other numbers of support rows, too.
    fn is_compared_over_points(&self, _: &Plan, _: Arm) -> bool {
        false
    }

    /// Whether it is adapted with other γ than that of training, too, under the first notion.
    fn has_grid(&self) -> bool {
        false
    }

    /// Whether it decides anything without support rows.
    fn decides_without_rows(&self) -> bool {
        false
    }

    /// A held-out task's episode with other support rows that it is judged on as well.
    fn other_episode<'a>(&self, _: &'a Test) -> Option<&'a Episode> {
        None
    }

    /// The thresholds of an arm for scores of training tasks, for methods that share a training.
    fn thresholds(&self, _: &[Scored], _: Notion, _: f64) -> Option<Thresholds> {
        None
    }

    /// The arms' decisions on every held-out task.
    ///
    /// # Errors
    /// If an adaptation runs away.
    fn judge(&self, work: Work<'_>, trainings: &[Training]) -> Result<Vec<Trained>> {
        let judged = |(&arm, training): (&Arm, &Training)| {
            judged(work.run(arm), work.prepared, training.clone())
        };
        work.arms.iter().zip(trainings).map(judged).collect()
    }
}

impl MethodName {
    /// Returns the method itself.
    pub fn implementation(self) -> &'static dyn Method {
        match self {
            MethodName::Meta => &meta::Meta,
            MethodName::Pretrained => &pretrained::PretrainedNetwork,
            MethodName::Laftr => &laftr::FairCode,
            MethodName::Scratch => &scratch::FromScratch,
            MethodName::Majority => &majority::LargerClass,
            MethodName::PublishedCode => &companions::PublishedCode,
            MethodName::NoInnerStep => &companions::NoInnerStep,
            MethodName::PretrainedOther => &companions::PretrainedOther,
            MethodName::SharedThreshold => &thresholds::Shifted::ForAll,
            MethodName::GroupThresholds => &thresholds::Shifted::ByGroup,
            MethodName::Coin => &coin::Coin,
            MethodName::Labels => &labels::Labels,
            MethodName::Line => &line::HalfPlane,
            MethodName::Bayes => &bayes::BestDecision,
            MethodName::OwnNetwork => &own_labels::OwnLabels::Network,
            MethodName::OwnLogistic => &own_labels::OwnLabels::Logistic,
        }
    }
}

/// Judges what was learned on every held-out task.
fn judged(run: Run<'_>, prepared: &Prepared, training: Training) -> Result<Trained> {
    let Training { learned, curve, absent } = training;
    let Run { plan, arm, seed } = run;
    let method = arm.method.implementation();
    let judge = |task: &str, adaptation, episode| -> Result<Outcome> {
        let classifier = method.adapt(run, &learned, adaptation, (task, episode))?;
        let counts = classifier.decide(&episode.query)?;
        let support_rows = episode.support.rows();
        Ok(Outcome { task: task.into(), adaptation, support_rows, counts })
    };
    let (mut outcomes, mut points) = (Vec::new(), Vec::new());
    let shown = plan.shown_adaptation(arm);
    for test in &prepared.tests {
        for adaptation in plan.adaptations(arm) {
            outcomes.push(judge(&test.name, adaptation, &test.episode)?);
        }
        if let Some(episode) = method.other_episode(test) {
            outcomes.push(judge(&test.name, shown, episode)?);
        }
        if method.is_compared_over_points(plan, arm) {
            let has_rows =
                |episode: &&Episode| episode.support.rows() > 0 || method.decides_without_rows();
            for episode in test.points.iter().filter(has_rows) {
                points.push(judge(&test.name, shown, episode)?);
            }
        }
    }
    Ok(Trained { seed, arm, learned, curve, absent, outcomes, points })
}

/// Judges arms by decisions that nothing is adapted for. `prepare` does once for a held-out task,
/// the n-th, what all arms share.
fn decided<'a, D: Fn(Arm) -> GroupCounts>(
    work: Work<'a>,
    mut prepare: impl FnMut(u64, &'a Test) -> Result<D>,
) -> Result<Vec<Trained>> {
    let trained = |&arm: &Arm| Trained::of(work.prepared.seed, arm, Learned::Nothing);
    let mut trained: Vec<Trained> = work.arms.iter().map(trained).collect();
    for (index, test) in (0..).zip(&work.prepared.tests) {
        let decide = prepare(index, test)?;
        for run in &mut trained {
            run.outcomes.push(Outcome {
                task: test.name.clone(),
                adaptation: work.plan.shown_adaptation(run.arm),
                support_rows: test.episode.support.rows(),
                counts: decide(run.arm),
            });
        }
    }
    Ok(trained)
}

/// Decides by a row's features and label, alike in every arm.
fn decided_by(work: Work<'_>, accept: fn(&[f64], bool) -> bool) -> Result<Vec<Trained>> {
    decided(work, |_, test| {
        let query = &test.episode.query;
        let rows = (0..query.rows()).map(|row| (query.row(row), query.positive()[row]));
        let accepted: Vec<bool> = rows.map(|(x, positive)| accept(x, positive)).collect();
        let counts = GroupCounts::tally(&accepted, query.positive(), query.protected());
        Ok(move |_| counts)
    })
}

#[cfg(test)]
mod tests;
