//! Values with a key and a checksum.
//!
//! A sealed value is one line and the bytes of the value:
//!
//! ```text
//! fair-maml sealed 1 <SHA-256 of all that follows> "<key, as JSON>"
//! <the bytes>
//! ```

use std::io::{self, ErrorKind, Read, Seek};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::Error;
use crate::open::{is_at_most, open, read_at_most};
use crate::whole::write;

/// The beginning of every sealed value.
const BEGINNING: &[u8] = b"fair-maml sealed ";
/// The version of the format.
const VERSION: &[u8] = b"1";
/// The most bytes that are read before it is clear that a file is a sealed value. The header of a
/// short key is shorter.
const FIRST: u64 = 128;
/// The length of a checksum in hexadecimal digits.
const DIGITS: usize = 64;

/// Explains why a sealed value is not believed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The file does not begin like a sealed value.
    #[error("it is not a file of this program")]
    NotSealed,
    /// The file has a format of another version of the program.
    #[error("another version of this program wrote it")]
    OtherVersion,
    /// The value is whole and belongs to something else.
    #[error("it belongs to another run or build")]
    OtherKey,
    /// The checksum does not fit: bytes are missing or have changed.
    #[error("it is damaged: its checksum does not fit")]
    Damaged,
    /// The file could not be read.
    #[error("it cannot be read: {0}")]
    Read(#[from] io::Error),
}

impl SealError {
    /// Whether the file is not there at all.
    pub fn is_missing(&self) -> bool {
        // Below a file, no file can be.
        let missing = |kind| matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory);
        matches!(self, SealError::Read(error) if missing(error.kind()))
    }
}

/// Gives a value a key and a checksum. The key has everything that the value depends on.
///
/// ```
/// let sealed = store::seal("seed 3", b"0.1");
/// assert_eq!(store::unseal("seed 3", &sealed)?, b"0.1");
/// # Ok::<(), store::SealError>(())
/// ```
pub fn seal(key: &str, value: &[u8]) -> Vec<u8> {
    let rest = [quoted(key).as_bytes(), b"\n", value].concat();
    let checksum = hexadecimal(&Sha256::digest(&rest));
    [BEGINNING, VERSION, b" ", checksum.as_bytes(), b" ", &rest].concat()
}

/// Returns the value, if all its bytes are as they were sealed and its key is this one.
///
/// # Errors
/// Returns an error that says what is wrong with it.
pub fn unseal<'a>(key: &str, sealed: &'a [u8]) -> Result<&'a [u8], SealError> {
    let value = whole(sealed)?.strip_prefix(quoted(key).as_bytes()).ok_or(SealError::OtherKey)?;
    value.strip_prefix(b"\n").ok_or(SealError::OtherKey)
}

/// The key and the value, if their checksum fits.
fn whole(sealed: &[u8]) -> Result<&[u8], SealError> {
    let (checksum, rest) = split(sealed)?;
    match checksum == hexadecimal(&Sha256::digest(rest)).as_bytes() {
        true => Ok(rest),
        false => Err(SealError::Damaged),
    }
}

/// The checksum of a sealed value, and the key and the value.
fn split(sealed: &[u8]) -> Result<(&[u8], &[u8]), SealError> {
    let header = sealed.strip_prefix(BEGINNING).ok_or(SealError::NotSealed)?;
    let space = header.iter().position(|&byte| byte == b' ').ok_or(SealError::Damaged)?;
    match &header[..space] {
        VERSION => {}
        other if other.iter().all(u8::is_ascii_digit) => return Err(SealError::OtherVersion),
        _ => return Err(SealError::Damaged),
    }
    let (checksum, rest) =
        header[space + 1..].split_at_checked(DIGITS).ok_or(SealError::Damaged)?;
    Ok((checksum, rest.strip_prefix(b" ").ok_or(SealError::Damaged)?))
}

/// Writes a value with its key and checksum to a file, completely or not at all.
///
/// # Errors
/// Returns the errors of [`write`](crate::write()).
pub fn write_sealed(path: &Path, key: &str, value: &[u8]) -> Result<(), Error> {
    write(path, &seal(key, value))
}

/// Reads a value that [`write_sealed`] has written under this key, from a file of at most `most`
/// bytes. Only a regular file is read, and it is brought into memory only if its checksum fits.
///
/// # Errors
/// Returns an error that says what is wrong with the file.
pub fn read_sealed(path: &Path, key: &str, most: u64) -> Result<Vec<u8>, SealError> {
    let mut file = open(path)?;
    is_at_most(file.metadata()?.len(), most)?;
    let mut first = Vec::new();
    file.by_ref().take(FIRST).read_to_end(&mut first)?;
    let (checksum, rest) = split(&first)?;
    let mut hash = Sha256::new();
    hash.update(rest);
    if checksum != end_of(hash, &mut file)?.as_bytes() {
        return Err(SealError::Damaged);
    }
    file.rewind()?;
    let mut sealed = read_at_most(file, most)?;
    // The file may have changed meanwhile.
    let before = sealed.len() - unseal(key, &sealed)?.len();
    sealed.drain(..before);
    Ok(sealed)
}

/// Reads the key of a value, whatever it is, from a file of at most `most` bytes.
///
/// # Errors
/// Returns the errors of [`read_sealed`].
pub fn read_sealed_key(path: &Path, most: u64) -> Result<String, SealError> {
    let sealed = read_at_most(open(path)?, most)?;
    let line = whole(&sealed)?.split(|&byte| byte == b'\n').next().unwrap_or_default();
    serde_json::from_slice(line).map_err(|_| SealError::Damaged)
}

/// The SHA-256 of all bytes of a source, in hexadecimal digits.
///
/// # Errors
/// Returns the error of the source.
pub(crate) fn checksum(from: impl Read) -> io::Result<String> {
    end_of(Sha256::new(), from)
}

/// The checksum of what was hashed and what follows.
fn end_of(mut hash: Sha256, mut from: impl Read) -> io::Result<String> {
    let mut block = vec![0; 1 << 16];
    loop {
        match from.read(&mut block) {
            Ok(0) => return Ok(hexadecimal(&hash.finalize())),
            Ok(read) => hash.update(&block[..read]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// A key as a JSON string, which has no line break.
fn quoted(key: &str) -> String {
    serde_json::Value::from(key).to_string()
}

/// Bytes in hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
