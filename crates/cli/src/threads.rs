//! The number of threads of a run, and the threads of loops outside of one, such as the reading of
//! a table.

use std::sync::Mutex;
use std::thread::Builder;

use rayon::ThreadPoolBuilder;

use crate::error::{Error, Result};

/// The number of threads of a run: as many as were asked for, or one for each core.
pub fn wanted(threads: Option<u16>) -> usize {
    threads.map_or_else(experiment::run::jobs::cores, usize::from)
}

/// Starts one thread for each core. If the system does not give so many, the main thread does the
/// work alone, which changes no result.
pub fn start() -> Result<()> {
    let cores = experiment::run::jobs::cores();
    let pool = match can_be_had(cores) {
        true => ThreadPoolBuilder::new().num_threads(cores),
        false => ThreadPoolBuilder::new().num_threads(1).use_current_thread(),
    };
    let failed = |error: rayon::ThreadPoolBuildError| {
        Error::Experiment(experiment::error::Error::Threads(error.to_string()))
    };
    pool.build_global().map_err(failed)
}

/// Whether the system gives so many threads at once. The threads of a run come on top, and a run
/// says itself if it cannot have them.
fn can_be_had(threads: usize) -> bool {
    let wait = Mutex::new(());
    std::thread::scope(|scope| {
        let held = wait.lock();
        let spawn = |_| Builder::new().spawn_scoped(scope, || drop(wait.lock())).ok();
        let spawned: Vec<_> = (0..threads).map_while(spawn).collect();
        let all = spawned.len() == threads;
        drop(held);
        for thread in spawned {
            let _ = thread.join();
        }
        all
    })
}
