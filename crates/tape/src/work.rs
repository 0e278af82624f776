//! Counts what the sweeps over a recording compute, read and write.

use std::ops::{Add, Mul, Range};

use crate::op::Op;
use crate::rules::elementwise::Binary;
use crate::{Scalar, Tape, Var};

/// Counts the operations of a sweep.
///
/// A term of a matrix product or of a sum is one multiply-add. Any other operation counts one for
/// each entry that it computes, also if the entry is an exponential. The bytes are those of the
/// numbers that the operations read and write, without regard to caches.
///
/// The counts follow from the recording alone. So they are the same on every machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// The number of multiply-adds, in all lanes.
    pub multiply_adds: u64,
    /// The number of bytes that are read and written.
    pub bytes: u64,
}

impl Add for Work {
    type Output = Work;

    fn add(self, other: Work) -> Work {
        let multiply_adds = self.multiply_adds + other.multiply_adds;
        Work { multiply_adds, bytes: self.bytes + other.bytes }
    }
}

impl Mul<u64> for Work {
    type Output = Work;

    /// The work of doing it `times` times.
    fn mul(self, times: u64) -> Work {
        Work { multiply_adds: self.multiply_adds * times, bytes: self.bytes * times }
    }
}

/// Holds the work of each of the four sweeps over a recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SweepWork {
    /// The recording itself.
    pub values: Work,
    /// The sweep of [`backward`](Tape::backward).
    pub adjoints: Work,
    /// The sweep of [`forward_tangents`](Tape::forward_tangents).
    pub tangents: Work,
    /// The sweep of [`backward_tangents`](Tape::backward_tangents).
    pub adjoint_tangents: Work,
}

impl SweepWork {
    /// The work of a value and its gradient.
    pub fn gradient(self) -> Work {
        self.values + self.adjoints
    }

    /// The work of a Hessian-vector product, after the gradient.
    pub fn hessian_vector(self) -> Work {
        self.tangents + self.adjoint_tangents
    }
}

/// An operand of an operation, and its entries.
struct Operand {
    entries: u64,
    active: bool,
    moves: bool,
}

/// What a recording costs.
impl<S: Scalar> Tape<S> {
    /// Counts the work of the four sweeps over this recording. It counts every active node, and
    /// takes all of them to move. Operations from outside count like element-wise ones.
    ///
    /// ```
    /// use tape::{Matrix, Tape};
    /// let mut tape = Tape::<f64>::new();
    /// let a = tape.variable(2, 3, &[1.0; 6]);
    /// let b = tape.constant(&Matrix::new(3, 5, vec![1.0; 15]));
    /// tape.matmul(a, b);
    /// assert_eq!(tape.work().values.multiply_adds, 2 * 3 * 5);
    /// assert_eq!(tape.work().adjoints.multiply_adds, 2 * 3 * 5); // of a alone; b is a constant
    /// ```
    pub fn work(&self) -> SweepWork {
        self.work_where(&self.places.iter().map(|place| place.active).collect::<Vec<_>>())
    }

    /// The same where only the entries `moving` of `variable` move, as in
    /// [`hessian_vector_within`](Tape::hessian_vector_within).
    ///
    /// # Panics
    /// If `variable` is a constant.
    pub fn work_within(&self, variable: Var, moving: Range<usize>) -> SweepWork {
        let leaf = self.node(variable);
        assert!(leaf.active, "a constant does not move");
        let mut moves = Vec::new();
        self.find_moving(leaf.start + moving.start..leaf.start + moving.end, &mut moves);
        self.work_where(&moves)
    }

    /// The work if the marked nodes move.
    fn work_where(&self, moves: &[bool]) -> SweepWork {
        let mut sum = SweepWork::default();
        for id in 0..self.places.len() {
            let work = self.work_of(id, moves);
            sum.values = sum.values + work.values;
            sum.adjoints = sum.adjoints + work.adjoints;
            sum.tangents = sum.tangents + work.tangents;
            sum.adjoint_tangents = sum.adjoint_tangents + work.adjoint_tangents;
        }
        sum
    }

    /// Counts the bytes that the buffers of the tape occupy: values, constants, and the planes of
    /// adjoints and tangents as far as a sweep has needed them.
    pub fn memory(&self) -> usize {
        let planes = [&self.tangents, &self.adjoints.primal, &self.adjoints.tangent];
        let planes: usize = planes.iter().map(|plane| plane.len()).sum();
        let numbers = self.values.entries().len() + self.constants.entries().len() + planes;
        numbers * size_of::<S>()
    }

