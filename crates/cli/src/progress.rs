//! The progress of a run: bars in a terminal, and a line from time to time elsewhere.
//!
//! Jobs move the bar of their problem. A thread reads all bars and reports the progress of the
//! whole run. It estimates the remaining time from all the work so far.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use console::Term;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::interrupt::Stop;
use crate::output;

/// The time between two readings of the bars.
const LOOK: Duration = Duration::from_millis(250);
/// Shorter runs print no lines, and estimates need at least this time.
const FIRST: Duration = Duration::from_secs(4);
/// The time between two lines.
const BETWEEN: Duration = Duration::from_secs(30);

/// A problem of the run.
#[derive(Clone, Copy)]
pub struct Part {
    /// Its name.
    pub name: &'static str,
    /// Its work, in steps of its bar.
    pub steps: u64,
}

/// The bar of a problem, for the jobs that move it.
struct Bar(ProgressBar, Stop);

impl experiment::progress::Progress for Bar {
    fn message(&self, text: String) {
        self.0.set_message(text);
    }

    fn advance(&self, steps: u64) {
        self.0.inc(steps);
    }

    fn stopped(&self) -> bool {
        self.1.asked()
    }
}

/// The bars of a run.
pub struct Progress {
    bars: Arc<Bars>,
    stop: Option<Sender<()>>,
    watch: Option<JoinHandle<()>>,
}

struct Bars {
    start: Instant,
    parts: Vec<(Part, Bar)>,
    overall: ProgressBar,
    /// The current problem.
    current: AtomicUsize,
    /// Whether to print lines instead of bars.
    lines: bool,
    stop: Stop,
}

impl Progress {
    /// Bars for these problems, which run in this order until `stop` says no.
    pub fn new(parts: Vec<Part>, stop: Stop) -> Self {
        let all = MultiProgress::new();
        let style = style(Term::stderr().size().1.into());
        let bar = |name: &'static str, length| {
            let bar = ProgressBar::new(length).with_style(style.clone()).with_prefix(name);
            all.add(bar)
        };
        let whole = parts.iter().map(|part| part.steps).sum();
        let with_bar = |part: Part| (part, Bar(bar(part.name, part.steps), stop.clone()));
        let bars = Arc::new(Bars {
            start: Instant::now(),
            parts: parts.into_iter().map(with_bar).collect(),
            overall: bar("whole run", whole),
            current: AtomicUsize::new(0),
            lines: all.is_hidden(),
            stop,
        });
        let (stop, stopped) = channel();
        let watched = Arc::clone(&bars);
        // Without this thread the run continues without progress.
        let watch = std::thread::Builder::new().spawn(move || watched.watch(&stopped)).ok();
        Progress { bars, stop: Some(stop), watch }
    }

    /// The bar of a problem, which becomes the current one.
    pub fn begin(&self, index: usize) -> &dyn experiment::progress::Progress {
        self.bars.current.store(index, Ordering::Relaxed);
        &self.bars.parts[index].1
    }

    /// Marks the current problem as done.
    pub fn end(&self) {
        let current = self.bars.current.load(Ordering::Relaxed);
        let (part, bar) = &self.bars.parts[current];
        bar.0.finish_with_message("done");
        let elapsed = self.bars.start.elapsed();
        if self.bars.lines && elapsed >= FIRST {
            output::note(&format!("{}: done, {} elapsed", part.name, spoken(elapsed)));
        }
    }
}

impl Drop for Progress {
    /// Reads the bars for the last time and stops the lines.
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(watch) = self.watch.take() {
            // If the thread panicked, it has printed its message.
            let _ = watch.join();
        }
    }
}

impl Bars {
    fn watch(&self, stopped: &Receiver<()>) {
        let (mut last, mut told) = (None, false);
        while stopped.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
            if self.stop.asked() && !std::mem::replace(&mut told, true) {
                output::note("stopping at the next iteration; a second signal ends at once");
            }
            let seen = self.look();
            self.overall.set_position(seen.done);
            self.overall.set_message(seen.times());
            if self.lines && is_due(seen.elapsed, last) {
                last = Some(seen.elapsed);
                let current = self.current.load(Ordering::Relaxed);
                output::note(&format!("{}: {}", self.parts[current].0.name, seen.line()));
            }
        }
        let seen = self.look();
        self.overall.set_position(seen.done);
        self.overall.abandon_with_message(format!("{} elapsed", spoken(seen.elapsed)));
    }

    fn look(&self) -> Seen {
        // A finished part that cannot be read is computed again, which adds work to the plan.
        let done = self.parts.iter().map(|(part, bar)| bar.0.position().min(part.steps)).sum();
        let whole = self.parts.iter().map(|(part, _)| part.steps).sum();
        Seen { done, whole, elapsed: self.start.elapsed() }
    }
}

