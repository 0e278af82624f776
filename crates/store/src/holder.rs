//! What a lock file says about the run that has the lock.

use std::io::Read;
use std::time::SystemTime;

/// The beginning of the text.
pub(crate) const FIRST: &str = "process ";
/// What is said of a lock whose file cannot be read or is empty.
pub(crate) const UNKNOWN: &str = "it does not say which";
/// The most bytes that are read of a lock file.
const LONGEST: u64 = 1000;

/// The text of this process.
pub(crate) fn text(command: &str) -> String {
    let (id, host) = (std::process::id(), host());
    let now = humantime::format_rfc3339_seconds(SystemTime::now());
    format!("{FIRST}{id} on {host}, started {now}: {command}\n")
}

/// What a lock file says, in one line.
pub(crate) fn of(file: impl Read) -> String {
    let mut bytes = Vec::new();
    // Some systems do not let others read a locked file.
    let _ = file.take(LONGEST).read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes);
    let text: String = text.trim().chars().filter(|c| !c.is_control()).collect();
    if text.is_empty() { UNKNOWN.into() } else { text }
}

/// Whether the process of a text is known to have ended: it was one of this machine.
pub(crate) fn has_ended(text: &str) -> bool {
    let process = || {
        let (id, rest) = text.strip_prefix(FIRST)?.split_once(" on ")?;
        let (its_host, _) = rest.split_once(", started ")?;
        (its_host == host()).then(|| id.parse().ok())?
    };
    process().is_some_and(|id| !is_running(id))
}

#[cfg(unix)]
fn is_running(id: i32) -> bool {
    use rustix::io::Errno;
    use rustix::process::{Pid, test_kill_process};
    // Any other answer than "no such process" may come from a living one.
    Pid::from_raw(id).is_none_or(|id| test_kill_process(id) != Err(Errno::SRCH))
}

/// Other systems have locks on every file system.
#[cfg(not(unix))]
fn is_running(_: i32) -> bool {
    true
}

/// The name of this machine.
#[cfg(unix)]
pub(crate) fn host() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    name.chars().filter(|c| !c.is_control()).collect()
}

/// The name of this machine.
#[cfg(not(unix))]
pub(crate) fn host() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_else(|_| "this machine".into())
}
