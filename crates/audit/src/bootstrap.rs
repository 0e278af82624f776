//! The bootstrap: how far a quantity would move if as many rows were drawn again.
//!
//! The rows of a task are drawn again with replacement, as many as it has, and each task for itself
//! (a stratified bootstrap: Efron and Tibshirani, *An Introduction to the Bootstrap*, 1993, chapter
//! 8; Davison and Hinkley, *Bootstrap Methods and their Application*, 1997, section 3.2). So an
//! interval is about these tasks with these numbers of rows. What another task would give is
//! another question, which the mean over tasks with its interval by Student's t answers.
//!
//! All quantities depend on counts alone, and the counts of rows that are drawn with replacement
//! are multinomial. So counts are drawn and not rows, and five million rows cost as much as five
//! hundred.

use fairness::metrics::Confusion;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Binomial, Distribution};

use crate::counts::TaskCounts;

/// An interval is `None` if the quantity is undefined in a larger share of the resamples. A 95%
/// interval leaves out 5% of them; if more cannot be placed, its ends mean nothing.
const MOST_UNDEFINED: f64 = 0.05;
/// The shares of the resamples below the two ends.
const ENDS: [f64; 2] = [0.025, 0.975];
/// Names the streams of the bootstrap, beside those of the project that draw tasks and weights.
const PURPOSE: u64 = 13;

/// Resampled counts: for each resample, those of every group.
pub(crate) struct Draws {
    groups: usize,
    cells: Vec<Confusion>,
}

impl Draws {
    /// Nothing in any of `resamples` resamples of `groups` groups.
    pub fn none(resamples: u32, groups: usize) -> Self {
        Draws { groups, cells: vec![Confusion::default(); resamples as usize * groups] }
    }

    /// The counts of each resample, by group.
    pub fn each(&self) -> impl Iterator<Item = &[Confusion]> {
        self.cells.chunks_exact(self.groups)
    }

    /// The resamples of a task. `index` is its place among all tasks, which names its stream.
    pub fn of(task: &TaskCounts, groups: usize, resamples: u32, seed: u64, index: usize) -> Self {
        let mut draws = Draws::none(resamples, groups);
        let counts: Vec<u64> = task.cells.iter().flat_map(|(_, cell)| parts(cell)).collect();
        let mut rng = stream(seed, index);
        let mut drawn = vec![0; counts.len()];
        for resample in draws.cells.chunks_exact_mut(groups) {
            multinomial(&counts, &mut rng, &mut drawn);
            for ((group, _), drawn) in task.cells.iter().zip(drawn.chunks_exact(4)) {
                resample[*group] = whole(drawn);
            }
        }
        draws
    }

    /// Adds other resamples of as many groups, resample by resample.
    pub fn add(&mut self, other: &Draws) {
        for (ours, theirs) in self.cells.iter_mut().zip(&other.cells) {
            *ours = *ours + *theirs;
        }
    }
}

/// The stream of a task. Its key is the seed, the purpose, 0 and the task.
fn stream(seed: u64, task: usize) -> ChaCha8Rng {
    let mut key = [0; 32];
    for (bytes, word) in key.chunks_exact_mut(8).zip([seed, PURPOSE, 0, task as u64]) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    ChaCha8Rng::from_seed(key)
}

fn parts(cell: &Confusion) -> [u64; 4] {
    [cell.true_positives, cell.false_positives, cell.true_negatives, cell.false_negatives]
}

fn whole(parts: &[u64]) -> Confusion {
    Confusion {
        true_positives: parts[0],
        false_positives: parts[1],
        true_negatives: parts[2],
        false_negatives: parts[3],
    }
}

/// Draws as many rows as there are, with replacement, and counts them: one binomial for each cell,
/// given the cells before it.
fn multinomial(counts: &[u64], rng: &mut ChaCha8Rng, drawn: &mut [u64]) {
    let mut left: u64 = counts.iter().sum();
    let mut to_draw = left;
    for (&count, drawn) in counts.iter().zip(drawn) {
        *drawn = match count {
            0 => 0,
            count if count == left => to_draw,
            count => {
                let share = count as f64 / left as f64;
                Binomial::new(to_draw, share).expect("a share is in [0, 1]").sample(rng)
            }
        };
        left -= count;
        to_draw -= *drawn;
    }
}

/// The percentile interval of the values of a quantity in the resamples, and in how many it is
/// undefined. There is no interval if these are too many, or if all values are the same: then the
/// rows cannot show how far the quantity would move.
pub(crate) fn interval(values: impl Iterator<Item = Option<f64>>) -> (Option<(f64, f64)>, usize) {
    let all: Vec<Option<f64>> = values.collect();
    let mut defined: Vec<f64> = all.iter().flatten().copied().collect();
    let undefined = all.len() - defined.len();
    let too_many = undefined as f64 > MOST_UNDEFINED * all.len() as f64;
    if defined.is_empty() || too_many {
        return (None, undefined);
    }
    let [low, high] = ENDS.map(|share| quantile(&mut defined, share));
    let moves = defined.iter().any(|value| *value != defined[0]);
    (moves.then_some((low, high)), undefined)
}

