//! What every command that writes a folder of results does before, between and after its problems.

use std::path::{Path, PathBuf};
use std::time::Instant;

use experiment::plan::manifest::NAME as MANIFEST;
use experiment::provenance::{Clock, NAME as PROVENANCE};
use experiment::run::parts::Parts;
use report::number::counted;
use serde::Serialize;

use crate::args::Run;
use crate::error::Result;
use crate::interrupt::{self, Stop};
use crate::output::{self, Folder};
use crate::progress::{Part, Progress};

/// A run that writes a folder of results.
pub struct Session {
    clock: Clock,
    folder: Folder,
    stop: Stop,
    /// Where the results go.
    pub out: PathBuf,
    /// Its finished parts.
    pub parts: Parts,
    /// The number of threads.
    pub threads: usize,
    /// The names of the files written so far.
    pub names: Vec<String>,
}

impl Session {
    /// Opens the folder. `guard` refuses to replace the results in it, unless the user forces
    /// that. `left` counts the finished parts of an interrupted run.
    pub fn open(
        run: &Run,
        out: PathBuf,
        guard: impl FnOnce() -> Result<()>,
        left: impl FnOnce(&Parts) -> usize,
    ) -> Result<Self> {
        let clock = Clock::start();
        let folder = Folder::open(&out)?;
        // Now no other run can write results there.
        if !run.force {
            guard()?;
        }
        let stop = Stop::on_signals();
        let parts = Parts::of(&out, output::note);
        interrupt::explain(left(&parts));
        let threads = run.threads();
        Ok(Session { clock, folder, stop, out, parts, threads, names: Vec::new() })
    }

    /// Runs every problem in turn and shows its progress.
    pub fn each<T>(
        &mut self,
        problems: Vec<Part>,
        mut run: impl FnMut(&mut Self, usize, &dyn experiment::progress::Progress) -> Result<T>,
    ) -> Result<Vec<T>> {
        let names: Vec<&'static str> = problems.iter().map(|part| part.name).collect();
        let progress = Progress::new(problems, self.stop.clone());
        let mut results = Vec::new();
        for (index, name) in names.into_iter().enumerate() {
            let start = Instant::now();
            let result = run(self, index, progress.begin(index));
            results.push(result.map_err(|error| self.stop.interrupted(error, &self.out))?);
            progress.end();
            self.clock.add(name, start);
        }
        Ok(results)
    }

    /// Writes files. Just before, it removes those that would describe results that are gone.
    pub fn write(&mut self, files: &[(String, String)], outdated: &[&str]) -> Result<()> {
        self.names.extend(self.folder.write(files, outdated)?);
        Ok(())
    }

    /// Writes the last files with the manifest and the provenance, and removes the parts. Returns
    /// the names of all files. `beginnings` are those of the names of result files.
    pub fn finish(
        mut self,
        mut files: Vec<(String, String)>,
        manifest: &impl Serialize,
        beginnings: &[&str],
    ) -> Result<Vec<String>> {
        files.push((MANIFEST.into(), output::json(MANIFEST, manifest)? + "\n"));
        let provenance = self.clock.provenance(self.threads);
        files.push((PROVENANCE.into(), output::json(PROVENANCE, &provenance)? + "\n"));
        self.names.extend(self.folder.write(&files, &[])?);
        let others = self.folder.others(beginnings, &self.names);
        leftovers(self.parts.finish(), others, &self.out);
        Ok(self.names)
    }
}

/// Reports other files in the folder, which the manifest does not repeat.
fn leftovers(parts: usize, others: usize, out: &Path) {
    told_parts(parts, out);
    if others > 0 {
        let files = counted(others, "other result file");
        let out = out.display();
        output::note(&format!("note: {out} also has {files} of an earlier run"));
    }
}

/// Reports parts that are left in a folder, which the run that has ended cannot use.
pub fn told_parts(parts: usize, out: &Path) {
    if parts > 0 {
        let out = out.display();
        output::note(&format!(
            "note: {out}/unfinished has {} of another command or build; this run cannot use {}",
            counted(parts, "part"),
            if parts == 1 { "it" } else { "them" }
        ));
    }
}
