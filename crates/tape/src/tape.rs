//! The tape: a list of operations in the order they were done, with their values.

use std::marker::PhantomData;

use crate::op::{Node, Op};
use crate::rules::{Apply, Rule};
use crate::sweep::{Adjoints, Mode, Output, Primal, Tangent, Values, View};
use crate::{Matrix, Scalar};

/// A handle to a matrix on a [`Tape`].
///
/// Handles are plain indices: copy them freely, and use them only with the tape that made them
/// and before its next [`clear`](Tape::clear).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Var {
    index: u32,
    recording: u32,
}

/// Values and tangents, or adjoints and their tangents: two planes with the same offsets.
#[derive(Debug)]
struct Planes<S> {
    primal: Vec<S>,
    tangent: Vec<S>,
}

/// A Wengert list: every operation is computed when it is recorded, and kept for the way back.
///
/// The tape is an ordinary value. A thread owns one, calls [`clear`](Tape::clear) between
/// recordings, and the buffers of the last recording serve the next, so that a loop that records
/// the same shapes allocates nothing after its first turn.
///
/// Four sweeps run over one recording, each reusing what the earlier ones left:
///
/// 1. recording computes the values;
/// 2. [`backward`](Tape::backward) the adjoints of an output;
/// 3. [`forward_tangents`](Tape::forward_tangents) the derivative of every value along a direction;
/// 4. [`backward_tangents`](Tape::backward_tangents) the derivative of every adjoint along that
///    direction: for a scalar output, the Hessian times the direction.
///
/// ```
/// use tape::Tape;
/// let mut tape = Tape::<f64>::new();
/// let x = tape.variable(1, 2, &[3.0, 4.0]);
/// let squares = tape.mul(x, x);
/// let y = tape.sum(squares); // y = x₁² + x₂²
/// tape.backward(y);
/// assert_eq!(tape.value(y), [25.0]);
/// assert_eq!(tape.adjoint(x), [6.0, 8.0]);
/// tape.forward_tangents(x, &[1.0, 0.0]);
/// tape.backward_tangents(y);
/// assert_eq!(tape.adjoint_tangent(x), [2.0, 0.0]); // the Hessian is 2 I
/// ```
#[derive(Debug)]
pub struct Tape<S> {
    nodes: Vec<Node>,
    recording: u32,
    values: Planes<S>,
    adjoints: Planes<S>,
    constants: Vec<S>,
}

impl<S: Scalar> Default for Tape<S> {
    fn default() -> Self {
        Tape::new()
    }
}

/// Leaves.
impl<S: Scalar> Tape<S> {
    /// An empty tape.
    pub fn new() -> Self {
        let empty = || Planes { primal: Vec::new(), tangent: Vec::new() };
        Tape {
            nodes: Vec::new(),
            recording: 0,
            values: empty(),
            adjoints: empty(),
            constants: Vec::new(),
        }
    }

    /// Forgets the recording and keeps the buffers. Every [`Var`] so far becomes invalid.
    pub fn clear(&mut self) {
        self.nodes.clear();
        self.values.primal.clear();
        self.adjoints.primal.clear();
        self.values.tangent.clear();
        self.adjoints.tangent.clear();
        self.constants.clear();
        self.recording = self.recording.wrapping_add(1);
    }

    /// A `(rows, columns)` matrix to differentiate with respect to, from row-major `data`.
    ///
    /// # Panics
    /// If `data` does not hold `rows * columns` entries.
    pub fn variable(&mut self, rows: usize, columns: usize, data: &[S]) -> Var {
        assert_eq!(data.len(), rows * columns, "entries of a ({rows}, {columns}) variable");
        let start = self.values.primal.len();
        self.values.primal.extend_from_slice(data);
        self.push(Op::Leaf, (rows, columns), start, true)
    }

    /// A `(1, n)` variable from its n entries.
    pub fn variable_row(&mut self, entries: impl IntoIterator<Item = S>) -> Var {
        let start = self.values.primal.len();
        self.values.primal.extend(entries);
        self.push(Op::Leaf, (1, self.values.primal.len() - start), start, true)
    }

    /// A matrix that does not depend on any variable.
    pub fn constant(&mut self, matrix: &Matrix<S>) -> Var {
        let (rows, columns) = matrix.shape();
        let start = self.constants.len();
        self.constants.extend_from_slice(matrix.data());
        self.push(Op::Leaf, (rows, columns), start, false)
    }

