//! The compared methods, one file each.
//!
//! A method defines its arms, the settings that it reads, its training, how the result of training
//! becomes a classifier for a new task, and what all this takes in memory and work. To add one, add
//! a file here and its line in `method_table.rs`.
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
//! | `probe` | what a linear classifier finds in the last hidden layer |
//! | `companions` | methods that are another method under settings of their own |
//!
//! `arms` has the arms of a plan, and `needs` what a method takes.

mod arms;
mod bayes;
mod coin;
mod companions;
mod labels;
mod laftr;
mod line;
mod majority;
mod meta;
mod needs;
mod own_labels;
mod pretrained;
mod probe;
mod scratch;
mod thresholds;

use std::borrow::Cow;
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
use crate::run::begun::Begun;
use crate::run::held_out::Test;
use crate::run::prepare::Prepared;
use crate::run::score::{Scored, Thresholds};
use crate::run::size::PlanSize;

pub use arms::swept;
pub use needs::{Cost, NUMBER_AS_TEXT, Needs, SCORED, TEXTS};

/// The largest number of arms that are trained in lanes. With eight, parameters and activations do
/// not fit the first-level cache.
pub const LANES: usize = 4;

/// The lanes in which so many arms are trained. One arm alone has no lanes.
fn lanes(arms: &[Arm]) -> f64 {
    if arms.len() > 1 { LANES as f64 } else { 1.0 }
}

/// Lists of settings, by their names in the manifest.
type SettingNames = &'static [&'static [&'static str]];

/// The settings that the results of a method depend on.
#[derive(Clone, Copy)]
pub struct Reads {
    /// Settings read in training.
    pub training: SettingNames,
    /// Settings read in training and in adaptation with a regularizer.
    pub regularized: SettingNames,
    /// Settings read in adaptation to held-out tasks and in evaluation.
    pub judging: SettingNames,
}

/// The settings that determine the rows of the training tasks. A task from which no episode can be
/// drawn is replaced.
pub const TRAINING_ROWS: &[&str] =
    &["problem", "protected_group", "k", "training_support", "queries"];
/// The further settings that determine the training episodes.
pub const EPISODES: &[&str] = &["episodes_per_task", "cached_batches", "labels"];
/// The settings that determine the held-out tasks and their episodes.
pub const HELD_OUT: &[&str] = &["problem", "protected_group", "k", "support_rows"];
/// The settings that determine a regularizer in a loss.
pub const REGULARIZER: &[&str] = &["reading", "absent_group"];
/// The notion of the first sweep, a part of the setting `sweeps`.
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
    /// Receives the finished work, and may stop it.
    pub progress: &'a dyn Progress,
    /// Keeps trainings that have begun, so that a stopped run loses little.
    pub begun: Option<&'a dyn Begun>,
}

impl<'a> Work<'a> {
    /// One of its arms, with plan and seed.
    pub fn run(&self, arm: Arm) -> Run<'a> {
        Run { plan: self.plan, arm, seed: self.prepared.seed }
    }

    /// Its name in errors. With several arms, the error itself names the arm.
    pub fn name(&self) -> String {
        match *self.arms {
            [arm] => self.run(arm).name(),
            _ => {
                let (problem, method) = (self.plan.problem.name(), self.plan.label(self.arms[0]));
                format!("{problem}, {method}, seed {}", self.prepared.seed)
            }
        }
    }
}

/// The result of training, and its course.
#[derive(Clone)]
pub struct Training {
    /// The result of training.
    pub learned: Learned,
    /// (iteration, mean loss of a task since the last point).
    pub curve: Vec<(u64, f64)>,
    /// The number of batches without a member of the regularized group, if counted.
    pub absent: Option<AbsentCounts>,
}

impl Training {
    /// A result without a learning curve and counts.
    pub fn without(learned: Learned) -> Self {
        Training { learned, curve: Vec::new(), absent: None }
    }
}

/// The arm whose training another one shares, a guest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Host {
    /// The arm that is trained.
    pub arm: Arm,
    /// What the guest takes.
    pub shares: Shared,
}

