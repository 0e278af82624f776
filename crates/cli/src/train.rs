//! `fair-maml train`: a model from a table.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use experiment::plan::Plan;
use experiment::run::data_file::identify;
use experiment::run::estimate;
use experiment::run::experiment::Experiment;
use experiment::run::jobs;
use experiment::run::parts::Parts;
use experiment::run::prepare::Source;
use experiment::run::score::Scored;
use experiment::run::table::TableSource;
use meta::estimate::Limits;
use model::{Fairness, Measured, Model, Recipe, front_csv, plan, problem, safe, select, train};
use report::number::counted;
use report::terminal::{Terminal, printable, table};
use tasks::Task;

use crate::args::Train;
use crate::error::{Error, Result};
use crate::guard::Guard;
use crate::interrupt::Stop;
use crate::output::{self, Folder};
use crate::progress::{Part, Progress};
use crate::{input, interrupt, model_file, session, threads};

/// The endings of the settings and the front, which stand beside a model and its card.
const BESIDE: [&str; 2] = ["toml", "front.csv"];

/// Shows the columns, trains every setting, chooses one, trains it on all tasks, and writes the
/// model with its card.
pub fn run(args: &Train) -> Result<()> {
    let recipe = recipe(args)?;
    let out = &args.out;
    let mut folder = Folder::open(model_file::folder(out))?;
    let guard = guard(args, &recipe).owns(folder.finished());
    guard.check()?;
    let stop = Stop::on_signals();
    let problem = problem(&recipe, identify(&recipe.data)?);
    let source = TableSource::read(&problem, args.limits.memory, &loading())?;
    let plan = plan(&recipe, problem, source.schema.width())?;
    let threads = threads::wanted(args.threads);
    bound(&recipe, &plan, &source, threads, args.limits.limits())?;
    let experiment = Experiment::on(&plan, Source::Table(source.clone()))?;
    output::print(&told(&recipe, &plan, &source))?;

    let parts = Parts::of(model_file::folder(out), output::note);
    interrupt::explain(experiment.finished(&parts).len());
    let progress = Progress::new(
        vec![
            Part { name: "settings", steps: experiment.work(&parts) },
            Part { name: "the model", steps: plan.iterations.get() },
        ],
        stop.clone(),
    );
    let chosen = || -> Result<Model> {
        let study = experiment.run(threads, progress.begin(0), &parts)?;
        progress.end();
        let Fairness { measure, least, .. } = recipe.fairness;
        let selection = select(&experiment, &study, measure, least)?;
        let negative = source.negative.clone();
        let last = progress.begin(1);
        let model = jobs::on(threads, || {
            Ok(train(&recipe, &plan, &source, negative, &selection, &parts, last))
        })??;
        progress.end();
        Ok(model)
    };
    let model = chosen().map_err(|error| stop.interrupted(error, model_file::folder(out)))?;

    // Somebody may have made a file of such a name meanwhile.
    guard.check()?;
    let names = model_file::write(&mut folder, &files(&model, out)?, out)?;
    session::told_parts(parts.finish(), model_file::folder(out));
    let terminal = Terminal::stdout();
    output::print(&told_choice(&model, terminal))?;
    let beside = match model_file::folder(out) {
        here if here == Path::new(".") => String::new(),
        folder => format!(" to {}", folder.display()),
    };
    let wrote = format!("Wrote {}{beside}.", names.join(", "));
    output::print(&terminal.wrap(&printable(&wrote)))
}

/// Refuses a training that needs more than the limits, before it begins.
fn bound(
    recipe: &Recipe,
    plan: &Plan,
    source: &TableSource,
    threads: usize,
    limits: Limits,
) -> Result<()> {
    let size = source.size();
    let mut needed = estimate::of_plan(plan, Some(size), threads, limits, 0.0)?;
    needed.memory("rows of the table × columns", source.bytes());
    // The allocator keeps what reading took, so it is not there for the training.
    let length = std::fs::metadata(&recipe.data).map_or(0, |file| file.len());
    let reading = frame::memory_of_reading(length, rayon::current_num_threads());
    needed.memory("blocks of the table while it is read", reading as f64);
    needed.memory("rows of the table: scores", size.rows as f64 * size_of::<Scored>() as f64);
    Ok(needed.check("the training", limits)?)
}

/// The settings: those of the file after `--config`, changed by the other arguments.
fn recipe(args: &Train) -> Result<Recipe> {
    let mut recipe = match (&args.config, &args.columns) {
        (Some(path), _) => {
            let text = input::text(path, input::SETTINGS)?;
            let refuse = |error: model::RecipeError| Error::Config {
                path: path.clone(),
                reason: error.to_string(),
            };
            text.parse::<Recipe>().map_err(refuse)?
        }
        (None, columns) => {
            let (data, columns) = columns.all()?;
            Recipe::new(data, columns)
        }
    };
    args.change(&mut recipe)?;
    recipe.check().map_err(model::Error::from)?;
    Ok(recipe)
}

