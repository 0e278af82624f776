//! `fair-maml audit`: the fairness of any classifier's decisions.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

use audit::{Audit, Origin, Settings, Tally};
use frame::{Cells, Frame, Kind, Levels, Options};
use report::number::counted;
use report::terminal::{Terminal, printable};

use crate::args;
use crate::error::{Error, Result};
use crate::guard::Guard;
use crate::output;

/// The name of standard input.
const STDIN: &str = "standard input";
/// The option that names the page.
const HTML: &str = "--html";
/// The largest number of values in an error.
const LISTED: usize = 12;

/// Audits the file, prints the result and writes its page.
pub fn run(args: &args::Audit) -> Result<()> {
    if let Some(html) = &args.html {
        Guard::of(HTML, html, args.force).reads("the file to audit", &args.file).check()?;
    }
    let frame = read(args)?;
    let columns = Columns::of(&frame, args)?;
    let settings = Settings {
        protected: columns.groups.values(&args.protected),
        reference: args.reference.as_ref().map(|name| name.trim().to_owned()),
        resamples: args.resamples,
        seed: args.seed,
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
    show(args, &audit, &origin(args, frame.file(), missing.rows))
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
    if let Some(html) = &args.html {
        let html = printable(&html.display().to_string());
        text += &("\n\n".to_owned() + &terminal.wrap(&format!("Wrote {html}.")));
    }
    output::print(&text)
}

fn origin(args: &args::Audit, file: &str, left_out: usize) -> Origin {
    Origin {
        file: file.to_owned(),
        label: args.label.clone(),
        prediction: args.prediction.clone(),
        sensitive: args.sensitive.clone(),
        task: args.task.clone(),
        positive: args.positive.trim().to_owned(),
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

/// A column of categories.
struct Categories<'a> {
    column: &'a str,
    codes: &'a [u32],
    names: &'a [String],
}

impl<'a> Categories<'a> {
    fn of(frame: &'a Frame<f64>, column: &'a str) -> Result<Self> {
        match &frame.column(column)?.cells {
            Cells::Levels { codes, names } => Ok(Categories { column, codes, names }),
            _ => Err(Error::TooManyValues {
                file: printable(frame.file()),
                column: printable(column),
                most: Options::default().most_levels,
            }),
        }
    }

    /// The code in a row; `None` if the cell is missing.
    fn at(&self, row: usize) -> Option<usize> {
        Some(self.codes[row]).filter(|&code| code != Levels::MISSING).map(|code| code as usize)
    }

    fn code(&self, value: &str) -> Option<usize> {
        self.names.iter().position(|name| name == value)
    }

    /// The values of an option, which may hold several between commas. One that is a value as a
    /// whole is only that.
    fn values(&self, given: &[String]) -> Vec<String> {
        let values = given.iter().flat_map(|given| match self.code(given.trim()) {
            Some(_) => vec![given.trim().to_owned()],
            None => given.split(',').map(|value| value.trim().to_owned()).collect(),
        });
        values.filter(|value| !value.is_empty()).collect()
    }

    fn no_such_value(&self, file: &str, value: &str, hint: &str) -> Error {
        let mut names: Vec<String> =
            self.names.iter().take(LISTED).map(|name| format!("`{}`", printable(name))).collect();
        if self.names.len() > LISTED {
            names.push(format!("{} more", self.names.len() - LISTED));
        }
        Error::NoSuchValue {
            file: printable(file),
            column: printable(self.column),
            option: "--positive",
            value: printable(value),
            found: format!("its values are {}{hint}", names.join(", ")),
        }
    }
}

/// What the classifier said.
enum Predictions<'a> {
    /// Values, and the code of the one that accepts; `None` if no cell has it.
    Decisions(Categories<'a>, Option<usize>),
    /// Probabilities, NaN where missing, and the smallest that accepts.
    Probabilities(&'a [f64], f64),
}

impl<'a> Predictions<'a> {
    fn of(frame: &'a Frame<f64>, args: &'a args::Audit, labels: &Categories) -> Result<Self> {
        let column = args.prediction.as_str();
        let Some(threshold) = args.threshold else {
            let decisions = Categories::of(frame, column)?;
            let accepts = decisions.code(args.positive.trim());
            // A classifier may accept nobody, but then it speaks as the labels do.
            let known: BTreeSet<&String> = labels.names.iter().collect();
            if accepts.is_none() && decisions.names.iter().any(|name| !known.contains(name)) {
                let hint = ". Decisions are written like labels; with probabilities, give \
                            --threshold";
                return Err(decisions.no_such_value(frame.file(), args.positive.trim(), hint));
            }
            return Ok(Predictions::Decisions(decisions, accepts));
        };
        let Cells::Numbers(values) = &frame.column(column)?.cells else {
            unreachable!("the column is read as numeric")
        };
        match values.iter().position(|value| !value.is_nan() && !(0.0..=1.0).contains(value)) {
            Some(row) => Err(frame.cell_error(row, column, "a probability from 0 to 1").into()),
            None => Ok(Predictions::Probabilities(values, threshold)),
        }
    }

    /// Whether a row is accepted; `None` if the cell is missing.
    fn at(&self, row: usize) -> Option<bool> {
        match self {
            Predictions::Decisions(decisions, accepts) => {
                decisions.at(row).map(|code| Some(code) == *accepts)
            }
            Predictions::Probabilities(values, threshold) => {
                Some(values[row]).filter(|value| !value.is_nan()).map(|value| value >= *threshold)
            }
        }
    }
}

/// The columns of an audit.
struct Columns<'a> {
    labels: Categories<'a>,
    /// The code of a positive label.
    positive: usize,
    predictions: Predictions<'a>,
    prediction: &'a str,
    groups: Categories<'a>,
    tasks: Option<Categories<'a>>,
}

impl<'a> Columns<'a> {
    fn of(frame: &'a Frame<f64>, args: &'a args::Audit) -> Result<Self> {
        let labels = Categories::of(frame, &args.label)?;
        let positive = labels.code(args.positive.trim());
        let positive =
            positive.ok_or_else(|| labels.no_such_value(frame.file(), args.positive.trim(), ""))?;
        let task = args.task.as_ref().map(|task| Categories::of(frame, task));
        Ok(Columns {
            positive,
            predictions: Predictions::of(frame, args, &labels)?,
            prediction: &args.prediction,
            labels,
            groups: Categories::of(frame, &args.sensitive)?,
            tasks: task.transpose()?,
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
        Ok((task, group, label == self.positive, accepted))
    }
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
