//! What a run of plans takes in memory and work, estimated before it begins.
//!
//! With W threads, the memory is the sum of these parts:
//!
//! | part | bytes |
//! |---|---|
//! | `data` | the tasks of the seeds that are in use at once, and of the first look at them |
//! | `jobs` | the W largest jobs at once: networks, tapes, moments, episodes, kept files |
//! | `results` | outcomes and learned numbers of all trainings, and the records made of them |
//! | lists | the list of all jobs, and the settings of all variants |
//!
//! What a job takes is made of what its method says, and no method is known by name here: see
//! [`Method::needs`](crate::method::Method::needs). The formulas count what the code allocates.
//! `docs/architecture.md` says how far they are from measured peaks.

mod jobs;
mod results;

use meta::estimate::{Estimate, Limits};

use self::jobs::JobSize;
use self::results::Outcomes;
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::run::job;
use crate::run::size::{DataSize, PlanSize, TableSize};

/// The bytes of the program itself, with its data sets.
const PROGRAM: f64 = 4e7;
/// The bytes of an arm and its place in the lists of jobs and finished parts.
const LISTED: f64 = 300.0;
/// The bytes of lists that are made for an estimate in any case.
const MOST_LISTED: u64 = 1_000_000_000;
/// The bytes of a setting's value in memory, for each byte of its text.
const SETTINGS: f64 = 8.0;

/// Checks that the runs of these plans, one after another, stay below the limits. `shown` gives the
/// bytes that it takes to show the results of a plan, after its jobs. Nothing of the size of the
/// run is allocated.
///
/// # Errors
/// Returns [`Error::TooLarge`] with the estimate, the limit and the largest part, or an error if a
/// variant is no valid plan.
pub fn check(
    plans: &[Plan],
    threads: usize,
    limits: Limits,
    shown: fn(&Plan) -> f64,
) -> Result<()> {
    let mut earlier = 0.0;
    for plan in plans {
        let mut estimate = of_plan(plan, None, threads, limits, shown(plan))?;
        estimate.memory("the results of other problems", earlier);
        estimate.check(&name(plan), limits)?;
        earlier += estimate.kept();
    }
    Ok(())
}

/// The estimate of a run of `plan` with its variants on so many threads. If its tasks are those of
/// a table, they have the sizes of `table`, which is in memory already. `shown` are the bytes that
/// it takes to show its results. The limits are those that the lists of jobs are held against
/// before they are made.
///
/// # Errors
/// Returns an error if the lists are above the limits, or if a variant is no valid plan.
pub fn of_plan(
    plan: &Plan,
    table: Option<TableSize>,
    threads: usize,
    limits: Limits,
    shown: f64,
) -> Result<Estimate> {
    let invalid = |reason| Error::Variant { problem: plan.problem.name(), reason };
    let companions = plan.companions().map_err(invalid)?.into_iter().map(|(_, plan)| plan);
    let ablation = plan.ablation().map_err(invalid)?;
    let plans: Vec<Plan> =
        std::iter::once(plan.clone()).chain(companions).chain(ablation).collect();
    let mut estimate = Estimate::default();
    estimate.memory("the program", PROGRAM);
    let arms: f64 = plans.iter().map(|plan| plan.seeds.get() as f64 * most_arms(plan)).sum();
    estimate.results("seeds × γ × methods × variants", arms * LISTED);
    let texts: f64 = plans.iter().map(text).sum();
    estimate.results("the settings of variants", SETTINGS * texts);
    // Shorter lists are made, so that an error names what the whole run needs.
    let listed = Limits { memory: limits.memory.max(MOST_LISTED), ..limits };
    estimate.check(&name(plan), listed)?;
    let sizes: Vec<PlanSize<'_>> = plans.iter().map(|plan| PlanSize::of(plan, table)).collect();
    extend_by_jobs(&mut estimate, &sizes, threads, shown);
    Ok(estimate)
}

/// The estimate of the tasks of one seed of a plan: those in memory, and one that is being made.
pub fn of_tasks(plan: &Plan) -> f64 {
    DataSize::of(plan, None).bytes()
}

/// Adds the tasks, the jobs and the results.
fn extend_by_jobs(estimate: &mut Estimate, plans: &[PlanSize<'_>], threads: usize, shown: f64) {
    let (mut sizes, mut in_use) = (Vec::new(), 0f64);
    let (mut results, mut weights) = (0.0, 0.0);
    let all: f64 = plans.iter().map(|size| size.plan.seeds.get() as f64).sum();
    for &size in plans {
        let (data, jobs) = (size.data, job::jobs(size.plan));
        let seeds = size.plan.seeds.get() as f64;
        // The jobs of a seed follow one another, and share its tasks.
        let workers = threads as f64;
        let at_once = (1.0 + (workers / jobs.len().max(1) as f64).ceil()).min(workers).min(all);
        in_use = in_use.max(data.bytes() * (1.0 + at_once));
        estimate.work("tasks × rows × seeds", seeds * data.work());
        let outcomes = Outcomes::of(size, &jobs);
        results += seeds * outcomes.bytes(&jobs);
        let share = (workers / (jobs.len() as f64 * seeds).max(1.0)).ceil();
        for job in &jobs {
            let arms = job.own();
            let job = JobSize::of(size, &outcomes, job, share);
            weights += seeds * results::learned(arms, job.learned);
            estimate.work(job.work_is_for, seeds * job.multiply_adds);
            sizes.push((job, seeds));
        }
    }
    estimate.memory("tasks × rows", in_use);
    estimate.results("held-out tasks × adaptations × γ × seeds", results);
    estimate.results("learned numbers × γ × seeds", weights);
    largest(estimate, sizes, threads as f64, shown);
}

/// Adds the largest jobs, as many as there are threads, or what shows the results if that is more:
/// it follows when the jobs are done.
fn largest(estimate: &mut Estimate, mut sizes: Vec<(JobSize, f64)>, threads: f64, shown: f64) {
    sizes.sort_by(|(a, _), (b, _)| b.bytes.total_cmp(&a.bytes));
    let (mut left, mut jobs) = (threads, Estimate::default());
    for (size, times) in sizes {
        let at_once = times.min(left);
        jobs.memory(size.memory_is_for, at_once * size.bytes);
        left -= at_once;
        if left <= 0.0 {
            break;
        }
    }
    if jobs.bytes() < shown {
        estimate.memory("figures: units × points of a grid", shown);
    } else {
        estimate.extend(jobs);
    }
}

/// A bound of the number of arms of one seed.
fn most_arms(plan: &Plan) -> f64 {
    let count = |len: usize| len as f64;
    let laftr = plan.laftr.iter().flat_map(|laftr| &laftr.sweeps);
    let gammas: f64 = plan.sweeps.iter().chain(laftr).map(|sweep| count(sweep.gammas.len())).sum();
    let aims = count(plan.targets.len()) * count(plan.sweeps.len()) + gammas;
    count(plan.methods.len()) * (1.0 + gammas + aims) + count(plan.compared.len()) * (1.0 + gammas)
}

/// The length of the settings as text.
fn text(plan: &Plan) -> f64 {
    serde_json::to_string(plan).map_or(0.0, |text| text.len() as f64)
}

/// The name of a run in errors.
fn name(plan: &Plan) -> String {
    format!("the run on {} tasks", plan.problem.name())
}

#[cfg(test)]
mod tests;
