//! Loads a large file and reports the speed and the peak memory.
//!
//! ```sh
//! cargo bench -p fair-maml-frame --bench load                # 5,000,000 rows, 1 GB
//! cargo bench -p fair-maml-frame --bench load -- 500000      # another number of rows
//! RAYON_NUM_THREADS=1 cargo bench -p fair-maml-frame --bench load
//! ```
//!
//! The file has 20 columns: 12 of numbers, of different widths, 5 of levels, a task with 1,000
//! levels, a label and a sensitive attribute. Peak memory is that of the whole process, as Linux
//! reports it.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use frame::{Frame, Options};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// How often the file is loaded.
const RUNS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let rows = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(5_000_000);
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("rows.csv");
    write(&path, rows)?;
    let bytes = std::fs::metadata(&path)?.len();
    println!("{rows} rows, {:.0} MB, {} threads", bytes as f64 / 1e6, rayon::current_num_threads());
    for run in 1..=RUNS {
        let start = Instant::now();
        let frame = Frame::<f32>::read(&path, &Options::default(), &|_, _| ())?;
        let seconds = start.elapsed().as_secs_f64();
        assert_eq!((frame.rows(), frame.columns().len()), (rows, 20));
        let table = 4.0 * (frame.rows() * frame.columns().len()) as f64;
        let peak = match peak_memory() {
            Some(peak) => format!("{:.2} times the table of f32", peak as f64 / table),
            None => "unknown".into(),
        };
        println!("run {run}: {:.0} MB/s, peak memory {peak}", bytes as f64 / 1e6 / seconds);
    }
    Ok(())
}

/// Writes rows that depend on nothing but their number.
fn write(path: &Path, rows: usize) -> Result<(), Box<dyn Error>> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    writeln!(out, "n0,n1,n2,n3,n4,n5,n6,n7,n8,n9,n10,n11,c0,c1,c2,c3,c4,task,label,sensitive")?;
    for _ in 0..rows {
        let mut unit = || rng.random::<f64>();
        write!(out, "{},{},{},", (80.0 * unit()) as u32, (1e6 * unit()) as u32, unit())?;
        write!(out, "{:.2},{:.3},{},", 1e4 * unit(), unit() - 0.5, unit())?;
        write!(out, "{:e},{:.1},{:.6},", unit(), 100.0 * unit(), 180.0 * unit() - 90.0)?;
        let missing = unit() < 0.1;
        let tenth = if missing { "NA".into() } else { format!("{:.4}", unit()) };
        write!(out, "{tenth},{},{:.12},", (1e9 * unit()) as u32, unit())?;
        for levels in [2, 5, 16, 40, 100] {
            write!(
                out,
                "{}-{},",
                ["privately held", "of the state", "self-employed"][levels % 3],
                levels.min((levels as f64 * unit()) as usize)
            )?;
        }
        let task = (1000.0 * unit()) as u32;
        writeln!(
            out,
            "site {task},{},{}",
            u8::from(unit() < 0.3),
            if unit() < 0.5 { "f" } else { "m" }
        )?;
    }
    out.flush()?;
    Ok(())
}

/// Returns the largest number of bytes that the process had in memory, if Linux tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(1024 * line.trim().trim_end_matches(" kB").parse::<u64>().ok()?)
}
