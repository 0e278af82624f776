//! This module defines how numbers lie in the buffers of a tape: in lanes, as one flat slice, and
//! as the entries of matrix products.

use bytemuck::TransparentWrapper;

use super::compiled::{self, Sweep};
use super::lanes::{Lanes, lanes};
use super::product;
use super::product::factor::{Factor, reference};
use crate::dual::Dual;
use crate::number::Number;
use crate::tape::Tape;

/// Represents a [`Number`] together with its layout on a tape: [`f64`], [`f32`],
/// [`Dual`](crate::Dual) or [`Lanes`](crate::Lanes), and any nesting of the last two.
///
/// The layout changes no result. It exists for speed alone: several problems in the lanes of one
/// number, loops over plain numbers, and fast products.
pub trait Scalar: Number {
    /// The number of independent problems in one value. It is 1 unless [`Lanes`](crate::Lanes) is
    /// involved.
    const LANES: usize;

    /// The type of the numbers in one lane. It is the type itself unless [`Lanes`](crate::Lanes) is
    /// outermost. Element-wise operations run on this type for any number of lanes.
    type Flat: Scalar;

    /// Returns the same numbers as one slice: the lanes of the first entry, then those of the next.
    fn flat(entries: &[Self]) -> &[Self::Flat];

    /// Returns the same slice as [`flat`](Scalar::flat), for writing.
    fn flat_mut(entries: &mut [Self]) -> &mut [Self::Flat];

    /// Returns the constant whose lane `i` is `lane(i)`, with no tangent. The index `i` runs over
    /// `0..LANES`.
    fn from_lanes(lane: impl FnMut(usize) -> f64) -> Self;

    /// Returns the value in lane `i`, without any tangent.
    ///
    /// # Panics
    /// Panics if `i` is not below [`LANES`](Scalar::LANES).
    fn lane(self, i: usize) -> f64;

    /// Replaces the value in lane `i`. A tangent stays unchanged.
    ///
    /// # Panics
    /// Panics if `i` is not below [`LANES`](Scalar::LANES).
    fn set_lane(&mut self, i: usize, x: f64);

    /// Computes `out = a b`, or `out += a b` if `accumulate`, for row-major matrices:
    /// `a: (rows, inner)`, `b: (inner, columns)`, `out: (rows, columns)`.
    ///
    /// A type for which a faster kernel exists overrides this method. The terms of an entry are
    /// added in an order that depends only on the shapes, the transpositions and the CPU.
    ///
    /// # Panics
    /// Panics if the shapes do not fit each other.
    fn product(a: Factor<'_, Self>, b: Factor<'_, Self>, out: &mut [Self], accumulate: bool) {
        reference(a, b, out, accumulate);
    }

    /// Computes the same product for matrices whose entries are [`Lanes`](crate::Lanes) of this
    /// type. A type for which a faster kernel exists overrides this method.
    ///
    /// # Panics
    /// Panics if the shapes do not fit each other.
    fn product_in_lanes<const N: usize>(
        a: Factor<'_, Lanes<Self, N>>,
        b: Factor<'_, Lanes<Self, N>>,
        out: &mut [Lanes<Self, N>],
        accumulate: bool,
    ) {
        reference(a, b, out, accumulate);
    }

    /// Runs a sweep of a tape of this type. It runs code that is compiled in this crate where there
    /// is such code; see `fast/compiled.rs`.
    #[doc(hidden)]
    #[inline(always)]
    fn sweep(tape: &mut Tape<Self>, sweep: Sweep<'_, Self>) {
        tape.sweep(sweep);
    }

    /// Does the same for a tape of [`Lanes`](crate::Lanes) of this type.
    #[doc(hidden)]
    #[inline(always)]
    fn sweep_in_lanes<const N: usize>(
        tape: &mut Tape<Lanes<Self, N>>,
        sweep: Sweep<'_, Lanes<Self, N>>,
    ) {
        tape.sweep(sweep);
    }
}

macro_rules! real {
    ($type:ident, $in_lanes:ident, $compiled:ident, $sweep:ident) => {
        impl Scalar for $type {
            const LANES: usize = 1;
            type Flat = Self;

            #[inline(always)]
            fn flat(entries: &[Self]) -> &[Self] {
                entries
            }

            #[inline(always)]
            fn flat_mut(entries: &mut [Self]) -> &mut [Self] {
                entries
            }

            #[inline(always)]
            fn from_lanes(mut lane: impl FnMut(usize) -> f64) -> Self {
                lane(0) as $type
            }

            #[inline(always)]
            fn lane(self, i: usize) -> f64 {
                assert_eq!(i, 0, "a plain number has one lane");
                f64::from(self)
            }

            #[inline(always)]
            fn set_lane(&mut self, i: usize, x: f64) {
                assert_eq!(i, 0, "a plain number has one lane");
                *self = x as $type;
            }

            fn product(
                a: Factor<'_, Self>,
                b: Factor<'_, Self>,
                out: &mut [Self],
                accumulate: bool,
            ) {
                product::$in_lanes(a, b, out, 1, accumulate);
            }

            fn product_in_lanes<const N: usize>(
                a: Factor<'_, Lanes<Self, N>>,
                b: Factor<'_, Lanes<Self, N>>,
                out: &mut [Lanes<Self, N>],
                accumulate: bool,
            ) {
                let (a, b) = (a.over(Lanes::flat(a.data)), b.over(Lanes::flat(b.data)));
                if const { product::$compiled(N) } {
                    product::$in_lanes(a, b, Lanes::flat_mut(out), N, accumulate);
                } else {
                    product::entries::<Self, N>(a, b, Lanes::flat_mut(out), accumulate);
                }
            }

            #[inline(always)]
            fn sweep(tape: &mut Tape<Self>, sweep: Sweep<'_, Self>) {
                compiled::$sweep(tape, sweep);
            }

            #[inline(always)]
            fn sweep_in_lanes<const N: usize>(
                tape: &mut Tape<Lanes<Self, N>>,
                sweep: Sweep<'_, Lanes<Self, N>>,
            ) {
                compiled::$in_lanes(tape, sweep);
            }
        }
    };
}

real!(f64, in_lanes_f64, compiled_f64, plain_f64);
real!(f32, in_lanes_f32, compiled_f32, plain_f32);

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

    fn product(a: Factor<'_, Self>, b: Factor<'_, Self>, out: &mut [Self], accumulate: bool) {
        S::product_in_lanes(a, b, out, accumulate);
    }

    #[inline(always)]
    fn sweep(tape: &mut Tape<Self>, sweep: Sweep<'_, Self>) {
        S::sweep_in_lanes(tape, sweep);
    }
}

impl<S: Scalar> Scalar for Dual<S> {
    const LANES: usize = S::LANES;
    type Flat = Self;

    #[inline(always)]
    fn flat(entries: &[Self]) -> &[Self] {
        entries
    }

    #[inline(always)]
    fn flat_mut(entries: &mut [Self]) -> &mut [Self] {
        entries
    }

    #[inline(always)]
    fn from_lanes(lane: impl FnMut(usize) -> f64) -> Self {
        Dual::constant(S::from_lanes(lane))
    }

    #[inline(always)]
    fn lane(self, i: usize) -> f64 {
        self.value.lane(i)
    }

    #[inline(always)]
    fn set_lane(&mut self, i: usize, x: f64) {
        self.value.set_lane(i, x);
    }
}
