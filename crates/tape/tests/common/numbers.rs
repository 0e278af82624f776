//! Ways to compare numbers, and to catch a panic.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proptest::prelude::ProptestConfig;
use tape::Scalar;

/// `cases` random cases; a failing one is printed, not written beside the sources.
pub fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// The largest magnitude in `x`.
pub fn largest(x: &[f64]) -> f64 {
    x.iter().fold(0.0, |m, x| x.abs().max(m))
}

/// Whether `got` is `want` up to a relative and an absolute error. Infinities must be the same,
/// a NaN is never right.
pub fn within(got: f64, want: f64, relative: f64, absolute: f64) -> bool {
    got == want || (got - want).abs() <= relative * want.abs() + absolute && want.is_finite()
}

/// Entry by entry, up to `tolerance` times the largest entry.
#[track_caller]
pub fn assert_close(got: &[f64], want: &[f64], tolerance: f64, what: &str) {
    assert_eq!(got.len(), want.len(), "{what}: lengths");
    let allowed = tolerance * largest(want) + f64::MIN_POSITIVE;
    for (i, (g, w)) in got.iter().zip(want).enumerate() {
        assert!(within(*g, *w, 0.0, allowed), "{what}, entry {i}: {g} for {w}\n{got:?}\n{want:?}");
    }
}

/// Lane `i` of every entry.
pub fn lane<S: Scalar>(x: &[S], i: usize) -> Vec<f64> {
    x.iter().map(|x| x.lane(i)).collect()
}

/// `n` numbers spread over (−1, 1), the same for the same seed (an additive recurrence by the
/// golden ratio).
pub fn spread(n: usize, seed: f64) -> Vec<f64> {
    let step = 0.618_033_988_749_894_9;
    (1..=n).map(|i| 2.0 * (seed * 0.754_877_666 + step * i as f64).rem_euclid(1.0) - 1.0).collect()
}

/// The message `f` panics with.
#[track_caller]
pub fn panic_message<T>(f: impl FnOnce() -> T) -> String {
    let payload = match catch_unwind(AssertUnwindSafe(f)) {
        Ok(_) => panic!("this should have panicked"),
        Err(payload) => payload,
    };
    match payload.downcast::<String>() {
        Ok(message) => *message,
        Err(payload) => payload.downcast::<&str>().expect("a message").to_string(),
    }
}
