//! Ctrl-C.

use std::path::Path;

use crate::output;

/// Exit code of a program that an interrupt ended, as shells have it.
const INTERRUPTED: i32 = 130;

/// From now on an interrupt ends the program with a word on what it leaves in `out`.
pub fn explain(out: &Path) {
    let word = format!(
        "\ninterrupted: finished work is kept in {}; the same command continues from there",
        out.display()
    );
    // Without a handler an interrupt still ends the program, if without a word.
    let _ = ctrlc::set_handler(move || {
        output::note(&word);
        std::process::exit(INTERRUPTED);
    });
}
