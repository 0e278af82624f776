//! Loops over vectors of parameters, as vector code in any number of lanes.

use tape::{Scalar, vectorized};

/// The flat numbers in one number.
const fn width<S: Scalar>() -> usize {
    S::LANES / S::Flat::LANES
}

/// Writes `theta` to every lane of `out`.
pub(crate) fn broadcast<S: Scalar>(out: &mut [S], theta: &[S::Flat]) {
    assert_eq!(out.len(), theta.len(), "weights");
    let out = S::flat_mut(out);
    vectorized(
        #[inline(always)]
        move || {
            for (lanes, &theta) in out.chunks_exact_mut(width::<S>()).zip(theta) {
                lanes.fill(theta);
            }
        },
    );
}

/// Computes v ← v − c h.
pub(crate) fn subtract<S: Scalar>(v: &mut [S], c: S::Flat, h: &[S]) {
    let (v, h) = (S::flat_mut(v), S::flat(h));
    vectorized(
        #[inline(always)]
        move || {
            for (v, &h) in v.iter_mut().zip(h) {
                *v = *v - c * h;
            }
        },
    );
}

/// Computes w ← w − v ∘ g.
pub(crate) fn subtract_products<S: Scalar>(w: &mut [S], v: &[S], g: &[S]) {
    let (w, v, g) = (S::flat_mut(w), S::flat(v), S::flat(g));
    vectorized(
        #[inline(always)]
        move || {
            for ((w, &v), &g) in w.iter_mut().zip(v).zip(g) {
                *w = *w - v * g;
            }
        },
    );
}

/// Writes f(x, y, c) to each number of `out`, where x and y are the same numbers of two vectors,
/// and c is the number of `shared` that all lanes of the entry have in common.
pub(crate) fn entrywise<S: Scalar>(
    out: &mut [S],
    (x, y): (&[S], &[S]),
    shared: &[S::Flat],
    f: impl Fn(S::Flat, S::Flat, S::Flat) -> S::Flat,
) {
    let (out, x, y) = (S::flat_mut(out), S::flat(x), S::flat(y));
    vectorized(
        #[inline(always)]
        || {
            let out = out.chunks_exact_mut(width::<S>());
            let operands = x.chunks_exact(width::<S>()).zip(y.chunks_exact(width::<S>()));
            for ((out, (x, y)), &c) in out.zip(operands).zip(shared) {
                for ((out, &x), &y) in out.iter_mut().zip(x).zip(y) {
                    *out = f(x, y, c);
                }
            }
        },
    );
}