    /// A `(rows, columns)` constant whose entry (r, c) is `entry(r, c, i)` in lane `i`.
    pub fn constant_from(
        &mut self,
        rows: usize,
        columns: usize,
        mut entry: impl FnMut(usize, usize, usize) -> f64,
    ) -> Var {
        let start = self.constants.len();
        for r in 0..rows {
            for c in 0..columns {
                self.constants.push(S::from_lanes(|lane| entry(r, c, lane)));
            }
        }
        self.push(Op::Leaf, (rows, columns), start, false)
    }

    /// A `(rows, columns)` constant whose entries are, in lane `i`, `lane(i)`, row-major.
    ///
    /// # Panics
    /// If a lane does not have `rows * columns` entries.
    pub fn constant_lanes<'a>(
        &mut self,
        rows: usize,
        columns: usize,
        lane: impl Fn(usize) -> &'a [f64],
    ) -> Var {
        let start = self.constants.len();
        self.constants.resize(start + rows * columns, S::zero());
        let entries = &mut self.constants[start..];
        for i in 0..S::LANES {
            let lane = lane(i);
            assert_eq!(lane.len(), entries.len(), "entries of a ({rows}, {columns}) constant");
            for (entry, &x) in entries.iter_mut().zip(lane) {
                entry.set_lane(i, x);
            }
        }
        self.push(Op::Leaf, (rows, columns), start, false)
    }

    /// A `(1, 1)` constant.
    pub fn scalar(&mut self, x: f64) -> Var {
        self.constant_from(1, 1, |_, _, _| x)
    }

    /// A `(rows, columns)` window on consecutive entries of a leaf, from entry `start` of its
    /// row-major order on. It shares the leaf's storage and costs nothing.
    ///
    /// # Panics
    /// If `source` is the result of an operation, or the window reaches beyond it.
    pub fn window(&mut self, source: Var, start: usize, rows: usize, columns: usize) -> Var {
        let leaf = *self.node(source);
        assert!(matches!(leaf.op, Op::Leaf | Op::Window), "a window on {:?}", leaf.op);
        let (entries, end) = (leaf.range().len(), start + rows * columns);
        assert!(end <= entries, "a window on entries {start}..{end} of {entries}");
        self.push(Op::Window, (rows, columns), leaf.start + start, leaf.active)
    }
}

/// What a recording holds.
impl<S: Scalar> Tape<S> {
    /// (rows, columns) of a variable.
    pub fn shape(&self, v: Var) -> (usize, usize) {
        self.node(v).shape()
    }

    /// Whether `v` depends on a variable; if not, it has no tangent and no adjoint.
    pub fn is_active(&self, v: Var) -> bool {
        self.node(v).active
    }

    /// The value of `v`, row-major.
    pub fn value(&self, v: Var) -> &[S] {
        let node = self.node(v);
        if node.active { &self.values.primal[node.range()] } else { &self.constants[node.range()] }
    }

    /// The adjoint of `v` after [`backward`](Tape::backward): ∂output/∂v.
    ///
    /// # Panics
    /// If there was no backward sweep, or `v` does not depend on a variable.
    pub fn adjoint(&self, v: Var) -> &[S] {
        self.plane(&self.adjoints.primal, v, "backward")
    }

    /// The derivative of `v` along the direction of the last
    /// [`forward_tangents`](Tape::forward_tangents).
    ///
    /// # Panics
    /// If there was no such sweep, or `v` does not depend on a variable.
    pub fn tangent(&self, v: Var) -> &[S] {
        self.plane(&self.values.tangent, v, "forward_tangents")
    }

    /// The derivative of the adjoint of `v` along that direction, after
    /// [`backward_tangents`](Tape::backward_tangents).
    ///
    /// # Panics
    /// If there was no such sweep, or `v` does not depend on a variable.
    pub fn adjoint_tangent(&self, v: Var) -> &[S] {
        self.plane(&self.adjoints.tangent, v, "backward_tangents")
    }

    fn plane<'a>(&self, plane: &'a [S], v: Var, sweep: &str) -> &'a [S] {
        let node = self.node(v);
        assert!(node.active, "{:?} does not depend on a variable", node.op);
        assert!(plane.len() >= node.range().end, "run `{sweep}` first");
        &plane[node.range()]
    }

    fn node(&self, v: Var) -> &Node {
        assert_eq!(v.recording, self.recording, "a variable of a recording that was cleared");
        &self.nodes[v.index as usize]
    }

    fn push(&mut self, op: Op, shape: (usize, usize), start: usize, active: bool) -> Var {
        let index = u32::try_from(self.nodes.len()).expect("fewer than 2³² nodes");
        let [rows, columns] =
            [shape.0, shape.1].map(|n| u32::try_from(n).expect("fewer than 2³² rows and columns"));
        self.nodes.push(Node { op, rows, columns, start, active });
        Var { index, recording: self.recording }
    }
}

