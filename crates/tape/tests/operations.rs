//! Every operation: its value against a plain formula, and its first and second derivatives
//! against differences, at ordinary points and odd shapes.

use crate::common::{Binary, Shaped, Unary, assert_close, config, spread, within};
use proptest::prelude::*;
use tape::check::{Settings, check};
use tape::{Matrix, Objective, Scalar, Tape, Var};

const SHAPES: [(usize, usize); 5] = [(1, 1), (1, 4), (4, 1), (3, 5), (7, 2)];

/// Every way in which two operands may fit: alike, one of them a row, a column or a single
/// number, and a column against a row.
const PAIRS: [((usize, usize), (usize, usize)); 14] = [
    ((1, 1), (1, 1)),
    ((1, 4), (1, 4)),
    ((4, 1), (4, 1)),
    ((3, 5), (3, 5)),
    ((3, 5), (1, 5)),
    ((1, 5), (3, 5)),
    ((7, 2), (7, 1)),
    ((7, 1), (7, 2)),
    ((3, 5), (1, 1)),
    ((1, 1), (3, 5)),
    ((3, 1), (1, 5)),
    ((1, 2), (7, 1)),
    ((1, 1), (1, 4)),
    ((4, 1), (1, 1)),
];

/// Two directions do: every test calls this for many points and shapes.
#[track_caller]
fn verify(objective: &impl Objective, parameters: &[f64], seed: u64, what: &str) {
    let settings = Settings { seed, directions: 2, ..Settings::default() };
    if let Err(mismatch) = check(objective, parameters, settings) {
        panic!("{what} at {parameters:?}: {mismatch}");
    }
}

/// Sums of numbers whose magnitudes add up to `size` at most, in any order.
#[track_caller]
fn assert_sums(got: &[f64], want: &[f64], size: usize, what: &str) {
    let allowed = 1e-15 * size as f64;
    assert_eq!(got.len(), want.len(), "{what}");
    for (got, want) in got.iter().zip(want) {
        assert!(within(*got, *want, 1e-15, allowed), "{what}: {got} for {want}");
    }
}

fn value(objective: &impl Objective, parameters: &[f64]) -> Vec<f64> {
    let mut tape = Tape::new();
    let parameters = tape.variable(1, parameters.len(), parameters);
    let output = objective.eval(&mut tape, parameters);
    tape.value(output).to_vec()
}

fn len(shape: (usize, usize)) -> usize {
    shape.0 * shape.1
}

/// min and aᵖ, with their first derivatives, against the standard library.
#[test]
fn smaller_ones_and_real_powers() {
    for (a, b) in [(0.5, 2.0), (2.0, 0.5), (-3.0, -1.0), (0.0, -0.0)] {
        let mut tape = Tape::<f64>::new();
        let (x, y) = (tape.variable(1, 1, &[a]), tape.variable(1, 1, &[b]));
        let smaller = tape.min(x, y);
        assert_eq!(tape.value(smaller), [f64::min(a, b)]);
        tape.backward(smaller);
        let expected = if a == b { [0.5, 0.5] } else { [f64::from(a < b), f64::from(b < a)] };
        assert_eq!([tape.adjoint(x)[0], tape.adjoint(y)[0]], expected, "{a}, {b}");
    }
    for (a, p) in [(0.3, 2.5), (7.0, -0.5), (1.0, 100.0), (1e-3, 0.1)] {
        let mut tape = Tape::<f64>::new();
        let x = tape.variable(1, 1, &[a]);
        let power = tape.powf(x, p);
        assert_close(tape.value(power), &[f64::powf(a, p)], 1e-14, "a^p");
        tape.backward(power);
        assert_close(tape.adjoint(x), &[p * f64::powf(a, p - 1.0)], 1e-14, "p a^(p − 1)");
    }
}

