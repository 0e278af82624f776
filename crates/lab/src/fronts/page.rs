//! The page of the fronts, their files, and their text for the terminal.

use std::collections::BTreeMap;

use experiment::results::compare::{
    Compared, SettingRecords, accuracy, equalized_odds, opportunity, parity,
};
use experiment::results::outcome::Adaptation;
use experiment::results::record::Record;
use experiment::results::study::Study;
use report::figure::curve::{Curves, Panel, Sample, Scale, Series};
use report::figure::style::Look;
use report::figure::{Estimate, FigureError};
use report::mean::{Mean, Range};
use report::number::{UNDEFINED, decimal};
use report::page::{Definition, Figure, Report, Section, Table};
use report::terminal::{self, Terminal};
use serde::Serialize;

use super::{Agreement, FOUR_FIFTHS, Front, fronts, points};
use crate::error::{Error, csv_file};

/// The file name of the page.
pub const PAGE: &str = "fronts.html";

/// One front at the target, over runs.
struct AtTarget {
    name: String,
    /// The runs in which a setting of its own reaches the target.
    reached: usize,
    accuracy: Option<Mean>,
    /// Minus the first front (the paper's term), paired.
    minus_paper: Option<Mean>,
    /// Minus thresholds by group, paired.
    minus_thresholds: Option<Mean>,
}

fn at_target(study: &Study) -> Vec<AtTarget> {
    let fronts = fronts(&study.plan);
    let recurring = || {
        let recurs = study.records.iter().filter(|record| record.task_recurs);
        recurs.map(|record| &*record.task).collect()
    };
    let accuracies = |front: &Front, left_out: Option<&str>| -> BTreeMap<u64, f64> {
        let points = points(study, front, left_out).into_iter();
        points.map(|(run, points)| (run, points.accuracy_at(FOUR_FIFTHS))).collect()
    };
    let minus = |ours: &Front, theirs: &Front| {
        // A manifest may have unequal numbers of settings. Then there is no comparison.
        if ours.arms.len() != theirs.arms.len() {
            return None;
        }
        let differences = |left_out: Option<&str>| {
            let theirs = accuracies(theirs, left_out);
            let ours = accuracies(ours, left_out).into_iter();
            ours.filter_map(|(run, accuracy)| Some((run, accuracy - theirs.get(&run)?))).collect()
        };
        Compared::of_runs(recurring(), differences, Range::Difference).mean
    };
    let row = |front: &Front| AtTarget {
        name: front.name.clone(),
        reached: points(study, front, None).values().filter(|p| p.reach(FOUR_FIFTHS)).count(),
        accuracy: Compared::of_runs(recurring(), |without| accuracies(front, without), Range::Rate)
            .mean,
        minus_paper: minus(front, &fronts[0]),
        minus_thresholds: minus(front, &fronts[fronts.len() - 2]),
    };
    fronts.iter().map(row).collect()
}

fn told(mean: Option<Mean>, signed: bool) -> String {
    mean.map_or(UNDEFINED.into(), |mean| mean.text(signed))
}

const HEAD: [&str; 5] =
    ["regularizer or rival", "reached", "accuracy", "minus the paper's term", "minus thresholds"];

fn rows(study: &Study) -> Vec<Vec<String>> {
    let row = |at: &AtTarget| {
        vec![
            at.name.clone(),
            format!("{} of {}", at.reached, study.plan.seeds),
            told(at.accuracy, false),
            told(at.minus_paper, true),
            told(at.minus_thresholds, true),
        ]
    };
    at_target(study).iter().map(row).collect()
}

/// The caption of the table of accuracies.
fn caption() -> String {
    format!(
        "Accuracy on held-out tasks at a parity of at least {FOUR_FIFTHS}, with 95% intervals: the \
         wider of two where runs share tasks, over runs and over tasks. All have the same number of \
         settings. Accepting and rejecting everybody are settings of each, so every run counts. \
         \"Reached\" counts the runs in which a setting of its own has that parity."
    )
}

/// The tables as text for the terminal.
pub fn text(studies: &[(Study, Vec<Agreement>)], terminal: Terminal) -> String {
    let mut lines = Vec::new();
    for (study, agreements) in studies {
        lines.push(study.plan.problem.title().to_owned());
        lines.push(terminal.wrap(&caption()));
        lines.push(set(&HEAD, rows(study), terminal.width));
        lines.push(terminal.wrap(NOISE));
        lines.push(set(&NOISE_HEAD, noise(agreements), terminal.width) + "\n");
    }
    lines.join("\n")
}

