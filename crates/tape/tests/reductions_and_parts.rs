//! Reductions along an axis, and nodes that are made of the entries of others: values against
//! plain loops, derivatives against JAX and against differences, and what is refused.

use crate::common::{assert_close, config, lane, panic_message, spread, within};
use proptest::prelude::*;
use tape::check::{Settings, check};
use tape::{Axis, Dual, Lanes, Number, Objective, Recorder, Scalar, Tape, Var, gradient, hvp};

/// An operation on a matrix of at least two rows and three columns.
#[derive(Clone, Copy, Debug)]
enum Of {
    SumAxis(Axis),
    MeanAxis(Axis),
    MaxAxis(Axis),
    LogSumExp(Axis),
    Norm,
    /// To twice as few columns if there is an even number of entries, else to a single row.
    Reshape,
    /// Rows 0 and 1 of columns 1 and on.
    Slice,
    /// The matrix, its row 1 or column 1, and the matrix again.
    Concat(Axis),
    /// Rows 1, 0 and 1.
    TakeRows,
    /// Column 2 − 2 r of row r, modulo the number of columns.
    Pick,
    /// The product with the same matrix as a constant.
    StopGradient,
    /// To between 0.8 and 1.4.
    Clamp,
    /// The smaller of an entry and 1.1.
    Min,
    PowF,
    Ln1p,
    ExpM1,
}

use Of::*;

/// All that have a derivative which differences can find.
const SMOOTH: [Of; 14] = [
    SumAxis(Axis::Rows),
    SumAxis(Axis::Columns),
    MeanAxis(Axis::Rows),
    MeanAxis(Axis::Columns),
    MaxAxis(Axis::Rows),
    MaxAxis(Axis::Columns),
    LogSumExp(Axis::Rows),
    LogSumExp(Axis::Columns),
    Norm,
    Reshape,
    Slice,
    Concat(Axis::Rows),
    Concat(Axis::Columns),
    TakeRows,
];

impl Of {
    fn record(self, tape: &mut dyn Recorder, u: Var) -> Var {
        let (rows, columns) = tape.shape(u);
        match self {
            SumAxis(axis) => tape.sum_axis(u, axis),
            MeanAxis(axis) => tape.mean_axis(u, axis),
            MaxAxis(axis) => tape.max_axis(u, axis),
            LogSumExp(axis) => tape.log_sum_exp(u, axis),
            Norm => tape.norm(u),
            Reshape if rows * columns % 2 == 0 => tape.reshape(u, rows * columns / 2, 2),
            Reshape => tape.reshape(u, 1, rows * columns),
            Slice => tape.slice(u, 0..2, 1..columns),
            Concat(axis) => {
                let part = match axis {
                    Axis::Rows => tape.slice(u, 1..2, 0..columns),
                    Axis::Columns => tape.slice(u, 0..rows, 1..2),
                };
                tape.concat(&[u, part, u], axis)
            }
            TakeRows => tape.take_rows(u, &[1, 0, 1]),
            Pick => {
                let columns: Vec<_> =
                    (0..rows).map(|r| (columns * r + 2 - 2 * r) % columns).collect();
                tape.pick(u, &columns)
            }
            StopGradient => {
                let still = tape.stop_gradient(u);
                tape.mul(still, u)
            }
            Clamp => tape.clamp(u, (0.8, 1.4)),
            Min => {
                let bound = tape.constant(1, 1, &|_, _, _| 1.1);
                tape.min(u, bound)
            }
            PowF => tape.powf(u, 1.7),
            Ln1p => tape.ln_1p(u),
            ExpM1 => tape.exp_m1(u),
        }
    }

