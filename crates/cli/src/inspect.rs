//! `fair-maml inspect`: what a model file has.

use report::terminal::Terminal;

use crate::args::Inspect;
use crate::error::Result;
use crate::{model_file, output};

/// Prints the card of a model, or its description as JSON.
pub fn run(args: &Inspect) -> Result<()> {
    let model = model_file::read(&args.model)?;
    match args.json {
        true => output::print_json(&model.description),
        false => {
            let terminal = Terminal::stdout();
            output::print(&model.description.inspection(terminal))
        }
    }
}
