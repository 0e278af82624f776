//! Decisions about the rows of a file.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Write};
use std::path::Path;

use frame::{Frame, Kind};
use meta::probabilities;
use tasks::Scaling;

use crate::error::{Error, Result};
use crate::trained_model::{Description, Model};

/// The columns that a prediction adds.
const ADDED: [&str; 2] = ["probability", "decision"];
/// Rows in memory at a time.
const BLOCK: usize = 10_000;

/// What was predicted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// All rows.
    pub rows: u64,
    /// Those with a positive decision.
    pub positive: u64,
}

/// Writes a line for each row of a CSV file: its columns that are no features, the probability of
/// the positive class, and the decision as a text of the label. The file need not fit into memory.
///
/// # Errors
/// Returns an error if the file cannot be read or lacks a column, if a column has the name of an
/// added one, if a row has no group where a decision needs it, or if writing fails.
pub fn predict(model: &Model, path: &Path, out: &mut dyn Write) -> Result<Summary> {
    let Description { schema, network, decision, recipe, .. } = &model.description;
    if model.description.adapted.is_none() && schema.scaling == Scaling::WithinTask {
        return Err(Error::Refused(
            "the model scales its features within each task, so it has to be adapted to a task \
             before it predicts"
                .into(),
        ));
    }
    let columns = frame::columns(path, &recipe.options())?;
    if let Some(taken) = ADDED.iter().find(|added| columns.iter().any(|column| column == **added)) {
        let file = path.display();
        return Err(Error::Refused(format!(
            "{file}: the column `{taken}` has the name of a column of the predictions; rename it"
        )));
    }
    let used: BTreeSet<&str> = schema.features.iter().map(|feature| feature.column()).collect();
    let kept: Vec<&String> =
        columns.iter().filter(|column| !used.contains(column.as_str())).collect();
    let mut options = schema.kinds(recipe.options(), &[]);
    options.kinds.extend(kept.iter().map(|&column| (column.clone(), Kind::Text)));
    let needs_group = model.description.needs_group();
    let sensitive = needs_group.then_some(schema.roles.sensitive.as_str());
    let wanted = used.iter().copied().chain(sensitive).map(String::from);
    options.wanted = Some(wanted.chain(kept.iter().copied().cloned()).collect());
    options.dropped = BTreeSet::new();

    let name = path.display().to_string();
    let unread = |source| frame::Error::Read { file: name.clone(), source };
    let file = BufReader::with_capacity(1 << 20, File::open(path).map_err(unread)?);
    let mut writer = csv::Writer::from_writer(out);
    let head = kept.iter().map(|column| column.as_str()).chain(ADDED);
    writer.write_record(head).map_err(failed)?;
    let mut summary = Summary::default();
    for block in frame::blocks::<f32>(file, &name, &options, BLOCK)? {
        let block = block?;
        let rows: Vec<usize> = (0..block.rows()).collect();
        let scores = probabilities(network, &model.learned, &schema.x(&block, &rows)?)?;
        for (row, score) in rows.into_iter().zip(scores) {
            let protected = needs_group && is_protected(&model.description, &block, row)?;
            let accepted = decision.accepts(score, protected);
            summary.rows += 1;
            summary.positive += u64::from(accepted);
            for column in &kept {
                let cell = block.column(column)?.text(row).unwrap_or_default();
                writer.write_field(cell).map_err(failed)?;
            }
            let decided =
                if accepted { &schema.roles.positive } else { &model.description.negative };
            writer.write_record([&score.to_string(), decided]).map_err(failed)?;
        }
    }
    writer.flush().map_err(|error| failed(error.into()))?;
    Ok(summary)
}

fn failed(error: csv::Error) -> Error {
    match error.into_kind() {
        csv::ErrorKind::Io(source) => Error::Write(source),
        other => Error::Write(std::io::Error::other(format!("{other:?}"))),
    }
}

/// Whether a row is in the protected group.
fn is_protected(description: &Description, block: &Frame<f32>, row: usize) -> Result<bool> {
    let roles = &description.schema.roles;
    let text = block.column(&roles.sensitive)?.text(row).unwrap_or_default();
    if description.recipe.reading.missing.iter().any(|missing| missing == text) {
        let expected = "a group, because each group has a threshold of its own";
        return Err(block.cell_error(row, &roles.sensitive, expected).into());
    }
    Ok(roles.protected.iter().any(|protected| protected == text))
}
