//! Random programs: whatever is recorded, in whatever order, over whatever the buffers held
//! before, the sweeps belong to this recording and to no other.

use crate::common::{config, spread};
use proptest::prelude::*;
use tape::check::{Settings, check};
use tape::{Axis, Dual, Lanes, Objective, Scalar, Tape, Var};

/// Parameters of a program; every node it records is (1, 3).
const PARAMETERS: usize = 12;

/// Which windows are opened on the parameters, what is done with them, and what is summed up.
#[derive(Clone, Debug)]
struct Program {
    windows: Vec<Window>,
    steps: Vec<Step>,
    outputs: Vec<usize>,
}

#[derive(Clone, Copy, Debug)]
enum Window {
    At(usize),
    /// A window on a window of 6 entries.
    Nested(usize, usize),
}

/// What is done, and with which of the nodes so far (modulo their number).
#[derive(Clone, Copy, Debug)]
struct Step {
    operation: u8,
    a: usize,
    b: usize,
}

const OPERATIONS: u8 = 17;

impl Program {
    /// Records the program; all nodes in the order they were recorded.
    fn record<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Vec<Var> {
        let mut nodes: Vec<Var> = Vec::new();
        for window in &self.windows {
            nodes.push(match *window {
                Window::At(start) => tape.window(parameters, start, 1, 3),
                Window::Nested(outer, inner) => {
                    let outer = tape.window(parameters, outer, 1, 6);
                    tape.window(outer, inner, 1, 3)
                }
            });
        }
        for step in &self.steps {
            let (a, b) = (nodes[step.a % nodes.len()], nodes[step.b % nodes.len()]);
            let result = step.record(tape, parameters, a, b);
            nodes.push(tape.scale(result, 0.5)); // keeps everything of size 1
        }
        nodes
    }
}

impl Step {
    fn record<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var, a: Var, b: Var) -> Var {
        match self.operation % OPERATIONS {
            0 => tape.sin(a),
            1 => tape.tanh(a),
            2 => tape.softplus(a),
            3 => tape.add(a, b),
            4 => tape.sub(a, b),
            5 => tape.mul(a, b),
            6 => {
                let column = tape.transpose(a);
                let table = tape.mul(column, b);
                tape.matmul(b, table)
            }
            7 => {
                let column = tape.transpose(a);
                let table = tape.matmul(column, b);
                let rows = tape.log_softmax(table);
                tape.matmul(a, rows)
            }
            8 => {
                let condition = tape.constant_from(1, 3, |_, c, _| c as f64 - 0.5);
                tape.select(condition, a, b)
            }
            9 => {
                let product = tape.dot(a, b);
                tape.mul(product, a)
            }
            10 => {
                // The parameters as a whole, beside their windows.
                let mean = tape.mean(parameters);
                tape.add(mean, a)
            }
            11 => {
                let both = tape.concat(&[a, b], Axis::Rows);
                let turned = tape.reshape(both, 3, 2);
                let column = tape.pick(turned, &[0, 1, 1]);
                tape.reshape(column, 1, 3)
            }
            12 => {
                let (left, right) = (tape.slice(a, 0..1, 1..3), tape.slice(b, 0..1, 0..1));
                tape.concat(&[left, right], Axis::Columns)
            }
            13 => {
                let column = tape.transpose(a);
                let table = tape.mul(column, b);
                let rows = tape.take_rows(table, &[2, 0, 2]);
                tape.mean_axis(rows, Axis::Rows)
            }
            14 => {
                let column = tape.transpose(a);
                let table = tape.add(column, b);
                tape.log_sum_exp(table, Axis::Rows)
            }
            15 => {
                let still = tape.constant_from(1, 3, |_, c, _| c as f64);
                let still = tape.stop_gradient(still);
                tape.mul(still, a)
            }
            _ => {
                let constant = tape.constant_from(3, 3, |r, c, _| ((r * 3 + c) as f64).cos());
                tape.matmul(a, constant)
            }
        }
    }
}

impl Objective for Program {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        let nodes = self.record(tape, parameters);
        let weights = tape.constant_from(1, 3, |_, c, _| 1.0 - 0.7 * c as f64);
        // A square to begin with, so that the whole never cancels to nothing but rounding errors.
        let mut total = tape.dot(nodes[0], nodes[0]);
        for output in &self.outputs {
            let part = tape.dot(nodes[output % nodes.len()], weights);
            total = tape.add(total, part);
        }
        total
    }
}

fn windows() -> impl Strategy<Value = Vec<Window>> {
    let anywhere = prop_oneof![
        (0..=PARAMETERS - 3).prop_map(Window::At),
        (0..=PARAMETERS - 6, 0..=3usize).prop_map(|(outer, inner)| Window::Nested(outer, inner)),
    ];
    let side_by_side = [0, 3, 6, 9].map(Window::At).to_vec();
    prop_oneof![
        prop::collection::vec(anywhere.clone(), 1..5),
        // All of the tiles in order, or only the first of them, and then perhaps others.
        (1..=4usize).prop_map(move |n| side_by_side[..n].to_vec()),
        anywhere.prop_map(|window| [0, 3, 6, 9]
            .map(Window::At)
            .into_iter()
            .chain([window])
            .collect()),
    ]
}

