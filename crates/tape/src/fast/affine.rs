//! A layer as one operation.

use crate::mode::{Adjoints, Mode, Output, Target, Values};
use crate::rules::product::MatMul;
use crate::rules::rule::Rule;
use crate::{Scalar, vectorized};

/// Y = X W + 1 bᵀ, a layer; X̄ += Ȳ Wᵀ, W̄ += Xᵀ Ȳ, b̄ += Ȳᵀ 1.
///
/// One operation where a product and a sum would do: the sums of the product start from the bias,
/// and the adjoint of a layer is not copied on its way to the product.
pub(crate) struct Affine(pub u32, pub u32, pub u32);

impl Rule for Affine {
    fn forward<S: Scalar, M: Mode>(&self, values: Values<'_, S, M>, target: Target<'_, S>) {
        let out = target.out;
        let x = values.operand(values.view(self.0), self.0);
        let w = values.operand(values.view(self.1), self.1);
        let bias = M::own(&values.view(self.2));
        if let Some(bias) = bias.filter(|bias| !bias.is_empty()) {
            repeat(S::flat(bias), S::flat_mut(out));
        }
        M::product(x, w, out, bias.is_some());
    }

    fn reverse<S: Scalar, M: Mode>(
        &self,
        values: Values<'_, S, M>,
        output: Output<'_, S>,
        adjoints: &mut Adjoints<'_, S>,
    ) {
        MatMul(self.0, self.1).reverse(values, output, adjoints);
        let columns = values.shape(self.2).1;
        let Some(bias) = adjoints.of(self.2) else { return };
        let Some(adjoint) = M::own(&output.adjoint).filter(|_| columns > 0) else { return };
        add_rows(S::flat(adjoint), S::flat_mut(bias));
    }
}

/// Writes `row` to each row of `out`.
fn repeat<F: Scalar>(row: &[F], out: &mut [F]) {
    vectorized(
        #[inline(always)]
        move || {
            for out in out.chunks_exact_mut(row.len()) {
                for (entry, &x) in out.iter_mut().zip(row) {
                    *entry = x;
                }
            }
        },
    );
}

/// Adds each row of `rows` to `sums`.
fn add_rows<F: Scalar>(rows: &[F], sums: &mut [F]) {
    vectorized(
        #[inline(always)]
        move || {
            for row in rows.chunks_exact(sums.len()) {
                for (sum, &x) in sums.iter_mut().zip(row) {
                    *sum = *sum + x;
                }
            }
        },
    );
}