    /// The value by plain loops over the `(rows, columns)` matrix u.
    fn value(self, u: &[f64], rows: usize, columns: usize) -> Vec<f64> {
        let along = |axis: Axis, f: &dyn Fn(&[f64]) -> f64| -> Vec<f64> {
            let row = |r: usize| u[r * columns..(r + 1) * columns].to_vec();
            let column = |c: usize| (0..rows).map(|r| u[r * columns + c]).collect::<Vec<_>>();
            match axis {
                Axis::Rows => (0..columns).map(|c| f(&column(c))).collect(),
                Axis::Columns => (0..rows).map(|r| f(&row(r))).collect(),
            }
        };
        let rows_of = |indices: &[usize]| -> Vec<f64> {
            indices.iter().flat_map(|&r| u[r * columns..(r + 1) * columns].to_vec()).collect()
        };
        match self {
            SumAxis(axis) => along(axis, &|x| x.iter().sum()),
            MeanAxis(axis) => along(axis, &|x| x.iter().sum::<f64>() / x.len() as f64),
            MaxAxis(axis) => along(axis, &|x| x.iter().copied().fold(f64::MIN, f64::max)),
            LogSumExp(axis) => along(axis, &|x| x.iter().map(|x| x.exp()).sum::<f64>().ln()),
            Norm => vec![u.iter().map(|x| x * x).sum::<f64>().sqrt()],
            Reshape => u.to_vec(),
            Slice => (0..2).flat_map(|r| u[r * columns + 1..(r + 1) * columns].to_vec()).collect(),
            Concat(Axis::Rows) => [u, &rows_of(&[1]), u].concat(),
            Concat(Axis::Columns) => (0..rows)
                .flat_map(|r| [rows_of(&[r]), vec![u[r * columns + 1]], rows_of(&[r])].concat())
                .collect(),
            TakeRows => rows_of(&[1, 0, 1]),
            _ => unreachable!("{self:?} has its values from elsewhere"),
        }
    }
}

/// Σ wᵢ yᵢ² with weights wᵢ = 1 + i / 2 and y the operation of u = e^(x / 2), a `(rows, columns)`
/// matrix. So the operand is no leaf, and neither it nor the adjoint of y stands still.
struct Squares(usize, usize, Of);

impl Objective for Squares {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        let x = tape.window(parameters, 0, self.0, self.1);
        let x = tape.scale(x, 0.5);
        let u = tape.exp(x);
        let y = self.2.record(tape, u);
        let (rows, columns) = tape.shape(y);
        let weights =
            tape.constant_from(rows, columns, |r, c, _| 1.0 + (r * columns + c) as f64 / 2.0);
        let squares = tape.mul(y, y);
        tape.dot(weights, squares)
    }
}

const X: [f64; 6] = [0.3, -1.2, 0.8, 1.1, 0.45, -0.6];
const DIRECTION: [f64; 6] = [1.0, -0.5, 2.0, 0.25, -1.5, 0.75];

