//! Threads that stay awake between the rounds of a loop.
//!
//! A meta-iteration of a small network takes some fifty microseconds. A Rayon worker that finds no
//! work goes to sleep after a few of them, and waking it takes ten more, twice an iteration: once
//! to begin, once to be told that it is over. A crew is gathered from the pool once for a whole
//! loop. Its members watch a counter until the next round is called, and go back to the pool when
//! the loop is over.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crossbeam_utils::{Backoff, CachePadded};

/// Items of work are numbered on from round to round, so that one look at a counter tells a member
/// whether there is something to do.
#[derive(Default)]
struct Board {
    /// The number of the first item of this round.
    first: AtomicUsize,
    /// How many items were called in all rounds,
    called: CachePadded<AtomicUsize>,
    /// taken,
    taken: CachePadded<AtomicUsize>,
    /// and finished.
    finished: CachePadded<AtomicUsize>,
    dismissed: AtomicBool,
    failed: AtomicBool,
}

impl Board {
    /// An item of this round that nobody has taken.
    fn take(&self) -> Option<usize> {
        let mut item = self.taken.load(Ordering::Relaxed);
        // The round cannot end while a taken item is unfinished, so `first` is that of its round.
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

    /// Works on items until there is none to take.
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

/// Reports an item, also when its work panics.
struct Finished<'a>(&'a Board);

impl Drop for Finished<'_> {
    fn drop(&mut self) {
        self.0.failed.fetch_or(std::thread::panicking(), Ordering::Relaxed);
        self.0.finished.fetch_add(1, Ordering::Release);
    }
}

/// Sends the members back to the pool, also when the loop panics.
struct Dismissal<'a>(&'a Board);

impl Drop for Dismissal<'_> {
    fn drop(&mut self) {
        self.0.dismissed.store(true, Ordering::Release);
    }
}

/// Runs `lead`, which may call rounds: `round(n)` runs `work(member, i)` for every i below n, on
/// whichever member is free, and returns when all are done. The first member is the calling
/// thread; the others come from the Rayon pool when it has threads to spare.
///
/// # Panics
/// If `lead` or `work` panics, or there is no member.
pub(crate) fn gather<W: Send, T>(
    members: &mut [W],
    work: impl Fn(&mut W, usize) + Sync,
    lead: impl FnOnce(&mut dyn FnMut(usize)) -> T,
) -> T {
    let board = Board::default();
    let (leader, others) = members.split_first_mut().expect("a member of the crew");
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
        lead(&mut |items| {
            let first = board.called.load(Ordering::Relaxed);
            board.first.store(first, Ordering::Relaxed);
            board.called.store(first + items, Ordering::Release);
            board.work(leader, &work);
            let backoff = Backoff::new();
            while board.finished.load(Ordering::Acquire) < first + items {
                backoff.snooze();
            }
            assert!(!board.failed.load(Ordering::Relaxed), "a member of the crew panicked");
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

    /// A round is over when all its items are: the next one sees what they wrote.
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
        let lead = AssertUnwindSafe(|| gather(&mut members, |(), _| (), |_| panic!("as planned")));
        assert!(catch_unwind(lead).is_err());
    }
}
