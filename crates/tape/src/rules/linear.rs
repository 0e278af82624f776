//! Linear and bilinear operations: matrix product, transpose, sum, inner product.

use super::Rule;
use crate::Scalar;
use crate::sweep::{Adjoints, Mode, Output, Values};

/// Y = A B; Ā += Ȳ Bᵀ, B̄ += Aᵀ Ȳ.
pub(crate) struct MatMul(pub u32, pub u32);

impl Rule for MatMul {
    fn forward<S: Scalar, M: Mode<S>>(&self, values: Values<'_, S, M>, out: &mut [S]) {
        let a = values.operand(values.view(self.0), self.0);
        let b = values.operand(values.view(self.1), self.1);
        M::product(a, b, out, false);
    }

    fn reverse<S: Scalar, M: Mode<S>>(
        &self,
        values: Values<'_, S, M>,
        output: Output<'_, S>,
        adjoints: &mut Adjoints<'_, S>,
    ) {
        let a = values.operand(values.view(self.0), self.0);
        let b = values.operand(values.view(self.1), self.1);
        let y = values.operand(output.adjoint, output.id);
        if let Some((into, accumulate)) = adjoints.product_into(self.0) {
            M::product(y, b.transpose(), into, accumulate);
        }
        if let Some((into, accumulate)) = adjoints.product_into(self.1) {
            M::product(a.transpose(), y, into, accumulate);
        }
    }
}

/// Y = Aᵀ; Ā += Ȳᵀ.
pub(crate) struct Transpose(pub u32);

impl Rule for Transpose {
    fn forward<S: Scalar, M: Mode<S>>(&self, values: Values<'_, S, M>, out: &mut [S]) {
        let (rows, columns) = values.shape(self.0);
        let a = values.view(self.0);
        for (i, entry) in out.iter_mut().enumerate() {
            M::set(entry, M::get(&a, (i % rows) * columns + i / rows));
        }
    }

    fn reverse<S: Scalar, M: Mode<S>>(
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
    fn forward<S: Scalar, M: Mode<S>>(&self, values: Values<'_, S, M>, out: &mut [S]) {
        let a = values.view(self.0);
        let sum = (0..a.primal.len()).fold(M::T::zero(), |sum, i| sum + M::get(&a, i));
        M::set(&mut out[0], sum);
    }

    fn reverse<S: Scalar, M: Mode<S>>(
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
    fn forward<S: Scalar, M: Mode<S>>(&self, values: Values<'_, S, M>, out: &mut [S]) {
        let (a, b) = (values.view(self.0), values.view(self.1));
        let products = (0..a.primal.len()).map(|i| M::get(&a, i) * M::get(&b, i));
        M::set(&mut out[0], products.fold(M::T::zero(), |sum, product| sum + product));
    }

    fn reverse<S: Scalar, M: Mode<S>>(
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
