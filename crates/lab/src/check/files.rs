//! The results of a check as text, as CSV and as a figure.

use report::figure::curve::{Curves, Panel, Sample, Scale, Series};
use report::figure::style::Look;
use report::figure::{Estimate, FigureError};
use report::number::UNDEFINED;
use report::terminal::{self, Terminal};
use serde::Serialize;

use super::{Certificate, CheckReport, Quantity, Row};
use crate::differences::Verdict;
use crate::error::{Error, csv_file};

/// The word of a verdict.
fn word(row: &Row) -> String {
    match (row.verdict, row.undecided) {
        (Verdict::Wrong, _) => "WRONG".into(),
        (Verdict::Right, 0) => "right".into(),
        (Verdict::Right, n) => format!("right, {n} not decided"),
        (Verdict::Undecided, _) => "not decided".into(),
    }
}

/// A small or large number in few digits.
fn short(x: f64) -> String {
    if x == 0.0 { "0".into() } else { format!("{x:.0e}") }
}

/// The report as text that fits the terminal: a line for each quantity and layer, the errors of the
/// meta-gradient by step, and how large second order is.
pub fn table(report: &CheckReport, terminal: Terminal) -> String {
    let mut text = vec![
        terminal.wrap(&format!(
            "Derivatives of {} against central differences. An error is relative to the largest \
             entry of the layer, and each entry has its best step, or its best two, from which the \
             h² error is canceled.",
            report.algorithm
        )),
        summary(report, terminal.width),
    ];
    if report.rows.iter().all(|row| row.quantity != Quantity::Adaptation) {
        text.push(terminal.wrap(
            "This algorithm does not adapt by gradient descent on the support loss alone, so its \
             adaptation is not compared. Its meta-gradient is: it must solve the linear system at \
             the adapted weights.",
        ));
    }
    text.extend([
        terminal.wrap(
            "The meta-gradient by step h of the differences: the largest error, and in brackets \
             the number of entries whose difference crosses a kink.",
        ),
        by_step(report, terminal),
        "How large second order is:".into(),
    ]);
    text.extend(report.certificates.iter().map(|certificate| terminal.wrap(&said(certificate))));
    text.extend(report.rows.iter().filter_map(mistake).map(|line| terminal.wrap(&line)));
    text.push(terminal.wrap(verdict(report)));
    text.join("\n")
}

/// The last line of the text.
pub fn verdict(report: &CheckReport) -> &'static str {
    if report.passes() { "No derivative is wrong." } else { "At least one derivative is wrong." }
}

fn mistake(row: &Row) -> Option<String> {
    let (index, computed, difference) = row.mistake?;
    let (at, quantity, layer) = (&row.at, row.quantity.title(), &row.layer);
    Some(format!(
        "WRONG: {quantity} at the {at} weights, entry {index} of {layer}: {computed:e}, but the \
         nearest difference is {difference:e}"
    ))
}

/// What a certificate says, in words.
fn said(certificate: &Certificate) -> String {
    // Three decimals, or the power of ten of what they do not show.
    let number = |x: f64| if x < 0.01 { format!("{x:.1e}") } else { format!("{x:.3}") };
    let share = |share: &Option<f64>| share.map_or(UNDEFINED.into(), number);
    let all: Vec<String> = certificate.shares.iter().map(share).collect();
    let shares = match &all[..] {
        [] => UNDEFINED.into(),
        [first, .., last] if all.len() > 5 => format!("{first} … {last} ({} steps)", all.len()),
        all => all.join(", "),
    };
    let difference = certificate.difference.map_or(UNDEFINED.into(), number);
    let angle = certificate.angle.map_or(UNDEFINED.into(), |angle| format!("{angle:.3}°"));
    let apart = if !certificate.has_second_order {
        "this algorithm leaves second order out"
    } else if certificate.told_apart {
        "the check tells them apart"
    } else {
        "the check cannot tell them apart: it says nothing about second order here"
    };
    let residual = certificate.residual.map_or(String::new(), |residual| {
        format!(" The relative residual of the linear system is {residual:.1e}.")
    });
    let share = if certificate.implicit {
        "‖H v‖ / (λ ‖v‖) of the solution"
    } else {
        "‖α H v‖ / ‖v‖ by inner step"
    };
    format!(
        "- {} weights: {share} {shares}; exact and first-order meta-gradient differ by \
         {difference} of the exact one, with an angle of {angle}; {apart}.{residual}",
        certificate.at,
    )
}

fn summary(report: &CheckReport, width: usize) -> String {
    let head = ["weights", "quantity", "layer", "entries", "error", "verdict"].map(String::from);
    let (mut at, mut quantity) = ("", None);
    let mut rows = Vec::new();
    for row in &report.rows {
        let new = at != row.at || quantity != Some(row.quantity);
        let first = |new: bool, text: &str| if new { text.to_owned() } else { String::new() };
        rows.push(vec![
            first(at != row.at, &row.at),
            first(new, row.quantity.title()),
            row.layer.clone(),
            row.entries.to_string(),
            row.best.map_or(UNDEFINED.into(), short),
            word(row),
        ]);
        (at, quantity) = (&row.at, Some(row.quantity));
    }
    terminal::table(&head, rows, 3, width)
}

