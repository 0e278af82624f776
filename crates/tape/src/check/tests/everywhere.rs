//! Every operation of the tape, at points of both signs, near 0 and large, in every type of number.

use crate::axis::Axis;
use crate::check::check_widely;
use crate::op::Op;
use crate::{Binary, Matrix, Number, Objective, Operation, Scalar, Tape, Unary, Var, hvp};

/// An operation of the tape on all parameters.
#[derive(Clone, Copy, Debug)]
enum Example {
    Unary(Unary),
    Binary(Binary),
    /// A row meets a matrix of three rows.
    Repeated(Binary),
    Select,
    MatMul,
    Affine,
    Transpose,
    Sum,
    Dot,
    LogSoftmax,
    MaxAxis(Axis),
    LogSumExp(Axis),
    Gather,
    StopGradient,
    Custom,
}

impl Example {
    /// Constants beside the samples of the table.
    const CONSTANTS: [Unary; 9] = [
        Unary::PowI(-2),
        Unary::PowI(-1),
        Unary::PowI(0),
        Unary::PowI(1),
        Unary::PowI(4),
        Unary::PowF(-0.5),
        Unary::Scale(0.0),
        Unary::LeakyRelu(1.5),
        Unary::Clamp((-0.01, 20.0)),
    ];

    fn unary() -> impl Iterator<Item = Unary> {
        Unary::ALL.iter().copied().chain(Example::CONSTANTS)
    }

    fn all() -> impl Iterator<Item = Example> {
        let binary = || Binary::ALL.iter().copied();
        let axes = || [Axis::Rows, Axis::Columns].into_iter();
        Example::unary()
            .map(Example::Unary)
            .chain(binary().map(Example::Binary))
            .chain(binary().map(Example::Repeated))
            .chain([Example::Select, Example::MatMul, Example::Affine, Example::Transpose])
            .chain([Example::Sum, Example::Dot, Example::LogSoftmax, Example::Gather])
            .chain(axes().map(Example::MaxAxis))
            .chain(axes().map(Example::LogSumExp))
            .chain([Example::StopGradient, Example::Custom])
    }

    fn parameters(self) -> usize {
        match self {
            Example::Unary(_) => 1,
            Example::Binary(_) => 2,
            Example::MatMul | Example::Repeated(_) | Example::Dot => 8,
            Example::Affine => 10,
            _ => 6,
        }
    }

    /// Whether the parameters are in the domain.
    fn is_defined_at(self, x: &[f64]) -> bool {
        match self {
            Example::Unary(function) => function.is_defined_at(x[0]),
            Example::Binary(function) => function.is_defined_at(x[0], x[1]),
            Example::Repeated(function) => {
                x[2..].iter().enumerate().all(|(i, &b)| function.is_defined_at(x[i % 2], b))
            }
            _ => true,
        }
    }

    fn record<S: Scalar>(self, tape: &mut Tape<S>, x: Var) -> Var {
        let mut part = |start, rows, columns| tape.window(x, start, rows, columns);
        match self {
            Example::Unary(function) => tape.unary(x, function),
            Example::Binary(function) => {
                let (a, b) = (part(0, 1, 1), part(1, 1, 1));
                tape.binary(a, b, function)
            }
            Example::Repeated(function) => {
                let (row, matrix) = (part(0, 1, 2), part(2, 3, 2));
                tape.binary(row, matrix, function)
            }
            Example::Select => {
                let (condition, a, b) = (part(0, 1, 2), part(2, 1, 2), part(4, 1, 2));
                tape.select(condition, a, b)
            }
            Example::MatMul => {
                let (a, b) = (part(0, 2, 2), part(4, 2, 2));
                tape.matmul(a, b)
            }
            Example::Affine => {
                let (a, b, bias) = (part(0, 2, 2), part(4, 2, 2), part(8, 1, 2));
                tape.affine(a, b, bias)
            }
            Example::Dot => {
                let (a, b) = (part(0, 2, 2), part(4, 2, 2));
                tape.dot(a, b)
            }
            Example::Transpose => {
                let matrix = part(0, 2, 3);
                tape.transpose(matrix)
            }
            Example::Sum => tape.sum(x),
            Example::LogSoftmax => {
                let matrix = part(0, 2, 3);
                tape.log_softmax(matrix)
            }
            Example::MaxAxis(axis) => {
                let matrix = part(0, 2, 3);
                tape.max_axis(matrix, axis)
            }
            Example::LogSumExp(axis) => {
                let matrix = part(0, 2, 3);
                tape.log_sum_exp(matrix, axis)
            }
            Example::Gather => {
                let matrix = part(0, 2, 3);
                let rows = tape.take_rows(matrix, &[1, 0, 1]);
                tape.slice(rows, 0..3, 1..3)
            }
            Example::StopGradient => {
                // A difference sees what is stopped, unless it does not move.
                let zero = tape.scale(x, 0.0);
                let still = tape.stop_gradient(zero);
                tape.add(x, still)
            }
            Example::Custom => tape.operation(Signed, &[x]),
        }
    }
}

