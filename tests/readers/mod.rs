//! The readers of files, for tests that spoil files: each with files that it accepts, and with a
//! function that reads bytes as the program does and panics if a promise is broken.
//!
//! The mutational run (`tests/mutation.rs`) and the fuzz targets (`fuzz/`) use them. A reader that
//! is missing here is added in its file and in [`all`].
//!
//! | file | reads |
//! |---|---|
//! | `csv` | tables, and the features and tasks of their rows |
//! | `case` | cases of `fair-maml meta-grad` |
//! | `config` | settings of `fair-maml train` |
//! | `checkpoint` | checkpoints of networks |
//! | `part` | kept parts of a run |
//! | `model` | model files |
//! | `manifest` | manifests of runs and of studies |

pub mod case;
pub mod checkpoint;
pub mod config;
pub mod csv;
pub mod manifest;
pub mod model;
pub mod part;

/// What is done with a value that was read.
pub type Use = Box<dyn FnOnce() + Send>;

/// A reader of files.
#[derive(Clone, Copy)]
pub struct Reader {
    /// Its name.
    pub name: &'static str,
    /// Files that it accepts.
    pub accepted: fn() -> Vec<Vec<u8>>,
    /// Pieces of a file that mean something to it.
    pub pieces: &'static [&'static str],
    /// Reads bytes and checks what was read. It takes memory in proportion to the bytes. What uses
    /// the value comes back, because it may take more; `None` if the bytes are refused.
    pub read: fn(&[u8]) -> Option<Use>,
}

impl Reader {
    /// Reads bytes and uses what was read.
    pub fn run(&self, bytes: &[u8]) {
        if let Some(use_it) = (self.read)(bytes) {
            use_it();
        }
    }
}

/// All readers.
pub fn all() -> [Reader; 7] {
    [
        csv::READER,
        case::READER,
        config::READER,
        checkpoint::READER,
        part::READER,
        model::READER,
        manifest::READER,
    ]
}

/// Pieces of JSON and TOML that a number or a list may turn into.
const VALUES: &[&str] = &[
    "0",
    "-1",
    "1e308",
    "1e-320",
    "-0.0",
    "1e999",
    "nan",
    "inf",
    "18446744073709551615",
    "9007199254740993",
    "4294967296",
    "null",
    "true",
    "[]",
    "{}",
    "\"\"",
    "\"\\u0000\"",
    ",",
    ":",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "\\",
    "\n",
    "= ",
    "[[",
    "#",
    "\u{feff}",
    "\u{1b}[31m",
];

/// A refusal has a text that does not fill the terminal.
fn refused(error: &dyn std::fmt::Display, bytes: &[u8]) -> Option<Use> {
    let message = error.to_string();
    assert!(message.len() <= 8 * bytes.len() + 2_000, "{} bytes: {message}", message.len());
    None
}