/// Operations. Shapes are `(rows, columns)`; a mismatch panics with both shapes.
impl<S: Scalar> Tape<S> {
    /// a + b. An operand with one row or one column is repeated to the other's shape.
    pub fn add(&mut self, a: Var, b: Var) -> Var {
        self.zip(a, b, Op::Add)
    }

    /// a − b, with broadcasting.
    pub fn sub(&mut self, a: Var, b: Var) -> Var {
        self.zip(a, b, Op::Sub)
    }

    /// The element-wise product a ∘ b, with broadcasting.
    pub fn mul(&mut self, a: Var, b: Var) -> Var {
        self.zip(a, b, Op::Mul)
    }

    /// a / b element by element, with broadcasting.
    pub fn div(&mut self, a: Var, b: Var) -> Var {
        self.zip(a, b, Op::Div)
    }

    /// The larger of a and b element by element, with broadcasting; see [`Scalar`] for ties.
    pub fn max(&mut self, a: Var, b: Var) -> Var {
        self.zip(a, b, Op::Max)
    }

    /// −a
    pub fn neg(&mut self, a: Var) -> Var {
        self.map(a, Op::Neg)
    }

    /// c a for a constant c.
    pub fn scale(&mut self, a: Var, factor: f64) -> Var {
        self.map(a, |a| Op::Scale(a, factor))
    }

    /// aⁿ element by element, for a constant integer n; a⁰ is 1.
    pub fn powi(&mut self, a: Var, n: i32) -> Var {
        self.map(a, |a| Op::PowI(a, n))
    }

    /// e^a element by element.
    pub fn exp(&mut self, a: Var) -> Var {
        self.map(a, Op::Exp)
    }

    /// The natural logarithm of each element.
    pub fn ln(&mut self, a: Var) -> Var {
        self.map(a, Op::Ln)
    }

    /// The square root of each element.
    pub fn sqrt(&mut self, a: Var) -> Var {
        self.map(a, Op::Sqrt)
    }

    /// The sine of each element, in radians.
    pub fn sin(&mut self, a: Var) -> Var {
        self.map(a, Op::Sin)
    }

    /// The cosine of each element, in radians.
    pub fn cos(&mut self, a: Var) -> Var {
        self.map(a, Op::Cos)
    }

    /// The hyperbolic tangent of each element.
    pub fn tanh(&mut self, a: Var) -> Var {
        self.map(a, Op::Tanh)
    }

    /// 1 / (1 + e^−a) element by element.
    pub fn sigmoid(&mut self, a: Var) -> Var {
        self.map(a, Op::Sigmoid)
    }

    /// ln(1 + e^a) element by element.
    pub fn softplus(&mut self, a: Var) -> Var {
        self.map(a, Op::Softplus)
    }

    /// max(a, 0) element by element; see [`Scalar`] for the derivative at 0.
    pub fn relu(&mut self, a: Var) -> Var {
        self.map(a, Op::Relu)
    }

    /// |a| element by element; see [`Scalar`] for the derivative at 0.
    pub fn abs(&mut self, a: Var) -> Var {
        self.map(a, Op::Abs)
    }

    /// a where `condition` is positive, else b, element by element; no broadcasting. No
    /// derivative flows to the condition.
    pub fn select(&mut self, condition: Var, a: Var, b: Var) -> Var {
        let shape = self.shape(a);
        for (name, other) in [("condition", condition), ("otherwise", b)] {
            let other = self.shape(other);
            assert_eq!(shape, other, "select: {shape:?} if positive, {other:?} for {name}");
        }
        let active = self.node(a).active || self.node(b).active;
        self.record(Op::Select(condition.index, a.index, b.index), shape, active)
    }

    /// The matrix product a b of `(m, k)` and `(k, n)`: `(m, n)`.
    pub fn matmul(&mut self, a: Var, b: Var) -> Var {
        let (left, right) = (self.shape(a), self.shape(b));
        assert_eq!(left.1, right.0, "matmul of {left:?} and {right:?}");
        let active = self.node(a).active || self.node(b).active;
        self.record(Op::MatMul(a.index, b.index), (left.0, right.1), active)
    }

