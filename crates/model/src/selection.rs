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
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::recipe::Measured;

/// Fairness over the rows of all tasks together for which thresholds are chosen. Their mean over
/// tasks differs, so a target may need an aim above it.
const AIMS: [f64; 10] = [0.0, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 1.0];
/// The largest number of rows on which thresholds are chosen, spread over all rows.
const MOST_ROWS: usize = 200_000;

/// A way to reach fairness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// A regularizer in training and adaptation; γ = 0 is without one.
    Regularizer,
    /// MAML with a threshold for each group.
    Thresholds,
    /// A method that is only shown beside them.
    Other,
}

/// Decisions on the query rows of a held-out task.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The task.
    pub task: String,
    /// The part of the tasks to which it belongs.
    pub fold: u64,
    /// Before adaptation; `None` for a method that decides only after it.
    pub before: Option<GroupCounts>,
    /// After adaptation to K rows.
    pub after: GroupCounts,
}

/// A setting that was tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The way to reach fairness.
    pub family: Family,
    /// Its name in tables, such as "demographic-parity".
    pub name: String,
    /// The method and its regularization.
    pub arm: Arm,
    /// γ, or the aim of the thresholds.
    pub strength: f64,
    /// Its decisions, one entry for each held-out task.
    pub judged: Vec<Judged>,
}

/// Accuracy and fairness, as means over tasks.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// The accuracy of each task; `None` where it is undefined.
    pub accuracies: Vec<Option<f64>>,
    /// The fairness of each task.
    pub fairness: Vec<Option<f64>>,
}

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

/// The rival with the better estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Better {
    /// The regularizer.
    Regularizer,
    /// The thresholds.
    Thresholds,
    /// They cannot be told apart.
    NotTold,
}

impl Candidate {
    /// Accuracy and fairness on the tasks for which `wanted` holds, after adaptation.
    fn on(&self, measure: Measure, wanted: impl Fn(u64) -> bool) -> Estimate {
        Estimate::of(measure, self.judged.iter().filter(|j| wanted(j.fold)).map(|j| j.after))
    }

    /// Accuracy and fairness on all held-out tasks, after adaptation.
    pub fn after(&self, measure: Measure) -> Estimate {
        self.on(measure, |_| true)
    }

    /// The same before adaptation; no tasks for a method that decides only after it.
    pub fn before(&self, measure: Measure) -> Estimate {
        Estimate::of(measure, self.judged.iter().filter_map(|judged| judged.before))
    }
}

impl Estimate {
    fn of(measure: Measure, counts: impl Iterator<Item = GroupCounts>) -> Self {
        let (accuracies, fairness) =
            counts.map(|counts| (counts.overall().accuracy(), measure.closeness(&counts))).unzip();
        Estimate { accuracies, fairness }
    }

    /// The mean accuracy over tasks, with an interval.
    pub fn accuracy(&self) -> Option<Mean> {
        Mean::of_rates(&self.accuracies.iter().flatten().copied().collect::<Vec<_>>())
    }

    /// The mean fairness over the tasks in which it is defined, with an interval.
    pub fn mean_fairness(&self) -> Option<Mean> {
        Mean::of_rates(&self.fairness.iter().flatten().copied().collect::<Vec<_>>())
    }

    /// The number of tasks in which fairness is undefined.
    pub fn undefined(&self) -> usize {
        self.fairness.iter().filter(|fairness| fairness.is_none()).count()
    }

    /// Whether the mean fairness is at least the target.
    pub fn reaches(&self, least: f64) -> bool {
        self.mean_fairness().is_some_and(|fairness| fairness.mean >= least)
    }

    /// The mean of the differences in accuracy, task by task.
    pub fn accuracy_minus(&self, other: &Estimate) -> Option<Mean> {
        difference(&self.accuracies, &other.accuracies)
    }

    /// The mean of the differences in fairness over the tasks in which both are defined.
    pub fn fairness_minus(&self, other: &Estimate) -> Option<Mean> {
        difference(&self.fairness, &other.fairness)
    }

    /// Whether the mean accuracy is above a constant's.
    fn is_useful(&self, constant: &Estimate) -> bool {
        match (self.accuracy(), constant.accuracy()) {
            (Some(ours), Some(constant)) => ours.mean > constant.mean,
            _ => true,
        }
    }

    fn join(parts: Vec<Estimate>) -> Self {
        let (mut accuracies, mut fairness) = (Vec::new(), Vec::new());
        for part in parts {
            accuracies.extend(part.accuracies);
            fairness.extend(part.fairness);
        }
        Estimate { accuracies, fairness }
    }
}

