//! The tables a terminal shows.

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, LineStyle, Table};
use fairness::Notion;

use crate::plan::{Algorithm, Plan};
use crate::record::Stage;
use crate::statistics::Mean;
use crate::summary::{Metric, Row};

/// What a table prints for a quantity that is undefined.
const UNDEFINED: &str = "n/a";

/// The table of one problem.
pub fn render(plan: &Plan, rows: &[Row], passed_over: u64) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()));
    table.set_header([
        "method",
        "regularizer",
        "γ",
        "rate",
        "accuracy",
        "before",
        "parity ratio",
        "opportunity ratio",
        "undefined",
    ]);
    for row in shown(plan, rows) {
        let before = rows.iter().find(|other| {
            let same_arm = (other.algorithm, other.notion) == (row.algorithm, row.notion);
            other.stage == Stage::Before && same_arm && other.gamma == row.gamma
        });
        table.add_row([
            row.method.to_owned(),
            row.notion.map_or("none", notion).to_owned(),
            row.gamma.to_string(),
            row.rate.map_or(UNDEFINED.into(), |rate| rate.to_string()),
            metric(&row.accuracy),
            before.map_or(UNDEFINED.into(), |before| mean_only(&before.accuracy)),
            metric(&row.demographic_parity_ratio),
            metric(&row.equal_opportunity_ratio),
            undefined(row),
        ]);
    }
    for column in 2..=8 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let passed_over = match passed_over {
        0 => String::new(),
        n => format!(
            "\n{n} test task(s) had fewer than {} rows to adapt on and gave way to the next.",
            plan.k
        ),
    };
    format!("{}\n{table}\n{}{passed_over}\n", plan.problem.title(), note(plan))
}

/// Rows after adaptation, the pre-trained network only at the rate the paper names.
fn shown<'a>(plan: &'a Plan, rows: &'a [Row]) -> impl Iterator<Item = &'a Row> {
    rows.iter().filter(|row| match row.algorithm {
        _ if row.stage == Stage::Before => false,
        Algorithm::Meta => true,
        Algorithm::Pretrained => row.rate == Some(plan.fine_tuning_shown),
    })
}

/// What tables and figures call a regularizer.
pub fn notion(notion: Notion) -> &'static str {
    match notion {
        Notion::DemographicParity => "parity",
        Notion::EqualOpportunity => "opportunity",
    }
}

fn metric(metric: &Metric) -> String {
    match metric.over_seeds {
        None => UNDEFINED.into(),
        Some(Mean { mean, half_width: None, .. }) => format!("{mean:.3}"),
        Some(Mean { mean, half_width: Some(half), .. }) => format!("{mean:.3} ± {half:.3}"),
    }
}

fn mean_only(metric: &Metric) -> String {
    metric.over_seeds.map_or(UNDEFINED.into(), |mean| format!("{:.3}", mean.mean))
}

/// Undefined values of the two ratios, of all tasks in all runs.
fn undefined(row: &Row) -> String {
    let (parity, opportunity) = (row.demographic_parity_ratio, row.equal_opportunity_ratio);
    let tasks = parity.defined + parity.undefined;
    format!("{} + {} of {tasks}", parity.undefined, opportunity.undefined)
}

fn note(plan: &Plan) -> String {
    let (k, rate) = (plan.k, plan.inner.rate());
    format!(
        "K = {k}, {} meta-iterations, inner rate {rate}. Means over {} run(s) with 95% intervals; a \
         ratio of 1 is fair.\n\"before\" is the accuracy of the learned weights before they are \
         adapted; \"undefined\" counts the tasks whose\nparity + opportunity ratio does not exist.",
        plan.iterations, plan.seeds
    )
}
