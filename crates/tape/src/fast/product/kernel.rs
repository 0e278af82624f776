//! This module computes products of matrices in vector registers. The entries of the matrices are
//! `N` lanes of real numbers.
//!
//! A plain matrix is the case N = 1. A block of the result stays in registers while the inner index
//! runs. The number of lanes N and the width W of a register determine the kernel:
//!
//! | case | contents of a register | kernel |
//! |---|---|---|
//! | N ≥ W | W lanes of one entry | [`Whole`] |
//! | N < W, rows of B contiguous | W / N entries of one row of the result | [`Across`] |
//! | N < W, columns of B contiguous | W / N terms of one entry's sum | [`Folded`] |
//!
//! The kernel [`Folded`] adds the terms in a register at the end.

#![expect(clippy::needless_range_loop, reason = "see the note above the kernels")]

use bytemuck::TransparentWrapper;
use pulp::{Simd, WithSimd};

use super::super::lanes::Lanes;
use super::factor::Factor;
use super::register::{Register, width};
use crate::number::Number;

/// The rows and the registers of a block. It needs 29 registers: 5 × 4 for the sums, 5 for entries
/// of A and 4 for entries of B.
const ROWS: usize = 5;
const WIDE: usize = 4;
/// The registers of a block on CPUs with 16 registers. There are 5 × 2 sums.
const NARROW: usize = 2;

/// Computes `out = a b`, or `out += a b` if `accumulate`, with the best instruction set of the CPU.
pub(super) struct Product<'a, R, const N: usize> {
    pub a: Factor<'a, [R; N]>,
    pub b: Factor<'a, [R; N]>,
    pub out: &'a mut [[R; N]],
    pub accumulate: bool,
}

impl<R: Register + Number, const N: usize> WithSimd for Product<'_, R, N> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Product { a, b, out, accumulate } = self;
        let shape = (a.rows, b.columns);
        // Each condition is a constant, so the compiler builds the kernels of one case alone.
        if const { width::<R, S>() > 1 && N.is_multiple_of(width::<R, S>()) } {
            match (a.transposed, b.transposed) {
                (false, false) => {
                    let kernel = Whole::<_, N, false, false>(a, b);
                    return blocks(simd, &kernel, shape, out, accumulate);
                }
                (true, false) => {
                    let kernel = Whole::<_, N, true, false>(a, b);
                    return blocks(simd, &kernel, shape, out, accumulate);
                }
                (false, true) => {
                    let kernel = Whole::<_, N, false, true>(a, b);
                    return blocks(simd, &kernel, shape, out, accumulate);
                }
                (true, true) => {}
            }
        } else if const { width::<R, S>() > 1 && width::<R, S>().is_multiple_of(N) } {
            let registers = (a.rows, (b.columns * N).div_ceil(width::<R, S>()));
            match (a.transposed, b.transposed) {
                (false, false) => {
                    let kernel = Across::<_, N, false>(a, b);
                    return blocks(simd, &kernel, registers, out, accumulate);
                }
                (true, false) => {
                    let kernel = Across::<_, N, true>(a, b);
                    return blocks(simd, &kernel, registers, out, accumulate);
                }
                (false, true) => return blocks(simd, &Folded(a, b), shape, out, accumulate),
                (true, true) => {}
            }
        }
        // The other cases are rare: both factors are transposed, the lanes neither fill a register
        // nor divide one, or the CPU has no vector registers.
        let (a, b) = (a.over(Lanes::wrap_slice(a.data)), b.over(Lanes::wrap_slice(b.data)));
        super::factor::reference(a, b, Lanes::wrap_slice_mut(out), accumulate);
    }
}

/// Computes a block of the result with `M` rows and `C` registers (or columns).
trait Blocks<R: Register + Number, const N: usize> {
    fn block<S: Simd, const M: usize, const C: usize>(
        &self,
        simd: S,
        at: (usize, usize),
        out: &mut [[R; N]],
        accumulate: bool,
    );
}

/// Covers the result with blocks. Large blocks come first.
#[inline(always)]
fn blocks<S: Simd, R: Register + Number, const N: usize>(
    simd: S,
    kernel: &impl Blocks<R, N>,
    (rows, columns): (usize, usize),
    out: &mut [[R; N]],
    accumulate: bool,
) {
    let mut row = 0;
    while row + ROWS <= rows {
        band::<S, R, N, ROWS>(simd, kernel, (row, columns), out, accumulate);
        row += ROWS;
    }
    while row < rows {
        band::<S, R, N, 1>(simd, kernel, (row, columns), out, accumulate);
        row += 1;
    }
}

