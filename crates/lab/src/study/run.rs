//! Runs a study: independent jobs on all threads, kept as they finish.

use experiment::error::{Error, Result};
use experiment::progress::Progress;
use experiment::run::jobs;
use experiment::run::parts::Parts;
use experiment::run::prepare::Source;
use meta::AnyAlgorithm;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::engine::{EngineRecord, engine};
use super::map::{self, Cell, CellRecord, inner_cells, loss_cells};
use super::plan::StudyPlan;
use super::spectra::{SpectraRecord, spectra};
use super::training::{TrainingRecord, train};

/// Everything that a study of one problem has recorded.
#[derive(Clone, Debug)]
pub struct StudyResults {
    /// Its settings.
    pub study: StudyPlan,
    /// A training for each algorithm and seed, in this order.
    pub trainings: Vec<TrainingRecord>,
    /// Spectra and landscapes at the weights of the first seed.
    pub spectra: SpectraRecord,
    /// The cells of the map, one for each seed.
    pub cells: Vec<CellRecord>,
    /// What the engine needs.
    pub engine: EngineRecord,
}

/// A part of a study that can be computed alone.
#[derive(Clone, Copy, Debug, Serialize)]
enum Job {
    Training(AnyAlgorithm, u64),
    Spectra,
    Cell(Cell, u64),
}

/// What a job leaves.
enum Done {
    Training(TrainingRecord),
    Spectra(Box<SpectraRecord>),
    Cell(Box<CellRecord>),
}

/// The jobs of a study, in their order.
fn jobs_of(study: &StudyPlan) -> Vec<Job> {
    let seeds = study.plan.seeds.get();
    let trainings = study.algorithms.iter().flat_map(|&a| (0..seeds).map(move |s| (a, s)));
    let trainings = trainings.map(|(algorithm, seed)| Job::Training(algorithm, seed));
    let cells = inner_cells(&study.map).chain(loss_cells(&study.map));
    let cells = cells.flat_map(|cell| (0..study.map.seeds.get()).map(move |s| Job::Cell(cell, s)));
    trainings.chain([Job::Spectra]).chain(cells).collect()
}

/// The approximate work of a job, in meta-iterations of the reference.
fn work(study: &StudyPlan, job: Job) -> u64 {
    let iterations = study.plan.iterations.get();
    let sweeps = |algorithm: AnyAlgorithm| {
        let cost = algorithm.cost(study.plan.inner);
        (cost.gradients + 2 * cost.hessian_vector_products) as u64
    };
    let reference = sweeps(study.algorithms[0]).max(1);
    match job {
        Job::Training(algorithm, _) => iterations * sweeps(algorithm) / reference,
        Job::Spectra => 2 * iterations,
        Job::Cell(Cell::Inner { steps, .. }, _) => 2 * study.map.iterations.get() * steps as u64,
        Job::Cell(Cell::Loss { .. }, _) => 2 * study.map.iterations.get(),
    }
}

/// The approximate work of a study. What an earlier run has finished counts too.
pub fn steps(study: &StudyPlan) -> u64 {
    jobs_of(study).into_iter().map(|job| work(study, job)).sum()
}

/// Checks that the tasks are large enough for every cell of the map.
///
/// # Errors
/// Returns an error that names a task which is too small, or a file that cannot be read.
pub fn look_ahead(study: &StudyPlan) -> Result<()> {
    let source = Source::open(&study.plan)?;
    for &rows in study.map.rows.iter().chain([&study.plan.k]) {
        let fits = source.look_ahead(&study.with_gamma_and_rows(study.gamma, rows).plan);
        fits.map_err(|error| Error::Variant {
            problem: study.plan.problem.name(),
            reason: format!("K = {rows} of the map: {error}"),
        })?;
    }
    Ok(())
}

/// Runs a study on `threads` threads. Finished jobs are kept in `parts` and found there again.
///
/// # Errors
/// Returns an error if tasks cannot be made, if the reference cannot be trained, or if threads
/// cannot be had.
pub fn run(
    study: &StudyPlan,
    threads: usize,
    progress: &dyn Progress,
    parts: &Parts,
) -> Result<StudyResults> {
    let source = Source::open(&study.plan)?;
    let seeds = study.plan.seeds.get() as usize;
    let prepared = jobs::run(threads, seeds, |seed| source.prepare(&study.plan, seed as u64))?;
    let all = jobs_of(study);
    let done = jobs::run(threads, all.len(), |index| {
        let job = all[index];
        progress.go_on()?;
        progress.message(study.plan.problem.name().into());
        let key = key(study, job);
        let done = match job {
            Job::Training(algorithm, seed) => {
                let prepared = &prepared[seed as usize];
                let is_reference = algorithm == study.algorithms[0];
                let at = study.recorded_at();
                let train = || train(study, prepared, algorithm, &at, is_reference, progress);
                Done::Training(kept(parts, &key, train)?)
            }
            Job::Spectra => {
                let found = || spectra(study, &prepared[0], progress);
                Done::Spectra(Box::new(kept(parts, &key, found)?))
            }
            Job::Cell(cell, seed) => {
                let found = || map::run(study, &source, cell, seed, progress);
                Done::Cell(Box::new(kept(parts, &key, found)?))
            }
        };
        progress.advance(work(study, job));
        Ok(done)
    })?;
    let engine = engine(study, &prepared[0])?;
    Ok(collect(study, done, engine))
}

/// The name of a job's part: everything that its result depends on.
fn key(study: &StudyPlan, job: Job) -> String {
    serde_json::to_string(&(study, job)).expect("settings are JSON")
}

/// The number of jobs that an earlier run has finished.
pub fn finished(study: &StudyPlan, parts: &Parts) -> usize {
    jobs_of(study).into_iter().filter(|&job| parts.has_value(&key(study, job))).count()
}

/// The value that an earlier run has kept, or a new one, which is kept.
fn kept<T: Serialize + DeserializeOwned>(
    parts: &Parts,
    key: &str,
    make: impl FnOnce() -> Result<T>,
) -> Result<T> {
    if let Some(found) = parts.find_value(key) {
        return Ok(found);
    }
    let made = make()?;
    parts.keep_value(key, &made);
    Ok(made)
}

fn collect(study: &StudyPlan, done: Vec<Done>, engine: EngineRecord) -> StudyResults {
    let (mut trainings, mut cells) = (Vec::new(), Vec::new());
    let mut spectra = SpectraRecord::default();
    for done in done {
        match done {
            Done::Training(record) => trainings.push(record),
            Done::Spectra(record) => spectra = *record,
            Done::Cell(record) => cells.push(*record),
        }
    }
    StudyResults { study: study.clone(), trainings, spectra, cells, engine }
}
