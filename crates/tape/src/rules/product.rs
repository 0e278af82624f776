//! The matrix product.

use super::rule::Rule;
use crate::Scalar;
use crate::mode::{Adjoints, Mode, Output, Target, Values};

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
