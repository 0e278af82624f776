//! This module shows what a rule reads and writes as flat numbers, lane after lane. A rule that
//! treats every lane alike runs on the flat numbers, so that it is compiled once for any number of
//! lanes.

use std::marker::PhantomData;

use super::moved::Moved;
use crate::Scalar;
use crate::mode::{Adjoints, Output, Target, Values, View};

/// The flat numbers in one number of a tape.
const fn width<S: Scalar>() -> usize {
    S::LANES / S::Flat::LANES
}

impl<'a, S: Scalar> View<'a, S> {
    #[inline(always)]
    pub fn flat(self) -> View<'a, S::Flat> {
        View { primal: S::flat(self.primal), tangent: self.tangent.map(S::flat) }
    }
}

impl<'a, S: Scalar> Moved<'a, S> {
    #[inline(always)]
    pub(crate) fn flat(self) -> Moved<'a, S::Flat> {
        Moved { start: self.start * width::<S>(), direction: S::flat(self.direction) }
    }
}

impl<'a, S: Scalar, M> Values<'a, S, M> {
    #[inline(always)]
    pub fn flat(self) -> Values<'a, S::Flat, M> {
        Values {
            places: self.places,
            runs: self.runs,
            moves: self.moves,
            primal: S::flat(self.primal),
            tangent: S::flat(self.tangent),
            moved: self.moved.flat(),
            constants: S::flat(self.constants),
            width: self.width * width::<S>(),
            mode: PhantomData,
        }
    }
}

impl<'a, S: Scalar> Target<'a, S> {
    #[inline(always)]
    pub fn flat(self) -> Target<'a, S::Flat> {
        Target { value: S::flat(self.value), out: S::flat_mut(self.out) }
    }
}

impl<'a, S: Scalar> Output<'a, S> {
    #[inline(always)]
    pub fn flat(self) -> Output<'a, S::Flat> {
        Output { id: self.id, value: self.value.flat(), adjoint: self.adjoint.flat() }
    }
}

impl<S: Scalar> Adjoints<'_, S> {
    #[inline(always)]
    pub fn flat(&mut self) -> Adjoints<'_, S::Flat> {
        Adjoints {
            places: self.places,
            earlier: S::flat_mut(self.earlier),
            fresh: self.fresh,
            width: self.width * width::<S>(),
        }
    }
}
