//! Independent jobs on all threads.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::{Error, Result};

/// The number of threads that can run at once.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Runs `job` for every index below `count` and returns the results in order, or the error of the
/// first job, in order, that failed.
///
/// Each worker takes the next job when it has finished the last. With fewer jobs than threads,
/// every worker has several threads for the parallel loops inside its job. The result of a job must
/// not depend on the number of threads.
pub fn run<T: Send>(
    threads: usize,
    count: usize,
    job: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let workers = threads.min(count).max(1);
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let results: Mutex<Vec<Option<Result<T>>>> = Mutex::new((0..count).map(|_| None).collect());
    let work = || {
        while !failed.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return;
            }
            let result = job(index);
            failed.fetch_or(result.is_err(), Ordering::Relaxed);
            results.lock().unwrap_or_else(PoisonError::into_inner)[index] = Some(result);
        }
    };
    let pools: Vec<_> = (0..workers)
        .map(|worker| {
            let share = threads / workers + usize::from(worker < threads % workers);
            pool(share)
        })
        .collect::<Result<_>>()?;
    in_each(&pools, &work);
    // Jobs are taken in order, so every job before the first failure has its result.
    let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.into_iter().flatten().collect()
}

/// Runs `work` on `threads` threads of its own: parallel loops in it use these.
///
/// # Errors
/// Returns the error of the work, or one that says that the threads cannot be had.
pub fn on<T: Send>(threads: usize, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    pool(threads)?.install(work)
}

fn pool(threads: usize) -> Result<ThreadPool> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|error| Error::Threads(error.to_string()))
}

/// Runs `work` once in each pool, in all of them at the same time, and waits. This needs no thread
/// but those of the pools.
fn in_each(pools: &[ThreadPool], work: &(impl Fn() + Sync)) {
    let Some((pool, rest)) = pools.split_first() else { return };
    pool.in_place_scope(|scope| {
        scope.spawn(|_| work());
        in_each(rest, work);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_order_on_any_number_of_threads() {
        for threads in [1, 2, 3, 8] {
            let squares = run(threads, 20, |i| Ok(i * i)).unwrap();
            assert_eq!(squares, (0..20).map(|i| i * i).collect::<Vec<_>>());
        }
        assert!(run(2, 0, |_| Ok(())).unwrap().is_empty());
    }

    /// A job sees the threads of its worker, and all workers work at the same time.
    #[test]
    fn threads_are_shared_out() {
        let together = std::sync::Barrier::new(2);
        let threads = |_| {
            together.wait();
            Ok(rayon::current_num_threads())
        };
        let mut found = run(5, 2, threads).unwrap();
        found.sort_unstable();
        assert_eq!(found, [2, 3]);
        assert_eq!(on(3, || Ok(rayon::current_num_threads())).unwrap(), 3);
    }

    #[test]
    fn the_first_error_is_reported() {
        let fails = |i: usize| match i {
            3.. => Err(Error::Threads(format!("job {i}"))),
            _ => Ok(i),
        };
        for threads in [1, 2, 4] {
            let error = run(threads, 50, fails).unwrap_err().to_string();
            assert!(error.contains("job 3"), "{error}");
        }
    }
}