/// Of [`Squares`] at [`X`], a (2, 3) matrix: the value, the gradient, and the Hessian times
/// [`DIRECTION`], from JAX 0.10.2 in double precision.
#[rustfmt::skip]
const BY_JAX: [(Of, f64, [f64; 6], [f64; 6]); 21] = [
    (SumAxis(Axis::Rows), 23.21704648041544, [3.36361151504648, 1.4827252360547618, 6.66142369313623, 5.01791873141691, 3.383402196421712, 3.307965108339348], [2.608454249745051, -1.2568295771206102, 11.941383738677901, 2.009636948155656, -4.559636335539339, 3.8624374788490705]),
    (SumAxis(Axis::Columns), 31.08483565201012, [3.7207399770651715, 1.7575531166119576, 4.777524699437845, 9.688175351726425, 6.999971698503246, 4.140870808665481], [4.109145372282539, 0.6228579967578286, 7.665009448594515, 0.05465120226124087, -6.085488247647168, 1.0585764420617747]),
    (MeanAxis(Axis::Rows), 5.80426162010386, [0.84090287876162, 0.37068130901369045, 1.6653559232840576, 1.2544796828542275, 0.845850549105428, 0.826991277084837], [0.6521135624362627, -0.31420739428015254, 2.9853459346694753, 0.502409237038914, -1.1399090838848347, 0.9656093697122676]),
    (MeanAxis(Axis::Columns), 3.453870628001125, [0.41341555300724125, 0.1952836796235508, 0.530836077715316, 1.0764639279696029, 0.7777746331670273, 0.4600967565183868], [0.4565717080313932, 0.06920644408420318, 0.8516677165105015, 0.006072355806804597, -0.6761653608496854, 0.11761960467353054]),
    (MaxAxis(Axis::Rows), 9.807716159166624, [0.0, 0.0, 4.451081856984936, 3.0041660239464334, 2.3524682782352535, 0.0], [0.0, -0.0, 8.902163713969871, 0.7510415059866083, -3.5287024173528803, 0.0]),
    (MaxAxis(Axis::Columns), 6.731789964412117, [0.0, 0.0, 2.225540928492468, 4.50624903591965, 0.0, 0.0], [0.0, 0.0, 4.451081856984936, 1.1265622589799125, 0.0, 0.0]),
    (LogSumExp(Axis::Rows), 15.918452562993494, [0.9145146172531934, 0.4508308163365269, 3.807622180223102, 2.4158639049048163, 2.0789187777372886, 0.8922565440359319], [0.8161254798161521, -0.05442333321746981, 7.524692633402288, 0.3699975833970114, -2.957796227278764, 0.1224179863939536]),
    (LogSumExp(Axis::Columns), 13.79809980057355, [0.8865278793235193, 0.2268502180104468, 1.5833577490435529, 3.1645199935189035, 1.4135030863126636, 0.5013587261255757], [0.5265964701472746, -0.19829459842038463, 3.1744839999459886, 1.3249274129998336, -2.2788732965301017, 0.36590772156827317]),
    (Norm, 8.997883793511301, [1.349858807576003, 0.3011942119122022, 2.225540928492468, 3.0041660239464334, 1.568312185490169, 0.5488116360940265], [1.349858807576003, -0.1505971059561011, 4.451081856984936, 0.7510415059866083, -2.3524682782352535, 0.4116087270705199]),
    (Reshape, 20.388924325094923, [1.349858807576003, 0.45179131786830323, 4.451081856984936, 7.510415059866083, 4.704936556470507, 1.9208407263290925], [1.349858807576003, -0.22589565893415162, 8.902163713969871, 1.8776037649665207, -7.0574048347057605, 1.4406305447468195]),
    (Slice, 8.148159065866308, [0.0, 0.3011942119122022, 3.3383113927387016, 0.0, 3.136624370980338, 1.372029090235066], [0.0, -0.1505971059561011, 6.676622785477403, 0.0, -4.704936556470507, 1.0290218176762997]),
    (Concat(Axis::Rows), 103.08645283195231, [8.774082249244021, 2.2589565893415164, 18.917097892185975, 40.55624132327684, 23.52468278235254, 9.055391995551437], [8.774082249244021, -1.1294782946707582, 37.83419578437195, 10.13906033081921, -35.287024173528806, 6.791543996663577]),
    (Concat(Axis::Columns), 89.42163426205647, [5.399435230304012, 2.2589565893415164, 13.353245570954806, 33.04582626341076, 28.229619338823042, 7.134551269222344], [5.399435230304012, -1.1294782946707582, 26.706491141909613, 8.26145656585269, -42.34442900823456, 5.3509134519167585]),
    (TakeRows, 40.34000758973161, [3.3746470189400073, 0.9035826357366065, 7.789393249723637, 15.020830119732166, 9.409873112941014, 3.841681452658185], [3.3746470189400073, -0.45179131786830323, 15.578786499447274, 3.7552075299330414, -14.114809669411521, 2.881261089493639]),
    (Pick, 6.731789964412117, [0.0, 0.0, 2.225540928492468, 4.50624903591965, 0.0, 0.0], [0.0, 0.0, 4.451081856984936, 1.1265622589799125, 0.0, 0.0]),
    (StopGradient, 42.85978340286373, [1.8221188003905084, 0.13607692993411882, 9.906064848790232, 22.562533748585306, 7.378809333470851, 1.0541797416927075], [1.8221188003905084, -0.06803846496705941, 19.812129697580463, 5.6406334371463265, -11.068214000206275, 0.7906348062695305]),
    (Clamp, 18.07479536404651, [1.349858807576003, 0.0, 0.0, 0.0, 4.704936556470507, 0.0], [1.349858807576003, -0.0, 0.0, 0.0, -7.0574048347057605, 0.0]),
    (Min, 12.657632044197399, [0.0, 0.45179131786830323, 0.0, 0.0, 0.0, 1.9208407263290925], [0.0, -0.22589565893415162, 0.0, 0.0, -0.0, 1.4406305447468195]),
    (PowF, 33.58252727764217, [2.830995031408006, 0.3315732127399862, 13.247057226103731, 27.575259696968526, 10.959871310741626, 2.145539894029816], [4.81269155339361, -0.28183723082898826, 45.03999456875269, 11.719485371211624, -27.947671842391145, 2.7355633648880158]),
    (Ln1p, 8.129630815756862, [0.41433532696020187, 0.23253164453531258, 1.093221930212615, 1.594046422474175, 1.3543864552021634, 0.8256850791989937], [0.2402449974688676, -0.08461867566690012, 1.155577279571852, 0.19856559021580064, -1.1465873342849742, 0.41555839321143273]),
    (ExpM1, 106.57255861188702, [8.1529190025109, 1.0420615092068117, 45.693388864727574, 114.24572960180471, 32.8387535696476, 5.970040859181476], [15.705732452219834, -0.7419977800192106, 201.81238673154166, 69.09761587422611, -98.66116311694888, 7.066771769603398]),
];

