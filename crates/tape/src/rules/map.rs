//! Element-wise functions of one number over whole nodes.

use super::elementwise::UnaryRule;
use super::rule::Rule;
use crate::mode::{Adjoints, Mode, Output, Target, Values, View};
use crate::{Scalar, vectorized};

/// y = f(x), element by element. The rule runs on flat numbers, so that it is compiled once for all
/// numbers of lanes.
pub(crate) struct Map<U>(pub u32, pub U);

impl<U: UnaryRule> Rule for Map<U> {
    fn forward<S: Scalar, M: Mode>(&self, values: Values<'_, S, M>, target: Target<'_, S>) {
        map::<S::Flat, M>(self.1, values.flat().view(self.0), target.flat());
    }

    fn reverse<S: Scalar, M: Mode>(
        &self,
        values: Values<'_, S, M>,
        output: Output<'_, S>,
        adjoints: &mut Adjoints<'_, S>,
    ) {
        let (x, id) = (values.flat().view(self.0), self.0);
        map_back::<S::Flat, M>(self.1, x, output.flat(), id, adjoints.flat());
    }
}

/// Computes f(x), or its tangent, for each flat number.
fn map<F: Scalar, M: Mode>(rule: impl UnaryRule, x: View<'_, F>, target: Target<'_, F>) {
    let Target { value: y, out } = target;
    let x = x.slice(0, out.len());
    let y = if M::TANGENTS { &y[..out.len()] } else { y };
    vectorized(
        #[inline(always)]
        move || {
            for (i, entry) in out.iter_mut().enumerate() {
                *entry = M::unary(rule, &x, y, i);
            }
        },
    );
}

/// Writes or adds the chain rule of each flat number to the adjoint of node `id`.
fn map_back<F: Scalar, M: Mode>(
    rule: impl UnaryRule,
    x: View<'_, F>,
    output: Output<'_, F>,
    id: u32,
    mut adjoints: Adjoints<'_, F>,
) {
    let Some((into, accumulate)) = adjoints.slot(id) else { return };
    let x = x.slice(0, into.len());
    let y = output.value.slice(0, into.len());
    let t = output.adjoint.slice(0, into.len());
    vectorized(
        #[inline(always)]
        move || {
            for (i, entry) in into.iter_mut().enumerate() {
                let (x, y, t) = (M::get(&x, i), M::get(&y, i), M::get(&t, i));
                M::put(entry, rule.chain(x, y, t), accumulate);
            }
        },
    );
}
