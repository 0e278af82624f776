//! The tape as a container: reuse, windows, several variables, and what it refuses to do.

use std::array::from_fn;

use crate::common::{Problem, assert_close, config, spread};
use proptest::prelude::*;
use tape::{Dual, Lanes, Matrix, Objective, Scalar, Tape, Var, gradient, hessian, hvp, jvp};

/// Records `problem` and runs the four sweeps; every number that can be read afterwards, as bits.
fn bits<S: Scalar>(tape: &mut Tape<S>, problem: &Problem, x: &[S], v: &[S]) -> Vec<u64> {
    let variable = tape.variable(1, x.len(), x);
    let output = problem.eval(tape, variable);
    tape.backward(output);
    tape.forward_tangents(variable, v);
    tape.backward_tangents(output);
    let read = [
        tape.value(output),
        tape.tangent(output),
        tape.adjoint(variable),
        tape.adjoint_tangent(variable),
    ];
    let lanes = |x: &S| (0..S::LANES).map(|i| x.lane(i).to_bits()).collect::<Vec<_>>();
    read.iter().flat_map(|plane| plane.iter().flat_map(lanes)).collect()
}

fn reuse_changes_nothing<S: Scalar>(seed: f64) {
    let point = |problem: &Problem, seed: f64| -> Vec<S> {
        let n = problem.parameters();
        let lanes: Vec<_> = (0..S::LANES).map(|lane| spread(n, seed + lane as f64)).collect();
        (0..n).map(|i| S::from_lanes(|lane| lanes[lane][i])).collect()
    };
    let mut reused = Tape::new();
    // Every problem after every other, larger and smaller ones.
    for (before, problem) in
        Problem::ALL.iter().flat_map(|a| Problem::ALL.iter().map(move |b| (a, b)))
    {
        bits(&mut reused, before, &point(before, seed + 5.0), &point(before, seed + 6.0));
        reused.clear();
        let (x, v) = (point(problem, seed), point(problem, seed + 3.0));
        let again = bits(&mut reused, problem, &x, &v);
        assert_eq!(again, bits(&mut Tape::new(), problem, &x, &v), "{problem:?} after {before:?}");
        reused.clear();
    }
}

proptest! {
    #![proptest_config(config(16))]

    #[test]
    fn a_cleared_tape_is_as_good_as_new(seed in 0.0..1000.0) {
        reuse_changes_nothing::<f64>(seed);
        reuse_changes_nothing::<Lanes<f64, 4>>(seed);
    }

    /// Directions in turn over one recording, each as if it were the only one.
    #[test]
    fn sweeps_leave_no_trace(seed in 0.0..1000.0) {
        for problem in Problem::ALL {
            let n = problem.parameters();
            let x = spread(n, seed);
            let mut tape = Tape::new();
            let variable = tape.variable(1, n, &x);
            let output = problem.eval(&mut tape, variable);
            for turn in 0..3 {
                let v = spread(n, seed + f64::from(turn));
                tape.backward(output);
                tape.forward_tangents(variable, &v);
                tape.backward_tangents(output);
                let want = hvp(&problem, &x, &v);
                prop_assert_eq!(tape.adjoint(variable), want.gradient);
                prop_assert_eq!(tape.adjoint_tangent(variable), want.product);
            }
        }
    }

    /// Σ over windows w of Σ sin(w) has, at each entry, the derivative of as many sines as there
    /// are windows over it.
    #[test]
    fn gradients_add_up_through_overlapping_windows(
        n in 1..20usize,
        cuts in prop::collection::vec((0.0..1.0f64, 0.0..1.0f64), 0..6),
        seed in 0.0..1000.0,
    ) {
        let (x, v) = (spread(n, seed), spread(n, seed + 0.5));
        let mut tape = Tape::new();
        let variable = tape.variable(1, n, &x);
        let mut total = tape.scalar(0.0);
        let mut count = vec![0.0; n];
        for (start, end) in cuts {
            let (start, end) = ((start * n as f64) as usize, (end * n as f64) as usize + 1);
            let (start, end) = (start.min(end), start.max(end));
            let window = tape.window(variable, start, end - start, 1);
            prop_assert_eq!(tape.value(window), &x[start..end]);
            let waves = tape.sin(window);
            let sum = tape.sum(waves);
            total = tape.add(total, sum);
            count[start..end].iter_mut().for_each(|count| *count += 1.0);
        }
        tape.backward(total);
        tape.forward_tangents(variable, &v);
        tape.backward_tangents(total);
        let slopes: Vec<f64> = (0..n).map(|i| count[i] * x[i].cos()).collect();
        let products: Vec<f64> = (0..n).map(|i| -count[i] * x[i].sin() * v[i]).collect();
        assert_close(tape.adjoint(variable), &slopes, 1e-14, "gradient");
        assert_close(tape.adjoint_tangent(variable), &products, 1e-14, "product");
    }
}

