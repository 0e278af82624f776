//! This module computes e^x and ln x without a branch or a call, so that a loop over lanes becomes
//! vector code.
//!
//! The standard library's functions are calls that take one number at a time. The functions here
//! are fixed sequences of arithmetic, bit operations and selections. They use no fused
//! multiply-add, so they give the same bits on every CPU. Both are accurate to 2 units in the last
//! place.
//!
//! For e^x, let n be the integer nearest to x / ln 2, and let r = x − n ln 2. Then |r| ≤ ½ ln 2 and
//! e^x = 2ⁿ e^r. The factor e^r is computed by its Taylor polynomial.
//!
//! For ln x, let x = 2ⁿ m with √½ ≤ m < √2. Let f = m − 1 and s = f / (2 + f). Then ln x = n ln 2 +
//! 2 artanh s, and 2 artanh s = f − s (f − R) with R = 2 (s²/3 + s⁴/5 + …). This form starts from
//! f, which is exact.

macro_rules! elementary {
    ($real:ident, $bits:ident, mantissa: $mantissa:literal, bias: $bias:literal,
     exp: $highest:expr, $lowest:expr, $taylor:literal, ln: $series:literal,
     ln2: $ln2_high:expr) => {
        pub(crate) mod $real {
            use std::$real::consts::LOG2_E;

            /// The first of two parts of ln 2. Its product with any exponent n is exact.
            const LN_2_HIGH: $real = $ln2_high;
            const LN_2_LOW: $real = (std::f64::consts::LN_2 - LN_2_HIGH as f64) as $real + LOST;
            /// The part of ln 2 − LN_2_HIGH that `f64` cannot represent.
            const LOST: $real = 2.3190468138462996e-17_f64 as $real;
            /// Adding this number rounds to an integer. The low bits of the sum then hold this
            /// integer.
            const ROUNDER: $real = 1.5 * (1u64 << $mantissa) as $real;
            /// The inverse factorials 1 / k!.
            const INVERSE_FACTORIALS: [$real; $taylor + 1] = {
                let mut inverse = [1.0; $taylor + 1];
                let (mut k, mut factorial) = (1, 1.0f64);
                while k <= $taylor {
                    factorial *= k as f64;
                    inverse[k] = (1.0 / factorial) as $real;
                    k += 1;
                }
                inverse
            };

            #[inline(always)]
            pub fn exp(x: $real) -> $real {
                // Beyond these limits the result is 0 or infinity. A NaN passes through.
                let x = if x > $highest { $highest } else { x };
                let x = if x < $lowest { $lowest } else { x };
                let rounded = x * LOG2_E + ROUNDER;
                let n = rounded - ROUNDER;
                let r = (x - n * LN_2_HIGH) - n * LN_2_LOW;
                // The even and the odd powers form two chains, which the CPU computes at the same
                // time.
                let z = r * r;
                let mut even = INVERSE_FACTORIALS[$taylor - 1];
                let mut odd = INVERSE_FACTORIALS[$taylor];
                for k in (1..$taylor / 2).rev() {
                    even = even * z + INVERSE_FACTORIALS[2 * k];
                    odd = odd * z + INVERSE_FACTORIALS[2 * k + 1];
                }
                let e_r = 1.0 + (r + z * (even + r * odd));
                // The factor 2ⁿ is split into two, so that neither of them leaves the range of
                // exponents.
                let n = (rounded.to_bits() as $bits).wrapping_sub(ROUNDER.to_bits() as $bits);
                let half = n >> 1;
                e_r * power_of_2(half) * power_of_2(n.wrapping_sub(half))
            }

            /// Returns 2ⁿ, where n is the exponent of a normal number.
            #[inline(always)]
            fn power_of_2(n: $bits) -> $real {
                $real::from_bits((n.wrapping_add($bias) << $mantissa) as _)
            }

            #[inline(always)]
            pub fn ln(x: $real) -> $real {
                // Subnormal numbers are first scaled to normal numbers.
                let tiny = x < $real::MIN_POSITIVE;
                let scale = (1u64 << $mantissa) as $real;
                let (scaled, lowered) =
                    if tiny { (x * scale, $mantissa as $real) } else { (x, 0.0) };
                // The number is split into an exponent and a mantissa in [√½, √2).
                const SQRT_HALF: $bits = std::$real::consts::FRAC_1_SQRT_2.to_bits() as $bits;
                let bits = scaled.to_bits() as $bits;
                let exponent = bits.wrapping_sub(SQRT_HALF) >> $mantissa;
                let m = $real::from_bits(bits.wrapping_sub(exponent << $mantissa) as _);
                let n = integer(exponent) - lowered;
                let f = m - 1.0;
                let s = f / (2.0 + f);
                let z = s * s;
                let w = z * z;
                let term = |k: usize| 2.0 / (2 * k + 1) as $real;
                let (mut odd, mut even) = (term($series), 0.0);
                for k in (1..=$series / 2).rev() {
                    odd = odd * w + term(2 * k - 1);
                    even = even * w + term(2 * k);
                }
                let sum = odd + z * even;
                let ln = n * LN_2_HIGH + (f - (s * (f - z * sum) - n * LN_2_LOW));
                // The edge cases are ln 0 = −∞ and ln ∞ = ∞. The logarithm of a negative number is
                // NaN.
                let ln = if x > 0.0 { ln } else { $real::NAN };
                let ln = if x == 0.0 { -$real::INFINITY } else { ln };
                if x == $real::INFINITY { x } else { ln }
            }

            /// Converts a small integer to a real number by way of the low bits of `ROUNDER`.
            #[inline(always)]
            fn integer(n: $bits) -> $real {
                $real::from_bits((ROUNDER.to_bits() as $bits).wrapping_add(n) as _) - ROUNDER
            }
        }
    };
}

