//! This module defines dual numbers, which hold a value and its derivative along one direction.

use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::number::Number;
use crate::rules::elementwise::{BinaryRule, UnaryRule, rule};

/// Holds a value and its directional derivative, v + t ε with ε² = 0.
///
/// Every operation applies the chain rule to the tangent. Duals can be nested: `Dual<Dual<f64>>`
/// carries second derivatives. A [`Tape`](crate::Tape) of duals gives Hessian-vector products
/// (forward over reverse).
///
/// ```
/// use tape::{Dual, Number};
/// let x = Dual { value: 3.0, tangent: 1.0 };
/// let y = x * x.exp(); // d/dx (x e^x) = (1 + x) e^x
/// assert_eq!(y.value, 3.0 * 3f64.exp());
/// assert!((y.tangent - 4.0 * 3f64.exp()).abs() < 1e-12);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dual<S> {
    /// The value.
    pub value: S,
    /// The tangent: the derivative of the value along the direction.
    pub tangent: S,
}

impl<S: Number> Dual<S> {
    /// Makes a constant, whose tangent is 0.
    #[inline(always)]
    pub fn constant(value: S) -> Self {
        Dual { value, tangent: S::zero() }
    }

    /// Applies the chain rule through `rule`, whose value at `self` is `value`.
    #[inline(always)]
    fn through(self, rule: impl UnaryRule, value: S) -> Self {
        Dual { value, tangent: rule.chain(self.value, value, self.tangent) }
    }

    #[inline(always)]
    fn combine(self, other: Self, rule: impl BinaryRule, value: S) -> Self {
        let left = rule.chain_left(self.value, other.value, value, self.tangent);
        let right = rule.chain_right(self.value, other.value, value, other.tangent);
        Dual { value, tangent: left + right }
    }
}

macro_rules! operators {
    ($($rule:ident $method:ident),*) => {$(
        impl<S: Number> $rule for Dual<S> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                self.combine(other, rule::$rule, self.value.$method(other.value))
            }
        }
    )*};
}

operators!(Add add, Sub sub, Mul mul, Div div);

impl<S: Number> Neg for Dual<S> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self.through(rule::Neg, -self.value)
    }
}

macro_rules! functions {
    ($($rule:ident $method:ident),*) => {$(
        #[inline(always)]
        fn $method(self) -> Self {
            self.through(rule::$rule, self.value.$method())
        }
    )*};
}

impl<S: Number> Number for Dual<S> {
    #[inline(always)]
    fn from_f64(x: f64) -> Self {
        Dual::constant(S::from_f64(x))
    }

    #[inline(always)]
    fn constant(self) -> Self {
        Dual::constant(self.value.constant())
    }

    #[inline(always)]
    fn where_positive(self, if_positive: Self, otherwise: Self) -> Self {
        Dual {
            value: self.value.where_positive(if_positive.value, otherwise.value),
            tangent: self.value.where_positive(if_positive.tangent, otherwise.tangent),
        }
    }

    functions! {
        Exp exp, Ln ln, Sqrt sqrt, Sin sin, Cos cos, Tanh tanh,
        Sigmoid sigmoid, Softplus softplus, Relu relu, Abs abs
    }

    #[inline(always)]
    fn powi(self, exponent: i32) -> Self {
        self.through(rule::PowI(exponent), self.value.powi(exponent))
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        self.combine(other, rule::Max, self.value.max(other.value))
    }
}
