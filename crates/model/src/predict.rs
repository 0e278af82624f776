//! Decisions about the rows of a file.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Write};
use std::path::Path;

use experiment::run::data_file::check_is_file;
use frame::spelling::same;
use frame::{Frame, Kind, Missing};
use meta::{logits, probabilities};
use tasks::Scaling;
use tasks::schema::{Known, Unfamiliar};

use crate::error::{Error, Result};
use crate::fit::{Need, check_columns};
use crate::formula::{escaped, is_formula};
use crate::trained_model::{Description, Model};

/// The columns that a prediction adds.
const ADDED: [&str; 2] = ["probability", "decision"];
/// The columns before them, if logits are wanted: those of the negative and of the positive class.
const LOGITS: [&str; 2] = ["logit_negative", "logit_positive"];

/// How predictions are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Whether both logits are written too. P(positive) is their softmax.
    pub logits: bool,
    /// Whether a text that a spreadsheet would take for a formula gets a `'` in front, so that it
    /// stays a text there. Without this, texts are written as they are.
    pub escape_formulas: bool,
    /// The largest number of rows in memory at a time, at least 1. It has no influence on what is
    /// written. Default: 10,000.
    pub block: usize,
}

impl Default for Written {
    fn default() -> Self {
        Written { logits: false, escape_formulas: false, block: 10_000 }
    }
}

/// What was predicted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// All rows.
    pub rows: u64,
    /// Those with a positive decision.
    pub positive: u64,
    /// The texts, also in the header, that a spreadsheet would take for a formula.
    pub formulas: u64,
    /// The rows of other tasks than the one to which the model is adapted, if the file has tasks.
    pub elsewhere: u64,
    /// What the file has that the model does not know, a sentence for each column.
    pub unfamiliar: Vec<String>,
}

/// Writes a line for each row of a CSV file: its columns that are no features, the probability of
/// the positive class, and the decision as a text of the label. The file need not fit into memory.
///
/// # Errors
/// Returns an error if the file cannot be read or lacks a column, if a column has the name of an
/// added one, if a row has no group, or one that training did not have, where a
/// decision needs it, or if writing fails.
pub fn predict(
    model: &Model,
    path: &Path,
    written: Written,
    out: &mut dyn Write,
) -> Result<Summary> {
    let Description { schema, recipe, .. } = &model.description;
    if model.description.adapted.is_none() && schema.scaling == Scaling::WithinTask {
        return Err(Error::Refused(
            "the model scales its features within each task, so it has to be adapted to a task \
             before it predicts"
                .into(),
        ));
    }
    check_is_file(path)?;
    let mut options = schema.kinds(recipe.options(), &[]);
    let columns = frame::columns(path, &options)?;
    let needs_group = model.description.needs_group();
    check_columns(path, &columns, schema, Need { group: needs_group, ..Need::default() })?;
    let logits = if written.logits { &LOGITS[..] } else { &[] };
    let mut added = logits.iter().chain(&ADDED);
    if let Some(taken) = added.find(|added| columns.iter().any(|column| column == **added)) {
        let file = path.display();
        return Err(Error::Refused(format!(
            "{file}: the column `{taken}` has the name of a column of the predictions; rename it"
        )));
    }
    let used: BTreeSet<&str> = schema.features.iter().map(|feature| feature.column()).collect();
    let kept: Vec<&String> =
        columns.iter().filter(|column| !used.contains(column.as_str())).collect();
    options.kinds.extend(kept.iter().map(|&column| (column.clone(), Kind::Text)));
    let sensitive = needs_group.then_some(schema.roles.sensitive.as_str());
    let wanted = used.iter().copied().chain(sensitive).map(String::from);
    options.wanted = Some(wanted.chain(kept.iter().copied().cloned()).collect());

    let name = path.display().to_string();
    let unread = |source| frame::Error::Read { file: name.clone(), source };
    let file = BufReader::with_capacity(1 << 20, File::open(path).map_err(unread)?);
    let mut table = Table {
        model,
        kept,
        written,
        writer: csv::Writer::from_writer(out),
        summary: Summary::default(),
        unfamiliar: Unfamiliar::default(),
        protected: Known::new(&schema.roles.protected),
        missing: Missing::new(&options.missing),
    };
    table.head()?;
    for block in frame::blocks::<f32>(file, &name, &options, written.block)? {
        table.rows(&block?)?;
    }
    table.writer.flush().map_err(|error| failed(error.into()))?;
    Ok(Summary { unfamiliar: table.unfamiliar.notes(schema), ..table.summary })
}

