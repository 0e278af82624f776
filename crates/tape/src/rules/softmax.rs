//! The logarithm of the softmax of each row, fused so that no logit overflows.

use super::rule::Rule;
use crate::mode::{Adjoints, Mode, Output, Target, Values};
use crate::number::Number;
use crate::{Scalar, vectorized};

/// yⱼ = xⱼ − m − ln Σₖ e^(xₖ − m) in each row, with m = max x; ẏⱼ = ẋⱼ − Σₖ e^yₖ ẋₖ;
/// x̄ⱼ += ȳⱼ − e^yⱼ Σₖ ȳₖ.
///
/// The sum is 1, for the largest entry, plus the terms of the others. The logarithm is computed
/// from the others alone, because a sum that starts from 1 loses what is below its last digit: the
/// loss of a class that is almost certain.
pub(crate) struct LogSoftmax(pub u32);

impl Rule for LogSoftmax {
    fn forward<S: Scalar, M: Mode>(&self, values: Values<'_, S, M>, target: Target<'_, S>) {
        let (x, columns) = (values.view(self.0), values.shape(self.0).1);
        let Target { value, out } = target;
        if !M::TANGENTS {
            let rows = x.primal.chunks(ROWS * columns).zip(out.chunks_mut(ROWS * columns));
            rows.for_each(|(x, out)| log_softmax(x, out, columns));
        } else if let Some(tangent) = x.tangent {
            let rows = tangent.chunks_exact(columns).zip(value.chunks_exact(columns));
            vectorized(
                #[inline(always)]
                move || {
                    for ((x, y), out) in rows.clone().zip(out.chunks_exact_mut(columns)) {
                        let mean = (0..columns).fold(S::zero(), |sum, j| sum + y[j].exp() * x[j]);
                        for (entry, &x) in out.iter_mut().zip(x) {
                            *entry = x - mean;
                        }
                    }
                },
            );
        }
    }

    fn reverse<S: Scalar, M: Mode>(
        &self,
        values: Values<'_, S, M>,
        output: Output<'_, S>,
        adjoints: &mut Adjoints<'_, S>,
    ) {
        let columns = values.shape(self.0).1;
        let Some(into) = adjoints.of(self.0) else { return };
        vectorized(
            #[inline(always)]
            move || {
                for (row, into) in into.chunks_exact_mut(columns).enumerate() {
                    let y = output.value.slice(row * columns, columns);
                    let t = output.adjoint.slice(row * columns, columns);
                    let total = (0..columns).fold(M::T::<S>::zero(), |sum, j| sum + M::get(&t, j));
                    for (j, entry) in into.iter_mut().enumerate() {
                        M::add(entry, M::get(&t, j) - M::get(&y, j).exp() * total);
                    }
                }
            },
        );
    }
}

/// How many rows go through the exponential and the logarithm together.
const ROWS: usize = 16;

/// Writes the rule to `out: (rows, columns)` for at most [`ROWS`] rows, step by step over all of
/// them: a loop over flat numbers becomes vector code, a function of a whole row does not.
fn log_softmax<S: Scalar>(x: &[S], out: &mut [S], columns: usize) {
    let (rows, others) = (out.len() / columns, columns - 1);
    vectorized(
        #[inline(always)]
        move || {
            let (mut largest, mut logs) = ([S::zero(); ROWS], [S::zero(); ROWS]);
            // First `out` holds all entries but the largest of each row, closely packed.
            let lines = x.chunks_exact(columns).zip(&mut largest);
            for ((x, largest), smaller) in lines.zip(out.chunks_exact_mut(others.max(1))) {
                *largest = x[0];
                for (smaller, &x) in smaller.iter_mut().zip(&x[1..]) {
                    let above = x - *largest;
                    *smaller = above.where_positive(*largest, x);
                    *largest = above.where_positive(x, *largest);
                }
                for smaller in &mut smaller[..others] {
                    *smaller = *smaller - *largest;
                }
            }
            let smaller = &mut out[..rows * others];
            for entry in S::flat_mut(smaller) {
                *entry = entry.exp();
            }
            for (e, sum) in smaller.chunks_exact(others.max(1)).zip(&mut logs) {
                *sum = e[1..].iter().fold(e[0], |sum, &e| sum + e);
            }
            for log in S::flat_mut(&mut logs[..rows]) {
                *log = log.ln_1p();
            }
            let lines = x.chunks_exact(columns).zip(&largest).zip(&logs);
            for (((x, &largest), &log), out) in lines.zip(out.chunks_exact_mut(columns)) {
                for (entry, &x) in out.iter_mut().zip(x) {
                    *entry = (x - largest) - log;
                }
            }
        },
    );
}
