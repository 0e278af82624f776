//! `fair-maml reproduce`: plans, trainings, tables, figures, files.

use std::collections::BTreeSet;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};

use crate::args::{Problems, Reproduce};
use crate::error::{Error, Result};
use crate::experiment::{Experiment, Study};
use crate::output::{self, Folder};
use crate::parts::Parts;
use crate::plan::{Plan, Problem};
use crate::plots::{self, Plot};
use crate::{interrupt, jobs, page, prepare, table};
use report::number::counted;

/// The names of the files about a whole run.
const REPORT_PAGE: &str = "report.html";
const REPORT_TEXT: &str = "report.md";
const MANIFEST: &str = "manifest.json";

/// What is needed to repeat a run.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    program: String,
    version: String,
    plans: Vec<Plan>,
}

/// Runs the experiments, prints their tables and writes their results.
pub fn run(args: &Reproduce) -> Result<()> {
    let plans = plans(args)?;
    let experiments: Vec<Experiment> = plans.iter().map(Experiment::new).collect::<Result<_>>()?;
    let mut folder = Folder::open(&args.out)?;
    let parts = Parts::of(&args.out);
    take_up(&experiments, &parts, &args.out);
    let threads = args.threads.map_or_else(jobs::cores, usize::from);
    let bars = MultiProgress::new();
    let waiting: Vec<ProgressBar> =
        experiments.iter().map(|experiment| bars.add(bar(experiment))).collect();
    let mut names = Vec::new();
    let mut studies = Vec::new();
    let mut figures = Vec::new();
    for (experiment, bar) in experiments.iter().zip(&waiting) {
        let study = experiment.run(threads, bar, &parts)?;
        bar.finish_with_message("done");
        let plots = plots::figures(&study)?;
        // A report and a manifest of an earlier run would speak of results that are gone.
        let outdated = [REPORT_PAGE, REPORT_TEXT, MANIFEST];
        // As soon as they are there: whoever interrupts the next problem has this one.
        names.extend(folder.write(&files(&study, &plots)?, &outdated)?);
        studies.push(study);
        figures.push(plots);
    }
    let report = page::report(&studies, &figures)?;
    let last = [
        (REPORT_PAGE.into(), report.html()),
        (REPORT_TEXT.into(), report.markdown("")),
        (MANIFEST.into(), manifest(&plans)?),
    ];
    names.extend(folder.write(&last, &[])?);
    leftovers(parts.finish(), &folder, &names, &args.out);
    if args.json {
        let rows: Vec<_> = studies.iter().flat_map(|study| &study.summary).collect();
        return output::print(&json("standard output", &rows)?);
    }
    let tables = studies.iter().map(table::render);
    let verdicts = table::verdicts(&report.claims);
    let wrote = format!("Wrote {} files to {}:", names.len(), args.out.display());
    let names = names.iter().map(|name| format!("  {name}"));
    let notice = page::not_the_defaults(&studies).into_iter();
    let verdicts = std::iter::once(verdicts).chain(notice.map(|notice| notice + "\n"));
    let lines: Vec<String> = tables.chain(verdicts).chain([wrote]).chain(names).collect();
    output::print(&lines.join("\n"))
}

/// Says what an interrupted run has left, and what to do when this one is interrupted.
fn take_up(experiments: &[Experiment], parts: &Parts, out: &Path) {
    let finished: BTreeSet<PathBuf> =
        experiments.iter().flat_map(|experiment| experiment.finished(parts)).collect();
    match finished.len() {
        0 => {}
        left => output::note(&format!(
            "taking up an unfinished run: {}",
            counted(left, "finished part")
        )),
    }
    interrupt::explain(out);
}

/// Says what else is in the folder, which the manifest does not repeat.
fn leftovers(parts: usize, folder: &Folder, names: &[String], out: &Path) {
    let out = out.display();
    if parts > 0 {
        output::note(&format!(
            "note: {out}/unfinished has {} of another command or another build, of no use to this one",
            counted(parts, "finished part")
        ));
    }
    match folder.others(&["synthetic_", "communities_"], names) {
        0 => {}
        n => output::note(&format!(
            "note: {out} has {} of an earlier run as well",
            counted(n, "other result file")
        )),
    }
}

