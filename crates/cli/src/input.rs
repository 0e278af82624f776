//! Files that a user names and that are read as a whole: settings, manifests, cases and models.
//!
//! A value may take many times the memory of its text, so each kind of text has a limit.

use std::fs::File;
use std::io::{Error as IoError, ErrorKind, Read, stdin};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The bytes of the longest settings of a training.
pub const SETTINGS: u64 = 1_000_000;
/// The bytes of the longest manifest.
pub const MANIFEST: u64 = 20_000_000;
/// The bytes of the longest case, which has data.
pub const CASE: u64 = 200_000_000;
/// The bytes of the largest model.
const LARGEST_MODEL: u64 = 2_000_000_000;
/// The name of standard input.
const STDIN: &str = "-";

/// The text of a file of at most `most` bytes, or of standard input for `-`.
pub fn text(path: &Path, most: u64) -> Result<String> {
    let bytes = match path.to_str() {
        Some(STDIN) => all(path, stdin(), most)?,
        _ => all(path, open(path)?, most)?,
    };
    String::from_utf8(bytes).map_err(|error| {
        let reason = format!("byte {} is not UTF-8", error.utf8_error().valid_up_to());
        failed(path, IoError::new(ErrorKind::InvalidData, reason))
    })
}

/// The bytes of a model file.
pub fn model(path: &Path) -> Result<Vec<u8>> {
    all(path, open(path)?, LARGEST_MODEL)
}

/// What a file is called in errors.
pub fn name(path: &Path) -> PathBuf {
    if path.to_str() == Some(STDIN) { "standard input".into() } else { path.into() }
}

fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(|source| failed(path, source))
}

/// All bytes, at most so many.
fn all(path: &Path, from: impl Read, most: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(most + 1).read_to_end(&mut bytes).map_err(|source| failed(path, source))?;
    if bytes.len() as u64 > most {
        let reason = format!("it has more than {} MB", most / 1_000_000);
        return Err(failed(path, IoError::new(ErrorKind::FileTooLarge, reason)));
    }
    Ok(bytes)
}

fn failed(path: &Path, source: IoError) -> Error {
    Error::File { path: name(path), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_end_is_refused() {
        let error = all(Path::new("endless"), std::io::repeat(b' '), 3_000_000).unwrap_err();
        assert_eq!(error.to_string(), "endless: it has more than 3 MB");
        assert_eq!(all(Path::new("short"), &b"abc"[..], 3).unwrap(), b"abc");
    }
}
