//! The figures of a problem, from its results.
//!
//! `fronts` draws accuracy against fairness (over all tasks, under other readings, by state),
//! `boundaries` decisions on synthetic tasks, `strips` the value of each run, and `curves` learning
//! curves and results by the number of support rows. `looks` has the look of each method.

mod boundaries;
mod curves;
mod fronts;
mod looks;
mod strips;

pub use boundaries::memory;

use fairness::Notion;

use crate::error::{Error, Result};
use experiment::plan::{Plan, Problem};
use experiment::results::compare::Compared;
use experiment::results::study::Study;
use report::figure::{Estimate, FigureError};
use report::mean::Mean;

/// A figure, its file name and its caption.
#[derive(Clone, Debug, PartialEq)]
pub struct Plot {
    /// The name of its file.
    pub file: String,
    /// The text below the figure.
    pub caption: String,
    /// The SVG document.
    pub svg: String,
}

/// All figures of the results of a problem.
pub fn figures(study: &Study) -> Result<Vec<Plot>> {
    let name = study.plan.problem.name();
    let mut plots = Vec::new();
    let mut add = |file: &str, caption: &str, svg| {
        plots.push(Plot { file: format!("{name}_{file}.svg"), caption: caption.into(), svg });
    };
    if matches!(study.plan.problem, Problem::Synthetic { .. }) {
        let captions = [
            (
                "boundaries",
                "Decisions on one task, before and after the step (the paper's Figure 1)",
            ),
            ("more_boundaries", "Decisions on further tasks after the step (the paper's Figure 3)"),
        ];
        let svgs = unless_empty(boundaries::figures(study))?.unwrap_or_default();
        for ((file, caption), svg) in captions.into_iter().zip(svgs) {
            add(file, caption, svg);
        }
    }
    if let Some(svg) = unless_empty(fronts::over_tasks(study).map_err(Error::from))? {
        let caption = "Accuracy against fairness over γ (the paper's Figure 2); 1 is fair";
        add("tradeoff", caption, svg);
    }
    if let Some(svg) = unless_empty(fronts::under_readings(study).map_err(Error::from))?.flatten() {
        add("tradeoff_under", "The same fronts under other readings of the paper", svg);
    }
    if let Some(svg) = unless_empty(strips::leads(study).map_err(Error::from))?.flatten() {
        let caption = "Claim 1, run by run: Fair-MAML minus the pre-trained network at the same γ";
        add("leads", caption, svg);
    }
    if let Some(svg) = fronts::by_task(study)? {
        add("tradeoff_by_task", "Accuracy against demographic parity over γ, by state", svg);
    }
    if let Some(svg) = unless_empty(curves::points(study).map_err(Error::from))?.flatten() {
        add("points", "Accuracy and fairness by the number of support rows", svg);
    }
    if let Some(svg) = unless_empty(curves::learning(study).map_err(Error::from))? {
        add("learning_curves", "Loss over the iterations of training", svg);
    }
    Ok(plots)
}

/// Figures of methods that were not run are left out.
fn unless_empty<T>(drawn: Result<T>) -> Result<Option<T>> {
    match drawn {
        Err(Error::Figure(FigureError::Empty { .. })) => Ok(None),
        other => other.map(Some),
    }
}

fn estimate(mean: Mean) -> Estimate {
    Estimate { mean: mean.mean, interval: mean.interval }
}

fn runs(plan: &Plan) -> String {
    match plan.seeds.get() {
        1 => "1 run".into(),
        n => format!("mean of {n} runs"),
    }
}

/// A note on the undefined values that the means leave out: the smallest and the largest number.
fn left_out(means: impl Iterator<Item = Compared>) -> String {
    let counts: Vec<(usize, usize)> = means.map(|mean| (mean.undefined, mean.tasks)).collect();
    match (counts.iter().min(), counts.iter().max()) {
        (Some((least, _)), Some((most, tasks))) if *most > 0 => {
            let of = if least == most { most.to_string() } else { format!("{least} to {most}") };
            format!("Left out because undefined: {of} of {tasks} tasks.")
        }
        _ => String::new(),
    }
}

/// The name of a notion of fairness on panels and axes.
fn name(notion: Notion) -> &'static str {
    notion.title()
}
