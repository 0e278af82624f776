//! `fair-maml fronts`: all regularizers, and thresholds that need no training.

use std::num::NonZeroU64;

use experiment::plan::Plan;
use experiment::plan::manifest::Manifest;
use experiment::run::{estimate, jobs};
use lab::fronts::{PAGE, PROGRAM, agreements, documents, plan_of, text};
use report::terminal::Terminal;

use crate::args::Fronts;
use crate::error::Result;
use crate::reproduce::{experiments, left, plans_of, problems};
use crate::session::Session;
use crate::{manifest, output};

/// Runs the experiments, prints their tables and writes their results.
pub fn run(args: &Fronts) -> Result<()> {
    let (plans, out) = (plans(args)?, args.run.folder("fronts", args.subject.quick));
    estimate::check(&plans, args.run.threads(), args.run.limits.limits(), |_| 0.0)?;
    let experiments = experiments(&plans)?;
    let mut session = Session::open(
        &args.run,
        out.clone(),
        || manifest::guard(&out, PROGRAM, &plans),
        |parts| left(&experiments, parts),
    )?;
    let problems = problems(&experiments, &session.parts);
    let studies = session.each(problems, |session, index, progress| {
        let study = experiments[index].run(session.threads, progress, &session.parts)?;
        let agreements = jobs::on(session.threads, || agreements(&plans[index], 0, progress))?;
        Ok((study, agreements))
    })?;
    let settings = Manifest::new(PROGRAM, &plans);
    let names = session.finish(documents(&studies)?, &settings, &["fronts_"])?;
    let (terminal, out) = (Terminal::stdout(), out.display());
    let last = format!("Wrote {} files to {out}. Open {out}/{PAGE} in a browser.", names.len());
    output::print(&(text(&studies, terminal) + "\n" + &terminal.wrap(&last)))
}

/// The plans from the command line.
fn plans(args: &Fronts) -> Result<Vec<Plan>> {
    if let Some(path) = &args.run.manifest {
        return manifest::plans(path, &[PROGRAM]);
    }
    let subject = &args.subject;
    let plan = |plan: Plan| {
        let plan = plan_of(plan, subject.quick);
        let seeds = args.run.seeds.and_then(NonZeroU64::new).unwrap_or(plan.seeds);
        let iterations = subject.iterations.and_then(NonZeroU64::new).unwrap_or(plan.iterations);
        Plan { seeds, iterations, ..plan }
    };
    Ok(plans_of(subject)?.into_iter().map(plan).collect())
}
