//! The element-wise functions, each beside its derivatives in plain `f64`.

use tape::{Objective, Scalar, Tape, Var};

/// A function of one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unary {
    Neg,
    Scale(f64),
    PowI(i32),
    Exp,
    Ln,
    Ln1p,
    ExpM1,
    Sqrt,
    Sin,
    Cos,
    Tanh,
    Sigmoid,
    Softplus,
    Relu,
    LeakyRelu(f64),
    Abs,
    Clamp(f64, f64),
}

impl Unary {
    /// Every function, with every exponent and a few factors.
    pub fn all() -> impl Iterator<Item = Unary> {
        use Unary::*;
        let plain = [Neg, Exp, Ln, Ln1p, ExpM1, Sqrt, Sin, Cos, Tanh, Sigmoid, Softplus, Relu, Abs];
        let factors = [0.0, 1.0, -2.5].map(Scale);
        let constants = [LeakyRelu(0.01), LeakyRelu(0.2), Clamp(-1.25, 2.0), Clamp(0.5, 0.5)];
        plain.into_iter().chain(factors).chain(constants).chain((-4..=6).map(PowI))
    }

    pub fn record<S: Scalar>(self, tape: &mut Tape<S>, x: Var) -> Var {
        match self {
            Unary::Neg => tape.neg(x),
            Unary::Scale(factor) => tape.scale(x, factor),
            Unary::PowI(n) => tape.powi(x, n),
            Unary::Exp => tape.exp(x),
            Unary::Ln => tape.ln(x),
            Unary::Ln1p => tape.ln_1p(x),
            Unary::ExpM1 => tape.exp_m1(x),
            Unary::Clamp(low, high) => tape.clamp(x, (low, high)),
            Unary::Sqrt => tape.sqrt(x),
            Unary::Sin => tape.sin(x),
            Unary::Cos => tape.cos(x),
            Unary::Tanh => tape.tanh(x),
            Unary::Sigmoid => tape.sigmoid(x),
            Unary::Softplus => tape.softplus(x),
            Unary::Relu => tape.relu(x),
            Unary::LeakyRelu(slope) => tape.leaky_relu(x, slope),
            Unary::Abs => tape.abs(x),
        }
    }

    /// The same function of the scalar itself, without a tape where the scalar has it.
    pub fn apply<S: Scalar>(self, x: S) -> S {
        match self {
            Unary::Neg => -x,
            Unary::Scale(factor) => x * S::from_f64(factor),
            Unary::PowI(n) => x.powi(n),
            Unary::Exp => x.exp(),
            Unary::Ln => x.ln(),
            Unary::Sqrt => x.sqrt(),
            Unary::Sin => x.sin(),
            Unary::Cos => x.cos(),
            Unary::Tanh => x.tanh(),
            Unary::Sigmoid => x.sigmoid(),
            Unary::Softplus => x.softplus(),
            Unary::Relu => x.relu(),
            Unary::LeakyRelu(slope) => x.where_positive(x, x * S::from_f64(slope)),
            Unary::Abs => x.abs(),
            Unary::Ln1p | Unary::ExpM1 | Unary::Clamp(..) => {
                let mut tape = Tape::new();
                let x = tape.variable(1, 1, &[x]);
                let y = self.record(&mut tape, x);
                tape.value(y)[0]
            }
        }
    }

