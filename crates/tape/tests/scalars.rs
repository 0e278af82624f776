//! Every scalar type tells the same story: duals, lanes, their nestings, and single precision.

use std::array::from_fn;

use crate::common::{Problem, Unary, assert_close, config, lane, largest, spread, within};
use proptest::prelude::*;
use tape::{
    Dual, HessianVectorProduct, Lanes, Number, Objective, Scalar, gradient, hessian, hvp, jvp,
};

/// A point and a direction for `problem`. Some parameters are exactly 0, where `relu`
/// and `abs` bend.
fn point(problem: &Problem, seed: f64) -> (Vec<f64>, Vec<f64>) {
    let n = problem.parameters();
    let x = spread(n, seed).into_iter().map(|x| if x < -0.85 { 0.0 } else { 1.2 * x });
    (x.collect(), spread(n, seed + 0.77))
}

fn dual<S>((value, tangent): (S, S)) -> Dual<S> {
    Dual { value, tangent }
}

/// x + v ε
fn moving<S: Scalar>(x: &[S], v: &[S]) -> Vec<Dual<S>> {
    x.iter().copied().zip(v.iter().copied()).map(dual).collect()
}

fn tangents<S: Copy>(x: &[Dual<S>]) -> Vec<S> {
    x.iter().map(|x| x.tangent).collect()
}

/// Everything the four sweeps give, lane by lane.
struct Sweeps {
    value: f64,
    tangent: f64,
    gradient: Vec<f64>,
    product: Vec<f64>,
}

fn sweeps<S: Scalar>(objective: &impl Objective, x: &[S], v: &[S]) -> Vec<Sweeps> {
    let HessianVectorProduct { value, gradient, product } = hvp(objective, x, v);
    let (again, tangent) = jvp(objective, x, v);
    (0..S::LANES)
        .map(|i| {
            assert_eq!(again[0].lane(i).to_bits(), value.lane(i).to_bits(), "value of hvp and jvp");
            Sweeps {
                value: value.lane(i),
                tangent: tangent[0].lane(i),
                gradient: lane(&gradient, i),
                product: lane(&product, i),
            }
        })
        .collect()
}

#[track_caller]
fn assert_same(got: &Sweeps, want: &Sweeps, tolerance: f64, what: &str) {
    // A value is a sum that may cancel, and so is J v, over the gradient.
    let allowed = tolerance * want.value.abs().max(1.0);
    assert!((got.value - want.value).abs() <= allowed, "{what}: {} {}", got.value, want.value);
    assert_close(&got.gradient, &want.gradient, tolerance, &format!("{what}: gradient"));
    assert_close(&got.product, &want.product, tolerance, &format!("{what}: product"));
    let allowed = tolerance * want.gradient.len() as f64 * largest(&want.gradient);
    assert!(
        (got.tangent - want.tangent).abs() <= allowed,
        "{what}: {} {}",
        got.tangent,
        want.tangent
    );
}

