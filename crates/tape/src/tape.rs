//! The tape: a list of operations in the order they were done, with their values.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::custom::Custom;
use crate::fast::arena::{Arena, Buffer, buffer};
use crate::fast::reads::Reads;
use crate::number::Number;
use crate::op::Op;
use crate::place::{Place, Run};

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
    pub(crate) index: u32,
    pub(crate) recording: u64,
}

/// The adjoints and how they move: two planes with the offsets of the values.
#[derive(Debug)]
pub(crate) struct Planes<S> {
    pub(crate) primal: Buffer<S>,
    pub(crate) tangent: Buffer<S>,
}

/// Which sweeps have run over the recording as it is now.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Swept {
    /// From which output.
    pub(crate) backward: Option<Var>,
    pub(crate) forward_tangents: bool,
    pub(crate) backward_tangents: bool,
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
    pub(crate) ops: Vec<Op>,
    pub(crate) places: Vec<Place>,
    /// Operations from outside.
    pub(crate) custom: Vec<Custom<S>>,
    /// What the operations that gather entries read.
    pub(crate) runs: Vec<Run>,
    pub(crate) recording: u64,
    pub(crate) values: Arena<S>,
    pub(crate) constants: Arena<S>,
    /// The tangents of the values, and the adjoints and their tangents, at the values' offsets.
    pub(crate) tangents: Buffer<S>,
    pub(crate) adjoints: Planes<S>,
    /// Whether nothing was added to a node's adjoint yet in the sweep that is running.
    pub(crate) fresh: Vec<bool>,
    /// Whether a node has moved in the last sweep of tangents.
    pub(crate) moves: Vec<bool>,
    pub(crate) swept: Swept,
}

impl<S: Number> Default for Tape<S> {
    fn default() -> Self {
        Tape::new()
    }
}

impl<S: Number> Tape<S> {
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
            moves: Vec::new(),
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
}

/// What a recording holds.
impl<S: Number> Tape<S> {
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

    fn plane<'a>(&self, plane: &'a [S], v: Var, swept: bool, sweep: &str) -> &'a [S] {
        let node = self.node(v);
        assert!(node.active, "{:?} does not depend on a variable", self.op(v));
        assert!(swept, "run `{sweep}` first");
        &plane[node.range()]
    }

    pub(crate) fn op(&self, v: Var) -> Op {
        self.ops[v.index as usize]
    }

    pub(crate) fn node(&self, v: Var) -> &Place {
        assert_eq!(
            v.recording, self.recording,
            "a variable of another tape, or of a recording that was cleared"
        );
        &self.places[v.index as usize]
    }

    pub(crate) fn push(
        &mut self,
        op: Op,
        shape: (usize, usize),
        start: usize,
        active: bool,
    ) -> Var {
        let index = u32::try_from(self.places.len()).expect("fewer than 2³² nodes");
        let [rows, columns] =
            [shape.0, shape.1].map(|n| u32::try_from(n).expect("fewer than 2³² rows and columns"));
        self.ops.push(op);
        self.places.push(Place { rows, columns, start, active, reads: Reads::Never });
        self.swept = Swept::default();
        Var { index, recording: self.recording }
    }

    /// The index of an operand that an operation reads as a whole.
    pub(crate) fn input(&mut self, v: Var) -> u32 {
        self.node(v);
        let node = &mut self.places[v.index as usize];
        node.reads = node.reads.whole();
        v.index
    }
}
