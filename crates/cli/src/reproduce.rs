//! `fair-maml reproduce`: plans, trainings, tables, figures, files.

use std::collections::BTreeSet;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::args::{Problems, Reproduce, Subject};
use crate::error::{Error, Result};
use crate::progress::Part;
use crate::session::Session;
use crate::{manifest, output};
use experiment::plan::manifest::{Manifest, NAME as MANIFEST, REPRODUCE};
use experiment::plan::{Plan, Problem};
use experiment::provenance::NAME as PROVENANCE;
use experiment::results::study::Study;
use experiment::results::summary::Row;
use experiment::run::estimate;
use experiment::run::experiment::Experiment;
use experiment::run::parts::Parts;
use experiment::run::{data_file, prepare};
use paper::files::files;
use paper::{defaults, page, plots, tables};
use report::page::{Report, Verdict};
use report::terminal::Terminal;

/// The names of the files about a whole run, beside [`MANIFEST`] and [`PROVENANCE`].
const REPORT_PAGE: &str = "report.html";
const REPORT_TEXT: &str = "report.md";
const CLAIMS: &str = "claims.json";

/// Runs the experiments, prints their tables and writes their results.
pub fn run(args: &Reproduce) -> Result<()> {
    let (plans, out) = (plans(args)?, args.run.folder("results", args.subject.quick));
    let limits = args.run.limits.limits();
    estimate::check(&plans, args.run.threads(), limits, plots::memory)?;
    let experiments = experiments(&plans)?;
    let mut session = Session::open(
        &args.run,
        out.clone(),
        || manifest::guard(&out, REPRODUCE, &plans),
        |parts| left(&experiments, parts),
    )?;
    let problems = problems(&experiments, &session.parts);
    let results = session.each(problems, |session, index, progress| {
        let study = experiments[index].run(session.threads, progress, &session.parts)?;
        let plots = plots::figures(&study)?;
        // Written now, so that an interrupt during the next problem does not lose them.
        session.write(&files(&study, &plots)?, &OF_THE_WHOLE)?;
        Ok((study, plots))
    })?;
    let (studies, figures): (Vec<Study>, Vec<_>) = results.into_iter().unzip();
    let mut report = page::report(&studies, &figures)?;
    if tables::too_short(&plans) {
        for claim in report.claims.iter_mut().filter(|claim| claim.verdict != Verdict::NotRun) {
            (claim.verdict, claim.because) = (Verdict::TooShort, String::new());
            claim.readings.clear();
        }
    }
    let last = vec![
        (REPORT_PAGE.into(), report.html()),
        (REPORT_TEXT.into(), report.markdown("")),
        (CLAIMS.into(), claims_json(&report)? + "\n"),
    ];
    let settings = Manifest::new(REPRODUCE, &plans);
    let names = session.finish(last, &settings, &["synthetic_", "communities_"])?;
    let printed = match args.json {
        true => everything_json(&report, &studies)?,
        false => everything(&report, &studies, &plans, &names, &out),
    };
    output::print(&printed)
}

/// The experiments of plans, all of which fit their data.
pub fn experiments(plans: &[Plan]) -> Result<Vec<Experiment>> {
    Ok(plans.iter().map(Experiment::new).collect::<std::result::Result<_, _>>()?)
}

/// The names and the work of the problems.
pub fn problems(experiments: &[Experiment], parts: &Parts) -> Vec<Part> {
    let part = |one: &Experiment| Part { name: one.problem(), steps: one.work(parts) };
    experiments.iter().map(part).collect()
}

/// The number of finished parts of an interrupted run.
pub fn left(experiments: &[Experiment], parts: &Parts) -> usize {
    let finished = experiments.iter().flat_map(|experiment| experiment.finished(parts));
    finished.collect::<BTreeSet<PathBuf>>().len()
}

/// An old report and manifest would describe results that no longer exist.
const OF_THE_WHOLE: [&str; 5] = [REPORT_PAGE, REPORT_TEXT, CLAIMS, MANIFEST, PROVENANCE];

