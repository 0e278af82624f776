//! The table of element-wise operations: one line makes everything of an operation.
//!
//! A line has the documentation; the name of the method of [`Tape`](crate::Tape), with the constant
//! that it takes and one to test it with; the name of the rule; the value; t · f′, by the left
//! operand and by the right one where there are two; after `where`, where all of that is finite
//! (`true` means everywhere); and its kinks, or `[]`. A kink is a number that is 0 where the
//! derivative jumps, and has another sign on either side.
//!
//! Out of the line come the rule in `elementwise.rs`, the method in `operations.rs`, the domain and
//! the kinks in `kinks.rs`, and the entry of [`Unary::ALL`](crate::Unary::ALL) or
//! [`Binary::ALL`](crate::Binary::ALL). The tests check every entry in its whole domain, to second
//! order, and search it for kinks that the line does not state.

/// Hands the table to the macro `$make`, after what else it is given.
macro_rules! elementwise_table {
    ($make:ident $(, $($with:tt)*)?) => {
        $make! {
            [$($($with)*)?]
            unary {
                /// −a
                neg Neg { |x, y, t| -x, -t, where true, kinks [] }
                /// e^a
                exp Exp { |x, y, t| x.exp(), t * y, where true, kinks [] }
                /// The natural logarithm.
                ln Ln { |x, y, t| x.ln(), t / x, where x > 0.0, kinks [] }
                /// ln(1 + a), accurate for a small a as well.
                ln_1p Ln1p { |x, y, t| x.ln_1p(), t / (T::one() + x), where x > -1.0, kinks [] }
                /// e^a − 1, accurate for a small a as well.
                exp_m1 ExpM1 { |x, y, t| exponential_less_one(x), t * x.exp(), where true, kinks [] }
                /// The square root. Its derivative at 0 is infinite, and becomes a NaN when it is
                /// multiplied by 0, as in the derivative of √(a²).
                sqrt Sqrt { |x, y, t| x.sqrt(), t / (y + y), where x > 0.0, kinks [] }
                /// The sine, of radians.
                sin Sin { |x, y, t| x.sin(), t * x.cos(), where true, kinks [] }
                /// The cosine, of radians.
                cos Cos { |x, y, t| x.cos(), -(t * x.sin()), where true, kinks [] }
                /// The hyperbolic tangent.
                tanh Tanh { |x, y, t| x.tanh(), t * hyperbolic_slope(x, y), where true, kinks [] }
                /// 1 / (1 + e^−a)
                sigmoid Sigmoid { |x, y, t| x.sigmoid(), t * logistic_slope(x, y),
                    where true, kinks [] }
                /// ln(1 + e^a)
                softplus Softplus { |x, y, t| x.softplus(), t * x.sigmoid(), where true, kinks [] }
                /// max(a, 0); the derivative at 0 is 0.
                relu Relu { |x, y, t| x.relu(), x.where_positive(t, T::zero()),
                    where true, kinks [x] }
                /// a where positive, else c a for a constant slope c; the derivative at 0 is c.
                leaky_relu(slope: f64, 0.125) LeakyRelu { |x, y, t|
                    x.where_positive(x, x * T::from_f64(slope)),
                    x.where_positive(t, t * T::from_f64(slope)),
                    where true, kinks [x] }
                /// |a|; the derivative at 0 is 0.
                abs Abs { |x, y, t| x.abs(), x.where_positive(t, (-x).where_positive(-t, T::zero())),
                    where true, kinks [x] }
                /// min(max(a, low), high) for constant bounds (low, high) with low ≤ high; the
                /// derivative is 1 between them, and 0 at them and beyond.
                clamp(bounds: (f64, f64), (-1.5, 1.5)) Clamp { |x, y, t|
                    clamped(x, bounds),
                    where_between(x, bounds, t),
                    where true, kinks [x - T::from_f64(bounds.0), x - T::from_f64(bounds.1)] }
                /// c a for a constant c.
                scale(factor: f64, -1.75) Scale { |x, y, t|
                    x * T::from_f64(factor), t * T::from_f64(factor), where true, kinks [] }
                /// aᵖ for a constant p; a has to be positive.
                powf(p: f64, 1.7) PowF { |x, y, t|
                    (x.ln() * T::from_f64(p)).exp(),
                    t * (T::from_f64(p) * y / x),
                    where x > 0.0, kinks [] }
                /// aⁿ for a constant integer n; a⁰ is 1.
                powi(n: i32, 3) PowI { |x, y, t|
                    x.powi(n),
                    match n {
                        0 => t * T::zero(),
                        _ => t * (T::from_f64(f64::from(n)) * x.powi(n.saturating_sub(1))),
                    },
                    where n >= 0 || x != 0.0, kinks [] }
            }
            binary {
                /// a + b
                add Add { |a, b, y, t| a + b, t, t, where true, kinks [] }
                /// a − b
                sub Sub { |a, b, y, t| a - b, t, -t, where true, kinks [] }
                /// The element-wise product a ∘ b.
                mul Mul { |a, b, y, t| a * b, t * b, t * a, where true, kinks [] }
                /// a / b
                div Div { |a, b, y, t| a / b, t / b, -(t * y / b), where b != 0.0, kinks [] }
                /// The smaller of a and b; a tie gives half of the derivative to each.
                min Min { |a, b, y, t|
                    -(-a).max(-b),
                    shared_by_the_larger(-a, -b, t),
                    shared_by_the_larger(-b, -a, t),
                    where true, kinks [a - b] }
                /// The larger of a and b; a tie gives half of the derivative to each.
                max Max { |a, b, y, t|
                    a.max(b),
                    shared_by_the_larger(a, b, t),
                    shared_by_the_larger(b, a, t),
                    where true, kinks [a - b] }
            }
        }
    };
}
