//! Finished and begun parts of an unfinished run. With them the same command continues the run
//! after an interrupt or an error.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, PoisonError};

use meta::LearnerState;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::plan::{Arm, Plan};
use crate::results::trained::Trained;
use crate::run::begun::Begun;
use crate::run::curve::Curve;
use crate::run::job::Job;
use crate::run::key;

/// The folder of parts, within the folder of results.
const NAME: &str = "unfinished";
/// The ending of the name of a finished part.
const FINISHED: &str = ".part";
/// The ending of the name of a training that has begun.
const BEGUN: &str = ".begun";

/// The bytes of the largest part. It is far above a training of ten million weights.
const LARGEST: u64 = 4_000_000_000;

/// Finished jobs, and trainings that have begun: one sealed file each, with JSON in it. The key has
/// everything that the value depends on, and the name is a hash of the key. A run removes its own
/// parts after it has written its results.
///
/// A file that is damaged, or that belongs to something else, is told to `complain`. It counts as
/// none, so the part is made again.
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
    /// The parts of the run that writes its results to `out`. `complain` is called for each file
    /// that is not believed, and once if a part cannot be written.
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

    fn ending_with(&self, endings: &[&str]) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return Vec::new() };
        let fits = |path: &PathBuf| {
            let path = path.to_string_lossy();
            endings.iter().any(|ending| path.ends_with(ending))
        };
        entries.flatten().map(|entry| entry.path()).filter(fits).collect()
    }

    /// The file of a job's part, which need not exist.
    pub fn path(&self, plan: &Plan, seed: u64, job: &Job) -> PathBuf {
        self.path_of(&of_job(plan, seed, job), FINISHED)
    }

    /// The whole key of what is kept under a key: another build computes something else.
    fn whole(&self, key: &str) -> String {
        format!("{} {key}", self.build)
    }

    fn path_of(&self, key: &str, ending: &str) -> PathBuf {
        self.folder.join(hexadecimal(&Sha256::digest(self.whole(key))[..16]) + ending)
    }

    /// The value that an earlier run has kept under a key. The key has everything that the value
    /// depends on.
    pub fn find_value<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        self.read(key, FINISHED)
    }

    /// Whether an earlier run has kept a value under a key.
    pub fn has_value(&self, key: &str) -> bool {
        self.path_of(key, FINISHED).is_file()
    }

    /// Keeps a value under a key, completely or not at all. A failure does not end the run; it is
    /// reported once.
    pub fn keep_value(&self, key: &str, value: &impl Serialize) {
        self.keep_in(key, FINISHED, value);
    }

    fn remove_begun(&self, plan: &Plan, seed: u64, job: &Job) {
        for &arm in &job.arms {
            let _ = std::fs::remove_file(self.path_of(&of_training(plan, seed, arm), BEGUN));
        }
    }

    /// The result of the job from an earlier run.
    pub fn find(&self, plan: &Plan, seed: u64, job: &Job) -> Option<Vec<Trained>> {
        let found = self.find_value(&of_job(plan, seed, job))?;
        self.remove_begun(plan, seed, job);
        Some(found)
    }

    /// Writes the result of the job, completely or not at all. A failure does not end the run; it
    /// is reported once.
    pub fn keep(&self, plan: &Plan, seed: u64, job: &Job, trained: &[Trained]) {
        self.keep_value(&of_job(plan, seed, job), &trained);
        if self.left(plan, seed, job).is_some() {
            self.remove_begun(plan, seed, job);
        }
    }

    fn read<T: DeserializeOwned>(&self, key: &str, ending: &str) -> Option<T> {
        let path = self.path_of(key, ending);
        let reason = match store::read_sealed(&path, &self.whole(key), LARGEST) {
            Ok(text) => match serde_json::from_slice(&text) {
                Ok(value) => {
                    self.own(path);
                    return Some(value);
                }
                Err(error) => error.to_string(),
            },
            Err(error) if error.is_missing() => return None,
            Err(error) => error.to_string(),
        };
        (self.complain)(&format!("note: {}: {reason}; this part is made again", path.display()));
        None
    }

    fn keep_in(&self, key: &str, ending: &str, value: &impl Serialize) {
        let path = self.path_of(key, ending);
        let Err(error) = self.write(&path, &self.whole(key), value) else {
            return self.own(path);
        };
        self.complained.call_once(|| {
            let note = format!("note: {error}; an interrupted run would lose its finished work");
            (self.complain)(&note);
        });
    }

    fn write(&self, path: &Path, key: &str, value: &impl Serialize) -> Result<(), store::Error> {
        let fail = |error| store::Error::of(&self.folder, error);
        store::create_folders(&self.folder)?;
        if !self.is_own_folder() {
            return Err(fail(std::io::ErrorKind::NotADirectory.into()));
        }
        let text = serde_json::to_vec(value).map_err(|error| fail(error.into()))?;
        store::write_sealed(path, key, &text)
    }

    /// Removes the parts of this run, which has its results, and all unfinished files, also those
    /// of other builds' trainings, which are named. Returns the number of remaining parts of other
    /// commands or builds.
    pub fn finish(self) -> usize {
        let own = std::mem::take(&mut *self.own.lock().unwrap_or_else(PoisonError::into_inner));
        // Parts that cannot be removed only take up space. Other files stay, and so does the
        // folder.
        for file in own {
            let _ = std::fs::remove_file(file);
        }
        if self.is_own_folder() {
            self.remove_stale();
            store::remove_unfinished(&self.folder);
        }
        let _ = std::fs::remove_dir(&self.folder);
        self.ending_with(&[FINISHED, BEGUN]).len()
    }

    /// Removes trainings that no command of this build can continue: of another build, or damaged.
    /// Each is named.
    fn remove_stale(&self) {
        for path in self.ending_with(&[BEGUN]) {
            let reason = match store::read_sealed_key(&path, LARGEST) {
                Ok(key) if key.starts_with(&self.whole("")) => continue,
                Ok(_) => "another build has begun this training".into(),
                // Somebody else's file.
                Err(store::SealError::NotSealed | store::SealError::Read(_)) => continue,
                Err(error) => error.to_string(),
            };
            if std::fs::remove_file(&path).is_ok() {
                let path = path.display();
                let note =
                    format!("note: {path}: {reason}; nothing can continue it: it is removed");
                (self.complain)(&note);
            }
        }
    }

    /// Whether the folder is one of this run, and not a link to that of others.
    fn is_own_folder(&self) -> bool {
        self.folder.symlink_metadata().is_ok_and(|found| found.is_dir())
    }

    fn own(&self, path: PathBuf) {
        self.own.lock().unwrap_or_else(PoisonError::into_inner).insert(path);
    }
}

