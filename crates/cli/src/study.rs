//! `fair-maml study`: what second order is, what it buys and what it costs.

use std::num::NonZeroU64;

use experiment::plan::Plan;
use lab::study::{self, PAGE, StudyManifest, StudyPlan};
use meta::algorithm::FAIR_MAML;
use report::terminal::Terminal;

use crate::args::Study;
use crate::error::{Error, Result};
use crate::progress::Part;
use crate::reproduce::plans_of;
use crate::session::Session;
use crate::{manifest, output};

/// Runs the studies, prints their answers and writes their results.
pub fn run(args: &Study) -> Result<()> {
    let settings = StudyManifest::new(studies(args)?);
    let out = args.run.folder("study", args.subject.quick);
    study::check(&settings.studies, args.run.threads(), args.run.limits.limits())?;
    // What does not fit is told now and not after minutes.
    settings.studies.iter().try_for_each(study::look_ahead)?;
    let all = &settings.studies;
    let mut session = Session::open(
        &args.run,
        out.clone(),
        || manifest::guard_study(&out, &settings),
        |parts| all.iter().map(|one| study::finished(one, parts)).sum(),
    )?;
    let part = |one: &StudyPlan| Part { name: one.plan.problem.name(), steps: study::steps(one) };
    let results = session.each(all.iter().map(part).collect(), |session, index, progress| {
        Ok(study::run(&all[index], session.threads, progress, &session.parts)?)
    })?;
    let names = session.finish(study::documents(&results)?, &settings, &["study_"])?;
    let (terminal, out) = (Terminal::stdout(), out.display());
    let last = format!("Wrote {} files to {out}. Open {out}/{PAGE} in a browser.", names.len());
    output::print(&(study::text(&results, terminal) + "\n" + &terminal.wrap(&last)))
}

/// The studies from the command line.
fn studies(args: &Study) -> Result<Vec<StudyPlan>> {
    let training = &args.training;
    if let Some(path) = &args.run.manifest {
        let changed = [
            training.algorithm.is_some(),
            training.regularizer.is_some(),
            training.gamma.is_some(),
        ];
        if changed.contains(&true) {
            return Err(Error::Repeated { path: path.clone() });
        }
        return manifest::studies(path);
    }
    Ok(plans_of(&args.subject)?.into_iter().map(|plan| of_plan(args, plan)).collect())
}

fn of_plan(args: &Study, plan: Plan) -> StudyPlan {
    let (subject, training) = (&args.subject, &args.training);
    let mut study = StudyPlan::new(plan);
    if subject.quick {
        study = study.quick();
    }
    if let Some(algorithms) = &training.algorithm {
        // The exact algorithm is the one that the others are compared with.
        study.algorithms = vec![FAIR_MAML];
        for &algorithm in algorithms {
            if !study.algorithms.contains(&algorithm) {
                study.algorithms.push(algorithm);
            }
        }
    }
    study.notion = training.regularizer.unwrap_or(study.notion);
    study.gamma = training.gamma.unwrap_or(study.gamma);
    let plan = &mut study.plan;
    plan.seeds = args.run.seeds.and_then(NonZeroU64::new).unwrap_or(plan.seeds);
    plan.iterations = subject.iterations.and_then(NonZeroU64::new).unwrap_or(plan.iterations);
    study.checkpoints = study.checkpoints.min(plan.iterations);
    study
}
