//! The tables in the terminal, fitted to its width.

use crate::cell::{halved, notion, regularizer};
use crate::{comparison, defaults};
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width,
};
use console::{Style, measure_text_width};

use experiment::plan::Plan;
use experiment::plan::arm::MethodName;
use experiment::results::outcome::Stage;
use experiment::results::study::Study;
use experiment::results::summary::{Metric, Row};
use meta::algorithm::{Algorithm, MetaSgd};
use report::mean::Mean;
use report::number::{UNDEFINED, counted};
use report::page::{Claim, Verdict};
use report::terminal::Terminal;

/// Columns of [`cells`].
const REGULARIZER: usize = 1;
const BEFORE: usize = 4;
const RATIOS: [usize; 2] = [6, 8];
const UNDEFINED_VALUES: usize = 9;

const STYLE: TableStyle = UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none());

/// A way to make a table narrower.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Layout {
    /// Columns that are hidden.
    without: &'static [usize],
    /// Whether words are abbreviated.
    short: bool,
    /// Whether a row may have two lines: intervals go below their means.
    two_lines: bool,
}

/// From the widest to the narrowest. The least important columns are hidden first.
const LAYOUTS: [Layout; 9] = {
    const FEW: &[usize] = &[RATIOS[0], RATIOS[1], BEFORE, UNDEFINED_VALUES];
    const fn layout(without: &'static [usize], short: bool) -> Layout {
        Layout { without, short, two_lines: false }
    }
    [
        layout(&[], false),
        layout(&[], true),
        layout(&RATIOS, false),
        layout(&RATIOS, true),
        layout(&[RATIOS[0], RATIOS[1], BEFORE], false),
        layout(&[RATIOS[0], RATIOS[1], BEFORE], true),
        layout(FEW, false),
        layout(FEW, true),
        Layout { two_lines: true, ..layout(FEW, true) },
    ]
};

/// The table of one problem, whose results are in the folder `out`.
pub fn render(study: &Study, out: &str, terminal: Terminal) -> String {
    let plan = &study.plan;
    let (head, rows) = cells(plan, &study.summary, halved);
    let (table, layout) = fitted(&head, &rows, terminal.width);
    let mut notes = vec![legend(plan, layout)];
    notes.extend(hidden(plan, &head, layout, out));
    if study.skipped_tasks > 0 {
        notes.push(format!(
            "{} test task(s) had fewer than {} support rows and were replaced by the next task.",
            study.skipped_tasks,
            plan.support_rows()
        ));
    }
    notes.extend(comparison::ends(study));
    let notes: Vec<String> = notes.iter().map(|note| terminal.wrap(note)).collect();
    let title = terminal.paint(plan.problem.title(), &Style::new().bold());
    let compared = compared(study, terminal);
    format!("{title}\n{}\n{}\n{compared}", with_head(&table, terminal), notes.join("\n"))
}

/// The differences between the compared algorithms, if there are any.
fn compared(study: &Study, terminal: Terminal) -> String {
    let (head, rows) = comparison::cells(study);
    if rows.is_empty() {
        return String::new();
    }
    let table = report::terminal::table(&head, rows, 2, terminal.width);
    let title = terminal.paint(&terminal.wrap(comparison::CAPTION), &Style::new().bold());
    format!("\n{title}\n{}\n", with_head(&table, terminal))
}

/// The table in the first layout that fits. If none fits, the last layout with line breaks in
/// cells.
fn fitted(head: &[String], rows: &[Vec<String>], width: usize) -> (String, Layout) {
    for layout in LAYOUTS {
        let table = laid_out(head, rows, layout).to_string();
        if table.lines().all(|line| measure_text_width(line) <= width) {
            return (table, layout);
        }
    }
    let layout = LAYOUTS[LAYOUTS.len() - 1];
    let mut table = laid_out(head, rows, layout);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(width.try_into().unwrap_or(u16::MAX));
    (table.to_string(), layout)
}

