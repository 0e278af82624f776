//! The tape: a list of operations in the order they were done, with their values.

use std::marker::PhantomData;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::arena::{Arena, Buffer, buffer, grow};
use crate::custom::Operation;
use crate::lanes::interleave;
use crate::op::Op;
use crate::place::{Place, Reads};
use crate::rules::{Apply, Custom, Rule, Run};
use crate::sweep::{Adjoints, Mode, Moved, Output, Primal, Tangent, Target, Values, View};
use crate::{Matrix, Scalar};

/// The first of 2³² recordings of a tape. No two tapes share one, so a handle of one tape is
/// refused by any other. No result depends on it.
fn first_recording() -> u64 {
    static TAPES: AtomicU64 = AtomicU64::new(0);
    TAPES.fetch_add(1, Ordering::Relaxed) << 32
}

/// A handle to a matrix on a [`Tape`].
///
/// Handles are plain indices: copy them freely, and use them only with the tape that made them
/// and before its next [`clear`](Tape::clear). Any other use panics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Var {
    index: u32,
    recording: u64,
}

/// The adjoints and how they move: two planes with the offsets of the values.
#[derive(Debug)]
struct Planes<S> {
    primal: Buffer<S>,
    tangent: Buffer<S>,
}

/// Which sweeps have run over the recording as it is now.
#[derive(Clone, Copy, Debug, Default)]
struct Swept {
    /// From which output.
    backward: Option<Var>,
    forward_tangents: bool,
    backward_tangents: bool,
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
    /// What was recorded, and where the results are.
    ops: Vec<Op>,
    places: Vec<Place>,
    /// Operations from outside.
    custom: Vec<Custom<S>>,
    /// What the operations that gather entries read.
    runs: Vec<Run>,
    recording: u64,
    values: Arena<S>,
    constants: Arena<S>,
    /// The tangents of the values, and the adjoints and their tangents, at the values' offsets.
    tangents: Buffer<S>,
    adjoints: Planes<S>,
    /// Whether nothing was added to a node's adjoint yet in the sweep that is running.
    fresh: Vec<bool>,
    swept: Swept,
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
        Tape {
            ops: Vec::new(),
            places: Vec::new(),
            custom: Vec::new(),
            runs: Vec::new(),
            recording: first_recording(),
            values: Arena::new(),
            constants: Arena::new(),
            tangents: buffer(),
            adjoints: Planes { primal: buffer(), tangent: buffer() },
            fresh: Vec::new(),
            swept: Swept::default(),
        }
    }

    /// Forgets the recording and keeps the buffers. Every [`Var`] so far becomes invalid.
    pub fn clear(&mut self) {
        self.ops.clear();
        self.places.clear();
        self.custom.clear();
        self.runs.clear();
        self.values.clear();
        self.constants.clear();
        self.swept = Swept::default();
        self.recording = self.recording.wrapping_add(1);
    }

    /// A `(rows, columns)` matrix to differentiate with respect to, from row-major `data`.
    ///
    /// # Panics
    /// If `data` does not hold `rows * columns` entries.
    pub fn variable(&mut self, rows: usize, columns: usize, data: &[S]) -> Var {
        assert_eq!(data.len(), rows * columns, "entries of a ({rows}, {columns}) variable");
        let start = self.values.reserve(data.len());
        self.values.entries_mut(start..start + data.len()).copy_from_slice(data);
        self.push(Op::Leaf, (rows, columns), start, true)
    }

    /// A `(rows, columns)` variable whose entries `write` puts in place, row-major; what it finds
    /// there is stale.
    pub fn variable_with(
        &mut self,
        rows: usize,
        columns: usize,
        write: impl FnOnce(&mut [S]),
    ) -> Var {
        let start = self.values.reserve(rows * columns);
        write(self.values.entries_mut(start..start + rows * columns));
        self.push(Op::Leaf, (rows, columns), start, true)
    }

    /// A matrix that does not depend on any variable.
    pub fn constant(&mut self, matrix: &Matrix<S>) -> Var {
        let (rows, columns) = matrix.shape();
        let start = self.constants.reserve(rows * columns);
        self.constants.entries_mut(start..start + rows * columns).copy_from_slice(matrix.data());
        self.push(Op::Leaf, (rows, columns), start, false)
    }

    /// A `(rows, columns)` constant whose entry (r, c) is `entry(r, c, i)` in lane `i`.
    pub fn constant_from(
        &mut self,
        rows: usize,
        columns: usize,
        mut entry: impl FnMut(usize, usize, usize) -> f64,
    ) -> Var {
        let start = self.constants.reserve(rows * columns);
        let entries = self.constants.entries_mut(start..start + rows * columns);
        for (r, row) in entries.chunks_exact_mut(columns.max(1)).enumerate() {
            for (c, slot) in row.iter_mut().enumerate() {
                *slot = S::from_lanes(|lane| entry(r, c, lane));
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
        let start = self.constants.reserve(rows * columns);
        let entries = self.constants.entries_mut(start..start + rows * columns);
        for i in 0..S::LANES {
            let given = lane(i).len();
            assert_eq!(given, entries.len(), "entries of a ({rows}, {columns}) constant");
        }
        interleave(entries, lane);
        self.push(Op::Leaf, (rows, columns), start, false)
    }

    /// A `(rows, columns)` constant whose entries `write` puts in place, row-major; what it finds
    /// there is stale.
    pub fn constant_with(
        &mut self,
        rows: usize,
        columns: usize,
        write: impl FnOnce(&mut [S]),
    ) -> Var {
        let start = self.constants.reserve(rows * columns);
        write(self.constants.entries_mut(start..start + rows * columns));
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
        let node = *self.node(source);
        let leaf = match self.op(source) {
            Op::Leaf => source.index,
            Op::Window(leaf) => leaf,
            op => panic!("a window on {op:?}, which is no leaf"),
        };
        let (entries, end) = (node.range().len(), start + rows * columns);
        assert!(end <= entries, "a window on entries {start}..{end} of {entries}");
        let start = node.start + start;
        let leaf_node = &mut self.places[leaf as usize];
        let offset = start - leaf_node.start;
        leaf_node.reads = leaf_node.reads.window(offset, offset + rows * columns);
        self.push(Op::Window(leaf), (rows, columns), start, node.active)
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
        if node.active {
            &self.values.entries()[node.range()]
        } else {
            &self.constants.entries()[node.range()]
        }
    }

    /// The adjoint of `v` after [`backward`](Tape::backward): ∂output/∂v.
    ///
    /// # Panics
    /// If there was no backward sweep, or `v` does not depend on a variable.
    pub fn adjoint(&self, v: Var) -> &[S] {
        self.plane(&self.adjoints.primal, v, self.swept.backward.is_some(), "backward")
    }

    /// The derivative of `v` along the direction of the last
    /// [`forward_tangents`](Tape::forward_tangents).
    ///
    /// # Panics
    /// If there was no such sweep, or `v` does not depend on a variable.
    pub fn tangent(&self, v: Var) -> &[S] {
        self.plane(&self.tangents, v, self.swept.forward_tangents, "forward_tangents")
    }

    /// The derivative of the adjoint of `v` along that direction, after
    /// [`backward_tangents`](Tape::backward_tangents).
    ///
    /// # Panics
    /// If there was no such sweep, or `v` does not depend on a variable.
    pub fn adjoint_tangent(&self, v: Var) -> &[S] {
        self.plane(&self.adjoints.tangent, v, self.swept.backward_tangents, "backward_tangents")
    }

    /// Every value of the recording and, after a backward sweep, every adjoint.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = &S> {
        let values = |node: &Place| {
            let arena = if node.active { &self.values } else { &self.constants };
            &arena.entries()[node.range()]
        };
        let swept = self.swept.backward.is_some();
        let adjoints = self.places.iter().filter(move |node| swept && node.active);
        self.places
            .iter()
            .flat_map(values)
            .chain(adjoints.flat_map(|node| &self.adjoints.primal[node.range()]))
    }

    fn plane<'a>(&self, plane: &'a [S], v: Var, swept: bool, sweep: &str) -> &'a [S] {
        let node = self.node(v);
        assert!(node.active, "{:?} does not depend on a variable", self.op(v));
        assert!(swept, "run `{sweep}` first");
        &plane[node.range()]
    }

    fn op(&self, v: Var) -> Op {
        self.ops[v.index as usize]
    }

    fn node(&self, v: Var) -> &Place {
        assert_eq!(
            v.recording, self.recording,
            "a variable of another tape, or of a recording that was cleared"
        );
        &self.places[v.index as usize]
    }

    fn push(&mut self, op: Op, shape: (usize, usize), start: usize, active: bool) -> Var {
        let index = u32::try_from(self.places.len()).expect("fewer than 2³² nodes");
        let [rows, columns] =
            [shape.0, shape.1].map(|n| u32::try_from(n).expect("fewer than 2³² rows and columns"));
        self.ops.push(op);
        self.places.push(Place { rows, columns, start, active, reads: Reads::Never });
        self.swept = Swept::default();
        Var { index, recording: self.recording }
    }
}

