//! Ctrl-C, the other signals that ask a program to end, and one that would end it.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use report::number::counted;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::error::{Error, Result};
use crate::output;

/// Exit codes after a signal are its number and this, by the convention of shells.
const BY_SIGNAL: i32 = 128;

/// Says how many parts an interrupted run has left.
pub fn explain(left: usize) {
    if left > 0 {
        let parts = counted(left, "finished part");
        output::note(&format!("continuing an unfinished run: {parts}"));
    }
}

/// Whether a signal has asked the run to stop.
#[derive(Clone, Default)]
pub struct Stop {
    /// The number of the signal, or 0.
    signal: Arc<AtomicUsize>,
}

impl Stop {
    /// From now on, the first signal asks the run to stop, and a second one ends the program at
    /// once.
    pub fn on_signals() -> Stop {
        let (stop, asked) = (Stop::default(), Arc::new(AtomicBool::new(false)));
        for number in signals() {
            let (signal, code) = (Arc::clone(&stop.signal), BY_SIGNAL + number);
            // The order matters: the second signal finds what the first one has set. Without a
            // handler a signal still ends the program, but without a message.
            let _ = flag::register_conditional_shutdown(number, code, Arc::clone(&asked));
            let _ = flag::register(number, Arc::clone(&asked));
            let _ = flag::register_usize(number, signal, number as usize);
        }
        stop
    }

    /// Whether the run has to stop.
    pub fn asked(&self) -> bool {
        self.signal.load(Ordering::Relaxed) != 0
    }

    /// An error if the command has to stop and keeps no unfinished work.
    pub fn ended(&self) -> Result<()> {
        if self.asked() { Err(Error::Ended { code: self.exit_code() }) } else { Ok(()) }
    }

    /// A writer that fails from the time on at which the command has to stop.
    pub fn before_each_write<'a>(&'a self, to: &'a mut dyn Write) -> impl Write + 'a {
        Stopping { stop: self, to }
    }

    /// The exit code of a run that has stopped.
    fn exit_code(&self) -> u8 {
        (BY_SIGNAL as usize + self.signal.load(Ordering::Relaxed)) as u8
    }

    /// A run that had to stop says where its work is.
    pub fn interrupted(&self, error: Error, out: &Path) -> Error {
        use experiment::error::Error::Stopped;
        match error {
            Error::Experiment(Stopped) | Error::Model(model::Error::Experiment(Stopped)) => {
                Error::Interrupted { out: out.into(), code: self.exit_code() }
            }
            other => other,
        }
    }
}

/// A writer that a signal stops.
struct Stopping<'a> {
    stop: &'a Stop,
    to: &'a mut dyn Write,
}

impl Write for Stopping<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        // A write that is `Interrupted` would be tried again.
        self.stop.ended().map_err(std::io::Error::other)?;
        self.to.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.to.flush()
    }
}

/// From now on, a file that grows too large for the system (`ulimit -f`) is an error of its writer,
/// and does not end the program.
#[cfg(unix)]
pub fn survive_large_files() {
    // The flag is not read: that there is a handler is enough.
    let _ = flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
}

/// Other systems have no such signal.
#[cfg(not(unix))]
pub fn survive_large_files() {}

/// The signals that ask a program to end.
#[cfg(unix)]
fn signals() -> Vec<i32> {
    // `nohup` has a program ignore that its terminal is gone, and so has this one, then. A process
    // that this one starts ignores the same signals: a shell tells by surviving.
    let survives = std::process::Command::new("sh").args(["-c", "kill -HUP $$"]).status();
    let is_ignored = survives.is_ok_and(|status| status.success());
    let hangup = (!is_ignored).then_some(signal_hook::consts::SIGHUP);
    [SIGINT, SIGTERM].into_iter().chain(hangup).collect()
}

/// The signals that ask a program to end.
#[cfg(not(unix))]
fn signals() -> Vec<i32> {
    vec![SIGINT, SIGTERM]
}
