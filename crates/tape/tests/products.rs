//! `Scalar::product` of every type against the definition, so that a faster kernel is free to be
//! written: any transposition, any size, accumulating or not.

use std::any::type_name;

use crate::common::{config, panic_message, spread};
use proptest::prelude::*;
use tape::{Dual, Factor, Lanes, Scalar};

/// Around every block size a kernel may choose, and the sizes of the networks at hand.
const SIZES: [usize; 12] = [0, 1, 2, 3, 5, 7, 10, 16, 17, 20, 33, 95];

/// (rows of a, columns of a and rows of b, columns of b)
type Size = (usize, usize, usize);

/// A scalar as the plain numbers it consists of.
trait Parts: Scalar {
    /// Of the numbers it consists of.
    const EPSILON: f64;

    /// 1 if it is a value, 2 if a tangent goes with it.
    const PARTS: usize;

    /// A scalar whose numbers are drawn from `next`.
    fn draw(next: &mut impl FnMut() -> f64) -> Self;

    /// Value and tangent in one lane.
    fn parts(self, lane: usize) -> [f64; 2];
}

macro_rules! plain {
    ($type:ty) => {
        impl Parts for $type {
            const EPSILON: f64 = <$type>::EPSILON as f64;
            const PARTS: usize = 1;

            fn draw(next: &mut impl FnMut() -> f64) -> Self {
                next() as $type
            }

            fn parts(self, _: usize) -> [f64; 2] {
                [f64::from(self), 0.0]
            }
        }
    };
}

plain!(f64);
plain!(f32);

impl<S: Parts, const N: usize> Parts for Lanes<S, N> {
    const EPSILON: f64 = S::EPSILON;
    const PARTS: usize = S::PARTS;

    fn draw(next: &mut impl FnMut() -> f64) -> Self {
        Lanes(std::array::from_fn(|_| S::draw(next)))
    }

    fn parts(self, lane: usize) -> [f64; 2] {
        self.0[lane / S::LANES].parts(lane % S::LANES)
    }
}

impl<S: Parts> Parts for Dual<S> {
    const EPSILON: f64 = S::EPSILON;
    const PARTS: usize = 2;

    fn draw(next: &mut impl FnMut() -> f64) -> Self {
        Dual { value: S::draw(next), tangent: S::draw(next) }
    }

    fn parts(self, lane: usize) -> [f64; 2] {
        [self.value.parts(lane)[0], self.tangent.parts(lane)[0]]
    }
}

/// Runs a generic check for every scalar type that may have a kernel of its own, or that goes
/// through another's.
macro_rules! every_type {
    ($check:ident($($argument:expr),*)) => {{
        $check::<f64>($($argument),*);
        $check::<f32>($($argument),*);
        $check::<Lanes<f64, 2>>($($argument),*);
        $check::<Lanes<f64, 3>>($($argument),*);
        $check::<Lanes<f64, 4>>($($argument),*);
        $check::<Lanes<f64, 8>>($($argument),*);
        $check::<Lanes<f32, 8>>($($argument),*);
        $check::<Lanes<f32, 16>>($($argument),*);
        $check::<Dual<f64>>($($argument),*);
        $check::<Dual<Lanes<f64, 4>>>($($argument),*);
        $check::<Lanes<Dual<f64>, 4>>($($argument),*);
        $check::<Lanes<Lanes<f64, 2>, 2>>($($argument),*);
    }};
}

/// `a b` into `out`. Both are given as they enter the product and stored as `transposed` says.
fn product<S: Scalar>(
    (m, k, n): Size,
    (a, b): (&[S], &[S]),
    transposed: (bool, bool),
    accumulate: bool,
    out: &mut [S],
) {
    let turned = (transpose(a, m, k), transpose(b, k, n));
    let a =
        if transposed.0 { Factor::new(&turned.0, k, m).transpose() } else { Factor::new(a, m, k) };
    let b =
        if transposed.1 { Factor::new(&turned.1, n, k).transpose() } else { Factor::new(b, k, n) };
    assert_eq!(((a.rows, a.columns), (b.rows, b.columns)), ((m, k), (k, n)));
    S::product(a, b, out, accumulate);
}