/// The predictions while they are written.
struct Table<'a> {
    model: &'a Model,
    /// The columns that are no features.
    kept: Vec<&'a String>,
    written: Written,
    writer: csv::Writer<&'a mut dyn Write>,
    summary: Summary,
    unfamiliar: Unfamiliar,
    /// The texts of the protected group.
    protected: Known<'a>,
    /// The texts that mean that a value is missing.
    missing: Missing,
}

impl Table<'_> {
    fn head(&mut self) -> Result<()> {
        for column in self.kept.clone() {
            self.text(column)?;
        }
        let logits = if self.written.logits { &LOGITS[..] } else { &[] };
        self.writer.write_record(logits.iter().chain(&ADDED)).map_err(failed)
    }

    fn rows(&mut self, block: &Frame<f32>) -> Result<()> {
        let Model { description, learned } = self.model;
        let Description { schema, network, decision, negative, .. } = description;
        let rows: Vec<usize> = (0..block.rows()).collect();
        let x = schema.x(block, &rows)?;
        self.unfamiliar.count(schema, block, &rows)?;
        let scores = probabilities(network, learned, &x)?;
        let logits = if self.written.logits { logits(network, learned, &x) } else { Vec::new() };
        for (row, score) in rows.into_iter().zip(scores) {
            let protected = description.needs_group() && self.is_protected(block, row)?;
            let accepted = decision.accepts(score, protected);
            self.summary.rows += 1;
            self.summary.positive += u64::from(accepted);
            self.summary.elsewhere += u64::from(self.is_elsewhere(block, row));
            for place in 0..self.kept.len() {
                let cell = block.column(self.kept[place])?.text(row).unwrap_or_default();
                self.text(cell)?;
            }
            for logit in logits.iter().skip(2 * row).take(2) {
                self.writer.write_field(logit.to_string()).map_err(failed)?;
            }
            self.writer.write_field(score.to_string()).map_err(failed)?;
            self.text(if accepted { &schema.roles.positive } else { negative })?;
            self.writer.write_record(None::<&[u8]>).map_err(failed)?;
        }
        Ok(())
    }

    /// Whether a row belongs to another task than the one to which the model is adapted. `false` if
    /// that is not known.
    fn is_elsewhere(&self, block: &Frame<f32>, row: usize) -> bool {
        let description = &self.model.description;
        let task = description.adapted.as_ref().and_then(|adapted| adapted.task.as_deref());
        let Ok(column) = block.column(&description.schema.roles.task) else { return false };
        let text = column.text(row).filter(|text| !self.missing.contains(text));
        task.zip(text).is_some_and(|(task, text)| !same(task, text))
    }

    /// Whether a row is in the protected group.
    fn is_protected(&self, block: &Frame<f32>, row: usize) -> Result<bool> {
        let description = &self.model.description;
        let roles = &description.schema.roles;
        let text = block.column(&roles.sensitive)?.text(row).unwrap_or_default();
        if self.missing.contains(text) {
            let expected = "a group, because each group has a threshold of its own";
            return Err(block.cell_error(row, &roles.sensitive, expected).into());
        }
        description.origin.seen.check_group(block, roles, row)?;
        Ok(self.protected.place(text).is_some())
    }

    /// Writes a text of others.
    fn text(&mut self, text: &str) -> Result<()> {
        let formula = is_formula(text);
        self.summary.formulas += u64::from(formula);
        match formula && self.written.escape_formulas {
            true => self.writer.write_field(escaped(text)),
            false => self.writer.write_field(text),
        }
        .map_err(failed)
    }
}

fn failed(error: csv::Error) -> Error {
    match error.into_kind() {
        csv::ErrorKind::Io(source) => Error::Write(source),
        other => Error::Write(std::io::Error::other(format!("{other:?}"))),
    }
}
