//! The choice of a setting on held-out tasks.
//!
//! Every setting is trained once for each part of the tasks, without that part, and judged on it.
//! So every task is held out once, and a setting has one accuracy and one fairness for each task.
//!
//! - A setting is **useful** if its mean accuracy over tasks is above that of the majority class. A
//!   constant decision treats everybody alike, so without this rule it would always be fair enough.
//! - A setting **reaches the target** if its mean fairness over tasks is at least the target.
//! - **Chosen** is the setting with the highest mean accuracy among the useful ones that reach the
//!   target. If none does, it is the useful one with the highest mean fairness. If none is useful,
//!   it is the one with the highest mean accuracy.
//!
//! The numbers of the chosen setting look too good, because it was chosen for them. The
//! **estimate** corrects this: for each part, a setting is chosen on the other parts, and judged on
//! this one. The rival, MAML with a threshold for each group, is chosen and judged in the same way
//! on the same rows.

use std::borrow::Cow;

use experiment::plan::{Arm, MethodName, Plan};
use experiment::results::outcome::{Adaptation, Stage};
use experiment::results::study::Study;
use experiment::results::trained::Trained;
use experiment::run::experiment::Experiment;
use experiment::run::score::{Scored, Thresholds, scored};
use fairness::Measure;
use fairness::metrics::GroupCounts;
use meta::{adapt_to, probabilities};
use report::mean::Mean;

use crate::candidate::{Candidate, Estimate, Judged};
use crate::error::Result;
use crate::recipe::Measured;
use crate::validation::{Better, Family, Found, Ground};

/// Fairness over the rows of all tasks together for which thresholds are chosen. Their mean over
/// tasks differs, so a target may need an aim above it.
const AIMS: [f64; 10] = [0.0, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 1.0];
/// The largest number of rows on which thresholds are chosen, spread over all rows.
const MOST_ROWS: usize = 200_000;

/// The choice within a family.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The place of the chosen setting among the candidates.
    pub candidate: usize,
    /// Whether the setting reaches the target.
    pub reaches: bool,
    /// The estimate for new tasks.
    pub estimate: Estimate,
}

/// All that was tried, and what was chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// What the target is about.
    pub measure: Measured,
    /// The target.
    pub least: f64,
    /// All settings.
    pub candidates: Vec<Candidate>,
    /// The chosen regularizer and γ.
    pub regularizer: Choice,
    /// The chosen aim of thresholds by group.
    pub thresholds: Choice,
    /// The larger class of the training tasks, as the decision about everybody.
    pub constant: Estimate,
    /// The thresholds for this aim, chosen on all held-out tasks.
    pub chosen_thresholds: [f64; 2],
}

/// What a paired difference, ours minus theirs, tells.
fn told(difference: Option<Mean>) -> Better {
    match difference.and_then(|mean| mean.interval) {
        Some((low, _)) if low > 0.0 => Better::Regularizer,
        Some((_, high)) if high < 0.0 => Better::Thresholds,
        _ => Better::NotTold,
    }
}

impl Selection {
    /// The chosen setting of a family.
    pub fn chosen(&self, family: Family) -> &Candidate {
        &self.candidates[self.choice(family).candidate]
    }

    /// The choice of a family.
    pub fn choice(&self, family: Family) -> &Choice {
        match family {
            Family::Thresholds => &self.thresholds,
            Family::Regularizer | Family::Other => &self.regularizer,
        }
    }

    /// The estimated accuracy of the regularizer minus that of the thresholds, paired by task.
    pub fn difference(&self) -> Option<Mean> {
        self.regularizer.estimate.accuracy_minus(&self.thresholds.estimate)
    }

    /// The same of the fairness, over the tasks where both exist.
    pub fn fairness_difference(&self) -> Option<Mean> {
        self.regularizer.estimate.fairness_minus(&self.thresholds.estimate)
    }

    /// Which rival is better, and what decides that. If only one is useful, or if both reach the
    /// target, it is the accuracy. If only one reaches the target, or none does, it is the
    /// fairness. A rival is better if it is ahead, and the interval of the paired difference
    /// excludes 0.
    pub fn verdict(&self) -> (Better, Ground) {
        let rivals =
            [&self.regularizer, &self.thresholds].map(|rival| Found::from(&rival.estimate));
        let constant = Found::from(&self.constant);
        let useful = rivals.map(|rival| rival.is_useful(&constant));
        let reaching = rivals.map(|rival| rival.reaches(self.least));
        let ground = match (useful[0] == useful[1], reaching) {
            (false, _) => Ground::Usefulness,
            (true, [true, true]) => Ground::Accuracy,
            (true, [false, false]) => Ground::Fairness,
            (true, _) => Ground::Target,
        };
        let better = match ground {
            Ground::Usefulness | Ground::Accuracy => told(self.difference()),
            Ground::Target | Ground::Fairness => told(self.fairness_difference()),
        };
        (better, ground)
    }
}