impl Begun for Parts {
    fn find(&self, plan: &Plan, seed: u64, arm: Arm) -> Option<(LearnerState, Curve)> {
        self.read(&of_training(plan, seed, arm), BEGUN)
    }

    /// A kept training is removed as soon as the part of its job is kept.
    fn keep(&self, plan: &Plan, seed: u64, arm: Arm, training: &(LearnerState, Curve)) {
        self.keep_in(&of_training(plan, seed, arm), BEGUN, training);
    }
}

/// The key of a job's part.
fn of_job(plan: &Plan, seed: u64, job: &Job) -> String {
    format!("{seed} {}", key::of_job(plan, &job.arms))
}

/// The key of a training that has begun.
fn of_training(plan: &Plan, seed: u64, arm: Arm) -> String {
    format!("{seed} {}", key::of_training(plan, &[arm]))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Judged;
    use crate::plan::arm::MethodName;
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

    /// A byte changed anywhere, an end cut off anywhere, or the part of another job: it is told,
    /// and nothing is found.
    #[test]
    fn a_part_that_is_none_is_not_found() {
        static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());
        let told = || std::mem::take(&mut *TOLD.lock().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let parts = Parts::of(folder.path(), |note| TOLD.lock().unwrap().push(note.into()));
        let plan = sample::synthetic();
        let [job, other, _] = jobs();
        parts.keep(&plan, 0, &job, &made_up(&job, 0));
        let path = parts.path(&plan, 0, &job);
        let whole = std::fs::read(&path).unwrap();
        let refused = |bytes: &[u8], reason: &str| {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(parts.find(&plan, 0, &job), None);
            let [note] = &told()[..] else { panic!("one note") };
            assert!(note.contains(path.to_str().unwrap()), "{note}");
            assert!(note.contains(reason) && note.ends_with("is made again"), "{note}");
        };
        for place in 0..whole.len() {
            let mut spoiled = whole.clone();
            spoiled[place] ^= 1;
            refused(&spoiled, "");
            refused(&whole[..place], "");
        }
        refused(b"{}", "it is not a file of this program");
        parts.keep(&plan, 0, &other, &made_up(&other, 0));
        let of_other = std::fs::read(parts.path(&plan, 0, &other)).unwrap();
        refused(&of_other, "it belongs to another run or build");
        std::fs::write(&path, &whole).unwrap();
        assert!(parts.find(&plan, 0, &job).is_some() && told().is_empty());
    }

    #[test]
    fn a_begun_training_is_no_finished_part() {
        let folder = tempfile::tempdir().unwrap();
        let parts = Parts::of(folder.path(), |_| {});
        let (plan, [job, ..]) = (sample::synthetic(), jobs());
        let arm = job.arms[0];
        let empty = r#"{"iteration": 0, "learned": [], "powers": [1, 1], "moments": [[], []],
            "absent": {"batches": 7, "absent": 0}}"#;
        let state: LearnerState = serde_json::from_str(empty).unwrap();
        let keep = || Begun::keep(&parts, &plan, 0, arm, &(state.clone(), Curve::new(&plan)));
        let found = |seed| Begun::find(&parts, &plan, seed, arm).map(|(state, _)| state);
        keep();
        assert_eq!(found(0), Some(state.clone()));
        assert_eq!(found(1), None);
        assert!(parts.find(&plan, 0, &job).is_none() && parts.left(&plan, 0, &job).is_none());
        assert_eq!(Parts::of(folder.path(), |_| {}).finish(), 1);
        // The finished part takes its place, also if the process had no time to remove it.
        parts.keep(&plan, 0, &job, &made_up(&job, 0));
        assert_eq!(found(0), None);
        keep();
        assert!(parts.find(&plan, 0, &job).is_some());
        assert_eq!(found(0), None);
        assert_eq!(parts.finish(), 0);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    /// A training that another build has begun, and one that is damaged, are named and removed. One
    /// of another command of this build stays, and so does somebody's file.
    #[test]
    fn stale_trainings_are_removed() {
        static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());
        let folder = tempfile::tempdir().unwrap();
        let parts = Parts::of(folder.path(), |note| TOLD.lock().unwrap().push(note.into()));
        let unfinished = folder.path().join(NAME);
        std::fs::create_dir(&unfinished).unwrap();
        let of_command = store::seal(&parts.whole("of another command"), b"1");
        let damaged = [&of_command[..], b"2"].concat();
        for (name, bytes) in [
            ("a.begun", &store::seal("0123 of another build", b"1")),
            ("b.begun", &damaged),
            ("c.begun", &of_command),
            ("d.begun", &b"Call me".to_vec()),
        ] {
            std::fs::write(unfinished.join(name), bytes).unwrap();
        }
        assert_eq!(parts.finish(), 2);
        let mut told = TOLD.lock().unwrap().clone();
        told.sort();
        let expected = [("a.begun: another build has", 0), ("b.begun: it is damaged", 1)];
        for (part, place) in expected {
            assert!(told[place].contains(part) && told.len() == 2, "{told:?}");
        }
        let left = |name: &str| unfinished.join(name).exists();
        assert_eq!(
            ["a", "b", "c", "d"].map(|n| left(&format!("{n}.begun"))),
            [false, false, true, true]
        );
    }

    #[test]
    fn only_what_is_ours_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let parts = Parts::of(folder.path(), |_| {});
        let [job, ..] = jobs();
        parts.keep(&sample::synthetic(), 0, &job, &made_up(&job, 0));
        let unfinished = folder.path().join(NAME);
        for name in [".fair-maml-1.tmp", "chapter.txt", "of_another_run.part"] {
            std::fs::write(unfinished.join(name), "").unwrap();
        }
        assert_eq!(parts.finish(), 1);
        let mut names: Vec<_> = std::fs::read_dir(&unfinished)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        assert_eq!(names, ["chapter.txt", "of_another_run.part"]);
    }
}