    /// aᵀ
    pub fn transpose(&mut self, a: Var) -> Var {
        let ((rows, columns), active) = (self.shape(a), self.node(a).active);
        self.record(Op::Transpose(a.index), (columns, rows), active)
    }

    /// The sum of all elements: `(1, 1)`.
    pub fn sum(&mut self, a: Var) -> Var {
        let active = self.node(a).active;
        self.record(Op::Sum(a.index), (1, 1), active)
    }

    /// The mean of all elements: `(1, 1)`.
    ///
    /// # Panics
    /// If there is no element.
    pub fn mean(&mut self, a: Var) -> Var {
        let elements = self.node(a).range().len();
        assert!(elements > 0, "the mean of no elements");
        let sum = self.sum(a);
        self.scale(sum, 1.0 / elements as f64)
    }

    /// The inner product Σ a ∘ b of two matrices of one shape: `(1, 1)`.
    pub fn dot(&mut self, a: Var, b: Var) -> Var {
        let (left, right) = (self.shape(a), self.shape(b));
        assert_eq!(left, right, "dot of {left:?} and {right:?}");
        let active = self.node(a).active || self.node(b).active;
        self.record(Op::Dot(a.index, b.index), (1, 1), active)
    }

    /// The logarithm of the softmax of each row, exact for logits of any size.
    ///
    /// # Panics
    /// If the rows are empty.
    pub fn log_softmax(&mut self, a: Var) -> Var {
        let (shape, active) = (self.shape(a), self.node(a).active);
        assert!(shape.1 > 0, "log_softmax of {shape:?}");
        self.record(Op::LogSoftmax(a.index), shape, active)
    }

    pub(crate) fn map(&mut self, a: Var, op: impl FnOnce(u32) -> Op) -> Var {
        let (shape, active) = (self.shape(a), self.node(a).active);
        self.record(op(a.index), shape, active)
    }

    fn zip(&mut self, a: Var, b: Var, op: fn(u32, u32) -> Op) -> Var {
        let (left, right) = (self.shape(a), self.shape(b));
        let fits = |l: usize, r: usize| l == r || l == 1 || r == 1;
        assert!(
            fits(left.0, right.0) && fits(left.1, right.1),
            "cannot broadcast {left:?} and {right:?}"
        );
        let pick = |l: usize, r: usize| if l == 1 { r } else { l };
        let shape = (pick(left.0, right.0), pick(left.1, right.1));
        let active = self.node(a).active || self.node(b).active;
        self.record(op(a.index, b.index), shape, active)
    }

    /// Appends the result of `op` and computes it.
    fn record(&mut self, op: Op, shape: (usize, usize), active: bool) -> Var {
        let store = if active { &mut self.values.primal } else { &mut self.constants };
        let start = store.len();
        store.resize(start + shape.0 * shape.1, S::zero());
        let v = self.push(op, shape, start, active);
        let (primal, constants, out) = if active {
            let (primal, out) = self.values.primal.split_at_mut(start);
            (&*primal, &self.constants[..], out)
        } else {
            let (constants, out) = self.constants.split_at_mut(start);
            (&self.values.primal[..], &*constants, out)
        };
        let values = Values {
            nodes: &self.nodes,
            primal,
            tangent: &[],
            constants,
            mode: PhantomData::<Primal>,
        };
        op.run(Forward { values, out });
        v
    }
}

/// Sweeps over a recording.
impl<S: Scalar> Tape<S> {
    /// Computes the adjoints of a scalar output: ∂output/∂v for every `v` it depends on.
    ///
    /// # Panics
    /// If `output` is not `(1, 1)`.
    pub fn backward(&mut self, output: Var) {
        let shape = self.shape(output);
        assert_eq!(shape, (1, 1), "the gradient of a {shape:?} output; see backward_from");
        self.backward_from(output, &[S::one()]);
    }

    /// Computes adjoints from the adjoint of any output: `cotangent` times the Jacobian.
    ///
    /// # Panics
    /// If `cotangent` does not fit `output`.
    pub fn backward_from(&mut self, output: Var, cotangent: &[S]) {
        let node = *self.node(output);
        assert_eq!(cotangent.len(), node.range().len(), "entries of the cotangent");
        self.adjoints.primal.clear();
        self.adjoints.primal.resize(self.values.primal.len(), S::zero());
        if node.active {
            self.adjoints.primal[node.range()].copy_from_slice(cotangent);
            self.reverse::<Primal>(output);
        }
    }