    /// f(x), f′(x), f″(x), f‴(x), in formulas that neither overflow nor cancel.
    pub fn derivatives(self, x: f64) -> [f64; 4] {
        match self {
            Unary::Neg => [-x, -1.0, 0.0, 0.0],
            Unary::Scale(c) => [c * x, c, 0.0, 0.0],
            Unary::PowI(n) => [0, 1, 2, 3].map(|order| {
                let coefficient: i32 = (n - order + 1..=n).product();
                if coefficient == 0 {
                    0.0
                } else {
                    f64::from(coefficient) * x.powf(f64::from(n - order))
                }
            }),
            Unary::Exp => [x.exp(); 4],
            Unary::Ln => [x.ln(), 1.0 / x, -1.0 / x / x, 2.0 / x / x / x],
            Unary::Ln1p => {
                let u = 1.0 + x;
                [x.ln_1p(), 1.0 / u, -1.0 / u / u, 2.0 / u / u / u]
            }
            Unary::ExpM1 => [x.exp_m1(), x.exp(), x.exp(), x.exp()],
            Unary::Sqrt => {
                let root = x.sqrt();
                [root, 0.5 / root, -0.25 / root / x, 0.375 / root / x / x]
            }
            Unary::Sin => [x.sin(), x.cos(), -x.sin(), -x.cos()],
            Unary::Cos => [x.cos(), -x.sin(), -x.cos(), x.sin()],
            Unary::Tanh => {
                let (y, e) = (x.tanh(), (-2.0 * x.abs()).exp());
                let slope = 4.0 * e / ((1.0 + e) * (1.0 + e));
                [y, slope, -2.0 * y * slope, slope * (4.0 * y * y - 2.0 * slope)]
            }
            Unary::Sigmoid => {
                let e = (-x.abs()).exp();
                let slope = e / ((1.0 + e) * (1.0 + e));
                let value = if x > 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) };
                [value, slope, -slope * (x / 2.0).tanh(), slope * (1.0 - 6.0 * slope)]
            }
            Unary::Softplus => {
                let [first, second, third, _] = Unary::Sigmoid.derivatives(x);
                [x.max(0.0) + (-x.abs()).exp().ln_1p(), first, second, third]
            }
            Unary::Relu => [x.max(0.0), if x > 0.0 { 1.0 } else { 0.0 }, 0.0, 0.0],
            Unary::LeakyRelu(_) if x > 0.0 => [x, 1.0, 0.0, 0.0],
            Unary::LeakyRelu(c) => [c * x, c, 0.0, 0.0],
            Unary::Abs => [x.abs(), if x == 0.0 { 0.0 } else { x.signum() }, 0.0, 0.0],
            Unary::Clamp(low, high) => {
                let between = low < x && x < high;
                [x.clamp(low, high), f64::from(u8::from(between)), 0.0, 0.0]
            }
        }
    }

    /// Whether the function is defined at `x`, a pole or the edge of its domain counting as not.
    pub fn is_defined_at(self, x: f64) -> bool {
        match self {
            Unary::Ln | Unary::Sqrt => x > 0.0,
            Unary::Ln1p => x > -1.0,
            Unary::PowI(n) => n >= 0 || x != 0.0,
            _ => true,
        }
    }

    /// Takes a number in (−1, 1) to an ordinary point of the domain, clear of poles, of kinks, and
    /// of zeros so flat that a difference would step over them.
    pub fn point(self, raw: f64) -> f64 {
        match self {
            Unary::Ln | Unary::Sqrt => 0.3 + 3.0 * raw.abs(),
            Unary::Ln1p => -0.7 + 3.0 * raw.abs(),
            // The halves between the multiples of 0.25, where the bounds are.
            Unary::Clamp(..) => (12.0 * raw).round() / 4.0 + 0.125,
            Unary::PowI(_) => (0.4 + 1.5 * raw.abs()).copysign(raw),
            Unary::Relu | Unary::LeakyRelu(_) | Unary::Abs => {
                (0.05 + 3.0 * raw.abs()).copysign(raw)
            }
            _ => 3.0 * raw,
        }
    }
}

impl Objective for Unary {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        self.record(tape, parameters)
    }
}

/// A function of two numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    Max,
}

impl Binary {
    pub const ALL: [Binary; 5] = [Binary::Add, Binary::Sub, Binary::Mul, Binary::Div, Binary::Max];

    pub fn record<S: Scalar>(self, tape: &mut Tape<S>, a: Var, b: Var) -> Var {
        match self {
            Binary::Add => tape.add(a, b),
            Binary::Sub => tape.sub(a, b),
            Binary::Mul => tape.mul(a, b),
            Binary::Div => tape.div(a, b),
            Binary::Max => tape.max(a, b),
        }
    }

    pub fn value(self, a: f64, b: f64) -> f64 {
        match self {
            Binary::Add => a + b,
            Binary::Sub => a - b,
            Binary::Mul => a * b,
            Binary::Div => a / b,
            Binary::Max => a.max(b),
        }
    }

    /// ∂f/∂a and ∂f/∂b.
    pub fn gradient(self, a: f64, b: f64) -> [f64; 2] {
        match self {
            Binary::Add => [1.0, 1.0],
            Binary::Sub => [1.0, -1.0],
            Binary::Mul => [b, a],
            Binary::Div => [1.0 / b, -a / b / b],
            Binary::Max if a == b => [0.5, 0.5],
            Binary::Max if a > b => [1.0, 0.0],
            Binary::Max => [0.0, 1.0],
        }
    }

    /// ∂²f/∂a², ∂²f/∂a∂b and ∂²f/∂b².
    pub fn hessian(self, a: f64, b: f64) -> [f64; 3] {
        match self {
            Binary::Add | Binary::Sub | Binary::Max => [0.0; 3],
            Binary::Mul => [0.0, 1.0, 0.0],
            Binary::Div => [0.0, -1.0 / b / b, 2.0 * (a / b) / b / b],
        }
    }

    /// Takes two numbers in (−1, 1) to an ordinary pair, clear of poles and kinks, whichever
    /// left number meets whichever right one.
    pub fn point(self, raw: (f64, f64)) -> (f64, f64) {
        match self {
            Binary::Div => (3.0 * raw.0, (0.4 + 2.0 * raw.1.abs()).copysign(raw.1)),
            Binary::Max => (0.4 * (5.0 * raw.0).round(), 0.4 * (5.0 * raw.1).round() + 0.2),
            _ => (3.0 * raw.0, 3.0 * raw.1),
        }
    }
}

/// Both operands are parameters.
impl Objective for Binary {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        let (a, b) = (tape.window(parameters, 0, 1, 1), tape.window(parameters, 1, 1, 1));
        self.record(tape, a, b)
    }
}
