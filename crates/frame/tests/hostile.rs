//! Inputs that were made to hurt: nothing panics, hangs or fills the memory.
//!
//! The mutational test makes a few thousand executions. For more:
//!
//! ```sh
//! FRAME_EXECUTIONS=10000000 cargo test --release -p fair-maml-frame mutated
//! ```

use std::fmt::Write;

use frame::{Cells, Error, Frame, Kind, Levels, Options, Real, blocks};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Runs on this thread alone, and returns the largest number of bytes that were allocated at once.
fn peak(run: impl FnOnce() + Send) -> u64 {
    allocation_counter::measure(run).bytes_max
}

/// Makes this thread a Rayon pool, so that all allocations are its own.
fn alone<T: Send>(run: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
    pool.unwrap().install(run)
}

/// What a frame promises.
fn check<R: Real>(frame: &Frame<R>) {
    assert!(frame.rows() > 0);
    let mut before = 0;
    for row in 0..frame.rows() {
        assert!(frame.line(row) > before, "lines grow");
        before = frame.line(row);
    }
    for column in frame.columns() {
        match &column.cells {
            Cells::Numbers(values) => {
                assert_eq!(values.len(), frame.rows());
                let fits = |v: f64| v.is_finite() || v.is_nan();
                assert!(values.iter().all(|v| fits(v.to_f64())));
            }
            Cells::Levels { codes, names } => {
                assert_eq!(codes.len(), frame.rows());
                let fits = |code: u32| code == Levels::MISSING || (code as usize) < names.len();
                assert!(codes.iter().all(|&code| fits(code)));
            }
            Cells::Texts(texts) => assert_eq!(texts.len(), frame.rows()),
            Cells::TooMany => {}
        }
    }
}

fn check_error(error: &Error) {
    let message = error.to_string();
    assert!(!message.contains(char::is_control), "{message:?}");
    assert!(message.len() < 10_000, "{} bytes", message.len());
}

/// Reads a text in every way.
fn execute(csv: &[u8]) {
    let options = Options { most_levels: 3, ..Options::default() };
    match Frame::<f32>::from_bytes(csv, "data.csv", &options) {
        Ok(frame) => check(&frame),
        Err(error) => check_error(&error),
    }
    let kinds = [("a", Kind::Numeric), ("b", Kind::Text), ("c", Kind::Categorical)];
    let kinds = kinds.map(|(name, kind)| (name.into(), kind)).into();
    let options = Options { kinds, delimiter: b';', ..Options::default() };
    let frames = blocks::<f64>(csv, "data.csv", &options, 2);
    match frames.and_then(Iterator::collect::<Result<Vec<_>, Error>>) {
        Ok(frames) => frames.iter().for_each(check),
        Err(error) => check_error(&error),
    }
}

const SEEDS: [&[u8]; 6] = [
    b"a,b,c\n1,x,y\n2.5e3,\"q, \"\"r\"\"\",\n",
    b"\xef\xbb\xbfa;b;c\r\n-1;?;\"two\r\nlines\"\r\n\r\n3;NA;z\r\n",
    b"a;b;c\r1e308; \"x\" ;1e-320\r\"4\";;\r",
    b"\xff\xfea\0,\0b\0",
    b"a\n1\n02\nNaN\nx\n\xe9\n",
    "a,\u{e9},c\n0.1,\u{1f600},\u{a0}x\u{2003}\n".as_bytes(),
];

/// Pieces that mean something to a reader of CSV.
const PIECES: [&[u8]; 16] = [
    b"\"",
    b"\"\"",
    b",",
    b";",
    b"\n",
    b"\r",
    b"\r\n",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b" ",
    b"\t",
    b"1e999",
    b"-0.",
    b"nan",
    b"\xe2\x80",
];

fn mutate(csv: &mut Vec<u8>, rng: &mut impl Rng) {
    let at = rng.random_range(0..=csv.len());
    let end = rng.random_range(at..=csv.len());
    match rng.random_range(0..6) {
        0 => drop(csv.splice(at..at, PIECES[rng.random_range(0..PIECES.len())].iter().copied())),
        1 => drop(csv.drain(at..end)),
        2 => {
            let copy = csv[at..end].to_vec();
            csv.splice(at..at, copy);
        }
        3 => {
            let other = SEEDS[rng.random_range(0..SEEDS.len())];
            let from = rng.random_range(0..=other.len());
            csv.truncate(at);
            csv.extend_from_slice(&other[from..]);
        }
        4 => csv.truncate(at),
        _ => {
            if let Some(byte) = csv.get_mut(at) {
                *byte = rng.random();
            }
        }
    }
    csv.truncate(4_096);
}

#[test]
fn mutated_files() {
    let executions: u64 = match std::env::var("FRAME_EXECUTIONS") {
        Ok(number) => number.parse().expect("FRAME_EXECUTIONS is a number"),
        Err(_) => 4_000,
    };
    alone(|| {
        let mut rng = ChaCha8Rng::seed_from_u64(13);
        let mut csv = SEEDS[0].to_vec();
        for execution in 0..executions {
            if execution % 16 == 0 {
                csv = SEEDS[rng.random_range(0..SEEDS.len())].to_vec();
            }
            mutate(&mut csv, &mut rng);
            let bytes = peak(|| execute(&csv));
            // Each column takes memory of its own, and each delimiter may make one.
            let columns = csv.iter().filter(|byte| b",;".contains(byte)).count() + 1;
            let allowed = 16 * csv.len() + 1_000 * columns + (32 << 10);
            assert!(
                bytes <= allowed as u64,
                "{bytes} bytes for {:?}",
                csv.escape_ascii().to_string()
            );
        }
    });
}