#[test]
fn a_window_shares_everything_with_its_leaf() {
    let mut tape = Tape::new();
    let x = tape.variable(2, 3, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let window = tape.window(x, 1, 2, 2);
    let inner = tape.window(window, 1, 1, 3);
    let all = tape.window(x, 0, 6, 1);
    let nothing = tape.window(x, 6, 0, 4);
    assert_eq!((tape.shape(window), tape.value(window)), ((2, 2), &[2.0, 3.0, 4.0, 5.0][..]));
    assert_eq!((tape.shape(inner), tape.value(inner)), ((1, 3), &[3.0, 4.0, 5.0][..]));
    assert_eq!((tape.shape(nothing), tape.value(nothing)), ((0, 4), &[][..]));
    let squares = tape.powi(inner, 2);
    let cubes = tape.powi(all, 3);
    let (squares, cubes) = (tape.sum(squares), tape.sum(cubes));
    let y = tape.mul(squares, cubes);
    tape.backward(y);
    let adjoint = tape.adjoint(x).to_vec();
    assert_eq!(adjoint[0], 3.0 * 50.0);
    assert_eq!(adjoint[2], 2.0 * 3.0 * 441.0 + 27.0 * 50.0);
    assert_eq!(tape.adjoint(window), &adjoint[1..5]);
    assert_eq!(tape.adjoint(inner), &adjoint[2..5]);

    // To move a window is to move that part of the leaf.
    tape.forward_tangents(inner, &[1.0, 0.0, -1.0]);
    assert_eq!(tape.tangent(x), [0.0, 0.0, 1.0, 0.0, -1.0, 0.0]);
    tape.backward_tangents(y);
    let through_window = tape.adjoint_tangent(x).to_vec();
    tape.forward_tangents(x, &[0.0, 0.0, 1.0, 0.0, -1.0, 0.0]);
    tape.backward_tangents(y);
    assert_eq!(tape.adjoint_tangent(x), through_window);
}

#[test]
fn a_window_on_a_constant_is_a_constant() {
    let mut tape = Tape::<f64>::new();
    let constant = tape.constant(&Matrix::from_rows(&[[1.0, 2.0], [3.0, 4.0]]));
    let window = tape.window(constant, 1, 1, 2);
    assert_eq!(tape.value(window), [2.0, 3.0]);
    assert!(!tape.is_active(window));
}

#[test]
fn a_window_may_be_the_output() {
    let mut tape = Tape::new();
    let x = tape.variable(1, 3, &[1.0, 2.0, 3.0]);
    let _between = tape.exp(x);
    let window = tape.window(x, 1, 1, 1);
    tape.backward(window);
    tape.forward_tangents(x, &[4.0, 5.0, 6.0]);
    tape.backward_tangents(window);
    assert_eq!(tape.adjoint(x), [0.0, 1.0, 0.0]);
    assert_eq!(tape.tangent(window), [5.0]);
    assert_eq!(tape.adjoint_tangent(x), [0.0; 3]);
}

/// Whether windows lie on it or not, and whether they are read or not.
#[test]
fn a_variable_may_be_the_output() {
    for starts in [vec![], vec![0], vec![0, 2], vec![2, 0], vec![1]] {
        let mut tape = Tape::new();
        let x = tape.variable(1, 4, &[1.0, 2.0, 3.0, 4.0]);
        for start in &starts {
            let window = tape.window(x, *start, 1, 2);
            tape.exp(window);
        }
        let cotangent = [5.0, 6.0, 7.0, 8.0];
        tape.backward_from(x, &cotangent);
        tape.forward_tangents(x, &[1.0; 4]);
        tape.backward_tangents(x);
        assert_eq!(tape.adjoint(x), cotangent, "windows at {starts:?}");
        assert_eq!(tape.adjoint_tangent(x), [0.0; 4], "windows at {starts:?}");
    }
}

/// Nothing in the result depends on the parameters, or only some of it.
enum Aloof {
    Constant,
    ChoiceByTheParameters,
    SecondParameterOnly,
}

impl Objective for Aloof {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        match self {
            Aloof::Constant => {
                let x = tape.scalar(3.0);
                tape.exp(x)
            }
            Aloof::ChoiceByTheParameters => {
                let (first, one, two) =
                    (tape.window(parameters, 0, 1, 1), tape.scalar(1.0), tape.scalar(2.0));
                tape.select(first, one, two)
            }
            Aloof::SecondParameterOnly => {
                let second = tape.window(parameters, 1, 1, 1);
                tape.powi(second, 3)
            }
        }
    }
}

