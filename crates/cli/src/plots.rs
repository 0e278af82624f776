//! The figures of a run.

use fairness::Notion;
use fairness::metrics::GroupCounts;
use meta::{decisions, probabilities};

use crate::error::Result;
use crate::figures::boundary::{self, Boundaries, Grid};
use crate::figures::curve::{self, Curves, Scale};
use crate::figures::style::Look;
use crate::figures::tradeoff::{self, Tradeoff};
use crate::figures::{Estimate, FigureError};
use crate::plan::{Algorithm, Arm, Plan};
use crate::prepare::{Prepared, Test};
use crate::record::Stage;
use crate::statistics::Mean;
use crate::summary::{Metric, Row};
use crate::train::{Trained, adapted};

fn look(arm: Arm) -> Look {
    match (arm.algorithm, arm.notion) {
        (Algorithm::Meta, Some(_)) => Look::FairMaml,
        (Algorithm::Meta, None) => Look::Maml,
        (Algorithm::Pretrained, _) => Look::PreTrained,
    }
}

fn estimate(mean: Mean) -> Estimate {
    Estimate { mean: mean.mean, interval: mean.interval() }
}

fn over_seeds(metric: &Metric) -> Option<Estimate> {
    metric.over_seeds.map(estimate)
}

/// The paper's Figure 2: accuracy against fairness over γ, one panel for each regularizer.
pub fn tradeoff(plan: &Plan, rows: &[Row]) -> std::result::Result<String, FigureError> {
    let panels = plan.sweeps.iter().map(|sweep| panel(plan, rows, sweep.notion)).collect();
    let title = format!(
        "{}: accuracy and fairness after one step on K = {} rows ({}, 95% intervals)",
        plan.problem.title(),
        plan.k,
        runs(plan)
    );
    Tradeoff { title, panels }.svg()
}

fn runs(plan: &Plan) -> String {
    match plan.seeds.get() {
        1 => "1 run".into(),
        n => format!("mean of {n} runs"),
    }
}

fn panel(plan: &Plan, rows: &[Row], notion: Notion) -> tradeoff::Panel {
    let (title, ratio) = match notion {
        Notion::DemographicParity => ("Demographic parity", "Demographic-parity ratio"),
        Notion::EqualOpportunity => ("Equal opportunity", "Equal-opportunity ratio"),
    };
    let after = |algorithm: Algorithm, regularized: bool| {
        rows.iter().filter(move |row| {
            let rate = match algorithm {
                Algorithm::Meta => true,
                Algorithm::Pretrained => row.rate == Some(plan.fine_tuning_shown),
            };
            let in_panel = row.notion == Some(notion) || (row.notion.is_none() && !regularized);
            row.stage == Stage::After && row.algorithm == algorithm && rate && in_panel
        })
    };
    let chosen = |row: &Row| match notion {
        Notion::DemographicParity => row.demographic_parity_ratio,
        Notion::EqualOpportunity => row.equal_opportunity_ratio,
    };
    let settings = |rows: &mut dyn Iterator<Item = &Row>, labeled: bool| -> Vec<_> {
        rows.filter_map(|row| {
            Some(tradeoff::Setting {
                value: labeled.then_some(row.gamma),
                accuracy: over_seeds(&row.accuracy)?,
                ratio: over_seeds(&chosen(row)),
            })
        })
        .collect()
    };
    let maml = |row: &&Row| row.notion.is_none();
    let methods = vec![
        tradeoff::Method {
            name: format!("pre-trained network, fine-tuned at {}", plan.fine_tuning_shown),
            look: Look::PreTrained,
            varies: Some("γ".into()),
            settings: settings(&mut after(Algorithm::Pretrained, false), true),
        },
        tradeoff::Method {
            name: "Fair-MAML".into(),
            look: Look::FairMaml,
            varies: Some("γ".into()),
            settings: settings(&mut after(Algorithm::Meta, true), true),
        },
        tradeoff::Method {
            name: "MAML (γ = 0)".into(),
            look: Look::Maml,
            varies: None,
            settings: settings(&mut after(Algorithm::Meta, false).filter(maml), false),
        },
    ];
    let undefined: usize = after(Algorithm::Meta, false).map(|row| chosen(row).undefined).sum();
    let all: usize =
        after(Algorithm::Meta, false).map(|row| chosen(row).defined + chosen(row).undefined).sum();
    let note = match undefined {
        0 => String::new(),
        _ => format!("MAML, Fair-MAML: ratio undefined for {undefined} of {all} tasks, left out."),
    };
    tradeoff::Panel { title: title.into(), ratio: ratio.into(), methods, note }
}

/// Mean training loss of a task over the iterations, over seeds.
pub fn learning_curves(
    plan: &Plan,
    trained: &[Trained],
) -> std::result::Result<String, FigureError> {
    let panel = |algorithm: Algorithm, title: &str, y_label: &str| {
        let arms: Vec<Arm> = trained
            .iter()
            .filter(|run| run.seed == 0 && run.arm.algorithm == algorithm)
            .map(|run| run.arm)
            .filter(|arm| is_extreme(plan, *arm))
            .collect();
        let series = arms.iter().map(|&arm| series(trained, arm)).collect();
        curve::Panel {
            title: title.into(),
            x_label: "Meta-iteration".into(),
            y_label: y_label.into(),
            x_scale: Scale::Logarithmic,
            y_possible: (0.0, f64::INFINITY),
            reference: None,
            series,
            note: String::new(),
        }
    };
    let title = format!("{}: training ({}, 95% intervals)", plan.problem.title(), runs(plan));
    let meta = panel(Algorithm::Meta, "Meta-learning", "Query loss L + γ R after the inner step");
    let pretrained = panel(Algorithm::Pretrained, "Pre-training", "Training loss L + γ R");
    Curves { title, panels: vec![meta, pretrained] }.svg()
}

