//! All runs on one problem: the plan, its companions, the ablation.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use meta::initial_weights;

use crate::error::{Error, Result};
use crate::plan::MethodName;
use crate::plan::{Ablation, Plan, Reading};
use crate::progress::Progress;
use crate::results::record::records;
use crate::results::study::{Stopped, Study, Variant};
use crate::results::summary::summarize;
use crate::results::trained::Trained;
use crate::run::job::{self, Job};
use crate::run::jobs;
use crate::run::parts::Parts;
use crate::run::prepare::{Prepared, Source};
use crate::run::train::{self, Known};

/// The purpose of a plan.
#[derive(Clone, Debug, PartialEq)]
enum Role {
    /// The main plan.
    Main,
    /// A companion, whose arms have this name.
    Companion(MethodName),
    /// A plan of the ablation: a reading, or the reference.
    Ablation(Option<Reading>),
}

impl fmt::Display for Role {
    /// Its place in the manifest.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (field, reading) = match self {
            Role::Main => return Ok(()),
            Role::Companion(method) => {
                return write!(f, "companions: {}: ", method.name());
            }
            Role::Ablation(reading) => ("ablation", reading),
        };
        let name = reading.as_ref().map_or("reference", |reading| &reading.reading);
        write!(f, "{field}: {name}: ")
    }
}

/// A plan and its variants, checked against their tasks.
pub struct Experiment {
    plan: Plan,
    prepared_plans: Vec<PreparedPlan>,
}

/// A plan whose tasks are created when needed and dropped afterwards.
struct PreparedPlan {
    role: Role,
    plan: Plan,
    source: Source,
    /// The tasks of each seed, while a job uses them.
    prepared: Vec<Mutex<Weak<Prepared>>>,
}

impl PreparedPlan {
    fn new((role, plan): (Role, Plan)) -> Result<Self> {
        let source = Source::open(&plan)?;
        let prepared = (0..plan.seeds.get()).map(|_| Mutex::new(Weak::new())).collect();
        Ok(PreparedPlan { role, plan, source, prepared })
    }

    /// Finds settings that do not fit the tasks, before the work begins.
    fn look_ahead(&self) -> Result<()> {
        let PreparedPlan { plan, source, .. } = self;
        let pool = source.look_ahead(plan)?;
        let settings = plan.settings(plan.arms()[0])?;
        initial_weights(&settings, &plan.network, &pool, 0)?;
        Ok(())
    }

    /// An error with the name of its variant.
    fn named(&self, error: Error) -> Error {
        match self.role {
            Role::Main => error,
            _ => Error::Variant {
                problem: self.plan.problem.name(),
                reason: format!("{}{error}", self.role),
            },
        }
    }

    /// Whether an error of a job is a result: that of a reading, and where several algorithms are
    /// compared, that of one of them.
    fn may_stop(&self, job: &Job) -> bool {
        match &self.role {
            Role::Ablation(reading) => reading.is_some(),
            Role::Main => !self.plan.compared.is_empty() && job.arms[0].method == MethodName::Meta,
            Role::Companion(_) => false,
        }
    }

    fn prepared(&self, seed: u64) -> Result<Arc<Prepared>> {
        let slot = &self.prepared[seed as usize];
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(prepared) = slot.upgrade() {
            return Ok(prepared);
        }
        let prepared = Arc::new(self.source.prepare(&self.plan, seed)?);
        *slot = Arc::downgrade(&prepared);
        Ok(prepared)
    }

    fn jobs(&self) -> impl Iterator<Item = (&Self, u64, Job)> {
        let seeds = 0..self.plan.seeds.get();
        seeds.flat_map(move |seed| {
            job::jobs(&self.plan).into_iter().map(move |job| (self, seed, job))
        })
    }
}