/// The text for the terminal: tables, verdicts, files.
fn everything(
    report: &Report,
    studies: &[Study],
    plans: &[Plan],
    names: &[String],
    out: &Path,
) -> String {
    let (terminal, out) = (Terminal::stdout(), out.display().to_string());
    let mut texts: Vec<String> =
        studies.iter().map(|study| tables::render(study, &out, terminal)).collect();
    if tables::too_short(plans) {
        texts.push(terminal.wrap(&tables::why_too_short(plans)) + "\n");
    } else {
        texts.push(tables::verdicts(&report.claims, &out, terminal));
        let notice = page::not_the_defaults(studies);
        texts.extend(notice.map(|notice| terminal.wrap(&notice) + "\n"));
    }
    let wrote = format!("Wrote {} files to {out}:", names.len());
    texts.push(terminal.wrap(&wrote));
    texts.push(terminal.wrap(&names.join(", ")) + "\n");
    texts.push(terminal.wrap(&format!("Open {out}/{REPORT_PAGE} in a browser.")));
    texts.join("\n")
}

/// The claims of a report with their verdicts, as JSON.
fn claims_json(report: &Report) -> Result<String> {
    output::json(CLAIMS, &report::page::claims_json(&report.claims))
}

/// Claims and summary as one JSON object.
fn everything_json(report: &Report, studies: &[Study]) -> Result<String> {
    #[derive(Serialize)]
    struct Everything<'a> {
        claims: serde_json::Value,
        summary: Vec<&'a Row>,
    }
    let claims = report::page::claims_json(&report.claims);
    let summary = studies.iter().flat_map(|study| &study.summary).collect();
    output::json("standard output", &Everything { claims, summary })
}

/// The plans from the command line.
fn plans(args: &Reproduce) -> Result<Vec<Plan>> {
    if let Some(path) = &args.run.manifest {
        return manifest::plans(path, &[REPRODUCE]);
    }
    let mut plans = plans_of(&args.subject)?;
    for plan in &mut plans {
        if args.all_readings {
            *plan = defaults::with_all_readings(plan.clone());
        }
        if args.subject.quick {
            *plan = defaults::quick(plan.clone());
        }
        if !args.regularizer.is_empty() {
            *plan = plan.clone().with_notions(&args.regularizer);
        }
        if let Some(gammas) = &args.gammas {
            *plan = plan.clone().with_gammas(gammas);
        }
        *plan = defaults::comparing(plan.clone(), &args.algorithm)?;
        plan.seeds = args.run.seeds.and_then(NonZeroU64::new).unwrap_or(plan.seeds);
        plan.iterations =
            args.subject.iterations.and_then(NonZeroU64::new).unwrap_or(plan.iterations);
        // A reading may have brought another network.
        prepare::fit(plan)?;
    }
    Ok(plans)
}

/// The default plans of the problems, on a data file if there is one.
pub fn plans_of(subject: &Subject) -> Result<Vec<Plan>> {
    let (problem, file) = (subject.problem, subject.data.as_deref());
    if let (Problems::Synthetic, Some(path)) = (problem, file) {
        return Err(Error::Unread { path: path.into() });
    }
    let mut plans = match problem {
        Problems::Synthetic => vec![defaults::synthetic()],
        Problems::Communities => vec![defaults::communities()],
        Problems::All => vec![defaults::synthetic(), defaults::communities()],
    };
    for plan in &mut plans {
        if let (Problem::Communities { data, .. }, Some(path)) = (&mut plan.problem, file) {
            *data = Some(data_file::identify(path)?);
            let incomplete = prepare::fit(plan)?;
            if !incomplete.is_empty() {
                let columns = incomplete.join(", ");
                let file = path.display().to_string();
                output::note(&format!(
                    "note: {}: these columns have missing values and are no features: {columns}",
                    file.escape_debug()
                ));
            }
        }
    }
    Ok(plans)
}
