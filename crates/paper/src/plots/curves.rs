//! Learning curves, and results by the number of support rows.

use std::collections::BTreeSet;

use super::{estimate, looks, runs};
use experiment::plan::Plan;
use experiment::plan::arm::{Arm, MethodName};
use experiment::results::compare::{Quantity, SettingRecords, accuracy, parity};
use experiment::results::record::Record;
use experiment::results::study::Study;
use experiment::results::trained::Trained;
use report::figure::FigureError;
use report::figure::curve::{self, Curves, Scale};
use report::mean::Mean;

/// Mean training loss of a task over the iterations, over seeds. The loss depends on γ and on the
/// method, so each pair has its own panel.
pub fn learning(study: &Study) -> Result<String, FigureError> {
    let Study { plan, trained, .. } = study;
    let methods = [
        (MethodName::Meta, "Meta-learning", "query"),
        (MethodName::Pretrained, "Pre-training", "all"),
    ];
    let panels = methods.into_iter().flat_map(|(method, title, rows)| {
        let arms = trained
            .iter()
            .filter(move |run| run.seed == 0 && run.arm.method == method)
            .map(|run| run.arm)
            .filter(|arm| is_extreme(plan, *arm));
        arms.map(move |arm| {
            // The plan's own algorithm alone needs no name.
            let title = match method == MethodName::Meta && !plan.compared.is_empty() {
                true => plan.algorithm_of(arm).title(false),
                false => title,
            };
            let loss = match arm.notion {
                None => "L".into(),
                Some(_) => format!("L + {} R", arm.gamma),
            };
            curve::Panel {
                title: format!("{title}, γ = {}", arm.gamma),
                x_label: "Meta-iteration".into(),
                y_label: format!("{loss} on {rows} rows (lower is better)"),
                x_scale: Scale::Logarithmic,
                y_possible: (0.0, f64::INFINITY),
                reference: None,
                series: vec![series(plan, trained, arm)],
                note: String::new(),
            }
        })
    });
    let title = format!("{}: training ({}, 95% intervals)", plan.problem.title(), runs(plan));
    Curves { title, panels: panels.collect() }.svg()
}

/// Only γ = 0 and the largest γ of every sweep: the reader cannot distinguish more curves.
fn is_extreme(plan: &Plan, arm: Arm) -> bool {
    let Some(first) = plan.sweeps.first() else { return arm.notion.is_none() };
    arm.notion.is_none()
        || (arm.notion == Some(first.notion) && first.gammas.last() == Some(&arm.gamma))
}

fn series(plan: &Plan, trained: &[Trained], arm: Arm) -> curve::Series {
    let runs: Vec<&Trained> = trained.iter().filter(|run| run.arm == arm).collect();
    let points = runs.first().map_or(0, |run| run.curve.len());
    let samples = (0..points)
        .map(|point| {
            let losses: Vec<f64> = runs.iter().map(|run| run.curve[point].1).collect();
            curve::Sample { x: runs[0].curve[point].0 as f64, y: Mean::of(&losses).map(estimate) }
        })
        .collect();
    let look = match (arm.method, arm.notion) {
        (MethodName::Pretrained, None) => looks::MAML,
        (MethodName::Pretrained, Some(_)) => looks::FAIR_MAML,
        _ => looks::of_arm(plan, arm),
    };
    curve::Series { name: format!("γ = {}", arm.gamma), look, samples }
}

/// Accuracy and parity by the number of support rows, if the run has several numbers.
pub fn points(study: &Study) -> Result<Option<String>, FigureError> {
    let Study { plan, points, .. } = study;
    if points.is_empty() {
        return Ok(None);
    }
    let mut arms = vec![Arm::plain(MethodName::Meta), plan.shown(MethodName::Meta)];
    let shown = arms[1];
    let compared = plan.compared.iter();
    arms.extend(compared.map(|&algorithm| Arm { algorithm: Some(algorithm), ..shown }));
    let others = [MethodName::Pretrained, MethodName::Scratch].map(Arm::plain);
    arms.extend(others.into_iter().filter(|arm| plan.methods.contains(&arm.method)));
    arms.extend(plan.laftr.as_ref().map(|_| plan.shown(MethodName::Laftr)));
    let sample = |arm: Arm, rows: usize, quantity: Quantity| {
        let adaptation = plan.shown_adaptation(arm);
        let side = SettingRecords::of(points, arm, adaptation).with_support(rows);
        let y = side.mean(quantity).mean.map(estimate);
        (!side.is_empty()).then_some(curve::Sample { x: rows as f64, y })
    };
    let series = |quantity| {
        let series = |&arm: &Arm| curve::Series {
            name: format!("{}, γ = {}", plan.label(arm), arm.gamma),
            look: looks::of_arm(plan, arm),
            samples: plan.points.iter().filter_map(|&rows| sample(arm, rows, quantity)).collect(),
        };
        arms.iter().map(series).collect()
    };
    let (runs, tasks) = judged(points);
    let panel = |title: &str, y_label: &str, quantity, reference| curve::Panel {
        title: title.into(),
        x_label: "Support rows".into(),
        y_label: y_label.into(),
        x_scale: Scale::Linear,
        y_possible: (0.0, 1.0),
        reference,
        series: series(quantity),
        note: note(plan, points, &arms, quantity),
    };
    let title = format!(
        "{}: number of support rows, on the same query rows ({tasks} tasks in {runs} runs, 95% \
         intervals)",
        plan.problem.title()
    );
    let panels = vec![
        panel("Accuracy", "Accuracy (higher is better)", accuracy as Quantity, None),
        panel("Parity", "Parity, min(r, 1/r) (1 is fair)", parity, Some((1.0, "fair".into()))),
    ];
    Curves { title, panels }.svg().map(Some)
}

/// The number of runs that have a task with enough rows, and the number of such tasks.
fn judged(points: &[Record]) -> (usize, usize) {
    let tasks: BTreeSet<(u64, &str)> =
        points.iter().map(|record| (record.seed, record.task.as_str())).collect();
    let runs: BTreeSet<u64> = tasks.iter().map(|(seed, _)| *seed).collect();
    (runs.len(), tasks.len())
}

/// The number of undefined values that the means leave out, over all arms and numbers of rows.
fn note(plan: &Plan, points: &[Record], arms: &[Arm], quantity: Quantity) -> String {
    let counts = arms.iter().flat_map(|&arm| {
        let side = move || SettingRecords::of(points, arm, plan.shown_adaptation(arm));
        plan.points.iter().map(move |&rows| side().with_support(rows).mean(quantity))
    });
    super::left_out(counts.filter(|mean| mean.tasks > 0))
}