proptest! {
    #![proptest_config(config(128))]

    #[test]
    fn unary(seed in 0.0..1000.0) {
        for (op, (rows, columns)) in Unary::all().flat_map(|op| SHAPES.map(|shape| (op, shape))) {
            let raw = spread(rows * columns, seed);
            let x: Vec<f64> = raw.into_iter().map(|raw| op.point(raw)).collect();
            let what = format!("{op:?} of ({rows}, {columns})");
            let want: Vec<f64> = x.iter().map(|x| op.derivatives(*x)[0]).collect();
            let objective = Shaped(rows, columns, op);
            for (got, want) in value(&objective, &x).into_iter().zip(want) {
                assert_close(&[got], &[want], 1e-14, &what);
            }
            verify(&objective, &x, seed as u64, &what);
        }
    }

    #[test]
    fn binary(seed in 0.0..1000.0) {
        for (op, (left, right)) in Binary::ALL.into_iter().flat_map(|op| PAIRS.map(|p| (op, p))) {
            let (a, b) = operands(op, left, right, seed);
            let what = format!("{op:?} of {left:?} and {right:?}");
            let want = broadcast(op, (&a, left), (&b, right));
            let both = [&a[..], &b].concat();
            assert_close(&value(&Both { op, left, right }, &both), &want, 1e-15, &what);
            verify(&Both { op, left, right }, &both, seed as u64, &what);

            for fixed_right in [true, false] {
                let (shape, moving, fixed) =
                    if fixed_right { (left, &a, (right, &b)) } else { (right, &b, (left, &a)) };
                let fixed = Matrix::new(fixed.0.0, fixed.0.1, fixed.1.clone());
                let one = One { op, shape, fixed, fixed_right };
                assert_close(&value(&one, moving), &want, 1e-15, &what);
                verify(&one, moving, seed as u64, &format!("{what}, one operand fixed"));
            }
        }
    }

    #[test]
    fn select(seed in 0.0..1000.0) {
        for (rows, columns) in SHAPES {
            let n = rows * columns;
            let condition: Vec<f64> =
                spread(n, seed + 0.5).into_iter().map(|raw| Unary::Relu.point(raw)).collect();
            let (a, b) = (spread(n, seed), spread(n, seed + 1.0));
            let want: Vec<f64> =
                (0..n).map(|i| if condition[i] > 0.0 { a[i] } else { b[i] }).collect();
            let objective = Shaped(3 * rows, columns, Select { rows, columns });
            let parameters = [condition, a, b].concat();
            prop_assert_eq!(value(&objective, &parameters), want);
            verify(&objective, &parameters, seed as u64, "select");
        }
    }

    #[test]
    fn products(seed in 0.0..1000.0) {
        for (m, k, n) in [(1, 1, 1), (1, 4, 1), (4, 1, 3), (3, 5, 2), (7, 2, 5)] {
            let (a, b) = (spread(m * k, seed), spread(k * n, seed + 0.3));
            let want = matmul((&a, m, k), (&b, k, n));
            let both = [&a[..], &b].concat();
            let what = format!("({m}, {k}) times ({k}, {n})");
            for (first, second) in [(false, false), (false, true), (true, false), (true, true)] {
                // A factor that enters transposed is given transposed: the product is the same.
                let a = if first { transpose(&a, m, k) } else { a.clone() };
                let b = if second { transpose(&b, k, n) } else { b.clone() };
                let objective = MatMul { size: (m, k, n), transposed: (first, second) };
                let parameters = [&a[..], &b].concat();
                assert_sums(&value(&objective, &parameters), &want, k, &what);
                verify(&objective, &parameters, seed as u64, &what);
            }
            for fixed_right in [false, true] {
                let size = (m, k, n);
                let (shape, fixed) = if fixed_right {
                    ((m, k), Matrix::new(k, n, b.clone()))
                } else {
                    ((k, n), Matrix::new(m, k, a.clone()))
                };
                let objective = MatMulByConstant { shape, fixed, fixed_right };
                let parameters = if fixed_right { &a } else { &b };
                assert_sums(&value(&objective, parameters), &want, k, &what);
                verify(&objective, parameters, seed as u64, &format!("{size:?}, one fixed"));
            }
            verify(&Bilinear { size: (m, k, n) }, &both, seed as u64, "a product used twice");
        }
    }

    #[test]
    fn reductions_and_rows(seed in 0.0..1000.0) {
        for (rows, columns) in SHAPES {
            let n = rows * columns;
            let x: Vec<f64> = spread(n, seed).into_iter().map(|raw| 3.0 * raw).collect();
            for op in Whole::ALL {
                let what = format!("{op:?} of ({rows}, {columns})");
                let objective = Shaped(rows, columns, op);
                assert_sums(&value(&objective, &x), &op.value(&x, rows, columns), 9 * n, &what);
                verify(&objective, &x, seed as u64, &what);
                // Again behind something curved, so that the second derivative is not just 0.
                verify(&Shaped(rows, columns, Curved(op)), &x, seed as u64, &what);
            }
        }
    }

    #[test]
    fn one_operand_twice(seed in 0.0..1000.0) {
        let x: Vec<f64> = spread(9, seed).into_iter().map(|raw| Unary::Abs.point(raw)).collect();
        for op in Twice::ALL {
            let objective = Shaped(3, 3, op);
            assert_sums(&value(&objective, &x), &op.value(&x), 9 * 9, &format!("{op:?}"));
            verify(&objective, &x, seed as u64, &format!("{op:?}"));
            verify(&Shaped(3, 3, Curved(op)), &x, seed as u64, &format!("curved {op:?}"));
        }
    }
}

