//! The tables a terminal shows.

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table};
use fairness::Notion;

use crate::arm::Algorithm;
use crate::compare::Compared;
use crate::experiment::Study;
use crate::outcome::Stage;
use crate::plan::Plan;
use crate::summary::{Metric, Row};
use report::number::decimal;
use report::page::Claim;

/// What a table prints for a quantity that is undefined.
pub const UNDEFINED: &str = "n/a";

/// The table of one problem.
pub fn render(study: &Study) -> String {
    let (head, rows) = cells(&study.plan, &study.summary);
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()));
    table.set_header(head).add_rows(rows);
    for column in 2..=9 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let plan = &study.plan;
    let passed_over = match study.passed_over {
        0 => String::new(),
        n => format!(
            "\n{n} test task(s) had fewer than {} rows to adapt on and gave way to the next.",
            plan.support_rows()
        ),
    };
    format!("{}\n{table}\n{}{passed_over}\n", plan.problem.title(), note(plan))
}

/// The verdicts on the paper's claims.
pub fn verdicts(claims: &[Claim]) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()));
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(114);
    table.set_header(["", "the paper's claim", "verdict"]);
    for (number, claim) in (1..).zip(claims) {
        table.add_row([format!("{number}"), claim.claim.clone(), claim.verdict.word().into()]);
    }
    format!("What the paper claims (report.html has the evidence)\n{table}\n")
}

/// Head and rows of the table of one problem.
pub fn cells(plan: &Plan, rows: &[Row]) -> (Vec<String>, Vec<Vec<String>>) {
    let head = [
        "method",
        "regularizer, γ",
        "rate",
        "accuracy",
        "before",
        "parity",
        "its ratio",
        "opportunity",
        "its ratio",
        "undefined",
    ];
    let cells = shown(plan, rows).map(|row| {
        let before = rows.iter().find(|other| {
            (other.stage, row.stage) == (Stage::Before, Stage::After) && other.arm() == row.arm()
        });
        let method = match row.stage {
            Stage::Before if row.algorithm == Algorithm::Meta => format!("{}, before", row.method),
            _ => row.method.to_owned(),
        };
        vec![
            method,
            row.notion.map_or("none".into(), |r| format!("{}, {}", notion(r), row.gamma)),
            row.rate.map_or(UNDEFINED.into(), |rate| rate.to_string()),
            metric(&row.accuracy),
            before.map_or(UNDEFINED.into(), |before| mean_only(&before.accuracy)),
            metric(&row.demographic_parity_closeness),
            mean_only(&row.demographic_parity_ratio),
            metric(&row.equal_opportunity_closeness),
            mean_only(&row.equal_opportunity_ratio),
            undefined(row),
        ]
    });
    (head.map(String::from).into(), cells.collect())
}

/// One row for each arm, as adapted in the way that the plan shows; meta-learned weights also have
/// one before they are adapted.
fn shown<'a>(plan: &'a Plan, rows: &'a [Row]) -> impl Iterator<Item = &'a Row> {
    let last = |row: &Row| match row.algorithm {
        // Adapted by steps of its own, not by the plan's.
        Algorithm::PublishedCode => row.stage == Stage::After,
        Algorithm::Meta if row.stage == Stage::Before => true,
        _ => row.adaptation() == plan.shown_adaptation(row.arm()),
    };
    rows.iter().filter(move |row| last(row))
}

/// "0.744 ± 0.021", with a sign where it is a difference.
pub fn mean(compared: Compared, signed: bool) -> String {
    let Some(mean) = compared.mean else { return UNDEFINED.into() };
    let value = decimal(mean.mean, signed);
    mean.half_width().map_or(value.clone(), |half| format!("{value} ± {half:.3}"))
}

/// Undefined of all.
pub fn undefined_of(compared: Compared) -> String {
    format!("{} of {}", compared.undefined, compared.tasks)
}

/// What tables and figures call a regularizer.
pub fn notion(notion: Notion) -> &'static str {
    match notion {
        Notion::DemographicParity => "parity",
        Notion::EqualOpportunity => "opportunity",
    }
}

fn metric(metric: &Metric) -> String {
    let Some(mean) = metric.over_seeds else { return UNDEFINED.into() };
    let value = format!("{:.3}", mean.mean);
    mean.half_width().map_or(value.clone(), |half| format!("{value} ± {half:.3}"))
}

fn mean_only(metric: &Metric) -> String {
    metric.over_seeds.map_or(UNDEFINED.into(), |mean| format!("{:.3}", mean.mean))
}

/// Undefined values of parity and opportunity, of all tasks in all runs.
fn undefined(row: &Row) -> String {
    let (parity, opportunity) = (row.demographic_parity_closeness, row.equal_opportunity_closeness);
    let tasks = parity.defined + parity.undefined;
    format!("{} + {} of {tasks}", parity.undefined, opportunity.undefined)
}

/// What the columns mean.
pub fn note(plan: &Plan) -> String {
    let (k, rate) = (plan.k, plan.inner.rate());
    format!(
        "K = {k}, {} meta-iterations, inner rate {rate}. Means over {} run(s) with 95% intervals.\n\
         \"before\" is the accuracy of the learned weights before they are adapted; rows named so have \
         the rest of it. \"parity\" is\nmin(r, 1/r) of a task's ratio r: 1 is fair. The mean of the \
         ratios themselves says which group is favored, not how far:\n1/2 and 3/2 make 1. \"undefined\" \
         counts the tasks that have no parity + no opportunity: a group is empty, or nobody\nis \
         accepted in either.",
        plan.iterations, plan.seeds
    )
}