/// Recording.
impl<S: Scalar> Tape<S> {
    /// The index of an operand that an operation reads as a whole.
    pub(crate) fn input(&mut self, v: Var) -> u32 {
        self.node(v);
        let node = &mut self.places[v.index as usize];
        node.reads = node.reads.whole();
        v.index
    }

    /// Appends the result of `op` and computes it.
    pub(crate) fn record(&mut self, op: Op, shape: (usize, usize), active: bool) -> Var {
        let store = if active { &mut self.values } else { &mut self.constants };
        let start = store.reserve(shape.0 * shape.1);
        let v = self.push(op, shape, start, active);
        let (primal, constants, out) = if active {
            let (earlier, out) = self.values.split(start);
            (earlier, self.constants.entries(), out)
        } else {
            let (earlier, out) = self.constants.split(start);
            (self.values.entries(), earlier, out)
        };
        let (places, runs, mode) = (&self.places[..], &self.runs[..], PhantomData::<Primal>);
        let (tangent, moved) = (&[][..], Moved::nothing());
        let values = Values { places, runs, primal, tangent, moved, constants, mode };
        op.run(Forward { values, target: Target { value: &[], out } });
        v
    }

    /// Records a `shape` matrix whose entries are those that `read` reads, one run after the other.
    pub(crate) fn gather(
        &mut self,
        shape: (usize, usize),
        operands: &[Var],
        read: impl FnOnce(&mut Self),
    ) -> Var {
        let active = operands.iter().any(|&v| self.is_active(v));
        let first = self.runs.len();
        read(self);
        let [first, count] = [first, self.runs.len() - first]
            .map(|n| u32::try_from(n).expect("fewer than 2³² runs of entries"));
        self.record(Op::Gather(first, count), shape, active)
    }

