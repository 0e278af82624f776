//! Ctrl-C.

use std::path::Path;

use report::number::counted;

use crate::output;

/// Exit code after an interrupt, by the convention of shells.
const INTERRUPTED: i32 = 130;

/// Says how many parts an interrupted run has left. From now on an interrupt ends the program with
/// a message about the work kept in `out`.
pub fn explain(out: &Path, left: usize) {
    if left > 0 {
        let parts = counted(left, "finished part");
        output::note(&format!("continuing an unfinished run: {parts}"));
    }
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