#[test]
fn what_does_not_depend_on_the_parameters_has_zero_derivatives() {
    for (objective, value) in [(Aloof::Constant, 3f64.exp()), (Aloof::ChoiceByTheParameters, 2.0)] {
        let at = hvp(&objective, &[-1.0, 2.0], &[5.0, 7.0]);
        assert_eq!((at.value, at.gradient, at.product), (value, vec![0.0; 2], vec![0.0; 2]));
        assert_eq!(gradient(&objective, &[-1.0, 2.0]), (value, vec![0.0; 2]));
        assert_eq!(jvp(&objective, &[-1.0, 2.0], &[5.0, 7.0]), (vec![value], vec![0.0]));
        assert_eq!(hessian(&objective, &[-1.0, 2.0]), Matrix::new(2, 2, vec![0.0; 4]));
        tape::check::check(&objective, &[-1.0, 2.0], Default::default()).unwrap();
    }
    let at = hvp(&Aloof::SecondParameterOnly, &[-1.0, 2.0], &[5.0, 7.0]);
    assert_eq!((at.gradient, at.product), (vec![0.0, 12.0], vec![0.0, 84.0]));
    assert_eq!(gradient(&Aloof::Constant, &[] as &[f64]), (3f64.exp(), vec![]));
    assert_eq!(hessian(&Aloof::Constant, &[] as &[f64]).shape(), (0, 0));
}

/// y = aᵀ M b + Σ a³, in two variables: each has its own gradient, and moving one moves the
/// other's.
#[test]
fn two_variables() {
    let (a_values, b_values) = ([1.0, 2.0], [3.0, 4.0, 5.0]);
    let m = Matrix::from_rows(&[[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]]);
    let mut tape = Tape::new();
    let a = tape.variable(1, 2, &a_values);
    let matrix = tape.constant(&m);
    let b = tape.variable(3, 1, &b_values);
    let left = tape.matmul(a, matrix);
    let bilinear = tape.matmul(left, b);
    let cubes = tape.powi(a, 3);
    let cubes = tape.sum(cubes);
    let y = tape.add(bilinear, cubes);
    tape.backward(y);
    let times = |row: usize, b: [f64; 3]| (0..3).map(|j| m[(row, j)] * b[j]).sum::<f64>();
    let back = |column: usize, a: [f64; 2]| (0..2).map(|i| m[(i, column)] * a[i]).sum::<f64>();
    assert_eq!(tape.adjoint(a), [times(0, b_values) + 3.0, times(1, b_values) + 12.0]);
    assert_eq!(tape.adjoint(b), from_fn::<_, 3, _>(|j| back(j, a_values)));

    let direction = [0.5, -1.5];
    tape.forward_tangents(a, &direction);
    tape.backward_tangents(y);
    assert_eq!(tape.tangent(b), [0.0; 3]);
    assert_eq!(tape.adjoint_tangent(a), [6.0 * 0.5, 12.0 * -1.5]);
    assert_eq!(tape.adjoint_tangent(b), from_fn::<_, 3, _>(|j| back(j, direction)));

    let direction = [1.0, 0.0, -2.0];
    tape.forward_tangents(b, &direction);
    tape.backward_tangents(y);
    assert_eq!(tape.tangent(a), [0.0; 2]);
    assert_eq!(tape.adjoint_tangent(a), [times(0, direction), times(1, direction)]);
    assert_eq!(tape.adjoint_tangent(b), [0.0; 3]);
}

/// An output may be followed by others; a sweep from it does not see them.
#[test]
fn any_result_may_be_the_output() {
    let mut tape = Tape::new();
    let x = tape.variable(1, 2, &[2.0, 3.0]);
    let squares = tape.powi(x, 2);
    let sum = tape.sum(squares);
    let cubes = tape.mul(squares, x);
    for turn in 0..2 {
        tape.backward_from(cubes, &[1.0, 10.0]);
        assert_eq!(tape.adjoint(x), [12.0, 270.0], "turn {turn}");
        tape.backward(sum);
        assert_eq!(tape.adjoint(x), [4.0, 6.0], "turn {turn}");
        assert_eq!(tape.adjoint(cubes), [0.0, 0.0], "turn {turn}");
    }
}