/// All four combinations of factors stored as they are and transposed.
const STORED: [(bool, bool); 4] = [(false, false), (false, true), (true, false), (true, true)];

fn transpose<S: Copy>(x: &[S], rows: usize, columns: usize) -> Vec<S> {
    (0..rows * columns).map(|i| x[i % rows * columns + i / rows]).collect()
}

/// What matrices are filled with.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Entries {
    /// Small integers, for which any order of summation gives the same bits.
    Integers,
    /// The same with many zeros, and a NaN or an infinity here and there.
    Special,
    /// Numbers in (−1, 1): results may be off by the rounding of a sum of k products.
    Reals,
}

impl Entries {
    fn entry(self, raw: f64) -> f64 {
        match self {
            Entries::Integers => (7.0 * raw).round(),
            Entries::Reals => raw,
            Entries::Special if raw > 0.99 => f64::NAN,
            Entries::Special if raw > 0.97 => f64::INFINITY,
            Entries::Special if raw < -0.98 => f64::NEG_INFINITY,
            Entries::Special => (3.0 * raw).round(),
        }
    }
}

/// Every way to compute a product of one size, against the definition in f64.
fn verify<S: Parts>(size: Size, entries: Entries, seed: f64) {
    let (m, k, n) = size;
    let numbers = spread(1009, seed);
    let mut draws = 0;
    let mut matrix = |length: usize| -> Vec<S> {
        let mut next = || {
            draws += 1;
            entries.entry(numbers[draws % numbers.len()])
        };
        (0..length).map(|_| S::draw(&mut next)).collect()
    };
    let (a, b, before) = (matrix(m * k), matrix(k * n), matrix(m * n));
    let computed = STORED.map(|stored| {
        // What is not accumulated to is overwritten, whatever it was.
        let (mut fresh, mut sum) = (vec![S::from_f64(f64::NAN); m * n], before.clone());
        product(size, (&a, &b), stored, false, &mut fresh);
        product(size, (&a, &b), stored, true, &mut sum);
        (fresh, sum)
    });

    let rounding = if entries == Entries::Reals { (2 * k + 2) as f64 * S::EPSILON } else { 0.0 };
    for lane in 0..S::LANES {
        let (want, sizes) = definition(size, &a, &b, lane);
        for (i, part) in (0..m * n * S::PARTS).map(|i| (i / S::PARTS, i % S::PARTS)) {
            let (want, before) = (want[part][i], before[i].parts(lane)[part]);
            let allowed = rounding * (sizes[part][i] + before.abs());
            for (stored, (fresh, sum)) in STORED.iter().zip(&computed) {
                for (out, want) in [(fresh, want), (sum, before + want)] {
                    let got = out[i].parts(lane)[part];
                    let same = got == want || got.is_nan() && want.is_nan();
                    assert!(
                        same || (got - want).abs() <= allowed,
                        "{}, {size:?} stored {stored:?}, lane {lane}, entry {i}: {got} for {want}",
                        type_name::<S>()
                    );
                }
            }
        }
    }
}

/// The product in one lane, its tangent ȧ b + a ḃ, and the same sums over magnitudes.
fn definition<S: Parts>(
    (m, k, n): Size,
    a: &[S],
    b: &[S],
    lane: usize,
) -> ([Vec<f64>; 2], [Vec<f64>; 2]) {
    let plane =
        |x: &[S], part: usize| -> Vec<f64> { x.iter().map(|x| x.parts(lane)[part]).collect() };
    let ([a, da], [b, db]) = ([0, 1].map(|part| plane(a, part)), [0, 1].map(|part| plane(b, part)));
    let sum = |term: &dyn Fn(usize, usize) -> f64| -> Vec<f64> {
        let entry = |i: usize| (0..k).map(|p| term(i / n * k + p, p * n + i % n)).sum();
        (0..m * n).map(entry).collect()
    };
    let value = |i: usize, j: usize| a[i] * b[j];
    let tangent = |i: usize, j: usize| da[i] * b[j] + a[i] * db[j];
    let sizes =
        [sum(&|i, j| value(i, j).abs()), sum(&|i, j| (da[i] * b[j]).abs() + (a[i] * db[j]).abs())];
    ([sum(&value), sum(&tangent)], sizes)
}

