//! Instruction counts of the derivatives, compared with the counts committed beside this file.
//! Unlike a time, a count is the same on a busy machine and on a slow one, so CI can hold on to it.
//!
//! ```text
//! cargo bench -p fair-maml-meta --bench instructions             # exits 1 if one grew by over 5 %
//! cargo bench -p fair-maml-meta --bench instructions -- --record # rewrites the record
//! ```
//!
//! The program runs itself under Valgrind's callgrind, with N and with 2N calls of a workload. The
//! difference over N is what one call takes, without start-up and the first call's allocations.
//!
//! Valgrind does not know AVX-512 and tells the program that the CPU has none: what is counted is
//! the path for AVX2, also where training takes the one for AVX-512.
//!
//! Counts depend on the compiler and the architecture. With others than those of the record they
//! are shown, but nothing follows from them.

mod common;

use std::collections::BTreeMap;
use std::error::Error;
use std::hint::black_box;
use std::process::{Command, ExitCode};
use std::{env, fs, io};

use common::{COMMUNITIES, Problem, SYNTHETIC, Setting, inner};
use meta::Workspace;
use serde::{Deserialize, Serialize};
use tape::{Lanes, Scalar, Tape};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// N
const CALLS: u64 = 20;
/// Largest ratio to the recorded count that passes.
const TOLERANCE: f64 = 1.05;
const RECORD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions.json");

/// From some size on the C library copies by `rep movsb`, which callgrind counts once a byte; the
/// size depends on the CPU, so it is put out of reach.
const TUNABLES: &str =
    "glibc.cpu.x86_non_temporal_threshold=0x1000000:glibc.cpu.x86_rep_movsb_threshold=0x1000000";

/// A derivative to be taken some number of times.
struct Workload {
    name: &'static str,
    run: fn(calls: u64),
}

const WORKLOADS: [Workload; 9] = [
    Workload { name: "synthetic f64x8 gradient", run: |n| gradient::<Lanes<f64, 8>>(SYNTHETIC, n) },
    Workload { name: "synthetic f64x8 hvp", run: |n| hvp::<Lanes<f64, 8>>(SYNTHETIC, n) },
    Workload {
        name: "synthetic f64x8 meta-gradient",
        run: |n| meta_gradient::<Lanes<f64, 8>>(SYNTHETIC, n),
    },
    Workload {
        name: "communities f64x4 gradient",
        run: |n| gradient::<Lanes<f64, 4>>(COMMUNITIES, n),
    },
    Workload { name: "communities f64x4 hvp", run: |n| hvp::<Lanes<f64, 4>>(COMMUNITIES, n) },
    Workload {
        name: "communities f64x4 meta-gradient",
        run: |n| meta_gradient::<Lanes<f64, 4>>(COMMUNITIES, n),
    },
    Workload { name: "communities f64 gradient", run: |n| gradient::<f64>(COMMUNITIES, n) },
    Workload { name: "communities f64 hvp", run: |n| hvp::<f64>(COMMUNITIES, n) },
    Workload {
        name: "communities f64 meta-gradient",
        run: |n| meta_gradient::<f64>(COMMUNITIES, n),
    },
];

/// Value and gradient.
fn gradient<S: Scalar>(setting: Setting, calls: u64) {
    let (problem, mut tape) = (Problem::<S>::new(&setting), Tape::new());
    for _ in 0..calls {
        let (parameters, _) = problem.gradient(&mut tape);
        black_box(tape.adjoint(parameters));
    }
}

/// Value, gradient and Hessian-vector product.
fn hvp<S: Scalar>(setting: Setting, calls: u64) {
    let (problem, mut tape) = (Problem::<S>::new(&setting), Tape::new());
    for _ in 0..calls {
        let (parameters, loss) = problem.gradient(&mut tape);
        black_box(tape.hessian_vector(parameters, black_box(&problem.theta), loss));
    }
}

/// Meta-gradient through one inner step.
fn meta_gradient<S: Scalar>(setting: Setting, calls: u64) {
    let (problem, mut workspace) = (Problem::<S>::new(&setting), Workspace::new());
    for _ in 0..calls {
        black_box(problem.meta_gradient(inner(), &mut workspace));
    }
}

/// What the counts depend on besides the program.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Platform {
    rustc: String,
    architecture: String,
}

impl Platform {
    fn here() -> Result<Self> {
        let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let version = Command::new(rustc).arg("-V").output()?.stdout;
        let rustc = String::from_utf8(version)?.trim().to_owned();
        Ok(Platform { rustc, architecture: architecture() })
    }
}

/// The instruction set, with the extensions that decide which kernels run.
fn architecture() -> String {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        return "x86_64 with AVX2 and FMA".into();
    }
    env::consts::ARCH.into()
}

/// The committed file.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    platform: Platform,
    instructions: BTreeMap<String, u64>,
}