#[test]
fn constants_are_filled_by_row_column_and_lane() {
    let mut tape = Tape::<Lanes<f64, 2>>::new();
    let want = [0.0, 1.0, 2.0, 10.0, 11.0, 12.0].map(|x| Lanes([x, 100.0 + x]));
    let c = tape.constant_from(2, 3, |r, c, lane| (100 * lane + 10 * r + c) as f64);
    assert_eq!((tape.shape(c), tape.value(c)), ((2, 3), &want[..]));
    let lanes = [0, 1].map(|lane| want.map(|x| x.lane(lane)));
    let c = tape.constant_lanes(2, 3, |lane| &lanes[lane]);
    assert_eq!((tape.shape(c), tape.value(c)), ((2, 3), &want[..]));
    let c = tape.constant(&Matrix::new(2, 3, want.to_vec()));
    assert_eq!((tape.shape(c), tape.value(c)), ((2, 3), &want[..]));
    let scalar = tape.scalar(7.0);
    assert_eq!((tape.shape(scalar), tape.value(scalar)), ((1, 1), &[Lanes([7.0; 2])][..]));
    assert!(!tape.is_active(c) && !tape.is_active(scalar));
}

/// Around the length of a run and the number of lanes that are written together.
fn numbers_go_to_their_lanes<S: Scalar>() {
    for n in [0, 1, 7, 8, 9, 20] {
        let numbers: Vec<_> = (0..S::LANES).map(|lane| spread(n + 2, lane as f64)).collect();
        let mut tape = Tape::<S>::new();
        tape.constant_with(1, n, |stale| stale.fill(S::from_f64(99.0)));
        tape.clear();
        let constant = tape.constant_lanes(1, n, |lane| &numbers[lane][..n]);
        for (i, entry) in tape.value(constant).iter().enumerate() {
            for (lane, numbers) in numbers.iter().enumerate() {
                let expected = S::from_f64(numbers[i]).lane(lane);
                assert_eq!(entry.lane(lane), expected, "entry {i} of {n}, lane {lane}");
            }
        }
    }
}

#[test]
fn numbers_are_interleaved() {
    numbers_go_to_their_lanes::<f64>();
    numbers_go_to_their_lanes::<Lanes<f64, 3>>();
    numbers_go_to_their_lanes::<Lanes<f32, 16>>();
    numbers_go_to_their_lanes::<Lanes<f64, 17>>();
    numbers_go_to_their_lanes::<Lanes<Lanes<f64, 5>, 4>>();
    numbers_go_to_their_lanes::<Dual<Lanes<f64, 2>>>();
    // What was there is gone, its tangent too.
    let mut tape = Tape::new();
    tape.constant_with(1, 1, |stale| stale.fill(Dual { value: 1.0, tangent: 2.0 }));
    tape.clear();
    let constant = tape.constant_lanes(1, 1, |_| &[3.0]);
    assert_eq!(tape.value(constant), [Dual { value: 3.0, tangent: 0.0 }]);
}

#[test]
fn a_variable_written_in_place() {
    let mut tape = Tape::new();
    let row = tape.variable_with(1, 2, |entries| entries.copy_from_slice(&[3.0, 4.0]));
    let square = tape.dot(row, row);
    tape.backward(square);
    assert_eq!((tape.shape(row), tape.value(row)), ((1, 2), &[3.0, 4.0][..]));
    assert_eq!(tape.adjoint(row), [6.0, 8.0]);
}

#[test]
fn a_constant_written_in_place() {
    let mut tape = Tape::new();
    let row = tape.constant_with(1, 2, |entries| entries.copy_from_slice(&[3.0, 4.0]));
    assert_eq!((tape.shape(row), tape.value(row)), ((1, 2), &[3.0, 4.0][..]));
    let (part, moving) = (tape.window(row, 1, 1, 1), tape.variable(1, 1, &[2.0]));
    let product = tape.mul(part, moving);
    tape.backward(product);
    assert!(!tape.is_active(row) && !tape.is_active(part));
    assert_eq!(tape.adjoint(moving), [4.0]);
}

/// On a tape of duals that held something else before, constants have no tangent, however they
/// are made.
#[test]
fn constants_stand_still_on_a_reused_tape() {
    let moving = Dual { value: 3.0, tangent: 5.0 };
    let mut tape = Tape::<Dual<f64>>::new();
    let before = tape.constant(&Matrix::new(1, 2, vec![moving; 2]));
    assert_eq!(tape.value(before), [moving; 2]);
    type Maker = fn(&mut Tape<Dual<f64>>) -> Var;
    let makers: [Maker; 3] = [
        |tape| tape.constant_from(1, 2, |_, _, _| 7.0),
        |tape| tape.constant_lanes(1, 2, |_| &[7.0, 7.0]),
        |tape| {
            let (a, b) = (tape.scalar(3.0), tape.scalar(4.0));
            tape.add(a, b)
        },
    ];
    for (i, maker) in makers.into_iter().enumerate() {
        tape.clear();
        let constant = maker(&mut tape);
        let still = tape.value(constant).iter().all(|x| *x == Dual::constant(7.0));
        assert!(still, "constant {i}: {:?}", tape.value(constant));
        tape.clear();
        tape.constant(&Matrix::new(1, 2, vec![moving; 2]));
    }
}

