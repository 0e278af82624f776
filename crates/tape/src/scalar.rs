//! What a number must offer for the tape to differentiate through it.

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

use bytemuck::TransparentWrapper;

use crate::Lanes;
use crate::elementary;
use crate::product::{self, Factor};
use crate::rules::elementwise;

/// A number the tape can compute with: [`f64`], [`f32`], [`Dual`](crate::Dual) or
/// [`Lanes`](crate::Lanes), and any nesting of the last two.
///
/// **A scalar never yields a `bool`.** There is no comparison: the only way to branch is
/// [`where_positive`](Scalar::where_positive), which chooses between two scalars that are both
/// already computed. A dual number then carries the tangent of the branch it takes, and each
/// lane takes its own branch.
///
/// # Kinks
///
/// `relu`, `leaky_relu`, `abs` and `max` have no derivative where they bend. The convention, which second
/// derivatives and every scalar type share:
///
/// | function | at | derivative |
/// |---|---|---|
/// | `relu(x)` | `x = 0` | 0 |
/// | `leaky_relu(x)` | `x = 0` | its slope below 0 |
/// | `abs(x)` | `x = 0` | 0 |
/// | `max(a, b)` | `a = b` | 1/2 to each side |
///
/// A NaN is never swallowed: `relu`, `leaky_relu`, `abs` and `max` of a NaN are NaN.
pub trait Scalar:
    Copy
    + Debug
    + Send
    + Sync
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// How many independent problems stand side by side in one value; 1 unless
    /// [`Lanes`](crate::Lanes) is involved.
    const LANES: usize;

    /// What one lane holds: the type itself unless [`Lanes`](crate::Lanes) is outermost.
    /// Element-wise operations run on it, whatever the number of lanes.
    type Flat: Scalar;

    /// The same numbers, lane after lane.
    fn flat(entries: &[Self]) -> &[Self::Flat];

    /// The same numbers, lane after lane.
    fn flat_mut(entries: &mut [Self]) -> &mut [Self::Flat];

    /// The constant `x`, the same in every lane, with no tangent.
    fn from_f64(x: f64) -> Self;

    /// The constant whose lane `i` is `lane(i)`, with no tangent; `i` runs over `0..LANES`.
    fn from_lanes(lane: impl FnMut(usize) -> f64) -> Self;

    /// The value in lane `i`, without any tangent.
    ///
    /// # Panics
    /// If `i` is not below [`LANES`](Scalar::LANES).
    fn lane(self, i: usize) -> f64;

    /// Replaces the value in lane `i`; a tangent stays as it is.
    ///
    /// # Panics
    /// If `i` is not below [`LANES`](Scalar::LANES).
    fn set_lane(&mut self, i: usize, x: f64);

    /// `if_positive` where `self > 0`, else `otherwise` (also where `self` is NaN).
    fn where_positive(self, if_positive: Self, otherwise: Self) -> Self;

    /// e to the power of `self`.
    fn exp(self) -> Self;
    /// Natural logarithm.
    fn ln(self) -> Self;
    /// Square root.
    fn sqrt(self) -> Self;
    /// Sine of an angle in radians.
    fn sin(self) -> Self;
    /// Cosine of an angle in radians.
    fn cos(self) -> Self;
    /// Hyperbolic tangent, exact in the tails.
    fn tanh(self) -> Self;

    /// 0, with no tangent.
    #[inline(always)]
    fn zero() -> Self {
        Self::from_f64(0.0)
    }

    /// 1, with no tangent.
    #[inline(always)]
    fn one() -> Self {
        Self::from_f64(1.0)
    }

    /// `self` to an integer power, by repeated squaring; `x.powi(0)` is 1 for every `x`.
    #[inline(always)]
    fn powi(self, exponent: i32) -> Self {
        elementwise::integer_power(self, exponent)
    }

    /// Logistic sigmoid 1 / (1 + e^−x), without overflow for any finite `x`.
    #[inline(always)]
    fn sigmoid(self) -> Self {
        elementwise::logistic(self)
    }

    /// ln(1 + e^x), without overflow for any finite `x`.
    #[inline(always)]
    fn softplus(self) -> Self {
        elementwise::soft_rectifier(self)
    }

    /// The positive part of `self`.
    #[inline(always)]
    fn relu(self) -> Self {
        elementwise::rectifier(self)
    }

    /// The magnitude of `self`.
    #[inline(always)]
    fn abs(self) -> Self {
        elementwise::magnitude(self)
    }

    /// The larger of two values.
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        elementwise::larger(self, other)
    }

    /// `out = a b`, or `out += a b` if `accumulate`, for row-major matrices:
    /// `a: (rows, inner)`, `b: (inner, columns)`, `out: (rows, columns)`.
    ///
    /// A hook: types for which a faster kernel exists override it. In which order the terms of an
    /// entry are added depends on the shapes, the transpositions and the CPU, and on nothing else.
    ///
    /// # Panics
    /// If the shapes do not fit each other.
    fn product(a: Factor<'_, Self>, b: Factor<'_, Self>, out: &mut [Self], accumulate: bool) {
        product::reference(a, b, out, accumulate);
    }

    /// The same hook for matrices whose entries are [`Lanes`](crate::Lanes) of this type.
    ///
    /// # Panics
    /// If the shapes do not fit each other.
    fn product_in_lanes<const N: usize>(
        a: Factor<'_, Lanes<Self, N>>,
        b: Factor<'_, Lanes<Self, N>>,
        out: &mut [Lanes<Self, N>],
        accumulate: bool,
    ) {
        product::reference(a, b, out, accumulate);
    }
}

macro_rules! real {
    ($type:ident) => {
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
            fn from_f64(x: f64) -> Self {
                x as $type
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

            #[inline(always)]
            fn where_positive(self, if_positive: Self, otherwise: Self) -> Self {
                if self > 0.0 { if_positive } else { otherwise }
            }

            #[inline(always)]
            fn exp(self) -> Self {
                elementary::$type::exp(self)
            }

            #[inline(always)]
            fn ln(self) -> Self {
                elementary::$type::ln(self)
            }

            #[inline(always)]
            fn sqrt(self) -> Self {
                <$type>::sqrt(self)
            }

            #[inline(always)]
            fn sin(self) -> Self {
                <$type>::sin(self)
            }

            #[inline(always)]
            fn cos(self) -> Self {
                <$type>::cos(self)
            }

            #[inline(always)]
            fn tanh(self) -> Self {
                <$type>::tanh(self)
            }

            fn product(
                a: Factor<'_, Self>,
                b: Factor<'_, Self>,
                out: &mut [Self],
                accumulate: bool,
            ) {
                let (a, b) = (a.over(a.data.as_chunks().0), b.over(b.data.as_chunks().0));
                product::in_registers::<Self, 1>(a, b, out.as_chunks_mut().0, accumulate);
            }

            fn product_in_lanes<const N: usize>(
                a: Factor<'_, Lanes<Self, N>>,
                b: Factor<'_, Lanes<Self, N>>,
                out: &mut [Lanes<Self, N>],
                accumulate: bool,
            ) {
                let (a, b) = (a.over(Lanes::peel_slice(a.data)), b.over(Lanes::peel_slice(b.data)));
                product::in_registers(a, b, Lanes::peel_slice_mut(out), accumulate);
            }
        }
    };
}

real!(f64);
real!(f32);
