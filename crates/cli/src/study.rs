//! `fair-maml study`: what second order is, what it buys and what it costs.

use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::time::Instant;

use experiment::plan::Plan;
use experiment::provenance::{Clock, NAME as PROVENANCE};
use experiment::run::jobs;
use experiment::run::parts::Parts;
use lab::study::{self, PAGE, StudyManifest, StudyPlan};
use meta::algorithm::FAIR_MAML;
use report::terminal::Terminal;

use crate::args::Study;
use crate::error::{Error, Result};
use crate::output::{self, Folder};
use crate::progress::{Part, Progress};
use crate::{interrupt, reproduce};

/// Runs the studies, prints their answers and writes their results.
pub fn run(args: &Study) -> Result<()> {
    let mut clock = Clock::start();
    let manifest = StudyManifest::new(studies(args)?);
    let default = if args.subject.quick { "study-quick" } else { "study" };
    let out = args.out.clone().unwrap_or_else(|| default.into());
    if !args.subject.force {
        guard(&out, &manifest)?;
    }
    // What does not fit is told now and not after minutes.
    manifest.studies.iter().try_for_each(study::look_ahead)?;
    let mut folder = Folder::open(&out)?;
    let parts = Parts::of(&out, output::note);
    let left = manifest.studies.iter().map(|one| study::finished(one, &parts)).sum();
    interrupt::explain(&out, left);
    let threads = args.threads.map_or_else(jobs::cores, usize::from);
    let part = |one: &StudyPlan| Part { name: one.plan.problem.name(), steps: study::steps(one) };
    let progress = Progress::new(manifest.studies.iter().map(part).collect());
    let mut results = Vec::new();
    for (index, one) in manifest.studies.iter().enumerate() {
        let start = Instant::now();
        results.push(study::run(one, threads, progress.begin(index), &parts)?);
        progress.end();
        clock.add(one.plan.problem.name(), start);
    }
    drop(progress);
    let mut files = study::documents(&results)?;
    files.push((StudyManifest::NAME.into(), output::json(StudyManifest::NAME, &manifest)? + "\n"));
    files.push((PROVENANCE.into(), output::json(PROVENANCE, &clock.provenance(threads))? + "\n"));
    let names = folder.write(&files, &[])?;
    parts.finish();
    let terminal = Terminal::stdout();
    let out = out.display();
    let last = format!("Wrote {} files to {out}. Open {out}/{PAGE} in a browser.", names.len());
    output::print(&(study::text(&results, terminal) + "\n" + &terminal.wrap(&last)))
}

/// The studies from the command line.
fn studies(args: &Study) -> Result<Vec<StudyPlan>> {
    if let Some(path) = &args.manifest {
        let text = std::fs::read_to_string(path)
            .map_err(|source| Error::File { path: path.clone(), source })?;
        return StudyManifest::parse(&text)
            .map(|manifest| manifest.studies)
            .map_err(|reason| Error::Manifest { path: path.clone(), reason });
    }
    let subject = &args.subject;
    let plans = reproduce::plans_of(subject.problem, subject.data.as_deref())?;
    Ok(plans.into_iter().map(|plan| of_plan(args, plan)).collect())
}

fn of_plan(args: &Study, plan: Plan) -> StudyPlan {
    let subject = &args.subject;
    let mut study = StudyPlan::new(plan);
    if subject.quick {
        study = study.quick();
    }
    if let Some(algorithms) = &subject.algorithm {
        // The exact algorithm is the one that the others are compared with.
        let others = algorithms.iter().copied().filter(|&algorithm| algorithm != FAIR_MAML);
        study.algorithms = std::iter::once(FAIR_MAML).chain(others).collect();
    }
    study.notion = subject.regularizer.unwrap_or(study.notion);
    study.gamma = subject.gamma.unwrap_or(study.gamma);
    let plan = &mut study.plan;
    plan.seeds = args.seeds.and_then(NonZeroU64::new).unwrap_or(plan.seeds);
    plan.iterations = subject.iterations.and_then(NonZeroU64::new).unwrap_or(plan.iterations);
    study.checkpoints = study.checkpoints.min(plan.iterations);
    study
}

/// Refuses to replace the results of another command.
fn guard(out: &Path, manifest: &StudyManifest) -> Result<()> {
    let path: PathBuf = out.join(StudyManifest::NAME);
    let Ok(text) = std::fs::read_to_string(&path) else { return Ok(()) };
    if StudyManifest::parse(&text).is_ok_and(|found| found == *manifest) {
        return Ok(());
    }
    Err(Error::Replace { path: out.into(), found: "has the results of another command".into() })
}