#[test]
fn every_size_exactly() {
    let pairs = SIZES.iter().flat_map(|m| SIZES.map(|k| (*m, k)));
    let triples = pairs.flat_map(|(m, k)| SIZES.map(|n| (m, k, n)));
    let large = [(95, 33, 20), (20, 95, 33), (33, 20, 95), (17, 95, 95), (95, 95, 16)];
    for size in triples.filter(|(m, k, n)| m * k * n <= 4000).chain(large) {
        every_type!(verify(size, Entries::Integers, 0.5));
    }
}

proptest! {
    #![proptest_config(config(48))]

    #[test]
    fn real_numbers(m in 0..40usize, k in 0..40usize, n in 0..40usize, seed in 0.0..1000.0) {
        every_type!(verify((m, k, n), Entries::Reals, seed));
    }

    /// No zero may be skipped, as 0 · ∞ is NaN, and nothing gets out of its row and column, not
    /// even in a kernel that pads.
    #[test]
    fn nan_and_infinity(m in 1..20usize, k in 1..20usize, n in 1..20usize, seed in 0.0..1000.0) {
        every_type!(verify((m, k, n), Entries::Special, seed));
    }
}

#[test]
fn zero_times_infinity_is_nan() {
    fn check<S: Scalar>() {
        let special = S::from_lanes(|lane| if lane == 0 { f64::INFINITY } else { 2.0 });
        for (a, b) in [
            ([special, S::one()], [S::zero(), S::one()]),
            ([S::zero(), S::one()], [special, S::one()]),
        ] {
            let mut out = [S::one()];
            product((1, 2, 1), (&a, &b), (false, false), true, &mut out);
            assert!(out[0].lane(0).is_nan(), "{}", type_name::<S>());
            assert!((1..S::LANES).all(|lane| out[0].lane(lane) == 2.0), "{}", type_name::<S>());
        }
    }
    every_type!(check());
}

#[test]
fn a_factor_knows_how_it_is_stored() {
    let data = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let factor = Factor::new(&data, 2, 3);
    assert_eq!((factor.rows, factor.columns, factor.transposed), (2, 3, false));
    assert_eq!(factor.strides(), (3, 1));
    let turned = factor.transpose();
    assert_eq!((turned.rows, turned.columns, turned.transposed), (3, 2, true));
    assert_eq!(turned.strides(), (1, 3));
    let back = turned.transpose();
    assert_eq!((back.rows, back.columns, back.transposed, back.strides()), (2, 3, false, (3, 1)));
}

#[test]
fn shapes_that_do_not_fit_panic_with_both() {
    fn check<S: Scalar>() {
        let (a, b) = (vec![S::one(); 6], vec![S::one(); 20]);
        let (a, b) = (Factor::new(&a, 2, 3), Factor::new(&b, 4, 5));
        for (a, b, length) in [(a, b, 10), (a, b.transpose(), 8), (a.transpose(), a.transpose(), 6)]
        {
            let message = panic_message(|| S::product(a, b, &mut vec![S::one(); length], false));
            for factor in [a, b] {
                let shape = format!("({}, {})", factor.rows, factor.columns);
                assert!(message.contains(&shape), "{shape} is not in {message:?}");
            }
        }
        let message = panic_message(|| S::product(a, a.transpose(), &mut [S::one(); 5], false));
        assert!(message.contains('5'), "{message}");
    }
    every_type!(check());
}

/// A factor whose buffer does not hold what its shape says is a mistake, whatever the kernel.
#[test]
fn a_buffer_that_is_too_short_panics() {
    fn check<S: Scalar>() {
        let (short, right) = (vec![S::one(); 5], vec![S::one(); 6]);
        panic_message(|| {
            let (a, b) = (Factor::new(&short, 2, 3), Factor::new(&right, 3, 2));
            S::product(a, b, &mut [S::one(); 4], false);
        });
        panic_message(|| {
            let (a, b) = (Factor::new(&right, 2, 3), Factor::new(&short, 2, 3).transpose());
            S::product(a, b, &mut [S::one(); 4], false);
        });
    }
    every_type!(check());
}