/// The place of the setting that is chosen.
fn choose(found: &[Found], constant: &Found, least: f64) -> usize {
    let mean = |mean: Option<Mean>| mean.map_or(f64::NEG_INFINITY, |mean| mean.mean);
    let best = |places: &[usize], value: &dyn Fn(&Found) -> f64| {
        // The first of several equal ones, which has the smallest γ.
        let better = |a, b| if value(&found[b]) > value(&found[a]) { b } else { a };
        places.iter().copied().reduce(better)
    };
    let all: Vec<usize> = (0..found.len()).collect();
    let only = |places: &[usize], holds: &dyn Fn(&Found) -> bool| -> Vec<usize> {
        places.iter().copied().filter(|&place| holds(&found[place])).collect()
    };
    let useful = only(&all, &|found| found.is_useful(constant));
    let reaching = only(&useful, &|found| found.reaches(least));
    // A fairness that does not exist is not the smallest one.
    let comparable = only(&useful, &|found| found.fairness.is_some());
    best(&reaching, &|found| mean(found.accuracy))
        .or_else(|| best(&comparable, &|found| mean(found.fairness)))
        .or_else(|| best(&useful, &|found| mean(found.accuracy)))
        .or_else(|| best(&all, &|found| mean(found.accuracy)))
        .unwrap_or(0)
}

/// The rows of a held-out task with the scores of MAML, before or after adaptation.
struct ScoredTask {
    task: String,
    fold: u64,
    rows: Vec<Scored>,
}

/// Collects what was tried in an experiment, and chooses.
///
/// # Errors
/// Returns an error if the tasks cannot be made again, or if an adaptation overflows.
pub fn select(
    experiment: &Experiment,
    study: &Study,
    measured: Measured,
    least: f64,
) -> Result<Selection> {
    let (plan, measure) = (&study.plan, measured.measure());
    let mut candidates = tried(plan, &study.trained);
    let majority = candidates.iter().find(|candidate| candidate.arm.method == MethodName::Majority);
    let majority = majority.cloned();
    let constant = |wanted: Folds<'_>| {
        let none = Estimate { accuracies: Vec::new(), fairness: Vec::new() };
        majority.as_ref().map_or(none, |majority| majority.on(measure, wanted))
    };
    let rule = Rule { folds: plan.seeds.get(), least, constant: &constant };

    let regularized: Vec<usize> = (0..candidates.len())
        .filter(|&place| candidates[place].family == Family::Regularizer)
        .collect();
    let (mut regularizer, _) = rule
        .choice(|_| regularized.clone(), |&place, wanted| candidates[place].on(measure, wanted));
    regularizer.candidate = regularized[regularizer.candidate];

    let mut tasks = Vec::new();
    each_scored(experiment, study, Stage::After, |task| tasks.push(task))?;
    let (mut thresholds, aimed) = rule.choice(
        |wanted| aims(&tasks, measured, least, wanted),
        |(_, thresholds), wanted| judged(&tasks, *thresholds, measure, wanted),
    );
    let Thresholds { protected, unprotected } = aimed[thresholds.candidate].1;
    thresholds.candidate += candidates.len();
    let all = aimed.iter().map(|(_, thresholds)| *thresholds).collect::<Vec<_>>();
    let mut before: Vec<Vec<GroupCounts>> = vec![Vec::new(); all.len()];
    each_scored(experiment, study, Stage::Before, |task| {
        for (counts, thresholds) in before.iter_mut().zip(&all) {
            counts.push(thresholds.decide(&task.rows));
        }
    })?;
    let of_aim = |(&(aim, thresholds), before): (&(f64, Thresholds), Vec<GroupCounts>)| {
        threshold_candidate(&tasks, measured, aim, thresholds, before)
    };
    candidates.extend(aimed.iter().zip(before).map(of_aim));
    Ok(Selection {
        measure: measured,
        least,
        candidates,
        regularizer,
        thresholds,
        constant: constant(&|_| true),
        chosen_thresholds: [protected, unprotected],
    })
}

/// Tells which parts of the tasks are meant.
type Folds<'a> = &'a dyn Fn(u64) -> bool;

/// How a setting is chosen.
struct Rule<'a> {
    /// The number of parts of the tasks.
    folds: u64,
    /// The target.
    least: f64,
    /// The larger class of the training tasks, as the decision about everybody in these parts.
    constant: &'a dyn Fn(Folds<'_>) -> Estimate,
}

