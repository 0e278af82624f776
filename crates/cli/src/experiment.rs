//! All that is run on one problem: the plan, the published code's variant, the ablation.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use indicatif::ProgressBar;
use meta::initial_weights;

use crate::arm::Algorithm;
use crate::error::{Error, Result};
use crate::jobs;
use crate::parts::Parts;
use crate::plan::{Plan, Reading};
use crate::prepare::{Prepared, Source};
use crate::record::{Record, records};
use crate::summary::{Row, summarize};
use crate::train::{self, Job, Trained};

/// What came of a problem.
pub struct Study {
    /// What was run.
    pub plan: Plan,
    /// Every training of the plan, and of the published code's variant.
    pub trained: Vec<Trained>,
    /// Decisions on K support rows.
    pub records: Vec<Record>,
    /// Decisions on other numbers of support rows.
    pub points: Vec<Record>,
    /// The records over seeds.
    pub summary: Vec<Row>,
    /// Test tasks that had too few rows to adapt on.
    pub passed_over: u64,
    /// The ablation, its reference first.
    pub variants: Vec<Variant>,
}

/// One plan of the ablation.
pub struct Variant {
    /// The reading; `None` for the reference.
    pub reading: Option<Reading>,
    /// What was run.
    pub plan: Plan,
    /// Its decisions.
    pub records: Vec<Record>,
}

/// A plan whose tasks are made when they are needed, and forgotten when they are not.
struct Workshop {
    plan: Plan,
    source: Source,
    /// The tasks of each seed, while a job is at them.
    prepared: Vec<Mutex<Weak<Prepared>>>,
}

impl Workshop {
    fn new(plan: Plan) -> Result<Self> {
        let source = Source::open(&plan)?;
        let prepared = (0..plan.seeds.get()).map(|_| Mutex::new(Weak::new())).collect();
        Ok(Workshop { plan, source, prepared })
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
            train::jobs(&self.plan).into_iter().map(move |job| (self, seed, job))
        })
    }
}

/// The plan and its variants: the published code's, the ablation's reference, its readings.
fn plans(plan: &Plan) -> Result<Vec<Plan>> {
    let fail = |reason| Error::Variant { problem: plan.problem.name(), reason };
    let published_code = plan.published_code().map_err(fail)?;
    let ablation = plan.ablation().map_err(fail)?;
    Ok(std::iter::once(plan.clone()).chain(published_code).chain(ablation).collect())
}

/// How long a plan takes with its variants, in meta-iterations.
pub fn work(plan: &Plan) -> Result<u64> {
    let of_plan = |plan: &Plan| {
        let jobs = train::jobs(plan);
        jobs.iter().map(|job| train::work(plan, job)).sum::<u64>() * plan.seeds.get()
    };
    Ok(plans(plan)?.iter().map(of_plan).sum())
}

/// How many parts of a plan and its variants an earlier run has finished.
pub fn finished(plan: &Plan, parts: &Parts) -> Result<usize> {
    let finished = |plan: &Plan| {
        let jobs = train::jobs(plan);
        let of_seed = |seed| jobs.iter().filter(move |job| parts.has(plan, seed, job)).count();
        (0..plan.seeds.get()).map(of_seed).sum::<usize>()
    };
    Ok(plans(plan)?.iter().map(finished).sum())
}

/// Looks, before the work begins, for settings of a plan or a variant that do not fit its tasks.
fn look_ahead(workshops: &[Workshop]) -> Result<()> {
    for Workshop { plan, source, .. } in workshops {
        let prepared = source.prepare(plan, 0)?;
        let settings = plan.settings(plan.arms()[0])?;
        initial_weights(&settings, &plan.network, &prepared.pool, 0)?;
    }
    Ok(())
}

