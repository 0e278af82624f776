//! The figures of a study.

use report::figure::curve::{Curves, Panel, Sample, Scale, Series};
use report::figure::heat::{HeatCell, HeatMap, Maps};
use report::figure::style::Look;
use report::figure::{Estimate, FigureError};
use report::mean::Mean;
use report::number::decimal;
use report::page::Figure;

use super::answers::{MEASURES, Measure, above, below};
use super::engine::StepsRecord;
use super::map::{Cell, inner_cells, loss_cells};
use super::run::StudyResults;
use super::spectra::Matrix;
use super::training::TrainingRecord;
use super::worth::{At, cell_loss};
use crate::split::SplitSizes;

fn estimate(mean: Mean) -> Estimate {
    Estimate { mean: mean.mean, interval: mean.interval }
}

/// The part of an interval that a quantity can have.
fn within(estimate: Estimate, (low, high): (f64, f64)) -> Estimate {
    let interval = estimate.interval.map(|ends| (ends.0.max(low), ends.1.min(high)));
    Estimate { interval, ..estimate }
}

/// A range without ends.
const ANY: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

/// All figures of a study, by the section that they belong to.
///
/// # Errors
/// Returns an error if a number has no place on its axis.
pub fn figures(results: &StudyResults) -> Result<[Vec<Figure>; 6], FigureError> {
    Ok([
        vec![split(results)?],
        vec![
            compared(results, By::Iterations)?,
            compared(results, By::Work)?,
            compared(results, By::Seconds)?,
        ],
        vec![spectra(results)?],
        vec![maps(results, At::EqualIterations)?, maps(results, At::EqualWork)?],
        vec![lines(results)?],
        vec![by_steps(results)?],
    ])
}

fn figure(
    results: &StudyResults,
    name: &str,
    svg: String,
    (caption, description): (&str, &str),
) -> Figure {
    let problem = results.study.plan.problem.name();
    Figure {
        file: format!("study_{problem}_{name}.svg"),
        caption: caption.into(),
        svg,
        description: description.into(),
    }
}

/// A size of a part of the meta-gradient, with its name.
type Size = (&'static str, fn(&SplitSizes) -> Option<f64>);

const SIZES: [Size; 4] = [
    ("cross-entropy, first order", |s| logarithm(s.loss_first)),
    ("cross-entropy, second order", |s| logarithm(s.loss_second)),
    ("fairness, first order", |s| logarithm(s.fairness_first)),
    ("fairness, second order", |s| logarithm(s.fairness_second)),
];

/// The sizes span orders of magnitude. `None` of 0.
fn logarithm(x: f64) -> Option<f64> {
    (x > 0.0).then(|| x.log10())
}

/// The range of a cosine.
const COSINE: (f64, f64) = (-1.0, 1.0);

const COSINES: [Size; 4] = [
    ("exact and first-order meta-gradient", |s| s.exact_and_first),
    ("both orders of the cross-entropy", |s| s.within_loss),
    ("both orders of fairness", |s| s.within_fairness),
    ("cross-entropy and fairness", |s| s.loss_and_fairness),
];

fn split(results: &StudyResults) -> Result<Figure, FigureError> {
    let sample = |of: fn(&SplitSizes) -> Option<f64>, possible: (f64, f64), k: usize| {
        let records = || results.finished(results.reference());
        let iteration = records().next().and_then(|r| r.splits.get(k)).map_or(0, |s| s.iteration);
        let values: Vec<f64> = records().filter_map(|r| of(&r.splits.get(k)?.sizes)).collect();
        Sample {
            x: iteration as f64,
            y: Mean::of(&values).map(|mean| within(estimate(mean), possible)),
        }
    };
    let points = results.study.checkpoints.get() as usize;
    let series = |offset: usize, sizes: &[Size], possible: (f64, f64)| -> Vec<Series> {
        let one = |(index, &(name, of)): (usize, &Size)| Series {
            name: name.into(),
            look: Look::nth(index + offset),
            samples: (0..=points).map(|k| sample(of, possible, k)).collect(),
        };
        sizes.iter().enumerate().map(one).collect()
    };
    let panel = |title: &str, y_label: &str, y_possible, series| Panel {
        title: title.into(),
        x_label: "Meta-iterations".into(),
        y_label: y_label.into(),
        x_scale: Scale::Linear,
        y_possible,
        reference: None,
        series,
        note: String::new(),
    };
    let svg = Curves {
        title: format!("Parts of the meta-gradient: {}", results.study.plan.problem.title()),
        panels: vec![
            panel("Sizes", "log₁₀ of the 2-norm", ANY, series(0, &SIZES, ANY)),
            panel(
                "Angles",
                "Cosine (1 is the same direction)",
                COSINE,
                series(4, &COSINES, COSINE),
            ),
        ],
    }
    .svg()?;
    let caption =
        "The meta-gradient in four parts along training. Bands are 95% intervals over runs.";
    Ok(figure(results, "split", svg, (caption, "Sizes and cosines of the parts by iteration")))
}

/// What is on the x axis of a comparison of algorithms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Iterations,
    Work,
    Seconds,
}

