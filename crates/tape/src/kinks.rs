//! Kinks, and on which side of them a recording is.

use crate::axis::Axis;
use crate::op::Op;
use crate::rules::elementwise::{Binary, Unary};
use crate::{Scalar, Tape, Var};

/// The sides of the kinks of a recording.
impl<S: Scalar> Tape<S> {
    /// Returns the side of every kink, in the order of the recording: the sign of the operand of
    /// `relu`, `leaky_relu` and `abs` and of the condition of `select`, the sign of a − b for `min`
    /// and `max`, the part of `clamp`, and which entries of a row or column are the largest.
    ///
    /// A straight line between two points at which a function has the same sides is unlikely to
    /// cross a kink. A difference along it is then fit to check a derivative. Operations from
    /// outside are not looked into.
    ///
    /// ```
    /// use tape::Tape;
    /// let mut tape = Tape::<f64>::new();
    /// let x = tape.variable(1, 3, &[-2.0, 0.0, 5.0]);
    /// tape.relu(x);
    /// assert_eq!(tape.sides(), [-1, 0, 1]);
    /// ```
    pub fn sides(&self) -> Vec<i8> {
        let mut sides = Vec::new();
        let mut push = |x: S, y: S| {
            sides.extend((0..S::LANES).map(|i| sign(x.lane(i) - y.lane(i))));
        };
        for (id, &op) in self.ops.iter().enumerate() {
            match op {
                Op::Unary(a, Unary::Relu | Unary::LeakyRelu(_) | Unary::Abs)
                | Op::Select(a, _, _) => {
                    self.entries_of(a).iter().for_each(|&x| push(x, S::zero()));
                }
                Op::Unary(a, Unary::Clamp((low, high))) => {
                    for &x in self.entries_of(a) {
                        push(x, S::from_f64(low));
                        push(x, S::from_f64(high));
                    }
                }
                Op::Binary(a, b, Binary::Min | Binary::Max) => {
                    let (rows, columns) = self.places[id].shape();
                    for at in (0..rows).flat_map(|r| (0..columns).map(move |c| (r, c))) {
                        push(self.entry(a, at), self.entry(b, at));
                    }
                }
                Op::Largest(a, axis) => {
                    let (rows, columns) = self.places[a as usize].shape();
                    let largest = self.entries_of(id as u32);
                    for (r, c) in (0..rows).flat_map(|r| (0..columns).map(move |c| (r, c))) {
                        let line = if axis == Axis::Rows { c } else { r };
                        push(self.entry(a, (r, c)), largest[line]);
                    }
                }
                _ => {}
            }
        }
        sides
    }

    fn entries_of(&self, node: u32) -> &[S] {
        self.value(Var { index: node, recording: self.recording })
    }

    /// The entry at a row and a column. A matrix of one row or one column repeats it.
    fn entry(&self, node: u32, (row, column): (usize, usize)) -> S {
        let (rows, columns) = self.places[node as usize].shape();
        self.entries_of(node)[(row % rows) * columns + column % columns]
    }
}

fn sign(x: f64) -> i8 {
    if x > 0.0 { 1 } else { -i8::from(x < 0.0) }
}
