//! The model card: data, groups, front, audit, limits.
//!
//! | file | subject |
//! |---|---|
//! | `safe` | texts that nothing obeys, wherever they are shown |
//! | `words` | what was found on held-out tasks, in sentences |

mod safe;
mod words;

use fairness::metrics::{Confusion, GroupCounts};
use report::figure::curve::{Curves, Panel, Sample, Scale, Series};
use report::figure::style::Look;
use report::figure::{Estimate, FigureError};
use report::mean::Mean;
use report::number::{UNDEFINED, counted, decimal};
use report::page::{Definition, Figure, Report, Section, Table};
use report::terminal::{self, Terminal, printable};
use serde::Serialize;
use tasks::Scaling;
use tasks::schema::{Feature, Missing, Schema};

use self::safe::printable_texts;
pub use self::safe::safe;
use self::words::capitalized;
use crate::recipe::Measured;
use crate::trained_model::{AdaptedTo, Decision, Description, Model};
use crate::validation::{Family, Tried, Validation};

/// The card of a model as a report, for a page or for Markdown. `figure` is the name of the file of
/// its figure.
///
/// # Errors
/// Returns an error if the figure cannot be drawn.
pub fn card(model: &Model, figure: &str) -> Result<Report, FigureError> {
    let description = &printable_texts(&model.description);
    let recipe = &description.recipe;
    let title = format!(
        "Model card: {} = {} from {}",
        recipe.columns.label, recipe.columns.positive, description.origin.file
    );
    let mut sections = vec![result(description)];
    sections.extend(adapted(description));
    sections.extend([
        front(description, figure)?,
        held_out(description),
        data(description),
        columns(description),
        limits(description),
    ]);
    Ok(Report {
        title,
        about: about(description),
        definitions: definitions(description.validation.measure),
        sections,
        provenance: provenance(description),
        ..Report::default()
    })
}

fn about(description: &Description) -> Vec<String> {
    let recipe = &description.recipe;
    let state = match &description.adapted {
        None => "It is made to be adapted to a new task with a few labeled rows.".into(),
        Some(adapted) => {
            let rows = counted(adapted.lines.len(), "labeled row");
            let task = adapted.task.as_ref().map_or(String::new(), |task| format!(", task {task}"));
            format!("It is adapted to {rows} of {}{task}.", adapted.file)
        }
    };
    vec![format!(
        "This model decides whether a row has {} = {}. Each {} is a task. {state}",
        recipe.columns.label, recipe.columns.positive, recipe.columns.task
    )]
}

/// What fairness is called.
fn name(measure: Measured) -> &'static str {
    measure.measure().name()
}

/// The same with its article.
fn with_article(measure: Measured) -> &'static str {
    match measure {
        Measured::Parity => "a parity",
        Measured::Opportunity => "an opportunity",
    }
}

fn definitions(measure: Measured) -> Vec<Definition> {
    let of_rates = match measure {
        Measured::Parity => "the shares of rows with a positive decision",
        Measured::Opportunity => {
            "the shares of rows with a positive decision, among rows with a positive label"
        }
    };
    vec![
        Definition::new(
            name(measure),
            format!(
                "min(r, 1/r) of the ratio r of {of_rates}, in the protected group and in the \
                 other. 1 is fair. A model that accepts everybody has 1, so read it with accuracy."
            ),
        ),
        Definition::new(
            "useful",
            "A setting is useful if it is more accurate than to decide the same about everybody.",
        ),
        Definition::new("held-out task", "A task whose rows took no part in a training."),
        Definition::new(
            "adaptation",
            "A gradient step on a few labeled rows of a new task, with the same loss as in training.",
        ),
        Definition::new(
            "γ",
            "The weight of the regularizer, which is the fairness term of the loss.",
        ),
        Definition::new(
            "thresholds by group",
            "MAML without a regularizer; a row is accepted if its probability exceeds a number of \
             its group. The decision needs the group of the row.",
        ),
        Definition::new(
            "estimate",
            "What a new task can expect: for each part of the tasks, the setting is chosen on the \
             other parts.",
        ),
    ]
}

