//! Element-wise rules: the value of each function and its chain rule, side by side.
//!
//! `chain(x, y, t)` is t · f′(x), where y = f(x). A scalar function is multiplied by the same
//! number in both directions, so one line serves both: t is a tangent for [`Dual`](crate::Dual)
//! numbers and an adjoint for the reverse sweep. The rules are generic over [`Number`], so
//! running one on duals differentiates it again: no second derivative is written anywhere.
//!
//! All of them are lines of the table in `table.rs`.

use crate::number::Number;

/// A function of one number.
pub(crate) trait UnaryRule: Copy {
    /// f(x)
    fn value<T: Number>(self, x: T) -> T;
    /// t · f′(x), with y = f(x)
    fn chain<T: Number>(self, x: T, y: T, t: T) -> T;
}

/// A function of two numbers.
pub(crate) trait BinaryRule: Copy {
    /// f(a, b)
    fn value<T: Number>(self, a: T, b: T) -> T;
    /// t · ∂f/∂a, with y = f(a, b)
    fn chain_left<T: Number>(self, a: T, b: T, y: T, t: T) -> T;
    /// t · ∂f/∂b, with y = f(a, b)
    fn chain_right<T: Number>(self, a: T, b: T, y: T, t: T) -> T;
}

/// Makes the rules of the table.
macro_rules! rules {
    (
        []
        unary {$(
            $(#[$doc:meta])*
            $method:ident $(($field:ident: $type:ty, $sample:expr))? $name:ident {
                |$x:ident, $y:ident, $t:ident| $value:expr, $chain:expr,
                where $domain:expr, kinks $kinks:tt
            }
        )*}
        binary {$(
            $(#[$bdoc:meta])*
            $bmethod:ident $bname:ident {
                |$a:ident, $b:ident, $by:ident, $bt:ident| $bvalue:expr, $left:expr, $right:expr,
                where $bdomain:expr, kinks $bkinks:tt
            }
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
                    fn value<T: Number>(self, $x: T) -> T {
                        $(let $name($field) = self;)?
                        $value
                    }

                    #[inline(always)]
                    fn chain<T: Number>(self, $x: T, $y: T, $t: T) -> T {
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
                    fn value<T: Number>(self, $a: T, $b: T) -> T {
                        $bvalue
                    }

                    #[inline(always)]
                    fn chain_left<T: Number>(self, $a: T, $b: T, $by: T, $bt: T) -> T {
                        let _ = ($a, $b, $by); // not every rule needs all
                        $left
                    }

                    #[inline(always)]
                    fn chain_right<T: Number>(self, $a: T, $b: T, $by: T, $bt: T) -> T {
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
fn shared_by_the_larger<T: Number>(own: T, other: T, t: T) -> T {
    let tie = t * T::from_f64(0.5);
    (own - other).where_positive(t, (other - own).where_positive(T::zero(), tie))
}

/// min(max(x, low), high), a NaN staying one. It is a constant where it is a bound.
#[inline(always)]
fn clamped<T: Number>(x: T, (low, high): (f64, f64)) -> T {
    let (low, high) = (T::from_f64(low), T::from_f64(high));
    let from_below = (low - x).where_positive(low, x.constant()); // x is low here, or a NaN
    (x - low).where_positive((high - x).where_positive(x, high), from_below)
}

/// t where low < x < high, else 0.
#[inline(always)]
fn where_between<T: Number>(x: T, (low, high): (f64, f64), t: T) -> T {
    let below = (T::from_f64(high) - x).where_positive(t, T::zero());
    (x - T::from_f64(low)).where_positive(below, T::zero())
}

/// e^x − 1 = 2 tanh(x / 2) / (1 − tanh(x / 2)), which cancels nowhere below x = 1. From there on
/// the difference itself loses less than a digit.
#[inline(always)]
fn exponential_less_one<T: Number>(x: T) -> T {
    let half = (x * T::from_f64(0.5)).tanh();
    (x - T::one()).where_positive(x.exp() - T::one(), (half + half) / (T::one() - half))
}

/// σ′(x) = y (1 − y) with y = σ(x). The factor 1 − y = σ(−x) cancels where y is near 1, and is
/// computed as e^−x y there.
#[inline(always)]
fn logistic_slope<T: Number>(x: T, y: T) -> T {
    y * x.where_positive((-x).exp() * y, T::one() - y)
}

/// tanh′(x) = 1 − y² with y = tanh x. It cancels where |y| is near 1, and is computed as
/// e^−2|x| (1 + |y|)² there.
#[inline(always)]
fn hyperbolic_slope<T: Number>(x: T, y: T) -> T {
    let size = x.abs();
    let tail = T::one() + y.abs();
    let tail = (-(size + size)).exp() * (tail * tail);
    (size - T::one()).where_positive(tail, T::one() - y * y)
}
