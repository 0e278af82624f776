//! The sum and the inner product.

use super::rule::Rule;
use crate::Scalar;
use crate::mode::{Adjoints, Mode, Output, Target, Values};
use crate::number::Number;

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