/// The operation, and behind all but an element-wise one y² + y, so that the second derivative is
/// not 0.
impl Objective for Example {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        let y = self.record(tape, parameters);
        if matches!(self, Example::Unary(_) | Example::Binary(_) | Example::Repeated(_)) {
            return y;
        }
        let square = tape.mul(y, y);
        tape.add(square, y)
    }
}

/// |x| + x² of each entry, as an operation from outside.
struct Signed;

impl Operation for Signed {
    fn value<T: Number>(&self, inputs: &[Matrix<T>]) -> Matrix<T> {
        let (rows, columns) = inputs[0].shape();
        let value = |&x: &T| x.abs() + x * x;
        Matrix::new(rows, columns, inputs[0].data().iter().map(value).collect())
    }

    fn reverse<T: Number>(
        &self,
        inputs: &[Matrix<T>],
        _: &Matrix<T>,
        adjoint: &Matrix<T>,
    ) -> Vec<Matrix<T>> {
        let (rows, columns) = adjoint.shape();
        let slope = |x: T| x + x + x.where_positive(T::one(), -T::one());
        let pairs = inputs[0].data().iter().zip(adjoint.data());
        vec![Matrix::new(rows, columns, pairs.map(|(&x, &t)| t * slope(x)).collect())]
    }

    fn kinks<T: Number>(&self, inputs: &[Matrix<T>]) -> Vec<T> {
        inputs[0].data().to_vec()
    }
}