impl Validation {
    /// The table of all settings: names of the columns, and rows.
    pub fn table(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let measure = name(self.measure);
        let head = [
            "setting".into(),
            "γ or aim".into(),
            "accuracy".into(),
            measure.to_owned(),
            "n/a".into(),
        ];
        let row = |(place, tried): (usize, &Tried)| {
            let chosen = [self.regularizer.place, self.thresholds.place].contains(&place);
            let mark = if chosen { " (chosen)" } else { "" };
            vec![
                format!("{}{mark}", tried.name),
                tried.strength.to_string(),
                told(tried.after.accuracy),
                told(tried.after.fairness),
                tried.after.undefined.to_string(),
            ]
        };
        (head.into(), self.tried.iter().enumerate().map(row).collect())
    }

    /// The same before adaptation.
    fn table_before(&self) -> Table {
        let row = |tried: &Tried| {
            vec![
                tried.name.clone(),
                tried.strength.to_string(),
                told(tried.before.accuracy),
                told(tried.before.fairness),
            ]
        };
        let head = ["setting", "γ or aim", "accuracy", name(self.measure)];
        Table {
            caption: "The same before adaptation".into(),
            head: head.map(String::from).to_vec(),
            rows: self.tried.iter().filter(|tried| tried.before.tasks > 0).map(row).collect(),
            numeric_from: 1,
        }
    }
}

fn told(mean: Option<Mean>) -> String {
    mean.map_or(UNDEFINED.into(), |mean| mean.text(false))
}

fn result(description: &Description) -> Section {
    let validation = &description.validation;
    let mut text = validation.words();
    if let Decision::ByGroup { protected, unprotected } = description.decision {
        let aim = validation.tried[validation.thresholds.place].strength;
        text.push(format!(
            "The thresholds are those for the aim {aim}: a row of the protected group is accepted \
             if its probability is above {}, and another row if it is above {}.",
            threshold(protected),
            threshold(unprotected)
        ));
    }
    Section { heading: "Result".into(), text, ..Section::default() }
}

/// A threshold with three decimals. An infinite one accepts everybody or nobody.
fn threshold(threshold: f64) -> String {
    match threshold {
        f64::INFINITY => "∞ (never)".into(),
        f64::NEG_INFINITY => "−∞ (always)".into(),
        _ => decimal(threshold, false),
    }
}

fn front(description: &Description, figure: &str) -> Result<Section, FigureError> {
    let validation = &description.validation;
    let (head, rows) = validation.table();
    let tasks = counted(validation.kept().estimate.tasks, "held-out task");
    let mut text = vec![format!(
        "Means over {tasks} with 95% intervals over tasks. Each task was held out once, and each \
         setting was adapted to K = {} of its rows and judged on the others.",
        description.recipe.training.shots
    )];
    let svg = front_figure(validation)?;
    if svg.is_none() {
        let measure = name(validation.measure);
        text.push(format!("There is no figure, because no held-out task has a {measure}."));
    }
    let figure = |svg: String| Figure {
        file: figure.into(),
        caption: "Each marker is a γ, or an aim of the thresholds. Up and to the right is better."
            .into(),
        svg,
        description: "Accuracy by fairness for each family of settings".into(),
    };
    Ok(Section {
        heading: "All settings that were tried".into(),
        text,
        tables: vec![
            Table {
                caption: format!(
                    "Accuracy and {} of each setting after adaptation. The last column counts the \
                     tasks in which the {} does not exist",
                    name(validation.measure),
                    name(validation.measure)
                ),
                head,
                rows,
                numeric_from: 1,
            },
            validation.table_before(),
        ],
        figures: svg.into_iter().map(figure).collect(),
        subsections: Vec::new(),
    })
}

/// Accuracy by fairness for all settings, as SVG. `None` if no setting has a fairness.
///
/// # Errors
/// Returns an error if the figure cannot be drawn.
pub fn front_figure(validation: &Validation) -> Result<Option<String>, FigureError> {
    if validation.tried.iter().all(|tried| tried.after.fairness.is_none()) {
        return Ok(None);
    }
    let mut names: Vec<&str> = Vec::new();
    for tried in &validation.tried {
        if !names.contains(&tried.name.as_str()) {
            names.push(&tried.name);
        }
    }
    let series = |(place, name): (usize, &&str)| Series {
        name: printable(name),
        look: Look::nth(place),
        samples: validation
            .tried
            .iter()
            .filter(|tried| tried.name == **name)
            .filter_map(|tried| {
                let (accuracy, fairness) = (tried.after.accuracy?, tried.after.fairness?);
                let y = Some(Estimate { mean: accuracy.mean, interval: None });
                Some(Sample { x: fairness.mean, y })
            })
            .collect(),
    };
    Curves {
        title: "Accuracy and fairness of each setting on held-out tasks".into(),
        panels: vec![Panel {
            title: "After adaptation".into(),
            x_label: format!("{} (1 is fair)", capitalized(name(validation.measure))),
            y_label: "Accuracy (higher is better)".into(),
            x_scale: Scale::Linear,
            y_possible: (0.0, 1.0),
            reference: None,
            series: names.iter().enumerate().map(series).collect(),
            note: String::new(),
        }],
    }
    .svg()
    .map(Some)
}

