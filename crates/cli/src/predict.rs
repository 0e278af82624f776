//! `fair-maml predict`: decisions about the rows of a file.

use model::predict;

use crate::args::Predict;
use crate::error::{Error, Result};
use crate::output::{self, Folder};
use crate::model_file;

/// Writes a probability and a decision for each row.
pub fn run(args: &Predict) -> Result<()> {
    model_file::guard(&args.out, args.force)?;
    let model = model_file::read(&args.model)?;
    if model.description.adapted.is_none() {
        output::note("note: the model is not adapted to a task; `fair-maml adapt` does that");
    }
    let mut folder = Folder::open(model_file::folder(&args.out))?;
    let mut summary = model::Summary::default();
    folder.write_with(&args.out, &mut |file| {
        summary = predict(&model, &args.data, file)?;
        Ok::<(), Error>(())
    })?;
    let positive = &model.description.schema.roles.positive;
    output::print(&format!(
        "{} rows, {} of them with the decision {positive}. Wrote {}.",
        summary.rows,
        summary.positive,
        args.out.display()
    ))
}
