//! Data files, which a run knows by the checksum of their contents.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::plan::Data;

/// A data file with the checksum of its contents.
pub fn identify(path: &Path) -> Result<Data> {
    if path.to_str().is_none() {
        let reason = "the name must be UTF-8, because the manifest contains it";
        let source = std::io::Error::new(std::io::ErrorKind::InvalidInput, reason);
        return Err(Error::File { path: path.into(), source });
    }
    check_is_file(path)?;
    Ok(Data { path: path.into(), sha256: checksum(path)? })
}

/// Refuses what cannot be read more than once.
///
/// # Errors
/// Returns an error if there is no such file, or if it is a folder or a pipe.
pub fn check_is_file(path: &Path) -> Result<()> {
    let fail = |source| Error::File { path: path.into(), source };
    if !std::fs::metadata(path).map_err(fail)?.is_file() {
        let reason = "it must be a file, not a folder or a pipe";
        return Err(fail(std::io::Error::new(std::io::ErrorKind::InvalidInput, reason)));
    }
    Ok(())
}

fn checksum(path: &Path) -> Result<String> {
    let fail = |source| Error::File { path: path.into(), source };
    let mut hash = Sha256::new();
    let mut file = BufReader::with_capacity(1 << 20, File::open(path).map_err(fail)?);
    loop {
        let bytes = file.fill_buf().map_err(fail)?;
        if bytes.is_empty() {
            break;
        }
        hash.update(bytes);
        let read = bytes.len();
        file.consume(read);
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Checks that a file still has the contents that its checksum names.
pub(super) fn verify(data: &Data) -> Result<()> {
    let found = checksum(&data.path)?;
    if found != data.sha256 {
        let reason =
            format!("its SHA-256 is {found}, but the run of the manifest read {}", data.sha256);
        return Err(Error::Data { path: PathBuf::from(&data.path), reason });
    }
    Ok(())
}
