//! After warm-up, a recording with its four sweeps allocates nothing.

use crate::common::{Problem, spread};
use tape::{Axis, Lanes, Objective, Scalar, Tape, Var};

/// One turn of a training loop: record, four sweeps, read, clear.
fn turn<S: Scalar>(tape: &mut Tape<S>, problem: &impl Objective, x: &[S], v: &[S], read: &mut [S]) {
    let variable = tape.variable(1, x.len(), x);
    let output = problem.eval(tape, variable);
    tape.backward(output);
    tape.forward_tangents(variable, v);
    tape.backward_tangents(output);
    read.copy_from_slice(tape.adjoint_tangent(variable));
    tape.clear();
}

fn allocations<S: Scalar>(problem: &impl Objective, parameters: usize, turns: usize) -> u64 {
    let numbers =
        |seed| -> Vec<S> { spread(parameters, seed).into_iter().map(S::from_f64).collect() };
    let (x, v, mut read) = (numbers(0.1), numbers(0.2), numbers(0.3));
    let mut tape = Tape::new();
    turn(&mut tape, problem, &x, &v, &mut read);
    let counted = allocation_counter::measure(|| {
        for _ in 0..turns {
            turn(&mut tape, problem, &x, &v, &mut read);
        }
    });
    counted.count_total
}

#[test]
fn a_warm_tape_allocates_nothing() {
    for problem in Problem::ALL {
        let n = problem.parameters();
        assert_eq!(allocations::<f64>(&problem, n, 3), 0, "f64, {problem:?}");
        assert_eq!(allocations::<Lanes<f64, 8>>(&problem, n, 3), 0, "Lanes<f64, 8>, {problem:?}");
    }
    assert_eq!(allocations::<f64>(&Parts, 6, 3), 0, "parts and reductions");
}

/// Nodes that are made of the entries of others, and reductions.
struct Parts;

impl Objective for Parts {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        let table = tape.reshape(parameters, 2, 3);
        let right = tape.slice(table, 0..2, 1..3);
        let column = tape.pick(table, &[2, 0]);
        let wide = tape.concat(&[table, right, column], Axis::Columns);
        let tall = tape.concat(&[wide, wide], Axis::Rows);
        let rows = tape.take_rows(tall, &[3, 0, 3]);
        let (sums, means) = (tape.sum_axis(rows, Axis::Columns), tape.mean_axis(rows, Axis::Rows));
        let largest = tape.max_axis(means, Axis::Columns);
        let still = tape.stop_gradient(largest);
        let sums = tape.mul(sums, still);
        let total = tape.log_sum_exp(sums, Axis::Rows);
        let norm = tape.norm(means);
        tape.mul(total, norm)
    }
}

/// The counter counts: a new tape has to allocate.
#[test]
fn a_cold_tape_allocates() {
    let counted = allocation_counter::measure(|| {
        Tape::new().variable(1, 2, &[1.0, 2.0]);
    });
    assert!(counted.count_total >= 2, "{counted:?}");
}

/// A tape that has seen all problems once has room for each of them.
#[test]
fn one_tape_serves_many_problems() {
    let mut points = Problem::ALL.map(|problem| {
        let n = problem.parameters();
        (problem, spread(n, 0.1), spread(n, 0.2), vec![0.0; n])
    });
    let mut tape = Tape::<f64>::new();
    let mut round = || {
        for (problem, x, v, read) in &mut points {
            turn(&mut tape, problem, x, v, read);
        }
    };
    round();
    assert_eq!(allocation_counter::measure(round).count_total, 0);
}
