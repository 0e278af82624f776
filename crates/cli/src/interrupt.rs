//! Ctrl-C.

use std::path::Path;

use crate::output;

/// Exit code after an interrupt, by the convention of shells.
const INTERRUPTED: i32 = 130;

/// From now on an interrupt ends the program with a message about the work kept in `out`.
pub fn explain(out: &Path) {
    let word = format!(
        "\ninterrupted: finished work is kept in {}; the same command continues from there",
        out.display()
    );
    // Without a handler an interrupt still ends the program, but without a message.
    let _ = ctrlc::set_handler(move || {
        output::note(&word);
        std::process::exit(INTERRUPTED);
    });
}