/// The plan and its variants.
fn plans(plan: &Plan) -> Result<Vec<(Role, Plan)>> {
    let fail = |reason| Error::Variant { problem: plan.problem.name(), reason };
    let companions = plan.companions().map_err(fail)?;
    let roles = |ablation: &Option<Ablation>, role: fn(Option<Reading>) -> Role| -> Vec<Role> {
        let readings = ablation.iter().flat_map(|ablation| ablation.readings.iter().cloned());
        std::iter::once(None).chain(readings.map(Some)).map(role).collect()
    };
    let ablation = roles(&plan.ablation, Role::Ablation).into_iter();
    Ok(std::iter::once((Role::Main, plan.clone()))
        .chain(companions.into_iter().map(|(method, plan)| (Role::Companion(method), plan)))
        .chain(ablation.zip(plan.ablation().map_err(fail)?))
        .collect())
}

impl Experiment {
    /// Opens the data of the plan and its variants, and finds settings that do not fit them.
    pub fn new(plan: &Plan) -> Result<Self> {
        let prepared_plans: Vec<PreparedPlan> =
            plans(plan)?.into_iter().map(PreparedPlan::new).collect::<Result<_>>()?;
        for prepared_plan in &prepared_plans {
            prepared_plan.look_ahead().map_err(|error| prepared_plan.named(error))?;
        }
        Ok(Experiment { plan: plan.clone(), prepared_plans })
    }

    /// The same for a plan without variants, whose source of tasks is open already.
    ///
    /// # Errors
    /// Returns an error if the settings do not fit the tasks.
    pub fn on(plan: &Plan, source: Source) -> Result<Self> {
        let prepared = (0..plan.seeds.get()).map(|_| Mutex::new(Weak::new())).collect();
        let main = PreparedPlan { role: Role::Main, plan: plan.clone(), source, prepared };
        main.look_ahead()?;
        Ok(Experiment { plan: plan.clone(), prepared_plans: vec![main] })
    }

    /// The tasks of one seed of the plan.
    ///
    /// # Errors
    /// Returns an error if they cannot be made.
    pub fn prepared(&self, seed: u64) -> Result<Arc<Prepared>> {
        self.prepared_plans[0].prepared(seed)
    }

    /// The plan.
    pub fn problem(&self) -> &'static str {
        self.plan.problem.name()
    }

    fn jobs(&self) -> Vec<(&PreparedPlan, u64, Job)> {
        self.prepared_plans.iter().flat_map(PreparedPlan::jobs).collect()
    }

    /// The time it takes, in meta-iterations, without the finished `parts`. Jobs that share a part
    /// run once.
    pub fn work(&self, parts: &Parts) -> u64 {
        let mut met = BTreeSet::new();
        let mut is_new = |(PreparedPlan { plan, .. }, seed, job): &(&PreparedPlan, u64, Job)| {
            parts.left(plan, *seed, job).is_none() && met.insert(parts.path(plan, *seed, job))
        };
        let new = self.jobs().into_iter().filter(|job| is_new(job));
        new.map(|(prepared_plan, _, job)| job::work(&prepared_plan.plan, &job)).sum()
    }

    /// The number of parts that an earlier run has finished.
    pub fn finished(&self, parts: &Parts) -> BTreeSet<PathBuf> {
        let left = |(prepared_plan, seed, job): &(&PreparedPlan, u64, Job)| {
            parts.left(&prepared_plan.plan, *seed, job)
        };
        self.jobs().iter().filter_map(left).collect()
    }

    /// Runs the plan and its variants.
    pub fn run(&self, threads: usize, progress: &dyn Progress, parts: &Parts) -> Result<Study> {
        let all = self.jobs();
        let known = Known::keeping(parts);
        let done =
            jobs::run(threads, all.len(), |index| work_on(&all[index], progress, parts, &known))?;
        let mut results: Vec<Finished> =
            self.prepared_plans.iter().map(|_| Finished::default()).collect();
        for ((prepared_plan, _, _), of_job) in all.iter().zip(done) {
            let index =
                self.prepared_plans.iter().position(|other| std::ptr::eq(other, *prepared_plan));
            let results = &mut results[index.expect("the job's plan")];
            match of_job {
                Ok(trained) => results.trained.extend(trained),
                Err(stopped) => results.stopped.push(stopped),
            }
        }
        for (prepared_plan, results) in self.prepared_plans.iter().zip(&mut results) {
            in_order(&prepared_plan.plan, &mut results.trained);
        }
        study(&self.plan, &self.prepared_plans, results)
    }
}

