//! Faults for tests: with the feature `faults`, the variable `FAIR_MAML_FAULT` names the step at
//! which the process ends (`abort 7`) or from which on the disk is full (`full 7`). Each write,
//! sync and rename is a step; they count from 1. Without the feature there are no faults.

use std::io;

/// Counts a step. `partly` does what a fault in the middle of the step would leave.
#[cfg(not(feature = "faults"))]
pub(crate) fn step(_partly: impl FnOnce()) -> io::Result<()> {
    Ok(())
}

/// Counts a step. `partly` does what a fault in the middle of the step would leave.
#[cfg(feature = "faults")]
pub(crate) fn step(partly: impl FnOnce()) -> io::Result<()> {
    use std::sync::atomic::{AtomicU64, Ordering};

    // A step of the process, whichever part of it makes the step: this counter has to be global.
    static STEPS: AtomicU64 = AtomicU64::new(0);
    let step = STEPS.fetch_add(1, Ordering::Relaxed) + 1;
    let Ok(fault) = std::env::var("FAIR_MAML_FAULT") else { return Ok(()) };
    let (kind, at) = fault.split_once(' ').expect("FAIR_MAML_FAULT: a kind and a step");
    let at: u64 = at.parse().expect("FAIR_MAML_FAULT: the number of a step");
    match kind {
        "abort" if step == at => {
            partly();
            std::process::abort()
        }
        "full" if step >= at => {
            partly();
            Err(io::ErrorKind::StorageFull.into())
        }
        "abort" | "full" => Ok(()),
        other => panic!("FAIR_MAML_FAULT: `{other}` is neither abort nor full"),
    }
}
