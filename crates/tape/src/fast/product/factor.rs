//! This module describes the factors of a product, and computes a product by its definition.

use crate::number::Number;

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