elementary!(f64, i64, mantissa: 52, bias: 1023, exp: 710.0, -746.0, 13, ln: 11,
            ln2: f64::from_bits(std::f64::consts::LN_2.to_bits() & !0x7ff_ffff));
elementary!(f32, i32, mantissa: 23, bias: 127, exp: 89.0, -104.0, 7, ln: 5,
            ln2: f32::from_bits(std::f32::consts::LN_2.to_bits() & !0xfff));

#[cfg(test)]
mod tests {
    /// Returns the distance to the expected value, in units in the last place of that value.
    fn ulps(got: f64, expected: f64) -> f64 {
        let unit = f64::from_bits(expected.abs().to_bits() + 1) - expected.abs();
        (got - expected).abs() / unit
    }

    #[test]
    fn within_two_units_of_the_standard_library() {
        for i in -200_000..200_000 {
            let x = f64::from(i) * 0.0035 + 1e-9;
            let expected = x.exp();
            if expected.is_normal() {
                assert!(ulps(super::f64::exp(x), expected) <= 2.0, "exp({x})");
            }
            let x = (f64::from(i) * 0.0035).exp() * (1.0 + f64::from(i).abs() * 1e-7);
            if x.is_normal() {
                assert!(ulps(super::f64::ln(x), x.ln()) <= 2.0, "ln({x})");
            }
            let x = f64::from(i) * 4e-4;
            let (got, expected) = (super::f32::exp(x as f32), f64::from(x as f32).exp());
            let error = (f64::from(got) / expected - 1.0).abs();
            assert!(
                expected as f32 == 0.0 || !(expected as f32).is_normal() || error < 2.4e-7,
                "exp({x})"
            );
            let x = (f64::from(i) * 4e-4).exp() as f32;
            let (got, expected) = (super::f32::ln(x), f64::from(x).ln());
            let error = (f64::from(got) - expected).abs();
            assert!(!x.is_normal() || error <= 2.4e-7 * expected.abs(), "ln({x}): {error}");
        }
    }

    #[test]
    fn at_the_edges() {
        let (inf, nan) = (f64::INFINITY, f64::NAN);
        for (x, expected) in [
            (0.0, 1.0),
            (-0.0, 1.0),
            (inf, inf),
            (-inf, 0.0),
            (710.0, inf),
            (-746.0, 0.0),
            (1e300, inf),
            (-1e300, 0.0),
            (1e-300, 1.0),
            (709.7, 709.7f64.exp()),
            (-740.0, (-740.0f64).exp()),
        ] {
            assert_eq!(super::f64::exp(x), expected, "exp({x})");
        }
        for (x, expected) in [
            (1.0, 0.0),
            (0.0, -inf),
            (-0.0, -inf),
            (inf, inf),
            (5e-324, (5e-324f64).ln()),
            (f64::MAX, f64::MAX.ln()),
            (1e-310, (1e-310f64).ln()),
        ] {
            assert_eq!(super::f64::ln(x), expected, "ln({x})");
        }
        assert!(
            super::f64::exp(nan).is_nan()
                && super::f64::ln(nan).is_nan()
                && super::f64::ln(-1.0).is_nan()
        );
        assert_eq!(
            (super::f32::exp(100.0), super::f32::exp(-110.0), super::f32::exp(0.0)),
            (f32::INFINITY, 0.0, 1.0)
        );
        assert_eq!((super::f32::ln(1.0), super::f32::ln(0.0)), (0.0, -f32::INFINITY));
        assert!(super::f32::exp(f32::NAN).is_nan() && super::f32::ln(-1.0).is_nan());
    }
}