/// Covers `M` rows with blocks.
#[inline(always)]
fn band<S: Simd, R: Register + Number, const N: usize, const M: usize>(
    simd: S,
    kernel: &impl Blocks<R, N>,
    (row, columns): (usize, usize),
    out: &mut [[R; N]],
    accumulate: bool,
) {
    let mut column = 0;
    if const { S::REGISTER_COUNT >= 32 } {
        while column + WIDE <= columns {
            kernel.block::<S, M, WIDE>(simd, (row, column), out, accumulate);
            column += WIDE;
        }
    }
    while column + NARROW <= columns {
        kernel.block::<S, M, NARROW>(simd, (row, column), out, accumulate);
        column += NARROW;
    }
    if column < columns {
        kernel.block::<S, M, 1>(simd, (row, column), out, accumulate);
    }
}

// Inside a block, every loop with a constant bound is unrolled, and every sum stays in a register.
// The compiler does this for loops with an index, but not for closures and array adapters. The
// entries that a block reads are cut out of their buffers, so that the inner loop needs no index
// checks. Whole lines along the inner index are cut out before the loop, and short runs across it
// inside the loop.

/// Returns `L` lines of `inner` entries each. The first one is line `first`.
#[inline(always)]
fn lines<T, const L: usize>(data: &[T], first: usize, inner: usize) -> [&[T]; L] {
    let mut lines = [&data[..0]; L];
    for i in 0..L {
        lines[i] = &data[(first + i) * inner..][..inner];
    }
    lines
}

/// A register holds some of the lanes of one entry. `AT` and `BT` tell whether A and B are
/// transposed.
struct Whole<'a, R, const N: usize, const AT: bool, const BT: bool>(
    Factor<'a, [R; N]>,
    Factor<'a, [R; N]>,
);

impl<R: Register + Number, const N: usize, const AT: bool, const BT: bool> Whole<'_, R, N, AT, BT> {
    /// Computes a block for the lanes that start at `lane`.
    #[inline(always)]
    fn part<S: Simd, const M: usize, const C: usize>(
        &self,
        simd: S,
        (row, column, lane): (usize, usize, usize),
        out: &mut [[R; N]],
        accumulate: bool,
    ) {
        let Whole(a, b) = *self;
        let (inner, columns) = (a.columns, b.columns);
        let mut sums = [[R::splat(simd, R::zero()); C]; M];
        if accumulate {
            for i in 0..M {
                let out = &out[(row + i) * columns + column..][..C];
                for j in 0..C {
                    sums[i][j] = R::load(simd, &out[j][lane..]);
                }
            }
        }
        let a_lines: [_; M] = if AT { [&a.data[..0]; M] } else { lines(a.data, row, inner) };
        let b_lines: [_; C] = if BT { lines(b.data, column, inner) } else { [&b.data[..0]; C] };
        let a_runs = a.data.chunks_exact(if AT { a.rows } else { 1 });
        let b_runs = b.data.chunks_exact(if BT { 1 } else { columns });
        for (p, (a_run, b_run)) in a_runs.zip(b_runs).enumerate().take(inner) {
            let a_run = if AT { &a_run[row..row + M] } else { a_run };
            let b_run = if BT { b_run } else { &b_run[column..column + C] };
            let mut right = [R::splat(simd, R::zero()); C];
            for j in 0..C {
                let entry = if BT { &b_lines[j][p] } else { &b_run[j] };
                right[j] = R::load(simd, &entry[lane..]);
            }
            for i in 0..M {
                let entry = if AT { &a_run[i] } else { &a_lines[i][p] };
                let left = R::load(simd, &entry[lane..]);
                for j in 0..C {
                    sums[i][j] = R::mul_add(simd, left, right[j], sums[i][j]);
                }
            }
        }
        for i in 0..M {
            let out = &mut out[(row + i) * columns + column..][..C];
            for j in 0..C {
                R::store(simd, &mut out[j][lane..], sums[i][j]);
            }
        }
    }
}

impl<R: Register + Number, const N: usize, const AT: bool, const BT: bool> Blocks<R, N>
    for Whole<'_, R, N, AT, BT>
{
    #[inline(always)]
    fn block<S: Simd, const M: usize, const C: usize>(
        &self,
        simd: S,
        (row, column): (usize, usize),
        out: &mut [[R; N]],
        accumulate: bool,
    ) {
        for lane in (0..N).step_by(width::<R, S>()) {
            self.part::<S, M, C>(simd, (row, column, lane), out, accumulate);
        }
    }
}

/// A register spans several entries of one row of B and of the result. An entry of A is repeated.
struct Across<'a, R, const N: usize, const AT: bool>(Factor<'a, [R; N]>, Factor<'a, [R; N]>);