/// The results of a plan.
#[derive(Default)]
struct Finished {
    trained: Vec<Trained>,
    stopped: Vec<Stopped>,
}

/// One job for one seed: its result, new or from a finished part, or an error that is a result.
fn work_on(
    (prepared_plan, seed, job): &(&PreparedPlan, u64, Job),
    progress: &dyn Progress,
    parts: &Parts,
    known: &Known<'_>,
) -> Result<std::result::Result<Vec<Trained>, Stopped>> {
    progress.go_on()?;
    let plan = &prepared_plan.plan;
    if let Some(trained) = parts.find(plan, *seed, job) {
        return Ok(Ok(trained));
    }
    let prepared = prepared_plan.prepared(*seed).map_err(|error| prepared_plan.named(error))?;
    match train::train(plan, &prepared, job, known, progress) {
        Ok(trained) => {
            parts.keep(plan, *seed, job, &trained);
            Ok(Ok(trained))
        }
        Err(Error::Stopped) => Err(Error::Stopped),
        Err(error) if prepared_plan.may_stop(job) => {
            Ok(Err(Stopped { arms: job.arms.clone(), reason: error.to_string() }))
        }
        Err(error) => Err(prepared_plan.named(error)),
    }
}

/// Results in the order of seeds, and within a seed in the order of arms, for any order of jobs.
fn in_order(plan: &Plan, trained: &mut [Trained]) {
    let arms = plan.arms();
    trained.sort_by_key(|run| (run.seed, arms.iter().position(|arm| *arm == run.arm)));
}

