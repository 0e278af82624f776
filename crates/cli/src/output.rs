//! Result files: made in memory, then written whole or not at all. And lines for the terminal.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use tempfile::{Builder, NamedTempFile};

use crate::ablation::Variant;
use crate::compare::{Quantity, accuracy, opportunity, parity};
use crate::error::{Error, Result};
use crate::outcome::Stage;
use crate::summary::{Metric, Row};
use crate::train::Trained;

/// How the names of files begin and end that are being written.
const IN_WRITING: (&str, &str) = (".fair-maml-", ".tmp");

/// A folder that was found to be writable before the work began.
pub struct Folder {
    path: PathBuf,
    /// Folders made for it, the outermost first; removed again if nothing is written.
    made: Vec<PathBuf>,
    written: bool,
}

impl Folder {
    /// Makes the folder if need be, and tries to write in it.
    pub fn open(path: &Path) -> Result<Folder> {
        let fail = |source| Error::Out { path: path.into(), source };
        let missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
        let mut made: Vec<PathBuf> =
            path.ancestors().take_while(missing).map(PathBuf::from).collect();
        made.reverse();
        let folder = Folder { path: path.into(), made, written: false };
        std::fs::create_dir_all(path).map_err(fail)?;
        // What an interrupt left in the middle of writing.
        for entry in std::fs::read_dir(path).map_err(fail)?.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(IN_WRITING.0) && name.ends_with(IN_WRITING.1) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
        folder.file().map_err(fail)?;
        Ok(folder)
    }

    /// A file that has no name of its own yet.
    fn file(&self) -> std::io::Result<NamedTempFile> {
        Builder::new().prefix(IN_WRITING.0).suffix(IN_WRITING.1).tempfile_in(&self.path)
    }

    /// How many files in it begin with one of `beginnings` and are none of `names`.
    pub fn others(&self, beginnings: &[&str], names: &[String]) -> usize {
        let Ok(entries) = std::fs::read_dir(&self.path) else { return 0 };
        let names_there =
            entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let is_other = |name: &String| {
            beginnings.iter().any(|start| name.starts_with(start)) && !names.contains(name)
        };
        names_there.filter(is_other).count()
    }

    /// Writes every file, or none: all are complete on disk before the first takes its name. Just
    /// before that the files named in `outdated` are removed. Returns the names.
    pub fn write(&mut self, files: &[(String, String)], outdated: &[&str]) -> Result<Vec<String>> {
        let out = |source| Error::Out { path: self.path.clone(), source };
        // The one reason to fail below that can be known before.
        if let Some((name, _)) = files.iter().find(|(name, _)| self.path.join(name).is_dir()) {
            let path = self.path.join(name);
            return Err(Error::Out { path, source: ErrorKind::IsADirectory.into() });
        }
        let mut complete = Vec::new();
        for (name, text) in files {
            let mut file = self.file().map_err(out)?;
            file.write_all(text.as_bytes()).and_then(|()| file.flush()).map_err(out)?;
            complete.push((file, self.path.join(name)));
        }
        for name in outdated {
            match std::fs::remove_file(self.path.join(name)) {
                Err(source) if source.kind() != ErrorKind::NotFound => return Err(out(source)),
                _ => {}
            }
        }
        for (file, path) in complete {
            share(&file).map_err(out)?;
            file.persist(path).map_err(|error| out(error.error))?;
        }
        self.written = true;
        Ok(files.iter().map(|(name, _)| name.clone()).collect())
    }
}

/// Prints a line. Whoever closes the pipe early has seen enough.
pub fn print(line: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Err(source) if source.kind() != ErrorKind::BrokenPipe => {
            Err(Error::File { path: "standard output".into(), source })
        }
        _ => Ok(()),
    }
}

