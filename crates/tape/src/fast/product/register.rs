//! This module provides vector registers of real numbers in the same way on every CPU.

use bytemuck::Pod;
use pulp::Simd;

/// Returns the number of entries of a register. It is a constant for each instruction set.
#[inline(always)]
pub const fn width<R: Register, S: Simd>() -> usize {
    size_of::<R::Of<S>>() / size_of::<R>()
}

/// Marks a real number type that has vector registers.
///
/// The width of a register is known only inside a function that was dispatched to an instruction
/// set. Therefore the functions take the `simd` token or its type `S`.
pub trait Register: Pod {
    /// The type of a register of these numbers.
    type Of<S: Simd>: Copy;

    /// Loads the first `width` entries of `entries`.
    fn load<S: Simd>(simd: S, entries: &[Self]) -> Self::Of<S>;

    /// Returns `entries` as registers. The entries at the end that do not fill a register are left
    /// out.
    fn registers<S: Simd>(entries: &[Self]) -> &[Self::Of<S>];

    /// Loads all of `entries`, at most `width`, and fills the rest of the register with zeros.
    fn load_some<S: Simd>(simd: S, entries: &[Self]) -> Self::Of<S>;

    /// Fills a register with `entries`, repeated as often as necessary.
    fn repeat<S: Simd, const N: usize>(simd: S, entries: &[Self; N]) -> Self::Of<S>;

    /// Writes the register to the first `width` entries.
    fn store<S: Simd>(simd: S, entries: &mut [Self], register: Self::Of<S>);

    /// Writes the first numbers of the register to all of `entries`, at most `width`.
    fn store_some<S: Simd>(simd: S, entries: &mut [Self], register: Self::Of<S>);

    /// Fills a register with copies of `x`.
    fn splat<S: Simd>(simd: S, x: Self) -> Self::Of<S>;

    /// Returns `N` sums. Each one adds every `N`th entry of the register.
    fn fold<S: Simd, const N: usize>(simd: S, register: Self::Of<S>) -> [Self; N];

    /// Returns a b + c. It is rounded only once if the CPU can do that.
    fn mul_add<S: Simd>(simd: S, a: Self::Of<S>, b: Self::Of<S>, c: Self::Of<S>) -> Self::Of<S>;
}

macro_rules! register {
    ($real:ty, $of:ident, $width:ident, $splat:ident, $mul_add:ident, $load_some:ident,
     $store_some:ident, $split:ident, $split_mut:ident, $sum:ident) => {
        impl Register for $real {
            type Of<S: Simd> = S::$of;

            #[inline(always)]
            fn load<S: Simd>(_: S, entries: &[Self]) -> S::$of {
                S::$split(&entries[..S::$width]).0[0]
            }

            #[inline(always)]
            fn registers<S: Simd>(entries: &[Self]) -> &[S::$of] {
                S::$split(entries).0
            }

            #[inline(always)]
            fn load_some<S: Simd>(simd: S, entries: &[Self]) -> S::$of {
                simd.$load_some(entries)
            }

            #[inline(always)]
            fn repeat<S: Simd, const N: usize>(simd: S, entries: &[Self; N]) -> S::$of {
                if N == 1 {
                    return simd.$splat(entries[0]);
                }
                let mut register = simd.$splat(0.0);
                let lanes: &mut [Self] =
                    bytemuck::cast_slice_mut(std::slice::from_mut(&mut register));
                for (lane, slot) in lanes.iter_mut().enumerate() {
                    *slot = entries[lane % N];
                }
                register
            }

            #[inline(always)]
            fn store<S: Simd>(_: S, entries: &mut [Self], register: S::$of) {
                S::$split_mut(&mut entries[..S::$width]).0[0] = register;
            }

            #[inline(always)]
            fn store_some<S: Simd>(simd: S, entries: &mut [Self], register: S::$of) {
                simd.$store_some(entries, register);
            }

            #[inline(always)]
            fn splat<S: Simd>(simd: S, x: Self) -> S::$of {
                simd.$splat(x)
            }

            #[inline(always)]
            fn fold<S: Simd, const N: usize>(simd: S, register: S::$of) -> [Self; N] {
                if N == 1 {
                    return [simd.$sum(register); N];
                }
                let entries: &[Self] = bytemuck::cast_slice(std::slice::from_ref(&register));
                let terms = entries.as_chunks::<N>().0;
                let mut sums = terms[0];
                for term in &terms[1..] {
                    for lane in 0..N {
                        sums[lane] += term[lane];
                    }
                }
                sums
            }

            #[inline(always)]
            fn mul_add<S: Simd>(simd: S, a: S::$of, b: S::$of, c: S::$of) -> S::$of {
                simd.$mul_add(a, b, c)
            }
        }
    };
}

register!(
    f64,
    f64s,
    F64_LANES,
    splat_f64s,
    mul_add_e_f64s,
    partial_load_f64s,
    partial_store_f64s,
    as_simd_f64s,
    as_mut_simd_f64s,
    reduce_sum_f64s
);
register!(
    f32,
    f32s,
    F32_LANES,
    splat_f32s,
    mul_add_e_f32s,
    partial_load_f32s,
    partial_store_f32s,
    as_simd_f32s,
    as_mut_simd_f32s,
    reduce_sum_f32s
);