    /// Reads `entries` of v for the result that is gathered.
    pub(crate) fn read(&mut self, v: Var, entries: Range<usize>) {
        let (node, length) = (self.input(v), entries.len());
        self.runs.push(Run { node, start: entries.start, length });
    }

    /// Records an operation that is defined outside this crate, of any number of operands.
    ///
    /// # Panics
    /// If its rules give other shapes than they have to; see [`Operation`].
    pub fn operation(&mut self, operation: impl Operation, operands: &[Var]) -> Var {
        let inputs = operands.iter().map(|&v| self.input(v)).collect();
        let custom = Custom::new(operation, inputs);
        let values = Values {
            places: &self.places,
            runs: &self.runs,
            primal: self.values.entries(),
            tangent: &[],
            moved: Moved::nothing(),
            constants: self.constants.entries(),
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
        grow(&mut self.adjoints.primal, self.values.used());
        self.input(output);
        self.reverse::<Primal>(output, Moved::nothing(), |adjoint| {
            adjoint.copy_from_slice(cotangent)
        });
        self.swept = Swept { backward: Some(output), backward_tangents: false, ..self.swept };
    }

    /// Moves `variable` along `direction` and computes how fast every value moves with it.
    ///
    /// # Panics
    /// If `direction` does not fit `variable`, or `variable` is a constant or a result.
    pub fn forward_tangents(&mut self, variable: Var, direction: &[S]) {
        let leaf = self.movable(variable, direction);
        self.stop_leaves(&leaf);
        self.tangents[leaf.range()].copy_from_slice(direction);
        self.forward(Moved::nothing());
        self.swept.forward_tangents = true;
        self.swept.backward_tangents = false;
    }

    /// Computes how fast every adjoint of the last [`backward`](Tape::backward) moves along the
    /// direction of the last [`forward_tangents`](Tape::forward_tangents). For a scalar output
    /// and the variable that was moved, that is the Hessian times the direction.
    ///
    /// # Panics
    /// If either sweep is missing, or the backward sweep started from another output.
    pub fn backward_tangents(&mut self, output: Var) {
        assert!(self.swept.backward.is_some(), "run `backward` first");
        assert!(self.swept.forward_tangents, "run `forward_tangents` first");
        self.reverse_tangents(output, Moved::nothing());
    }

    /// Both of these sweeps in one, for a variable that is a whole leaf: the Hessian of `output`
    /// times `direction`, which is read where it lies. The tangents of the values are not kept.
    ///
    /// # Panics
    /// If `direction` does not fit `variable`, `variable` is not a leaf of its own, or the last
    /// backward sweep did not start from `output`.
    pub fn hessian_vector(&mut self, variable: Var, direction: &[S], output: Var) -> &[S] {
        let leaf = self.movable(variable, direction);
        let op = self.op(variable);
        assert!(matches!(op, Op::Leaf), "{op:?} is a part of a leaf");
        self.stop_leaves(&leaf);
        let moved = Moved { start: leaf.start, direction };
        self.forward(moved);
        self.swept.forward_tangents = false;
        self.reverse_tangents(output, moved);
        self.adjoint_tangent(variable)
    }

    /// The node of a variable that can move along `direction`.
    fn movable(&self, variable: Var, direction: &[S]) -> Place {
        let leaf = *self.node(variable);
        assert!(leaf.active, "a constant has no tangent");
        let op = self.op(variable);
        let moves = matches!(op, Op::Leaf | Op::Window(_));
        assert!(moves, "{op:?} moves with what it was computed from, not by itself");
        assert_eq!(direction.len(), leaf.range().len(), "entries of the direction");
        leaf
    }

    /// Sets the tangents of all leaves but `moving` to 0.
    fn stop_leaves(&mut self, moving: &Place) {
        grow(&mut self.tangents, self.values.used());
        let nodes = self.places.iter().zip(&self.ops);
        let others = nodes.filter(|(node, op)| node.active && matches!(op, Op::Leaf));
        for (node, _) in others.filter(|(node, _)| node.range() != moving.range()) {
            self.tangents[node.range()].fill(S::zero());
        }
    }

    /// The forward sweep over the tangents.
    fn forward(&mut self, moved: Moved<'_, S>) {
        for (node, op) in self.places.iter().zip(&self.ops).filter(|(node, _)| node.active) {
            let (tangent, rest) = self.tangents.split_at_mut(node.start);
            let values = Values {
                places: &self.places,
                runs: &self.runs,
                primal: self.values.entries(),
                tangent,
                moved,
                constants: self.constants.entries(),
                mode: PhantomData::<Tangent>,
            };
            let range = node.range();
            let out = &mut rest[..range.len()];
            let target = Target { value: &self.values.entries()[range], out };
            match *op {
                Op::Custom(number) => self.custom[number as usize].forward(values, target),
                op => op.run(Forward { values, target }),
            }
        }
    }

    fn reverse_tangents(&mut self, output: Var, moved: Moved<'_, S>) {
        assert!(self.swept.backward.is_some(), "run `backward` first");
        assert_eq!(self.swept.backward, Some(output), "the output of the last backward sweep");
        grow(&mut self.adjoints.tangent, self.values.used());
        self.reverse::<Tangent>(output, moved, |adjoint| adjoint.fill(S::zero()));
        self.swept.backward_tangents = true;
    }

    /// The reverse sweep from `output` down, in either mode; `seed` writes the output's adjoint.
    fn reverse<M: ReverseMode>(
        &mut self,
        output: Var,
        moved: Moved<'_, S>,
        seed: impl FnOnce(&mut [S]),
    ) {
        self.freshen::<M>();
        self.fresh[output.index as usize] = false;
        let node = *self.node(output);
        if node.active {
            seed(&mut M::plane(&mut self.adjoints)[node.range()]);
        }
        let places = &self.places[..=output.index as usize];
        for (id, node) in places.iter().enumerate().rev().filter(|(_, node)| node.active) {
            if self.fresh[id] {
                continue; // Nothing that the output depends on reads it.
            }
            let range = node.range();
            let values = Values {
                places,
                runs: &self.runs,
                primal: self.values.entries(),
                tangent: &self.tangents,
                moved,
                constants: self.constants.entries(),
                mode: PhantomData::<M>,
            };
            let (earlier, adjoint) = M::split(&mut self.adjoints, node);
            let id = id as u32;
            let value = View {
                primal: &self.values.entries()[range.clone()],
                tangent: M::TANGENTS.then(|| &self.tangents[range]),
            };
            let mut adjoints = Adjoints { places, earlier, fresh: &mut self.fresh };
            let output = Output { id, value, adjoint };
            match self.ops[id as usize] {
                Op::Custom(number) => {
                    self.custom[number as usize].reverse(values, output, &mut adjoints);
                }
                op => op.run(Reverse { values, output, adjoints }),
            }
        }
        let plane = M::plane(&mut self.adjoints);
        for (node, _) in self.places.iter().zip(&self.fresh).filter(|(_, fresh)| **fresh) {
            plane[node.range()].fill(S::zero());
        }
    }

    /// Marks the adjoints of all nodes as stale. Windows that tile a leaf stand in for it; any
    /// other leaf with windows is set to 0 and everything is added to that.
    fn freshen<M: ReverseMode>(&mut self) {
        self.fresh.clear();
        self.fresh.extend(self.places.iter().map(|node| node.active));
        let plane = M::plane(&mut self.adjoints);
        for (id, node) in self.places.iter().enumerate().filter(|(_, node)| node.active) {
            let entries = node.range().len();
            match self.ops[id] {
                Op::Leaf => match node.reads {
                    Reads::Never | Reads::Whole => {}
                    Reads::Tiled(end) if end == entries => self.fresh[id] = false,
                    Reads::Tiled(_) | Reads::Mixed => {
                        plane[node.range()].fill(S::zero());
                        self.fresh[id] = false;
                    }
                },
                Op::Window(leaf) => {
                    let leaf = self.places[leaf as usize];
                    self.fresh[id] = leaf.reads == Reads::Tiled(leaf.range().len());
                }
                _ => {}
            }
        }
    }
}

/// Which plane of the adjoints a reverse sweep writes.
trait ReverseMode: Mode {
    /// The plane it writes.
    fn plane<S>(adjoints: &mut Planes<S>) -> &mut [S];

