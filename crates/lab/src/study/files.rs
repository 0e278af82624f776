//! The numbers of a study as CSV files, and its manifest.

use experiment::plan::manifest::program;
use report::mean::Mean;
use serde::{Deserialize, Serialize};

use super::answers::{MEASURES, Measure};
use super::plan::StudyPlan;
use super::run::StudyResults;
use super::spectra::Matrix;
use super::worth::{At, cell_difference};
use crate::error::{Error, csv_file};
use crate::products::Way;

/// The program, its version and the studies of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StudyManifest {
    /// Always `fair-maml study`.
    pub program: String,
    /// The version of the program.
    pub version: String,
    /// The settings.
    pub studies: Vec<StudyPlan>,
}

/// The program whose manifests have studies.
const PROGRAM: &str = "fair-maml study";

impl StudyManifest {
    /// Makes the manifest of a run by this version of the program.
    pub fn new(studies: Vec<StudyPlan>) -> Self {
        let version = env!("CARGO_PKG_VERSION").into();
        StudyManifest { program: PROGRAM.into(), version, studies }
    }

    /// Reads a manifest and checks its plans.
    ///
    /// # Errors
    /// Returns the reason why the text is no manifest of a study.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if let Some(other) = program(text).filter(|program| program != PROGRAM) {
            return Err(format!("program must be {PROGRAM}, got {other}"));
        }
        let manifest: StudyManifest =
            serde_json::from_str(text).map_err(|error| error.to_string())?;
        if manifest.studies.is_empty() {
            return Err("studies must be a list of at least one, got none".into());
        }
        for (i, study) in manifest.studies.iter().enumerate() {
            study.check().map_err(|reason| format!("studies[{i}].{reason}"))?;
            let name = study.plan.problem.name();
            if manifest.studies[..i].iter().any(|other| other.plan.problem.name() == name) {
                return Err(format!("studies[{i}].plan.problem is {name} again"));
            }
        }
        Ok(manifest)
    }
}

#[derive(Serialize)]
struct TrainingLine<'a> {
    algorithm: &'a str,
    seed: u64,
    iteration: u64,
    gradients: f64,
    meta_loss: Option<f64>,
    accuracy: Option<f64>,
    parity: Option<f64>,
    opportunity: Option<f64>,
    tasks: usize,
    undefined_parities: usize,
    undefined_opportunities: usize,
    residual: Option<f64>,
    stopped_early: Option<&'a str>,
}

#[derive(Serialize)]
struct SplitLine {
    seed: u64,
    iteration: u64,
    loss_first: f64,
    loss_second: f64,
    fairness_first: f64,
    fairness_second: f64,
    whole: f64,
    second: f64,
    cosine_exact_and_first: Option<f64>,
    cosine_within_loss: Option<f64>,
    cosine_within_fairness: Option<f64>,
    cosine_loss_and_fairness: Option<f64>,
}

#[derive(Serialize)]
struct DifferenceLine {
    reference: &'static str,
    algorithm: &'static str,
    measure: &'static str,
    mean: Option<f64>,
    low_95: Option<f64>,
    high_95: Option<f64>,
    runs: usize,
}

impl DifferenceLine {
    fn new(names: [&'static str; 3], mean: Option<Mean>) -> Self {
        let interval = mean.and_then(|mean| mean.interval);
        DifferenceLine {
            reference: names[0],
            algorithm: names[1],
            measure: names[2],
            mean: mean.map(|mean| mean.mean),
            low_95: interval.map(|(low, _)| low),
            high_95: interval.map(|(_, high)| high),
            runs: mean.map_or(0, |mean| mean.values),
        }
    }
}

#[derive(Serialize)]
struct SpectrumLine<'a> {
    weights: &'a str,
    task: &'a str,
    matrix: Matrix,
    rank: usize,
    value: f64,
    bound: f64,
}

#[derive(Serialize)]
struct MapLine {
    inner_steps: usize,
    inner_rate: f64,
    gamma: f64,
    support_rows: usize,
    compared_at: &'static str,
    measure: &'static str,
    mean: Option<f64>,
    low_95: Option<f64>,
    high_95: Option<f64>,
    runs: usize,
    work_ratio: f64,
}

#[derive(Serialize)]
struct LandscapeLine<'a> {
    weights: &'a str,
    direction: &'a str,
    distance: f64,
    before: f64,
    after: f64,
}

#[derive(Serialize)]
struct ProductLine {
    width: usize,
    parameters: usize,
    way: Way,
    relative_error: Option<f64>,
    multiply_adds: u64,
    memory_bytes: usize,
}

#[derive(Serialize)]
struct StepsLine<'a> {
    algorithm: &'a str,
    inner_steps: usize,
    gradients: f64,
    memory_bytes: usize,
    memory_of_all_steps_bytes: usize,
}

#[derive(Serialize)]
struct TimeLine<'a> {
    what: &'static str,
    name: &'a str,
    at: u64,
    seed: Option<u64>,
    microseconds: f64,
}

/// The CSV files of a study, name and text. Only the last one, with the times, differs when a study
/// is repeated.
///
/// # Errors
/// Returns an error if a number has no form in CSV.
pub fn files(results: &StudyResults) -> Result<Vec<(String, String)>, Error> {
    let problem = results.study.plan.problem.name();
    let name = |what: &str| format!("study_{problem}_{what}.csv");
    Ok(vec![
        csv_file(name("training"), training(results))?,
        csv_file(name("differences"), differences(results))?,
        csv_file(name("split"), splits(results))?,
        csv_file(name("spectra"), spectra(results))?,
        csv_file(name("map"), map(results))?,
        csv_file(name("landscape"), landscape(results))?,
        csv_file(name("products"), products(results))?,
        csv_file(name("cost"), cost(results))?,
        csv_file(name("times"), times(results))?,
    ])
}

