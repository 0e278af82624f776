//! Element-wise rules: the value of each function and its chain rule, side by side.
//!
//! `chain(x, y, t)` is t · f′(x), where y = f(x). A scalar function is multiplied by the same
//! number in both directions, so one line serves both: t is a tangent for [`Dual`](crate::Dual)
//! numbers and an adjoint for the reverse sweep. The rules are generic over [`Scalar`], so
//! running one on duals differentiates it again: no second derivative is written anywhere.
//!
//! All of them are lines of the table in `table.rs`.

use crate::Scalar;

/// A function of one number.
pub(crate) trait UnaryRule: Copy {
    /// f(x)
    fn value<T: Scalar>(self, x: T) -> T;
    /// t · f′(x), with y = f(x)
    fn chain<T: Scalar>(self, x: T, y: T, t: T) -> T;
}

/// A function of two numbers.
pub(crate) trait BinaryRule: Copy {
    /// f(a, b)
    fn value<T: Scalar>(self, a: T, b: T) -> T;
    /// t · ∂f/∂a, with y = f(a, b)
    fn chain_left<T: Scalar>(self, a: T, b: T, y: T, t: T) -> T;
    /// t · ∂f/∂b, with y = f(a, b)
    fn chain_right<T: Scalar>(self, a: T, b: T, y: T, t: T) -> T;
}