/// Prints a line for the user's eyes only; if they are closed, so be it.
pub fn note(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Temporary files are private; results are ordinary files.
#[cfg(unix)]
fn share(file: &NamedTempFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn share(_: &NamedTempFile) -> std::io::Result<()> {
    Ok(())
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.written {
            for folder in self.made.iter().rev() {
                // Fails if there is something in it, and then it should stay.
                let _ = std::fs::remove_dir(folder);
            }
        }
    }
}

/// A value as JSON.
pub fn json(file: &'static str, value: &impl Serialize) -> Result<String> {
    serde_json::to_string_pretty(value)
        .map_err(|error| Error::Format { file, reason: error.to_string() })
}

/// Rows with a header, as CSV.
pub fn csv<T: Serialize>(file: &'static str, rows: impl IntoIterator<Item = T>) -> Result<String> {
    let fail = |reason: String| Error::Format { file, reason };
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).map_err(|error| fail(error.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|error| fail(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| fail(error.to_string()))
}

/// One metric of one row of the summary: the long form that statistics programs like.
#[derive(Serialize)]
pub struct SummaryLine {
    problem: &'static str,
    method: &'static str,
    notion: Option<fairness::Notion>,
    gamma: f64,
    target: Option<f64>,
    stage: Stage,
    rate: Option<f64>,
    steps: u64,
    adaptation_gamma: Option<f64>,
    support_rows: usize,
    metric: &'static str,
    mean: Option<f64>,
    low_95: Option<f64>,
    high_95: Option<f64>,
    runs: usize,
    defined: usize,
    undefined: usize,
}

/// The summary, a line for each metric of each row.
pub fn summary_lines(rows: &[Row]) -> impl Iterator<Item = SummaryLine> {
    rows.iter().flat_map(|row| {
        let line = |metric, value: &Metric| {
            let interval = value.over_seeds.and_then(|mean| mean.interval);
            SummaryLine {
                problem: row.problem,
                method: row.method,
                notion: row.notion,
                gamma: row.gamma,
                target: row.target,
                stage: row.stage,
                rate: row.rate,
                steps: row.steps,
                adaptation_gamma: row.adaptation_gamma,
                support_rows: row.support_rows,
                metric,
                mean: value.over_seeds.map(|mean| mean.mean),
                low_95: interval.map(|interval| interval.0),
                high_95: interval.map(|interval| interval.1),
                runs: value.over_seeds.map_or(0, |mean| mean.values),
                defined: value.defined,
                undefined: value.undefined,
            }
        };
        [
            line("accuracy", &row.accuracy),
            line("demographic_parity_ratio", &row.demographic_parity_ratio),
            line("equal_opportunity_ratio", &row.equal_opportunity_ratio),
            line("parity", &row.demographic_parity_closeness),
            line("opportunity", &row.equal_opportunity_closeness),
            line("equalized_odds_difference", &row.equalized_odds_difference),
        ]
    })
}

/// A point of a learning curve, and how often the regularizer was silent until the end.
#[derive(Serialize)]
pub struct TrainingLine {
    seed: u64,
    method: &'static str,
    notion: Option<fairness::Notion>,
    gamma: f64,
    iteration: u64,
    mean_loss: f64,
    batches_in_all: Option<u64>,
    batches_without_group: Option<u64>,
}

/// The learning curves of every training.
pub fn training_lines(trained: &[Trained]) -> impl Iterator<Item = TrainingLine> {
    trained.iter().flat_map(|run| {
        run.curve.iter().map(|&(iteration, mean_loss)| TrainingLine {
            seed: run.seed,
            method: run.arm.method(),
            notion: run.arm.notion,
            gamma: run.arm.gamma,
            iteration,
            mean_loss,
            batches_in_all: run.absent.map(|absent| absent.batches),
            batches_without_group: run.absent.map(|absent| absent.absent),
        })
    })
}

/// What a reading of the ablation does to one method.
#[derive(Serialize)]
pub struct AblationLine {
    problem: &'static str,
    decision: String,
    reading: String,
    method: &'static str,
    gamma: f64,
    target: Option<f64>,
    metric: &'static str,
    mean: Option<f64>,
    change: Option<f64>,
    change_low_95: Option<f64>,
    change_high_95: Option<f64>,
    runs: usize,
    defined: usize,
    undefined: usize,
    stopped: usize,
}

/// Variants of a plan, a line for each metric of each method under each reading; changes are paired
/// with the reference, the first.
pub fn ablation_lines(variants: &[Variant]) -> impl Iterator<Item = AblationLine> {
    let metrics: [(&'static str, Quantity); 3] =
        [("accuracy", accuracy), ("parity", parity), ("opportunity", opportunity)];
    let reference = &variants[0];
    let problem = reference.plan.problem.name();
    let arms = variants
        .iter()
        .flat_map(|variant| variant.plan.arms().into_iter().map(move |arm| (variant, arm)));
    arms.flat_map(move |(variant, arm)| {
        metrics.map(|(metric, quantity)| {
            let ours = variant.shown(arm);
            let value = ours.mean(quantity);
            let change = variant.change_from(reference, arm, quantity).mean;
            let (decision, reading) = variant.names();
            AblationLine {
                problem,
                decision: decision.into(),
                reading: reading.into(),
                method: arm.method(),
                gamma: arm.gamma,
                target: arm.target,
                metric,
                mean: value.mean.map(|mean| mean.mean),
                change: change.map(|change| change.mean),
                change_low_95: change.and_then(|change| change.interval).map(|ends| ends.0),
                change_high_95: change.and_then(|change| change.interval).map(|ends| ends.1),
                runs: value.mean.map_or(0, |mean| mean.values),
                defined: value.tasks - value.undefined,
                undefined: value.undefined,
                stopped: variant.stopped(arm).count(),
            }
        })
    })
}