impl By {
    /// Its word in captions, the name of the file, and the label of the axis.
    fn words(self) -> [&'static str; 3] {
        match self {
            By::Iterations => ["iteration", "by_iteration", "Meta-iterations"],
            By::Work => ["work", "by_work", "Gradients of a task (logarithmic)"],
            By::Seconds => ["time", "by_seconds", "Seconds of training (logarithmic)"],
        }
    }

    /// The mean over runs at checkpoint k. `None` if it has no place on the axis.
    fn x(self, records: &[&TrainingRecord], k: usize) -> Option<f64> {
        let of = |record: &&TrainingRecord| match self {
            By::Iterations => record.points.get(k).map(|point| point.iteration as f64),
            By::Work => record.points.get(k).map(|point| point.gradients),
            By::Seconds => record.seconds.get(k).copied(),
        };
        let x = Mean::of(&records.iter().filter_map(of).collect::<Vec<_>>())?.mean;
        // The start of training has no logarithm.
        (self == By::Iterations || (k > 0 && x > 0.0)).then_some(x)
    }
}

/// Accuracy, parity and loss of every algorithm, by iteration, by work or by time.
fn compared(results: &StudyResults, by: By) -> Result<Figure, FigureError> {
    let [unit, file, x_label] = by.words();
    let sample = |records: &[&TrainingRecord], k: usize, (rate, measure): (bool, Measure)| {
        let points = records.iter().filter_map(|record| record.points.get(k));
        let values: Vec<f64> = points.filter_map(measure).collect();
        let mean = if rate { Mean::of_rates(&values) } else { Mean::of(&values) };
        let y = mean.map(|mean| within(estimate(mean), (0.0, f64::INFINITY)));
        Some(Sample { x: by.x(records, k)?, y })
    };
    let panel = |(name, measure): (&str, Measure)| {
        let lower = name == "meta-loss";
        let series = |(index, algorithm): (usize, &meta::AnyAlgorithm)| {
            let records: Vec<_> = results.finished(algorithm.name()).collect();
            let points = if records.is_empty() { 0 } else { results.study.checkpoints.get() + 1 };
            Series {
                name: algorithm.name().into(),
                look: Look::nth(index),
                samples: (0..points as usize)
                    .filter_map(|k| sample(&records, k, (!lower, measure)))
                    .collect(),
            }
        };
        Panel {
            title: format!("After adaptation: {name}"),
            x_label: x_label.into(),
            y_label: format!("{name} ({} is better)", if lower { "lower" } else { "higher" }),
            x_scale: if by == By::Iterations { Scale::Linear } else { Scale::Logarithmic },
            y_possible: if lower { (0.0, f64::INFINITY) } else { (0.0, 1.0) },
            reference: None,
            series: results.study.algorithms.iter().enumerate().map(series).collect(),
            note: String::new(),
        }
    };
    let title = results.study.plan.problem.title();
    let svg = Curves {
        title: format!("Algorithms by {unit}: {title}"),
        panels: MEASURES.map(panel).to_vec(),
    }
    .svg()?;
    let measured = match by {
        By::Seconds => " Times are of this machine, with other trainings beside them.",
        _ => "",
    };
    let caption =
        format!("Held-out tasks after adaptation, by {unit}. Bands are 95% intervals.{measured}");
    Ok(figure(results, file, svg, (&caption, "Accuracy, parity and loss of each algorithm")))
}

