//! What the tape refuses, and that it says why.

use crate::common::{Binary, Unary, panic_message};
use tape::{Matrix, Objective, Scalar, Tape, Var, gradient, hvp, jvp};

#[track_caller]
fn assert_mentions(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in {message:?}");
    }
}

/// A tape with a variable of each of the given shapes.
fn tape<const N: usize>(shapes: [(usize, usize); N]) -> (Tape<f64>, [Var; N]) {
    let mut tape = Tape::new();
    let vars = shapes.map(|(r, c)| tape.variable(r, c, &vec![1.0; r * c]));
    (tape, vars)
}

#[test]
fn shapes_that_do_not_fit() {
    type Shape = (usize, usize);
    type Operation = fn(&mut Tape<f64>, Var, Var) -> Var;
    let broadcasting: [(Shape, Shape); 4] =
        [((2, 3), (3, 2)), ((2, 3), (2, 2)), ((4, 1), (3, 5)), ((1, 4), (5, 3))];
    for (left, right) in broadcasting {
        for op in Binary::ALL {
            let (mut tape, [a, b]) = tape([left, right]);
            let message = panic_message(|| op.record(&mut tape, a, b));
            assert_mentions(&message, &[&format!("{left:?}"), &format!("{right:?}")]);
        }
    }
    let strict: [(Operation, Shape, Shape, &str); 6] = [
        (|tape, a, b| tape.matmul(a, b), (2, 3), (2, 3), "matmul"),
        (|tape, a, b| tape.matmul(a, b), (1, 3), (1, 1), "matmul"),
        (|tape, a, b| tape.dot(a, b), (2, 3), (3, 2), "dot"),
        (|tape, a, b| tape.dot(a, b), (1, 6), (1, 1), "dot"),
        (|tape, a, b| tape.select(a, b, b), (2, 3), (3, 2), "select"),
        (|tape, a, b| tape.select(a, a, b), (2, 3), (1, 3), "select"),
    ];
    for (op, left, right, name) in strict {
        let (mut tape, [a, b]) = tape([left, right]);
        let message = panic_message(|| op(&mut tape, a, b));
        assert_mentions(&message, &[&format!("{left:?}"), &format!("{right:?}"), name]);
    }
}

#[test]
fn entries_that_do_not_fill_the_shape() {
    let mut tape = Tape::<f64>::new();
    assert_mentions(&panic_message(|| tape.variable(2, 3, &[1.0; 5])), &["(2, 3)", "5"]);
    let message = panic_message(|| tape.constant_lanes(2, 3, |_| &[1.0; 7]));
    assert_mentions(&message, &["(2, 3)", "7", "6"]);
    assert_mentions(&panic_message(|| Matrix::new(2, 3, vec![1.0; 5])), &["(2, 3)", "5", "6"]);
}

#[test]
fn windows_beyond_their_leaf() {
    let (mut tape, [x]) = tape([(2, 3)]);
    assert_mentions(&panic_message(|| tape.window(x, 2, 1, 5)), &["2..7", "6"]);
    let inner = tape.window(x, 1, 1, 4);
    assert_mentions(&panic_message(|| tape.window(inner, 2, 1, 3)), &["2..5", "4"]);
    let y = tape.exp(x);
    assert_mentions(&panic_message(|| tape.window(y, 0, 1, 1)), &["window", "Exp"]);
}

#[test]
fn rows_and_means_of_nothing() {
    let (mut tape, [x, y]) = tape([(2, 0), (0, 3)]);
    assert_mentions(&panic_message(|| tape.log_softmax(x)), &["log_softmax", "(2, 0)"]);
    assert_mentions(&panic_message(|| tape.mean(y)), &["mean"]);
}

#[test]
fn entries_beyond_a_matrix() {
    let mut m = Matrix::from_rows(&[[1.0, 2.0], [3.0, 4.0]]);
    assert_mentions(&panic_message(|| m[(0, 2)]), &["(0, 2)", "(2, 2)"]);
    assert_mentions(&panic_message(|| m[(2, 0)] = 1.0), &["(2, 0)", "(2, 2)"]);
    panic_message(|| m.row(2)[0]);
    panic_message(|| m.row_mut(2)[0] = 1.0);
}

