//! Finished parts of an unfinished run, so that the same command can take it up again.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use sha2::{Digest, Sha256};
use tempfile::Builder;

use crate::arm::Arm;
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::train::{Job, Trained};

/// The folder of finished parts, within the folder of results.
const NAME: &str = "unfinished";
/// The end of a finished part's name …
const FINISHED: &str = ".part.json";
/// … and of one that is being written.
const IN_WRITING: &str = ".part.tmp";

/// Finished jobs, a JSON file each, named after all that the job depends on. A run that is
/// interrupted leaves them; a run that ends, well or not, removes them.
pub struct Parts {
    folder: PathBuf,
}

/// All that a job depends on.
#[derive(Serialize)]
struct Key<'a> {
    version: &'static str,
    plan: &'a Plan,
    seed: u64,
    arms: &'a [Arm],
}

impl Parts {
    /// The parts of the run that writes its results to `out`.
    pub fn of(out: &Path) -> Self {
        Parts { folder: out.join(NAME) }
    }

    /// How many parts an earlier run has left, not all of them necessarily of this one.
    pub fn left(&self) -> usize {
        self.files(&[FINISHED]).len()
    }

    /// The files in the folder whose names end in one of these ways.
    fn files(&self, ends: &[&str]) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return Vec::new() };
        let is_ours = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            ends.iter().any(|end| name.ends_with(end))
        };
        entries.flatten().map(|entry| entry.path()).filter(is_ours).collect()
    }

    fn path(&self, plan: &Plan, seed: u64, job: &Job) -> PathBuf {
        // What else the plan runs makes no difference to a job.
        let plan = Plan {
            seeds: std::num::NonZeroU64::MIN,
            published_code: None,
            ablation: None,
            ..plan.clone()
        };
        let version = env!("CARGO_PKG_VERSION");
        let key = Key { version, plan: &plan, seed, arms: &job.arms };
        let text = serde_json::to_string(&key).expect("a plan in JSON");
        let digest = Sha256::digest(text);
        let name: String = digest[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        self.folder.join(name + FINISHED)
    }

    /// What the job left when it was done before; a file that cannot be read is as good as none.
    pub fn find(&self, plan: &Plan, seed: u64, job: &Job) -> Option<Vec<Trained>> {
        let text = std::fs::read(self.path(plan, seed, job)).ok()?;
        let trained: Vec<Trained> = serde_json::from_slice(&text).ok()?;
        let same = trained.iter().map(|trained| trained.arm).eq(job.arms.iter().copied());
        same.then_some(trained)
    }

    /// Keeps what the job left; the file is there whole or not at all.
    pub fn keep(&self, plan: &Plan, seed: u64, job: &Job, trained: &[Trained]) -> Result<()> {
        let fail = |source| Error::Out { path: self.folder.clone(), source };
        std::fs::create_dir_all(&self.folder).map_err(fail)?;
        let file = Builder::new().suffix(IN_WRITING).tempfile_in(&self.folder).map_err(fail)?;
        let mut writer = BufWriter::new(&file);
        serde_json::to_writer(&mut writer, trained).map_err(|error| fail(error.into()))?;
        writer.flush().map_err(fail)?;
        drop(writer);
        file.persist(self.path(plan, seed, job)).map_err(|error| fail(error.error))?;
        Ok(())
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        // If they cannot be removed, they only take up room. Files of others stay, and with them
        // the folder.
        for file in self.files(&[FINISHED, IN_WRITING]) {
            let _ = std::fs::remove_file(file);
        }
        let _ = std::fs::remove_dir(&self.folder);
    }
}