/// The mean of the differences of the values that both have.
fn difference(ours: &[Option<f64>], theirs: &[Option<f64>]) -> Option<Mean> {
    let pairs = ours.iter().zip(theirs);
    Mean::of(&pairs.filter_map(|(a, b)| Some((*a)? - (*b)?)).collect::<Vec<_>>())
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

    /// Which rival is better. A useful rival is better than one that is not, and one whose estimate
    /// reaches the target is better than one whose estimate does not. If both reach it, the more
    /// accurate is better, and otherwise the fairer: if the interval of the paired difference
    /// excludes 0.
    pub fn better(&self) -> Better {
        let [ours, theirs] = [&self.regularizer.estimate, &self.thresholds.estimate];
        let useful = [ours, theirs].map(|estimate| estimate.is_useful(&self.constant));
        match (useful, ours.reaches(self.least), theirs.reaches(self.least)) {
            ([true, false], ..) => Better::Regularizer,
            ([false, true], ..) => Better::Thresholds,
            (_, true, false) => Better::Regularizer,
            (_, false, true) => Better::Thresholds,
            (_, true, true) => told(self.difference()),
            (_, false, false) => told(ours.fairness_minus(theirs)),
        }
    }
}

/// The place of the setting that is chosen.
fn choose(estimates: &[Estimate], constant: &Estimate, least: f64) -> usize {
    let mean = |mean: Option<Mean>| mean.map_or(f64::NEG_INFINITY, |mean| mean.mean);
    let accuracy = |estimate: &Estimate| mean(estimate.accuracy());
    let fairness = |estimate: &Estimate| mean(estimate.mean_fairness());
    let best = |places: &[usize], value: &dyn Fn(&Estimate) -> f64| {
        // The first of several equal ones, which has the smallest γ.
        let better = |a, b| if value(&estimates[b]) > value(&estimates[a]) { b } else { a };
        places.iter().copied().reduce(better)
    };
    let all: Vec<usize> = (0..estimates.len()).collect();
    let only = |places: &[usize], holds: &dyn Fn(&Estimate) -> bool| -> Vec<usize> {
        places.iter().copied().filter(|&place| holds(&estimates[place])).collect()
    };
    let useful = only(&all, &|estimate| estimate.is_useful(constant));
    let reaching = only(&useful, &|estimate| estimate.reaches(least));
    best(&reaching, &accuracy)
        .or_else(|| best(&useful, &fairness))
        .or_else(|| best(&all, &accuracy))
        .unwrap_or(0)
}

/// The rows of a held-out task with the scores of MAML before and after adaptation.
struct ScoredTask {
    task: String,
    fold: u64,
    before: Vec<Scored>,
    after: Vec<Scored>,
}

