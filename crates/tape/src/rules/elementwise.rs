//! Element-wise rules: the value of each function and its chain rule, side by side.
//!
//! `chain(x, y, t)` is t · f′(x), where y = f(x). A scalar function is multiplied by the same
//! number in both directions, so one line serves both: t is a tangent for [`Dual`](crate::Dual)
//! numbers and an adjoint for the reverse sweep. The rules are generic over [`Scalar`], so
//! running one on duals differentiates it again: no second derivative is written anywhere.

use crate::Scalar;

/// A function of one number.
pub(crate) trait Unary: Copy {
    /// f(x)
    fn value<T: Scalar>(self, x: T) -> T;
    /// t · f′(x), with y = f(x)
    fn chain<T: Scalar>(self, x: T, y: T, t: T) -> T;
}

/// A function of two numbers.
pub(crate) trait Binary: Copy {
    /// f(a, b)
    fn value<T: Scalar>(self, a: T, b: T) -> T;
    /// t · ∂f/∂a, with y = f(a, b)
    fn chain_left<T: Scalar>(self, a: T, b: T, y: T, t: T) -> T;
    /// t · ∂f/∂b, with y = f(a, b)
    fn chain_right<T: Scalar>(self, a: T, b: T, y: T, t: T) -> T;
}

/// Declares a unary rule: its name, its value, its chain rule.
macro_rules! unary {
    ($(#[$doc:meta])* $name:ident $(($field:ident: $type:ty))?,
     |$x:ident| $value:expr, |$cx:ident, $y:ident, $t:ident| $chain:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(crate) struct $name $((pub $type))?;

        impl Unary for $name {
            #[inline(always)]
            fn value<T: Scalar>(self, $x: T) -> T {
                $(let $name($field) = self;)?
                $value
            }

            #[inline(always)]
            fn chain<T: Scalar>(self, $cx: T, $y: T, $t: T) -> T {
                let _ = ($cx, $y); // not every rule needs both
                $(let $name($field) = self;)?
                $chain
            }
        }
    };
}

/// Declares a binary rule: its name, its value, its two chain rules.
macro_rules! binary {
    ($(#[$doc:meta])* $name:ident, |$a:ident, $b:ident, $y:ident, $t:ident|
     $value:expr, $left:expr, $right:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(crate) struct $name;

        impl Binary for $name {
            #[inline(always)]
            fn value<T: Scalar>(self, $a: T, $b: T) -> T {
                $value
            }

            #[inline(always)]
            fn chain_left<T: Scalar>(self, $a: T, $b: T, $y: T, $t: T) -> T {
                let _ = ($a, $b, $y); // not every rule needs all
                $left
            }

            #[inline(always)]
            fn chain_right<T: Scalar>(self, $a: T, $b: T, $y: T, $t: T) -> T {
                let _ = ($a, $b, $y);
                $right
            }
        }
    };
}

unary!(/** −x */ Neg, |x| -x, |x, y, t| -t);
unary!(/** e^x */ Exp, |x| x.exp(), |x, y, t| t * y);
unary!(/** ln x */ Ln, |x| x.ln(), |x, y, t| t / x);
unary!(/** √x */ Sqrt, |x| x.sqrt(), |x, y, t| t / (y + y));
unary!(/** sin x */ Sin, |x| x.sin(), |x, y, t| t * x.cos());
unary!(/** cos x */ Cos, |x| x.cos(), |x, y, t| -(t * x.sin()));
unary!(/** tanh x */ Tanh, |x| x.tanh(), |x, y, t| t * (T::one() - y * y));
unary!(/** 1 / (1 + e^−x) */ Sigmoid, |x| x.sigmoid(), |x, y, t| t * (y * (T::one() - y)));
unary!(/** ln(1 + e^x) */ Softplus, |x| x.softplus(), |x, y, t| t * x.sigmoid());
unary!(
    /** x where positive, else 0; derivative 0 at 0 */
    Relu, |x| x.relu(), |x, y, t| x.where_positive(t, T::zero())
);
unary!(
    /** x where positive, else c x for a constant slope c; derivative c at 0 */
    LeakyRelu(slope: f64),
    |x| x.where_positive(x, x * T::from_f64(slope)),
    |x, y, t| x.where_positive(t, t * T::from_f64(slope))
);
unary!(
    /** |x|; derivative 0 at 0 */
    Abs,
    |x| x.abs(),
    |x, y, t| x.where_positive(t, (-x).where_positive(-t, T::zero()))
);
unary!(
    /** c x for a constant c */
    Scale(factor: f64), |x| x * T::from_f64(factor), |x, y, t| t * T::from_f64(factor)
);
unary!(
    /** x^n for a constant integer n */
    PowI(n: i32),
    |x| x.powi(n),
    |x, y, t| match n {
        0 => t * T::zero(),
        _ => t * (T::from_f64(f64::from(n)) * x.powi(n.saturating_sub(1))),
    }
);

binary!(/** a + b */ Add, |a, b, y, t| a + b, t, t);
binary!(/** a − b */ Sub, |a, b, y, t| a - b, t, -t);
binary!(/** a b */ Mul, |a, b, y, t| a * b, t * b, t * a);
binary!(/** a / b */ Div, |a, b, y, t| a / b, t / b, -(t * y / b));
binary!(
    /** the larger of a and b; a tie gives half the derivative to each */
    Max,
    |a, b, y, t| a.max(b),
    shared_by_the_larger(a, b, t),
    shared_by_the_larger(b, a, t)
);

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

/// max(a, b), a NaN staying one: it fails both comparisons, as a tie does, and the mean of equals
/// is exact.
#[inline(always)]
pub(crate) fn larger<T: Scalar>(a: T, b: T) -> T {
    let tie = T::from_f64(0.5) * a + T::from_f64(0.5) * b;
    (a - b).where_positive(a, (b - a).where_positive(b, tie))
}

/// 1 / (1 + e^−x) by way of e^−|x|, which cannot overflow.
#[inline(always)]
pub(crate) fn logistic<T: Scalar>(x: T) -> T {
    let e = (-x.abs()).exp();
    let scale = T::one() / (T::one() + e);
    x.where_positive(scale, e * scale)
}

/// ln(1 + e^x) = max(x, 0) + ln(1 + e^−|x|).
#[inline(always)]
pub(crate) fn soft_rectifier<T: Scalar>(x: T) -> T {
    x.relu() + ln_1p((-x.abs()).exp())
}

/// ln(1 + e) for e in [0, 1] without losing a small e: where u = 1 + e rounds, ln(u) e / (u − 1)
/// cancels the rounding (Kahan); where u rounds to 1, the answer is e.
#[inline(always)]
fn ln_1p<T: Scalar>(e: T) -> T {
    let u = T::one() + e;
    let kept = u - T::one();
    kept.where_positive(u.ln() * e / kept, e)
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

#[cfg(test)]
unary!(/** x² with a wrong derivative */ WrongFirst, |x| x * x, |x, y, t| t * (x + x + x));
#[cfg(test)]
unary!(
    /** x² whose derivative is a constant to the next differentiation */
    WrongSecond,
    |x| x * x,
    |x, y, t| t * T::from_lanes(|i| 2.0 * x.lane(i))
);
