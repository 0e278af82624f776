//! The audit as one HTML page.

use report::figure::strip::{Panel, Row, Strips};
use report::figure::style::Look;
use report::figure::{self, FigureError};
use report::page::{Definition, Figure, Report, Section, Source, Table};
use report::terminal::printable;

use crate::measure::{Quantity, Rate};
use crate::result::Audit;
use crate::tables::{self, Origin, whole};

/// More groups make the figure too long.
const MOST_DRAWN: usize = 12;
/// Longer names leave no room for the rates.
const LONGEST_DRAWN: usize = 22;
/// More tasks make the page too long.
const MOST_TASKS: usize = 1000;

/// The audit as one page that needs nothing but a browser. Names from the file are escaped.
///
/// # Errors
/// Returns an error if the figure cannot be drawn.
pub fn page(audit: &Audit, origin: &Origin) -> Result<String, FigureError> {
    let report = Report {
        title: format!("Fairness audit of {}", printable(&origin.file)),
        about: vec![tables::headline(audit), tables::subject(audit, origin), tables::method()],
        definitions: definitions(),
        sources: sources(),
        sections: sections(audit)?,
        provenance: provenance(audit, origin),
        ..Report::default()
    };
    Ok(report.html())
}

fn definitions() -> Vec<Definition> {
    vec![
        Definition::new("selection rate", "The share of rows that are accepted."),
        Definition::new(
            "true positive rate",
            "The share of rows with a positive label that are accepted.",
        ),
        Definition::new(
            "false positive rate",
            "The share of rows with a negative label that are accepted.",
        ),
        Definition::new("demographic parity", "Both sides have the same selection rate."),
        Definition::new("equal opportunity", "Both sides have the same true positive rate."),
        Definition::new(
            "equalized odds",
            "Both sides have the same true and the same false positive rate. As a difference: the \
             larger of the two, without its sign. As a ratio: the smaller of the two, each as the \
             smaller rate over the larger. By chance alone the difference is above 0 and \
             the ratio below 1.",
        ),
    ]
}

fn sources() -> Vec<Source> {
    vec![
        Source::new(
            "demographic parity as a ratio",
            "Feldman, Friedler, Moeller, Scheidegger and Venkatasubramanian, Certifying and \
             Removing Disparate Impact, 2015",
            "https://arxiv.org/abs/1412.3756",
        ),
        Source::new(
            "equal opportunity and equalized odds",
            "Hardt, Price and Srebro, Equality of Opportunity in Supervised Learning, 2016",
            "https://arxiv.org/abs/1610.02413",
        ),
        Source::new(
            "the interval of a rate",
            "Brown, Cai and DasGupta, Interval Estimation for a Binomial Proportion, 2001",
            "https://doi.org/10.1214/ss/1009213286",
        ),
        Source::new(
            "the interval of a difference",
            "Newcombe, Interval Estimation for the Difference between Independent Proportions, 1998",
            "https://doi.org/10.1002/(SICI)1097-0258(19980430)17:8%3C873::AID-SIM779%3E3.0.CO;2-I",
        ),
        Source::new(
            "the interval of a ratio",
            "Donner and Zou, Closed-form Confidence Intervals for Functions of the Normal Mean and \
             Standard Deviation, 2012",
            "https://doi.org/10.1177/0962280210383082",
        ),
    ]
}

fn section(heading: &str, text: Vec<String>, tables: Vec<Table>) -> Section {
    Section { heading: heading.into(), text, tables, ..Section::default() }
}

fn sections(audit: &Audit) -> Result<Vec<Section>, FigureError> {
    let mut sections = Vec::new();
    let mut warnings = tables::warnings(audit);
    if !warnings.is_empty() {
        warnings.push(tables::rule());
        sections.push(section("Warnings", warnings, Vec::new()));
    }
    let all = section("Protected rows against all others", vec![], vec![tables::metrics(audit)]);
    let mut groups = section("Each group", vec![], vec![tables::groups(&audit.pooled)]);
    groups.figures.extend(figure(audit)?);
    sections.extend([all, groups]);
    if let Some(pairs) = tables::pairs(audit) {
        sections.push(section("Pairs of groups", vec![], vec![pairs]));
    }
    let by_task = [tables::means(audit), tables::tasks(audit, MOST_TASKS, true)];
    let by_task: Vec<Table> = by_task.into_iter().flatten().collect();
    if !by_task.is_empty() {
        sections.push(section("By task", vec![], by_task));
    }
    Ok(sections)
}

/// The rates of the groups with their intervals.
fn figure(audit: &Audit) -> Result<Option<Figure>, FigureError> {
    let groups = &audit.pooled.groups;
    if groups.len() > MOST_DRAWN {
        return Ok(None);
    }
    let panel = |&rate: &Rate| {
        let row = |group: &crate::result::Group| {
            let estimate = &group.rates[rate];
            let mean = figure::Estimate { mean: estimate.value?, interval: estimate.interval };
            let look = Look::nth(usize::from(!group.protected));
            let name = printable(&group.name);
            let name = console::truncate_str(&name, LONGEST_DRAWN, "…").into_owned();
            Some(Row { name, look, values: Vec::new(), mean })
        };
        Panel {
            title: rate.title().into(),
            rows: groups.iter().filter_map(row).collect(),
            references: Vec::new(),
            range: Some((0.0, 1.0)),
        }
    };
    let panels = Rate::ALL.iter().map(panel).filter(|panel| !panel.rows.is_empty()).collect();
    let strips = Strips { title: "Rates by group".into(), x_label: "rate".into(), panels };
    Ok(Some(Figure {
        file: "rates.svg".into(),
        caption: "The rates of each group with their 95% intervals. Protected groups have a color \
                  and a marker of their own. A group is left out where it has no such rate."
            .into(),
        svg: strips.svg()?,
        description: "The rates of each group with their intervals; the table has the numbers"
            .into(),
    }))
}

fn provenance(audit: &Audit, origin: &Origin) -> Vec<(String, String)> {
    let prediction = match origin.threshold {
        Some(_) => origin.prediction.clone(),
        None => format!("{} (accepts: {})", origin.prediction, origin.accepted.join(", ")),
    };
    let mut lines = vec![
        ("file", origin.file.clone()),
        ("label", format!("{} (positive: {})", origin.label, origin.positive.join(", "))),
        ("prediction", prediction),
        ("sensitive", origin.sensitive.clone()),
        ("rows", whole(audit.pooled.counts.overall().total())),
        ("left out", whole(origin.left_out as u64)),
        ("version", env!("CARGO_PKG_VERSION").into()),
    ];
    if let Some(threshold) = origin.threshold {
        lines.insert(3, ("threshold", threshold.to_string()));
    }
    if let Some(task) = &origin.task {
        lines.insert(3, ("task", task.clone()));
    }
    lines.into_iter().map(|(name, value)| (name.to_owned(), printable(&value))).collect()
}
