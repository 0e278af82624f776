//! This module provides threads that stay awake between the rounds of a loop.
//!
//! A meta-iteration of a small network takes about fifty microseconds. A Rayon worker that finds no
//! work goes to sleep after a few microseconds, and it takes ten more to wake it. This would happen
//! twice in an iteration: at its start, and when its end is reported. Here the workers are taken
//! from the pool once for a whole loop. They poll a counter until the next round starts, and they
//! return to the pool when the loop ends.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crossbeam_utils::{Backoff, CachePadded};

/// Holds the state that the threads share. The numbers of the items continue from round to round. A
/// thread can therefore see from one counter whether there is work.
#[derive(Default)]
struct Board {
    /// The number of the first item of this round.
    first: AtomicUsize,
    /// The number of items in all rounds that have started.
    called: CachePadded<AtomicUsize>,
    /// The number of items that a thread has started, in all rounds.
    taken: CachePadded<AtomicUsize>,
    /// The number of items that are finished, in all rounds.
    finished: CachePadded<AtomicUsize>,
    dismissed: AtomicBool,
    failed: AtomicBool,
}

impl Board {
    /// Reserves an item of this round that no other thread works on. Returns its index within the
    /// round.
    fn take(&self) -> Option<usize> {
        let mut item = self.taken.load(Ordering::Relaxed);
        // The round cannot end while a reserved item is unfinished. Hence `first` belongs to the
        // same round.
        while item < self.called.load(Ordering::Acquire) {
            let next = item + 1;
            match self.taken.compare_exchange_weak(item, next, Ordering::Relaxed, Ordering::Relaxed)
            {
                Ok(_) => return Some(item - self.first.load(Ordering::Relaxed)),
                Err(taken) => item = taken,
            }
        }
        None
    }

    /// Works on items until none is left. Returns whether there was an item.
    fn work<W>(&self, member: &mut W, work: &impl Fn(&mut W, usize)) -> bool {
        let mut worked = false;
        while let Some(item) = self.take() {
            let _finished = Finished(self);
            work(member, item);
            worked = true;
        }
        worked
    }
}

/// Counts an item as finished when it is dropped, also if the work panics.
struct Finished<'a>(&'a Board);

impl Drop for Finished<'_> {
    fn drop(&mut self) {
        self.0.failed.fetch_or(std::thread::panicking(), Ordering::Relaxed);
        self.0.finished.fetch_add(1, Ordering::Release);
    }
}

/// Tells the workers to return to the pool when it is dropped, also if the loop panics.
struct Dismissal<'a>(&'a Board);

impl Drop for Dismissal<'_> {
    fn drop(&mut self) {
        self.0.dismissed.store(true, Ordering::Release);
    }
}

/// Runs `rounds` with a function that runs one round. The call `round(n)` runs `work(member, i)`
/// for every i below n, on any free member, and returns when all items are finished. The first
/// member belongs to the calling thread. The other members run on threads of the Rayon pool, if it
/// has free ones.
///
/// # Panics
/// Panics if `rounds` or `work` panics, or if `members` is empty.
pub(crate) fn gather<W: Send, T>(
    members: &mut [W],
    work: impl Fn(&mut W, usize) + Sync,
    rounds: impl FnOnce(&mut dyn FnMut(usize)) -> T,
) -> T {
    let board = Board::default();
    let (own, others) = members.split_first_mut().expect("at least one member");
    rayon::in_place_scope(|scope| {
        let _dismissal = Dismissal(&board);
        for member in others {
            let (board, work) = (&board, &work);
            scope.spawn(move |_| {
                let backoff = Backoff::new();
                while !board.dismissed.load(Ordering::Acquire) {
                    if board.work(member, work) {
                        backoff.reset();
                    } else {
                        backoff.snooze();
                    }
                }
            });
        }
        rounds(&mut |items| {
            let first = board.called.load(Ordering::Relaxed);
            board.first.store(first, Ordering::Relaxed);
            board.called.store(first + items, Ordering::Release);
            board.work(own, &work);
            let backoff = Backoff::new();
            while board.finished.load(Ordering::Acquire) < first + items {
                backoff.snooze();
            }
            assert!(!board.failed.load(Ordering::Relaxed), "a worker panicked");
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    #[test]
    fn every_item_of_every_round_is_done_once() {
        for size in [1, 2, 3, 8] {
            let counts: Vec<AtomicUsize> = (0..10).map(|_| AtomicUsize::new(0)).collect();
            let mut members = vec![0; size];
            let rounds = (0..500).map(|round| round % 11);
            gather(
                &mut members,
                |own, item| {
                    *own += 1;
                    counts[item].fetch_add(1, Ordering::Relaxed);
                },
                |round| rounds.clone().for_each(round),
            );
            for (item, count) in counts.iter().enumerate() {
                let expected = rounds.clone().filter(|&items| items > item).count();
                assert_eq!(count.load(Ordering::Relaxed), expected, "item {item}");
            }
            assert_eq!(members.iter().sum::<usize>(), rounds.clone().sum::<usize>());
        }
    }

    /// A round ends only when all of its items are finished. The next round sees their results.
    #[test]
    fn rounds_do_not_overlap() {
        let sum = AtomicUsize::new(0);
        let work = |(): &mut (), item| {
            sum.fetch_add(item + 1, Ordering::Relaxed);
        };
        gather(&mut [(); 3], work, |round| {
            for i in 1..2000 {
                round(3);
                assert_eq!(sum.load(Ordering::Relaxed), 6 * i);
            }
        });
    }

    #[test]
    fn a_panic_ends_the_loop() {
        for (culprit, size) in [(0, 1), (3, 2), (3, 4)] {
            let work = |(): &mut (), item| assert_ne!(item, culprit, "as planned");
            let mut members = vec![(); size];
            let rounds = AssertUnwindSafe(|| {
                gather(&mut members, work, |round| (0..10).for_each(|_| round(5)));
            });
            assert!(catch_unwind(rounds).is_err(), "item {culprit}, {size} members");
        }
        let mut members = [(); 3];
        let rounds =
            AssertUnwindSafe(|| gather(&mut members, |(), _| (), |_| panic!("as planned")));
        assert!(catch_unwind(rounds).is_err());
    }
}