fn set(head: &[&str], rows: Vec<Vec<String>>, width: usize) -> String {
    let head: Vec<String> = head.iter().map(|&name| name.into()).collect();
    terminal::table(&head, rows, 1, width)
}

const NOISE: &str = "The noise of a few rows: the cosine of the term's gradient on the K support rows \
                     with that on all rows of the task, over held-out tasks of the first run, at \
                     MAML's weights: the mean, the smallest and the largest. 1 means that K rows \
                     show the right direction.";
const NOISE_HEAD: [&str; 5] =
    ["regularizer", "cosine", "smallest", "largest", "without a gradient"];

fn noise(agreements: &[Agreement]) -> Vec<Vec<String>> {
    let row = |Agreement { notion, cosines, without }: &Agreement| {
        let told = |x: Option<f64>| x.map_or(UNDEFINED.into(), |x| decimal(x, false));
        vec![
            notion.name().to_owned(),
            told(Mean::of(cosines).map(|mean| mean.mean)),
            told(cosines.iter().copied().reduce(f64::min)),
            told(cosines.iter().copied().reduce(f64::max)),
            without.to_string(),
        ]
    };
    agreements.iter().map(row).collect()
}

/// All files of a run but its manifest, name and text.
///
/// # Errors
/// Returns an error if a figure cannot be drawn, or if a number has no form in CSV.
pub fn documents(studies: &[(Study, Vec<Agreement>)]) -> Result<Vec<(String, String)>, Error> {
    let mut sections = Vec::new();
    let mut files = Vec::new();
    for (study, agreements) in studies {
        let figure = figure(study)?;
        files.push((figure.file.clone(), figure.svg.clone()));
        files.push(csv_file(format!("fronts_{}.csv", study.plan.problem.name()), lines(study))?);
        sections.push(section(study, agreements, figure));
    }
    let report = Report {
        title: "What fairness regularizers buy".into(),
        about: vec![
            "Fair-MAML with every regularizer at the same weights γ, on the same tasks. The rival \
             is MAML without a regularizer, with thresholds chosen on training tasks."
                .into(),
            "The accuracy at a parity is the best that a setting has which reaches it, or that of a \
             straight line between two settings. Accepting everybody is one of the settings, and \
             rejecting everybody too, without a line to it. The best is chosen on the held-out \
             tasks, with as many settings for each term, so all are somewhat too good."
                .into(),
        ],
        definitions: definitions(),
        sections,
        ..Report::default()
    };
    files.push((PAGE.into(), report.html()));
    files.push(("fronts.md".into(), report.markdown("")));
    Ok(files)
}

fn definitions() -> Vec<Definition> {
    vec![
        Definition::new(
            "parity",
            "min(r, 1/r) of the ratio r of acceptance rates of the two groups; 1 is fair.",
        ),
        Definition::new("γ", "The weight of the regularizer in the loss."),
        Definition::new(
            "thresholds by group",
            "A row is accepted if its probability exceeds a number of its group.",
        ),
        Definition::new(
            "four-fifths rule",
            "A parity of at least 0.8 counts as fair in US employment law.",
        ),
    ]
}

fn table(caption: &str, head: &[&str], rows: Vec<Vec<String>>) -> Table {
    let head = head.iter().map(|&name| name.into()).collect();
    Table { caption: caption.into(), head, rows, numeric_from: 1 }
}

fn section(study: &Study, agreements: &[Agreement], figure: Figure) -> Section {
    let plan = &study.plan;
    Section {
        heading: plan.problem.title().into(),
        text: vec![format!(
            "{} runs of {} meta-iterations, K = {}.",
            plan.seeds, plan.iterations, plan.k
        )],
        tables: vec![
            table(&caption(), &HEAD, rows(study)),
            table(NOISE, &NOISE_HEAD, noise(agreements)),
            table(STEP, &STEP_HEAD, step(study)),
        ],
        figures: vec![figure],
        subsections: Vec::new(),
    }
}

const STEP: &str = "What the step on the K rows does: after minus before adaptation, at the largest γ \
                    of each term, with 95% intervals over runs. The last column has the parity of \
                    the true labels: a classifier without mistakes has it.";
const STEP_HEAD: [&str; 4] =
    ["regularizer or rival", "accuracy", "parity", "parity of the true labels"];

