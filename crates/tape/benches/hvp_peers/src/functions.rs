//! The test functions, each in two notations: matrix operations for our tape, and arithmetic on
//! single numbers, which is what the other crates differentiate.

use std::ops::{Add, Mul, Sub};

use tape::{Matrix, Objective, Scalar, Tape, Var};

/// What the functions ask of the other crates' numbers.
pub trait Number: Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> {
    /// self + c, by the crate's own addition of a constant.
    fn shift(self, c: f64) -> Self;
    /// c self, by the crate's own product with a constant.
    fn scale(self, c: f64) -> Self;
    /// e to the power of self.
    fn exp(self) -> Self;
    /// The natural logarithm.
    fn ln(self) -> Self;
}

/// One function in both notations.
pub trait Function: Objective {
    /// What the table calls it.
    const NAME: &'static str;

    /// The function of single numbers.
    fn of<N: Number>(&self, x: &[N]) -> N;
}

/// Σ 100 (xᵢ₊₁ − xᵢ²)² + (xᵢ − 1)²
pub struct Rosenbrock;

impl Objective for Rosenbrock {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, x: Var) -> Var {
        let terms = tape.shape(x).1 - 1;
        let (here, next) = (tape.window(x, 0, 1, terms), tape.window(x, 1, 1, terms));
        let (one, square) = (tape.scalar(1.0), tape.mul(here, here));
        let (across, along) = (tape.sub(next, square), tape.sub(here, one));
        let (across, along) = (tape.dot(across, across), tape.dot(along, along));
        let across = tape.scale(across, 100.0);
        tape.add(across, along)
    }
}

impl Function for Rosenbrock {
    const NAME: &'static str = "Rosenbrock";

    fn of<N: Number>(&self, x: &[N]) -> N {
        let term = |pair: &[N]| {
            let (across, along) = (pair[1] - pair[0] * pair[0], pair[0].shift(-1.0));
            (across * across).scale(100.0) + along * along
        };
        total(x.windows(2).map(term))
    }
}

/// The extended Powell singular function, over groups of four variables:
/// Σ (x₁ + 10 x₂)² + 5 (x₃ − x₄)² + (x₂ − 2 x₃)⁴ + 10 (x₁ − x₄)⁴
pub struct Powell;

impl Objective for Powell {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, x: Var) -> Var {
        // One column for each of the four differences.
        const DIFFERENCES: [[f64; 4]; 4] = [
            [1.0, 0.0, 0.0, 1.0],
            [10.0, 0.0, 1.0, 0.0],
            [0.0, 1.0, -2.0, 0.0],
            [0.0, -1.0, 0.0, -1.0],
        ];
        let groups = tape.shape(x).1 / 4;
        let x = tape.window(x, 0, groups, 4);
        let differences = tape.constant_from(4, 4, |r, c, _| DIFFERENCES[r][c]);
        let differences = tape.matmul(x, differences);
        let squares = tape.mul(differences, differences);
        let of_squares = tape.constant_from(1, 4, |_, c, _| [1.0, 5.0, 0.0, 0.0][c]);
        let of_fourth_powers = tape.constant_from(1, 4, |_, c, _| [0.0, 0.0, 1.0, 10.0][c]);
        let weighted = tape.mul(squares, of_fourth_powers);
        let weighted = tape.add(weighted, of_squares);
        tape.dot(squares, weighted)
    }
}

impl Function for Powell {
    const NAME: &'static str = "Powell singular";

    fn of<N: Number>(&self, x: &[N]) -> N {
        let square = |x: N| x * x;
        let term = |x: &[N]| {
            square(x[0] + x[1].scale(10.0))
                + square(x[2] - x[3]).scale(5.0)
                + square(square(x[1] - x[2].scale(2.0)))
                + square(square(x[0] - x[3])).scale(10.0)
        };
        total(x.chunks_exact(4).map(term))
    }
}

/// ln Σⱼ exp(aⱼ · x + bⱼ): the log-sum-exp of a dense layer's outputs.
pub struct LogSumExp {
    /// One column for each output.
    weights: Matrix<f64>,
    bias: Matrix<f64>,
}

impl LogSumExp {
    /// A layer with fixed weights, small enough that no exponential overflows.
    pub fn new(inputs: usize, outputs: usize) -> Self {
        let weights = (0..inputs * outputs).map(|i| 0.3 * (i as f64 + 1.0).sin()).collect();
        let bias = (0..outputs).map(|j| (j as f64).cos()).collect();
        let weights = Matrix::new(inputs, outputs, weights);
        LogSumExp { weights, bias: Matrix::new(1, outputs, bias) }
    }
}

impl Objective for LogSumExp {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, x: Var) -> Var {
        let [weights, bias] = [&self.weights, &self.bias].map(|matrix| {
            let (rows, columns) = matrix.shape();
            tape.constant_lanes(rows, columns, |_| matrix.data())
        });
        let outputs = tape.affine(x, weights, bias);
        let exponentials = tape.exp(outputs);
        let sum = tape.sum(exponentials);
        tape.ln(sum)
    }
}

impl Function for LogSumExp {
    const NAME: &'static str = "log-sum-exp";

    fn of<N: Number>(&self, x: &[N]) -> N {
        let output = |j: usize| {
            let products = x.iter().enumerate().map(|(i, x)| x.scale(self.weights[(i, j)]));
            total(products).shift(self.bias[(0, j)])
        };
        total((0..self.bias.shape().1).map(|j| output(j).exp())).ln()
    }
}

/// The sum, without a constant 0 to start from.
fn total<N: Number>(terms: impl Iterator<Item = N>) -> N {
    terms.reduce(|sum, term| sum + term).expect("at least one term")
}
