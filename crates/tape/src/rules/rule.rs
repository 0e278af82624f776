//! What a rule is: how the value of an operation is computed and how its adjoint flows back, side
//! by side and generic over the mode of the sweep.

use crate::Scalar;
use crate::mode::{Adjoints, Mode, Output, Target, Values};

/// The rule of one operation, holding the nodes it reads.
pub(crate) trait Rule {
    /// Computes the value of the output.
    fn forward<S: Scalar, M: Mode>(&self, values: Values<'_, S, M>, target: Target<'_, S>);

    /// Adds the output's adjoint, multiplied by the transposed Jacobian, to the inputs' adjoints.
    fn reverse<S: Scalar, M: Mode>(
        &self,
        values: Values<'_, S, M>,
        output: Output<'_, S>,
        adjoints: &mut Adjoints<'_, S>,
    );
}

/// A sweep, waiting for the rule of the operation it has reached.
pub(crate) trait Apply {
    /// Runs one direction of `rule`.
    fn apply<R: Rule>(self, rule: R);
}
