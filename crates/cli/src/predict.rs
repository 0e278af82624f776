//! `fair-maml predict`: decisions about the rows of a file.

use model::{Written, predict};
use report::number::counted;
use report::terminal::printable;

use crate::args::Predict;
use crate::error::{Error, Result};
use crate::guard::Guard;
use crate::interrupt::Stop;
use crate::output::Folder;
use crate::{model_file, output};

/// Writes a probability and a decision for each row.
pub fn run(args: &Predict) -> Result<()> {
    let guard = Guard::of("--out", &args.out, args.force)
        .reads("the file of --model", &args.model)
        .reads("the file of --data", &args.data);
    guard.check()?;
    let model = model_file::read(&args.model)?;
    if model.description.adapted.is_none() {
        output::note("note: the model is not adapted to a task; `fair-maml adapt` does that");
    }
    let (logits, escape_formulas) = (args.logits, args.escape_formulas);
    let written = Written { logits, escape_formulas, ..Written::default() };
    // From before the first file on, so that a signal leaves none.
    let stop = Stop::on_signals();
    let mut folder = Folder::open(model_file::folder(&args.out))?;
    let summary = folder.write_with(&args.out, |file| {
        let done = predict(&model, &args.data, written, &mut stop.before_each_write(file));
        let summary = done.map_err(|error| match error {
            model::Error::Write(source) => store::Error::of(&args.out, source).into(),
            error => Error::from(error),
        });
        stop.ended()?;
        // Somebody may have made a file of this name meanwhile.
        guard.check()?;
        summary
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
    for note in &summary.unfamiliar {
        output::note(&printable(&format!("note: {note}")));
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