/// All settings as CSV.
///
/// # Errors
/// Returns the reason if a number has no form in CSV.
pub fn front_csv(validation: &Validation) -> Result<String, String> {
    #[derive(Serialize)]
    struct Line<'a> {
        family: Family,
        setting: &'a str,
        gamma_or_aim: f64,
        stage: &'static str,
        measure: &'static str,
        mean: Option<f64>,
        low_95: Option<f64>,
        high_95: Option<f64>,
        tasks: usize,
        undefined: usize,
        chosen: bool,
    }
    let places = [validation.regularizer.place, validation.thresholds.place];
    let lines = validation.tried.iter().enumerate().flat_map(|(place, tried)| {
        let stages = [("before", tried.before), ("after", tried.after)];
        stages.into_iter().flat_map(move |(stage, found)| {
            let fairness = name(validation.measure);
            let measures =
                [("accuracy", found.accuracy, 0), (fairness, found.fairness, found.undefined)];
            measures.map(|(measure, mean, undefined)| Line {
                family: tried.family,
                setting: &tried.name,
                gamma_or_aim: tried.strength,
                stage,
                measure,
                mean: mean.map(|mean| mean.mean),
                low_95: mean.and_then(|mean| mean.interval).map(|interval| interval.0),
                high_95: mean.and_then(|mean| mean.interval).map(|interval| interval.1),
                tasks: found.tasks,
                undefined,
                chosen: places.contains(&place),
            })
        })
    });
    report::csv::csv(lines)
}

const RATES: [&str; 5] = ["group", "rows", "accepted", "true positive rate", "false positive rate"];

/// The rates of both groups, before and after.
fn rates([before, after]: &[GroupCounts; 2], caption: &str) -> Table {
    let row = |name: String, confusion: Confusion| {
        let rate = |rate: Option<f64>| rate.map_or(UNDEFINED.into(), |rate| decimal(rate, false));
        vec![
            name,
            confusion.total().to_string(),
            rate(confusion.positive_rate()),
            rate(confusion.true_positive_rate()),
            rate(confusion.false_positive_rate()),
        ]
    };
    let rows = [("before", before), ("after", after)].into_iter().flat_map(|(stage, counts)| {
        [
            row(format!("protected, {stage}"), counts.protected),
            row(format!("other, {stage}"), counts.unprotected),
        ]
    });
    Table {
        caption: caption.into(),
        head: RATES.map(String::from).to_vec(),
        rows: rows.collect(),
        numeric_from: 1,
    }
}

/// Accuracy and fairness before and after, in a sentence.
fn change([before, after]: &[GroupCounts; 2], measure: Measured) -> String {
    let number = |x: Option<f64>| x.map_or(UNDEFINED.into(), |x| decimal(x, false));
    let accuracy = |counts: &GroupCounts| number(counts.overall().accuracy());
    let [of_before, of_after] = [before, after].map(|counts| measure.measure().closeness(counts));
    let fairness = match (of_before, of_after) {
        (None, None) => format!("; the {} does not exist", name(measure)),
        (a, b) => format!(" and the {} from {} to {}", name(measure), number(a), number(b)),
    };
    format!(
        "Adaptation changes the accuracy from {} to {}{fairness}.",
        accuracy(before),
        accuracy(after)
    )
}

fn held_out(description: &Description) -> Section {
    let validation = &description.validation;
    Section {
        heading: "Audit on held-out tasks".into(),
        text: vec![
            "All rows of all held-out tasks together, before and after adaptation of the kept \
             setting. Each part of the tasks was decided by a model that was trained without it."
                .into(),
            change(&validation.audit, validation.measure),
        ],
        tables: vec![rates(&validation.audit, "Decisions by group on held-out tasks")],
        ..Section::default()
    }
}