/// What a guest takes from the training of its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shared {
    /// What was learned. The guest judges itself with it.
    Learned,
    /// The scores of the host after its adaptation, for the rows of training and held-out tasks.
    /// Guests get other thresholds for them.
    Scores,
}

/// A method: a way to make a classifier for a new task.
pub trait Method: Sync {
    /// The name of an arm in tables and figures.
    fn label(&self, plan: &Plan, arm: Arm) -> Cow<'static, str>;

    /// Its arms under a plan, in the order of tables.
    fn arms(&self, plan: &Plan, method: MethodName) -> Vec<Arm> {
        swept(method, &plan.sweeps)
    }

    /// All adaptations of an arm to a held-out task.
    fn adaptations(&self, _: &Plan, _: Arm) -> Vec<Adaptation> {
        vec![Adaptation::BEFORE]
    }

    /// The adaptation in tables and figures; by default the last.
    ///
    /// # Panics
    /// If the plan does not have the method.
    fn shown_adaptation(&self, plan: &Plan, arm: Arm) -> Adaptation {
        *self.adaptations(plan, arm).last().expect("an arm of the plan")
    }

    /// The number of its support rows in tables and figures.
    fn shown_rows(&self, plan: &Plan) -> NonZeroUsize {
        plan.support_rows()
    }

    /// The arm in tables and figures with room for one only.
    fn shown(&self, plan: &Plan, method: MethodName) -> Arm {
        Arm::regularized(method, plan.sweeps[0].notion, plan.gamma_shown)
    }

    /// The settings that its results depend on; by default only those of the held-out tasks.
    fn reads(&self) -> Reads {
        Reads { training: &[], regularized: &[], judging: &[HELD_OUT] }
    }

    /// Its arms in groups that are trained together.
    fn groups(&self, arms: &[Arm]) -> Vec<Vec<Arm>> {
        arms.iter().map(|&arm| vec![arm]).collect()
    }

    /// The arm whose training one of its arms shares: it joins the job of that arm.
    fn host(&self, _: Arm) -> Option<Host> {
        None
    }

    /// The approximate time to train arms together, in meta-iterations. Plans of a run that agree
    /// in the settings read share the training if this is above 0.
    fn work(&self, _: &Plan, _: usize) -> u64 {
        0
    }

    /// What it takes to train `arms` together on so many threads, and to judge one of them, for the
    /// estimate of a run; by default decisions without a network. There is at least one arm. Guests
    /// with the same host are asked together, as arms of the first one's method, and only their
    /// training adds to the job.
    ///
    /// It is called before anything of the size of the run is allocated, so it counts sizes, and
    /// allocates nothing that grows with one.
    fn needs(&self, size: PlanSize<'_>, _arms: &[Arm], _threads: f64) -> Needs {
        Needs::decisions(size)
    }

    /// Trains the arms on the training tasks.
    ///
    /// # Errors
    /// If the training fails.
    fn learn(&self, work: Work<'_>) -> Result<Vec<Training>> {
        Ok(work.arms.iter().map(|_| Training::without(Learned::Nothing)).collect())
    }

    /// The classifier for a new task: `learned` after adaptation to the support rows of `episode`.
    ///
    /// # Errors
    /// If the adaptation overflows.
    fn adapt(
        &self,
        _: Run<'_>,
        _: &Learned,
        _: Adaptation,
        _: (&str, &Episode),
    ) -> Result<Classifier> {
        unreachable!("a method without adaptation judges its arms itself")
    }

    /// Whether an arm is also evaluated with other numbers of support rows.
    fn is_compared_over_points(&self, _: &Plan, _: Arm) -> bool {
        false
    }

    /// Whether it is also adapted with other γ than in training, under the first notion.
    fn has_grid(&self) -> bool {
        false
    }

    /// Whether it can decide without support rows.
    fn decides_without_rows(&self) -> bool {
        false
    }

    /// A further episode of a held-out task, with other support rows, for evaluation.
    fn other_episode(&self, _: &Test) -> Option<Episode> {
        None
    }

