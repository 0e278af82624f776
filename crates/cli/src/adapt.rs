//! `fair-maml adapt`: a model for a new task.

use model::{Adapted, Shots, adapt};
use report::number::counted;
use report::terminal::Terminal;

use crate::args::Adapt;
use crate::error::Result;
use crate::{model_file, output};

/// Adapts a model to labeled rows and writes it.
pub fn run(args: &Adapt) -> Result<()> {
    model_file::guard(&args.out, args.force)?;
    let model = model_file::read(&args.model)?;
    let rows = args.shots.unwrap_or(model.description.recipe.training.shots.get());
    let shots = Shots { rows, task: args.task.clone(), seed: args.seed };
    let Adapted { model, labeled, rows, unregularized } = adapt(&model, &args.data, &shots)?;
    let files = model_file::files(&model, &args.out)?;
    store::write_together(model_file::folder(&args.out), &files, &[])?;
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();

    let terminal = Terminal::stdout();
    let used = model.description.adapted.as_ref().map_or(0, |adapted| adapted.lines.len());
    let mut lines = vec![format!(
        "Adapted to {} of {labeled} with a label, of {rows} in all.",
        counted(used, "row")
    )];
    if used < shots.rows {
        lines.push(format!(
            "note: the file has only {labeled} labeled rows, fewer than the {} asked for",
            shots.rows
        ));
    }
    if unregularized {
        lines.push(
            "note: the rows have nobody whom the regularizer needs, so adaptation was without it"
                .into(),
        );
    }
    lines.extend(model.description.adaptation_words());
    lines.push(format!("Wrote {}.", names.join(", ")));
    let text: Vec<String> = lines.iter().map(|line| terminal.wrap(line)).collect();
    output::print(&text.join("\n"))
}