impl Rule<'_> {
    /// The choice among `settings`, which may depend on the parts on which they are tried, and all
    /// of them. `on` judges a setting on some parts. The choice's place is that in the list.
    fn choice<S>(
        &self,
        settings: impl Fn(Folds<'_>) -> Vec<S>,
        on: impl Fn(&S, Folds<'_>) -> Estimate,
    ) -> (Choice, Vec<S>) {
        let best = |wanted: Folds<'_>| {
            let tried = settings(wanted);
            let found: Vec<Found> =
                tried.iter().map(|setting| Found::from(&on(setting, wanted))).collect();
            let place = choose(&found, &Found::from(&(self.constant)(wanted)), self.least);
            let reaches = found[place].reaches(self.least);
            (tried, place, reaches)
        };
        let of_fold = |fold: u64| {
            let (tried, place, _) = best(&|f| f != fold);
            on(&tried[place], &|f| f == fold)
        };
        let estimate = Estimate::join((0..self.folds).map(of_fold).collect());
        let (tried, candidate, reaches) = best(&|_| true);
        (Choice { candidate, reaches, estimate }, tried)
    }
}

/// The settings of an experiment, with the decisions of all folds.
fn tried(plan: &Plan, trained: &[Trained]) -> Vec<Candidate> {
    let arms = plan.arms().into_iter();
    arms.map(|arm| {
        let shown = plan.shown_adaptation(arm);
        let of_arm = trained.iter().filter(|run| run.arm == arm);
        let judged = of_arm.flat_map(|run| {
            let at = move |adaptation: Adaptation| {
                run.outcomes.iter().filter(move |outcome| outcome.adaptation == adaptation)
            };
            let before = move |task: &str| {
                let decides = shown.stage == Stage::After;
                let found = at(Adaptation::BEFORE).find(|outcome| outcome.task == task);
                found.filter(|_| decides).map(|outcome| outcome.counts)
            };
            at(shown).map(move |outcome| Judged {
                task: outcome.task.clone(),
                fold: run.seed,
                before: before(&outcome.task),
                after: outcome.counts,
            })
        });
        let family = match arm.method {
            MethodName::Meta => Family::Regularizer,
            _ => Family::Other,
        };
        let method = plan.label(arm).into_owned();
        let name = match (family, arm.notion) {
            (Family::Regularizer, Some(notion)) => notion.name().into(),
            (_, Some(notion)) => format!("{method}, {}", notion.name()),
            (_, None) => method,
        };
        Candidate { family, name, arm, strength: arm.gamma, judged: judged.collect() }
    })
    .collect()
}

/// Gives the scores of MAML for the rows of every held-out task, one task after another, so that
/// those before adaptation are never all in memory.
fn each_scored(
    experiment: &Experiment,
    study: &Study,
    stage: Stage,
    mut with: impl FnMut(ScoredTask),
) -> Result<()> {
    let plan = &study.plan;
    let plain = Arm::plain(MethodName::Meta);
    for run in study.trained.iter().filter(|run| run.arm == plain) {
        let prepared = experiment.prepared(run.seed)?;
        let learned = run.learned.weights();
        for test in &prepared.tests {
            let episode = test.episode();
            let theta: Cow<'_, [f64]> = match stage {
                Stage::Before => learned.into(),
                Stage::After => {
                    let (network, adaptation) = (&plan.network, plan.adaptation());
                    let algorithm = plan.algorithm;
                    adapt_to(network, None, 0.0, algorithm, adaptation, learned, &episode)?.into()
                }
            };
            let scores = probabilities(&plan.network, &theta, episode.query.x())?;
            let rows = scored(&episode.query, &scores);
            with(ScoredTask { task: test.name().into(), fold: run.seed, rows });
        }
    }
    Ok(())
}

/// The thresholds for each aim, chosen on the rows of the tasks for which `wanted` holds.
fn aims(
    tasks: &[ScoredTask],
    measure: Measured,
    least: f64,
    wanted: Folds<'_>,
) -> Vec<(f64, Thresholds)> {
    let all = || tasks.iter().filter(|task| wanted(task.fold)).flat_map(|task| &task.rows);
    let step = all().count().div_ceil(MOST_ROWS).max(1);
    let rows: Vec<Scored> = all().step_by(step).copied().collect();
    let mut aims: Vec<f64> = AIMS.into_iter().chain([least]).collect();
    aims.sort_by(f64::total_cmp);
    aims.dedup();
    let notion = measure.notion();
    aims.into_iter().map(|aim| (aim, Thresholds::by_group(&rows, notion, aim))).collect()
}

/// The estimate of thresholds on the tasks for which `wanted` holds.
fn judged(
    tasks: &[ScoredTask],
    thresholds: Thresholds,
    measure: Measure,
    wanted: Folds<'_>,
) -> Estimate {
    let tasks = tasks.iter().filter(|task| wanted(task.fold));
    Estimate::of(measure, tasks.map(|task| thresholds.decide(&task.rows)))
}