#[test]
fn every_operation_is_right_everywhere() {
    let mut found = Vec::new();
    for example in Example::all() {
        let defined = |x: &[f64]| example.is_defined_at(x);
        if let Err(mistake) = check_widely(&example, example.parameters(), defined) {
            found.push(format!("{example:?} {mistake}"));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A new operation has to be among the examples.
#[test]
fn the_examples_have_every_operation() {
    /// The number of the variant. A new variant needs a new number here.
    fn kind(op: Op) -> usize {
        match op {
            Op::Leaf => 0,
            Op::Window(_) => 1,
            Op::Unary(..) => 2,
            Op::Binary(..) => 3,
            Op::Select(..) => 4,
            Op::MatMul(..) => 5,
            Op::Affine(..) => 6,
            Op::Transpose(_) => 7,
            Op::Sum(_) => 8,
            Op::Dot(..) => 9,
            Op::LogSoftmax(_) => 10,
            Op::Largest(..) => 11,
            Op::LogSumExp(..) => 12,
            Op::Gather(..) => 13,
            Op::StopGradient(_) => 14,
            Op::Custom(_) => 15,
        }
    }
    const KINDS: usize = 16;

    let mut seen = [false; KINDS];
    for example in Example::all() {
        let mut tape = Tape::<f64>::new();
        let x = tape.variable(1, example.parameters(), &vec![0.5; example.parameters()]);
        example.eval(&mut tape, x);
        tape.ops.iter().for_each(|&op| seen[kind(op)] = true);
    }
    assert_eq!(seen, [true; KINDS]);
}

/// A line of the table cannot leave out points by a domain that is too small: outside of it the
/// value or a derivative is not finite.
#[test]
fn domains_are_not_too_small() {
    let points = || [0.0, 1e-4, 0.3, 1.0, 2.0, 50.0].into_iter().flat_map(|x| [x, -x]);
    let is_finite = |example: Example, x: &[f64]| {
        let at = hvp(&example, x, &vec![1.0; x.len()]);
        at.value.is_finite() && at.gradient.iter().chain(&at.product).all(|x| x.is_finite())
    };
    let pairs = || points().flat_map(|a| points().map(move |b| vec![a, b]));
    let one = Example::unary()
        .flat_map(|function| points().map(move |x| (Example::Unary(function), vec![x])));
    let two = Binary::ALL
        .iter()
        .flat_map(|&function| pairs().map(move |pair| (Example::Binary(function), pair)));
    for (example, x) in one.chain(two) {
        assert_eq!(example.is_defined_at(&x), is_finite(example, &x), "{example:?} at {x:?}");
    }
}

/// The derivative jumps where the line of the table states a kink, and nowhere else.
#[test]
fn lines_state_their_kinks() {
    let one = Example::unary().map(|function| (Example::Unary(function), LINES[0]));
    let two = Binary::ALL.iter().map(|&function| Example::Binary(function));
    for (example, line) in one.chain(two.flat_map(|e| [(e, LINES[1]), (e, LINES[2])])) {
        for step in -256..256 {
            // The ends are no numbers at which a kink is likely to be.
            let [start, end] = [step, step + 1].map(|step| f64::from(step) / 32.0 + 0.001_23);
            let Some([before, after]) = steepest(example, line, start, end) else { continue };
            assert_eq!(
                change(&before, &after) > 1e-4 * (1.0 + before.value.abs() + before.slope.abs()),
                before.sides != after.sides,
                "{example:?} at {:?}: a kink is not stated, or stated where there is none",
                line(before.t),
            );
        }
    }
}

/// A line through the plane of two operands. The first operand alone goes along the first.
type Line = fn(f64) -> [f64; 2];
const LINES: [Line; 3] = [|t| [t, t], |t| [t, 0.3 - 0.6 * t], |t| [0.3 - 0.6 * t, t]];

/// A function at one point of a line.
struct At {
    t: f64,
    value: f64,
    slope: f64,
    sides: Vec<i8>,
}

impl At {
    /// `None` outside of the domain.
    fn new(example: Example, line: Line, t: f64) -> Option<At> {
        let n = example.parameters();
        let (point, ahead) = (line(t), line(t + 1.0));
        let along: Vec<f64> = ahead.iter().zip(point).map(|(ahead, x)| ahead - x).collect();
        if !example.is_defined_at(&point[..n]) {
            return None;
        }
        let mut tape = Tape::new();
        let x = tape.variable(1, n, &point[..n]);
        let y = example.eval(&mut tape, x);
        tape.forward_tangents(x, &along[..n]);
        let (value, slope) = (tape.value(y)[0], tape.tangent(y)[0]);
        Some(At { t, value, slope, sides: tape.sides() })
    }
}

/// The ends of a tiny part of a stretch: where a stated kink is, or else where the value and the
/// slope change most. `None` if it leaves the domain or reaches a pole.
fn steepest(example: Example, line: Line, start: f64, end: f64) -> Option<[At; 2]> {
    let at = |t| At::new(example, line, t);
    let (mut before, mut after) = (at(start)?, at(end)?);
    for _ in 0..32 {
        let middle = at(0.5 * (before.t + after.t))?;
        let in_the_first = if before.sides == after.sides {
            change(&before, &middle) > change(&middle, &after)
        } else {
            before.sides != middle.sides
        };
        if in_the_first {
            after = middle;
        } else {
            before = middle;
        }
    }
    let is_a_pole = before.slope.abs().max(after.slope.abs()) > 1e6;
    (!is_a_pole).then_some([before, after])
}

fn change(a: &At, b: &At) -> f64 {
    (a.value - b.value).abs() + (a.slope - b.slope).abs()
}
