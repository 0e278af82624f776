//! `fair-maml audit`: the fairness of any classifier's decisions.

mod values;

use std::io::Read;
use std::path::Path;

use audit::{Audit, Origin, Settings, Tally};
use frame::{Cells, Frame, Kind, Options};
use report::number::counted;
use report::terminal::{Terminal, printable};

use values::{Categories, REJECTED};

use crate::args;
use crate::error::{Error, Result};
use crate::guard::Guard;
use crate::output;

/// The name of standard input.
const STDIN: &str = "standard input";
/// The option that names the page.
const HTML: &str = "--html";
/// Audits the file, prints the result and writes its page.
pub fn run(args: &args::Audit) -> Result<()> {
    if let Some(html) = &args.html {
        Guard::of(HTML, html, args.force).reads("the file to audit", &args.file).check()?;
    }
    let frame = read(args)?;
    let columns = Columns::of(&frame, args)?;
    note(args, &columns);
    let settings = Settings {
        protected: columns.protected.clone(),
        reference: args.reference.as_ref().map(|name| name.trim().to_owned()),
    };
    let fail = |source| Error::Audit {
        file: printable(frame.file()),
        column: printable(&args.sensitive),
        source,
    };
    let mut tally =
        Tally::new(columns.groups.names, columns.tasks.as_ref().map(|t| t.names)).map_err(fail)?;
    let missing = columns.count(&frame, &mut tally);
    if !args.skip_missing && missing.rows > 0 {
        return Err(missing.error(&frame));
    }
    let audit = tally.finish().and_then(|counts| Audit::new(&counts, &settings)).map_err(fail)?;
    show(args, &audit, &origin(args, &columns, frame.file(), missing.rows))
}

/// Says what may not be as it seems.
fn note(args: &args::Audit, columns: &Columns) {
    let alike = columns.tasks.as_ref().and_then(|tasks| tasks.alike(&[]));
    if let (Some([first, second]), Some(task)) = (alike, &args.task) {
        let column = printable(task);
        output::note(&format!("note: column `{column}`: {first} and {second} are two tasks"));
    }
}

fn show(args: &args::Audit, audit: &Audit, origin: &Origin) -> Result<()> {
    if let Some(html) = &args.html {
        let page = audit::page(audit, origin)?;
        let folder = html.parent().unwrap_or(Path::new(""));
        store::create_folders(folder)
            .and_then(|_| store::write(html, page.as_bytes()))
            .map_err(|source| Error::Place { option: HTML, source })?;
    }
    if args.json {
        return output::print_json(&audit::json(audit, origin));
    }
    let terminal = Terminal::stdout();
    let mut text = audit::text(audit, origin, terminal);
    if args.resamples.is_some() || args.seed.is_some() {
        let note = "note: --resamples and --seed have no effect; intervals come from counts.";
        text += &("\n\n".to_owned() + &terminal.wrap(note));
    }
    if let Some(html) = &args.html {
        let html = printable(&html.display().to_string());
        text += &("\n\n".to_owned() + &terminal.wrap(&format!("Wrote {html}.")));
    }
    output::print(&text)
}

fn origin(args: &args::Audit, columns: &Columns, file: &str, left_out: usize) -> Origin {
    Origin {
        file: file.to_owned(),
        label: args.label.clone(),
        prediction: args.prediction.clone(),
        sensitive: args.sensitive.clone(),
        task: args.task.clone(),
        positive: columns.positives.clone(),
        accepted: columns.accepted.clone(),
        threshold: args.threshold,
        left_out,
    }
}

/// The columns that the options name.
fn named(args: &args::Audit) -> Vec<(&'static str, &String)> {
    let mut named = vec![
        ("--label", &args.label),
        ("--prediction", &args.prediction),
        ("--sensitive", &args.sensitive),
    ];
    named.extend(args.task.as_ref().map(|task| ("--task", task)));
    named
}

/// The texts that mean that a cell is missing.
fn missing(args: &args::Audit) -> Result<Vec<String>> {
    let [more, less] = [&args.missing, &args.not_missing]
        .map(|texts| texts.iter().map(|text| text.trim().to_owned()).collect::<Vec<_>>());
    if let Some(text) = more.iter().find(|text| less.contains(text)) {
        return Err(Error::MissingAndNot { text: printable(text) });
    }
    let usual = Options::default().missing;
    Ok(usual.into_iter().filter(|text| !less.contains(text)).chain(more).collect())
}

/// Reads the columns that the options name, and no others.
fn read(args: &args::Audit) -> Result<Frame<f64>> {
    let named = named(args);
    for (place, &(second, column)) in named.iter().enumerate() {
        if let Some((first, _)) = named[..place].iter().find(|(_, other)| *other == column) {
            return Err(Error::SameColumn { first, second, column: printable(column) });
        }
    }
    let kind = |option| match (option, args.threshold) {
        ("--prediction", Some(_)) => Kind::Numeric,
        _ => Kind::Categorical,
    };
    let options = Options {
        delimiter: args.delimiter,
        missing: missing(args)?,
        kinds: named.iter().map(|&(option, name)| (name.clone(), kind(option))).collect(),
        wanted: Some(named.iter().map(|&(_, name)| name.clone()).collect()),
        ..Options::default()
    };
    if args.file.to_str() != Some("-") {
        return Ok(Frame::read(&args.file, &options, &|_, _| {})?);
    }
    let mut bytes = Vec::new();
    let read = std::io::stdin().read_to_end(&mut bytes);
    read.map_err(|source| Error::File { path: STDIN.into(), source })?;
    Ok(Frame::from_bytes(&bytes, STDIN, &options)?)
}

