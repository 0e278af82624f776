//! Decisions of the methods on synthetic tasks (the paper's Figures 1 and 3).

use fairness::metrics::GroupCounts;
use meta::probabilities;
use meta::sizes::{NUMBER, NetworkSize};

use crate::error::Result;
use experiment::plan::arm::{Arm, MethodName};
use experiment::plan::{Plan, Problem};
use experiment::results::outcome::{Adaptation, Stage};
use experiment::results::study::Study;
use experiment::results::trained::Trained;
use experiment::run::adapt::{Classifier, Run};
use experiment::run::held_out::Test;
use experiment::run::prepare::{Prepared, Source};
use report::figure::boundary::{self, Boundaries, Grid};
use tasks::{Batch, Episode};

/// The number of further tasks in the second figure.
const FURTHER: usize = 3;

/// The points of the grid of a panel along each axis.
const GRID: usize = 121;

/// The largest number of panels of a task.
const MOST_PANELS: f64 = 3.0;

/// The bytes of a row of a task in a figure, as a point and as text.
const POINT: f64 = 200.0;

/// An estimate of the bytes that the figures of a plan take: the network on a grid, and the rows of
/// the tasks in their panels.
pub fn memory(plan: &Plan) -> f64 {
    let Problem::Synthetic { generator, test_tasks, .. } = &plan.problem else { return 0.0 };
    let network = NetworkSize::from(&plan.network);
    let tasks = (test_tasks.get() as f64).min(1.0 + FURTHER as f64) + 1.0;
    let rows = tasks * MOST_PANELS * generator.settings().points as f64;
    network.recording((GRID * GRID) as f64, 1.0, NUMBER) + rows * POINT
}

/// The decisions of each method on the first test task of seed 0, before and after one step on
/// positive, protected support rows; and on the next tasks after the step.
pub fn figures(study: &Study) -> Result<Vec<String>> {
    let plan = &study.plan;
    let prepared = Source::open(plan)?.prepare(plan, 0)?;
    let (first, others) = prepared.tests.split_at(1.min(prepared.tests.len()));
    let others = &others[..FURTHER.min(others.len())];
    let sets = [(first, true), (others, false)].into_iter().filter(|(tests, _)| !tests.is_empty());
    sets.map(|(tests, before_too)| figure(study, &prepared, tests, before_too)).collect()
}

/// One row for each test task after the step; with `before_too`, also one before the step.
fn figure(study: &Study, prepared: &Prepared, tests: &[Test], before_too: bool) -> Result<String> {
    let plan = &study.plan;
    let arms = [
        Arm::plain(MethodName::Pretrained),
        Arm::plain(MethodName::Meta),
        plan.shown(MethodName::Meta),
    ];
    let of_arm =
        |arm: &Arm| study.trained.iter().find(|run| run.seed == prepared.seed && run.arm == *arm);
    let mut methods: Vec<&Trained> = arms.iter().filter_map(of_arm).collect();
    methods.dedup_by_key(|run| run.arm);
    let rows = tests[0].episode().support.rows();
    let row = |name: &str, test, stage| task(study, &methods, test, (name.into(), stage));
    let (when, tasks) = match before_too {
        true => {
            let rows = tests.iter().flat_map(|test| {
                [row("before", test, Stage::Before), row("after", test, Stage::After)]
            });
            ("one test task before and after", rows.collect::<Result<_>>()?)
        }
        false => {
            let rows = tests.iter().map(|test| row(test.name(), test, Stage::After));
            ("further test tasks after", rows.collect::<Result<_>>()?)
        }
    };
    let title = format!("Decisions on {when} one step on {rows} support points");
    Ok(Boundaries { title, axes: ("x₁".into(), "x₂".into()), tasks }.svg()?)
}

fn task(
    study: &Study,
    methods: &[&Trained],
    test: &Test,
    (name, stage): (String, Stage),
) -> Result<boundary::Task> {
    let episode = test.episode();
    let of_test = (test.name(), &episode);
    let panels = methods.iter().map(|run| panel(study, of_test, run, stage));
    let point = |batch: &Batch, row: usize| boundary::Point {
        x: batch.row(row)[0],
        y: batch.row(row)[1],
        positive: batch.positive()[row],
        protected: batch.protected()[row],
    };
    let points = |batch: &Batch| (0..batch.rows()).map(|row| point(batch, row)).collect();
    Ok(boundary::Task {
        name,
        points: points(&episode.query),
        fine_tuning: points(&episode.support),
        panels: panels.collect::<Result<_>>()?,
    })
}

/// The smallest and the largest x and y of a task, with a margin.
fn extent(episode: &Episode) -> [(f64, f64); 2] {
    let rows = [&episode.support, &episode.query];
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

fn panel(
    study: &Study,
    (name, episode): (&str, &Episode),
    trained: &Trained,
    stage: Stage,
) -> Result<boundary::Panel> {
    let run = Run { plan: &study.plan, arm: trained.arm, seed: trained.seed };
    let adaptation = match stage {
        Stage::Before => Adaptation::BEFORE,
        Stage::After => run.plan.shown_adaptation(run.arm),
    };
    let method = run.arm.method.implementation();
    let classifier = method.adapt(run, &trained.learned, adaptation, (name, episode))?;
    let [x, y] = extent(episode);
    let Classifier::Network(network, theta) = &classifier else {
        unreachable!("a method of weights")
    };
    let mut failed = None;
    let grid = Grid::sample(x, y, (GRID, GRID), |points| {
        let x: Vec<f64> = points.iter().flat_map(|&(x, y)| [x, y]).collect();
        probabilities(network, theta, &x).unwrap_or_else(|error| {
            failed = Some(error);
            vec![0.0; points.len()]
        })
    });
    if let Some(error) = failed {
        return Err(experiment::error::Error::from(error).into());
    }
    let title = format!("{} (γ = {})", study.plan.label(trained.arm), trained.arm.gamma);
    let subtitle = subtitle(&classifier.decide(&episode.query)?);
    Ok(boundary::Panel { title, subtitle, grid })
}

fn subtitle(counts: &GroupCounts) -> String {
    let number = |x: Option<f64>| x.map_or("n/a".into(), |x| format!("{x:.2}"));
    format!(
        "accuracy {}, parity ratio {}",
        number(counts.overall().accuracy()),
        number(counts.demographic_parity_ratio())
    )
}
