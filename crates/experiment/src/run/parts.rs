//! Finished parts of an unfinished run. With them the same command continues the run after an
//! interrupt or an error.

use std::collections::BTreeSet;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use tempfile::Builder;

use crate::plan::Plan;
use crate::results::trained::Trained;
use crate::run::job::Job;
use crate::run::key;

/// The folder of finished parts, within the folder of results.
const NAME: &str = "unfinished";
/// The suffix of a finished part's name.
const FINISHED: &str = ".part.json";
/// The suffix of an unfinished part's name.
const IN_WRITING: &str = ".part.tmp";

/// Finished jobs, one JSON file each. The name is a hash of everything that the job depends on. A
/// run removes its own parts after it has written its results.
pub struct Parts {
    folder: PathBuf,
    /// The hash of the program, because another build may compute other results.
    build: String,
    /// The parts of this run.
    own: Mutex<BTreeSet<PathBuf>>,
    /// Whether a failure to write a part has been reported.
    complained: Once,
    complain: fn(&str),
}

impl Parts {
    /// The parts of the run that writes its results to `out`. `complain` is called once if a part
    /// cannot be written.
    pub fn of(out: &Path, complain: fn(&str)) -> Self {
        let program = std::env::current_exe().and_then(std::fs::read);
        let build = program.map(|program| hexadecimal(&Sha256::digest(program)));
        let build = build.unwrap_or_else(|_| env!("CARGO_PKG_VERSION").into());
        let (own, complained) = (Mutex::default(), Once::new());
        Parts { folder: out.join(NAME), build, own, complained, complain }
    }

    /// The file of this part, if an earlier run has written it. Jobs of several plans may share
    /// one.
    pub fn left(&self, plan: &Plan, seed: u64, job: &Job) -> Option<PathBuf> {
        Some(self.path(plan, seed, job)).filter(|path| path.is_file())
    }

