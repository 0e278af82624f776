//! This module defines the operations that a number must offer, so that the tape can differentiate
//! through it.

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

use bytemuck::TransparentWrapper;

use crate::Lanes;
use crate::elementary;
use crate::product::{self, Factor};
use crate::rules::elementwise;

/// Represents a number with which the tape can compute: [`f64`], [`f32`], [`Dual`](crate::Dual) or
/// [`Lanes`](crate::Lanes), and any nesting of the last two.
///
/// **A scalar never yields a `bool`.** There is no comparison. The only way to branch is
/// [`where_positive`](Scalar::where_positive), which chooses between two scalars that are both
/// already computed. A dual number then carries the tangent of the branch that it takes, and each
/// lane takes its own branch.
///
/// # Kinks
///
/// The functions `relu`, `leaky_relu`, `abs` and `max` have no derivative at their kinks. All
/// scalar types and all second derivatives follow this convention:
///
/// | function | at | derivative |
/// |---|---|---|
/// | `relu(x)` | `x = 0` | 0 |
/// | `leaky_relu(x)` | `x = 0` | its slope below 0 |
/// | `abs(x)` | `x = 0` | 0 |
/// | `max(a, b)` | `a = b` | 1/2 to each argument |
///
/// A NaN is never lost: `relu`, `leaky_relu`, `abs` and `max` of a NaN are NaN.
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

    /// Returns the constant `x`, the same in every lane, with no tangent.
    fn from_f64(x: f64) -> Self;

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

    /// Returns `if_positive` where `self > 0`, and `otherwise` elsewhere. A NaN in `self` also
    /// gives `otherwise`.
    fn where_positive(self, if_positive: Self, otherwise: Self) -> Self;

    /// Returns e to the power of `self`.
    fn exp(self) -> Self;
    /// Returns the natural logarithm.
    fn ln(self) -> Self;
    /// Returns the square root.
    fn sqrt(self) -> Self;
    /// Returns the sine of an angle in radians.
    fn sin(self) -> Self;
    /// Returns the cosine of an angle in radians.
    fn cos(self) -> Self;
    /// Returns the hyperbolic tangent, which is exact in the tails.
    fn tanh(self) -> Self;

    /// Returns 0, with no tangent.
    #[inline(always)]
    fn zero() -> Self {
        Self::from_f64(0.0)
    }

    /// Returns 1, with no tangent.
    #[inline(always)]
    fn one() -> Self {
        Self::from_f64(1.0)
    }

    /// Returns `self` to an integer power, by repeated squaring. `x.powi(0)` is 1 for every `x`.
    #[inline(always)]
    fn powi(self, exponent: i32) -> Self {
        elementwise::integer_power(self, exponent)
    }

    /// Returns the logistic sigmoid 1 / (1 + e^−x). It does not overflow for any finite `x`.
    #[inline(always)]
    fn sigmoid(self) -> Self {
        elementwise::logistic(self)
    }

    /// Returns ln(1 + e^x). It does not overflow for any finite `x`.
    #[inline(always)]
    fn softplus(self) -> Self {
        elementwise::soft_rectifier(self)
    }

    /// Returns the positive part of `self`: max(x, 0).
    #[inline(always)]
    fn relu(self) -> Self {
        elementwise::rectifier(self)
    }

    /// Returns the magnitude of `self`: |x|.
    #[inline(always)]
    fn abs(self) -> Self {
        elementwise::magnitude(self)
    }

    /// Returns the larger of two values.
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        elementwise::larger(self, other)
    }

    /// Computes `out = a b`, or `out += a b` if `accumulate`, for row-major matrices:
    /// `a: (rows, inner)`, `b: (inner, columns)`, `out: (rows, columns)`.
    ///
    /// A type for which a faster kernel exists overrides this method. The terms of an entry are
    /// added in an order that depends only on the shapes, the transpositions and the CPU.
    ///
    /// # Panics
    /// Panics if the shapes do not fit each other.
    fn product(a: Factor<'_, Self>, b: Factor<'_, Self>, out: &mut [Self], accumulate: bool) {
        product::reference(a, b, out, accumulate);
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
