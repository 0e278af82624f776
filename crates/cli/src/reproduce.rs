//! `fair-maml reproduce`: plans, trainings, tables, figures, files.

use std::collections::BTreeSet;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Serialize;

use crate::args::{Problems, Reproduce};
use crate::error::{Error, Result};
use crate::output::{self, Folder};
use crate::progress::{Part, Progress};
use crate::{interrupt, manifest};
use experiment::plan::manifest::{Manifest, NAME as MANIFEST};
use experiment::plan::{Plan, Problem};
use experiment::provenance::{Clock, NAME as PROVENANCE};
use experiment::results::study::Study;
use experiment::results::summary::Row;
use experiment::run::experiment::Experiment;
use experiment::run::parts::Parts;
use experiment::run::{jobs, prepare};
use paper::files::files;
use paper::{defaults, page, plots, tables};
use report::number::counted;
use report::page::{Report, Verdict};
use report::terminal::Terminal;

/// The names of the files about a whole run, beside [`MANIFEST`] and [`PROVENANCE`].
const REPORT_PAGE: &str = "report.html";
const REPORT_TEXT: &str = "report.md";
const CLAIMS: &str = "claims.json";

/// Runs the experiments, prints their tables and writes their results.
pub fn run(args: &Reproduce) -> Result<()> {
    let mut clock = Clock::start();
    let (plans, out) = (plans(args)?, args.out());
    if !args.force {
        manifest::guard(&out, &plans)?;
    }
    let experiments: Vec<Experiment> =
        plans.iter().map(Experiment::new).collect::<std::result::Result<_, _>>()?;
    let mut folder = Folder::open(&out)?;
    let parts = Parts::of(&out, output::note);
    announce(&experiments, &parts, &out);
    let threads = args.threads.map_or_else(jobs::cores, usize::from);
    let work = |one: &Experiment| Part { name: one.problem(), steps: one.work(&parts) };
    let progress = Progress::new(experiments.iter().map(work).collect());
    let mut names = Vec::new();
    let mut studies = Vec::new();
    let mut figures = Vec::new();
    for (index, experiment) in experiments.iter().enumerate() {
        let start = Instant::now();
        let study = experiment.run(threads, progress.begin(index), &parts)?;
        let plots = plots::figures(&study)?;
        // Printed now, so that an interrupt during the next problem does not lose them.
        names.extend(folder.write(&files(&study, &plots)?, &OF_THE_WHOLE)?);
        progress.end();
        clock.add(experiment.problem(), start);
        studies.push(study);
        figures.push(plots);
    }
    drop(progress);
    let mut report = page::report(&studies, &figures)?;
    if tables::too_short(&plans) {
        for claim in report.claims.iter_mut().filter(|claim| claim.verdict != Verdict::NotRun) {
            (claim.verdict, claim.because) = (Verdict::TooShort, String::new());
            claim.readings.clear();
        }
    }
    let last = [
        (REPORT_PAGE.into(), report.html()),
        (REPORT_TEXT.into(), report.markdown("")),
        (CLAIMS.into(), claims_json(&report)? + "\n"),
        (MANIFEST.into(), output::json(MANIFEST, &Manifest::new(&plans))? + "\n"),
        (PROVENANCE.into(), output::json(PROVENANCE, &clock.provenance(threads))? + "\n"),
    ];
    names.extend(folder.write(&last, &[])?);
    leftovers(parts.finish(), &folder, &names, &out);
    let printed = match args.json {
        true => everything_json(&report, &studies)?,
        false => everything(&report, &studies, &plans, &names, &out),
    };
    output::print(&printed)
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

/// Reports the finished parts of an interrupted run, and prepares for an interrupt of this run.
pub fn announce(experiments: &[Experiment], parts: &Parts, out: &Path) {
    let finished: BTreeSet<PathBuf> =
        experiments.iter().flat_map(|experiment| experiment.finished(parts)).collect();
    interrupt::explain(out, finished.len());
}

/// Reports other files in the folder, which the manifest does not repeat.
fn leftovers(parts: usize, folder: &Folder, names: &[String], out: &Path) {
    let out = out.display();
    if parts > 0 {
        output::note(&format!(
            "note: {out}/unfinished has {} of another command or build; this run cannot use them",
            counted(parts, "finished part")
        ));
    }
    match folder.others(&["synthetic_", "communities_"], names) {
        0 => {}
        n => output::note(&format!(
            "note: {out} also has {} of an earlier run",
            counted(n, "other result file")
        )),
    }
}

/// The plans from the command line.
fn plans(args: &Reproduce) -> Result<Vec<Plan>> {
    if let Some(path) = &args.manifest {
        return manifest::plans(path);
    }
    let mut plans = plans_of(args.problem, args.data.as_deref())?;
    for plan in &mut plans {
        if args.all_readings {
            *plan = defaults::with_all_readings(plan.clone());
        }
        if args.quick {
            *plan = defaults::quick(plan.clone());
        }
        if let Some(gammas) = &args.gammas {
            *plan = plan.clone().with_gammas(gammas);
        }
        *plan = defaults::comparing(plan.clone(), &args.algorithm)?;
        plan.seeds = args.seeds.and_then(NonZeroU64::new).unwrap_or(plan.seeds);
        plan.iterations = args.iterations.and_then(NonZeroU64::new).unwrap_or(plan.iterations);
    }
    Ok(plans)
}

/// The default plans of the problems, on a data file if there is one.
pub fn plans_of(problem: Problems, file: Option<&Path>) -> Result<Vec<Plan>> {
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
            *data = Some(prepare::identify(path)?);
        }
    }
    Ok(plans)
}