/// What the classifier said.
enum Predictions<'a> {
    /// Values, and by code whether they accept.
    Decisions(Categories<'a>, Vec<bool>),
    /// Scores, NaN where missing, and the smallest that accepts.
    Scores(&'a [f64], f64),
}

impl<'a> Predictions<'a> {
    /// Whether a row is accepted; `None` if the cell is missing.
    fn at(&self, row: usize) -> Option<bool> {
        match self {
            Predictions::Decisions(decisions, accepts) => {
                decisions.at(row).map(|code| accepts[code])
            }
            Predictions::Scores(values, threshold) => {
                Some(values[row]).filter(|value| !value.is_nan()).map(|value| value >= *threshold)
            }
        }
    }
}

/// The columns of an audit, in which every value has a meaning.
struct Columns<'a> {
    labels: Categories<'a>,
    /// By code of the label, whether it is positive.
    positive: Vec<bool>,
    predictions: Predictions<'a>,
    prediction: &'a str,
    groups: Categories<'a>,
    tasks: Option<Categories<'a>>,
    /// The protected groups, and the values that mean a positive label and acceptance.
    protected: Vec<String>,
    positives: Vec<String>,
    accepted: Vec<String>,
}

impl<'a> Columns<'a> {
    fn of(frame: &'a Frame<f64>, args: &'a args::Audit) -> Result<Self> {
        let labels = Categories::of(frame, &args.label)?;
        let yes = labels.given("--positive", &args.positive);
        let no = labels.given("--negative", &args.negative);
        let positive = labels.meanings(&yes, &no, &[])?;
        let negatives = labels.names.iter().zip(&positive).filter(|(_, positive)| !**positive);
        let negatives: Vec<String> =
            negatives.map(|(name, _)| name).chain(&no.values).cloned().collect();
        let (predictions, accepted) = match args.threshold {
            Some(threshold) => (scores(frame, &args.prediction, threshold)?, Vec::new()),
            None => decisions(frame, args, &negatives)?,
        };
        let groups = Categories::of(frame, &args.sensitive)?;
        let protected = groups.given("--protected", &args.protected).values;
        groups.check_alike(&protected)?;
        let tasks = args.task.as_ref().map(|task| Categories::of(frame, task)).transpose()?;
        Ok(Columns {
            positive,
            predictions,
            prediction: &args.prediction,
            labels,
            groups,
            tasks,
            protected,
            positives: yes.values,
            accepted,
        })
    }

    /// Counts the rows in which no cell is missing.
    fn count(&self, frame: &Frame<f64>, tally: &mut Tally) -> Missing<'a> {
        let mut missing = Missing { rows: 0, first: None };
        for row in 0..frame.rows() {
            match self.at(row) {
                Ok((task, group, positive, accepted)) => {
                    tally.record(task, group, positive, accepted);
                }
                Err(column) => {
                    missing.rows += 1;
                    missing.first.get_or_insert((row, column));
                }
            }
        }
        missing
    }

    /// The codes of task and group, and whether the label is positive and the row accepted; or the
    /// column in which the cell is missing.
    fn at(&self, row: usize) -> std::result::Result<(usize, usize, bool, bool), &'a str> {
        let label = self.labels.at(row).ok_or(self.labels.column)?;
        let accepted = self.predictions.at(row).ok_or(self.prediction)?;
        let group = self.groups.at(row).ok_or(self.groups.column)?;
        let task = match &self.tasks {
            Some(tasks) => tasks.at(row).ok_or(tasks.column)?,
            None => 0,
        };
        Ok((task, group, self.positive[label], accepted))
    }
}

/// The scores of a column.
fn scores<'a>(frame: &'a Frame<f64>, column: &str, threshold: f64) -> Result<Predictions<'a>> {
    let Cells::Numbers(values) = &frame.column(column)?.cells else {
        unreachable!("the column is read as numeric")
    };
    Ok(Predictions::Scores(values, threshold))
}

/// The decisions, and the values that accept. Without options of their own, they are written like
/// labels, of which `negatives` are the negative ones.
fn decisions<'a>(
    frame: &'a Frame<f64>,
    args: &'a args::Audit,
    negatives: &[String],
) -> Result<(Predictions<'a>, Vec<String>)> {
    let decisions = Categories::of(frame, &args.prediction)?;
    let (yes, usual) = match args.accepted.is_empty() {
        true => (decisions.given("--positive", &args.positive), negatives),
        false => (decisions.given("--accepted", &args.accepted), &[][..]),
    };
    let no = decisions.given(REJECTED, &args.rejected);
    let accepts = decisions.meanings(&yes, &no, usual)?;
    Ok((Predictions::Decisions(decisions, accepts), yes.values))
}

/// The rows in which a cell is missing, and the first such cell.
struct Missing<'a> {
    rows: usize,
    first: Option<(usize, &'a str)>,
}

impl Missing<'_> {
    fn error(&self, frame: &Frame<f64>) -> Error {
        let (row, column) = self.first.unwrap_or_default();
        Error::MissingCells {
            file: printable(frame.file()),
            rows: counted(self.rows, "row"),
            line: frame.line(row),
            column: printable(column),
        }
    }
}