proptest! {
    #![proptest_config(config(48))]

    #[test]
    fn the_product_is_the_hessian_times_the_vector(seed in 0.0..1000.0) {
        for problem in Problem::ALL {
            let (x, v) = point(&problem, seed);
            let got = hvp(&problem, &x, &v);
            let hessian = hessian(&problem, &x);
            let n = x.len();
            let want: Vec<f64> =
                (0..n).map(|i| (0..n).map(|j| hessian[(i, j)] * v[j]).sum()).collect();
            assert_close(&got.product, &want, 1e-12, &format!("{problem:?}"));

            let size = largest(hessian.data());
            for (i, j) in (0..n * n).map(|k| (k / n, k % n)) {
                let asymmetry = (hessian[(i, j)] - hessian[(j, i)]).abs();
                prop_assert!(asymmetry <= 1e-13 * size, "{problem:?} ({i}, {j}): {asymmetry}");
            }
        }
    }

    #[test]
    fn the_product_is_linear_in_the_vector(
        seed in 0.0..1000.0, a in -3.0..3.0f64, b in -3.0..3.0f64,
    ) {
        for problem in Problem::ALL {
            let (x, u) = point(&problem, seed);
            let v = spread(x.len(), seed + 0.1);
            let product = |v: &[f64]| hvp(&problem, &x, v).product;
            let along: Vec<f64> = u.iter().zip(&v).map(|(u, v)| a * u + b * v).collect();
            let want: Vec<f64> =
                product(&u).iter().zip(&product(&v)).map(|(u, v)| a * u + b * v).collect();
            let size = (a.abs() + b.abs()) * largest(hessian(&problem, &x).data());
            for (got, want) in product(&along).iter().zip(&want) {
                prop_assert!((got - want).abs() <= 1e-12 * size, "{problem:?}: {got} {want}");
            }
            prop_assert_eq!(product(&vec![0.0; x.len()]), vec![0.0; x.len()]);
        }
    }

    /// The four sweeps are a tape of duals, stored as two planes. Within 1e-13 of the largest
    /// entry: plain numbers may have faster kernels than duals.
    #[test]
    fn a_tape_of_duals_gives_the_same(seed in 0.0..1000.0) {
        for problem in Problem::ALL {
            let (x, v) = point(&problem, seed);
            let want = &sweeps(&problem, &x, &v)[0];
            let (value, slope) = gradient(&problem, &moving(&x, &v));
            let got = Sweeps {
                value: value.value,
                tangent: value.tangent,
                gradient: slope.iter().map(|g| g.value).collect(),
                product: tangents(&slope),
            };
            assert_same(&got, want, 1e-13, &format!("{problem:?} on duals"));
        }
    }

    #[test]
    fn lanes_never_meet(seed in 0.0..1000.0) {
        for problem in Problem::ALL {
            lanes_agree::<1>(problem, seed);
            lanes_agree::<2>(problem, seed);
            lanes_agree::<3>(problem, seed);
            lanes_agree::<4>(problem, seed);
            lanes_agree::<8>(problem, seed);
        }
    }

    #[test]
    fn duals_and_lanes_nest_either_way(seed in 0.0..1000.0) {
        for problem in Problem::ALL {
            nestings_agree(problem, seed);
        }
    }

    #[test]
    fn single_precision(seed in 0.0..1000.0) {
        for problem in Problem::ALL {
            single_precision_agrees(problem, seed);
        }
    }
}

/// Vectors side by side, one to a lane.
fn side_by_side<S: Scalar, const N: usize>(each: &[Vec<S>; N]) -> Vec<Lanes<S, N>> {
    (0..each[0].len()).map(|j| Lanes(from_fn(|i| each[i][j]))).collect()
}

/// Points and directions for the tasks of `N` lanes.
fn points<const N: usize>(problem: &Problem, seed: f64) -> ([Vec<f64>; N], [Vec<f64>; N]) {
    let at = |i: usize| point(problem, seed + 10.0 * i as f64);
    (from_fn(|i| at(i).0), from_fn(|i| at(i).1))
}

/// Within 1e-13 of the largest entry: a kernel for lanes may round differently.
fn lanes_agree<const N: usize>(problem: Problem, seed: f64) {
    let (x, v) = points::<N>(&problem, seed);
    let wide = sweeps(&problem, &side_by_side(&x), &side_by_side(&v));
    for (i, got) in wide.iter().enumerate() {
        let want = &sweeps(&problem.task(i), &x[i], &v[i])[0];
        assert_same(got, want, 1e-13, &format!("{problem:?} in lane {i} of {N}"));
    }
}

/// The Hessian-vector products of four tasks from one gradient, on both nestings of duals and
/// lanes.
fn nestings_agree(problem: Problem, seed: f64) {
    let (x, v) = points::<4>(&problem, seed);
    let (wide_x, wide_v) = (side_by_side(&x), side_by_side(&v));

    let (_, of_lanes) = gradient(&problem, &moving(&wide_x, &wide_v));
    let duals: [_; 4] = from_fn(|i| moving(&x[i], &v[i]));
    let (value, in_lanes) = gradient(&problem, &side_by_side(&duals));

    for i in 0..4 {
        let what = format!("{problem:?} in lane {i}");
        let want = &sweeps(&problem.task(i), &x[i], &v[i])[0];
        let of_lanes: Vec<f64> = of_lanes.iter().map(|g| g.tangent.0[i]).collect();
        assert_close(&of_lanes, &want.product, 1e-13, &format!("{what}, dual of lanes"));
        let in_lanes: Vec<f64> = in_lanes.iter().map(|g| g.0[i].tangent).collect();
        assert_close(&in_lanes, &want.product, 1e-13, &format!("{what}, lanes of duals"));
        let got = value.0[i];
        assert!(within(got.value, want.value, 1e-13, 0.0), "{what}: {got:?}");
        let allowed = 1e-12 * largest(&want.gradient);
        assert!((got.tangent - want.tangent).abs() <= allowed, "{what}: {got:?} {}", want.tangent);
    }
}

