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

impl<S: Number> Add for Dual<S> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.combine(other, rule::Add, self.value + other.value)
    }
}

impl<S: Number> Sub for Dual<S> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.combine(other, rule::Sub, self.value - other.value)
    }
}

impl<S: Number> Mul for Dual<S> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.combine(other, rule::Mul, self.value * other.value)
    }
}

impl<S: Number> Div for Dual<S> {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        self.combine(other, rule::Div, self.value / other.value)
    }
}

impl<S: Number> Neg for Dual<S> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self.through(rule::Neg, -self.value)
    }
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

    #[inline(always)]
    fn exp(self) -> Self {
        self.through(rule::Exp, self.value.exp())
    }

    #[inline(always)]
    fn ln(self) -> Self {
        self.through(rule::Ln, self.value.ln())
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        self.through(rule::Sqrt, self.value.sqrt())
    }

    #[inline(always)]
    fn sin(self) -> Self {
        self.through(rule::Sin, self.value.sin())
    }

    #[inline(always)]
    fn cos(self) -> Self {
        self.through(rule::Cos, self.value.cos())
    }

    #[inline(always)]
    fn tanh(self) -> Self {
        self.through(rule::Tanh, self.value.tanh())
    }

    #[inline(always)]
    fn powi(self, exponent: i32) -> Self {
        self.through(rule::PowI(exponent), self.value.powi(exponent))
    }

    #[inline(always)]
    fn sigmoid(self) -> Self {
        self.through(rule::Sigmoid, self.value.sigmoid())
    }

    #[inline(always)]
    fn softplus(self) -> Self {
        self.through(rule::Softplus, self.value.softplus())
    }

    #[inline(always)]
    fn relu(self) -> Self {
        self.through(rule::Relu, self.value.relu())
    }

    #[inline(always)]
    fn abs(self) -> Self {
        self.through(rule::Abs, self.value.abs())
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        self.combine(other, rule::Max, self.value.max(other.value))
    }
}