impl<R: Register + Number, const N: usize, const AT: bool> Across<'_, R, N, AT> {
    /// Computes a block. If it is not `FULL`, its last register is only partly within the row.
    #[inline(always)]
    fn columns<S: Simd, const M: usize, const C: usize, const FULL: bool>(
        &self,
        simd: S,
        (row, register): (usize, usize),
        out: &mut [[R; N]],
        accumulate: bool,
    ) {
        let (a, length) = (self.0, self.1.columns * N);
        let (width, start) = (width::<R, S>(), register * width::<R, S>());
        let used = if FULL { C * width } else { length - start };
        let (b, out) = (self.1.data.as_flattened(), out.as_flattened_mut());
        let mut sums = [[R::splat(simd, R::zero()); C]; M];
        if accumulate {
            for i in 0..M {
                let out = &out[(row + i) * length + start..][..used];
                for j in 0..C {
                    sums[i][j] = load::<S, R, FULL>(simd, out, j);
                }
            }
        }
        let a_lines: [_; M] = if AT { [&a.data[..0]; M] } else { lines(a.data, row, a.columns) };
        let runs = a.data.chunks_exact(if AT { a.rows } else { 1 });
        for (p, (a_run, b)) in runs.zip(b.chunks_exact(length)).enumerate() {
            let a_run = if AT { &a_run[row..row + M] } else { a_run };
            let b = &b[start..start + used];
            let mut right = [R::splat(simd, R::zero()); C];
            for j in 0..C {
                right[j] = load::<S, R, FULL>(simd, b, j);
            }
            for i in 0..M {
                let left = R::repeat(simd, if AT { &a_run[i] } else { &a_lines[i][p] });
                for j in 0..C {
                    sums[i][j] = R::mul_add(simd, left, right[j], sums[i][j]);
                }
            }
        }
        for i in 0..M {
            let out = &mut out[(row + i) * length + start..][..used];
            for j in 0..C {
                if FULL {
                    R::store(simd, &mut out[j * width..], sums[i][j]);
                } else {
                    R::store_some(simd, &mut out[j * width..], sums[i][j]);
                }
            }
        }
    }
}

/// Loads register `j` of `entries`.
#[inline(always)]
fn load<S: Simd, R: Register, const FULL: bool>(simd: S, entries: &[R], j: usize) -> R::Of<S> {
    if FULL {
        R::load(simd, &entries[j * width::<R, S>()..])
    } else {
        R::load_some(simd, &entries[j * width::<R, S>()..])
    }
}

impl<R: Register + Number, const N: usize, const AT: bool> Blocks<R, N> for Across<'_, R, N, AT> {
    #[inline(always)]
    fn block<S: Simd, const M: usize, const C: usize>(
        &self,
        simd: S,
        at: (usize, usize),
        out: &mut [[R; N]],
        accumulate: bool,
    ) {
        if (at.1 + C) * width::<R, S>() <= self.1.columns * N {
            self.columns::<S, M, C, true>(simd, at, out, accumulate);
        } else {
            self.columns::<S, M, C, false>(simd, at, out, accumulate);
        }
    }
}

/// A register holds consecutive terms of the sum of one entry. B is read along its columns, which
/// are contiguous if B is transposed.
struct Folded<'a, R, const N: usize>(Factor<'a, [R; N]>, Factor<'a, [R; N]>);

impl<R: Register + Number, const N: usize> Blocks<R, N> for Folded<'_, R, N> {
    #[inline(always)]
    fn block<S: Simd, const M: usize, const C: usize>(
        &self,
        simd: S,
        (row, column): (usize, usize),
        out: &mut [[R; N]],
        accumulate: bool,
    ) {
        let (width, length) = (width::<R, S>(), self.0.columns * N);
        let a_lines: [&[R]; M] = lines(self.0.data.as_flattened(), row, length);
        let b_lines: [&[R]; C] = lines(self.1.data.as_flattened(), column, length);
        let full = length / width;
        let mut a = [R::registers::<S>(&[]); M];
        let mut b = [R::registers::<S>(&[]); C];
        for i in 0..M {
            a[i] = &R::registers::<S>(a_lines[i])[..full];
        }
        for j in 0..C {
            b[j] = &R::registers::<S>(b_lines[j])[..full];
        }
        let mut sums = [[R::splat(simd, R::zero()); C]; M];
        for p in 0..full {
            let mut right = [R::splat(simd, R::zero()); C];
            for j in 0..C {
                right[j] = b[j][p];
            }
            for i in 0..M {
                let left = a[i][p];
                for j in 0..C {
                    sums[i][j] = R::mul_add(simd, left, right[j], sums[i][j]);
                }
            }
        }
        if full * width < length {
            for i in 0..M {
                let left = R::load_some(simd, &a_lines[i][full * width..]);
                for j in 0..C {
                    let right = R::load_some(simd, &b_lines[j][full * width..]);
                    sums[i][j] = R::mul_add(simd, left, right, sums[i][j]);
                }
            }
        }
        let columns = self.1.columns;
        for i in 0..M {
            let out = &mut out[(row + i) * columns + column..][..C];
            for j in 0..C {
                let sum: [R; N] = R::fold(simd, sums[i][j]);
                for lane in 0..N {
                    out[j][lane] = if accumulate { out[j][lane] + sum[lane] } else { sum[lane] };
                }
            }
        }
    }
}
