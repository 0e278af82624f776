//! The audit as sentences and as tables of texts, for the terminal and for the page.

use report::number::{UNDEFINED, counted, decimal};
use report::page::Table;
use report::terminal::printable;

use crate::measure::{Metric, Quantity, Rate};
use crate::result::{Audit, Estimate, Part};
use crate::warning::{FEWEST_OF_LABEL, FEWEST_ROWS, Warning};

/// Where the audited rows come from, for those who read of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    /// The name of the file.
    pub file: String,
    /// The column of the labels.
    pub label: String,
    /// The column of the decisions, or of the scores.
    pub prediction: String,
    /// The column of the groups.
    pub sensitive: String,
    /// The column of the tasks.
    pub task: Option<String>,
    /// The values of a positive label.
    pub positive: Vec<String>,
    /// The values of a decision that accepts.
    pub accepted: Vec<String>,
    /// A score of at least this much accepts; `None` if the column has decisions.
    pub threshold: Option<f64>,
    /// The number of rows left out because a cell is missing.
    pub left_out: usize,
}

/// The metrics that the tables of all rows and of pairs show. Those of closeness say no more than
/// the ratios, except in a mean.
const SHOWN: [Metric; 9] = [
    Metric::Accuracy,
    Metric::DemographicParityRatio,
    Metric::DemographicParityDifference,
    Metric::EqualOpportunityRatio,
    Metric::EqualOpportunityDifference,
    Metric::FalsePositiveRateRatio,
    Metric::FalsePositiveRateDifference,
    Metric::EqualizedOddsRatio,
    Metric::EqualizedOddsDifference,
];

/// A whole number with commas between the thousands.
pub(crate) fn whole(number: u64) -> String {
    let digits = number.to_string();
    let mut set = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            set.push(',');
        }
        set.push(digit);
    }
    set
}

fn value(estimate: &Estimate, signed: bool) -> String {
    estimate.value.map_or(UNDEFINED.into(), |value| decimal(value, signed))
}

fn ends(interval: Option<(f64, f64)>, signed: bool) -> String {
    let text = |(low, high)| format!("{} to {}", decimal(low, signed), decimal(high, signed));
    interval.map_or(UNDEFINED.into(), text)
}

fn named(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.into()).collect()
}

/// `"a", "b" and "c"`.
fn quoted(names: &[String]) -> String {
    joined(names, "and")
}

/// `"a", "b" or "c"`.
fn one_of(names: &[String]) -> String {
    joined(names, "or")
}