/// A batch without rows goes through everything that has a meaning for it.
#[test]
fn empty_matrices() {
    let mut tape = Tape::<f64>::new();
    let parameters = tape.variable(3, 2, &[1.0; 6]);
    let x = tape.constant(&Matrix::new(0, 3, vec![]));
    let bias = tape.variable(1, 2, &[1.0; 2]);
    let product = tape.matmul(x, parameters);
    let shifted = tape.add(product, bias);
    let rows = tape.log_softmax(shifted);
    let turned = tape.transpose(rows);
    assert_eq!(tape.shape(turned), (2, 0));
    let again = tape.matmul(turned, rows); // (2, 0) times (0, 2)
    assert_eq!(tape.value(again), [0.0; 4]);
    let total = tape.sum(again);
    tape.backward(total);
    tape.forward_tangents(bias, &[1.0, 1.0]);
    tape.backward_tangents(total);
    assert_eq!(tape.adjoint(parameters), [0.0; 6]);
    assert_eq!(tape.adjoint_tangent(bias), [0.0; 2]);
}

/// (m, 0) and (1, 0) fit as (m, n) and (1, n) do for any other n.
#[test]
fn empty_matrices_are_broadcast() {
    let shapes =
        [((3, 0), (1, 0)), ((1, 0), (3, 0)), ((3, 0), (3, 1)), ((1, 1), (0, 3)), ((0, 2), (1, 2))];
    for (left, right) in shapes {
        let mut tape = Tape::<f64>::new();
        let a = tape.variable(left.0, left.1, &vec![1.0; left.0 * left.1]);
        let b = tape.variable(right.0, right.1, &vec![1.0; right.0 * right.1]);
        let sum = tape.mul(a, b);
        let total = tape.sum(sum);
        tape.backward(total);
        assert_eq!(tape.value(total), [0.0], "{left:?} and {right:?}");
        assert!(tape.adjoint(a).iter().chain(tape.adjoint(b)).all(|x| *x == 0.0));
    }
}

/// The listing has the operands in their order, and the numbers of every sweep so far.
#[test]
fn a_recording_is_listed() {
    let mut tape = Tape::<f64>::new();
    let x = tape.variable(1, 2, &[3.0, 4.0]);
    let one = tape.scalar(1.0);
    let difference = tape.sub(one, x);
    let squares = tape.mul(difference, difference);
    let y = tape.sum(squares);
    let lines = |tape: &Tape<f64>| -> Vec<String> {
        let listing = tape.listing();
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        listing.lines().map(words).collect()
    };
    assert_eq!(lines(&tape)[3], "2 sub 1 0 (1, 2) value -2.0000 -3.0000");
    tape.backward(y);
    tape.forward_tangents(x, &[1.0, 0.0]);
    tape.backward_tangents(y);
    let expected = [
        "node operation of shape numbers",
        "0 variable (1, 2) value 3.0000 4.0000",
        "adjoint 4.0000 6.0000",
        "tangent 1.0000 0.0000",
        "adjoint tangent 2.0000 0.0000",
        "1 constant (1, 1) value 1.0000",
    ];
    assert_eq!(lines(&tape)[..6], expected);
}

#[test]
fn a_recording_is_a_graph() {
    let mut tape = Tape::<f64>::new();
    let x = tape.variable(1, 2, &[3.0, 4.0]);
    let one = tape.scalar(1.0);
    let difference = tape.sub(one, x);
    tape.tanh(difference);
    let graph = tape.dot_graph();
    let expected = [
        "digraph tape {",
        "n0 [shape=box, label=\"0: variable\\n(1, 2)\"];",
        "n1 [shape=ellipse, label=\"1: constant\\n(1, 1)\"];",
        "n1 -> n2;",
        "n0 -> n2;",
        "n3 [shape=box, label=\"3: tanh\\n(1, 2)\"];",
        "n2 -> n3;",
    ];
    for line in expected {
        assert!(graph.lines().any(|found| found.trim() == line), "{line} in {graph}");
    }
}
