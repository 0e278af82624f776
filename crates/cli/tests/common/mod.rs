//! The program as a process, for the tests of its command line.
#![allow(dead_code, reason = "each test file uses a part")]

pub mod ended;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Value, json};
use tempfile::TempDir;

/// What a process left behind.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Asserts that it did what it was asked to, without complaint.
    #[track_caller]
    pub fn done(self) -> Self {
        assert_eq!((self.code, self.err.as_str()), (Some(0), ""), "{}", self.out);
        self
    }

    /// Asserts that it refused: exit code 2, nothing printed but one line that begins `error:` and
    /// has all of `parts`. Returns the line.
    #[track_caller]
    pub fn refused(self, parts: &[&str]) -> String {
        let Ran { code, out, err } = self;
        assert_eq!((code, out.as_str()), (Some(2), ""), "{err}");
        let line = err.strip_suffix('\n').expect("a whole line");
        assert!(line.starts_with("error: ") && !line.contains('\n'), "{err}");
        for part in parts {
            assert!(line.contains(part), "no `{part}` in: {line}");
        }
        line.into()
    }
}

/// Runs the program in `folder`, with the arguments of `line`, which contain no spaces.
pub fn run(folder: &Path, line: &str) -> Ran {
    run_with(folder, &line.split_whitespace().collect::<Vec<_>>())
}

/// Runs the program in `folder`.
pub fn run_with(folder: &Path, arguments: &[&str]) -> Ran {
    run_in(folder, arguments, &[], b"")
}

/// Runs the program in `folder` with these variables in its environment, and with something on its
/// standard input.
pub fn run_in(
    folder: &Path,
    arguments: &[&str],
    environment: &[(&str, &str)],
    input: &[u8],
) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fair-maml"));
    command.args(arguments).current_dir(folder);
    for name in ["COLUMNS", "NO_COLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    command.envs(environment.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    // It may end without having read.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    let mut ran =
        Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) };
    assert!(ran.code.is_some(), "{arguments:?} was ended by a signal: {}", ran.err);
    assert!(!ran.err.contains("panicked"), "{arguments:?}: {}", ran.err);
    ran.err = without_progress(&ran.err);
    ran
}

/// Whether a line tells how far the run is; on a slow machine even a short one has some.
pub fn is_progress(line: &str) -> bool {
    ["synthetic: ", "communities: ", "settings: ", "the model: "]
        .iter()
        .any(|name| line.starts_with(name))
        && line.contains(" elapsed")
}

/// What a run says, but for how far it is.
pub fn without_progress(text: &str) -> String {
    text.split_inclusive('\n').filter(|line| !is_progress(line)).collect()
}

/// A folder of its own for each test.
pub fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Names and contents of the files in a folder.
pub fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// The result files that repeat to the byte: all but the one that says when and where.
pub fn repeatable(folder: &Path) -> BTreeMap<String, String> {
    let mut files = files(folder);
    assert!(files.remove("provenance.json").is_some(), "{:?}", files.keys());
    files
}

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The golden cases: name and text.
pub fn golden_cases() -> Vec<(String, String)> {
    let cases: Vec<_> = std::fs::read_dir(root().join("tests/cases"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    assert!(cases.len() >= 5);
    cases
}

/// Writes `text` to a file in `folder`.
pub fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    std::fs::write(folder.join(name), text).unwrap();
}

pub fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

/// A run of both problems that is over in a second.
pub const TINY: &str = "--quick --iterations 1 --seeds 1 --gammas 1";

/// The manifest of a tiny run of both problems.
pub fn manifest() -> Value {
    static MANIFEST: OnceLock<Value> = OnceLock::new();
    let run = || {
        let folder = folder();
        run(folder.path(), &format!("{TINY} --out out")).done();
        parse(&files(&folder.path().join("out"))["manifest.json"])
    };
    MANIFEST.get_or_init(run).clone()
}

/// The manifest of a run of synthetic tasks with MAML and Fair-MAML alone.
pub fn of_meta_learning(iterations: u64, seeds: u64) -> Value {
    let mut manifest = manifest();
    manifest["plans"] = json!([manifest["plans"][0]]);
    for (name, value) in [
        ("methods", json!(["meta"])),
        ("companions", json!([])),
        ("ablation", Value::Null),
        ("iterations", json!(iterations)),
        ("seeds", json!(seeds)),
    ] {
        set(&mut manifest, &format!("plans.0.{name}"), value);
    }
    manifest
}

pub const RUNS: &str = "problem,seed,method,notion,gamma,target,stage,rate,steps,adaptation_gamma,task,support_rows,\
    query_rows,query_positive,query_protected,query_protected_positive,positive_rate,accuracy,\
    protected_accuracy,unprotected_accuracy,protected_positive_rate,unprotected_positive_rate,\
    protected_true_positive_rate,unprotected_true_positive_rate,protected_false_positive_rate,\
    unprotected_false_positive_rate,demographic_parity_ratio,equal_opportunity_ratio,\
    parity,opportunity,equalized_odds_difference";
pub const TRAINING: &str = "seed,method,notion,gamma,iteration,mean_loss,batches_in_all,\
    batches_without_group";
pub const SUMMARY: &str = "problem,method,notion,gamma,target,stage,rate,steps,adaptation_gamma,support_rows,metric,mean,\
    low_95,high_95,runs,defined,undefined";
pub const ABLATION: &str = "problem,decision,reading,method,gamma,target,metric,mean,change,\
    change_low_95,change_high_95,runs,defined,undefined,stopped";

/// The rows of a CSV file, after a look at its header.
#[track_caller]
pub fn rows(text: &str, header: &str) -> Vec<csv::StringRecord> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>().join(","), header);
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert!(!rows.is_empty());
    for cell in rows.iter().flatten() {
        let number = cell.parse::<f64>().ok();
        assert!(number.is_none_or(f64::is_finite), "a cell is `{cell}`");
        assert!(!["null", "None", "n/a"].contains(&cell), "a cell is `{cell}`");
    }
    rows
}

#[track_caller]
pub fn column(header: &str, name: &str) -> usize {
    header.split(',').position(|column| column == name).unwrap()
}

/// Sets a value deep in a manifest; a segment is a key or an index.
pub fn set(value: &mut Value, path: &str, to: Value) {
    let mut at = value;
    for segment in path.split('.') {
        at = match segment.parse::<usize>() {
            Ok(index) => &mut at[index],
            Err(_) => &mut at[segment],
        };
    }
    *at = to;
}

/// The shipped data in UCI's form: 128 columns without a header, `?` for a missing value.
pub fn uci_form() -> String {
    use tasks::communities::format::COLUMNS;
    let mut reader = csv::Reader::from_reader(datasets::COMMUNITIES_AND_CRIME.as_bytes());
    let header = reader.headers().unwrap().clone();
    let places: Vec<Option<usize>> =
        COLUMNS.iter().map(|name| header.iter().position(|column| column == *name)).collect();
    assert!(places.iter().flatten().count() > 90, "{header:?}");
    let mut text = String::new();
    for record in reader.records().map(Result::unwrap) {
        let cells: Vec<&str> =
            places.iter().map(|place| place.map_or("?", |place| &record[place])).collect();
        text += &cells.join(",");
        text.push('\n');
    }
    text
}
