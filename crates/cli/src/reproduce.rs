//! `fair-maml reproduce`: plans, trainings, tables, figures, files.

use std::num::NonZeroU64;
use std::path::Path;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};

use crate::args::{Problems, Reproduce};
use crate::error::{Error, Result};
use crate::output::{self, Folder};
use crate::plan::{Arm, Plan, Problem};
use crate::prepare::{self, Prepared, prepare};
use crate::record::Record;
use crate::summary::{Row, summarize};
use crate::train::{Trained, train};
use crate::{jobs, plots, table};

/// What is needed to repeat a run.
#[derive(Serialize, Deserialize)]
struct Manifest {
    program: String,
    version: String,
    plans: Vec<Plan>,
}

/// Runs the experiments, prints their tables and writes their results.
pub fn run(args: &Reproduce) -> Result<()> {
    let plans = plans(args)?;
    let folder = Folder::open(&args.out)?;
    let threads = args.threads.map_or_else(jobs::cores, usize::from);
    let bars = MultiProgress::new();
    let waiting: Vec<ProgressBar> = plans.iter().map(|plan| bars.add(bar(plan))).collect();
    let mut files = Vec::new();
    let mut summaries = Vec::new();
    let mut tables = Vec::new();
    for (plan, bar) in plans.iter().zip(&waiting) {
        let done = experiment(plan, threads, bar)?;
        bar.finish_with_message("done");
        files.extend(done.files(plan)?);
        let passed_over = done.prepared.iter().map(|seed| seed.passed_over).sum();
        tables.push(table::render(plan, &done.summary, passed_over));
        summaries.push(done.summary);
    }
    files.push(("manifest.json".into(), manifest(&plans)?));
    folder.write(&files)?;
    if args.json {
        return output::print(&json("standard output", &summaries.concat())?);
    }
    let wrote = format!("Wrote {} files to {}:", files.len(), args.out.display());
    let names = files.iter().map(|(name, _)| format!("  {name}"));
    let lines: Vec<String> = tables.into_iter().chain([wrote]).chain(names).collect();
    output::print(&lines.join("\n"))
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

/// A bar over all iterations of all trainings of a plan; invisible if nobody watches.
fn bar(plan: &Plan) -> ProgressBar {
    let trainings = (plan.arms().len() as u64).saturating_mul(plan.seeds.get());
    let style = ProgressStyle::with_template(
        "{prefix:<11} [{elapsed_precise}] {bar:32} {percent:>3}% (left: {eta}) {msg}",
    )
    .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(trainings.saturating_mul(plan.iterations.get()))
        .with_style(style)
        .with_prefix(plan.problem.name())
}

/// An experiment that ran.
struct Done {
    prepared: Vec<Prepared>,
    trained: Vec<Trained>,
    records: Vec<Record>,
    summary: Vec<Row>,
}

fn experiment(plan: &Plan, threads: usize, bar: &ProgressBar) -> Result<Done> {
    bar.set_message("preparing tasks");
    let prepared = prepare(plan)?;
    let arms = plan.arms();
    let runs: Vec<(&Prepared, Arm)> =
        prepared.iter().flat_map(|seed| arms.iter().map(move |&arm| (seed, arm))).collect();
    let trained = jobs::run(threads, runs.len(), |index| {
        let (prepared, arm) = runs[index];
        train(plan, prepared, arm, bar)
    })?;
    let records: Vec<Record> = trained.iter().flat_map(|run| run.records.clone()).collect();
    let summary = summarize(&records);
    Ok(Done { prepared, trained, records, summary })
}

impl Done {
    /// Names and contents of the result files.
    fn files(&self, plan: &Plan) -> Result<Vec<(String, String)>> {
        let name = plan.problem.name();
        let mut files = vec![
            (format!("{name}_runs.csv"), output::csv("runs", &self.records)?),
            (
                format!("{name}_training.csv"),
                output::csv("training", output::training_lines(&self.trained))?,
            ),
            (
                format!("{name}_summary.csv"),
                output::csv("summary", output::summary_lines(&self.summary))?,
            ),
            (format!("{name}_tradeoff.svg"), plots::tradeoff(plan, &self.summary)?),
            (format!("{name}_learning_curves.svg"), plots::learning_curves(plan, &self.trained)?),
        ];
        if matches!(plan.problem, Problem::Synthetic { .. })
            && let Some(figure) = plots::boundaries(plan, &self.prepared[0], &self.trained)?
        {
            files.push((format!("{name}_boundaries.svg"), figure));
        }
        Ok(files)
    }
}
