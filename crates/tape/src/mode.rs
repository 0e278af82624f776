//! The two ways a rule can be run over a recorded tape.
//!
//! A rule is written once, over an abstract number type `T`. [`Primal`] runs it on the tape's own
//! scalars `S` and records what comes out. [`Tangent`] runs the very same rule on `Dual<S>`, whose
//! value half was kept from the primal sweep and whose tangent half is what it computes: a dual
//! tape stored as two planes, of which the first need not be computed again. Where a rule would
//! compute the value half nevertheless, an exponential say, to get at the other, it takes the value
//! that is known: element-wise functions of one operand by their chain rule, and log-softmax.

use std::marker::PhantomData;
use std::ops::Range;

use crate::custom::{Erased, On};
use crate::fast::moved::Moved;
use crate::fast::product::factor::Factor;
use crate::fast::simd::fill;
use crate::place::{Place, Run};
use crate::rules::elementwise::UnaryRule;
use crate::{Dual, Scalar};

/// How a sweep reads and writes the two planes.
pub(crate) trait Mode: Copy {
    /// The number a rule sees on a tape of `S`.
    type T<S: Scalar>: Scalar;

    /// Whether the tangent plane takes part.
    const TANGENTS: bool;

    /// Entry `i` of an operand.
    fn get<S: Scalar>(view: &View<'_, S>, i: usize) -> Self::T<S>;
    /// What a forward sweep writes for y = f(x): f(x) or, when y is known, ẏ.
    fn unary<S: Scalar>(rule: impl UnaryRule, x: &View<'_, S>, y: &[S], i: usize) -> S;
    /// The plane that the sweep computes, where the operand has it.
    fn own<'a, S: Scalar>(view: &View<'a, S>) -> Option<&'a [S]>;
    /// Writes what the sweep computes.
    fn set<S: Scalar>(entry: &mut S, x: Self::T<S>);
    /// Adds to what the sweep computes.
    fn add<S: Scalar>(entry: &mut S, x: Self::T<S>);
    /// Adds to what the sweep computes if `accumulate`, else writes it.
    #[inline(always)]
    fn put<S: Scalar>(entry: &mut S, x: Self::T<S>, accumulate: bool) {
        if accumulate {
            Self::add(entry, x);
        } else {
            Self::set(entry, x);
        }
    }
    /// An operation from outside, on the numbers that a rule sees.
    fn on<S: Scalar>(operation: &dyn Erased<S>) -> &dyn On<Self::T<S>>;
    /// `out = a b` or `out += a b`.
    fn product<S: Scalar>(a: Operand<'_, S>, b: Operand<'_, S>, out: &mut [S], accumulate: bool);
}

/// Values first: forward computes values, reverse computes adjoints.
#[derive(Clone, Copy)]
pub(crate) struct Primal;

impl Mode for Primal {
    type T<S: Scalar> = S;
    const TANGENTS: bool = false;

    fn on<S: Scalar>(operation: &dyn Erased<S>) -> &dyn On<S> {
        operation
    }

    #[inline(always)]
    fn unary<S: Scalar>(rule: impl UnaryRule, x: &View<'_, S>, _: &[S], i: usize) -> S {
        rule.value(x.primal[i])
    }

    fn own<'a, S: Scalar>(view: &View<'a, S>) -> Option<&'a [S]> {
        Some(view.primal)
    }

    #[inline(always)]
    fn get<S: Scalar>(view: &View<'_, S>, i: usize) -> S {
        view.primal[i]
    }

    #[inline(always)]
    fn set<S: Scalar>(entry: &mut S, x: S) {
        *entry = x;
    }

    #[inline(always)]
    fn add<S: Scalar>(entry: &mut S, x: S) {
        *entry = *entry + x;
    }

    fn product<S: Scalar>(a: Operand<'_, S>, b: Operand<'_, S>, out: &mut [S], accumulate: bool) {
        S::product(a.factor(a.view.primal), b.factor(b.view.primal), out, accumulate);
    }
}

/// Then derivatives of all that along one direction, with the primal plane at hand.
#[derive(Clone, Copy)]
pub(crate) struct Tangent;

impl Mode for Tangent {
    type T<S: Scalar> = Dual<S>;
    const TANGENTS: bool = true;

    fn on<S: Scalar>(operation: &dyn Erased<S>) -> &dyn On<Dual<S>> {
        operation
    }

    #[inline(always)]
    fn unary<S: Scalar>(rule: impl UnaryRule, x: &View<'_, S>, y: &[S], i: usize) -> S {
        let tangent = x.tangent.map_or(S::zero(), |tangent| tangent[i]);
        rule.chain(x.primal[i], y[i], tangent)
    }

    fn own<'a, S: Scalar>(view: &View<'a, S>) -> Option<&'a [S]> {
        view.tangent
    }

    #[inline(always)]
    fn get<S: Scalar>(view: &View<'_, S>, i: usize) -> Dual<S> {
        let tangent = view.tangent.map_or(S::zero(), |tangent| tangent[i]);
        Dual { value: view.primal[i], tangent }
    }

    #[inline(always)]
    fn set<S: Scalar>(entry: &mut S, x: Dual<S>) {
        *entry = x.tangent;
    }

    #[inline(always)]
    fn add<S: Scalar>(entry: &mut S, x: Dual<S>) {
        *entry = *entry + x.tangent;
    }

    /// (a b)˙ = ȧ b + a ḃ; a factor that does not depend on the parameters has no tangent and
    /// costs nothing.
    fn product<S: Scalar>(a: Operand<'_, S>, b: Operand<'_, S>, out: &mut [S], accumulate: bool) {
        let mut accumulate = accumulate;
        if let Some(tangent) = a.view.tangent {
            S::product(a.factor(tangent), b.factor(b.view.primal), out, accumulate);
            accumulate = true;
        }
        if let Some(tangent) = b.view.tangent {
            S::product(a.factor(a.view.primal), b.factor(tangent), out, accumulate);
            accumulate = true;
        }
        if !accumulate {
            fill(out, S::zero());
        }
    }
}

