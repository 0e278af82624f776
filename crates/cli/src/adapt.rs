//! `fair-maml adapt`: a model for a new task.

use model::{Adapted, Shots, adapt};
use report::number::counted;
use report::terminal::{Terminal, printable};
use tasks::schema::quoted;

use crate::args::Adapt;
use crate::error::Result;
use crate::guard::Guard;
use crate::model_file;
use crate::output::{self, Folder};

/// Adapts a model to labeled rows and writes it.
pub fn run(args: &Adapt) -> Result<()> {
    let guard = Guard::of("--out", &args.out, args.force)
        .writes(model_file::names(&args.out))
        .reads("the file of --model", &args.model)
        .reads("the file of --data", &args.data);
    let mut folder = Folder::open(model_file::folder(&args.out))?;
    let guard = guard.owns(folder.finished());
    guard.check()?;
    let model = model_file::read(&args.model)?;
    let rows = args.shots.unwrap_or(model.description.recipe.training.shots.get());
    let shots = Shots { rows, task: args.task.clone(), seed: args.seed };
    let Adapted { model, labeled, rows, unregularized, new_groups, unfamiliar } =
        adapt(&model, &args.data, &shots)?;
    // Somebody may have made a file of such a name meanwhile.
    guard.check()?;
    let files = model_file::files(&model, &args.out)?;
    let names = model_file::write(&mut folder, &files, &args.out)?;

    let terminal = Terminal::stdout();
    let used = model.description.adapted.as_ref().map_or(0, |adapted| adapted.lines.len());
    let mut lines = vec![format!(
        "Adapted to {used} of {}, of {} in all.",
        counted(labeled, "labeled row"),
        counted(rows, "row")
    )];
    if used < shots.rows {
        lines.push(format!(
            "note: the file has only {}, fewer than the {} asked for",
            counted(labeled, "labeled row"),
            shots.rows
        ));
    }
    if unregularized {
        lines.push(
            "note: the rows have nobody whom the regularizer needs, so adaptation was without it"
                .into(),
        );
    }
    if !new_groups.is_empty() {
        lines.push(format!(
            "note: the training table has no group {}; such rows count as the other group",
            quoted(&new_groups)
        ));
    }
    lines.extend(unfamiliar.iter().map(|note| format!("note: {note}")));
    lines.extend(model.description.adaptation_words());
    lines.push(format!("Wrote {}.", names.join(", ")));
    let text: Vec<String> = lines.iter().map(|line| terminal.wrap(&printable(line))).collect();
    output::print(&text.join("\n"))
}
