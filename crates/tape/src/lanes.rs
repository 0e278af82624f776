//! This module puts several independent problems into one scalar.

use std::ops::{Add, Div, Mul, Neg, Sub};

use bytemuck::TransparentWrapper;

use crate::product::Factor;
use crate::{Scalar, vectorized};

/// Holds `N` independent scalars that go through the same operations, element by element.
///
/// Lanes let small networks fill the vector registers of a CPU. With 20 units and 5 rows, there is
/// nothing to vectorize within one task. But eight tasks can be computed together, one task per
/// lane. No lane ever uses the numbers of another lane.
///
/// ```
/// use tape::{Lanes, Scalar};
/// let x = Lanes([-1.0, 2.0]);
/// assert_eq!(x.relu(), Lanes([0.0, 2.0])); // each lane takes its own branch
/// ```
#[derive(Clone, Copy, Debug, PartialEq, bytemuck::TransparentWrapper)]
#[repr(transparent)]
pub struct Lanes<S, const N: usize>(pub [S; N]);

/// Makes one value for each lane. It uses a plain loop, because the standard library builds an
/// array with calls that are not always inlined. A call would end the vector code.
#[inline(always)]
fn lanes<S: Scalar, const N: usize>(mut lane: impl FnMut(usize) -> S) -> Lanes<S, N> {
    let mut lanes = [S::zero(); N];
    for (i, slot) in lanes.iter_mut().enumerate() {
        *slot = lane(i);
    }
    Lanes(lanes)
}

macro_rules! lanewise {
    ($($trait:ident :: $method:ident),*) => {$(
        impl<S: Scalar, const N: usize> $trait for Lanes<S, N> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                lanes(|i| self.0[i].$method(other.0[i]))
            }
        }
    )*};
}

lanewise!(Add::add, Sub::sub, Mul::mul, Div::div);

impl<S: Scalar, const N: usize> Neg for Lanes<S, N> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        lanes(|i| -self.0[i])
    }
}

macro_rules! each_lane {
    ($($method:ident),*) => {$(
        #[inline(always)]
        fn $method(self) -> Self {
            lanes(|i| self.0[i].$method())
        }
    )*};
}

impl<S: Scalar, const N: usize> Scalar for Lanes<S, N> {
    const LANES: usize = N * S::LANES;
    type Flat = S::Flat;

    #[inline(always)]
    fn flat(entries: &[Self]) -> &[S::Flat] {
        S::flat(Lanes::peel_slice(entries).as_flattened())
    }

    #[inline(always)]
    fn flat_mut(entries: &mut [Self]) -> &mut [S::Flat] {
        S::flat_mut(Lanes::peel_slice_mut(entries).as_flattened_mut())
    }

    #[inline(always)]
    fn from_f64(x: f64) -> Self {
        Lanes([S::from_f64(x); N])
    }

    #[inline(always)]
    fn from_lanes(mut lane: impl FnMut(usize) -> f64) -> Self {
        lanes(|i| S::from_lanes(|j| lane(i * S::LANES + j)))
    }

    #[inline(always)]
    fn lane(self, i: usize) -> f64 {
        self.0[i / S::LANES].lane(i % S::LANES)
    }

    #[inline(always)]
    fn set_lane(&mut self, i: usize, x: f64) {
        self.0[i / S::LANES].set_lane(i % S::LANES, x);
    }

    #[inline(always)]
    fn where_positive(self, if_positive: Self, otherwise: Self) -> Self {
        lanes(|i| self.0[i].where_positive(if_positive.0[i], otherwise.0[i]))
    }

    each_lane!(exp, ln, sqrt, sin, cos, tanh, sigmoid, softplus, relu, abs);

    #[inline(always)]
    fn powi(self, exponent: i32) -> Self {
        lanes(|i| self.0[i].powi(exponent))
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        lanes(|i| self.0[i].max(other.0[i]))
    }

    fn product(a: Factor<'_, Self>, b: Factor<'_, Self>, out: &mut [Self], accumulate: bool) {
        S::product_in_lanes(a, b, out, accumulate);
    }
}

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
