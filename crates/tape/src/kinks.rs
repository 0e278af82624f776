//! Where functions bend, and on which side of their kinks a recording is.

use crate::axis::Axis;
use crate::custom::On;
use crate::number::Number;
use crate::op::Op;
use crate::rules::elementwise::{Binary, Unary};
use crate::{Matrix, Scalar, Tape, Var};

/// Makes the domains and the kinks of the table.
macro_rules! domains_and_kinks {
    (
        []
        unary {$(
            $(#[$doc:meta])*
            $method:ident $(($field:ident: $type:ty, $sample:expr))? $name:ident {
                |$x:ident, $y:ident, $t:ident| $value:expr, $chain:expr,
                where $domain:expr, kinks [$($kink:expr),*]
            }
        )*}
        binary {$(
            $(#[$bdoc:meta])*
            $bmethod:ident $bname:ident {
                |$a:ident, $b:ident, $by:ident, $bt:ident| $bvalue:expr, $left:expr, $right:expr,
                where $bdomain:expr, kinks [$($bkink:expr),*]
            }
        )*}
    ) => {
        impl Unary {
            /// Whether `x` is in the domain: the function and its derivatives are finite there, as
            /// far as they do not leave the range of the numbers.
            pub fn is_defined_at(self, x: f64) -> bool {
                match self {
                    $(Unary::$name $(($field))? => {
                        let $x = x;
                        let _ = ($x, $($field)?); // not every domain has a border
                        $domain
                    })*
                }
            }

            /// Calls `f` with each kink: 0 where the derivative jumps, with another sign on either
            /// side.
            fn each_kink<T: Number>(self, x: T, mut f: impl FnMut(T)) {
                match self {
                    $(Unary::$name $(($field))? => {
                        let $x = x;
                        let _ = ($x, $($field)?); // not every function has a kink
                        let kinks: [T; _] = [$($kink),*];
                        kinks.into_iter().for_each(&mut f);
                    })*
                }
            }
        }

        impl Binary {
            /// Whether `(a, b)` is in the domain: the function and its derivatives are finite
            /// there, as far as they do not leave the range of the numbers.
            pub fn is_defined_at(self, a: f64, b: f64) -> bool {
                match self {
                    $(Binary::$bname => {
                        let ($a, $b) = (a, b);
                        let _ = ($a, $b); // not every domain has a border
                        $bdomain
                    })*
                }
            }

            /// Calls `f` with each kink, as [`Unary::each_kink`] does.
            fn each_kink<T: Number>(self, a: T, b: T, mut f: impl FnMut(T)) {
                match self {
                    $(Binary::$bname => {
                        let ($a, $b) = (a, b);
                        let _ = ($a, $b);
                        let kinks: [T; _] = [$($bkink),*];
                        kinks.into_iter().for_each(&mut f);
                    })*
                }
            }
        }
    };
}

elementwise_table!(domains_and_kinks);

/// The sides of the kinks of a recording.
impl<S: Scalar> Tape<S> {
    /// Returns the side of every kink, in the order of the recording: the sign of what the line of
    /// an element-wise operation states as its kink, of the condition of `select`, of the distance
    /// of each entry from the largest of its row or column, and of what an
    /// [`Operation`](crate::Operation) from outside states.
    ///
    /// A straight line between two points at which a function has the same sides is unlikely to
    /// cross a kink. A difference along it is then fit to check a derivative.
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
        let mut push = |kink: S| sides.extend((0..S::LANES).map(|i| sign(kink.lane(i))));
        for (id, &op) in self.ops.iter().enumerate() {
            match op {
                Op::Unary(a, function) => {
                    for &x in self.entries_of(a) {
                        function.each_kink(x, &mut push);
                    }
                }
                Op::Binary(a, b, function) => {
                    for at in cells(self.places[id].shape()) {
                        function.each_kink(self.entry(a, at), self.entry(b, at), &mut push);
                    }
                }
                Op::Select(condition, _, _) => {
                    self.entries_of(condition).iter().for_each(|&x| push(x));
                }
                Op::Largest(a, axis) => {
                    let largest = self.entries_of(id as u32);
                    for (r, c) in cells(self.places[a as usize].shape()) {
                        let line = if axis == Axis::Rows { c } else { r };
                        push(self.entry(a, (r, c)) - largest[line]);
                    }
                }
                Op::Custom(number) => {
                    let custom = &self.custom[number as usize];
                    let inputs = custom.inputs.iter().map(|&id| {
                        let (rows, columns) = self.places[id as usize].shape();
                        Matrix::new(rows, columns, self.entries_of(id).to_vec())
                    });
                    let inputs: Vec<Matrix<S>> = inputs.collect();
                    On::<S>::kinks(&*custom.operation, &inputs).into_iter().for_each(&mut push);
                }
                // These are smooth. List a new operation here only if it is.
                Op::Leaf
                | Op::Window(_)
                | Op::MatMul(..)
                | Op::Affine(..)
                | Op::Transpose(_)
                | Op::Sum(_)
                | Op::Dot(..)
                | Op::LogSoftmax(_)
                | Op::LogSumExp(..)
                | Op::Gather(..)
                | Op::StopGradient(_) => {}
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

/// Every row and column, row after row.
fn cells((rows, columns): (usize, usize)) -> impl Iterator<Item = (usize, usize)> {
    (0..rows).flat_map(move |r| (0..columns).map(move |c| (r, c)))
}

fn sign(x: f64) -> i8 {
    if x > 0.0 { 1 } else { -i8::from(x < 0.0) }
}
