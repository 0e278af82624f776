//! Recording: the operations a tape offers.

use std::marker::PhantomData;

use crate::custom::{Custom, Operation};
use crate::fast::moved::Moved;
use crate::mode::{Primal, Values};
use crate::op::Op;
use crate::rules::elementwise::{Binary, Unary};
use crate::{Scalar, Tape, Var};

elementwise_table! {
    elementwise_methods,
    /// Element-wise operations. Where there are two operands, one with one row or one column is
    /// repeated to the other's shape; shapes that do not fit panic with both of them.
    impl<S: Scalar> Tape<S>
}

/// Other operations. Shapes are `(rows, columns)`; a mismatch panics with both shapes.
impl<S: Scalar> Tape<S> {
    /// a where `condition` is positive, else b, element by element; no broadcasting. No
    /// derivative flows to the condition.
    ///
    /// The branch that is not taken gets the adjoint 0. If its derivative is infinite or a NaN
    /// there, the product with 0 is a NaN, which reaches the gradient. Choose the argument first,
    /// so that no branch is evaluated where it has no derivative:
    ///
    /// ```
    /// let mut tape = tape::Tape::<f64>::new();
    /// let x = tape.variable(1, 2, &[0.0, 4.0]);
    /// let [zero, one] = [0.0, 1.0].map(|c| tape.constant_from(1, 2, |_, _, _| c));
    ///
    /// let root = tape.sqrt(x); // has an infinite derivative at 0
    /// let y = tape.select(x, root, zero);
    /// tape.backward_from(y, &[1.0, 1.0]);
    /// assert!(tape.adjoint(x)[0].is_nan());
    ///
    /// let positive = tape.select(x, x, one);
    /// let root = tape.sqrt(positive);
    /// let y = tape.select(x, root, zero);
    /// tape.backward_from(y, &[1.0, 1.0]);
    /// assert_eq!((tape.value(y), tape.adjoint(x)), (&[0.0, 2.0][..], &[0.0, 0.25][..]));
    /// ```
    pub fn select(&mut self, condition: Var, a: Var, b: Var) -> Var {
        let shape = self.shape(a);
        for (name, other) in [("condition", condition), ("otherwise", b)] {
            let other = self.shape(other);
            assert_eq!(shape, other, "select: {shape:?} if positive, {other:?} for {name}");
        }
        let inputs = [condition, a, b].map(|v| self.input(v));
        let active = self.is_active(a) || self.is_active(b);
        let [condition, a, b] = inputs;
        self.record(Op::Select(condition, a, b), shape, active)
    }

    /// The matrix product a b of `(m, k)` and `(k, n)`: `(m, n)`.
    pub fn matmul(&mut self, a: Var, b: Var) -> Var {
        let (left, right) = (self.shape(a), self.shape(b));
        assert_eq!(left.1, right.0, "matmul of {left:?} and {right:?}");
        let active = self.is_active(a) || self.is_active(b);
        let op = Op::MatMul(self.input(a), self.input(b));
        self.record(op, (left.0, right.1), active)
    }

    /// A layer: x w + b for `x: (m, k)`, `w: (k, n)` and the bias `b: (1, n)`, which is added to
    /// every row: `(m, n)`.
    pub fn affine(&mut self, x: Var, w: Var, b: Var) -> Var {
        let (left, right, bias) = (self.shape(x), self.shape(w), self.shape(b));
        assert_eq!(left.1, right.0, "affine of {left:?} and {right:?}");
        assert_eq!(bias, (1, right.1), "affine: the bias of a product with {right:?}");
        let active = [x, w, b].into_iter().any(|v| self.is_active(v));
        let op = Op::Affine(self.input(x), self.input(w), self.input(b));
        self.record(op, (left.0, right.1), active)
    }

    /// aᵀ
    pub fn transpose(&mut self, a: Var) -> Var {
        let ((rows, columns), active) = (self.shape(a), self.is_active(a));
        let op = Op::Transpose(self.input(a));
        self.record(op, (columns, rows), active)
    }

