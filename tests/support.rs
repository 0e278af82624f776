//! What the tests across crates share.

pub mod readers;

use std::path::{Path, PathBuf};

/// The golden cases, by name and path, in the order of their names.
///
/// # Panics
/// If the folder cannot be read.
pub fn golden_cases() -> Vec<(String, PathBuf)> {
    cases_in("cases")
}

/// The golden cases of other algorithms and regularizers.
///
/// # Panics
/// If the folder cannot be read.
pub fn golden_algorithms() -> Vec<(String, PathBuf)> {
    cases_in("cases/algorithms")
}

fn cases_in(folder: &str) -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut cases: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder of golden cases")
        .map(|entry| entry.expect("an entry of the folder").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| (path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), path))
        .collect();
    cases.sort();
    cases
}
