//! This module finds the instruction set of the CPU at run time.

use std::sync::LazyLock;

use pulp::{Arch, WithSimd};

use crate::number::Number;

/// The instruction set of the CPU, which is looked up once.
static ARCH: LazyLock<Arch> = LazyLock::new(Arch::new);

/// Runs `work` in a function that is compiled for the best instruction set of the CPU.
#[inline(always)]
pub(crate) fn dispatch<W: WithSimd>(work: W) -> W::Output {
    ARCH.dispatch(work)
}

/// Runs a loop that is compiled for the best instruction set of the CPU, so that the compiler can
/// vectorize it. Only code that is inlined into `work` becomes faster. Therefore mark the closure
/// `#[inline(always)]`.
///
/// Builds with debug assertions run the closure directly. Compiling every loop for every
/// instruction set would triple the build time of the tests. The results are the same to the last
/// bit.
///
/// ```
/// let (x, mut y) = ([1.0, 2.0, 3.0], [0.5; 3]);
/// tape::vectorized(
///     #[inline(always)]
///     || y.iter_mut().zip(&x).for_each(|(y, x)| *y -= 0.1 * x),
/// );
/// assert_eq!(y, [0.4, 0.3, 0.19999999999999996]);
/// ```
#[inline(always)]
pub fn vectorized(work: impl FnMut()) {
    #[cfg(debug_assertions)]
    let mut work = work;
    #[cfg(debug_assertions)]
    work();
    #[cfg(not(debug_assertions))]
    dispatch(Work(work));
}

/// The closure is called through a reference. A call by value would go through a function that the
/// compiler makes. That function cannot be forced inline, and it is compiled for the most basic
/// instruction set.
#[cfg(not(debug_assertions))]
struct Work<F>(F);

#[cfg(not(debug_assertions))]
impl<F: FnMut()> WithSimd for Work<F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(mut self, _: S) {
        (self.0)();
    }
}

/// Writes `x` to every entry.
pub(crate) fn fill<S: Number>(entries: &mut [S], x: S) {
    vectorized(
        #[inline(always)]
        move || {
            for entry in entries.iter_mut() {
                *entry = x;
            }
        },
    );
}
