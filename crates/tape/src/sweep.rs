//! The four sweeps over a recording: values, adjoints, and the tangents of both.

use std::marker::PhantomData;

use crate::fast::arena::grow;
use crate::fast::compiled::Sweep;
use crate::fast::fresh::freshen;
use crate::fast::moved::Moved;
use crate::mode::{Adjoints, Mode, Output, Primal, Tangent, Target, Values, View};
use crate::op::Op;
use crate::place::Place;
use crate::rules::rule::{Apply, Rule};
use crate::tape::{Planes, Swept};
use crate::{Scalar, Tape, Var};

/// The sweeps themselves. `fast/compiled.rs` compiles them once for each usual scalar type.
impl<S: Scalar> Tape<S> {
    /// Runs one of the sweeps.
    #[inline(always)]
    pub(crate) fn sweep(&mut self, sweep: Sweep<'_, S>) {
        match sweep {
            Sweep::Value => self.forward_values(),
            Sweep::Adjoints(output) => self.reverse::<Primal>(output, Moved::nothing()),
            Sweep::Tangents(moved) => self.forward(moved),
            Sweep::AdjointTangents(output, moved) => self.reverse::<Tangent>(output, moved),
        }
    }

    /// The first sweep goes one node at a time, as they are recorded.
    fn forward_values(&mut self) {
        let (Some(op), Some(node)) = (self.ops.last(), self.places.last()) else { return };
        let (primal, constants, out) = if node.active {
            let (earlier, out) = self.values.split(node.start);
            (earlier, self.constants.entries(), out)
        } else {
            let (earlier, out) = self.constants.split(node.start);
            (self.values.entries(), earlier, out)
        };
        let (places, runs, mode) = (&self.places[..], &self.runs[..], PhantomData::<Primal>);
        let (tangent, moved, width) = (&[][..], Moved::nothing(), 1);
        let values =
            Values { places, runs, moves: &[], primal, tangent, moved, constants, width, mode };
        op.run(Forward { values, target: Target { value: &[], out } });
    }

    /// The forward sweep over the tangents.
    fn forward(&mut self, moved: Moved<'_, S>) {
        let nodes = self.places.iter().zip(&self.ops).zip(&self.moves);
        for ((node, op), _) in nodes.filter(|(_, moves)| **moves) {
            let (tangent, rest) = self.tangents.split_at_mut(node.start);
            let values = Values {
                places: &self.places,
                runs: &self.runs,
                moves: &self.moves,
                primal: self.values.entries(),
                tangent,
                moved,
                constants: self.constants.entries(),
                width: 1,
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

    /// The reverse sweep from `output` down, in either mode.
    fn reverse<M: ReverseMode>(&mut self, output: Var, moved: Moved<'_, S>) {
        let places = &self.places[..=output.index as usize];
        for (id, node) in places.iter().enumerate().rev().filter(|(_, node)| node.active) {
            if self.fresh[id] {
                continue; // Nothing that the output depends on reads it.
            }
            let range = node.range();
            let values = Values {
                places,
                runs: &self.runs,
                moves: &self.moves,
                primal: self.values.entries(),
                tangent: &self.tangents,
                moved,
                constants: self.constants.entries(),
                width: 1,
                mode: PhantomData::<M>,
            };
            let (earlier, adjoint) = M::split(&mut self.adjoints, node);
            let id = id as u32;
            let value = View {
                primal: &self.values.entries()[range.clone()],
                tangent: (M::TANGENTS && self.moves[id as usize]).then(|| &self.tangents[range]),
            };
            let mut adjoints = Adjoints { places, earlier, fresh: &mut self.fresh, width: 1 };
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
}

/// The first sweep is the recording itself.
impl<S: Scalar> Tape<S> {
    /// Appends the result of `op` and computes it.
    pub(crate) fn record(&mut self, op: Op, shape: (usize, usize), active: bool) -> Var {
        let store = if active { &mut self.values } else { &mut self.constants };
        let start = store.reserve(shape.0 * shape.1);
        let v = self.push(op, shape, start, active);
        S::sweep(self, Sweep::Value);
        v
    }
}

/// The sweeps over a finished recording.
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
        self.start::<Primal>(output, |adjoint| adjoint.copy_from_slice(cotangent));
        S::sweep(self, Sweep::Adjoints(output));
        self.swept = Swept { backward: Some(output), backward_tangents: false, ..self.swept };
    }

    /// Moves `variable` along `direction` and computes how fast every value moves with it.
    ///
    /// # Panics
    /// If `direction` does not fit `variable`, or `variable` is a constant or a result.
    pub fn forward_tangents(&mut self, variable: Var, direction: &[S]) {
        let leaf = self.movable(variable, direction);
        grow(&mut self.tangents, self.values.used());
        self.mark_moving(leaf.range());
        for (id, node) in self.places.iter().enumerate().filter(|(_, node)| node.active) {
            if !self.moves[id] || matches!(self.ops[id], Op::Leaf) {
                self.tangents[node.range()].fill(S::zero());
            }
        }
        self.tangents[leaf.range()].copy_from_slice(direction);
        S::sweep(self, Sweep::Tangents(Moved::nothing()));
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

    /// The node of a variable that can move along `direction`.
    pub(crate) fn movable(&self, variable: Var, direction: &[S]) -> Place {
        let (leaf, op) = (*self.node(variable), self.op(variable));
        assert!(leaf.active, "a constant has no tangent");
        let moves = matches!(op, Op::Leaf | Op::Window(_));
        assert!(moves, "{op:?} moves with what it was computed from, not by itself");
        assert_eq!(direction.len(), leaf.range().len(), "entries of the direction");
        leaf
    }

    pub(crate) fn reverse_tangents(&mut self, output: Var, moved: Moved<'_, S>) {
        assert!(self.swept.backward.is_some(), "run `backward` first");
        assert_eq!(self.swept.backward, Some(output), "the output of the last backward sweep");
        grow(&mut self.adjoints.tangent, self.values.used());
        self.start::<Tangent>(output, |adjoint| adjoint.fill(S::zero()));
        S::sweep(self, Sweep::AdjointTangents(output, moved));
        self.swept.backward_tangents = true;
    }

    /// Marks the adjoints of all nodes but `output` as stale; `seed` writes that of `output`.
    fn start<M: ReverseMode>(&mut self, output: Var, seed: impl FnOnce(&mut [S])) {
        freshen(&self.ops, &self.places, M::plane(&mut self.adjoints), &mut self.fresh);
        self.fresh[output.index as usize] = false;
        let node = *self.node(output);
        if node.active {
            seed(&mut M::plane(&mut self.adjoints)[node.range()]);
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
