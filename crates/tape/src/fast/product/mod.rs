//! This module computes matrix products, on which the engine spends most of its time.

mod kernel;
mod register;

use super::simd;
use crate::number::Number;
use register::Register;

/// Describes a matrix that enters a product. It borrows a row-major buffer, which may hold the
/// transpose of the matrix.
#[derive(Clone, Copy, Debug)]
pub struct Factor<'a, S> {
    /// The entries, in the order in which they are stored.
    pub data: &'a [S],
    /// The number of rows of the factor as it enters the product.
    pub rows: usize,
    /// The number of columns of the factor as it enters the product.
    pub columns: usize,
    /// Whether `data` holds the transpose, row-major (`columns` rows of `rows` entries).
    pub transposed: bool,
}

impl<'a, S> Factor<'a, S> {
    /// Returns the same factor with another view of its entries.
    #[inline(always)]
    pub(crate) fn over<T>(self, data: &[T]) -> Factor<'_, T> {
        Factor { data, rows: self.rows, columns: self.columns, transposed: self.transposed }
    }

    /// Makes a factor from a row-major `(rows, columns)` matrix, without a transposition.
    #[inline(always)]
    pub fn new(data: &'a [S], rows: usize, columns: usize) -> Self {
        Factor { data, rows, columns, transposed: false }
    }

    /// Returns the transposed factor. It has the same entries in the same storage.
    #[inline(always)]
    pub fn transpose(self) -> Self {
        Factor { rows: self.columns, columns: self.rows, transposed: !self.transposed, ..self }
    }

    /// Returns two distances in storage: between neighbors in a column, and between neighbors in a
    /// row.
    #[inline(always)]
    pub fn strides(&self) -> (usize, usize) {
        if self.transposed { (1, self.rows) } else { (self.columns, 1) }
    }
}

/// Checks that the shapes fit. Returns (rows, inner, columns).
pub(crate) fn shape<S>(a: &Factor<'_, S>, b: &Factor<'_, S>, out: &[S]) -> (usize, usize, usize) {
    assert!(
        a.columns == b.rows && out.len() == a.rows * b.columns,
        "a product of ({}, {}) and ({}, {}) into {} entries",
        a.rows,
        a.columns,
        b.rows,
        b.columns,
        out.len()
    );
    (a.rows, a.columns, b.columns)
}

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
/// kernels are compiled in this crate alone, once for each number of lanes in [`compiled`].
macro_rules! in_lanes {
    ($name:ident, $real:ty) => {
        /// Computes a product of matrices whose entries are `lanes` numbers each.
        ///
        /// # Panics
        /// Panics if the kernels are not [`compiled`] for `lanes`, or the shapes do not fit.
        pub(crate) fn $name(
            a: Factor<'_, $real>,
            b: Factor<'_, $real>,
            out: &mut [$real],
            lanes: usize,
            accumulate: bool,
        ) {
            match lanes {
                1 => entries::<$real, 1>(a, b, out, accumulate),
                2 => entries::<$real, 2>(a, b, out, accumulate),
                4 => entries::<$real, 4>(a, b, out, accumulate),
                8 => entries::<$real, 8>(a, b, out, accumulate),
                16 => entries::<$real, 16>(a, b, out, accumulate),
                _ => panic!("no kernel is compiled for {lanes} lanes"),
            }
        }
    };
}

in_lanes!(in_lanes_f64, f64);
in_lanes!(in_lanes_f32, f32);

/// Returns whether this crate compiles the kernels for this number of lanes.
pub(crate) const fn compiled(lanes: usize) -> bool {
    matches!(lanes, 1 | 2 | 4 | 8 | 16)
}

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

/// Computes the product by its definition, for any scalar. Every faster kernel is tested against
/// it.
pub(crate) fn reference<S: Number>(
    a: Factor<'_, S>,
    b: Factor<'_, S>,
    out: &mut [S],
    accumulate: bool,
) {
    let (_, inner, columns) = shape(&a, &b, out);
    let (a_down, a_right) = a.strides();
    let (b_down, b_right) = b.strides();
    for (i, row) in out.chunks_exact_mut(columns.max(1)).enumerate() {
        for (j, entry) in row.iter_mut().enumerate() {
            let mut sum = if accumulate { *entry } else { S::zero() };
            for p in 0..inner {
                sum = sum + a.data[i * a_down + p * a_right] * b.data[p * b_down + j * b_right];
            }
            *entry = sum;
        }
    }
}