#[test]
fn values_and_derivatives_by_jax() {
    for (of, value, slope, product) in BY_JAX {
        let what = format!("{of:?}");
        let got = hvp(&Squares(2, 3, of), &X, &DIRECTION);
        assert_close(&[got.value], &[value], 1e-14, &what);
        assert_close(&got.gradient, &slope, 1e-14, &what);
        assert_close(&got.product, &product, 1e-14, &what);

        // The same by tapes of dual numbers, and in a lane beside others.
        let moving: Vec<_> =
            X.iter().zip(DIRECTION).map(|(&value, tangent)| Dual { value, tangent }).collect();
        let (_, by_duals) = gradient(&Squares(2, 3, of), &moving);
        let by_duals: Vec<f64> = by_duals.iter().map(|slope| slope.tangent).collect();
        assert_close(&by_duals, &product, 1e-14, &what);
        let wide = |x: [f64; 6]| x.map(|x| Lanes([0.1, 0.7 * x, x, -x]));
        let wide = hvp(&Squares(2, 3, of), &wide(X), &wide(DIRECTION));
        assert_close(&lane(&[wide.value], 2), &[value], 1e-14, &what);
        assert_close(&lane(&wide.gradient, 2), &slope, 1e-14, &what);
        assert_close(&lane(&wide.product, 2), &product, 1e-14, &what);
    }
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn of_any_shape(rows in 2..6usize, columns in 3..7usize, seed in 0.0..1000.0) {
        let x: Vec<f64> = spread(rows * columns, seed).into_iter().map(|raw| 3.0 * raw).collect();
        for of in SMOOTH.into_iter().chain([Pick]) {
            let what = format!("{of:?} of ({rows}, {columns})");
            if !matches!(of, Pick) {
                let mut tape = Tape::<f64>::new();
                let u = tape.variable(rows, columns, &x);
                let y = of.record(&mut tape, u);
                let want = of.value(&x, rows, columns);
                prop_assert_eq!(tape.value(y).len(), want.len(), "{}", what);
                for (&got, want) in tape.value(y).iter().zip(want) {
                    prop_assert!(within(got, want, 1e-14, 1e-14), "{what}: {got} for {want}");
                }
            }
            let settings = Settings { seed: seed as u64, directions: 2, ..Settings::default() };
            // The spread points of a line differ by more than a step of the differences.
            let found = check(&Squares(rows, columns, of), &x, settings);
            prop_assert_eq!(found, Ok(()), "{} at {:?}", what, x);
        }
    }
}