/// The same numbers in f32 and in lanes of f32, as close as their rounding lets them be.
fn single_precision_agrees(problem: Problem, seed: f64) {
    let single = |x: &Vec<f64>| -> Vec<f32> { x.iter().map(|x| *x as f32).collect() };
    let double = |x: &[f32]| -> Vec<f64> { x.iter().map(|x| f64::from(*x)).collect() };
    let (x, v) = points::<8>(&problem, seed);
    let (x, v) = (x.each_ref().map(single), v.each_ref().map(single));
    let wide = sweeps(&problem, &side_by_side(&x), &side_by_side(&v));
    for i in 0..8 {
        let want = &sweeps(&problem.task(i), &double(&x[i]), &double(&v[i]))[0];
        let tolerance = 64.0 * f64::from(f32::EPSILON);
        let what = format!("{problem:?} of task {i} in single precision");
        assert_same(&sweeps(&problem.task(i), &x[i], &v[i])[0], want, tolerance, &what);
        assert_same(&wide[i], want, tolerance, &format!("{what}, in a lane"));
    }
}

/// f‴ by three nested duals, by two duals around a gradient, and by a dual around an HVP.
#[test]
fn third_derivatives_of_elementwise_functions() {
    for op in Unary::all() {
        for raw in spread(20, 0.3) {
            let x = op.point(raw);
            let [first, second, third] = [1, 2, 3].map(|order| op.derivatives(x)[order]);
            let what = format!("derivatives of {op:?} at {x}");
            let near = |got: f64, want: f64| within(got, want, 1e-12, 1e-13);

            let once = dual((x, 1.0));
            let twice = dual((once, Dual::one()));
            let thrice = dual((twice, Dual::one()));
            let y = op.apply(thrice);
            assert!(near(y.value.value.tangent, first), "first {what}");
            assert!(near(y.value.tangent.tangent, second), "second {what}");
            assert!(near(y.tangent.tangent.tangent, third), "third {what}: {y:?}");

            let (_, slope) = gradient(&op, &[twice]);
            assert!(near(slope[0].tangent.tangent, third), "third {what}: {slope:?}");

            let at = hvp(&op, &[once], &[Dual::one()]);
            assert!(near(at.product[0].value, second), "second {what}: {at:?}");
            assert!(near(at.product[0].tangent, third), "third {what}: {at:?}");
        }
    }
}

/// Along one direction after the other, in either order; against differences of
/// Hessian-vector products.
#[test]
fn third_derivatives_of_whole_objectives() {
    for problem in Problem::ALL.into_iter().filter(Problem::is_smooth) {
        let (x, v) = point(&problem, 0.4);
        let w = spread(x.len(), 0.9);
        let along = |v: &[f64], w: &[f64]| {
            let still: Vec<Dual<f64>> = v.iter().map(|v| Dual::constant(*v)).collect();
            tangents(&hvp(&problem, &moving(&x, w), &still).product)
        };
        let third = along(&v, &w);
        assert_close(&third, &along(&w, &v), 1e-12, &format!("{problem:?}, either order"));

        let moved = |h: f64| -> Vec<f64> { x.iter().zip(&w).map(|(x, w)| x + h * w).collect() };
        let central = |h: f64| -> Vec<f64> {
            let (ahead, behind) = (hvp(&problem, &moved(h), &v), hvp(&problem, &moved(-h), &v));
            let pairs = ahead.product.iter().zip(&behind.product);
            pairs.map(|(a, b)| (a - b) / (2.0 * h)).collect()
        };
        let (coarse, fine) = (central(2e-3), central(1e-3));
        let want: Vec<f64> = coarse.iter().zip(&fine).map(|(c, f)| (4.0 * f - c) / 3.0).collect();
        assert_close(&third, &want, 1e-7, &format!("{problem:?}, third derivative"));
    }
}