fn adapted(description: &Description) -> Option<Section> {
    let adapted = description.adapted.as_ref()?;
    let measure = description.validation.measure;
    let mut section = Section { heading: "Audit of the adaptation".into(), ..Section::default() };
    let lines: Vec<String> = adapted.lines.iter().map(usize::to_string).collect();
    let task = adapted.task.as_ref().map_or(String::new(), |task| format!("of the task {task} "));
    section.text.push(match lines.as_slice() {
        [line] => format!("The labeled row {task}is in line {line} of {}.", adapted.file),
        lines => {
            format!("The labeled rows {task}are in lines {} of {}.", lines.join(", "), adapted.file)
        }
    });
    match &adapted.audit {
        Some(audit) => {
            section.text.push(format!(
                "The other {} of the file judge the model. {}",
                counted(audit[1].overall().total() as usize, "labeled row"),
                change(audit, measure)
            ));
            section.text.extend(seen_in_training(description, adapted));
            section.tables.push(rates(audit, "Decisions by group on the other labeled rows"));
        }
        None => section.text.push(
            "The file has no further rows with a label and a group, so nothing judges the model."
                .into(),
        ),
    }
    Some(section)
}

/// A note if training had the task of the adaptation, so that the audit looks too good.
fn seen_in_training(description: &Description, adapted: &AdaptedTo) -> Option<String> {
    let origin = &description.origin;
    let task = adapted.task.as_ref().filter(|task| origin.seen.has_task(task))?;
    let rows = match adapted.sha256 == origin.sha256 {
        true => "The rows that judge it were seen in training, so",
        false => "If the rows that judge it were seen in training,",
    };
    Some(format!(
        "note: the model was trained on the task {task} too. {rows} these numbers look too good for \
         a new task."
    ))
}

fn data(description: &Description) -> Section {
    let origin = &description.origin;
    let labels = |name: &str, confusion: Confusion| {
        vec![
            name.to_owned(),
            confusion.total().to_string(),
            confusion.positives().to_string(),
            confusion.positive_rate().map_or(UNDEFINED.into(), |rate| decimal(rate, false)),
        ]
    };
    let roles = &description.schema.roles;
    let mut text = vec![format!(
        "The protected group has {} = {}; all others are the other group.",
        roles.sensitive,
        roles.protected.join(" or ")
    )];
    text.push(format!(
        "{} of {}. {} without a task, a label or a group {} left out, and {} with fewer rows than \
         K = {} needs.",
        counted(origin.rows, "row"),
        counted(origin.tasks, "task"),
        counted(origin.left_out, "row"),
        if origin.left_out == 1 { "was" } else { "were" },
        counted(origin.small, "task"),
        description.recipe.training.shots
    ));
    text.extend(origin.notes.iter().map(|note| format!("Note: {note}.")));
    let head = ["group", "rows", "positive", "share"].map(String::from).to_vec();
    Section {
        heading: "Data and groups".into(),
        text,
        tables: vec![Table {
            caption: "Labels by group in all tasks".into(),
            head,
            rows: vec![
                labels("protected", origin.labels.protected),
                labels("other", origin.labels.unprotected),
            ],
            numeric_from: 1,
        }],
        ..Section::default()
    }
}

impl Description {
    /// What is known about the adaptation, in sentences.
    pub fn adaptation_words(&self) -> Vec<String> {
        adapted(self).map_or(Vec::new(), |section| section.text)
    }

    /// What a model has, as text for the terminal.
    pub fn inspection(&self, terminal: Terminal) -> String {
        let shown = |line: &str| terminal.wrap(line);
        let description = &printable_texts(self);
        let mut lines = about(description);
        lines.extend(description.adaptation_words());
        lines.push(String::new());
        let text = |section: &Section| -> Vec<String> {
            let mut lines = vec![format!("{}:", section.heading)];
            lines.extend(section.text.iter().cloned());
            lines
        };
        lines.extend(text(&result(description)));
        lines.push(String::new());
        let mut all: Vec<String> = lines.iter().map(|line| shown(line)).collect();
        for section in [held_out(description), data(description), columns(description)] {
            all.extend(text(&section).iter().map(|line| shown(line)));
            for Table { head, rows, numeric_from, .. } in section.tables {
                all.push(terminal::table(&head, rows, numeric_from, terminal.width));
            }
            all.push(String::new());
        }
        all.push("Origin:".into());
        let entries = provenance(description);
        all.extend(entries.iter().map(|(name, value)| format!("  {name}: {value}")));
        all.join("\n")
    }

    /// The columns that are features: names of the table's columns, and rows.
    pub fn columns(&self) -> (Vec<String>, Vec<Vec<String>>) {
        columns_of(&self.schema)
    }
}

