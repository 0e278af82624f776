//! Files that are complete or not there, for results that took hours.
//!
//! - [`write`](write()) writes a file of which nobody ever sees a part, not even after a power cut.
//! - A [`Lock`] makes a second run keep out of a folder that a first one writes to.
//! - [`Lock::write_together`] writes several files as one.
//! - [`open`](open()) and [`read`] look at a file first: what is no regular file, or too long, is
//!   an error at once.
//! - [`seal`] and [`unseal`] give a value a key and a checksum, so that a damaged file, or the file
//!   of another run, is never taken for the value.
//! - [`Error`] tells a full disk, a place that cannot be written to and a missing folder apart.
//!
//! ```
//! let folder = tempfile::tempdir()?;
//! let lock = store::Lock::take(folder.path(), "my_program --fast")?;
//! assert!(store::Lock::take(folder.path(), "the second").is_err());
//!
//! let file = folder.path().join("weights");
//! store::write_sealed(&file, "seed 3", b"0.1 0.2")?;
//! assert_eq!(store::read_sealed(&file, "seed 3", 1_000_000)?, b"0.1 0.2");
//! let other = store::read_sealed(&file, "seed 4", 1_000_000);
//! assert!(matches!(other, Err(store::SealError::OtherKey)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Where this code is: `error` has the errors, `open` the look at a file, `folder` what is done to
//! folders, `whole` the writing of a file, `journal` that of several, `lock` the lock, `holder`
//! what it says, `sealed` the values with a checksum, and `faults` what tests do to them.

mod error;
mod faults;
mod folder;
mod holder;
mod journal;
mod lock;
mod open;
mod sealed;
mod whole;

pub use error::Error;
pub use folder::create_folders;
pub use journal::Finished;
pub use lock::Lock;
pub use open::{kind, open, read, read_any, read_at_most};
pub use sealed::{SealError, read_sealed, read_sealed_key, seal, unseal, write_sealed};
pub use whole::{is_writable, remove_unfinished, write, write_with};