fn spectra(results: &StudyResults) -> Result<Figure, FigureError> {
    let records = &results.spectra.spectra;
    let first = records.first().map(|record| record.task.clone()).unwrap_or_default();
    let panel = |matrix: Matrix| {
        let singular = matches!(matrix, Matrix::InnerSteps | Matrix::Change);
        let of =
            |at: &str| records.iter().find(|r| r.matrix == matrix && r.at == at && r.task == first);
        let series = |(index, at): (usize, &str)| Series {
            name: format!("{at} weights"),
            look: Look::nth(index),
            samples: of(at).map_or(Vec::new(), |record| {
                let pairs = record.values.iter().zip(&record.bounds).enumerate();
                let value = |(rank, (&mean, &bound)): (usize, (&f64, &f64))| Sample {
                    x: (rank + 1) as f64,
                    y: Some(within(
                        Estimate { mean, interval: Some((mean - bound, mean + bound)) },
                        if singular { (0.0, f64::INFINITY) } else { ANY },
                    )),
                };
                pairs.map(value).collect()
            }),
        };
        Panel {
            title: matrix.title().into(),
            x_label: "Rank".into(),
            y_label: if singular { "Singular value" } else { "Eigenvalue" }.into(),
            x_scale: Scale::Linear,
            y_possible: ANY,
            reference: None,
            series: ["initial", "trained"].into_iter().enumerate().map(series).collect(),
            note: String::new(),
        }
    };
    let svg = Curves {
        title: format!("Spectra on one task: {}", results.study.plan.problem.title()),
        panels: Matrix::ALL.map(panel).to_vec(),
    }
    .svg()?;
    let caption = "The values that Lanczos finds, the largest first. Bands are bounds of their errors, \
                   which are smallest at the ends. The CSV file has the other tasks.";
    Ok(figure(results, "spectra", svg, (caption, "Eigenvalues and singular values by rank")))
}

fn maps(results: &StudyResults, at: At) -> Result<Figure, FigureError> {
    let cells = results.by_cell();
    let find = |wanted: Cell| {
        let cell = cells.iter().find(|cell| cell[0].cell == wanted)?;
        let mean = cell_loss(cell, at)?;
        let text = format!("{} · {:.1}×", decimal(mean.mean, true), cell[0].work);
        Some(HeatCell { value: mean.mean, text, certain: below(&mean) || above(&mean) })
    };
    let map = &results.study.map;
    let named = |values: Vec<String>, name: &str| (name.to_owned(), values);
    let text = |x: &f64| x.to_string();
    let note =
        "Bold: the 95% interval excludes 0. The second number is the work relative to first \
                order."
            .to_owned();
    let maps = vec![
        HeatMap {
            title: "Inner steps T by inner rate α".into(),
            columns: named(map.rates.iter().map(text).collect(), "α"),
            rows: named(map.inner_steps.iter().map(usize::to_string).collect(), "T"),
            cells: inner_cells(map).map(find).collect(),
            note: note.clone(),
        },
        HeatMap {
            title: "Weight γ by support rows K".into(),
            columns: named(map.rows.iter().map(ToString::to_string).collect(), "K"),
            rows: named(map.gammas.iter().map(text).collect(), "γ"),
            cells: loss_cells(map).map(find).collect(),
            note,
        },
    ];
    let (when, problem) = (at.name(), results.study.plan.problem.title());
    let title = format!("Meta-loss at {when}, exact minus first order: {problem}");
    let svg = Maps { title, maps }.svg()?;
    let caption = format!(
        "At {when}. Blue: the exact meta-gradient has the lower loss on held-out tasks. The \
         strength of a color follows the logarithm of the number, up to ten times the median."
    );
    let name = if at == At::EqualWork { "map_at_equal_work" } else { "map" };
    Ok(figure(results, name, svg, (&caption, "A colored cell for each pair of settings")))
}