fn programs() -> impl Strategy<Value = Program> {
    let step = (0..OPERATIONS, 0..64usize, 0..64usize);
    let steps =
        prop::collection::vec(step.prop_map(|(operation, a, b)| Step { operation, a, b }), 0..14);
    let outputs = prop::collection::vec(0..64usize, 1..4);
    (windows(), steps, outputs).prop_map(|(windows, steps, outputs)| Program {
        windows,
        steps,
        outputs,
    })
}

/// A vector that differs from lane to lane.
fn numbers<S: Scalar>(n: usize, seed: f64) -> Vec<S> {
    let lanes: Vec<_> = (0..S::LANES).map(|lane| spread(n, seed + lane as f64)).collect();
    (0..n).map(|i| S::from_lanes(|lane| lanes[lane][i])).collect()
}

/// Everything the four sweeps from `output` leave at the parameters and at every node, as bits.
fn sweep<S: Scalar>(tape: &mut Tape<S>, parameters: Var, nodes: &[Var], output: Var) -> Vec<u64> {
    let cotangent = numbers(tape.value(output).len(), 0.8);
    tape.backward_from(output, &cotangent);
    tape.forward_tangents(parameters, &numbers(PARAMETERS, 0.9));
    tape.backward_tangents(output);
    let mut bits = Vec::new();
    for v in [&[parameters], nodes].concat() {
        for plane in [tape.value(v), tape.tangent(v), tape.adjoint(v), tape.adjoint_tangent(v)] {
            let lanes = plane.iter().flat_map(|x| (0..S::LANES).map(|i| x.lane(i).to_bits()));
            bits.extend(lanes);
        }
    }
    bits
}

/// Fills every buffer of the tape with NaN: wherever the next recording reads what it did
/// not write, it will show.
fn poison<S: Scalar>(tape: &mut Tape<S>, program: &Program) {
    let parameters = tape.variable(1, PARAMETERS, &[S::from_f64(f64::NAN); PARAMETERS]);
    let nodes = program.record(tape, parameters);
    let nan = tape.constant_from(40, 3, |_, _, _| f64::NAN);
    let last = *nodes.last().expect("a window at least");
    let spread_out = tape.mul(nan, last);
    let output = tape.sum(spread_out);
    tape.backward(output);
    tape.forward_tangents(parameters, &[S::from_f64(f64::NAN); PARAMETERS]);
    tape.backward_tangents(output);
    tape.clear();
}

fn stale_buffers_do_not_show<S: Scalar>(program: &Program, before: &Program, seed: f64) {
    let run = |tape: &mut Tape<S>| {
        let parameters = tape.variable(1, PARAMETERS, &numbers(PARAMETERS, seed));
        let nodes = program.record(tape, parameters);
        sweep(tape, parameters, &nodes, *nodes.last().expect("a window at least"))
    };
    let mut used = Tape::new();
    poison(&mut used, before);
    poison(&mut used, program);
    assert_eq!(run(&mut used), run(&mut Tape::new()));
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn derivatives_are_right(program in programs(), seed in 0.0..1000.0) {
        let settings = Settings { seed: seed as u64, directions: 2, ..Settings::default() };
        let x = spread(PARAMETERS, seed);
        prop_assert_eq!(check(&program, &x, settings), Ok(()), "at {:?}", x);
    }

    #[test]
    fn nothing_is_left_of_earlier_recordings(
        program in programs(), before in programs(), seed in 0.0..1000.0,
    ) {
        stale_buffers_do_not_show::<f64>(&program, &before, seed);
        stale_buffers_do_not_show::<Lanes<f32, 8>>(&program, &before, seed);
        stale_buffers_do_not_show::<Dual<f64>>(&program, &before, seed);
    }

    /// Sweeps from one output after the other, forwards and backwards through the recording.
    #[test]
    fn nothing_is_left_of_earlier_sweeps(program in programs(), seed in 0.0..1000.0) {
        let record = || {
            let mut tape = Tape::<f64>::new();
            let parameters = tape.variable(1, PARAMETERS, &numbers(PARAMETERS, seed));
            let nodes = program.record(&mut tape, parameters);
            (tape, parameters, nodes)
        };
        let (mut tape, parameters, nodes) = record();
        // The last place is that of the parameters.
        let output = |nodes: &[Var], parameters, place| match nodes.get(place) {
            Some(node) => *node,
            None => parameters,
        };
        for place in (0..nodes.len()).chain((0..nodes.len()).rev()).chain([nodes.len()]) {
            let (mut alone, own_parameters, own_nodes) = record();
            let (of_all, of_own) =
                (output(&nodes, parameters, place), output(&own_nodes, own_parameters, place));
            prop_assert_eq!(
                sweep(&mut tape, parameters, &nodes, of_all),
                sweep(&mut alone, own_parameters, &own_nodes, of_own),
                "from node {}", place
            );
        }
    }

    /// Tangents of the gradient on a tape of duals: the same derivative by another way.
    #[test]
    fn duals_agree(program in programs(), seed in 0.0..1000.0) {
        let (x, v) = (spread(PARAMETERS, seed), spread(PARAMETERS, seed + 0.5));
        let product = tape::hvp(&program, &x, &v).product;
        let moving: Vec<_> =
            x.iter().zip(&v).map(|(x, v)| Dual { value: *x, tangent: *v }).collect();
        let (_, slope) = tape::gradient(&program, &moving);
        for (slope, product) in slope.iter().zip(product) {
            prop_assert!((slope.tangent - product).abs() <= 1e-12, "{} {product}", slope.tangent);
        }
    }
}
