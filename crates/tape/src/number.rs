//! This module defines the operations that a number must offer, so that the tape can differentiate
//! through it.

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::fast::elementary;

/// Represents a number with which the tape can compute: [`f64`], [`f32`], [`Dual`](crate::Dual) or
/// [`Lanes`](crate::Lanes), and any nesting of the last two.
///
/// **A number never yields a `bool`.** There is no comparison. The only way to branch is
/// [`where_positive`](Number::where_positive), which chooses between two numbers that are both
/// already computed. A dual number then carries the tangent of the branch that it takes, and each
/// lane takes its own branch.
///
/// # Kinks
///
/// The functions `relu`, `leaky_relu`, `abs` and `max` have no derivative at their kinks. All
/// types and all second derivatives follow this convention:
///
/// | function | at | derivative |
/// |---|---|---|
/// | `relu(x)` | `x = 0` | 0 |
/// | `leaky_relu(x)` | `x = 0` | its slope below 0 |
/// | `abs(x)` | `x = 0` | 0 |
/// | `max(a, b)` | `a = b` | 1/2 to each argument |
///
/// A NaN is never lost: `relu`, `leaky_relu`, `abs` and `max` of a NaN are NaN.
pub trait Number:
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
    /// Returns the constant `x`, with no tangent.
    fn from_f64(x: f64) -> Self;

    /// Returns the same number without its tangent.
    fn constant(self) -> Self;

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
        let mut power = Self::one();
        let mut square = self;
        let mut bits = exponent.unsigned_abs();
        while bits > 0 {
            if bits & 1 == 1 {
                power = power * square;
            }
            bits >>= 1;
            if bits > 0 {
                square = square * square;
            }
        }
        if exponent < 0 { Self::one() / power } else { power }
    }

    /// Returns ln(1 + x), accurate for a small x as well. Where u = 1 + x rounds, it loses
    /// r = x − (u − 1), which is exact, and ln(u + r) = ln u + r / u up to the square of a
    /// rounding. Unlike a quotient by u − 1, the sum stays accurate when it is differentiated. From
    /// |x| = 1 on no digit of x is lost that matters.
    #[inline(always)]
    fn ln_1p(self) -> Self {
        let u = Self::one() + self;
        let lost = self - (u - Self::one());
        u.ln() + (Self::one() - self * self).where_positive(lost / u, Self::zero())
    }

    /// Returns the logistic sigmoid 1 / (1 + e^−x). It is computed from e^−|x|, which does not
    /// overflow.
    #[inline(always)]
    fn sigmoid(self) -> Self {
        let e = (-self.abs()).exp();
        let scale = Self::one() / (Self::one() + e);
        self.where_positive(scale, e * scale)
    }

    /// Returns ln(1 + e^x) = max(x, 0) + ln(1 + e^−|x|). It does not overflow for any finite `x`.
    #[inline(always)]
    fn softplus(self) -> Self {
        self.relu() + (-self.abs()).exp().ln_1p()
    }

    /// Returns the positive part of `self`: max(x, 0). A NaN stays a NaN.
    #[inline(always)]
    fn relu(self) -> Self {
        self.where_positive(self, (-self).where_positive(Self::zero(), self))
    }

    /// Returns the magnitude of `self`: |x|. A zero loses its sign, and a NaN stays a NaN.
    #[inline(always)]
    fn abs(self) -> Self {
        self.where_positive(self, (-self).where_positive(-self, self * self))
    }

    /// Returns the larger of two values. Of equal ones it returns `self`. A NaN fails both
    /// comparisons, as equal values do. It is returned, because its square plus 1 is not positive.
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        let tie = (other * other + Self::one()).where_positive(self, other);
        (self - other).where_positive(self, (other - self).where_positive(other, tie))
    }
}

macro_rules! of_the_standard_library {
    ($type:ident: $($method:ident)*) => {$(
        #[inline(always)]
        fn $method(self) -> Self {
            <$type>::$method(self)
        }
    )*};
}

macro_rules! real {
    ($type:ident) => {
        impl Number for $type {
            #[inline(always)]
            fn from_f64(x: f64) -> Self {
                x as $type
            }

            #[inline(always)]
            fn constant(self) -> Self {
                self
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

            of_the_standard_library!($type: sqrt sin cos tanh);
        }
    };
}

real!(f64);
real!(f32);