/// For Rosenbrock's function f_xxx = 2400 x and f_xxy = −400, where y follows x, and no other.
#[test]
fn third_derivatives_of_rosenbrock() {
    let (rosenbrock, x) = (Problem::ALL[3], spread(10, 0.2));
    let unit = |i: usize| -> Vec<f64> { (0..10).map(|k| f64::from(u8::from(k == i))).collect() };
    for (i, j) in (0..100).map(|k| (k / 10, k % 10)) {
        let still: Vec<Dual<f64>> = unit(i).into_iter().map(Dual::constant).collect();
        let third = tangents(&hvp(&rosenbrock, &moving(&x, &unit(j)), &still).product);
        for (k, got) in third.into_iter().enumerate() {
            let mut indices = [i, j, k];
            indices.sort_unstable();
            let want = match indices {
                [a, b, c] if a == c && b < 9 => 2400.0 * x[a],
                [a, b, c] if a == b && c == a + 1 => -400.0,
                _ => 0.0,
            };
            assert!(within(got, want, 1e-12, 1e-10), "{indices:?}: {got} for {want}");
        }
    }
}

#[test]
fn a_function_acts_on_each_lane_alone() {
    for op in Unary::all() {
        let x: [f64; 6] = spread(6, 0.6).try_into().unwrap();
        let x = x.map(|raw| op.point(raw));
        let (wide, nested) =
            (op.apply(Lanes(x)), op.apply(Lanes([Lanes([x[0], x[1]]), Lanes([x[2], x[3]])])));
        let single = op.apply(Lanes(x.map(|x| x as f32)));
        for (i, x) in x.into_iter().enumerate() {
            let want = op.apply(x);
            assert!(within(wide.lane(i), want, 1e-14, 0.0), "{op:?} in lane {i}");
            assert!(i > 3 || within(nested.lane(i), want, 1e-14, 0.0), "{op:?} in nested lane {i}");
            let want = op.derivatives(f64::from(x as f32))[0];
            let tolerance = 8.0 * f64::from(f32::EPSILON);
            assert!(
                within(single.lane(i), want, tolerance, tolerance),
                "{op:?} in single lane {i}"
            );
        }
    }
}

#[test]
fn lanes_are_numbered_outermost_first() {
    fn numbered<S: Scalar>(lanes: usize) {
        assert_eq!(S::LANES, lanes);
        let x = S::from_lanes(|i| 1.5 + i as f64);
        assert_eq!(
            (0..lanes).map(|i| x.lane(i)).collect::<Vec<_>>(),
            (0..lanes).map(|i| 1.5 + i as f64).collect::<Vec<_>>()
        );
        let constant = S::from_f64(-2.0);
        assert!((0..lanes).all(|i| constant.lane(i) == -2.0
            && S::zero().lane(i) == 0.0
            && S::one().lane(i) == 1.0));
        let mut replaced = constant;
        (0..lanes).rev().for_each(|i| replaced.set_lane(i, 1.5 + i as f64));
        assert!((0..lanes).all(|i| replaced.lane(i) == x.lane(i)));
        crate::common::panic_message(|| x.lane(lanes));
        crate::common::panic_message(|| replaced.set_lane(lanes, 1.0));
    }
    numbered::<f64>(1);
    numbered::<f32>(1);
    numbered::<Dual<f64>>(1);
    numbered::<Dual<Dual<f32>>>(1);
    numbered::<Lanes<f64, 1>>(1);
    numbered::<Lanes<f32, 8>>(8);
    numbered::<Dual<Lanes<f64, 4>>>(4);
    numbered::<Lanes<Dual<f64>, 3>>(3);
    numbered::<Lanes<Lanes<f64, 2>, 3>>(6);
    numbered::<Dual<Lanes<Dual<Lanes<f32, 2>>, 2>>>(4);

    let nested = Lanes::<Lanes<f64, 2>, 3>::from_lanes(|i| i as f64);
    assert_eq!(nested, Lanes([Lanes([0.0, 1.0]), Lanes([2.0, 3.0]), Lanes([4.0, 5.0])]));
}

/// Constants carry no tangent, however they are made.
#[test]
fn constants_stand_still() {
    let constants =
        [Dual::<f64>::from_f64(2.0), Dual::from_lanes(|_| 2.0), Dual::one(), Dual::zero()];
    assert!(constants.iter().all(|x| x.tangent == 0.0));
    let nested = Dual::<Dual<f64>>::from_f64(2.0);
    assert_eq!((nested.value.tangent, nested.tangent), (0.0, Dual::zero()));
    let lanes = Lanes::<Dual<f64>, 2>::from_lanes(|i| i as f64);
    assert!(lanes.0.iter().all(|x| x.tangent == 0.0));
}