fn study(plan: &Plan, prepared_plans: &[PreparedPlan], results: Vec<Finished>) -> Result<Study> {
    let (mut runs, mut stops) = (Vec::new(), Vec::new());
    let mut variants = Vec::new();
    for (PreparedPlan { role, plan, .. }, Finished { trained, stopped }) in
        prepared_plans.iter().zip(results)
    {
        match role {
            Role::Main => {
                runs.extend(trained);
                stops = stopped;
            }
            Role::Companion(method) => runs.extend(trained.into_iter().map(|mut run| {
                run.arm.method = *method;
                run
            })),
            Role::Ablation(reading) => {
                let records = records(plan, &trained, |run| &run.outcomes);
                let (reading, plan) = (reading.clone(), plan.clone());
                variants.push(Variant { reading, plan, records, stopped });
            }
        }
    }
    let seeds = 0..plan.seeds.get();
    let skipped_tasks =
        seeds.map(|seed| prepared_plans[0].prepared(seed).map(|tasks| tasks.skipped_tasks));
    let all_records = records(plan, &runs, |run| &run.outcomes);
    Ok(Study {
        plan: plan.clone(),
        points: records(plan, &runs, |run| &run.points),
        summary: summarize(&all_records),
        records: all_records,
        trained: runs,
        skipped_tasks: skipped_tasks.sum::<Result<u64>>()?,
        stopped: stops,
        variants,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::arm::Arm;
    use crate::planted::trained;
    use crate::progress::Silent;
    use crate::results::compare::accuracy;
    use crate::sample;
    use serde_json::json;

    #[test]
    fn seeds_and_arms_are_in_their_order() {
        let plan = sample::communities();
        let arms = plan.arms();
        let order: Vec<_> =
            (0..3).flat_map(|seed| arms.iter().map(move |&arm| (seed, arm))).collect();
        // Every eleventh, so that neighbors are separated.
        let count = order.len();
        assert!(!count.is_multiple_of(11));
        let mut runs: Vec<Trained> = (0..count)
            .map(|i| order[i * 11 % count])
            .map(|(seed, arm)| trained(arm, seed, Vec::new()))
            .collect();
        in_order(&plan, &mut runs);
        assert_eq!(runs.iter().map(|run| (run.seed, run.arm)).collect::<Vec<_>>(), order);
    }

    /// A refused batch is an error in the plan itself, but a result in a reading.
    #[test]
    fn a_reading_may_end_with_an_error() {
        let few = |n| std::num::NonZeroU64::new(n).unwrap();
        let reading = |name: &str, changes| Reading {
            decision: "a decision".into(),
            reading: name.into(),
            changes,
        };
        let readings = vec![
            reading("refuse", json!({ "absent_group": "refuse" })),
            reading("together", json!({ "judged": "together" })),
        ];
        let plan = Plan {
            methods: vec![MethodName::Meta],
            seeds: few(2),
            iterations: few(20),
            ablation: Some(Ablation { reference: json!({}), readings }),
            ..sample::quick(sample::synthetic()).bare()
        };
        let folder = tempfile::tempdir().unwrap();
        let parts = Parts::of(folder.path(), |_| {});
        let progress = Silent;
        let run = |plan: &Plan| Experiment::new(plan).unwrap().run(2, &progress, &parts);
        let study = run(&plan).unwrap();
        let [reference, refusing, together] = &study.variants[..] else { panic!("variants") };
        assert!(reference.stopped.is_empty() && together.stopped.is_empty());
        let regularized = plan.shown(MethodName::Meta);
        assert_eq!(refusing.stopped(regularized).count(), 2);
        assert_eq!(refusing.stopped.len(), 2);
        assert!(refusing.stopped[0].reason.contains("iteration"), "{:?}", refusing.stopped);
        assert!(refusing.shown(regularized).is_empty());
        // Without a regularizer no group can be missing.
        let plain = Arm::plain(MethodName::Meta);
        let change = refusing.change_from(reference, plain, accuracy);
        assert_eq!((change.mean.unwrap().mean, change.tasks), (0.0, 40));
        // The same decisions on as many rows, in one record per run.
        let accuracy_of = |variant: &Variant| variant.shown(plain).mean(accuracy);
        assert_eq!((accuracy_of(reference).tasks, accuracy_of(together).tasks), (40, 2));
        let same = together.change_from(reference, plain, accuracy).mean.unwrap();
        assert!(same.mean.abs() < 1e-12, "{same:?}");

        let refused = Plan { absent_group: meta::AbsentGroup::Refuse, ablation: None, ..plan };
        let error = run(&refused).err().expect("an error").to_string();
        assert!(error.starts_with("synthetic, Fair-MAML with gamma 0.1, seed "), "{error}");
    }

    /// For any seeds, and with the name of the variant.
    #[test]
    fn settings_that_do_not_fit_are_found_before_the_work() {
        let refused = |plan: &Plan| Experiment::new(plan).err().expect("an error").to_string();
        let bare = sample::communities().bare();
        // The smallest state has 21 communities; it is held out in few runs.
        let rows = std::num::NonZeroUsize::new(21);
        let error = refused(&Plan { support_rows: rows, ..bare.clone() });
        assert!(error.starts_with("communities: support_rows: task `"), "{error}");
        let error = refused(&Plan { k: std::num::NonZeroUsize::new(11).unwrap(), ..bare.clone() });
        assert!(error.starts_with("communities: k: task `"), "{error}");
        let ablation = Some(Ablation {
            reference: json!({}),
            readings: vec![Reading {
                decision: "a decision".into(),
                reading: "many rows".into(),
                changes: json!({ "k": 11 }),
            }],
        });
        let error = refused(&Plan { ablation, ..bare });
        assert!(error.starts_with("communities: ablation: many rows: communities: k: "), "{error}");
    }

    /// The plan, its companions, a reference and its readings.
    #[test]
    fn plans_and_their_work() {
        let plan = sample::communities();
        let readings = plan.ablation.as_ref().unwrap().readings.len();
        assert_eq!(plans(&plan).unwrap().len(), 2 + plan.companions.len() + readings);
        let bare = plan.clone().bare();
        assert_eq!(plans(&bare).unwrap(), [(Role::Main, bare.clone())]);
        let parts = Parts::of(std::path::Path::new("nowhere"), |_| {});
        let work = |plan: &Plan| Experiment::new(plan).unwrap().work(&parts);
        assert!(work(&bare) > 0 && work(&bare) < work(&plan));
        let mut impossible = plan;
        impossible.companions[0].changes = json!({ "k": 0 });
        let error = plans(&impossible).unwrap_err().to_string();
        assert!(error.starts_with("communities: companions: published-code: "), "{error}");
    }
}