/// The quantile of at least one value, between two values on the straight line (type 7 of Hyndman
/// and Fan, 1996; the default of numpy).
fn quantile(values: &mut [f64], share: f64) -> f64 {
    let place = share * (values.len() - 1) as f64;
    let (_, &mut low, above) = values.select_nth_unstable_by(place as usize, f64::total_cmp);
    let next = above.iter().copied().min_by(f64::total_cmp).unwrap_or(low);
    low + place.fract() * (next - low)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    fn cell(tp: u64, fp: u64, tn: u64, fn_: u64) -> Confusion {
        whole(&[tp, fp, tn, fn_])
    }

    fn task(cells: &[Confusion]) -> TaskCounts {
        let cells = cells.iter().copied().enumerate().collect();
        TaskCounts { name: String::new(), cells }
    }

    #[test]
    fn quantiles_by_hand() {
        let mut values = [4.0, 1.0, 3.0, 2.0, 5.0];
        for (share, expected) in [(0.0, 1.0), (1.0, 5.0), (0.5, 3.0), (0.975, 4.9), (0.1, 1.4)] {
            assert_relative_eq!(quantile(&mut values, share), expected, max_relative = 1e-12);
        }
        assert_eq!(quantile(&mut [7.0], 0.3), 7.0);
    }

    /// A task keeps its number of rows, an empty cell stays empty, and so does a group.
    #[test]
    fn resamples_keep_the_number_of_rows() {
        let task = task(&[cell(3, 0, 5, 2), cell(0, 0, 0, 7)]);
        let draws = Draws::of(&task, 3, 500, 1, 0);
        assert_eq!(draws.each().count(), 500);
        let mut seen = [false; 2];
        for groups in draws.each() {
            assert_eq!(groups.iter().map(Confusion::total).sum::<u64>(), 17);
            assert_eq!(groups[0].false_positives + groups[2].total(), 0);
            assert_eq!(groups[1].total(), groups[1].false_negatives);
            seen[0] |= groups[1].total() > 7;
            seen[1] |= groups[1].total() < 7;
        }
        assert_eq!(seen, [true; 2], "group sizes vary");
    }

    /// Mean n p, variance n p (1 − p), covariance −n p q of each pair of cells.
    #[test]
    fn moments_are_those_of_the_multinomial() {
        let (counts, n) = ([20, 30, 0, 50], 100.0);
        let resamples = 40_000;
        let mut rng = stream(5, 0);
        let mut sums = [[0.0; 4]; 4];
        let mut means = [0.0; 4];
        let mut drawn = [0; 4];
        for _ in 0..resamples {
            multinomial(&counts, &mut rng, &mut drawn);
            let off: Vec<f64> =
                drawn.iter().zip(counts).map(|(&d, c)| d as f64 - c as f64).collect();
            for i in 0..4 {
                means[i] += off[i] / f64::from(resamples);
                for j in 0..4 {
                    sums[i][j] += off[i] * off[j] / f64::from(resamples);
                }
            }
        }
        for i in 0..4 {
            // Five standard errors.
            assert!(means[i].abs() < 5.0 * (25.0f64 / f64::from(resamples)).sqrt(), "{means:?}");
            for j in 0..4 {
                let (p, q) = (counts[i] as f64 / n, counts[j] as f64 / n);
                let expected = n * if i == j { p * (1.0 - p) } else { -p * q };
                assert!((sums[i][j] - expected).abs() < 1.0, "{i}, {j}: {sums:?}");
            }
        }
    }

    #[test]
    fn values_are_stable() {
        let task = task(&[cell(30, 10, 40, 20), cell(400, 100, 300, 200)]);
        let first = Draws::of(&task, 2, 1, 7, 3);
        let drawn: Vec<[u64; 4]> = first.cells.iter().map(parts).collect();
        assert_eq!(drawn, [[34, 14, 48, 28], [374, 101, 301, 200]]);
    }

    #[test]
    fn an_interval_needs_values_that_differ_and_are_mostly_defined() {
        let values = |undefined: usize| {
            let some = (0..100 - undefined).map(|i| Some(i as f64));
            interval(some.chain(std::iter::repeat_n(None, undefined)))
        };
        assert_eq!(values(0), (Some((0.025 * 99.0, 0.975 * 99.0)), 0));
        assert!(values(5).0.is_some());
        assert_eq!(values(6), (None, 6));
        assert_eq!(interval([Some(1.0); 9].into_iter()), (None, 0));
        assert_eq!(interval([None; 9].into_iter()), (None, 9));
    }
}
