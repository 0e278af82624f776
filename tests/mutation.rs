//! Files that were spoiled at random: no reader panics, hangs, or takes more memory than a small
//! multiple of the file.
//!
//! The test makes a few hundred executions for each reader. For more, of one reader or of all:
//!
//! ```sh
//! EXECUTIONS=10000000 READER=case cargo test -p integration-tests mutated -- --nocapture
//! ```

use std::time::{Duration, Instant};

use integration_tests::readers::{Reader, all};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A file that takes longer hangs.
const HANGS: Duration = Duration::from_secs(20);
/// The memory that reading any file may take, in bytes: buffers, tables and error messages.
const BASE: u64 = 128 << 10;
/// The files grow no longer than this over the longest accepted one.
const GROWTH: usize = 1_024;

/// Changes a file in one place.
fn mutate(file: &mut Vec<u8>, others: &[Vec<u8>], pieces: &[&str], rng: &mut impl Rng) {
    let at = rng.random_range(0..=file.len());
    let end = rng.random_range(at..=file.len().min(at + 64));
    match rng.random_range(0..14) {
        0..3 => {
            let piece = pieces[rng.random_range(0..pieces.len())].bytes();
            let replaced = if rng.random() { at..at } else { at..end };
            drop(file.splice(replaced, piece));
        }
        3 => drop(file.drain(at..end)),
        4 => {
            let copy = file[at..end].to_vec();
            drop(file.splice(at..at, copy));
        }
        5 => {
            let other = &others[rng.random_range(0..others.len())];
            let from = rng.random_range(0..=other.len());
            let to = rng.random_range(from..=other.len().min(from + 64));
            drop(file.splice(at..at, other[from..to].iter().copied()));
        }
        6 => file.truncate(at),
        7..13 => number(file, at, rng),
        _ => {
            if let Some(byte) = file.get_mut(at) {
                *byte = rng.random();
            }
        }
    }
}

/// Gives the next number of a file another value.
fn number(file: &mut Vec<u8>, at: usize, rng: &mut impl Rng) {
    let Some(start) = file[at..].iter().position(u8::is_ascii_digit).map(|i| at + i) else {
        return;
    };
    let is_part = |byte: &u8| byte.is_ascii_digit() || b".eE-+".contains(byte);
    let length = file[start..].iter().take_while(|byte| is_part(byte)).count();
    let number = match rng.random_range(0..4) {
        0 => rng.random_range(0..100).to_string(),
        1 => (1_u64 << rng.random_range(0..64)).to_string(),
        2 => rng.random_range(-2.0..2.0).to_string(),
        _ => format!("{}e{}", rng.random_range(-9..10), rng.random_range(-330..310)),
    };
    drop(file.splice(start..start + length, number.into_bytes()));
}

/// Reads a file, and uses what was read. Returns whether the file was accepted.
fn execute(reader: &Reader, file: &[u8]) -> bool {
    let begin = Instant::now();
    let mut value = None;
    let peak = allocation_counter::measure(|| value = (reader.read)(file)).bytes_max;
    let allowed = 16 * file.len() as u64 + BASE;
    assert!(peak <= allowed, "{}: {peak} bytes for {}", reader.name, file.escape_ascii());
    let is_accepted = value.is_some();
    if let Some(use_it) = value {
        use_it();
    }
    let seconds = begin.elapsed();
    assert!(seconds < HANGS, "{}: {seconds:?} for {}", reader.name, file.escape_ascii());
    is_accepted
}

/// Spoils accepted files a few times each.
fn executions(reader: &Reader, count: u64) {
    let accepted = (reader.accepted)();
    for file in &accepted {
        assert!((reader.read)(file).is_some(), "{} refuses its own file", reader.name);
    }
    let longest = accepted.iter().map(Vec::len).max().unwrap_or(0) + GROWTH;
    let mut rng = ChaCha8Rng::seed_from_u64(13);
    let (mut file, mut read) = (Vec::new(), 0_u64);
    for execution in 0..count {
        if execution % 4 == 0 {
            file = accepted[rng.random_range(0..accepted.len())].clone();
        }
        mutate(&mut file, &accepted, reader.pieces, &mut rng);
        file.truncate(longest);
        let ran = std::panic::catch_unwind(|| execute(reader, &file));
        let Ok(is_accepted) = ran else {
            panic!("{}, execution {execution}: {}", reader.name, file.escape_ascii())
        };
        read += u64::from(is_accepted);
    }
    println!("{}: {count} executions, {read} accepted", reader.name);
}

/// The seeds of the fuzz targets are read, and each target has some that its reader accepts.
#[test]
fn the_corpus_is_accepted() {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    for reader in all() {
        let seeds = std::fs::read_dir(corpus.join(reader.name)).expect("seeds of the target");
        let files: Vec<Vec<u8>> = seeds
            .map(|seed| std::fs::read(seed.expect("a seed").path()).expect("a file"))
            .collect();
        let accepted = files.iter().filter(|file| execute(&reader, file)).count();
        assert!(accepted > 0 && files.len() > 1, "{}: {accepted} accepted", reader.name);
    }
}

/// A network of very many layers takes no more memory than any other JSON text of its length. A
/// text in TOML is parsed as a whole before any of its values is looked at; settings, which are
/// TOML, may have 1 MB for this reason.
#[test]
fn a_very_deep_network() {
    let deep = "1,".repeat(300_000);
    let mut tried = 0;
    for reader in all() {
        for file in (reader.accepted)() {
            let Ok(text) = String::from_utf8(file) else { continue };
            for list in ["\"layers\":[", "\"layers\": ["] {
                let Some(at) = text.find(list) else { continue };
                let (before, after) = text.split_at(at + list.len());
                assert!(!execute(&reader, format!("{before}{deep}{after}").as_bytes()));
                tried += 1;
            }
        }
    }
    assert!(tried > 10, "{tried} files with a network");
}

/// Writes seeds of the fuzz targets: the files that the readers accept.
#[test]
#[ignore = "it writes to the repository"]
fn write_the_corpus() {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    for reader in all() {
        let folder = corpus.join(reader.name);
        std::fs::create_dir_all(&folder).expect("a folder");
        for (place, file) in (reader.accepted)().iter().enumerate() {
            std::fs::write(folder.join(format!("accepted-{place}")), file).expect("a seed");
        }
    }
}

/// Runs all readers, one after the other, because memory is counted for the thread.
#[test]
fn mutated_files() {
    let number = |name| std::env::var(name).ok();
    let count = number("EXECUTIONS").map_or(400, |count| count.parse().expect("a number"));
    let only = number("READER");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
    pool.expect("this thread").install(|| {
        for reader in all() {
            if only.as_ref().is_none_or(|only| only == reader.name) {
                executions(&reader, count);
            }
        }
    });
}
