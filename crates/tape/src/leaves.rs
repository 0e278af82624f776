//! More leaves of a recording: constants, and windows on leaves.

use crate::fast::interleave::interleave;
use crate::op::Op;
use crate::{Matrix, Scalar, Tape, Var};

impl<S: Scalar> Tape<S> {
    /// A `(rows, columns)` variable whose entries `write` puts in place, row-major; what it finds
    /// there is stale.
    pub fn variable_with(
        &mut self,
        rows: usize,
        columns: usize,
        write: impl FnOnce(&mut [S]),
    ) -> Var {
        let start = self.values.reserve(rows * columns);
        write(self.values.entries_mut(start..start + rows * columns));
        self.push(Op::Leaf, (rows, columns), start, true)
    }

    /// A matrix that does not depend on any variable.
    pub fn constant(&mut self, matrix: &Matrix<S>) -> Var {
        let (rows, columns) = matrix.shape();
        let start = self.constants.reserve(rows * columns);
        self.constants.entries_mut(start..start + rows * columns).copy_from_slice(matrix.data());
        self.push(Op::Leaf, (rows, columns), start, false)
    }

    /// A `(rows, columns)` constant whose entry (r, c) is `entry(r, c, i)` in lane `i`.
    pub fn constant_from(
        &mut self,
        rows: usize,
        columns: usize,
        mut entry: impl FnMut(usize, usize, usize) -> f64,
    ) -> Var {
        let start = self.constants.reserve(rows * columns);
        let entries = self.constants.entries_mut(start..start + rows * columns);
        for (r, row) in entries.chunks_exact_mut(columns.max(1)).enumerate() {
            for (c, slot) in row.iter_mut().enumerate() {
                *slot = S::from_lanes(|lane| entry(r, c, lane));
            }
        }
        self.push(Op::Leaf, (rows, columns), start, false)
    }

    /// A `(rows, columns)` constant whose entries are, in lane `i`, `lane(i)`, row-major.
    ///
    /// # Panics
    /// If a lane does not have `rows * columns` entries.
    pub fn constant_lanes<'a>(
        &mut self,
        rows: usize,
        columns: usize,
        lane: impl Fn(usize) -> &'a [f64],
    ) -> Var {
        let start = self.constants.reserve(rows * columns);
        let entries = self.constants.entries_mut(start..start + rows * columns);
        for i in 0..S::LANES {
            let given = lane(i).len();
            assert_eq!(given, entries.len(), "entries of a ({rows}, {columns}) constant");
        }
        interleave(entries, lane);
        self.push(Op::Leaf, (rows, columns), start, false)
    }

    /// A `(rows, columns)` constant whose entries `write` puts in place, row-major; what it finds
    /// there is stale.
    pub fn constant_with(
        &mut self,
        rows: usize,
        columns: usize,
        write: impl FnOnce(&mut [S]),
    ) -> Var {
        let start = self.constants.reserve(rows * columns);
        write(self.constants.entries_mut(start..start + rows * columns));
        self.push(Op::Leaf, (rows, columns), start, false)
    }

    /// A `(1, 1)` constant.
    pub fn scalar(&mut self, x: f64) -> Var {
        self.constant_from(1, 1, |_, _, _| x)
    }

    /// A `(rows, columns)` window on consecutive entries of a leaf, from entry `start` of its
    /// row-major order on. It shares the leaf's storage and costs nothing.
    ///
    /// # Panics
    /// If `source` is the result of an operation, or the window reaches beyond it.
    pub fn window(&mut self, source: Var, start: usize, rows: usize, columns: usize) -> Var {
        let node = *self.node(source);
        let leaf = match self.op(source) {
            Op::Leaf => source.index,
            Op::Window(leaf) => leaf,
            op => panic!("a window on {op:?}, which is no leaf"),
        };
        let (entries, end) = (node.range().len(), start + rows * columns);
        assert!(end <= entries, "a window on entries {start}..{end} of {entries}");
        let start = node.start + start;
        let leaf_node = &mut self.places[leaf as usize];
        let offset = start - leaf_node.start;
        leaf_node.reads = leaf_node.reads.window(offset, offset + rows * columns);
        self.push(Op::Window(leaf), (rows, columns), start, node.active)
    }
}
