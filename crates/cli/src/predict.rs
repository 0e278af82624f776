//! `fair-maml predict`: decisions about the rows of a file.

use model::{Written, predict};
use report::number::counted;
use report::terminal::printable;

use crate::args::Predict;
use crate::error::{Error, Result};
use crate::{model_file, output};

/// Writes a probability and a decision for each row.
pub fn run(args: &Predict) -> Result<()> {
    model_file::guard(&args.out, args.force)?;
    let model = model_file::read(&args.model)?;
    if model.description.adapted.is_none() {
        output::note("note: the model is not adapted to a task; `fair-maml adapt` does that");
    }
    let written = Written { logits: args.logits, escape_formulas: args.escape_formulas };
    let summary = store::write_with(&args.out, |file| {
        predict(&model, &args.data, written, file).map_err(|error| match error {
            model::Error::Write(source) => store::Error::of(&args.out, source).into(),
            error => Error::from(error),
        })
    })?;
    let adapted = model.description.adapted.as_ref();
    if let Some(task) = adapted.and_then(|adapted| adapted.task.as_ref())
        && summary.elsewhere > 0
    {
        let rows = counted(summary.elsewhere as usize, "row");
        let belong = if summary.elsewhere == 1 { "belongs" } else { "belong" };
        output::note(&printable(&format!(
            "note: {rows} {belong} to other tasks than {task}, to which the model is adapted"
        )));
    }
    if summary.formulas > 0 && !args.escape_formulas {
        output::note(&format!(
            "note: {} would be a formula in a spreadsheet; --escape-formulas makes them texts there",
            counted(summary.formulas as usize, "cell")
        ));
    }
    let positive = &model.description.schema.roles.positive;
    let line = format!(
        "{}, {} of them with the decision {positive}. Wrote {}.",
        counted(summary.rows as usize, "row"),
        summary.positive,
        args.out.display()
    );
    output::print(&printable(&line))
}
