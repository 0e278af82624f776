//! Objectives that use many operations at once.

use tape::{Objective, Scalar, Tape, Var};

use super::Unary;

/// An objective that sees its parameters as one matrix.
pub struct Shaped<F>(pub usize, pub usize, pub F);

impl<F: Objective> Objective for Shaped<F> {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        let matrix = tape.window(parameters, 0, self.0, self.1);
        self.2.eval(tape, matrix)
    }
}

/// A scalar objective, with data of its own for every task; lane `i` of a tape works on
/// task `first_task + i`.
#[derive(Clone, Copy, Debug)]
pub struct Problem {
    pub kind: Kind,
    pub first_task: usize,
}

#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Cross-entropy of a network with one hidden layer: 5 rows, 3 features, 4 units, 2 classes.
    Network(Unary),
    /// Σ (1 − xᵢ)² + 100 (xᵢ₊₁ − xᵢ²)²
    Rosenbrock,
    /// Many element-wise functions, smooth and kinked, of ten parameters.
    Mixture,
}

impl Problem {
    pub const ALL: [Problem; 5] = [
        Problem::new(Kind::Network(Unary::Tanh)),
        Problem::new(Kind::Network(Unary::Relu)),
        Problem::new(Kind::Network(Unary::Softplus)),
        Problem::new(Kind::Rosenbrock),
        Problem::new(Kind::Mixture),
    ];

    const fn new(kind: Kind) -> Self {
        Problem { kind, first_task: 0 }
    }

    /// The same problem, starting from another task.
    pub fn task(self, first_task: usize) -> Self {
        Problem { first_task, ..self }
    }

    /// Whether it has no kink.
    pub fn is_smooth(&self) -> bool {
        !matches!(self.kind, Kind::Network(Unary::Relu) | Kind::Mixture)
    }

    /// How many parameters it has.
    pub fn parameters(&self) -> usize {
        match self.kind {
            Kind::Network(_) => 3 * 4 + 4 + 4 * 2 + 2,
            Kind::Rosenbrock | Kind::Mixture => 10,
        }
    }

    /// A number that depends on its place and the lane's task.
    fn datum(&self, (r, c): (usize, usize), lane: usize) -> f64 {
        (1.3 * r as f64 + 2.9 * c as f64 + 0.7 * (self.first_task + lane) as f64 + 0.2).sin()
    }
}

impl Objective for Problem {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        match self.kind {
            Kind::Network(activation) => self.network(tape, parameters, activation),
            Kind::Rosenbrock => rosenbrock(tape, parameters),
            Kind::Mixture => self.mixture(tape, parameters),
        }
    }
}

impl Problem {
    fn network<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var, activation: Unary) -> Var {
        let x = tape.constant_from(5, 3, |r, c, lane| self.datum((r, c), lane));
        let label = |r: usize, lane: usize| (r + self.first_task + lane) / 2 % 2;
        let y = tape.constant_from(5, 2, |r, c, lane| f64::from(u8::from(c == label(r, lane))));
        let weights = tape.window(parameters, 0, 3, 4);
        let bias = tape.window(parameters, 12, 1, 4);
        let hidden = tape.matmul(x, weights);
        let hidden = tape.add(hidden, bias);
        let hidden = activation.record(tape, hidden);
        let weights = tape.window(parameters, 16, 4, 2);
        let bias = tape.window(parameters, 24, 1, 2);
        let logits = tape.matmul(hidden, weights);
        let logits = tape.add(logits, bias);
        let log_probabilities = tape.log_softmax(logits);
        let likelihood = tape.dot(y, log_probabilities);
        tape.scale(likelihood, -1.0 / 5.0)
    }

    fn mixture<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        let shift = tape.constant_from(1, 5, |_, c, lane| self.datum((7, c), lane));
        let (a, b) = (tape.window(parameters, 0, 1, 5), tape.window(parameters, 5, 1, 5));
        let a = tape.add(a, shift);
        let larger = tape.max(a, b);
        let size = tape.abs(b);
        let waves = tape.sin(a);
        let gate = tape.sigmoid(larger);
        let chosen = tape.select(a, waves, gate);
        let squares = tape.powi(b, 2);
        let half = tape.scalar(0.5);
        let safe = tape.add(squares, half);
        let (log, root) = (tape.ln(safe), tape.sqrt(safe));
        let ratio = tape.div(log, root);
        let outer = tape.transpose(ratio);
        let table = tape.mul(outer, chosen); // (5, 1) times (1, 5)
        let soft = tape.softplus(table);
        let bent = tape.relu(a);
        let bent = tape.sub(bent, size);
        let flat = tape.tanh(bent);
        let table = tape.sub(soft, flat);
        let grown = tape.scale(table, 0.3);
        let grown = tape.exp(grown);
        let turned = tape.cos(a);
        let (mean, dot) = (tape.mean(grown), tape.dot(turned, b));
        tape.add(mean, dot)
    }
}

fn rosenbrock<S: Scalar>(tape: &mut Tape<S>, parameters: Var) -> Var {
    let n = tape.shape(parameters).1;
    let (x, next) = (tape.window(parameters, 0, 1, n - 1), tape.window(parameters, 1, 1, n - 1));
    let one = tape.scalar(1.0);
    let (slope, square) = (tape.sub(one, x), tape.powi(x, 2));
    let bend = tape.sub(next, square);
    let (slope, bend) = (tape.powi(slope, 2), tape.mul(bend, bend));
    let (slope, bend) = (tape.sum(slope), tape.sum(bend));
    let bend = tape.scale(bend, 100.0);
    tape.add(slope, bend)
}