#[test]
fn variables_of_a_cleared_recording() {
    type Use = fn(&mut Tape<f64>, Var);
    let uses: [Use; 16] = [
        |tape, x| {
            tape.value(x);
        },
        |tape, x| {
            tape.shape(x);
        },
        |tape, x| {
            tape.is_active(x);
        },
        |tape, x| {
            tape.adjoint(x);
        },
        |tape, x| {
            tape.tangent(x);
        },
        |tape, x| {
            tape.adjoint_tangent(x);
        },
        |tape, x| tape.backward(x),
        |tape, x| tape.backward_from(x, &[1.0]),
        |tape, x| tape.forward_tangents(x, &[1.0]),
        |tape, x| {
            tape.window(x, 0, 1, 1);
        },
        |tape, x| {
            tape.matmul(x, x);
        },
        |tape, x| {
            tape.transpose(x);
        },
        |tape, x| {
            tape.dot(x, x);
        },
        |tape, x| {
            tape.mean(x);
        },
        |tape, x| {
            tape.log_softmax(x);
        },
        |tape, x| {
            tape.select(x, x, x);
        },
    ];
    let stale = || {
        let (mut tape, [x]) = tape([(1, 1)]);
        tape.clear();
        // Where the old variable was, there is now another.
        let new = tape.variable(1, 1, &[2.0]);
        (tape, x, new)
    };
    for (i, use_it) in uses.into_iter().enumerate() {
        let (mut tape, x, _) = stale();
        assert!(panic_message(|| use_it(&mut tape, x)).contains("cleared"), "use {i}");
    }
    for op in Unary::all() {
        let (mut tape, x, _) = stale();
        assert!(panic_message(|| op.record(&mut tape, x)).contains("cleared"), "{op:?}");
    }
    for op in Binary::ALL {
        for stale_first in [false, true] {
            let (mut tape, x, new) = stale();
            let (a, b) = if stale_first { (x, new) } else { (new, x) };
            assert!(panic_message(|| op.record(&mut tape, a, b)).contains("cleared"), "{op:?}");
        }
    }
}

/// A handle is an index, which the other tape has as well.
#[test]
fn variables_of_another_tape() {
    let (one, [x]) = tape([(1, 1)]);
    let (mut two, [y]) = tape([(1, 1)]);
    for op in Binary::ALL {
        for (a, b) in [(x, x), (x, y), (y, x)] {
            let message = panic_message(|| op.record(&mut two, a, b));
            assert_mentions(&message, &["another tape"]);
        }
    }
    for op in Unary::all() {
        assert_mentions(&panic_message(|| op.record(&mut two, x)), &["another tape"]);
    }
    assert_mentions(&panic_message(|| two.value(x).to_vec()), &["another tape"]);
    assert_mentions(&panic_message(|| one.value(y).to_vec()), &["another tape"]);
}

