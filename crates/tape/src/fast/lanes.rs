//! This module puts several independent problems into one scalar.

use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::number::Number;

/// Holds `N` independent scalars that go through the same operations, element by element.
///
/// Lanes let small networks fill the vector registers of a CPU. With 20 units and 5 rows, there is
/// nothing to vectorize within one task. But eight tasks can be computed together, one task per
/// lane. No lane ever uses the numbers of another lane.
///
/// ```
/// use tape::{Lanes, Number};
/// let x = Lanes([-1.0, 2.0]);
/// assert_eq!(x.relu(), Lanes([0.0, 2.0])); // each lane takes its own branch
/// ```
#[derive(Clone, Copy, Debug, PartialEq, bytemuck::TransparentWrapper)]
#[repr(transparent)]
pub struct Lanes<S, const N: usize>(pub [S; N]);

/// Makes one value for each lane. It uses a plain loop, because the standard library builds an
/// array with calls that are not always inlined. A call would end the vector code.
#[inline(always)]
pub(super) fn lanes<S: Number, const N: usize>(mut lane: impl FnMut(usize) -> S) -> Lanes<S, N> {
    let mut lanes = [S::zero(); N];
    for (i, slot) in lanes.iter_mut().enumerate() {
        *slot = lane(i);
    }
    Lanes(lanes)
}

macro_rules! lanewise {
    ($($trait:ident :: $method:ident),*) => {$(
        impl<S: Number, const N: usize> $trait for Lanes<S, N> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                lanes(|i| self.0[i].$method(other.0[i]))
            }
        }
    )*};
}

lanewise!(Add::add, Sub::sub, Mul::mul, Div::div);

impl<S: Number, const N: usize> Neg for Lanes<S, N> {
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

impl<S: Number, const N: usize> Number for Lanes<S, N> {
    #[inline(always)]
    fn from_f64(x: f64) -> Self {
        Lanes([S::from_f64(x); N])
    }

    #[inline(always)]
    fn constant(self) -> Self {
        lanes(|i| self.0[i].constant())
    }

    #[inline(always)]
    fn where_positive(self, if_positive: Self, otherwise: Self) -> Self {
        lanes(|i| self.0[i].where_positive(if_positive.0[i], otherwise.0[i]))
    }

    each_lane!(exp, ln, sqrt, sin, cos, tanh, ln_1p, sigmoid, softplus, relu, abs);

    #[inline(always)]
    fn powi(self, exponent: i32) -> Self {
        lanes(|i| self.0[i].powi(exponent))
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        lanes(|i| self.0[i].max(other.0[i]))
    }
}