    /// The adjoints before `node`, to write, and those of `node`, to read.
    fn split<'a, S>(adjoints: &'a mut Planes<S>, node: &Place) -> (&'a mut [S], View<'a, S>);
}

impl ReverseMode for Primal {
    fn plane<S>(adjoints: &mut Planes<S>) -> &mut [S] {
        &mut adjoints.primal
    }

    fn split<'a, S>(adjoints: &'a mut Planes<S>, node: &Place) -> (&'a mut [S], View<'a, S>) {
        let (earlier, rest) = adjoints.primal.split_at_mut(node.start);
        (earlier, View { primal: &rest[..node.range().len()], tangent: None })
    }
}

impl ReverseMode for Tangent {
    fn plane<S>(adjoints: &mut Planes<S>) -> &mut [S] {
        &mut adjoints.tangent
    }

    fn split<'a, S>(adjoints: &'a mut Planes<S>, node: &Place) -> (&'a mut [S], View<'a, S>) {
        let (earlier, rest) = adjoints.tangent.split_at_mut(node.start);
        let tangent = Some(&rest[..node.range().len()]);
        (earlier, View { primal: &adjoints.primal[node.range()], tangent })
    }
}

struct Forward<'a, S, M> {
    values: Values<'a, S, M>,
    target: Target<'a, S>,
}

impl<S: Scalar, M: Mode> Apply for Forward<'_, S, M> {
    fn apply<R: Rule>(self, rule: R) {
        rule.forward(self.values, self.target);
    }
}

struct Reverse<'a, S, M> {
    values: Values<'a, S, M>,
    output: Output<'a, S>,
    adjoints: Adjoints<'a, S>,
}

impl<S: Scalar, M: Mode> Apply for Reverse<'_, S, M> {
    fn apply<R: Rule>(mut self, rule: R) {
        rule.reverse(self.values, self.output, &mut self.adjoints);
    }
}