/// Both operands are parameters, one after the other.
struct Both {
    op: Binary,
    left: (usize, usize),
    right: (usize, usize),
}

impl Objective for Both {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        let a = tape.window(parameters, 0, self.left.0, self.left.1);
        let b = tape.window(parameters, len(self.left), self.right.0, self.right.1);
        self.op.record(tape, a, b)
    }
}

/// One operand is the parameters, the other a constant.
struct One {
    op: Binary,
    shape: (usize, usize),
    fixed: Matrix<f64>,
    fixed_right: bool,
}

impl Objective for One {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        let moving = tape.window(parameters, 0, self.shape.0, self.shape.1);
        let fixed = constant(tape, &self.fixed);
        let (a, b) = if self.fixed_right { (moving, fixed) } else { (fixed, moving) };
        self.op.record(tape, a, b)
    }
}

fn constant<S: Scalar>(tape: &mut Tape<S>, matrix: &Matrix<f64>) -> Var {
    tape.constant_from(matrix.shape().0, matrix.shape().1, |r, c, _| matrix[(r, c)])
}

fn operands(
    op: Binary,
    left: (usize, usize),
    right: (usize, usize),
    seed: f64,
) -> (Vec<f64>, Vec<f64>) {
    let (a, b) = (spread(len(left), seed), spread(len(right), seed + 0.4));
    (
        a.into_iter().map(|a| op.point((a, 0.5)).0).collect(),
        b.into_iter().map(|b| op.point((0.5, b)).1).collect(),
    )
}

/// f(a, b) by looking up, for every entry of the result, the entries it comes from.
fn broadcast(op: Binary, a: (&[f64], (usize, usize)), b: (&[f64], (usize, usize))) -> Vec<f64> {
    let (rows, columns) = (a.1.0.max(b.1.0), a.1.1.max(b.1.1));
    let entry = |(x, shape): (&[f64], (usize, usize)), r: usize, c: usize| {
        x[r.min(shape.0 - 1) * shape.1 + c.min(shape.1 - 1)]
    };
    (0..rows * columns)
        .map(|i| (i / columns, i % columns))
        .map(|(r, c)| op.value(entry(a, r, c), entry(b, r, c)))
        .collect()
}

/// The condition, then what it chooses from; all three are parameters.
struct Select {
    rows: usize,
    columns: usize,
}

impl Objective for Select {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        let n = self.rows * self.columns;
        let [condition, a, b] =
            [0, 1, 2].map(|i| tape.window(parameters, i * n, self.rows, self.columns));
        tape.select(condition, a, b)
    }
}

/// Y = A B, both of them parameters, each possibly given transposed.
struct MatMul {
    size: (usize, usize, usize),
    transposed: (bool, bool),
}

impl Objective for MatMul {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        let (m, k, n) = self.size;
        let mut factor = |start, rows, columns, transposed| {
            if transposed {
                let given = tape.window(parameters, start, columns, rows);
                tape.transpose(given)
            } else {
                tape.window(parameters, start, rows, columns)
            }
        };
        let a = factor(0, m, k, self.transposed.0);
        let b = factor(m * k, k, n, self.transposed.1);
        tape.matmul(a, b)
    }
}

struct MatMulByConstant {
    shape: (usize, usize),
    fixed: Matrix<f64>,
    fixed_right: bool,
}

impl Objective for MatMulByConstant {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        let moving = tape.window(parameters, 0, self.shape.0, self.shape.1);
        let fixed = constant(tape, &self.fixed);
        let (a, b) = if self.fixed_right { (moving, fixed) } else { (fixed, moving) };
        tape.matmul(a, b)
    }
}

/// sin(A B) (A B)ᵀ: neither the factors nor their adjoints stand still.
struct Bilinear {
    size: (usize, usize, usize),
}

impl Objective for Bilinear {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        let plain = MatMul { size: self.size, transposed: (false, false) };
        let product = plain.eval(tape, parameters);
        let (waves, turned) = (tape.sin(product), tape.transpose(product));
        tape.matmul(waves, turned)
    }
}

fn matmul(a: (&[f64], usize, usize), b: (&[f64], usize, usize)) -> Vec<f64> {
    let ((a, m, k), (b, _, n)) = (a, b);
    (0..m * n).map(|i| (0..k).map(|p| a[i / n * k + p] * b[p * n + i % n]).sum()).collect()
}

fn transpose(x: &[f64], rows: usize, columns: usize) -> Vec<f64> {
    (0..rows * columns).map(|i| x[i % rows * columns + i / rows]).collect()
}

