//! This module defines a dense matrix, for data that enters or leaves the tape.

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
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) data: Vec<S>,
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

    /// Returns (rows, columns).
    pub fn shape(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    /// Returns all entries, row after row.
    pub fn data(&self) -> &[S] {
        &self.data
    }
}