fn joined(names: &[String], word: &str) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("\"{}\"", printable(name))).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} {word} {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

/// What was audited, in a few sentences.
pub(crate) fn subject(audit: &Audit, origin: &Origin) -> String {
    let rows = audit.pooled.counts.overall().total();
    let [label, prediction, sensitive] =
        [&origin.label, &origin.prediction, &origin.sensitive].map(|text| printable(text));
    let [positive, values] = [&origin.positive, &origin.accepted].map(|values| one_of(values));
    let accepted = match origin.threshold {
        Some(threshold) => format!("its \"{prediction}\" is at least {threshold}"),
        None => format!("its \"{prediction}\" is {values}"),
    };
    let mut text = format!(
        "{} rows. A label is positive if \"{label}\" is {positive}, and a row is accepted if \
         {accepted}. Protected: \"{sensitive}\" is {}.",
        whole(rows),
        one_of(&audit.settings.protected),
    );
    if let (Some(column), Some(tasks)) = (&origin.task, &audit.tasks) {
        text += &format!(" {} by \"{}\".", counted(tasks.len(), "task"), printable(column));
    }
    if origin.left_out > 0 {
        let rows = counted(origin.left_out, "row");
        text += &format!(" Left out because a cell is missing: {rows}.");
    }
    text
}

/// The first thing to know, in one sentence.
pub(crate) fn headline(audit: &Audit) -> String {
    let ratio = audit.pooled.metrics[Metric::DemographicParityRatio];
    let Some(value) = ratio.value else {
        return "How often the protected rows are accepted cannot be compared with the others."
            .into();
    };
    let interval = match ratio.interval {
        Some(ends) => format!("95% interval {}", self::ends(Some(ends), false)),
        None => "no interval".into(),
    };
    format!(
        "Protected rows are accepted {} times as often as the others ({interval}); 1 is fair.",
        decimal(value, false)
    )
}

/// How the intervals were made.
pub(crate) fn method() -> String {
    format!(
        "Intervals are 95% intervals for rows that were drawn independently, by score methods: \
         Wilson's of a rate, and what follows from it for a difference and a ratio. {UNDEFINED} \
         stands for a value that does not exist."
    )
}

/// The rates of each group with the counts behind them.
pub(crate) fn groups(part: &Part) -> Table {
    let rows = part.groups.iter().flat_map(|group| {
        let name = printable(&group.name);
        Rate::ALL.iter().map(move |&rate| {
            let (count, of) = rate.fraction(&group.counts);
            let estimate = &group.rates[rate];
            vec![
                name.clone(),
                rate.title().trim_end_matches(" rate").into(),
                value(estimate, false),
                ends(estimate.interval, false),
                format!("{} of {}", whole(count), whole(of)),
            ]
        })
    });
    Table {
        caption: "The rates of each group. Selection is the share of accepted rows, true (false) \
                  positive the share among those with a positive (negative) label."
            .into(),
        head: named(&["group", "rate", "value", "95% interval", "rows"]),
        rows: rows.collect(),
        numeric_from: 2,
    }
}

/// The protected rows against all others.
pub(crate) fn metrics(audit: &Audit) -> Table {
    let row = |metric: Metric| {
        let estimate = &audit.pooled.metrics[metric];
        let signed = metric.is_signed();
        let (value, ends) = (value(estimate, signed), ends(estimate.interval, signed));
        vec![metric.title().into(), metric.form().into(), value, ends]
    };
    Table {
        caption: "All protected rows against all others. Ratios are protected over others (1 is \
                  fair), differences protected minus others (0 is fair)."
            .into(),
        head: named(&["metric", "as", "value", "95% interval"]),
        rows: SHOWN.map(row).into(),
        numeric_from: 2,
    }
}

/// Each group against the reference group; `None` if there are only two groups.
pub(crate) fn pairs(audit: &Audit) -> Option<Table> {
    let reference = audit.reference.as_ref().filter(|_| audit.pairs.len() > 1)?;
    let rows = audit.pairs.iter().flat_map(|pair| {
        SHOWN.iter().skip(1).map(|&metric| {
            let (estimate, signed) = (&pair.metrics[metric], metric.is_signed());
            let (value, ends) = (value(estimate, signed), ends(estimate.interval, signed));
            let (title, form) = (metric.title().into(), metric.form().into());
            vec![printable(&pair.group), title, form, value, ends]
        })
    });
    Some(Table {
        caption: format!(
            "Each group against the reference group, {}. Ratios are group over reference, \
             differences group minus reference.",
            quoted(std::slice::from_ref(reference))
        ),
        head: named(&["group", "metric", "as", "value", "95% interval"]),
        rows: rows.collect(),
        numeric_from: 3,
    })
}

/// The means over tasks; `None` without a task column.
pub(crate) fn means(audit: &Audit) -> Option<Table> {
    let (means, tasks) = (audit.means.as_ref()?, audit.tasks.as_ref()?);
    let row = |(metric, mean): (Metric, &crate::result::TaskMean)| {
        let signed = metric.is_signed();
        vec![
            metric.title().into(),
            metric.form().into(),
            mean.mean.map_or(UNDEFINED.into(), |mean| decimal(mean.mean, signed)),
            ends(mean.mean.and_then(|mean| mean.interval), signed),
            format!("{} of {}", tasks.len() - mean.undefined, tasks.len()),
        ]
    };
    Some(Table {
        caption: "Means over tasks, with 95% intervals by Student's t: what to expect of another \
                  task. The closeness min(r, 1/r) of a ratio r counts a preference for either side \
                  as unfair, which a mean of ratios does not. The last column counts the tasks in \
                  which the metric exists."
            .into(),
        head: named(&["metric", "as", "mean", "95% interval", "tasks"]),
        rows: means.iter().map(row).collect(),
        numeric_from: 2,
    })
}

/// Marks a task in which a group is too small.
const SMALL: &str = "*";

/// The largest `most` tasks, one in a row; `None` without a task column. With intervals if `full`.
pub(crate) fn tasks(audit: &Audit, most: usize, full: bool) -> Option<Table> {
    let tasks = audit.tasks.as_ref()?;
    let mut order: Vec<&(String, Part)> = tasks.iter().collect();
    let rows = |part: &Part| part.counts.overall().total();
    if tasks.len() > most {
        order.sort_by_key(|(_, part)| std::cmp::Reverse(rows(part)));
        order.truncate(most);
    }
    let shown = [
        (Metric::Accuracy, "accuracy"),
        (Metric::DemographicParityRatio, "parity ratio"),
        (Metric::EqualOpportunityRatio, "opportunity ratio"),
        (Metric::EqualizedOddsDifference, "odds difference"),
    ];
    let row = |(name, part): &&(String, Part)| {
        let small = part.warnings.iter().any(|one| matches!(one, Warning::SmallGroup { .. }));
        let name = printable(name) + if small { SMALL } else { "" };
        let mut cells = vec![name, whole(rows(part)), whole(part.counts.protected.total())];
        cells.extend(shown.iter().map(|&(metric, _)| {
            let (estimate, signed) = (&part.metrics[metric], metric.is_signed());
            match estimate.interval.filter(|_| full) {
                Some(interval) => {
                    format!("{} ({})", value(estimate, signed), ends(Some(interval), signed))
                }
                None => value(estimate, signed),
            }
        }));
        cells
    };
    let mut head = vec!["task", "rows", "protected"];
    head.extend(shown.map(|(_, name)| name));
    let left = match tasks.len() > most {
        true => format!("The {most} largest of {} tasks; --json has all.", tasks.len()),
        false => "Each task.".into(),
    };
    Some(Table {
        caption: format!(
            "{left} A star marks a task in which a group has fewer than {FEWEST_ROWS} rows, or \
             fewer than {FEWEST_OF_LABEL} of a label: too few to say anything."
        ),
        head: named(&head),
        rows: order.iter().map(row).collect(),
        numeric_from: 1,
    })
}

/// The warnings about all rows, one sentence or a few each, and one about the tasks.
pub(crate) fn warnings(audit: &Audit) -> Vec<String> {
    let mut texts: Vec<String> =
        audit.pooled.warnings.iter().map(|warning| printable(&warning.text())).collect();
    if let Some(tasks) = &audit.tasks {
        let warned = tasks.iter().filter(|(_, part)| !part.warnings.is_empty()).count();
        if warned > 0 {
            texts.push(format!(
                "Tasks with warnings of their own: {warned} of {}. --json lists them.",
                tasks.len()
            ));
        }
    }
    texts
}

/// The rule behind the warnings of small groups.
pub(crate) fn rule() -> String {
    format!(
        "A group is called too small for a rate with fewer than {FEWEST_ROWS} rows, or fewer than \
         {FEWEST_OF_LABEL} of the label in question. It is a rule of thumb: a rate of 1/2 in 30 \
         rows has a 95% interval of ±0.18, and in 10 rows of ±0.31."
    )
}