    /// The sum of all elements: `(1, 1)`.
    pub fn sum(&mut self, a: Var) -> Var {
        let (op, active) = (Op::Sum(self.input(a)), self.is_active(a));
        self.record(op, (1, 1), active)
    }

    /// The mean of all elements: `(1, 1)`.
    ///
    /// # Panics
    /// If there is no element.
    pub fn mean(&mut self, a: Var) -> Var {
        let elements = self.value(a).len();
        assert!(elements > 0, "the mean of no elements");
        let sum = self.sum(a);
        self.scale(sum, 1.0 / elements as f64)
    }

    /// The inner product Σ a ∘ b of two matrices of one shape: `(1, 1)`.
    pub fn dot(&mut self, a: Var, b: Var) -> Var {
        let (left, right) = (self.shape(a), self.shape(b));
        assert_eq!(left, right, "dot of {left:?} and {right:?}");
        let active = self.is_active(a) || self.is_active(b);
        let op = Op::Dot(self.input(a), self.input(b));
        self.record(op, (1, 1), active)
    }

    /// The logarithm of the softmax of each row, exact for logits of any size.
    ///
    /// # Panics
    /// If the rows are empty.
    pub fn log_softmax(&mut self, a: Var) -> Var {
        let shape = self.shape(a);
        assert!(shape.1 > 0, "log_softmax of {shape:?}");
        self.map(a, Op::LogSoftmax)
    }

    /// A function of one number, applied to each entry of a.
    pub fn unary(&mut self, a: Var, function: Unary) -> Var {
        self.map(a, |a| Op::Unary(a, function))
    }

    /// A function of two numbers, applied to each pair of entries, with broadcasting.
    ///
    /// # Panics
    /// If neither shape can be repeated to the other's.
    pub fn binary(&mut self, a: Var, b: Var, function: Binary) -> Var {
        let (left, right) = (self.shape(a), self.shape(b));
        let fits = |l: usize, r: usize| l == r || l == 1 || r == 1;
        assert!(
            fits(left.0, right.0) && fits(left.1, right.1),
            "cannot broadcast {left:?} and {right:?}"
        );
        let pick = |l: usize, r: usize| if l == 1 { r } else { l };
        let shape = (pick(left.0, right.0), pick(left.1, right.1));
        let active = self.is_active(a) || self.is_active(b);
        let op = Op::Binary(self.input(a), self.input(b), function);
        self.record(op, shape, active)
    }

    fn map(&mut self, a: Var, op: impl FnOnce(u32) -> Op) -> Var {
        let (shape, active) = (self.shape(a), self.is_active(a));
        let op = op(self.input(a));
        self.record(op, shape, active)
    }
}

/// Operations from outside this crate.
impl<S: Scalar> Tape<S> {
    /// Records an operation that is defined outside this crate, of any number of operands.
    ///
    /// # Panics
    /// If its rules give other shapes than they have to; see [`Operation`].
    pub fn operation(&mut self, operation: impl Operation, operands: &[Var]) -> Var {
        let inputs = operands.iter().map(|&v| self.input(v)).collect();
        let custom = Custom { operation: Box::new(operation), inputs };
        let values = Values {
            places: &self.places,
            runs: &self.runs,
            moves: &[],
            primal: self.values.entries(),
            tangent: &[],
            moved: Moved::nothing(),
            constants: self.constants.entries(),
            width: 1,
            mode: PhantomData::<Primal>,
        };
        let value = custom.value(values);
        let active = operands.iter().any(|&v| self.is_active(v));
        let store = if active { &mut self.values } else { &mut self.constants };
        let start = store.reserve(value.data().len());
        store.entries_mut(start..start + value.data().len()).copy_from_slice(value.data());
        let number = u32::try_from(self.custom.len()).expect("fewer than 2³² operations");
        self.custom.push(custom);
        self.push(Op::Custom(number), value.shape(), start, active)
    }
}