fn laid_out(head: &[String], rows: &[Vec<String>], layout: Layout) -> Table {
    let shown = |place: &usize| !layout.without.contains(place);
    let places: Vec<usize> = (0..head.len()).filter(shown).collect();
    let row = |row: &Vec<String>| -> Vec<String> {
        places.iter().map(|&place| layout.cell(place, &row[place])).collect()
    };
    let mut table = Table::new();
    table.load_style(STYLE);
    table.set_header(places.iter().map(|&place| layout.head(place, &head[place])));
    table.add_rows(rows.iter().map(row));
    for (column, &place) in table.column_iter_mut().zip(&places) {
        // The style adds one space, so columns are two spaces apart; there are none at the ends.
        column.set_padding(if place == 0 { (0, 0) } else { (1, 0) });
        if place > REGULARIZER {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

impl Layout {
    fn head(&self, place: usize, head: &str) -> String {
        match (place, head) {
            (REGULARIZER, _) if self.short => "R, γ".into(),
            (_, "opportunity") if self.two_lines => "opport.".into(),
            _ => head.into(),
        }
    }

    fn cell(&self, place: usize, cell: &str) -> String {
        let mut cell = cell.to_owned();
        if place == REGULARIZER && self.short {
            cell = cell.replace("parity,", "par.").replace("opportunity,", "opp.");
        }
        if self.two_lines {
            cell = cell.replace(" ±", "\n±").replace(", before", ",\nbefore");
            cell = cell.replace("published-code", "published-\ncode");
        }
        cell
    }

    fn shows(&self, column: usize) -> bool {
        !self.without.contains(&column)
    }
}

/// Everything above the double line is the head.
fn with_head(table: &str, terminal: Terminal) -> String {
    let mut in_head = true;
    let lines = table.lines().map(|line| {
        in_head &= !line.starts_with('═');
        let is_words = in_head && !line.starts_with('─');
        if is_words { terminal.paint(line, &Style::new().bold()) } else { line.into() }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The verdicts on the paper's claims; the report is in the folder `out`.
pub fn verdicts(claims: &[Claim], out: &str, terminal: Terminal) -> String {
    let words = claims.iter().map(|claim| claim.verdict.word().len());
    let widest = words.max().unwrap_or(0).max("verdict".len());
    let mut table = Table::new();
    table.load_style(STYLE);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(terminal.text_width().try_into().unwrap_or(u16::MAX));
    table.set_header(["", "the paper's claim", "verdict"]);
    for (number, claim) in (1..).zip(claims) {
        table.add_row([format!("{number}"), claim.claim.clone(), claim.verdict.word().into()]);
    }
    if let Some(column) = table.column_mut(2) {
        // With the spaces around it.
        let width = Width::Fixed(u16::try_from(widest + 2).unwrap_or(u16::MAX));
        column.set_constraint(ColumnConstraint::Absolute(width));
    }
    let table = with_head(&table.to_string(), terminal);
    let table: Vec<String> = table.lines().map(|line| colored(line, widest, terminal)).collect();
    let title = format!("The paper's claims ({out}/report.html has the evidence)");
    let title = terminal.paint(&terminal.wrap(&title), &Style::new().bold());
    format!("{title}\n{}\n", table.join("\n"))
}

/// A line of the table of verdicts, with the verdict in its color.
fn colored(line: &str, widest: usize, terminal: Terminal) -> String {
    let from = line.chars().count().saturating_sub(widest + 2);
    let at = line.char_indices().nth(from).map_or(line.len(), |(at, _)| at);
    let (claim, verdict) = line.split_at(at);
    let word = verdict.trim();
    match Verdict::ALL.iter().find(|verdict| verdict.word() == word) {
        Some(found) => {
            format!("{claim}{}", verdict.replace(word, &terminal.paint(word, &color(*found))))
        }
        None => line.into(),
    }
}

fn color(verdict: Verdict) -> Style {
    let style = Style::new();
    match verdict {
        Verdict::Holds => style.green(),
        Verdict::InPart => style.yellow(),
        Verdict::DoesNotHold => style.red(),
        _ => style.dim(),
    }
}

/// With fewer runs, intervals are too wide for any verdict.
const FEWEST_SEEDS: u64 = 3;
/// A training shorter than the default by more than this factor shows nothing about the default.
const SHORTEST: u64 = 10;

/// Whether a run is too short to judge the paper's claims.
pub fn too_short(plans: &[Plan]) -> bool {
    plans.iter().any(|plan| shortcoming(plan).is_some())
}

/// Why there are no verdicts, and how to get them.
pub fn why_too_short(plans: &[Plan]) -> String {
    let reasons: Vec<String> = plans.iter().filter_map(shortcoming).collect();
    format!(
        "This run is too short to judge the paper's claims ({}). \"fair-maml reproduce\" without \
         options makes the full run, which takes a few minutes.",
        reasons.join("; ")
    )
}

/// The seeds and iterations of a plan, and the required ones, if the plan has too few.
fn shortcoming(plan: &Plan) -> Option<String> {
    let full = defaults::of(&plan.problem);
    let (seeds, iterations) = (plan.seeds.get(), plan.iterations.get());
    let fewest = full.iterations.get() / SHORTEST;
    (seeds < FEWEST_SEEDS || iterations < fewest).then(|| {
        format!(
            "{}: {} and {}; a verdict needs at least {FEWEST_SEEDS} and {fewest}",
            plan.problem.name(),
            counted(seeds as usize, "seed"),
            counted(iterations as usize, "iteration"),
        )
    })
}

/// Head and rows of the table of one problem.
pub fn cells(
    plan: &Plan,
    rows: &[Row],
    with_interval: fn(Mean) -> String,
) -> (Vec<String>, Vec<Vec<String>>) {
    let metric = |metric: &Metric| metric.over_seeds.map_or(UNDEFINED.into(), with_interval);
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
            Stage::Before if row.method == MethodName::Meta => format!("{}, before", row.label),
            _ => row.label.clone().into_owned(),
        };
        vec![
            method,
            setting(row),
            rate(plan, row),
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

/// One row for each arm, after the adaptation that the plan shows. Meta-learned weights also have a
/// row before adaptation.
fn shown<'a>(plan: &'a Plan, rows: &'a [Row]) -> impl Iterator<Item = &'a Row> {
    let last = |row: &Row| match row.method {
        // This method has its own adaptation steps.
        MethodName::PublishedCode => row.stage == Stage::After,
        MethodName::Meta if row.stage == Stage::Before => true,
        _ => {
            row.adaptation() == plan.shown_adaptation(row.arm())
                && row.support_rows == plan.shown_rows(row.arm()).get()
        }
    };
    // One target is enough here. Figures and files have all.
    let one = |row: &Row| {
        let alike = |other: &&Row| (other.method, other.notion) == (row.method, row.notion);
        let targets = rows.iter().filter(alike).filter_map(|other| other.target);
        row.target == nearest(targets, shown_target(row.method))
    };
    rows.iter().filter(move |row| last(row) && one(row))
}

/// The target in tables: the four-fifths rule for a minimum fairness, and half of the way, or of
/// the rows, for a share.
fn shown_target(method: MethodName) -> f64 {
    if is_share(method) { 0.5 } else { 0.8 }
}

/// Whether the target of a method is a share.
fn is_share(method: MethodName) -> bool {
    use MethodName::{Coin, GroupThresholds, SharedThreshold};
    matches!(method, Coin | GroupThresholds | SharedThreshold)
}

/// The target nearest to `wanted`, the larger of two; `None` without targets.
fn nearest(targets: impl Iterator<Item = f64>, wanted: f64) -> Option<f64> {
    let distance = |target: f64| (target - wanted).abs();
    targets.min_by(|&a, &b| distance(a).total_cmp(&distance(b)).then(b.total_cmp(&a)))
}

/// The rate of the steps. Meta-SGD learns one for each weight.
fn rate(plan: &Plan, row: &Row) -> String {
    let learned = row.method == MethodName::Meta
        && row.stage == Stage::After
        && plan.algorithm_of(row.arm()).name() == MetaSgd.name();
    match row.rate {
        Some(_) if learned => "learned".into(),
        rate => rate.map_or(UNDEFINED.into(), |rate| rate.to_string()),
    }
}

/// "parity, 10", or the target of a reference, of thresholds or of a coin.
fn setting(row: &Row) -> String {
    match (row.notion, row.target) {
        (Some(of), Some(share)) if is_share(row.method) => {
            format!("{}, {:.0}% to fair", notion(of), 100.0 * share)
        }
        (Some(of), Some(target)) => format!("{} ≥ {target}", notion(of)),
        (None, Some(share)) => format!("accepts {share}"),
        (_, None) => regularizer(row.notion, row.gamma),
    }
}

fn mean_only(metric: &Metric) -> String {
    metric.over_seeds.map_or(UNDEFINED.into(), |mean| format!("{:.3}", mean.mean))
}

/// The undefined values of parity and opportunity over all tasks of all runs.
fn undefined(row: &Row) -> String {
    let (parity, opportunity) = (row.demographic_parity_closeness, row.equal_opportunity_closeness);
    let tasks = parity.defined + parity.undefined;
    format!("{} + {} of {tasks}", parity.undefined, opportunity.undefined)
}

/// The meaning of all columns.
pub fn note(plan: &Plan) -> String {
    legend(plan, LAYOUTS[0])
}

/// The meaning of the columns of a layout.
fn legend(plan: &Plan, layout: Layout) -> String {
    let mut sentences = vec![format!(
        "K = {}, {} meta-iterations, inner rate {}. Means over {} with 95% intervals.",
        plan.k,
        plan.iterations,
        plan.inner.rate(),
        counted(plan.seeds.get() as usize, "run")
    )];
    if layout.short {
        sentences.push(
            "\"R, γ\" is the regularizer (par. for parity, opp. for opportunity) and its weight."
                .into(),
        );
    }
    sentences.push(match layout.shows(BEFORE) {
        true => "\"before\" is the accuracy before adaptation; the difference is what adaptation \
         gains. Rows named \"before\" show the other columns before adaptation."
            .into(),
        false => "Rows named \"before\" show the learned weights before adaptation.".into(),
    });
    sentences.push("\"parity\" is min(r, 1/r) of a task's parity ratio r; 1 is fair.".into());
    if layout.two_lines {
        sentences.push("\"opport.\" is the same among the rows with a positive label.".into());
    }
    sentences
        .push("± is half of the length of the interval. Near 0 and 1 the two sides differ.".into());
    if layout.shows(RATIOS[0]) {
        sentences.push(
            "The mean of the ratios shows which group is favored, but not by how much: the mean of \
             1/2 and 3/2 is 1."
                .into(),
        );
    }
    if layout.shows(UNDEFINED_VALUES) {
        sentences.push(
            "\"undefined\" counts the tasks without a parity + those without an opportunity: a \
             group is empty, or nobody is accepted."
                .into(),
        );
    }
    sentences.join(" ")
}

/// The columns that do not fit, and the files that have them.
fn hidden(plan: &Plan, head: &[String], layout: Layout, out: &str) -> Option<String> {
    let mut names: Vec<&str> = layout.without.iter().map(|&place| head[place].as_str()).collect();
    names.dedup();
    (!names.is_empty()).then(|| {
        format!(
            "These columns do not fit here: {}. {out}/report.html and {out}/{}_summary.csv have \
             all columns.",
            names.join(", "),
            plan.problem.name()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use report::page::Claim;

    fn claims() -> Vec<Claim> {
        let text = "Fair-MAML is fairer than the fine-tuned pre-trained network, and what holds";
        Verdict::ALL.map(|verdict| Claim::new(text, verdict)).into()
    }

    /// The verdict is unbroken on the first line of its claim at every width.
    #[test]
    fn verdicts_fit() {
        for width in [60, 80, 100, 120] {
            let text = verdicts(&claims(), "out", Terminal::plain(width));
            for line in text.lines() {
                assert!(measure_text_width(line) <= width, "{width}: {line}");
            }
            for (number, verdict) in (1..).zip(Verdict::ALL) {
                let start = format!(" {number}  ");
                let line = text.lines().find(|line| line.starts_with(&start)).unwrap();
                assert!(line.trim_end().ends_with(&format!("  {}", verdict.word())), "{line}");
            }
        }
    }

    /// Cells too wide for every layout are broken into lines.
    #[test]
    fn anything_fits() {
        let head: Vec<String> = (0..10).map(|i| format!("head {i}")).collect();
        let cell = "a rather long cell with several words ± 1";
        let rows = vec![vec![cell.to_owned(); 10]; 3];
        let (table, layout) = fitted(&head, &rows, 60);
        assert!(table.lines().all(|line| measure_text_width(line) <= 60), "{table}");
        assert_eq!(layout, LAYOUTS[LAYOUTS.len() - 1]);
    }

    #[test]
    fn short_runs() {
        let plans = || vec![defaults::synthetic(), defaults::communities()];
        let with = |seeds: u64, iterations: u64| {
            let mut plans = plans();
            for plan in &mut plans {
                plan.seeds = seeds.try_into().unwrap();
                plan.iterations = iterations.try_into().unwrap();
            }
            plans
        };
        assert!(!too_short(&plans()) && !too_short(&with(3, 500)));
        assert!(too_short(&with(2, 500)) && too_short(&with(3, 499)));
        // A tenth of the 2,000 of Communities and Crime.
        assert!(!too_short(&with(3, 200)[1..]) && too_short(&with(3, 199)[1..]));
        let quick: Vec<Plan> = plans().into_iter().map(defaults::quick).collect();
        assert!(too_short(&quick));
        let why = why_too_short(&with(3, 300));
        for part in ["synthetic: 3 seeds and 300 iterations", "at least 3 and 500"] {
            assert!(why.contains(part), "{part}: {why}");
        }
        assert!(!why.contains("communities"), "{why}");
    }
}
