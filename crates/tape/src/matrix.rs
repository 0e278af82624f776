//! This module defines a dense matrix, for data that enters or leaves the tape.

use std::ops::{Index, IndexMut};

/// Holds a dense row-major matrix.
///
/// ```
/// use tape::Matrix;
/// let m = Matrix::from_rows(&[[1.0, 2.0], [3.0, 4.0]]);
/// assert_eq!(m[(1, 0)], 3.0);
/// assert_eq!(m.shape(), (2, 2));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix<S> {
    rows: usize,
    columns: usize,
    data: Vec<S>,
}

impl<S: Copy> Matrix<S> {
    /// Makes a `(rows, columns)` matrix from row-major `data`.
    ///
    /// # Panics
    /// Panics if `data` does not hold `rows * columns` entries.
    pub fn new(rows: usize, columns: usize, data: Vec<S>) -> Self {
        assert_eq!(
            data.len(),
            rows * columns,
            "a ({rows}, {columns}) matrix needs {} entries, got {}",
            rows * columns,
            data.len()
        );
        Matrix { rows, columns, data }
    }

    /// Makes the `(rows, columns)` matrix whose entry (r, c) is `entry(r, c)`.
    pub fn from_fn(rows: usize, columns: usize, mut entry: impl FnMut(usize, usize) -> S) -> Self {
        let data = (0..rows * columns).map(|i| entry(i / columns, i % columns)).collect();
        Matrix { rows, columns, data }
    }

    /// Makes a `(rows.len(), C)` matrix from its rows.
    pub fn from_rows<const C: usize>(rows: &[[S; C]]) -> Self {
        Matrix { rows: rows.len(), columns: C, data: rows.concat() }
    }

    /// Returns (rows, columns).
    pub fn shape(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    /// Returns all entries, row after row.
    pub fn data(&self) -> &[S] {
        &self.data
    }

    /// Returns row `r`.
    ///
    /// # Panics
    /// Panics if there is no such row.
    pub fn row(&self, r: usize) -> &[S] {
        &self.data[r * self.columns..(r + 1) * self.columns]
    }

    /// Returns row `r` for writing.
    ///
    /// # Panics
    /// Panics if there is no such row.
    pub fn row_mut(&mut self, r: usize) -> &mut [S] {
        &mut self.data[r * self.columns..(r + 1) * self.columns]
    }
}

impl<S> Index<(usize, usize)> for Matrix<S> {
    type Output = S;
    fn index(&self, (r, c): (usize, usize)) -> &S {
        assert!(
            r < self.rows && c < self.columns,
            "({r}, {c}) in ({}, {})",
            self.rows,
            self.columns
        );
        &self.data[r * self.columns + c]
    }
}

impl<S> IndexMut<(usize, usize)> for Matrix<S> {
    fn index_mut(&mut self, (r, c): (usize, usize)) -> &mut S {
        assert!(
            r < self.rows && c < self.columns,
            "({r}, {c}) in ({}, {})",
            self.rows,
            self.columns
        );
        &mut self.data[r * self.columns + c]
    }
}
