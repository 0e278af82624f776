//! The rule of an operation from outside this crate: the numbers it reads become matrices.

use crate::custom::Custom;
use crate::mode::{Adjoints, Mode, Output, Target, Values, View};
use crate::{Matrix, Scalar};

impl<S: Scalar> Custom<S> {
    /// The value, in its shape.
    pub fn value<M: Mode>(&self, values: Values<'_, S, M>) -> Matrix<M::T<S>> {
        M::on(&*self.operation).value(&self.read::<M>(values))
    }

    pub fn forward<M: Mode>(&self, values: Values<'_, S, M>, target: Target<'_, S>) {
        let value = self.value(values);
        for (entry, &x) in target.out.iter_mut().zip(value.data()) {
            M::set(entry, x);
        }
    }

    pub fn reverse<M: Mode>(
        &self,
        values: Values<'_, S, M>,
        output: Output<'_, S>,
        adjoints: &mut Adjoints<'_, S>,
    ) {
        let shape = values.shape(output.id);
        let (y, t) = (matrix::<S, M>(shape, output.value), matrix::<S, M>(shape, output.adjoint));
        let back = M::on(&*self.operation).reverse(&self.read::<M>(values), &y, &t);
        assert_eq!(back.len(), self.inputs.len(), "an adjoint for each input");
        for (&id, adjoint) in self.inputs.iter().zip(&back) {
            assert_eq!(adjoint.shape(), values.shape(id), "the adjoint of an input");
            let Some(into) = adjoints.of(id) else { continue };
            for (entry, &x) in into.iter_mut().zip(adjoint.data()) {
                M::add(entry, x);
            }
        }
    }

    fn read<M: Mode>(&self, values: Values<'_, S, M>) -> Vec<Matrix<M::T<S>>> {
        let read = |&id: &u32| matrix::<S, M>(values.shape(id), values.view(id));
        self.inputs.iter().map(read).collect()
    }
}

fn matrix<S: Scalar, M: Mode>(
    (rows, columns): (usize, usize),
    view: View<'_, S>,
) -> Matrix<M::T<S>> {
    Matrix::new(rows, columns, (0..rows * columns).map(|i| M::get(&view, i)).collect())
}