fn training(results: &StudyResults) -> impl Iterator<Item = TrainingLine<'_>> {
    results.trainings.iter().flat_map(|record| {
        record.points.iter().map(|point| TrainingLine {
            algorithm: &record.algorithm,
            seed: record.seed,
            iteration: point.iteration,
            gradients: point.gradients,
            meta_loss: point.loss,
            accuracy: point.accuracy,
            parity: point.parity,
            opportunity: point.opportunity,
            tasks: point.tasks,
            undefined_parities: point.undefined_parities,
            undefined_opportunities: point.undefined_opportunities,
            residual: point.residual,
            stopped_early: record.failed.as_deref(),
        })
    })
}

fn differences(results: &StudyResults) -> impl Iterator<Item = DifferenceLine> {
    let reference = results.reference();
    results.study.algorithms[1..].iter().flat_map(move |algorithm| {
        MEASURES.map(|(measure, of)| {
            let names = [reference, algorithm.name(), measure];
            DifferenceLine::new(names, results.advantage(algorithm.name(), of))
        })
    })
}

fn splits(results: &StudyResults) -> impl Iterator<Item = SplitLine> {
    results.trainings.iter().flat_map(|record| {
        record.splits.iter().map(|split| SplitLine {
            seed: record.seed,
            iteration: split.iteration,
            loss_first: split.sizes.loss_first,
            loss_second: split.sizes.loss_second,
            fairness_first: split.sizes.fairness_first,
            fairness_second: split.sizes.fairness_second,
            whole: split.sizes.whole,
            second: split.sizes.second,
            cosine_exact_and_first: split.sizes.exact_and_first,
            cosine_within_loss: split.sizes.within_loss,
            cosine_within_fairness: split.sizes.within_fairness,
            cosine_loss_and_fairness: split.sizes.loss_and_fairness,
        })
    })
}

fn spectra(results: &StudyResults) -> impl Iterator<Item = SpectrumLine<'_>> {
    results.spectra.spectra.iter().flat_map(|record| {
        let pairs = record.values.iter().zip(&record.bounds).enumerate();
        pairs.map(|(rank, (&value, &bound))| SpectrumLine {
            weights: &record.at,
            task: &record.task,
            matrix: record.matrix,
            rank: rank + 1,
            value,
            bound,
        })
    })
}

fn map(results: &StudyResults) -> impl Iterator<Item = MapLine> {
    let StudyPlan { plan, gamma, .. } = &results.study;
    results.by_cell().into_iter().flat_map(|cell| {
        use super::map::Cell;
        let (inner_steps, inner_rate, gamma, support_rows) = match cell[0].cell {
            Cell::Inner { steps, rate } => (steps, rate, *gamma, plan.k.get()),
            Cell::Loss { gamma, rows } => (plan.inner.steps(), plan.inner.rate(), gamma, rows),
        };
        let line = move |at: At, (measure, of): (&'static str, Measure)| {
            let mean = cell_difference(&cell, at, of);
            let interval = mean.and_then(|mean| mean.interval);
            MapLine {
                inner_steps,
                inner_rate,
                gamma,
                support_rows,
                compared_at: at.name(),
                measure,
                mean: mean.map(|mean| mean.mean),
                low_95: interval.map(|(low, _)| low),
                high_95: interval.map(|(_, high)| high),
                runs: mean.map_or(0, |mean| mean.values),
                work_ratio: cell[0].work,
            }
        };
        At::ALL
            .into_iter()
            .flat_map(move |at| MEASURES.map(|of| (at, of)))
            .map(move |(at, of)| line(at, of))
    })
}

fn landscape(results: &StudyResults) -> impl Iterator<Item = LandscapeLine<'_>> {
    results.spectra.lines.iter().flat_map(|line| {
        line.points.iter().map(|point| LandscapeLine {
            weights: &line.at,
            direction: &line.direction,
            distance: point.distance,
            before: point.before,
            after: point.after,
        })
    })
}

fn products(results: &StudyResults) -> impl Iterator<Item = ProductLine> {
    results.engine.products.iter().map(|record| ProductLine {
        width: record.width,
        parameters: record.report.parameters,
        way: record.report.way,
        relative_error: record.report.error,
        multiply_adds: record.report.multiply_adds,
        memory_bytes: record.report.memory,
    })
}

fn cost(results: &StudyResults) -> impl Iterator<Item = StepsLine<'_>> {
    results.engine.steps.iter().map(|record| StepsLine {
        algorithm: &record.algorithm,
        inner_steps: record.steps,
        gradients: record.gradients,
        memory_bytes: record.memory,
        memory_of_all_steps_bytes: record.memory_of_all_steps,
    })
}

fn times(results: &StudyResults) -> impl Iterator<Item = TimeLine<'_>> {
    let products = results.engine.products.iter().map(|record| TimeLine {
        what: "Hessian-vector product, by number of weights",
        name: record.report.way.title(),
        at: record.report.parameters as u64,
        seed: None,
        microseconds: record.microseconds,
    });
    let steps = results.engine.steps.iter().map(|record| TimeLine {
        what: "meta-gradient, by inner steps",
        name: &record.algorithm,
        at: record.steps as u64,
        seed: None,
        microseconds: record.microseconds,
    });
    let trainings = results.trainings.iter().flat_map(|record| {
        record.points.iter().zip(&record.seconds).map(|(point, seconds)| TimeLine {
            what: "training, by iterations",
            name: &record.algorithm,
            at: point.iteration,
            seed: Some(record.seed),
            microseconds: seconds * 1e6,
        })
    });
    products.chain(steps).chain(trainings)
}
