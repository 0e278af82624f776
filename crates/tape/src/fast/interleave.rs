//! This module packs the numbers of several problems into lanes.

use super::scalar::Scalar;
use super::simd::vectorized;

/// The number of lanes that can be written together.
const TOGETHER: usize = 16;
/// The number of entries of each lane that are taken from its buffer at once.
const RUN: usize = 8;

/// Writes the numbers `lane(i)` to lane `i` of `entries`, one number per entry.
///
/// # Panics
/// Panics if a lane has fewer numbers than there are entries.
pub(crate) fn interleave<'a, S: Scalar>(entries: &mut [S], lane: impl Fn(usize) -> &'a [f64]) {
    match S::LANES {
        1 => {
            let numbers = &lane(0)[..entries.len()];
            vectorized(
                #[inline(always)]
                || {
                    for (entry, &x) in entries.iter_mut().zip(numbers) {
                        *entry = S::from_f64(x);
                    }
                },
            );
        }
        2..=TOGETHER => {
            let mut lanes = [&[][..]; TOGETHER];
            for (i, slot) in lanes.iter_mut().enumerate().take(S::LANES) {
                *slot = &lane(i)[..entries.len()];
            }
            interleave_together(entries, &lanes[..S::LANES]);
        }
        _ => {
            for (i, entry) in entries.iter_mut().enumerate() {
                *entry = S::from_lanes(|l| lane(l)[i]);
            }
        }
    }
}

/// Does the same for at most [`TOGETHER`] lanes. Each lane is read in order, so the CPU can
/// prefetch it.
fn interleave_together<S: Scalar>(entries: &mut [S], lanes: &[&[f64]]) {
    vectorized(
        #[inline(always)]
        || {
            let whole = entries.len() / RUN * RUN;
            for (run, entries) in entries.chunks_exact_mut(RUN).enumerate() {
                let mut runs = [&[0.0; RUN]; TOGETHER];
                for (run_of_lane, lane) in runs.iter_mut().zip(lanes) {
                    *run_of_lane = &lane.as_chunks().0[run];
                }
                for (i, entry) in entries.iter_mut().enumerate() {
                    *entry = S::from_lanes(|lane| runs[lane][i]);
                }
            }
            for (i, entry) in entries.iter_mut().enumerate().skip(whole) {
                *entry = S::from_lanes(|lane| lanes[lane][i]);
            }
        },
    );
}