    /// The thresholds of an arm for scores of training tasks, for methods that share a training.
    fn thresholds(&self, _: &[Scored], _: Notion, _: f64) -> Option<Thresholds> {
        None
    }

    /// The arms' decisions on every held-out task.
    ///
    /// # Errors
    /// If an adaptation overflows.
    fn judge(&self, work: Work<'_>, trainings: &[Training]) -> Result<Vec<Trained>> {
        let judged = |(&arm, training): (&Arm, &Training)| {
            judged(work.run(arm), work.prepared, training.clone())
        };
        work.arms.iter().zip(trainings).map(judged).collect()
    }
}

/// Makes the way from names to methods.
macro_rules! implementations {
    ($($(#[$doc:meta])* $name:ident => $($method:ident)::+,)*) => {
        impl MethodName {
            /// Returns the method itself.
            pub fn implementation(self) -> &'static dyn Method {
                match self {
                    $(MethodName::$name => &$($method)::+,)*
                }
            }
        }
    };
}

method_table!(implementations);

/// Evaluates the result of training on every held-out task.
fn judged(run: Run<'_>, prepared: &Prepared, training: Training) -> Result<Trained> {
    let Training { learned, curve, absent } = training;
    let Run { plan, arm, seed } = run;
    let method = arm.method.implementation();
    let judge = |task: &str, adaptation, episode: &Episode| -> Result<Outcome> {
        let classifier = method.adapt(run, &learned, adaptation, (task, episode))?;
        let counts = classifier.decide(&episode.query).map_err(|error| run.at(task, error))?;
        let support_rows = episode.support.rows();
        Ok(Outcome { task: task.into(), adaptation, support_rows, counts })
    };
    let (mut outcomes, mut points) = (Vec::new(), Vec::new());
    let shown = plan.shown_adaptation(arm);
    for test in &prepared.tests {
        let episode = test.episode();
        for adaptation in plan.adaptations(arm) {
            outcomes.push(judge(test.name(), adaptation, &episode)?);
        }
        if let Some(episode) = method.other_episode(test) {
            outcomes.push(judge(test.name(), shown, &episode)?);
        }
        if method.is_compared_over_points(plan, arm) {
            let has_rows =
                |episode: &Episode| episode.support.rows() > 0 || method.decides_without_rows();
            for episode in test.points().filter(has_rows) {
                points.push(judge(test.name(), shown, &episode)?);
            }
        }
    }
    Ok(Trained { seed, arm, learned, curve, absent, outcomes, points })
}

/// Evaluates arms that need no adaptation. `prepare` computes once for the n-th held-out task and
/// its episode what all arms share.
fn decided<D: Fn(Arm) -> GroupCounts>(
    work: Work<'_>,
    mut prepare: impl FnMut(u64, &Test, Episode) -> Result<D>,
) -> Result<Vec<Trained>> {
    let trained = |&arm: &Arm| Trained::of(work.prepared.seed, arm, Learned::Nothing);
    let mut trained: Vec<Trained> = work.arms.iter().map(trained).collect();
    for (index, test) in (0..).zip(&work.prepared.tests) {
        let episode = test.episode();
        let support_rows = episode.support.rows();
        let decide = prepare(index, test, episode)?;
        for run in &mut trained {
            run.outcomes.push(Outcome {
                task: test.name().into(),
                adaptation: work.plan.shown_adaptation(run.arm),
                support_rows,
                counts: decide(run.arm),
            });
        }
    }
    Ok(trained)
}

/// Decides by a row's features and label, in the same way for every arm.
fn decided_by(work: Work<'_>, accept: fn(&[f64], bool) -> bool) -> Result<Vec<Trained>> {
    decided(work, |_, _, Episode { query, .. }| {
        let rows = (0..query.rows()).map(|row| (query.row(row), query.positive()[row]));
        let accepted: Vec<bool> = rows.map(|(x, positive)| accept(x, positive)).collect();
        let counts = GroupCounts::tally(&accepted, query.positive(), query.protected());
        Ok(move |_| counts)
    })
}

#[cfg(test)]
mod tests;