impl Record {
    /// What is committed, or nothing if there is no such file.
    fn read() -> Result<Option<Self>> {
        match fs::read_to_string(RECORD) {
            Ok(text) => Ok(Some(serde_json::from_str(&text)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn write(&self) -> Result<()> {
        Ok(fs::write(RECORD, serde_json::to_string_pretty(self)? + "\n")?)
    }
}

fn main() -> ExitCode {
    // `cargo bench` says --bench to every program it runs.
    let arguments: Vec<String> = env::args().skip(1).filter(|word| word != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        [] => measure(false),
        ["--record"] => measure(true),
        ["--run", name, calls] => run(name, calls),
        _ => Err(format!("{arguments:?} given; --record or nothing is understood").into()),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::FAILURE
    })
}

/// What runs under callgrind.
fn run(name: &str, calls: &str) -> Result<ExitCode> {
    let workload = WORKLOADS.iter().find(|workload| workload.name == name);
    let workload = workload.ok_or_else(|| format!("no workload {name:?}"))?;
    (workload.run)(calls.parse()?);
    Ok(ExitCode::SUCCESS)
}

fn measure(record: bool) -> Result<ExitCode> {
    if cfg!(debug_assertions) {
        println!("Nothing counted: this build is not optimized. `cargo bench` makes one that is.");
        return Ok(ExitCode::SUCCESS);
    }
    if !valgrind_is_here()? {
        println!("Nothing counted: there is no `valgrind` on the path.");
        return Ok(ExitCode::SUCCESS);
    }
    let recorded = Record::read()?;
    let (platform, mut instructions) = (Platform::here()?, BTreeMap::new());
    println!("{:<33}{:>14}{:>14}{:>9}", "name", "instructions", "recorded", "ratio");
    for Workload { name, .. } in &WORKLOADS {
        let count = per_call(name)?;
        let before = recorded.as_ref().and_then(|record| record.instructions.get(*name));
        println!("{}", row(name, count, before.copied()));
        instructions.insert((*name).to_owned(), count);
    }
    let now = Record { platform, instructions };
    if record {
        now.write()?;
        println!("Recorded with {} on {}.", now.platform.rustc, now.platform.architecture);
        return Ok(ExitCode::SUCCESS);
    }
    Ok(verdict(&now, recorded.as_ref()))
}

fn row(name: &str, count: u64, before: Option<u64>) -> String {
    let (before, ratio) = match before {
        Some(before) => (before.to_string(), format!("{:.4}", count as f64 / before as f64)),
        None => ("none".into(), "–".into()),
    };
    format!("{name:<33}{count:>14}{before:>14}{ratio:>9}")
}

fn verdict(now: &Record, recorded: Option<&Record>) -> ExitCode {
    let Some(recorded) = recorded else {
        println!("Passes: nothing is recorded yet; `-- --record` does.");
        return ExitCode::SUCCESS;
    };
    if now.platform != recorded.platform {
        let (now, then) = (&now.platform, &recorded.platform);
        println!("Passes: the record does not compare, for it is of another compiler or machine.");
        println!("  here:     {} on {}", now.rustc, now.architecture);
        println!("  recorded: {} on {}", then.rustc, then.architecture);
        return ExitCode::SUCCESS;
    }
    let above: Vec<&str> = now
        .instructions
        .iter()
        .filter(|(name, count)| {
            let before = recorded.instructions.get(*name);
            before.is_some_and(|&before| **count as f64 > TOLERANCE * before as f64)
        })
        .map(|(name, _)| name.as_str())
        .collect();
    let most = (TOLERANCE - 1.0) * 100.0;
    if above.is_empty() {
        println!("Passes: no count is over {most:.0} % above the record.");
        return ExitCode::SUCCESS;
    }
    println!("Fails: over {most:.0} % above the record: {}.", above.join(", "));
    ExitCode::FAILURE
}

fn valgrind_is_here() -> Result<bool> {
    match Command::new("valgrind").arg("--version").output() {
        Ok(output) => Ok(output.status.success()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Instructions of one call of a workload.
fn per_call(name: &str) -> Result<u64> {
    let (once, twice) = (collected(name, CALLS)?, collected(name, 2 * CALLS)?);
    let difference = twice.checked_sub(once).ok_or("more calls took fewer instructions")?;
    Ok((difference + CALLS / 2) / CALLS)
}

/// Instructions of a whole run of this program, as callgrind reports them.
fn collected(name: &str, calls: u64) -> Result<u64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(env::current_exe()?).args(["--run", name, &calls.to_string()]);
    // The environment lies on the stack and would shift it.
    valgrind.env_clear();
    valgrind.envs(["PATH", "VALGRIND_LIB"].into_iter().filter_map(|k| Some((k, env::var_os(k)?))));
    valgrind.env("GLIBC_TUNABLES", TUNABLES);
    let output = valgrind.output()?;
    let report = String::from_utf8_lossy(&output.stderr);
    let count =
        report.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok());
    match count {
        Some(count) if output.status.success() => Ok(count),
        _ => Err(format!("callgrind failed on {name:?}:\n{report}").into()),
    }
}
