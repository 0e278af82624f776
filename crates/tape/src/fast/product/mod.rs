//! This module computes matrix products, on which the engine spends most of its time.

pub(crate) mod factor;
mod kernel;
mod register;

use super::simd;
use crate::number::Number;
use factor::{Factor, shape};
use register::Register;

/// Computes a product of matrices whose entries are `N` lanes of real numbers. It uses the vector
/// registers of the CPU.
fn in_registers<R: Register + Number, const N: usize>(
    a: Factor<'_, [R; N]>,
    b: Factor<'_, [R; N]>,
    out: &mut [[R; N]],
    accumulate: bool,
) {
    let (_, inner, columns) = shape(&a, &b, out);
    if inner == 0 || columns == 0 {
        if !accumulate {
            out.fill([R::zero(); N]);
        }
        return;
    }
    simd::dispatch(kernel::Product { a, b, out, accumulate });
}

/// Makes a function that computes products of real numbers in lanes. It is not generic, so the
/// kernels are compiled in this crate alone, once for each number of lanes that training uses.
macro_rules! in_lanes {
    ($name:ident, $real:ty, $lanes:ident: $($number:literal)*) => {
        /// The numbers of lanes for which this crate compiles kernels.
        pub(crate) const fn $lanes(lanes: usize) -> bool {
            matches!(lanes, $($number)|*)
        }

        /// Computes a product of matrices whose entries are `lanes` numbers each.
        ///
        /// # Panics
        /// Panics if no kernel is compiled for `lanes`, or the shapes do not fit.
        pub(crate) fn $name(
            a: Factor<'_, $real>,
            b: Factor<'_, $real>,
            out: &mut [$real],
            lanes: usize,
            accumulate: bool,
        ) {
            match lanes {
                $($number => entries::<$real, $number>(a, b, out, accumulate),)*
                _ => panic!("no kernel is compiled for {lanes} lanes"),
            }
        }
    };
}

in_lanes!(in_lanes_f64, f64, compiled_f64: 1 4 8);
in_lanes!(in_lanes_f32, f32, compiled_f32: 1 4 16);

/// Computes a product of matrices whose entries are `N` numbers each.
pub(crate) fn entries<R: Register + Number, const N: usize>(
    a: Factor<'_, R>,
    b: Factor<'_, R>,
    out: &mut [R],
    accumulate: bool,
) {
    let (a, b) = (a.over(a.data.as_chunks().0), b.over(b.data.as_chunks().0));
    in_registers::<R, N>(a, b, out.as_chunks_mut().0, accumulate);
}