/// Makes the rules of the table.
macro_rules! rules {
    (
        []
        unary {$(
            $(#[$doc:meta])*
            $method:ident $(($field:ident: $type:ty, $sample:expr))? $name:ident,
            |$x:ident, $y:ident, $t:ident| $value:expr, $chain:expr;
        )*}
        binary {$(
            $(#[$bdoc:meta])*
            $bmethod:ident $bname:ident,
            |$a:ident, $b:ident, $by:ident, $bt:ident| $bvalue:expr, $left:expr, $right:expr;
        )*}
    ) => {
        /// A function of one number, applied to each entry.
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub enum Unary {
            $($(#[$doc])* $name $(($type))?,)*
        }

        /// A function of two numbers, applied to each pair of entries.
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub enum Binary {
            $($(#[$bdoc])* $bname,)*
        }

        impl Unary {
            /// Every one of them, with a constant where it has one.
            pub const ALL: &[Unary] = &[$(Unary::$name $(($sample))?,)*];
        }

        impl Binary {
            /// Every one of them.
            pub const ALL: &[Binary] = &[$(Binary::$bname,)*];
        }

        /// The rules, a type each, so that every loop is compiled for one function.
        pub(crate) mod rule {
            use super::*;

            $(
                #[derive(Clone, Copy)]
                pub(crate) struct $name $((pub $type))?;

                impl UnaryRule for $name {
                    #[inline(always)]
                    fn value<T: Scalar>(self, $x: T) -> T {
                        $(let $name($field) = self;)?
                        $value
                    }

                    #[inline(always)]
                    fn chain<T: Scalar>(self, $x: T, $y: T, $t: T) -> T {
                        let _ = ($x, $y); // not every rule needs both
                        $(let $name($field) = self;)?
                        $chain
                    }
                }
            )*

            $(
                #[derive(Clone, Copy)]
                pub(crate) struct $bname;

                impl BinaryRule for $bname {
                    #[inline(always)]
                    fn value<T: Scalar>(self, $a: T, $b: T) -> T {
                        $bvalue
                    }

                    #[inline(always)]
                    fn chain_left<T: Scalar>(self, $a: T, $b: T, $by: T, $bt: T) -> T {
                        let _ = ($a, $b, $by); // not every rule needs all
                        $left
                    }

                    #[inline(always)]
                    fn chain_right<T: Scalar>(self, $a: T, $b: T, $by: T, $bt: T) -> T {
                        let _ = ($a, $b, $by);
                        $right
                    }
                }
            )*
        }
    };
}

elementwise_table!(rules);

/// t where `own > other`, 0 where it is smaller, t / 2 on a tie.
#[inline(always)]
fn shared_by_the_larger<T: Scalar>(own: T, other: T, t: T) -> T {
    let tie = t * T::from_f64(0.5);
    (own - other).where_positive(t, (other - own).where_positive(T::zero(), tie))
}

/// max(x, 0), a NaN staying one.
#[inline(always)]
pub(crate) fn rectifier<T: Scalar>(x: T) -> T {
    x.where_positive(x, (-x).where_positive(T::zero(), x))
}

/// |x|, a zero losing its sign and a NaN staying one.
#[inline(always)]
pub(crate) fn magnitude<T: Scalar>(x: T) -> T {
    x.where_positive(x, (-x).where_positive(-x, x * x))
}

/// max(a, b), a NaN staying one: it fails both comparisons, as a tie does. Of equals it takes a,
/// but of a number and a NaN the NaN, whose square plus 1 is not positive.
#[inline(always)]
pub(crate) fn larger<T: Scalar>(a: T, b: T) -> T {
    let tie = (b * b + T::one()).where_positive(a, b);
    (a - b).where_positive(a, (b - a).where_positive(b, tie))
}

/// The number itself without any tangent: a constant.
#[inline(always)]
pub(crate) fn constant<T: Scalar>(x: T) -> T {
    T::from_lanes(|lane| x.lane(lane))
}

/// min(max(x, low), high), a NaN staying one. It is a constant where it is a bound.
#[inline(always)]
fn clamped<T: Scalar>(x: T, (low, high): (f64, f64)) -> T {
    let (low, high) = (T::from_f64(low), T::from_f64(high));
    let from_below = (low - x).where_positive(low, constant(x)); // x is low here, or a NaN
    (x - low).where_positive((high - x).where_positive(x, high), from_below)
}

/// t where low < x < high, else 0.
#[inline(always)]
fn where_between<T: Scalar>(x: T, (low, high): (f64, f64), t: T) -> T {
    let below = (T::from_f64(high) - x).where_positive(t, T::zero());
    (x - T::from_f64(low)).where_positive(below, T::zero())
}

/// ln(1 + x). Where u = 1 + x rounds, it loses r = x − (u − 1), which is exact, and
/// ln(u + r) = ln u + r / u up to the square of a rounding. Unlike a quotient by u − 1, the sum
/// stays accurate when it is differentiated. From |x| = 1 on no digit of x is lost that matters.
#[inline(always)]
pub(crate) fn log_of_one_plus<T: Scalar>(x: T) -> T {
    let u = T::one() + x;
    let lost = x - (u - T::one());
    u.ln() + (T::one() - x * x).where_positive(lost / u, T::zero())
}

/// e^x − 1 = 2 tanh(x / 2) / (1 − tanh(x / 2)), which cancels nowhere below x = 1. From there on
/// the difference itself loses less than a digit.
#[inline(always)]
fn exponential_less_one<T: Scalar>(x: T) -> T {
    let half = (x * T::from_f64(0.5)).tanh();
    (x - T::one()).where_positive(x.exp() - T::one(), (half + half) / (T::one() - half))
}

/// 1 / (1 + e^−x) by way of e^−|x|, which cannot overflow.
#[inline(always)]
pub(crate) fn logistic<T: Scalar>(x: T) -> T {
    let e = (-x.abs()).exp();
    let scale = T::one() / (T::one() + e);
    x.where_positive(scale, e * scale)
}

/// σ′(x) = y (1 − y) with y = σ(x). The factor 1 − y = σ(−x) cancels where y is near 1, and is
/// computed as e^−x y there.
#[inline(always)]
fn logistic_slope<T: Scalar>(x: T, y: T) -> T {
    y * x.where_positive((-x).exp() * y, T::one() - y)
}

/// tanh′(x) = 1 − y² with y = tanh x. It cancels where |y| is near 1, and is computed as
/// e^−2|x| (1 + |y|)² there.
#[inline(always)]
fn hyperbolic_slope<T: Scalar>(x: T, y: T) -> T {
    let size = x.abs();
    let tail = T::one() + y.abs();
    let tail = (-(size + size)).exp() * (tail * tail);
    (size - T::one()).where_positive(tail, T::one() - y * y)
}

/// ln(1 + e^x) = max(x, 0) + ln(1 + e^−|x|).
#[inline(always)]
pub(crate) fn soft_rectifier<T: Scalar>(x: T) -> T {
    x.relu() + log_of_one_plus((-x.abs()).exp())
}

/// x^n by repeated squaring.
#[inline(always)]
pub(crate) fn integer_power<T: Scalar>(x: T, n: i32) -> T {
    let mut power = T::one();
    let mut square = x;
    let mut bits = n.unsigned_abs();
    while bits > 0 {
        if bits & 1 == 1 {
            power = power * square;
        }
        bits >>= 1;
        if bits > 0 {
            square = square * square;
        }
    }
    if n < 0 { T::one() / power } else { power }
}
