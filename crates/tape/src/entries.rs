//! Other ways to make a matrix, and its rows and entries.

use std::ops::{Index, IndexMut};

use crate::Matrix;

impl<S: Copy> Matrix<S> {
    /// Makes the `(rows, columns)` matrix whose entry (r, c) is `entry(r, c)`.
    pub fn from_fn(rows: usize, columns: usize, mut entry: impl FnMut(usize, usize) -> S) -> Self {
        let data = (0..rows * columns).map(|i| entry(i / columns, i % columns)).collect();
        Matrix { rows, columns, data }
    }

    /// Makes a `(rows.len(), C)` matrix from its rows.
    pub fn from_rows<const C: usize>(rows: &[[S; C]]) -> Self {
        Matrix { rows: rows.len(), columns: C, data: rows.concat() }
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