/// The guard of all files that will be written.
fn guard(args: &Train, recipe: &Recipe) -> Guard {
    let beside = BESIDE.map(|ending| model_file::beside(&args.out, ending));
    let names = beside.into_iter().chain(model_file::names(&args.out));
    let table = match args.columns.data {
        Some(_) => "the file of --data",
        None => "the table that --config names",
    };
    let guard = Guard::of("--out", &args.out, args.force).writes(names);
    let guard = guard.reads(table, &recipe.data);
    match &args.config {
        Some(config) => guard.reads("the file of --config", config),
        None => guard,
    }
}

/// Says on standard error how much of a large file was read.
fn loading() -> impl Fn(u64, u64) + Sync {
    /// Bytes from which on the reading is shown.
    const LARGE: u64 = 100 << 20;
    let shown = AtomicU64::new(0);
    move |done, all| {
        let tenth = done * 10 / all.max(1);
        if all >= LARGE && tenth > shown.fetch_max(tenth, Ordering::Relaxed) {
            output::note(&format!("reading: {}0%", tenth));
        }
    }
}

/// What the table has, before training.
fn told(recipe: &Recipe, plan: &Plan, source: &TableSource) -> String {
    let terminal = Terminal::stdout();
    let (head, rows) = model::columns_of(&source.schema);
    let usable = source.usable(plan.k.get(), 2).unwrap_or_default();
    let summary = format!(
        "{}: {} of {}, {} of them with enough rows; {}.",
        recipe.data.display(),
        counted(source.size().rows, "row"),
        counted(source.tasks.len(), "task"),
        usable.len(),
        counted(source.schema.width(), "feature")
    );
    let mut lines = vec![
        terminal.wrap(&printable(&summary)),
        table(&head, safe(rows), head.len(), terminal.width),
    ];
    if source.left_out > 0 {
        let are = if source.left_out == 1 { "is" } else { "are" };
        let rows = counted(source.left_out, "row");
        let left_out = format!("note: {rows} without a task, a label or a group {are} left out");
        lines.push(terminal.wrap(&left_out));
    }
    lines.extend(without_fairness(recipe.fairness.measure, &usable).map(|no| terminal.wrap(no)));
    let renamed = source.renamed.iter();
    lines.extend(
        renamed.map(|note| {
            terminal.wrap(&printable(&format!("note: {note}; --drop can leave it out")))
        }),
    );
    lines.extend(
        source.notes.iter().map(|note| terminal.wrap(&printable(&format!("note: {note}")))),
    );
    lines.join("\n") + "\n"
}

/// A note if no task can have a fairness, and what follows.
fn without_fairness(measure: Measured, tasks: &[Arc<Task>]) -> Option<&'static str> {
    let can = |task: &Arc<Task>| measure.can_exist(task.data.positive(), task.data.protected());
    let note = match measure {
        Measured::Parity => {
            "note: no task has rows of both groups, so no task has a parity. Settings are compared \
             by accuracy alone, and the card can say nothing about fairness."
        }
        Measured::Opportunity => {
            "note: no task has positive rows of both groups, so no task has an opportunity. \
             Settings are compared by accuracy alone, and the card can say nothing about fairness."
        }
    };
    (!tasks.iter().any(can)).then_some(note)
}

/// The front, and what was chosen.
fn told_choice(model: &Model, terminal: Terminal) -> String {
    let validation = &model.description.validation;
    let (head, rows) = validation.table();
    let about = format!(
        "Means over {} held-out tasks after adaptation to {} rows, with 95% intervals over tasks. \
         The last column counts the tasks in which the {} does not exist.",
        validation.kept().estimate.tasks,
        model.description.recipe.training.shots,
        head[3]
    );
    let mut lines = vec![terminal.wrap(&about), table(&head, safe(rows), 1, terminal.width)];
    lines.extend(validation.words().iter().map(|words| terminal.wrap(&printable(words))));
    lines.join("\n") + "\n"
}

/// The model, its settings, its front and its card.
fn files(model: &Model, out: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let validation = &model.description.validation;
    let csv =
        front_csv(validation).map_err(|reason| Error::Format { file: "front.csv", reason })?;
    let settings = model.description.recipe.to_string();
    let contents = [settings, csv].map(String::into_bytes);
    let names = BESIDE.map(|ending| model_file::beside(out, ending));
    let mut files: Vec<_> = names.into_iter().zip(contents).collect();
    files.extend(model_file::files(model, out)?);
    Ok(files)
}