#[test]
fn memory_is_a_small_multiple_of_a_large_input() {
    alone(large_inputs);
}

fn large_inputs() {
    const SIZE: usize = 3 << 20;
    let repeated = |piece: &str| piece.repeat(SIZE / piece.len());
    let mut levels = String::from("x,y\n");
    for row in 0..SIZE / 16 {
        writeln!(levels, "level {row:06},1").unwrap();
    }
    for (name, csv) in [
        ("short numbers", "x\n".to_owned() + &repeated("1\n")),
        ("numbers on every other line", "x\n".to_owned() + &repeated("1\n\n")),
        ("numbers on lines without order", "x\n".to_owned() + &repeated("1\n\n2\n1\n\n\n3\n")),
        ("texts", "x\n".to_owned() + &repeated("a\n")),
        ("missing cells", "a,b,c,d\n".to_owned() + &repeated(",,,\n")),
        ("a new level in each row", levels),
        ("quotes", repeated("\"")),
        ("a quote that is never closed", "x\n\"".to_owned() + &repeated("a,b\n")),
        ("line breaks", repeated("\r\n")),
        ("a header alone", repeated("abcdefg,")),
        ("spaces", "x\n".to_owned() + &repeated(" ") + "\""),
        ("one long cell", "x\n\"".to_owned() + &repeated("\"\"") + "\""),
    ] {
        let bytes = peak(|| {
            let read = Frame::<f32>::from_bytes(csv.as_bytes(), "data.csv", &Options::default());
            if let Ok(frame) = read {
                check(&frame);
            }
        });
        let times = bytes as f64 / csv.len() as f64;
        println!("{name}: {times:.1} times the input");
        assert!(times < 12.0, "{name}: {times:.1} times the input");
    }
}

#[test]
fn ten_thousand_columns() {
    let names: Vec<String> = (0..10_000).map(|column| format!("c{column}")).collect();
    let row = vec!["0.5"; 10_000].join(",");
    let csv = format!("{}\n{row}\n{row}\n", names.join(","));
    let frame = crate::read(&csv).unwrap();
    assert_eq!((frame.rows(), frame.columns().len()), (2, 10_000));
    assert_eq!(frame.column("c9999").unwrap().number(1), Some(0.5));
    let twice = csv.replacen("c9999", "c0", 1);
    assert!(crate::read(&twice).unwrap().column("c0 (2)").is_ok());

    let many = format!("{}\n1\n", (0..300_000).map(|c| format!("{c},")).collect::<String>());
    let error = crate::read(&many).unwrap_err().to_string();
    assert_eq!(error, "data.csv, line 1: 300001 columns, at most 262144 are read");
}

#[test]
fn numbers_at_the_ends_of_their_range() {
    let frame = crate::read("x,y\n1e308,5e-324\n-1.7976931348623157e308,1e-400\n").unwrap();
    let [x, y] = ["x", "y"].map(|name| frame.column(name).unwrap());
    assert_eq!((x.number(0), x.number(1)), (Some(1e308), Some(f64::MIN)));
    assert_eq!((y.number(0), y.number(1)), (Some(5e-324), Some(0.0)));
}

#[test]
fn rows_and_columns_without_variety() {
    let frame = crate::read("task,label,x\nonly,1,7\n").unwrap();
    assert_eq!(frame.rows(), 1);
    let frame = crate::read("task,label,x\nt,yes,7\nt,yes,7\n").unwrap();
    let label = Cells::Levels { codes: vec![0, 0], names: vec!["yes".into()] };
    assert_eq!(frame.column("label").unwrap().cells, label);
    assert_eq!(frame.column("x").unwrap().cells, Cells::Numbers(vec![7.0, 7.0]));
}

/// A cell that a spreadsheet would run is a text like any other.
#[test]
fn formulas_are_text() {
    let frame = crate::read("x\n=1+1\n@a\n").unwrap();
    assert_eq!(crate::texts(&frame, "x"), ["=1+1", "@a"]);
}

/// A row that is too long is an error before all of it is in memory.
#[test]
fn a_row_that_never_ends() {
    struct Endless(u64);
    impl std::io::Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.0 += buffer.len() as u64;
            buffer.fill(b'a');
            Ok(buffer.len())
        }
    }
    let options = Options { header: Some(vec!["a".into()]), ..Options::default() };
    let kinds = [("a".into(), Kind::Text)].into();
    let options = Options { kinds, ..options };
    let mut endless = Endless(0);
    let error = blocks::<f32>(&mut endless, "data.csv", &options, 1).err().unwrap().to_string();
    assert_eq!(error, "data.csv, line 1: a row is longer than 64 MiB");
    assert!(endless.0 <= 65 << 20);

    let quoted = std::io::Read::chain(&b"a\n\n\"b,"[..], Endless(0));
    let mut frames = blocks::<f32>(quoted, "data.csv", &options, 1).unwrap();
    assert_eq!(frames.next().unwrap().unwrap().rows(), 1);
    let error = frames.next().unwrap().unwrap_err().to_string();
    assert_eq!(error, "data.csv, line 3: the quote that opens here is never closed");
}