#[test]
fn shapes_of_the_results() {
    let mut tape = Tape::<f64>::new();
    let x = tape.variable(2, 3, &X);
    for (of, shape) in [
        (SumAxis(Axis::Rows), (1, 3)),
        (SumAxis(Axis::Columns), (2, 1)),
        (MeanAxis(Axis::Rows), (1, 3)),
        (MaxAxis(Axis::Columns), (2, 1)),
        (LogSumExp(Axis::Rows), (1, 3)),
        (Norm, (1, 1)),
        (Reshape, (3, 2)),
        (Slice, (2, 2)),
        (Concat(Axis::Rows), (5, 3)),
        (Concat(Axis::Columns), (2, 7)),
        (TakeRows, (3, 3)),
        (Pick, (2, 1)),
        (StopGradient, (2, 3)),
    ] {
        let y = of.record(&mut tape, x);
        assert_eq!(tape.shape(y), shape, "{of:?}");
        assert!(tape.is_active(y), "{of:?}");
    }
}

/// Nothing is a matrix as well.
#[test]
fn empty_matrices() {
    let mut tape = Tape::<f64>::new();
    let (x, none) = (tape.variable(2, 3, &X), tape.variable(0, 3, &[]));
    let sums = tape.sum_axis(none, Axis::Rows);
    assert_eq!((tape.shape(sums), tape.value(sums)), ((1, 3), &[0.0; 3][..]));
    let same = tape.concat(&[none, x, none], Axis::Rows);
    assert_eq!(tape.value(same), X);
    let rows = tape.take_rows(x, &[]);
    assert_eq!(tape.shape(rows), (0, 3));
    let narrow = tape.slice(x, 0..2, 1..1);
    assert_eq!(tape.shape(narrow), (2, 0));
    let beside = tape.concat(&[narrow, x], Axis::Columns);
    assert_eq!(tape.value(beside), X);
    let parts = [sums, same, rows, narrow, beside].map(|v| tape.sum(v));
    let y = parts.into_iter().reduce(|a, b| tape.add(a, b)).unwrap();
    tape.backward(y);
    tape.forward_tangents(x, &[1.0; 6]);
    tape.backward_tangents(y);
    assert_eq!((tape.adjoint(x), tape.tangent(y)), (&[2.0; 6][..], &[12.0][..]));
    assert_eq!(tape.adjoint_tangent(x), [0.0; 6]);
}

/// With n entries that are the largest, each has 1 / n of the derivative, on every kind of tape.
#[test]
fn ties_share_alike() {
    let x = [2.0, 2.0, 1.0, 2.0, -3.0, 0.0, -0.0, -1.0];
    let third = 1.0 / 3.0;
    let slope = [third, third, 0.0, third, 0.0, 0.5, 0.5, 0.0];
    let direction = [3.0, 6.0, 100.0, 0.0, 100.0, 1.0, 2.0, 100.0];
    let mut tape = Tape::<f64>::new();
    let variable = tape.variable(2, 4, &x);
    let y = tape.max_axis(variable, Axis::Columns);
    assert_eq!(tape.value(y), [2.0, 0.0]);
    tape.backward_from(y, &[1.0, 1.0]);
    assert_eq!(tape.adjoint(variable), slope);
    tape.forward_tangents(variable, &direction);
    tape.backward_tangents(y);
    assert_eq!(tape.tangent(y), [3.0, 1.5]);
    assert_eq!(tape.adjoint_tangent(variable), [0.0; 8]);

    let mut tape = Tape::<Dual<f64>>::new();
    let duals: Vec<_> =
        x.iter().zip(direction).map(|(&value, tangent)| Dual { value, tangent }).collect();
    let variable = tape.variable(2, 4, &duals);
    let y = tape.max_axis(variable, Axis::Columns);
    let [two, zero] = [(2.0, 3.0), (0.0, 1.5)].map(|(value, tangent)| Dual { value, tangent });
    assert_eq!(tape.value(y), [two, zero]);
}