/// Runs a plan and its variants.
pub fn run(plan: &Plan, threads: usize, bar: &ProgressBar, parts: &Parts) -> Result<Study> {
    let workshops: Vec<Workshop> =
        plans(plan)?.into_iter().map(Workshop::new).collect::<Result<_>>()?;
    look_ahead(&workshops)?;
    let all: Vec<(&Workshop, u64, Job)> = workshops.iter().flat_map(Workshop::jobs).collect();
    let done = jobs::run(threads, all.len(), |index| {
        let (workshop, seed, job) = &all[index];
        let plan = &workshop.plan;
        if let Some(trained) = parts.find(plan, *seed, job) {
            bar.inc(train::work(plan, job));
            bar.reset_eta();
            return Ok(trained);
        }
        let trained = train::train(plan, &*workshop.prepared(*seed)?, job, bar)?;
        parts.keep(plan, *seed, job, &trained)?;
        Ok(trained)
    })?;
    let mut trained: Vec<Vec<Trained>> = workshops.iter().map(|_| Vec::new()).collect();
    for ((workshop, _, _), of_job) in all.iter().zip(done) {
        let index = workshops.iter().position(|other| std::ptr::eq(other, *workshop));
        trained[index.expect("the job's workshop")].extend(of_job);
    }
    for (workshop, trained) in workshops.iter().zip(&mut trained) {
        in_order(&workshop.plan, trained);
    }
    study(plan, &workshops, trained)
}

/// Seeds in their order, and within them the arms in theirs, whatever the order of jobs.
fn in_order(plan: &Plan, trained: &mut [Trained]) {
    let arms = plan.arms();
    trained.sort_by_key(|run| (run.seed, arms.iter().position(|arm| *arm == run.arm)));
}

fn study(plan: &Plan, workshops: &[Workshop], trained: Vec<Vec<Trained>>) -> Result<Study> {
    let mut trained = trained.into_iter();
    let mut runs = trained.next().expect("the plan itself");
    if plan.published_code.is_some() {
        let published = trained.next().expect("the published code's variant");
        runs.extend(published.into_iter().map(|mut run| {
            run.arm.algorithm = Algorithm::PublishedCode;
            run
        }));
    }
    let problem = plan.problem.name();
    let records_of = |trained: &[Trained]| records(problem, trained, |run| &run.outcomes);
    let readings = plan.ablation.iter().flat_map(|ablation| &ablation.readings);
    let ablation = workshops.len() - trained.len();
    let plan_of_variants = workshops[ablation..].iter().map(|workshop| workshop.plan.clone());
    let readings = std::iter::once(None).chain(readings.cloned().map(Some));
    let variants = readings
        .zip(plan_of_variants)
        .zip(trained)
        .map(|((reading, plan), trained)| Variant { reading, plan, records: records_of(&trained) })
        .collect();
    let seeds = 0..plan.seeds.get();
    let passed_over = seeds.map(|seed| workshops[0].prepared(seed).map(|tasks| tasks.passed_over));
    let records = records_of(&runs);
    Ok(Study {
        plan: plan.clone(),
        points: records_from_points(problem, &runs),
        summary: summarize(&records),
        records,
        trained: runs,
        passed_over: passed_over.sum::<Result<u64>>()?,
        variants,
    })
}

fn records_from_points(problem: &'static str, trained: &[Trained]) -> Vec<Record> {
    records(problem, trained, |run| &run.points)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::trained;

    #[test]
    fn seeds_and_arms_are_in_their_order() {
        let plan = Plan::communities();
        let arms = plan.arms();
        let order: Vec<_> =
            (0..3).flat_map(|seed| arms.iter().map(move |&arm| (seed, arm))).collect();
        // Every eleventh, so that neighbors are torn apart.
        let count = order.len();
        assert!(!count.is_multiple_of(11));
        let mut runs: Vec<Trained> = (0..count)
            .map(|i| order[i * 11 % count])
            .map(|(seed, arm)| trained(arm, seed, Vec::new()))
            .collect();
        in_order(&plan, &mut runs);
        assert_eq!(runs.iter().map(|run| (run.seed, run.arm)).collect::<Vec<_>>(), order);
    }

    /// The plan, the published code's variant, a reference and its readings.
    #[test]
    fn plans_and_their_work() {
        let plan = Plan::communities();
        let readings = plan.ablation.as_ref().unwrap().readings.len();
        assert_eq!(plans(&plan).unwrap().len(), 3 + readings);
        let bare = Plan { ablation: None, published_code: None, ..plan.clone() };
        assert_eq!(plans(&bare).unwrap().as_slice(), std::slice::from_ref(&bare));
        assert!(work(&bare).unwrap() > 0 && work(&bare).unwrap() < work(&plan).unwrap());
        let impossible = Plan { published_code: Some(serde_json::json!(3)), ..plan };
        let error = plans(&impossible).unwrap_err().to_string();
        assert!(error.starts_with("communities: published_code: "), "{error}");
    }
}