    fn ending_with(&self, ending: &str) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return Vec::new() };
        let fits = |path: &PathBuf| path.to_string_lossy().ends_with(ending);
        entries.flatten().map(|entry| entry.path()).filter(fits).collect()
    }

    /// The file of a job's part, which need not exist.
    pub fn path(&self, plan: &Plan, seed: u64, job: &Job) -> PathBuf {
        self.path_of(&format!("{seed} {}", key::of_job(plan, &job.arms)))
    }

    /// The file of the part with this key.
    fn path_of(&self, key: &str) -> PathBuf {
        let key = format!("{} {key}", self.build);
        self.folder.join(hexadecimal(&Sha256::digest(key)[..16]) + FINISHED)
    }

    /// The value that an earlier run has kept under a key. An unreadable file counts as none. The
    /// key has everything that the value depends on.
    pub fn find_value<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        self.read(self.path_of(key))
    }

    /// Whether an earlier run has kept a value under a key.
    pub fn has_value(&self, key: &str) -> bool {
        self.path_of(key).is_file()
    }

    /// Keeps a value under a key, completely or not at all. A failure does not end the run; it is
    /// reported once.
    pub fn keep_value(&self, key: &str, value: &impl Serialize) {
        self.keep_in(self.path_of(key), value);
    }

    fn read<T: DeserializeOwned>(&self, path: PathBuf) -> Option<T> {
        let text = std::fs::read(&path).ok()?;
        self.own(path);
        serde_json::from_slice(&text).ok()
    }

    /// The result of the job from an earlier run. An unreadable file counts as none.
    pub fn find(&self, plan: &Plan, seed: u64, job: &Job) -> Option<Vec<Trained>> {
        let trained: Vec<Trained> = self.read(self.path(plan, seed, job))?;
        let same = trained.iter().map(|trained| trained.arm).eq(job.arms.iter().copied());
        same.then_some(trained)
    }

    /// Writes the result of the job, completely or not at all. A failure does not end the run; it
    /// is reported once.
    pub fn keep(&self, plan: &Plan, seed: u64, job: &Job, trained: &[Trained]) {
        self.keep_in(self.path(plan, seed, job), &trained);
    }

    fn keep_in(&self, path: PathBuf, value: &impl Serialize) {
        let Err(error) = self.write(path, value) else { return };
        self.complained.call_once(|| {
            let folder = self.folder.display();
            let note =
                format!("note: {folder}: {error}; an interrupted run would lose its finished work");
            (self.complain)(&note);
        });
    }

    fn write(&self, path: PathBuf, value: &impl Serialize) -> std::io::Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        let file = Builder::new().suffix(IN_WRITING).tempfile_in(&self.folder)?;
        let mut writer = BufWriter::new(&file);
        serde_json::to_writer(&mut writer, value)?;
        writer.flush()?;
        drop(writer);
        file.persist(&path)?;
        self.own(path);
        Ok(())
    }

    /// Removes the parts of this run, which has its results, and all unfinished files. Returns the
    /// number of remaining parts of other commands or builds.
    pub fn finish(self) -> usize {
        let own = std::mem::take(&mut *self.own.lock().unwrap_or_else(PoisonError::into_inner));
        // Parts that cannot be removed only take up space. Other files stay, and so does the
        // folder.
        for file in own.into_iter().chain(self.ending_with(IN_WRITING)) {
            let _ = std::fs::remove_file(file);
        }
        let _ = std::fs::remove_dir(&self.folder);
        self.ending_with(FINISHED).len()
    }

    fn own(&self, path: PathBuf) {
        self.own.lock().unwrap_or_else(PoisonError::into_inner).insert(path);
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::arm::MethodName;
    use crate::plan::{Arm, Judged};
    use crate::planted::{even, trained};
    use crate::results::outcome::{Adaptation, Outcome};
    use crate::sample;
    use std::num::{NonZeroU64, NonZeroUsize};

    fn made_up(job: &Job, seed: u64) -> Vec<Trained> {
        let outcome = |adaptation| Outcome {
            task: "here".into(),
            adaptation,
            support_rows: 10,
            counts: even(),
        };
        let outcomes = [Adaptation::BEFORE, Adaptation::after(0.1 + 0.2, 3)].map(outcome);
        job.arms.iter().map(|&arm| trained(arm, seed, outcomes.to_vec())).collect()
    }

    fn jobs() -> [Job; 3] {
        let arms = [MethodName::Meta, MethodName::Pretrained].map(Arm::plain);
        [Job { arms: vec![arms[0]] }, Job { arms: vec![arms[1]] }, Job { arms: arms.to_vec() }]
    }

    #[test]
    fn what_was_kept_is_found_to_the_last_bit() {
        let folder = tempfile::tempdir().unwrap();
        let parts = Parts::of(folder.path(), |_| {});
        let plan = sample::communities();
        for job in jobs() {
            assert_eq!(parts.left(&plan, 3, &job), None);
            assert_eq!(parts.find(&plan, 3, &job), None);
            parts.keep(&plan, 3, &job, &made_up(&job, 3));
        }
        for job in jobs() {
            assert_eq!(parts.find(&plan, 3, &job).unwrap(), made_up(&job, 3));
        }
        assert!(
            jobs()
                .iter()
                .all(|job| parts.left(&plan, 3, job).is_some()
                    && parts.left(&plan, 4, job).is_none())
        );
        let files = || std::fs::read_dir(folder.path().join(NAME)).unwrap().count();
        assert_eq!(files(), 3);
        // Written a second time, it exists once.
        let [job, ..] = jobs();
        parts.keep(&plan, 3, &job, &made_up(&job, 3));
        assert_eq!(files(), 3);
        // They stay until the run has its results.
        assert_eq!(Parts::of(folder.path(), |_| {}).finish(), 3);
        assert_eq!(parts.finish(), 0);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    /// -0 and the least number above 0 are among the weights.
    #[test]
    fn bits_of_weights() {
        let folder = tempfile::tempdir().unwrap();
        let parts = Parts::of(folder.path(), |_| {});
        let [job, ..] = jobs();
        parts.keep(&sample::synthetic(), 0, &job, &made_up(&job, 0));
        let bits = |trained: &[Trained]| match &trained[0].learned {
            crate::results::trained::Learned::Weights(w) => w.iter().map(|x| x.to_bits()).collect(),
            _ => Vec::new(),
        };
        let found = parts.find(&sample::synthetic(), 0, &job).unwrap();
        assert!(!bits(&found).is_empty());
        assert_eq!(bits(&found), bits(&made_up(&job, 0)));
    }

    #[test]
    fn what_a_job_depends_on_and_what_not() {
        let folder = tempfile::tempdir().unwrap();
        let parts = Parts::of(folder.path(), |_| {});
        let plan = sample::communities();
        let [job, other, both] = jobs();
        parts.keep(&plan, 3, &job, &made_up(&job, 3));
        let no = |plan: &Plan, seed, job: &Job| assert_eq!(parts.find(plan, seed, job), None);
        no(&plan, 4, &job);
        no(&plan, 3, &other);
        no(&plan, 3, &both);
        no(&sample::synthetic(), 3, &job);
        no(&sample::quick(plan.clone()), 3, &job);
        no(&Plan { k: NonZeroUsize::new(9).unwrap(), ..plan.clone() }, 3, &job);
        no(&Plan { iterations: NonZeroU64::new(9).unwrap(), ..plan.clone() }, 3, &job);
        no(&Plan { points: vec![0], ..plan.clone() }, 3, &job);
        no(&Plan { meta_rate: plan.meta_rate.next_up(), ..plan.clone() }, 3, &job);
        // Other settings of the run make no difference.
        for plan in [
            Plan { seeds: NonZeroU64::new(7).unwrap(), ..plan.clone() },
            Plan { companions: Vec::new(), ..plan.clone() },
            Plan { ablation: None, ..plan.clone() },
            plan.clone().bare(),
            Plan { judged: Judged::Together, ..plan.clone() },
        ] {
            assert!(parts.find(&plan, 3, &job).is_some());
        }
    }

    #[test]
    fn a_part_that_is_none_is_not_found() {
        let folder = tempfile::tempdir().unwrap();
        let parts = Parts::of(folder.path(), |_| {});
        let plan = sample::synthetic();
        let [job, other, both] = jobs();
        parts.keep(&plan, 0, &job, &made_up(&job, 0));
        let path = parts.path(&plan, 0, &job);
        let whole = std::fs::read_to_string(&path).unwrap();
        for text in
            ["", "{", "[]", "null", &whole[..whole.len() - 1], &whole.replace("seed", "sed")]
        {
            std::fs::write(&path, text).unwrap();
            assert_eq!(parts.find(&plan, 0, &job), None, "{text}");
        }
        std::fs::write(&path, [0xff, 0xfe]).unwrap();
        assert_eq!(parts.find(&plan, 0, &job), None);
        for wrong in [other, both] {
            std::fs::write(&path, serde_json::to_string(&made_up(&wrong, 0)).unwrap()).unwrap();
            assert_eq!(parts.find(&plan, 0, &job), None);
        }
        std::fs::write(&path, whole).unwrap();
        assert!(parts.find(&plan, 0, &job).is_some());
    }

    #[test]
    fn only_what_is_ours_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let parts = Parts::of(folder.path(), |_| {});
        let [job, ..] = jobs();
        parts.keep(&sample::synthetic(), 0, &job, &made_up(&job, 0));
        let unfinished = folder.path().join(NAME);
        for name in [".tmp1.part.tmp", "chapter.txt", "of_another_run.part.json"] {
            std::fs::write(unfinished.join(name), "").unwrap();
        }
        assert_eq!(parts.finish(), 1);
        let mut names: Vec<_> = std::fs::read_dir(&unfinished)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        assert_eq!(names, ["chapter.txt", "of_another_run.part.json"]);
    }
}
