//! The tape's counts of operations against a number that counts itself.

use std::cell::Cell;
use std::ops::{Add, Div, Mul, Neg, Sub};

use tape::{Matrix, Number, Scalar, Tape, Var};

thread_local! {
    static PRODUCTS: Cell<u64> = const { Cell::new(0) };
}

/// A number that counts the products it takes part in.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Counted(f64);

macro_rules! same {
    ($($operator:ident $method:ident $sign:tt),*) => {
        $(impl $operator for Counted {
            type Output = Self;
            fn $method(self, other: Self) -> Self {
                Counted(self.0 $sign other.0)
            }
        })*
    };
}

same!(Add add +, Sub sub -, Div div /);

impl Mul for Counted {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        PRODUCTS.set(PRODUCTS.get() + 1);
        Counted(self.0 * other.0)
    }
}

impl Neg for Counted {
    type Output = Self;
    fn neg(self) -> Self {
        Counted(-self.0)
    }
}

impl Number for Counted {
    fn from_f64(x: f64) -> Self {
        Counted(x)
    }
    fn constant(self) -> Self {
        self
    }
    fn where_positive(self, if_positive: Self, otherwise: Self) -> Self {
        if self.0 > 0.0 { if_positive } else { otherwise }
    }
    fn exp(self) -> Self {
        Counted(self.0.exp())
    }
    fn ln(self) -> Self {
        Counted(self.0.ln())
    }
    fn sqrt(self) -> Self {
        Counted(self.0.sqrt())
    }
    fn sin(self) -> Self {
        Counted(self.0.sin())
    }
    fn cos(self) -> Self {
        Counted(self.0.cos())
    }
    fn tanh(self) -> Self {
        Counted(self.0.tanh())
    }
}

impl Scalar for Counted {
    const LANES: usize = 1;
    type Flat = Self;

    fn flat(entries: &[Self]) -> &[Self] {
        entries
    }
    fn flat_mut(entries: &mut [Self]) -> &mut [Self] {
        entries
    }
    fn from_lanes(mut lane: impl FnMut(usize) -> f64) -> Self {
        Counted(lane(0))
    }
    fn lane(self, _: usize) -> f64 {
        self.0
    }
    fn set_lane(&mut self, _: usize, x: f64) {
        self.0 = x;
    }
}

fn products(run: impl FnOnce()) -> u64 {
    PRODUCTS.set(0);
    run();
    PRODUCTS.get()
}

/// Two layers, 7 rows by 3 features, without anything but products between them. The sum of the
/// logits is the output.
fn network(tape: &mut Tape<Counted>) -> (Var, Var) {
    let numbers = |n: usize| (0..n).map(|i| Counted(i as f64 * 0.1 - 0.4)).collect::<Vec<_>>();
    let theta = tape.variable(1, 3 * 5 + 5 + 5 * 2, &numbers(30));
    let x = tape.constant(&Matrix::new(7, 3, numbers(21)));
    let first = (tape.window(theta, 0, 3, 5), tape.window(theta, 15, 1, 5));
    let second = tape.window(theta, 20, 5, 2);
    let hidden = tape.affine(x, first.0, first.1);
    let logits = tape.matmul(hidden, second);
    (theta, tape.sum(logits))
}

#[test]
fn products_are_counted_as_they_are_done() {
    let mut tape = Tape::new();
    let mut nodes = None;
    let values = products(|| nodes = Some(network(&mut tape)));
    let (theta, output) = nodes.unwrap();
    let adjoints = products(|| tape.backward(output));
    let direction = vec![Counted(0.5); 30];
    let tangents = products(|| tape.forward_tangents(theta, &direction));
    let adjoint_tangents = products(|| tape.backward_tangents(output));

    let work = tape.work();
    // What is beside products: the sum of 14 logits, and the adjoint of the 7 × 5 biases.
    assert_eq!(work.values.multiply_adds, values + 14);
    assert_eq!(work.adjoints.multiply_adds, adjoints + 14 + 35);
    assert_eq!(work.tangents.multiply_adds, tangents + 14 + 35);
    assert_eq!(work.adjoint_tangents.multiply_adds, adjoint_tangents + 14 + 35);
    assert_eq!(values, 7 * 3 * 5 + 7 * 5 * 2);
}

/// Where the last layer alone moves, the product skips the rest, and so does its count.
#[test]
fn what_does_not_move_is_not_counted() {
    let mut tape = Tape::new();
    let (theta, output) = network(&mut tape);
    tape.backward(output);
    let mut direction = vec![Counted(0.0); 30];
    direction[20..].fill(Counted(0.5));
    let product = |tape: &mut Tape<Counted>, moving: std::ops::Range<usize>| {
        products(|| drop(tape.hessian_vector_within(theta, &direction, moving, output).to_vec()))
    };
    let within = product(&mut tape, 20..30);
    let counted = tape.work_within(theta, 20..30);
    // The sum of 14 logits in both sweeps, and the adjoint of the 7 × 5 biases in the second.
    assert_eq!(counted.hessian_vector().multiply_adds, within + 14 + 14 + 35);
    assert!(within < product(&mut tape, 0..30));
    assert_eq!(tape.work_within(theta, 0..30), tape.work());
    assert_eq!(counted.gradient(), tape.work().gradient());
}

#[test]
fn lanes_multiply_the_work() {
    fn of<S: Scalar>() -> u64 {
        let mut tape = Tape::<S>::new();
        let x = tape.variable(4, 6, &[S::one(); 24]);
        let square = tape.powi(x, 2);
        tape.sum(square);
        tape.work().values.multiply_adds
    }
    assert_eq!(of::<f64>(), 48);
    assert_eq!(of::<tape::Lanes<f64, 4>>(), 4 * 48);
}

/// The sides of every operation with a kink.
#[test]
fn sides_are_those_of_the_operands() {
    use tape::Axis;
    let mut tape = Tape::<f64>::new();
    let x = tape.variable(2, 2, &[1.0, -2.0, 3.0, 0.0]);
    let row = tape.constant(&Matrix::from_rows(&[[2.0, -2.0]]));
    tape.abs(x);
    assert_eq!(tape.sides(), [1, -1, 1, 0]);
    tape.max(x, row);
    assert_eq!(tape.sides()[4..], [-1, 0, 1, 1]);
    tape.max_axis(x, Axis::Columns);
    assert_eq!(tape.sides()[8..], [0, -1, 0, -1]);
    tape.max_axis(x, Axis::Rows);
    assert_eq!(tape.sides()[12..], [-1, -1, 0, 0]);
    tape.clamp(x, (-1.0, 2.0));
    assert_eq!(tape.sides()[16..], [1, -1, -1, -1, 1, 1, 1, -1]);
}
