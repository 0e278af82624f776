//! The logarithm of the softmax of each row, fused so that no logit overflows.

use super::Rule;
use crate::sweep::{Adjoints, Mode, Output, Values};
use crate::{Scalar, vectorized};

/// yⱼ = xⱼ − max x − ln Σₖ e^(xₖ − max x) in each row; x̄ⱼ += ȳⱼ − e^yⱼ Σₖ ȳₖ.
pub(crate) struct LogSoftmax(pub u32);

impl Rule for LogSoftmax {
    fn forward<S: Scalar, M: Mode>(&self, values: Values<'_, S, M>, out: &mut [S]) {
        let columns = values.shape(self.0).1;
        let x = values.view(self.0);
        vectorized(
            #[inline(always)]
            move || {
                for (row, out) in out.chunks_exact_mut(columns).enumerate() {
                    let x = x.slice(row * columns, columns);
                    let largest =
                        (1..columns).fold(M::get(&x, 0), |largest, j| largest.max(M::get(&x, j)));
                    let sum = (0..columns)
                        .fold(M::T::<S>::zero(), |sum, j| sum + (M::get(&x, j) - largest).exp());
                    let log_sum = sum.ln();
                    for (j, entry) in out.iter_mut().enumerate() {
                        M::set(entry, (M::get(&x, j) - largest) - log_sum);
                    }
                }
            },
        );
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