/// The entries of one node: the primal plane and, where the node moves, its tangent plane.
#[derive(Clone, Copy)]
pub(crate) struct View<'a, S> {
    pub primal: &'a [S],
    pub tangent: Option<&'a [S]>,
}

impl<'a, S: Scalar> View<'a, S> {
    /// `length` entries from `start` on.
    #[inline(always)]
    pub fn slice(&self, start: usize, length: usize) -> View<'a, S> {
        View {
            primal: &self.primal[start..start + length],
            tangent: self.tangent.map(|tangent| &tangent[start..start + length]),
        }
    }
}

/// A view as a factor of a matrix product.
#[derive(Clone, Copy)]
pub(crate) struct Operand<'a, S> {
    pub view: View<'a, S>,
    pub rows: usize,
    pub columns: usize,
    pub transposed: bool,
}

impl<'a, S> Operand<'a, S> {
    /// The same entries, transposed.
    pub fn transpose(self) -> Self {
        Operand { transposed: !self.transposed, ..self }
    }

    fn factor<'b>(&self, plane: &'b [S]) -> Factor<'b, S> {
        let factor = Factor::new(plane, self.rows, self.columns);
        if self.transposed { factor.transpose() } else { factor }
    }
}

/// What a rule may read: the values of earlier nodes.
#[derive(Clone, Copy)]
pub(crate) struct Values<'a, S, M> {
    pub places: &'a [Place],
    /// What the operations that gather entries read.
    pub runs: &'a [Run],
    /// Whether a node has a tangent that is not 0 everywhere.
    pub moves: &'a [bool],
    pub primal: &'a [S],
    pub tangent: &'a [S],
    pub moved: Moved<'a, S>,
    pub constants: &'a [S],
    /// Entries of the planes in one entry of a node: 1, or the lanes of a flat view.
    pub width: usize,
    pub mode: PhantomData<M>,
}

impl<'a, S: Scalar, M: Mode> Values<'a, S, M> {
    /// The value of node `id`.
    pub fn view(&self, id: u32) -> View<'a, S> {
        let node = &self.places[id as usize];
        let range = widened(node.range(), self.width);
        if node.active {
            View {
                primal: &self.primal[range.clone()],
                tangent: (M::TANGENTS && self.moves[id as usize])
                    .then(|| self.moved.part(&range).unwrap_or_else(|| &self.tangent[range])),
            }
        } else {
            View { primal: &self.constants[range], tangent: None }
        }
    }

    /// (rows, columns) of node `id`.
    pub fn shape(&self, id: u32) -> (usize, usize) {
        self.places[id as usize].shape()
    }

    /// `view` with the shape of node `id`, as a factor of a product.
    pub fn operand(&self, view: View<'a, S>, id: u32) -> Operand<'a, S> {
        let (rows, columns) = self.shape(id);
        Operand { view, rows, columns, transposed: false }
    }
}

/// What a rule may add to on the way back: the adjoints of earlier nodes.
pub(crate) struct Adjoints<'a, S> {
    pub places: &'a [Place],
    /// The adjoints of every node before the one whose rule runs.
    pub earlier: &'a mut [S],
    /// Whether nothing was added to a node's adjoint yet, so that its entries are stale.
    pub fresh: &'a mut [bool],
    /// Entries of the plane in one entry of a node: 1, or the lanes of a flat view.
    pub width: usize,
}

impl<S: Scalar> Adjoints<'_, S> {
    /// The adjoint of node `id`, to add to, or `None` if it does not depend on the parameters.
    pub fn of(&mut self, id: u32) -> Option<&mut [S]> {
        let (entries, accumulate) = self.slot(id)?;
        if !accumulate {
            fill(entries, S::zero());
        }
        Some(entries)
    }

    /// The same for a rule that can as well overwrite, and whether it has to accumulate.
    pub fn slot(&mut self, id: u32) -> Option<(&mut [S], bool)> {
        let node = &self.places[id as usize];
        if !node.active {
            return None;
        }
        let fresh = std::mem::replace(&mut self.fresh[id as usize], false);
        Some((&mut self.earlier[widened(node.range(), self.width)], !fresh))
    }
}

fn widened(range: Range<usize>, width: usize) -> Range<usize> {
    range.start * width..range.end * width
}

/// The node whose rule runs forwards.
pub(crate) struct Target<'a, S> {
    /// Its value, where an earlier sweep has computed it; else nothing.
    pub value: &'a [S],
    /// What this sweep computes.
    pub out: &'a mut [S],
}

/// The node whose rule runs backwards: its value and its adjoint.
#[derive(Clone, Copy)]
pub(crate) struct Output<'a, S> {
    pub id: u32,
    pub value: View<'a, S>,
    pub adjoint: View<'a, S>,
}