    fn work_of(&self, id: usize, moves: &[bool]) -> SweepWork {
        let (op, place) = (self.ops[id], &self.places[id]);
        if matches!(op, Op::Leaf | Op::Window(_)) {
            return SweepWork::default();
        }
        let operands = self.operands(op, moves);
        let out = place.range().len() as u64;
        let terms = self.terms(op, &operands, out);
        let count = |multiply_adds: u64, numbers: u64| Work {
            multiply_adds: multiply_adds * S::LANES as u64,
            bytes: numbers * size_of::<S>() as u64,
        };
        let read: u64 = operands.iter().map(|operand| operand.entries).sum();
        let values = count(terms.iter().copied().max().unwrap_or(out), read + out);
        if !place.active || matches!(op, Op::StopGradient(_)) {
            return SweepWork { values, ..SweepWork::default() };
        }
        let active = || operands.iter().zip(&terms).filter(|(operand, _)| operand.active);
        let written: u64 = active().map(|(operand, _)| operand.entries).sum();
        let once: u64 = active().map(|(_, terms)| terms).sum();
        let moving = || active().filter(|(operand, _)| operand.moves);
        let moved: u64 = moving().map(|(operand, _)| operand.entries).sum();
        let tangents = match moves[id] {
            true => count(moving().map(|(_, terms)| terms).sum(), read + moved + out),
            false => Work::default(),
        };
        // By each operand: its own slope, and the slope as it moves with every other operand.
        let ways = (0..operands.len()).map(|index| self.movements(op, index, moves));
        let twice =
            operands.iter().zip(&terms).zip(ways).filter(|((operand, _), _)| operand.active);
        let twice: u64 = twice.map(|((_, terms), ways)| terms * ways).sum();
        SweepWork {
            values,
            adjoints: count(once, read + out + written),
            tangents,
            adjoint_tangents: count(twice, read + moved + 2 * out + written),
        }
    }

    /// The operands, each once. The parts of a gathering stand for their nodes.
    fn operands(&self, op: Op, moves: &[bool]) -> Vec<Operand> {
        let operand = |node: u32, entries: usize| {
            let (active, moves) = (self.places[node as usize].active, moves[node as usize]);
            Operand { entries: entries as u64, active, moves }
        };
        if let Op::Gather(first, count) = op {
            let runs = &self.runs[first as usize..][..count as usize];
            return runs.iter().map(|run| operand(run.node, run.length)).collect();
        }
        let mut operands = Vec::new();
        op.each_input(&self.custom, &self.runs, |id| {
            operands.push(operand(id, self.places[id as usize].range().len()));
        });
        operands
    }

    /// The multiply-adds by each operand: of the value's tangent as it moves, and of its adjoint.
    fn terms(&self, op: Op, operands: &[Operand], out: u64) -> Vec<u64> {
        let columns = |id: u32| u64::from(self.places[id as usize].columns);
        match op {
            Op::MatMul(a, _) => vec![out * columns(a); 2],
            Op::Affine(x, _, _) => vec![out * columns(x), out * columns(x), out],
            Op::Binary(..) | Op::Select(..) => vec![out; operands.len()],
            _ => operands.iter().map(|operand| operand.entries).collect(),
        }
    }

    /// In how many ways the adjoint by operand `index` moves: with the adjoint of the result, and
    /// with the operands that the slope depends on.
    fn movements(&self, op: Op, index: usize, moves: &[bool]) -> u64 {
        let any = |operands: &[Operand]| operands.iter().any(|operand| operand.moves);
        let moves_of = |id: u32| u64::from(moves[id as usize]);
        match op {
            Op::Sum(_) | Op::Transpose(_) | Op::Gather(..) | Op::Select(..) => 1,
            Op::Binary(_, _, Binary::Add | Binary::Sub) => 1,
            Op::MatMul(a, b) | Op::Dot(a, b) | Op::Affine(a, b, _) if index < 2 => {
                1 + moves_of(if index == 0 { b } else { a })
            }
            Op::Affine(..) => 1,
            _ => 1 + u64::from(any(&self.operands(op, moves))),
        }
    }
}