#[test]
fn infinities_and_nans_along_an_axis() {
    const INF: f64 = f64::INFINITY;
    for (row, largest, log_sum) in [
        ([INF, 1.0, -INF], INF, INF),
        ([-INF, 1.0, -INF], 1.0, 1.0),
        ([-INF; 3], -INF, -INF),
        ([INF, INF, 0.0], INF, INF),
        ([1e300, -1e300, 0.0], 1e300, 1e300),
        // From mpmath with 60 digits: what a sum that starts from 1 would lose.
        ([0.0, -30.0, -31.0], 0.0, 1.280010007730933e-13),
        ([-40.0, 0.0, -INF], 0.0, 4.248354255291589e-18),
    ] {
        for axis in [Axis::Columns, Axis::Rows] {
            let shape = if axis == Axis::Columns { (1, 3) } else { (3, 1) };
            let mut tape = Tape::<f64>::new();
            let x = tape.variable(shape.0, shape.1, &row);
            let (max, log) = (tape.max_axis(x, axis), tape.log_sum_exp(x, axis));
            assert_eq!(tape.value(max), [largest], "{row:?}");
            assert!(
                within(tape.value(log)[0], log_sum, 4e-16, 0.0),
                "{row:?}: {:?}",
                tape.value(log)
            );
        }
    }
    for place in 0..3 {
        let mut tape = Tape::<f64>::new();
        let row = [0, 1, 2].map(|i| if i == place { f64::NAN } else { i as f64 });
        let x = tape.variable(1, 3, &row);
        for axis in [Axis::Columns, Axis::Rows] {
            let (max, log) = (tape.max_axis(x, axis), tape.log_sum_exp(x, axis));
            for v in [max, log] {
                assert_eq!(tape.value(v).iter().filter(|y| y.is_nan()).count(), 1, "{row:?}");
            }
        }
    }
}

/// The derivatives of ln Σ e^x are the softmax p and p ∘ v − p ⟨p, v⟩, also for large entries.
#[test]
fn log_sum_exp_of_large_entries() {
    struct Sum;
    impl Objective for Sum {
        fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
            tape.log_sum_exp(parameters, Axis::Columns)
        }
    }
    let v = [0.3, -1.0, 0.7];
    for shift in [0.0, 800.0, -800.0, 1e9] {
        let got = hvp(&Sum, &[shift, shift + 1.0, shift - 2.0], &v);
        let e = [0f64, 1.0, -2.0].map(f64::exp);
        let p = e.map(|x| x / e.iter().sum::<f64>());
        let mean: f64 = (0..3).map(|i| p[i] * v[i]).sum();
        assert_close(&got.gradient, &p, 1e-15, "softmax");
        assert_close(&got.product, &[0, 1, 2].map(|i| p[i] * (v[i] - mean)), 1e-14, "product");
    }
}

/// No derivative of any order flows, on every kind of tape, and nothing else is lost.
#[test]
fn a_stopped_gradient_is_a_constant() {
    let mut tape = Tape::<Dual<f64>>::new();
    let x = tape.variable(1, 1, &[Dual { value: 3.0, tangent: 1.0 }]);
    let still = tape.stop_gradient(x);
    assert!(!tape.is_active(still));
    assert_eq!(tape.value(still), [Dual { value: 3.0, tangent: 0.0 }]);
    let y = tape.mul(still, x);
    tape.backward(y);
    assert_eq!(tape.adjoint(x), [Dual { value: 3.0, tangent: 0.0 }]);

    let mut tape = Tape::<Lanes<f64, 2>>::new();
    let x = tape.variable(1, 1, &[Lanes([3.0, f64::NAN])]);
    let still = tape.stop_gradient(x);
    assert!(tape.value(still)[0].lane(0) == 3.0 && tape.value(still)[0].lane(1).is_nan());
}

/// A bound has the derivative 0, on every kind of tape, and a NaN stays one.
#[test]
fn at_the_bounds_of_a_clamp() {
    let x = [-2.0, -1.0, 0.5, 2.0, 3.0, f64::INFINITY, -f64::INFINITY];
    let inside = [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0];
    let mut tape = Tape::<Dual<f64>>::new();
    let variable = tape.variable(1, 7, &x.map(|value| Dual { value, tangent: 5.0 }));
    let y = tape.clamp(variable, (-1.0, 2.0));
    let want = [-1.0, -1.0, 0.5, 2.0, 2.0, 2.0, -1.0];
    let want: Vec<_> =
        want.iter().zip(inside).map(|(&value, i)| Dual { value, tangent: 5.0 * i }).collect();
    assert_eq!(tape.value(y), want);
    tape.backward_from(y, &[Dual::one(); 7]);
    assert_eq!(tape.adjoint(variable), inside.map(Dual::constant));

    let mut tape = Tape::<f64>::new();
    let nan = tape.variable(1, 1, &[f64::NAN]);
    let y = tape.clamp(nan, (-1.0, 2.0));
    assert!(tape.value(y)[0].is_nan());
}

