//! This module compiles the sweeps once for the scalar types that training uses: plain numbers, and
//! the numbers of lanes in which the learner packs tasks. A generic function is compiled again by
//! every crate that uses it, and the sweeps contain all rules. The functions of this module are not
//! generic, so other crates only call them.

use std::any::Any;

use bytemuck::TransparentWrapper;

use super::lanes::Lanes;
use super::moved::Moved;
use crate::tape::{Tape, Var};

/// One of the four sweeps.
#[derive(Clone, Copy)]
pub enum Sweep<'a, S> {
    /// Computes the value of the node that was recorded last.
    Value,
    /// Computes the adjoints of this output, whose own adjoint is given.
    Adjoints(Var),
    /// Computes the tangents of the values.
    Tangents(Moved<'a, S>),
    /// Computes the tangents of the adjoints of this output.
    AdjointTangents(Var, Moved<'a, S>),
}

/// Makes the functions of one type of plain numbers.
macro_rules! compile {
    ($type:ident, $plain:ident, $in_lanes:ident, $($lanes:literal $few:ident),*) => {
        /// Runs a sweep over plain numbers.
        #[inline(never)]
        pub(super) fn $plain(tape: &mut Tape<$type>, sweep: Sweep<'_, $type>) {
            tape.sweep(sweep);
        }

        $(
            #[inline(never)]
            fn $few(tape: &mut Tape<Lanes<$type, $lanes>>, sweep: Sweep<'_, Lanes<$type, $lanes>>) {
                tape.sweep(sweep);
            }
        )*

        /// Runs a sweep over lanes. Other numbers of lanes are compiled where they are used.
        #[inline(always)]
        pub(super) fn $in_lanes<const N: usize>(
            tape: &mut Tape<Lanes<$type, N>>,
            sweep: Sweep<'_, Lanes<$type, N>>,
        ) {
            if const { matches!(N, $($lanes)|*) } {
                match N {
                    $($lanes => $few(same(tape), in_same_lanes(sweep)),)*
                    _ => unreachable!("the condition above"),
                }
            } else {
                tape.sweep(sweep);
            }
        }
    };
}

compile!(f64, plain_f64, in_lanes_f64, 4 four_f64, 8 eight_f64);
compile!(f32, plain_f32, in_lanes_f32, 4 four_f32, 16 sixteen_f32);

/// Returns the same tape. Its type is `T`, which the compiler cannot know where N is generic.
#[inline(always)]
fn same<T: 'static>(tape: &mut dyn Any) -> &mut T {
    tape.downcast_mut().expect("the same number of lanes")
}

/// Returns the same sweep, where N = M.
#[inline(always)]
fn in_same_lanes<R, const N: usize, const M: usize>(
    sweep: Sweep<'_, Lanes<R, N>>,
) -> Sweep<'_, Lanes<R, M>> {
    match sweep {
        Sweep::Value => Sweep::Value,
        Sweep::Adjoints(output) => Sweep::Adjoints(output),
        Sweep::Tangents(along) => Sweep::Tangents(moved(along)),
        Sweep::AdjointTangents(output, along) => Sweep::AdjointTangents(output, moved(along)),
    }
}

#[inline(always)]
fn moved<R, const N: usize, const M: usize>(
    along: Moved<'_, Lanes<R, N>>,
) -> Moved<'_, Lanes<R, M>> {
    let flat = Lanes::peel_slice(along.direction).as_flattened();
    Moved { start: along.start, direction: Lanes::wrap_slice(flat.as_chunks().0) }
}