#[test]
fn sweeps_out_of_turn() {
    let recorded = || {
        let (mut tape, [x]) = tape([(1, 2)]);
        let squares = tape.powi(x, 2);
        let y = tape.sum(squares);
        (tape, x, y)
    };
    let (mut tape, x, y) = recorded();
    assert_mentions(&panic_message(|| tape.adjoint(x).len()), &["`backward`"]);
    assert_mentions(&panic_message(|| tape.tangent(x).len()), &["`forward_tangents`"]);
    assert_mentions(&panic_message(|| tape.adjoint_tangent(x).len()), &["`backward_tangents`"]);
    assert_mentions(&panic_message(|| tape.backward_tangents(y)), &["`backward`"]);
    tape.backward(y);
    assert_mentions(&panic_message(|| tape.backward_tangents(y)), &["`forward_tangents`"]);

    let (mut tape, x, y) = recorded();
    tape.forward_tangents(x, &[1.0, 1.0]);
    assert_mentions(&panic_message(|| tape.backward_tangents(y)), &["`backward`"]);

    // What another sweep has made out of date cannot be read.
    let (mut tape, x, y) = recorded();
    type Again = fn(&mut Tape<f64>, Var, Var);
    let again: [Again; 2] =
        [|tape, _, y| tape.backward(y), |tape, x, _| tape.forward_tangents(x, &[0.5, 0.5])];
    for again in again {
        tape.backward(y);
        tape.forward_tangents(x, &[1.0, 1.0]);
        tape.backward_tangents(y);
        again(&mut tape, x, y);
        let message = panic_message(|| tape.adjoint_tangent(x).len());
        assert_mentions(&message, &["`backward_tangents`"]);
    }

    // What is recorded after a sweep was not swept.
    let (mut tape, x, y) = recorded();
    tape.backward(y);
    tape.forward_tangents(x, &[1.0, 1.0]);
    let later = tape.exp(y);
    assert_mentions(&panic_message(|| tape.adjoint(later).len()), &["`backward`"]);
    assert_mentions(&panic_message(|| tape.tangent(later).len()), &["`forward_tangents`"]);
    assert_mentions(&panic_message(|| tape.backward_tangents(y)), &["first"]);
    tape.backward(y);
    assert_mentions(&panic_message(|| tape.backward_tangents(y)), &["`forward_tangents`"]);
}

#[test]
fn sweeps_that_do_not_fit() {
    let (mut tape, [x]) = tape([(2, 3)]);
    assert_mentions(&panic_message(|| tape.backward(x)), &["(2, 3)", "backward_from"]);
    assert_mentions(&panic_message(|| tape.backward_from(x, &[1.0; 5])), &["cotangent", "5", "6"]);
    assert_mentions(&panic_message(|| tape.forward_tangents(x, &[1.0])), &["direction", "1", "6"]);
}

#[test]
fn constants_neither_move_nor_collect() {
    let (mut tape, [x]) = tape([(1, 1)]);
    let constant = tape.scalar(2.0);
    let product = tape.mul(x, constant);
    tape.backward(product);
    tape.forward_tangents(x, &[1.0]);
    tape.backward_tangents(product);
    assert_mentions(&panic_message(|| tape.forward_tangents(constant, &[1.0])), &["constant"]);
    for read in [Tape::adjoint, Tape::tangent, Tape::adjoint_tangent] {
        assert_mentions(&panic_message(|| read(&tape, constant).len()), &["does not depend"]);
    }
}

/// A result moves with what it was computed from; to move it by itself has no meaning.
#[test]
fn results_do_not_move_by_themselves() {
    let (mut tape, [x]) = tape([(1, 1)]);
    let y = tape.exp(x);
    let z = tape.powi(y, 2);
    tape.backward(z);
    panic_message(|| tape.forward_tangents(y, &[1.0]));
}

/// `backward_tangents` differentiates the last backward sweep, which started somewhere else.
#[test]
fn the_way_back_starts_where_it_started_before() {
    let (mut tape, [x]) = tape([(1, 1)]);
    let y = tape.powi(x, 3);
    let z = tape.powi(y, 2);
    tape.backward(z);
    tape.forward_tangents(x, &[1.0]);
    panic_message(|| tape.backward_tangents(y));
}

#[test]
fn objectives_that_do_not_fit() {
    struct Identity;
    impl Objective for Identity {
        fn eval<S: Scalar>(&self, _: &mut Tape<S>, parameters: Var) -> Var {
            parameters
        }
    }
    assert_mentions(&panic_message(|| gradient(&Identity, &[1.0, 2.0])), &["(1, 2)"]);
    assert_mentions(&panic_message(|| hvp(&Identity, &[1.0, 2.0], &[1.0, 2.0])), &["(1, 2)"]);
    assert_mentions(&panic_message(|| jvp(&Identity, &[1.0, 2.0], &[1.0])), &["direction"]);
    assert_mentions(&panic_message(|| hvp(&Identity, &[1.0], &[1.0, 2.0])), &["direction"]);
}