fn lines(results: &StudyResults) -> Result<Figure, FigureError> {
    let panel = |line: &super::spectra::LineRecord| {
        let series = |(index, name, after): (usize, &str, bool)| Series {
            name: name.into(),
            look: Look::nth(index),
            samples: line
                .points
                .iter()
                .filter_map(|point| {
                    let mean = if after { point.after } else { point.before };
                    let y = Some(Estimate { mean, interval: None });
                    (mean.abs() < 1e6).then_some(Sample { x: point.distance, y })
                })
                .collect(),
        };
        Panel {
            title: format!("{}, {} weights", line.direction, line.at),
            x_label: "Distance from the weights".into(),
            y_label: "L + γ R of the query rows".into(),
            x_scale: Scale::Linear,
            y_possible: ANY,
            reference: None,
            series: [(0, "before the inner steps", false), (1, "after the inner steps", true)]
                .map(series)
                .to_vec(),
            note: String::new(),
        }
    };
    let svg = Curves {
        title: format!("Landscapes on one task: {}", results.study.plan.problem.title()),
        panels: results.spectra.lines.iter().map(panel).collect(),
    }
    .svg()?;
    let caption = "The query loss along three directions through the weights.";
    Ok(figure(results, "landscape", svg, (caption, "Loss by distance along each direction")))
}

fn by_steps(results: &StudyResults) -> Result<Figure, FigureError> {
    let panel = |title: &str, y_label: &str, of: fn(&StepsRecord) -> f64| {
        let series = |(index, algorithm): (usize, &meta::AnyAlgorithm)| {
            let records = results.engine.steps.iter();
            let records = records.filter(|record| record.algorithm == algorithm.name());
            let sample = |record: &StepsRecord| Sample {
                x: record.steps as f64,
                y: Some(Estimate { mean: of(record), interval: None }),
            };
            Series {
                name: algorithm.name().into(),
                look: Look::nth(index),
                samples: records.map(sample).collect(),
            }
        };
        Panel {
            title: title.into(),
            x_label: "Inner steps T".into(),
            y_label: y_label.into(),
            x_scale: Scale::Linear,
            y_possible: (0.0, f64::INFINITY),
            reference: None,
            series: results.study.algorithms.iter().enumerate().map(series).collect(),
            note: String::new(),
        }
    };
    let mut memory =
        panel("Memory", "kB of tapes and vectors", |record| record.memory as f64 / 1e3);
    let whole = |record: &StepsRecord| record.memory_of_all_steps as f64 / 1e3;
    let graph = panel("", "", whole).series.into_iter().next();
    let graph = graph.map(|series| Series {
        name: "one graph of all inner steps".into(),
        look: Look::nth(results.study.algorithms.len()),
        ..series
    });
    memory.series.extend(graph);
    let svg = Curves {
        title: format!("Cost of a meta-gradient: {}", results.study.plan.problem.title()),
        panels: vec![
            panel("Work", "Gradients of a task", |record| record.gradients),
            memory,
            panel("Time", "Microseconds", |record| record.microseconds),
        ],
    }
    .svg()?;
    let caption =
        "One meta-gradient of one task, on one thread. Work is counted, time is measured.";
    Ok(figure(results, "cost", svg, (caption, "Work, memory and time by inner steps")))
}