/// The plans that the command line asks for.
fn plans(args: &Reproduce) -> Result<Vec<Plan>> {
    if let Some(path) = &args.manifest {
        return read_manifest(path);
    }
    if let (Problems::Synthetic, Some(path)) = (args.problem, &args.data) {
        return Err(Error::Unread { path: path.clone() });
    }
    let mut plans = match args.problem {
        Problems::Synthetic => vec![Plan::synthetic()],
        Problems::Communities => vec![Plan::communities()],
        Problems::All => vec![Plan::synthetic(), Plan::communities()],
    };
    for plan in &mut plans {
        if args.quick {
            *plan = plan.clone().quick();
        }
        if let Some(gammas) = &args.gammas {
            *plan = plan.clone().with_gammas(gammas);
        }
        plan.seeds = args.seeds.and_then(NonZeroU64::new).unwrap_or(plan.seeds);
        plan.iterations = args.iterations.and_then(NonZeroU64::new).unwrap_or(plan.iterations);
        if let (Problem::Communities { data, .. }, Some(path)) = (&mut plan.problem, &args.data) {
            *data = Some(prepare::identify(path)?);
        }
    }
    Ok(plans)
}

fn read_manifest(path: &Path) -> Result<Vec<Plan>> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| Error::File { path: path.into(), source })?;
    let refuse = |reason: String| Error::Manifest { path: path.into(), reason };
    let manifest: Manifest =
        serde_json::from_str(&text).map_err(|error| refuse(error.to_string()))?;
    if manifest.plans.is_empty() {
        return Err(refuse("plans: none given, at least one needed".into()));
    }
    for (i, plan) in manifest.plans.iter().enumerate() {
        plan.check().map_err(|reason| refuse(format!("plans[{i}].{reason}")))?;
        let name = plan.problem.name();
        if manifest.plans[..i].iter().any(|other| other.problem.name() == name) {
            return Err(refuse(format!("plans[{i}].problem: {name} again, once at most needed")));
        }
    }
    if manifest.version != env!("CARGO_PKG_VERSION") {
        let (theirs, ours) = (&manifest.version, env!("CARGO_PKG_VERSION"));
        let note = format!("note: the manifest was written by version {theirs}, this is {ours}");
        output::note(&note);
    }
    Ok(manifest.plans)
}

fn manifest(plans: &[Plan]) -> Result<String> {
    let manifest = Manifest {
        program: "fair-maml".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        plans: plans.to_vec(),
    };
    Ok(json("manifest.json", &manifest)? + "\n")
}

fn json(file: &'static str, value: &impl Serialize) -> Result<String> {
    serde_json::to_string_pretty(value)
        .map_err(|error| Error::Format { file, reason: error.to_string() })
}

/// A bar over all trainings of a plan and its variants; invisible if nobody watches.
fn bar(experiment: &Experiment) -> ProgressBar {
    let style = ProgressStyle::with_template(
        "{prefix:<11} [{elapsed_precise}] {bar:32} {percent:>3}% (left: {eta}) {msg}",
    )
    .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(experiment.work()).with_style(style).with_prefix(experiment.problem())
}

/// Names and contents of a problem's result files.
fn files(study: &Study, plots: &[Plot]) -> Result<Vec<(String, String)>> {
    let name = study.plan.problem.name();
    let csv = |kind: &str, text: Result<String>| -> Result<(String, String)> {
        Ok((format!("{name}_{kind}.csv"), text?))
    };
    let mut files = vec![
        csv("runs", output::csv("runs", &study.records))?,
        csv("training", output::csv("training", output::training_lines(&study.trained)))?,
        csv("summary", output::csv("summary", output::summary_lines(&study.summary)))?,
    ];
    if !study.points.is_empty() {
        files.push(csv("points", output::csv("points", &study.points))?);
    }
    if !study.variants.is_empty() {
        let lines = output::ablation_lines(&study.variants);
        files.push(csv("ablation", output::csv("ablation", lines))?);
    }
    files.extend(plots.iter().map(|plot| (plot.file.clone(), plot.svg.clone())));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The frozen record is one of the present defaults: whoever changes one makes a new record.
    #[test]
    fn the_record_is_of_the_defaults() {
        let text = include_str!("../../../docs/reproduction/manifest.json");
        let record: Manifest = serde_json::from_str(text).unwrap();
        let defaults = [Plan::synthetic(), Plan::communities()];
        assert!(record.plans == defaults, "the defaults have changed: the record is out of date");
        assert!(text == manifest(&record.plans).unwrap(), "the manifest has another format");
    }

    /// What the README prints is what the record found.
    #[test]
    fn the_readme_has_the_verdicts_of_the_record() {
        let record = include_str!("../../../docs/reproduction.md");
        let readme = include_str!("../../../README.md");
        let (_, printed) = readme.split_once("What the paper claims").unwrap();
        for number in 1..=7 {
            let row = record.lines().find(|line| line.starts_with(&format!("| {number} | ")));
            let verdict = row.unwrap().split(" | ").nth(2).unwrap();
            let line = printed.lines().find(|line| line.starts_with(&format!(" {number}  ")));
            let line = line.unwrap().trim_end();
            assert!(line.ends_with(&format!("  {verdict}")), "{verdict}: {line}");
        }
    }
}
