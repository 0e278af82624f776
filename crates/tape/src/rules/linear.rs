//! Linear and bilinear operations: matrix product, layer, transpose, sum, inner product.

use super::rule::Rule;
use crate::mode::{Adjoints, Mode, Output, Target, Values};
use crate::number::Number;
use crate::{Scalar, vectorized};

/// Y = A B; Ā += Ȳ Bᵀ, B̄ += Aᵀ Ȳ.
pub(crate) struct MatMul(pub u32, pub u32);

impl Rule for MatMul {
    fn forward<S: Scalar, M: Mode>(&self, values: Values<'_, S, M>, target: Target<'_, S>) {
        let out = target.out;
        let a = values.operand(values.view(self.0), self.0);
        let b = values.operand(values.view(self.1), self.1);
        M::product(a, b, out, false);
    }

    fn reverse<S: Scalar, M: Mode>(
        &self,
        values: Values<'_, S, M>,
        output: Output<'_, S>,
        adjoints: &mut Adjoints<'_, S>,
    ) {
        let a = values.operand(values.view(self.0), self.0);
        let b = values.operand(values.view(self.1), self.1);
        let y = values.operand(output.adjoint, output.id);
        if let Some((into, accumulate)) = adjoints.slot(self.0) {
            M::product(y, b.transpose(), into, accumulate);
        }
        if let Some((into, accumulate)) = adjoints.slot(self.1) {
            M::product(a.transpose(), y, into, accumulate);
        }
    }
}

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

/// Y = Aᵀ; Ā += Ȳᵀ.
pub(crate) struct Transpose(pub u32);

impl Rule for Transpose {
    fn forward<S: Scalar, M: Mode>(&self, values: Values<'_, S, M>, target: Target<'_, S>) {
        let out = target.out;
        let (rows, columns) = values.shape(self.0);
        let a = values.view(self.0);
        for (i, entry) in out.iter_mut().enumerate() {
            M::set(entry, M::get(&a, (i % rows) * columns + i / rows));
        }
    }

    fn reverse<S: Scalar, M: Mode>(
        &self,
        values: Values<'_, S, M>,
        output: Output<'_, S>,
        adjoints: &mut Adjoints<'_, S>,
    ) {
        let (rows, columns) = values.shape(self.0);
        let Some(into) = adjoints.of(self.0) else { return };
        for (i, entry) in into.iter_mut().enumerate() {
            M::add(entry, M::get(&output.adjoint, (i % columns) * rows + i / columns));
        }
    }
}

/// y = Σ a; ā += ȳ everywhere.
pub(crate) struct Sum(pub u32);

impl Rule for Sum {
    fn forward<S: Scalar, M: Mode>(&self, values: Values<'_, S, M>, target: Target<'_, S>) {
        let out = target.out;
        let a = values.view(self.0);
        let sum = (0..a.primal.len()).fold(M::T::<S>::zero(), |sum, i| sum + M::get(&a, i));
        M::set(&mut out[0], sum);
    }

    fn reverse<S: Scalar, M: Mode>(
        &self,
        _: Values<'_, S, M>,
        output: Output<'_, S>,
        adjoints: &mut Adjoints<'_, S>,
    ) {
        let t = M::get(&output.adjoint, 0);
        for entry in adjoints.of(self.0).into_iter().flatten() {
            M::add(entry, t);
        }
    }
}

/// y = Σ a ∘ b; ā += ȳ b, b̄ += ȳ a.
pub(crate) struct Dot(pub u32, pub u32);

impl Rule for Dot {
    fn forward<S: Scalar, M: Mode>(&self, values: Values<'_, S, M>, target: Target<'_, S>) {
        let out = target.out;
        let (a, b) = (values.view(self.0), values.view(self.1));
        let products = (0..a.primal.len()).map(|i| M::get(&a, i) * M::get(&b, i));
        M::set(&mut out[0], products.fold(M::T::<S>::zero(), |sum, product| sum + product));
    }

    fn reverse<S: Scalar, M: Mode>(
        &self,
        values: Values<'_, S, M>,
        output: Output<'_, S>,
        adjoints: &mut Adjoints<'_, S>,
    ) {
        let t = M::get(&output.adjoint, 0);
        for (own, other) in [(self.0, self.1), (self.1, self.0)] {
            let other = values.view(other);
            for (i, entry) in adjoints.of(own).into_iter().flatten().enumerate() {
                M::add(entry, t * M::get(&other, i));
            }
        }
    }
}