/// The number of columns of a step in the text.
const STEP_WIDTH: usize = 12;

fn by_step(report: &CheckReport, terminal: Terminal) -> String {
    let width = terminal.width;
    let shown = (width.saturating_sub(24) / STEP_WIDTH).clamp(1, report.steps.len().max(1));
    // The middle steps say most; the CSV file has all.
    let skipped = report.steps.len() - shown.min(report.steps.len());
    let steps = skipped / 2..skipped / 2 + shown.min(report.steps.len());
    let head = ["weights".to_owned(), "layer".to_owned()].into_iter();
    let sizes = report.steps[steps.clone()].iter().map(|h| format!("h = {}", short(*h)));
    let mut at = "";
    let mut rows = Vec::new();
    for row in report.rows.iter().filter(|row| row.quantity == Quantity::MetaGradient) {
        let cell = |step: usize| match (row.errors[step], row.kinks[step]) {
            (None, kinks) => format!("({kinks})"),
            (Some(error), 0) => short(error),
            (Some(error), kinks) => format!("{} ({kinks})", short(error)),
        };
        let name = if at == row.at { String::new() } else { row.at.clone() };
        let cells = [name, row.layer.clone()].into_iter().chain(steps.clone().map(cell));
        rows.push(cells.collect::<Vec<_>>());
        at = &row.at;
    }
    let table = terminal::table(&head.chain(sizes).collect::<Vec<_>>(), rows, 2, width);
    if skipped == 0 {
        return table;
    }
    let steps = report.steps.len();
    let note = format!("{skipped} of {steps} steps do not fit here; --out DIR writes all of them.");
    table + "\n" + &terminal.wrap(&note)
}

/// One step of one row.
#[derive(Serialize)]
struct Line<'a> {
    algorithm: &'a str,
    weights: &'a str,
    quantity: Quantity,
    layer: &'a str,
    entries: usize,
    step: f64,
    crossing_a_kink: usize,
    largest_relative_error: Option<f64>,
    best_relative_error: Option<f64>,
    undecided: usize,
    verdict: Verdict,
}

/// A line for each step of each row.
fn lines(report: &CheckReport) -> impl Iterator<Item = Line<'_>> {
    report.rows.iter().flat_map(|row| {
        report.steps.iter().enumerate().map(|(index, &step)| Line {
            algorithm: &report.algorithm,
            weights: &row.at,
            quantity: row.quantity,
            layer: &row.layer,
            entries: row.entries,
            step,
            crossing_a_kink: row.kinks[index],
            largest_relative_error: row.errors[index],
            best_relative_error: row.best,
            undecided: row.undecided,
            verdict: row.verdict,
        })
    })
}

/// The smallest error that is drawn. A smaller one, or 0, is drawn here.
const SMALLEST: f64 = 1e-17;

/// The errors by step as a figure: a panel for each quantity and set of weights, a curve for each
/// layer.
///
/// # Errors
/// Returns an error if there is nothing to draw.
fn figure(report: &CheckReport) -> Result<String, FigureError> {
    let mut panels: Vec<(String, Vec<&Row>)> = Vec::new();
    for row in &report.rows {
        let title = format!("{}, {} weights", row.quantity.title(), row.at);
        match panels.last_mut().filter(|(last, _)| *last == title) {
            Some((_, rows)) => rows.push(row),
            None => panels.push((title, vec![row])),
        }
    }
    let panels = panels.into_iter().map(|(title, rows)| panel(title, &rows, &report.steps));
    Curves {
        title: format!("Errors of the derivatives of {} by step", report.algorithm),
        panels: panels.collect(),
    }
    .svg()
}

fn panel(title: String, rows: &[&Row], steps: &[f64]) -> Panel {
    let series = |(index, row): (usize, &&Row)| Series {
        name: row.layer.clone(),
        look: Look::nth(index),
        samples: steps.iter().zip(&row.errors).map(|(&x, &error)| sample(x, error)).collect(),
    };
    Panel {
        title,
        x_label: "Step h of the difference".into(),
        y_label: "log₁₀ of the largest relative error".into(),
        x_scale: Scale::Logarithmic,
        y_possible: (f64::NEG_INFINITY, f64::INFINITY),
        reference: None,
        series: rows.iter().enumerate().map(series).collect(),
        note: String::new(),
    }
}

fn sample(x: f64, error: Option<f64>) -> Sample {
    let mean = |error: f64| error.max(SMALLEST).log10();
    Sample { x, y: error.map(|error| Estimate { mean: mean(error), interval: None }) }
}

/// The files of a check, name and text: the table as CSV and the figure.
///
/// # Errors
/// Returns an error if the figure cannot be drawn, or if a number has no form in CSV.
pub fn documents(problem: &str, report: &CheckReport) -> Result<Vec<(String, String)>, Error> {
    let name = format!("check_{problem}_{}", report.algorithm);
    let table = csv_file(format!("{name}.csv"), lines(report))?;
    Ok(vec![table, (format!("{name}.svg"), figure(report)?)])
}