    /// Moves `variable` along `direction` and computes how fast every value moves with it.
    ///
    /// # Panics
    /// If `direction` does not fit `variable`, or `variable` is a constant.
    pub fn forward_tangents(&mut self, variable: Var, direction: &[S]) {
        let leaf = *self.node(variable);
        assert!(leaf.active, "a constant has no tangent");
        assert_eq!(direction.len(), leaf.range().len(), "entries of the direction");
        self.values.tangent.clear();
        self.values.tangent.resize(self.values.primal.len(), S::zero());
        self.values.tangent[leaf.range()].copy_from_slice(direction);
        for node in self.nodes.iter().filter(|node| node.active) {
            let (tangent, rest) = self.values.tangent.split_at_mut(node.start);
            let values = Values {
                nodes: &self.nodes,
                primal: &self.values.primal,
                tangent,
                constants: &self.constants,
                mode: PhantomData::<Tangent>,
            };
            node.op.run(Forward { values, out: &mut rest[..node.range().len()] });
        }
    }

    /// Computes how fast every adjoint of the last [`backward`](Tape::backward) moves along the
    /// direction of the last [`forward_tangents`](Tape::forward_tangents). For a scalar output
    /// and the variable that was moved, that is the Hessian times the direction.
    ///
    /// # Panics
    /// If either sweep is missing.
    pub fn backward_tangents(&mut self, output: Var) {
        let len = self.values.primal.len();
        assert_eq!(self.adjoints.primal.len(), len, "run `backward` first");
        assert_eq!(self.values.tangent.len(), len, "run `forward_tangents` first");
        self.adjoints.tangent.clear();
        self.adjoints.tangent.resize(len, S::zero());
        if self.node(output).active {
            self.reverse::<Tangent>(output);
        }
    }

    /// The reverse sweep from `output` down, in either mode.
    fn reverse<M: ReverseMode<S>>(&mut self, output: Var) {
        let nodes = &self.nodes[..=output.index as usize];
        for (id, node) in nodes.iter().enumerate().rev().filter(|(_, node)| node.active) {
            let range = node.range();
            let values = Values {
                nodes,
                primal: &self.values.primal,
                tangent: &self.values.tangent,
                constants: &self.constants,
                mode: PhantomData::<M>,
            };
            let (earlier, adjoint) = M::split(&mut self.adjoints, node);
            let id = id as u32;
            let value = View {
                primal: &self.values.primal[range.clone()],
                tangent: M::TANGENTS.then(|| &self.values.tangent[range]),
            };
            let output = Output { id, value, adjoint };
            node.op.run(Reverse { values, output, adjoints: Adjoints { nodes, earlier } });
        }
    }
}

/// Which plane of the adjoints a reverse sweep writes.
trait ReverseMode<S: Scalar>: Mode<S> {
    /// The adjoints before `node`, to write, and those of `node`, to read.
    fn split<'a>(adjoints: &'a mut Planes<S>, node: &Node) -> (&'a mut [S], View<'a, S>);
}

impl<S: Scalar> ReverseMode<S> for Primal {
    fn split<'a>(adjoints: &'a mut Planes<S>, node: &Node) -> (&'a mut [S], View<'a, S>) {
        let (earlier, rest) = adjoints.primal.split_at_mut(node.start);
        (earlier, View { primal: &rest[..node.range().len()], tangent: None })
    }
}

impl<S: Scalar> ReverseMode<S> for Tangent {
    fn split<'a>(adjoints: &'a mut Planes<S>, node: &Node) -> (&'a mut [S], View<'a, S>) {
        let (earlier, rest) = adjoints.tangent.split_at_mut(node.start);
        let tangent = Some(&rest[..node.range().len()]);
        (earlier, View { primal: &adjoints.primal[node.range()], tangent })
    }
}

struct Forward<'a, S, M> {
    values: Values<'a, S, M>,
    out: &'a mut [S],
}

impl<S: Scalar, M: Mode<S>> Apply for Forward<'_, S, M> {
    fn apply<R: Rule>(self, rule: R) {
        rule.forward(self.values, self.out);
    }
}

struct Reverse<'a, S, M> {
    values: Values<'a, S, M>,
    output: Output<'a, S>,
    adjoints: Adjoints<'a, S>,
}

impl<S: Scalar, M: Mode<S>> Apply for Reverse<'_, S, M> {
    fn apply<R: Rule>(mut self, rule: R) {
        rule.reverse(self.values, self.output, &mut self.adjoints);
    }
}