/// Of every sweep only the largest γ, and γ = 0: more curves cannot be told apart.
fn is_extreme(plan: &Plan, arm: Arm) -> bool {
    let Some(first) = plan.sweeps.first() else { return arm.notion.is_none() };
    arm.notion.is_none()
        || (arm.notion == Some(first.notion) && first.gammas.last() == Some(&arm.gamma))
}

fn series(trained: &[Trained], arm: Arm) -> curve::Series {
    let runs: Vec<&Trained> = trained.iter().filter(|run| run.arm == arm).collect();
    let points = runs.first().map_or(0, |run| run.curve.len());
    let samples = (0..points)
        .map(|point| {
            let losses: Vec<f64> = runs.iter().map(|run| run.curve[point].1).collect();
            curve::Sample { x: runs[0].curve[point].0 as f64, y: Mean::of(&losses).map(estimate) }
        })
        .collect();
    let look = match (arm.algorithm, arm.notion) {
        (Algorithm::Pretrained, None) => Look::Maml,
        (Algorithm::Pretrained, Some(_)) => Look::FairMaml,
        _ => look(arm),
    };
    curve::Series { name: format!("γ = {}", arm.gamma), look, samples }
}

/// The paper's Figure 1: how each method decides the first test task of seed 0 after one step on
/// five positive, protected points.
pub fn boundaries(plan: &Plan, prepared: &Prepared, trained: &[Trained]) -> Result<Option<String>> {
    let Some(test) = prepared.tests.first() else { return Ok(None) };
    let largest = plan.sweeps.first().and_then(|sweep| sweep.gammas.last()).copied();
    let of_seed = || trained.iter().filter(|run| run.seed == prepared.seed);
    let wanted = |algorithm, gamma: f64| {
        of_seed().find(|run| run.arm.algorithm == algorithm && run.arm.gamma == gamma)
    };
    let methods = [
        wanted(Algorithm::Pretrained, 0.0),
        wanted(Algorithm::Meta, 0.0),
        largest.and_then(|gamma| wanted(Algorithm::Meta, gamma)),
    ];
    let extent = extent(test);
    let panels = methods
        .into_iter()
        .flatten()
        .map(|run| boundary_panel(plan, test, run, extent))
        .collect::<Result<Vec<_>>>()?;
    let query = &test.episode.query;
    let point = |batch: &tasks::Batch, row: usize| boundary::Point {
        x: batch.row(row)[0],
        y: batch.row(row)[1],
        positive: batch.positive()[row],
        protected: batch.protected()[row],
    };
    let points = |batch: &tasks::Batch| (0..batch.rows()).map(|row| point(batch, row)).collect();
    let title = format!(
        "Decisions on one test task after one step on {} positive, protected points",
        test.episode.support.rows()
    );
    let task = boundary::Task {
        name: String::new(),
        points: points(query),
        fine_tuning: points(&test.episode.support),
        panels,
    };
    let axes = ("x₁".into(), "x₂".into());
    Ok(Some(Boundaries { title, axes, tasks: vec![task] }.svg()?))
}

/// The smallest and the largest x and y of a task, with a margin.
fn extent(test: &Test) -> [(f64, f64); 2] {
    let rows = [&test.episode.support, &test.episode.query];
    let values = |axis: usize| {
        rows.into_iter().flat_map(move |batch| (0..batch.rows()).map(move |r| batch.row(r)[axis]))
    };
    [0, 1].map(|axis| {
        let low = values(axis).fold(f64::INFINITY, f64::min);
        let high = values(axis).fold(f64::NEG_INFINITY, f64::max);
        let margin = 0.05 * (high - low);
        (low - margin, high + margin)
    })
}

fn boundary_panel(
    plan: &Plan,
    test: &Test,
    run: &Trained,
    [x, y]: [(f64, f64); 2],
) -> Result<boundary::Panel> {
    let rate = match run.arm.algorithm {
        Algorithm::Meta => plan.inner.rate(),
        Algorithm::Pretrained => plan.fine_tuning_shown,
    };
    let theta = adapted(plan, run.arm, rate, &run.theta, test, "figure")?;
    let grid = Grid::sample(x, y, (121, 121), |points| {
        let x: Vec<f64> = points.iter().flat_map(|&(x, y)| [x, y]).collect();
        probabilities(&plan.network, &theta, &x)
    });
    let counts = decisions(&plan.network, &theta, &test.episode.query);
    let title = match run.arm.gamma {
        0.0 => format!("{} (γ = 0)", run.arm.method()),
        gamma => format!("{} (γ = {gamma})", run.arm.method()),
    };
    Ok(boundary::Panel { title, subtitle: subtitle(&counts), grid })
}

fn subtitle(counts: &GroupCounts) -> String {
    let number = |x: Option<f64>| x.map_or("n/a".into(), |x| format!("{x:.2}"));
    format!(
        "accuracy {}, parity ratio {}",
        number(counts.overall().accuracy()),
        number(counts.demographic_parity_ratio())
    )
}