#[test]
fn what_is_refused() {
    fn refuses(shape: (usize, usize), record: fn(&mut Tape<f64>, Var) -> Var, parts: &[&str]) {
        let mut tape = Tape::new();
        let x = tape.variable(shape.0, shape.1, &vec![1.0; shape.0 * shape.1]);
        let message = panic_message(|| record(&mut tape, x));
        parts.iter().for_each(|part| assert!(message.contains(part), "{part} not in {message}"));
    }
    refuses((2, 3), |tape, x| tape.reshape(x, 2, 2), &["reshape", "(2, 3)", "(2, 2)"]);
    refuses((2, 3), |tape, x| tape.reshape(x, usize::MAX, 6), &["reshape", "(2, 3)"]);
    refuses((2, 3), |tape, x| tape.slice(x, 0..3, 0..1), &["slice", "0..3", "(2, 3)"]);
    refuses((2, 3), |tape, x| tape.slice(x, 0..1, 2..4), &["slice", "2..4", "(2, 3)"]);
    #[expect(clippy::reversed_empty_ranges, reason = "this is what is refused")]
    refuses((2, 3), |tape, x| tape.slice(x, 2..1, 0..1), &["slice", "2..1"]);
    refuses((2, 3), |tape, x| tape.take_rows(x, &[0, 2]), &["row 2", "(2, 3)"]);
    refuses((2, 3), |tape, x| tape.pick(x, &[0, 3]), &["column 3", "(2, 3)"]);
    refuses((2, 3), |tape, x| tape.pick(x, &[0]), &["columns to pick", "(2, 3)"]);
    refuses((2, 3), |tape, _| tape.concat(&[], Axis::Rows), &["concat"]);
    refuses(
        (2, 3),
        |tape, x| {
            let turned = tape.transpose(x);
            tape.concat(&[x, turned], Axis::Rows)
        },
        &["concat", "Rows", "(2, 3)", "(3, 2)"],
    );
    refuses(
        (2, 3),
        |tape, x| {
            let turned = tape.transpose(x);
            tape.concat(&[x, turned], Axis::Columns)
        },
        &["concat", "Columns", "(2, 3)", "(3, 2)"],
    );
    refuses((0, 3), |tape, x| tape.mean_axis(x, Axis::Rows), &["mean_axis", "(0, 3)", "Rows"]);
    refuses((0, 3), |tape, x| tape.max_axis(x, Axis::Rows), &["max_axis", "(0, 3)"]);
    refuses((2, 0), |tape, x| tape.log_sum_exp(x, Axis::Columns), &["log_sum_exp", "(2, 0)"]);
}

/// A handle is an index, which the other tape has as well.
#[test]
fn variables_of_another_tape() {
    for (of, ..) in BY_JAX {
        let (mut own, mut other) = (Tape::<f64>::new(), Tape::<f64>::new());
        let x = own.variable(2, 3, &X);
        let y = other.variable(2, 3, &X);
        let message = panic_message(|| of.record(&mut other, x));
        assert!(message.contains("another tape"), "{of:?}: {message}");
        other.clear();
        other.variable(2, 3, &X);
        let message = panic_message(|| of.record(&mut other, y));
        assert!(message.contains("cleared"), "{of:?}: {message}");
    }
    let (mut own, mut other) = (Tape::<f64>::new(), Tape::<f64>::new());
    let (x, y) = (own.variable(2, 3, &X), other.variable(2, 3, &X));
    let message = panic_message(|| other.concat(&[y, x], Axis::Rows));
    assert!(message.contains("another tape"), "{message}");
}