/// A table of columns and what they become.
pub fn columns_of(schema: &Schema) -> (Vec<String>, Vec<Vec<String>>) {
    let head = ["column", "kind", "features", "missing", "becomes"].map(String::from).to_vec();
    let row = |feature: &Feature| {
        let (kind, indicator, becomes) = match feature {
            Feature::Numeric { center, scale, indicator, .. } => {
                let becomes = match schema.scaling {
                    Scaling::None => "x".into(),
                    Scaling::WithinTask => "(x − mean) / deviation of its task".into(),
                    Scaling::OverAllTasks => {
                        let sign = if *center < 0.0 { '+' } else { '−' };
                        format!("(x {sign} {}) / {}", short(center.abs()), short(*scale))
                    }
                };
                ("numbers", indicator, becomes)
            }
            Feature::Categorical { levels, indicator, .. } => {
                let some: Vec<&str> = levels.iter().take(4).map(String::as_str).collect();
                let more = if levels.len() > some.len() { ", …" } else { "" };
                ("texts", indicator, format!("{}{more}, others", some.join(", ")))
            }
        };
        vec![
            feature.column().to_owned(),
            kind.to_owned(),
            feature.width().to_string(),
            if *indicator { "yes" } else { "no" }.to_owned(),
            becomes,
        ]
    };
    (head, schema.features.iter().map(row).collect())
}

/// A number of at least 0 in few characters.
fn short(number: f64) -> String {
    match number {
        _ if number == 0.0 || (1e-3..1e6).contains(&number) => format!("{number:.4}"),
        _ => format!("{number:.4e}"),
    }
}

fn columns(description: &Description) -> Section {
    let (head, rows) = description.columns();
    let schema = &description.schema;
    let scaling = match (schema.scaling, &description.adapted) {
        (Scaling::None, _) => "Numbers are not scaled.",
        (Scaling::WithinTask, _) => "Numbers are scaled within each task.",
        (Scaling::OverAllTasks, Some(_)) => "Numbers are scaled as the table says.",
        (Scaling::OverAllTasks, None) => "Numbers are scaled over the rows of all tasks.",
    };
    let missing = match schema.missing {
        Missing::Impute => {
            "A missing number becomes the mean, and a missing text counts as one more text. A text \
             that training did not have counts as one of the others."
        }
        Missing::Refuse => "Rows with missing values are refused.",
    };
    Section {
        heading: "Columns".into(),
        text: vec![format!("{scaling} {missing}")],
        tables: vec![Table {
            caption: "How columns become features".into(),
            head,
            rows,
            numeric_from: 5,
        }],
        ..Section::default()
    }
}

fn limits(description: &Description) -> Section {
    let measure = name(description.validation.measure);
    let mut text = vec![
        format!(
            "The {measure} is a mean over tasks. A single task can be less fair, and a few rows \
             cannot show how fair it is."
        ),
        "The estimates hold for tasks like those of the table. A task of another kind, or rows \
         that were chosen in another way, can behave differently."
            .into(),
        "Fair rates do not make labels fair. If the labels of the table are biased, so are the \
         decisions."
            .into(),
        "The sensitive attribute is no feature, but other columns can stand for it.".into(),
    ];
    if description.needs_group() {
        text.push(
            "A decision needs the group of its row, because each group has a threshold of its own. \
             In some places the law does not allow this."
                .into(),
        );
    }
    Section { heading: "Limits".into(), text, ..Section::default() }
}

fn provenance(description: &Description) -> Vec<(String, String)> {
    let origin = &description.origin;
    let mut entries = vec![
        ("program", format!("fair-maml {}", description.version)),
        ("data", origin.file.clone()),
        ("SHA-256 of the data", origin.sha256.clone()),
        ("algorithm", description.algorithm.name().to_owned()),
        ("regularizer", description.regularizer.map_or("none".into(), |r| r.notion.name().into())),
        ("γ", description.gamma.to_string()),
        ("network", format!("{:?}", description.network.widths())),
    ];
    if let Decision::ByGroup { protected, unprotected } = description.decision {
        entries.push(("thresholds", format!("{protected:?} (protected), {unprotected:?} (other)")));
    }
    if let Some(adapted) = &description.adapted {
        entries.extend(adapted.task.clone().map(|task| ("task of the adaptation", task)));
        entries.push(("SHA-256 of the file with the rows of the task", adapted.sha256.clone()));
    }
    entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