/// Collects what was tried in an experiment, and chooses.
///
/// # Errors
/// Returns an error if the tasks cannot be made again, or if an adaptation overflows.
pub fn select(
    experiment: &Experiment,
    study: &Study,
    measure: Measured,
    least: f64,
) -> Result<Selection> {
    let plan = &study.plan;
    let folds = plan.seeds.get();
    let mut candidates = tried(plan, &study.trained);
    let of = |family: Family, candidates: &[Candidate]| -> Vec<usize> {
        (0..candidates.len()).filter(|&place| candidates[place].family == family).collect()
    };
    let regularized = of(Family::Regularizer, &candidates);
    let majority = candidates.iter().find(|candidate| candidate.arm.method == MethodName::Majority);
    let majority = majority.cloned();
    let constant = |wanted: &dyn Fn(u64) -> bool| {
        let none = Estimate { accuracies: Vec::new(), fairness: Vec::new() };
        majority.as_ref().map_or(none, |majority| majority.on(measure.measure(), wanted))
    };
    let estimate = |candidates: &[Candidate], places: &[usize], wanted: &dyn Fn(u64) -> bool| {
        let on = |&place: &usize| candidates[place].on(measure.measure(), wanted);
        places.iter().map(on).collect::<Vec<_>>()
    };
    let fold_of_regularizer = |fold: u64| {
        let others = |f| f != fold;
        let tried = estimate(&candidates, &regularized, &others);
        let chosen = regularized[choose(&tried, &constant(&others), least)];
        candidates[chosen].on(measure.measure(), |f| f == fold)
    };
    let honest = Estimate::join((0..folds).map(fold_of_regularizer).collect());
    let whole = estimate(&candidates, &regularized, &|_| true);
    let place = choose(&whole, &constant(&|_| true), least);
    let regularizer = Choice {
        candidate: regularized[place],
        reaches: whole[place].reaches(least),
        estimate: honest,
    };

    let tasks = scores(experiment, study)?;
    let aimed = |wanted: &dyn Fn(u64) -> bool| aims(&tasks, measure, least, wanted);
    let fold_of_thresholds = |fold: u64| {
        let tried = aimed(&|f| f != fold);
        let others = judged(&tasks, &tried, measure, &|f| f != fold);
        let (_, thresholds) = tried[choose(&others, &constant(&|f| f != fold), least)];
        judged(&tasks, &[(0.0, thresholds)], measure, &|f| f == fold).remove(0)
    };
    let honest = Estimate::join((0..folds).map(fold_of_thresholds).collect());
    let tried = aimed(&|_| true);
    let whole = judged(&tasks, &tried, measure, &|_| true);
    let place = choose(&whole, &constant(&|_| true), least);
    let thresholds = Choice {
        candidate: candidates.len() + place,
        reaches: whole[place].reaches(least),
        estimate: honest,
    };
    let Thresholds { protected, unprotected } = tried[place].1;
    candidates.extend(
        tried
            .iter()
            .map(|(aim, thresholds)| threshold_candidate(&tasks, measure, *aim, thresholds)),
    );
    Ok(Selection {
        measure,
        least,
        candidates,
        regularizer,
        thresholds,
        constant: constant(&|_| true),
        chosen_thresholds: [protected, unprotected],
    })
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

/// The rows of all held-out tasks with MAML's scores.
fn scores(experiment: &Experiment, study: &Study) -> Result<Vec<ScoredTask>> {
    let plan = &study.plan;
    let plain = Arm::plain(MethodName::Meta);
    let mut tasks = Vec::new();
    for run in study.trained.iter().filter(|run| run.arm == plain) {
        let prepared = experiment.prepared(run.seed)?;
        for test in &prepared.tests {
            let learned = run.learned.weights();
            let adapted = adapt_to(
                &plan.network,
                None,
                0.0,
                plan.algorithm,
                plan.adaptation(),
                learned,
                &test.episode,
            )?;
            let query = &test.episode.query;
            let rows = |theta: &[f64]| -> Result<Vec<Scored>> {
                Ok(scored(query, &probabilities(&plan.network, theta, query.x())?))
            };
            let (before, after) = (rows(learned)?, rows(&adapted)?);
            tasks.push(ScoredTask { task: test.name.clone(), fold: run.seed, before, after });
        }
    }
    Ok(tasks)
}

/// The thresholds for each aim, chosen on the rows of the tasks for which `wanted` holds.
fn aims(
    tasks: &[ScoredTask],
    measure: Measured,
    least: f64,
    wanted: &dyn Fn(u64) -> bool,
) -> Vec<(f64, Thresholds)> {
    let all = || tasks.iter().filter(|task| wanted(task.fold)).flat_map(|task| &task.after);
    let step = all().count().div_ceil(MOST_ROWS).max(1);
    let rows: Vec<Scored> = all().step_by(step).copied().collect();
    let mut aims: Vec<f64> = AIMS.into_iter().chain([least]).collect();
    aims.sort_by(f64::total_cmp);
    aims.dedup();
    let notion = measure.notion();
    aims.into_iter().map(|aim| (aim, Thresholds::by_group(&rows, notion, aim))).collect()
}

/// The estimates of thresholds on the tasks for which `wanted` holds.
fn judged(
    tasks: &[ScoredTask],
    tried: &[(f64, Thresholds)],
    measure: Measured,
    wanted: &dyn Fn(u64) -> bool,
) -> Vec<Estimate> {
    let of = |(_, thresholds): &(f64, Thresholds)| {
        let tasks = tasks.iter().filter(|task| wanted(task.fold));
        Estimate::of(measure.measure(), tasks.map(|task| thresholds.decide(&task.after)))
    };
    tried.iter().map(of).collect()
}

fn threshold_candidate(
    tasks: &[ScoredTask],
    measure: Measured,
    aim: f64,
    thresholds: &Thresholds,
) -> Candidate {
    let judged = tasks.iter().map(|task| Judged {
        task: task.task.clone(),
        fold: task.fold,
        before: Some(thresholds.decide(&task.before)),
        after: thresholds.decide(&task.after),
    });
    Candidate {
        family: Family::Thresholds,
        name: "thresholds by group".into(),
        arm: Arm::aimed(MethodName::GroupThresholds, measure.notion(), aim),
        strength: aim,
        judged: judged.collect(),
    }
}