fn step(study: &Study) -> Vec<Vec<String>> {
    let labels = labels_parity(study);
    let row = |front: &Front| {
        let arm = *front.arms.last()?;
        let after = shown(study, arm);
        let before = SettingRecords::of(&study.records, arm, Adaptation::BEFORE);
        Some(vec![
            front.name.clone(),
            told(after.minus(&before, accuracy).mean, true),
            told(after.minus(&before, parity).mean, true),
            told(labels, false),
        ])
    };
    fronts(&study.plan).iter().filter_map(row).collect()
}

/// The parity of the true labels of the query rows, over held-out tasks of each run.
fn labels_parity(study: &Study) -> Option<Mean> {
    let plain = fronts(&study.plan).first()?.arms[0];
    let shown = study.plan.shown_adaptation(plain);
    let of_labels = |record: &Record| {
        let others = record.query_rows - record.query_protected;
        let positive = record.query_positive - record.query_protected_positive;
        let rate = |positive: u64, all: u64| (all > 0).then(|| positive as f64 / all as f64);
        let protected = rate(record.query_protected_positive, record.query_protected)?;
        fairness::metrics::closeness(protected, rate(positive, others)?)
    };
    SettingRecords::of(&study.records, plain, shown).mean(of_labels).mean
}

fn figure(study: &Study) -> Result<Figure, FigureError> {
    let all = fronts(&study.plan);
    let sample = |&arm: &experiment::plan::Arm| {
        let side = shown(study, arm);
        let (accuracy, parity) = (side.mean(accuracy).mean?, side.mean(parity).mean?);
        let y = Some(Estimate { mean: accuracy.mean, interval: None });
        Some(Sample { x: parity.mean, y })
    };
    let series = |(index, front): (usize, &Front)| Series {
        name: front.name.clone(),
        look: Look::nth(index),
        samples: front.arms.iter().filter_map(sample).collect(),
    };
    let svg = Curves {
        title: format!("Accuracy and parity over γ: {}", study.plan.problem.title()),
        panels: vec![Panel {
            title: "Held-out tasks after adaptation".into(),
            x_label: "Parity (1 is fair)".into(),
            y_label: "Accuracy (higher is better)".into(),
            x_scale: Scale::Linear,
            y_possible: (0.0, 1.0),
            reference: None,
            series: all.iter().enumerate().map(series).collect(),
            note: String::new(),
        }],
    }
    .svg()?;
    Ok(Figure {
        file: format!("fronts_{}.svg", study.plan.problem.name()),
        caption:
            "Each marker is a γ, or a step of the thresholds; means over runs. The CSV file has \
                  the intervals."
                .into(),
        svg,
        description: "Accuracy by parity for each regularizer and for thresholds".into(),
    })
}

/// One setting of one front, over runs.
#[derive(Serialize)]
struct Line {
    front: String,
    gamma: f64,
    target: Option<f64>,
    measure: &'static str,
    mean: Option<f64>,
    low_95: Option<f64>,
    high_95: Option<f64>,
    runs: usize,
    undefined: usize,
    tasks: usize,
}

fn lines(study: &Study) -> Vec<Line> {
    let measures = [
        ("accuracy", accuracy as fn(&_) -> _),
        ("parity", parity),
        ("opportunity", opportunity),
        ("equalized odds", equalized_odds),
    ];
    let fronts = fronts(&study.plan);
    let settings = fronts.iter().flat_map(|front| front.arms.iter().map(move |&arm| (front, arm)));
    let lines = settings.flat_map(|(front, arm)| {
        measures.map(|(measure, of)| {
            let found = shown(study, arm).mean(of);
            let interval = found.mean.and_then(|mean| mean.interval);
            Line {
                front: front.name.clone(),
                gamma: arm.gamma,
                target: arm.target,
                measure,
                mean: found.mean.map(|mean| mean.mean),
                low_95: interval.map(|(low, _)| low),
                high_95: interval.map(|(_, high)| high),
                runs: found.mean.map_or(0, |mean| mean.values),
                undefined: found.undefined,
                tasks: found.tasks,
            }
        })
    });
    lines.collect()
}

/// The records of an arm after the adaptation of tables.
fn shown(study: &Study, arm: experiment::plan::Arm) -> SettingRecords<'_> {
    SettingRecords::of(&study.records, arm, study.plan.shown_adaptation(arm))
}
