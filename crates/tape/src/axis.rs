//! Rows or columns.

/// The direction of an operation in a matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// Down the rows: what is reduced becomes a single row, `(m, n)` → `(1, n)`. NumPy calls it
    /// axis 0.
    Rows,
    /// Along the columns: what is reduced becomes a single column, `(m, n)` → `(m, 1)`. NumPy
    /// calls it axis 1.
    Columns,
}
