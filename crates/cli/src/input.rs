//! Files that a user names and that are read as a whole: settings, manifests and cases.
//!
//! A value may take many times the memory of its text, so each kind of text has a limit.

use std::io::{Error as IoError, ErrorKind, stdin};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The bytes of the longest settings of a training.
pub const SETTINGS: u64 = 1_000_000;
/// The bytes of the longest manifest.
pub const MANIFEST: u64 = 20_000_000;
/// The bytes of the longest case, which has data.
pub const CASE: u64 = 200_000_000;
/// The name of standard input.
const STDIN: &str = "-";

/// The text of a file of at most `most` bytes, or of standard input for `-`.
pub fn text(path: &Path, most: u64) -> Result<String> {
    let bytes = match path.to_str() {
        Some(STDIN) => store::read_at_most(stdin(), most),
        _ => store::read_any(path, most),
    };
    let bytes = bytes.map_err(|source| failed(path, source))?;
    String::from_utf8(bytes).map_err(|error| {
        let reason = format!("byte {} is not UTF-8", error.utf8_error().valid_up_to());
        failed(path, IoError::new(ErrorKind::InvalidData, reason))
    })
}

/// The text of a regular file of at most `most` bytes that the user did not name. `None` if there
/// is no such file; a pipe is not waited for.
pub fn regular(path: &Path, most: u64) -> Option<String> {
    String::from_utf8(store::read(path, most).ok()?).ok()
}

/// What a file is called in errors.
pub fn name(path: &Path) -> PathBuf {
    if path.to_str() == Some(STDIN) { "standard input".into() } else { path.into() }
}

fn failed(path: &Path, source: IoError) -> Error {
    Error::File { path: name(path), source }
}