/// Operations on a whole matrix.
#[derive(Clone, Copy, Debug)]
enum Whole {
    Transpose,
    Sum,
    Mean,
    DotWithItself,
    DotWithConstant,
    LogSoftmax,
    /// Entries 1 and on of the (rows, columns) matrix, as a column.
    Window,
}

impl Whole {
    const ALL: [Whole; 7] = [
        Whole::Transpose,
        Whole::Sum,
        Whole::Mean,
        Whole::DotWithItself,
        Whole::DotWithConstant,
        Whole::LogSoftmax,
        Whole::Window,
    ];

    fn value(self, x: &[f64], rows: usize, columns: usize) -> Vec<f64> {
        let sum: f64 = x.iter().sum();
        match self {
            Whole::Transpose => transpose(x, rows, columns),
            Whole::Sum => vec![sum],
            Whole::Mean => vec![sum / x.len() as f64],
            Whole::DotWithItself => vec![x.iter().map(|x| x * x).sum()],
            Whole::DotWithConstant => {
                vec![x.iter().enumerate().map(|(i, x)| x * weight(i)).sum()]
            }
            // ln(e^x / Σ e^x), as one would write it where nothing overflows.
            Whole::LogSoftmax => x
                .chunks(columns)
                .flat_map(|row| {
                    let sum: f64 = row.iter().map(|x| x.exp()).sum();
                    row.iter().map(move |x| (x.exp() / sum).ln())
                })
                .collect(),
            Whole::Window => x[1..].to_vec(),
        }
    }
}

impl Objective for Whole {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, x: Var) -> Var {
        let (rows, columns) = tape.shape(x);
        match self {
            Whole::Transpose => tape.transpose(x),
            Whole::Sum => tape.sum(x),
            Whole::Mean => tape.mean(x),
            Whole::DotWithItself => tape.dot(x, x),
            Whole::DotWithConstant => {
                let weights = tape.constant_from(rows, columns, |r, c, _| weight(r * columns + c));
                tape.dot(weights, x)
            }
            Whole::LogSoftmax => tape.log_softmax(x),
            Whole::Window => tape.window(x, 1, rows * columns - 1, 1),
        }
    }
}

/// Of entry `i` in an inner product with a constant.
fn weight(i: usize) -> f64 {
    (i as f64 + 1.0).sin()
}

/// y sin(y / 8) of the result y, whose waves are long enough for differences to follow.
struct Curved<F>(F);

impl<F: Objective> Objective for Curved<F> {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, x: Var) -> Var {
        let y = self.0.eval(tape, x);
        let slow = tape.scale(y, 0.125);
        let waves = tape.sin(slow);
        tape.mul(waves, y)
    }
}

/// Operations whose operands are one and the same (3, 3) matrix.
#[derive(Clone, Copy, Debug)]
enum Twice {
    Add,
    Sub,
    Mul,
    Div,
    Max,
    Select,
    MatMul,
    /// x xᵀ
    Gram,
    Dot,
}

impl Twice {
    const ALL: [Twice; 9] = [
        Twice::Add,
        Twice::Sub,
        Twice::Mul,
        Twice::Div,
        Twice::Max,
        Twice::Select,
        Twice::MatMul,
        Twice::Gram,
        Twice::Dot,
    ];

    fn value(self, x: &[f64]) -> Vec<f64> {
        let each = |f: fn(f64) -> f64| x.iter().map(|x| f(*x)).collect();
        match self {
            Twice::Add => each(|x| 2.0 * x),
            Twice::Sub => each(|_| 0.0),
            Twice::Mul => each(|x| x * x),
            Twice::Div => each(|_| 1.0),
            Twice::Max | Twice::Select => x.to_vec(),
            Twice::MatMul => matmul((x, 3, 3), (x, 3, 3)),
            Twice::Gram => matmul((x, 3, 3), (&transpose(x, 3, 3), 3, 3)),
            Twice::Dot => vec![x.iter().map(|x| x * x).sum()],
        }
    }
}

impl Objective for Twice {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, x: Var) -> Var {
        match self {
            Twice::Add => tape.add(x, x),
            Twice::Sub => tape.sub(x, x),
            Twice::Mul => tape.mul(x, x),
            Twice::Div => tape.div(x, x),
            Twice::Max => tape.max(x, x),
            Twice::Select => tape.select(x, x, x),
            Twice::MatMul => tape.matmul(x, x),
            Twice::Gram => {
                let turned = tape.transpose(x);
                tape.matmul(x, turned)
            }
            Twice::Dot => tape.dot(x, x),
        }
    }
}