/// Whether it is time for a line; `last` is the time of the last one.
fn is_due(elapsed: Duration, last: Option<Duration>) -> bool {
    last.map_or(elapsed >= FIRST, |last| elapsed >= last + BETWEEN)
}

/// The progress of the run.
struct Seen {
    done: u64,
    whole: u64,
    elapsed: Duration,
}

impl Seen {
    fn percent(&self) -> u64 {
        if self.whole > 0 {
            (u128::from(self.done) * 100 / u128::from(self.whole)) as u64
        } else {
            100
        }
    }

    /// The remaining time at the average speed so far.
    fn left(&self) -> Option<Duration> {
        let left = (self.whole - self.done) as f64 / self.done as f64;
        let left = Duration::try_from_secs_f64(self.elapsed.as_secs_f64() * left).ok();
        // Without any work done the quotient is infinite, which is no duration.
        left.filter(|_| self.elapsed >= FIRST)
    }

    fn times(&self) -> String {
        let elapsed = format!("{} elapsed", spoken(self.elapsed));
        match self.left() {
            Some(left) => format!("{elapsed}, about {} left", spoken(rounded(left))),
            None => elapsed,
        }
    }

    fn line(&self) -> String {
        format!("{}% of the run done, {}", self.percent(), self.times())
    }
}

/// Estimates are rounded to 5 seconds, about their accuracy.
fn rounded(time: Duration) -> Duration {
    match time.as_secs() {
        0..20 => time,
        seconds => Duration::from_secs(seconds.div_ceil(5) * 5),
    }
}

fn spoken(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..180 => format!("{seconds} s"),
        seconds @ 180..10_800 => format!("{} min", seconds / 60),
        seconds => format!("{:.1} h", seconds as f64 / 3600.0),
    }
}

/// A bar that fits the terminal.
fn style(width: usize) -> ProgressStyle {
    let bar = if width < 80 { 12 } else { 28 };
    let template = format!("{{prefix:<11}} {{bar:{bar}}} {{percent:>3}}% {{wide_msg}}");
    ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(done: u64, whole: u64, elapsed: u64) -> Seen {
        Seen { done, whole, elapsed: Duration::from_secs(elapsed) }
    }

    #[test]
    fn what_is_left_is_told_from_what_was_done() {
        let line = |done, whole, elapsed| seen(done, whole, elapsed).line();
        assert_eq!(line(34, 100, 41), "34% of the run done, 41 s elapsed, about 80 s left");
        assert_eq!(line(1, 1000, 60), "0% of the run done, 60 s elapsed, about 16.6 h left");
        // Too early, or no work done.
        assert_eq!(line(1, 10, 3), "10% of the run done, 3 s elapsed");
        assert_eq!(line(0, 10, 200), "0% of the run done, 3 min elapsed");
        // No work: all parts were finished before.
        assert_eq!(line(0, 0, 0), "100% of the run done, 0 s elapsed");
        assert_eq!(line(5, 5, 9), "100% of the run done, 9 s elapsed, about 0 s left");
    }

    #[test]
    fn lines_come_seldom() {
        let second = Duration::from_secs;
        assert!(!is_due(second(3), None) && is_due(second(4), None));
        assert!(!is_due(second(33), Some(second(4))) && is_due(second(34), Some(second(4))));
    }

    #[test]
    fn the_run_is_all_its_problems() {
        let part = |name, steps| Part { name, steps };
        let progress =
            Progress::new(vec![part("first", 100), part("second", 300)], Stop::default());
        progress.begin(0).advance(100);
        progress.end();
        progress.begin(1).advance(60);
        let seen = progress.bars.look();
        assert_eq!((seen.done, seen.whole, seen.percent()), (160, 400, 40));
        // More work than planned still counts as 100%.
        progress.begin(1).advance(1000);
        assert_eq!(progress.bars.look().percent(), 100);
    }
}
