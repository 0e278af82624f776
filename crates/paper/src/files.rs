//! The result files of a problem.

use experiment::results::study::Study;

use crate::comparison;
use crate::csv::{ablation_lines, csv, summary_lines, training_lines};
use crate::error::Result;
use crate::plots::Plot;

/// Names and contents of a problem's result files.
pub fn files(study: &Study, plots: &[Plot]) -> Result<Vec<(String, String)>> {
    let name = study.plan.problem.name();
    let table = |kind: &str, text: Result<String>| -> Result<(String, String)> {
        Ok((format!("{name}_{kind}.csv"), text?))
    };
    let mut files = vec![
        table("runs", csv("runs", &study.records))?,
        table("training", csv("training", training_lines(study)))?,
        table("summary", csv("summary", summary_lines(&study.summary)))?,
    ];
    if !study.plan.compared.is_empty() {
        let lines = comparison::lines(study);
        files.push(table("algorithms", csv("algorithms", lines))?);
    }
    if !study.points.is_empty() {
        files.push(table("points", csv("points", &study.points))?);
    }
    if !study.variants.is_empty() {
        let lines = ablation_lines(&study.variants);
        files.push(table("ablation", csv("ablation", lines))?);
    }
    files.extend(plots.iter().map(|plot| (plot.file.clone(), plot.svg.clone())));
    Ok(files)
}