fn threshold_candidate(
    tasks: &[ScoredTask],
    measure: Measured,
    aim: f64,
    thresholds: Thresholds,
    before: Vec<GroupCounts>,
) -> Candidate {
    let judged = tasks.iter().zip(before).map(|(task, before)| Judged {
        task: task.task.clone(),
        fold: task.fold,
        before: Some(before),
        after: thresholds.decide(&task.rows),
    });
    Candidate {
        family: Family::Thresholds,
        name: "thresholds by group".into(),
        arm: Arm::aimed(MethodName::GroupThresholds, measure.notion(), aim),
        strength: aim,
        judged: judged.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Five tasks with this mean accuracy and mean fairness, and a spread of both.
    fn estimate([accuracy, fairness]: [f64; 2], spread: f64) -> Estimate {
        let around = |mean| [-2.0, -1.0, 0.0, 1.0, 2.0].map(|d| Some(mean + spread * d)).to_vec();
        Estimate { accuracies: around(accuracy), fairness: around(fairness) }
    }

    /// The verdict on the regularizer and the thresholds at a target of 0.8, beside a constant
    /// decision with an accuracy of 0.6. The differences of the two have a spread over tasks.
    fn verdict([ours, theirs]: [[f64; 2]; 2], spread: f64) -> (Better, Ground) {
        let choice = |estimate| Choice { candidate: 0, reaches: true, estimate };
        let selection = Selection {
            measure: Measured::Parity,
            least: 0.8,
            candidates: Vec::new(),
            regularizer: choice(estimate(ours, 0.01 + spread)),
            thresholds: choice(estimate(theirs, 0.01)),
            constant: estimate([0.6, 1.0], 0.0),
            chosen_thresholds: [0.5; 2],
        };
        selection.verdict()
    }

    #[test]
    fn one_rule_decides() {
        for (rivals, better, ground) in [
            // The one that is useful, however unfair it is.
            ([[0.7, 0.3], [0.5, 0.9]], Better::Regularizer, Ground::Usefulness),
            ([[0.6, 0.9], [0.7, 0.3]], Better::Thresholds, Ground::Usefulness),
            // Then the one that reaches the target, however accurate the other is.
            ([[0.65, 0.85], [0.9, 0.75]], Better::Regularizer, Ground::Target),
            ([[0.9, 0.75], [0.65, 0.8]], Better::Thresholds, Ground::Target),
            // Of two that reach it the more accurate, and else the fairer.
            ([[0.8, 0.81], [0.7, 0.9]], Better::Regularizer, Ground::Accuracy),
            ([[0.7, 0.9], [0.8, 0.81]], Better::Thresholds, Ground::Accuracy),
            ([[0.7, 0.7], [0.8, 0.6]], Better::Regularizer, Ground::Fairness),
            ([[0.8, 0.6], [0.7, 0.7]], Better::Thresholds, Ground::Fairness),
            // Two useless ones are compared in the same way.
            ([[0.5, 0.9], [0.4, 0.9]], Better::Regularizer, Ground::Accuracy),
        ] {
            assert_eq!(verdict(rivals, 1e-4), (better, ground), "{rivals:?}");
        }
    }

    /// Without a fairness, the most accurate useful setting is chosen. With one, a setting without
    /// it is not compared.
    #[test]
    fn a_fairness_that_does_not_exist_ranks_nothing() {
        let found = |accuracy: f64, fairness: Option<f64>| {
            let of = |mean: Option<f64>| vec![mean; 5];
            let accuracies = of(Some(accuracy));
            Found::from(&Estimate { accuracies, fairness: of(fairness) })
        };
        let constant = found(0.6, None);
        let place = |settings: &[Found]| choose(settings, &constant, 0.8);
        assert_eq!(place(&[found(0.61, None), found(0.7, None), found(0.65, None)]), 1);
        assert_eq!(place(&[found(0.9, None), found(0.7, Some(0.1)), found(0.65, Some(0.2))]), 2);
        assert_eq!(place(&[found(0.5, Some(0.1)), found(0.7, None)]), 1);
    }

    #[test]
    fn what_chance_explains_decides_nothing() {
        for (rivals, ground) in [
            ([[0.61, 0.85], [0.59, 0.85]], Ground::Usefulness),
            ([[0.7, 0.81], [0.7, 0.79]], Ground::Target),
            ([[0.71, 0.85], [0.7, 0.85]], Ground::Accuracy),
            ([[0.7, 0.7], [0.7, 0.69]], Ground::Fairness),
        ] {
            assert_eq!(verdict(rivals, 0.03), (Better::NotTold, ground), "{rivals:?}");
        }
    }
}
