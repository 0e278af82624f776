//! Finished parts of an unfinished run, so that the same command can take it up again.

use std::path::{Path, PathBuf};

use serde::Serialize;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::arm::Arm;
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::train::{Job, Trained};

/// The folder of finished parts, within the folder of results.
const NAME: &str = "unfinished";

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
        std::fs::read_dir(&self.folder).map_or(0, Iterator::count)
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
        self.folder.join(name + ".json")
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
        let file = NamedTempFile::new_in(&self.folder).map_err(fail)?;
        serde_json::to_writer(std::io::BufWriter::new(&file), trained)
            .map_err(|error| fail(error.into()))?;
        file.persist(self.path(plan, seed, job)).map_err(|error| fail(error.error))?;
        Ok(())
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        // If they cannot be removed, they only take up room.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
