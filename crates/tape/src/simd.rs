//! The instruction set of the CPU at hand, found at run time.

use std::sync::LazyLock;

use pulp::{Arch, WithSimd};

/// A fact about the CPU, looked up once.
static ARCH: LazyLock<Arch> = LazyLock::new(Arch::new);

/// Runs `work` in a function compiled for the best instruction set the CPU has.
#[inline(always)]
pub(crate) fn dispatch<W: WithSimd>(work: W) -> W::Output {
    ARCH.dispatch(work)
}

/// Runs a loop compiled for the best instruction set the CPU has, so that the compiler can
/// vectorize it. Only what is inlined into `work` profits: mark the closure `#[inline(always)]`.
///
/// Builds with debug assertions run it as it is: compiling every loop for every instruction set
/// triples the time the tests take to build. The results are the same to the last bit.
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

/// The closure is called through a reference: called by value, a compiler-made shim that cannot be
/// forced inline would stand between, compiled for the least instruction set.
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
