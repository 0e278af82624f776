//! `fair-maml fronts`: all regularizers, and thresholds that need no training.

use std::num::NonZeroU64;
use std::time::Instant;

use experiment::plan::Plan;
use experiment::plan::manifest::{Manifest, NAME as MANIFEST};
use experiment::provenance::{Clock, NAME as PROVENANCE};
use experiment::run::experiment::Experiment;
use experiment::run::jobs;
use experiment::run::parts::Parts;
use lab::fronts::{PAGE, agreements, documents, plan_of, text};
use report::terminal::Terminal;

use crate::args::Fronts;
use crate::error::Result;
use crate::output::{self, Folder};
use crate::progress::{Part, Progress};
use crate::{manifest, reproduce};

/// Runs the experiments, prints their tables and writes their results.
pub fn run(args: &Fronts) -> Result<()> {
    let mut clock = Clock::start();
    let plans = plans(args)?;
    let default = if args.quick { "fronts-quick" } else { "fronts" };
    let out = args.out.clone().unwrap_or_else(|| default.into());
    if !args.force {
        manifest::guard(&out, &plans)?;
    }
    let experiments: Vec<Experiment> =
        plans.iter().map(Experiment::new).collect::<std::result::Result<_, _>>()?;
    let mut folder = Folder::open(&out)?;
    let parts = Parts::of(&out, output::note);
    reproduce::announce(&experiments, &parts, &out);
    let threads = args.threads.map_or_else(jobs::cores, usize::from);
    let part = |one: &Experiment| Part { name: one.problem(), steps: one.work(&parts) };
    let progress = Progress::new(experiments.iter().map(part).collect());
    let mut studies = Vec::new();
    for (index, experiment) in experiments.iter().enumerate() {
        let start = Instant::now();
        let study = experiment.run(threads, progress.begin(index), &parts)?;
        let agreements = agreements(&plans[index], 0)?;
        progress.end();
        clock.add(experiment.problem(), start);
        studies.push((study, agreements));
    }
    drop(progress);
    let mut files = documents(&studies)?;
    files.push((MANIFEST.into(), output::json(MANIFEST, &Manifest::new(&plans))? + "\n"));
    files.push((PROVENANCE.into(), output::json(PROVENANCE, &clock.provenance(threads))? + "\n"));
    let names = folder.write(&files, &[])?;
    parts.finish();
    let (terminal, out) = (Terminal::stdout(), out.display());
    let last = format!("Wrote {} files to {out}. Open {out}/{PAGE} in a browser.", names.len());
    output::print(&(text(&studies, terminal) + "\n" + &terminal.wrap(&last)))
}

/// The plans from the command line.
fn plans(args: &Fronts) -> Result<Vec<Plan>> {
    if let Some(path) = &args.manifest {
        return manifest::plans(path);
    }
    let plans = reproduce::plans_of(args.problem, args.data.as_deref())?;
    let plan = |plan: Plan| {
        let plan = plan_of(plan, args.quick);
        let seeds = args.seeds.and_then(NonZeroU64::new).unwrap_or(plan.seeds);
        let iterations = args.iterations.and_then(NonZeroU64::new).unwrap_or(plan.iterations);
        Plan { seeds, iterations, ..plan }
    };
    Ok(plans.into_iter().map(plan).collect())
}
