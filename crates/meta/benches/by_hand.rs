//! How far the tape is from a backward pass written by hand.
//!
//! ```text
//! cargo bench -p fair-maml-meta --bench by_hand
//! ```
//!
//! The gradient of the fair loss of a network with two hidden layers, once recorded on the tape and
//! swept back, once as straight-line code for this one network: the same kernels for the products,
//! buffers made beforehand, data that already lies in lanes. What the tape adds is the recording
//! itself, one pass per operation instead of fused ones, and the packing of data into lanes.

mod common;

use std::hint::black_box;
use std::time::Instant;

use common::{COMMUNITIES, GAMMA, Problem, SYNTHETIC, Setting};
use tape::{Factor, Lanes, Number, Scalar, Tape, vectorized};

const ROUNDS: usize = 101;
const CALLS: usize = 50;

fn main() {
    println!(
        "{:<12} {:>6} {:>9} {:>11} {:>7}",
        "network", "lanes", "tape µs", "by hand µs", "ratio"
    );
    compare::<Lanes<f64, 4>>(&COMMUNITIES);
    compare::<Lanes<f64, 8>>(&SYNTHETIC);
    compare::<f64>(&COMMUNITIES);
}

/// Both must agree; then they take turns.
fn compare<S: Scalar>(setting: &Setting) {
    let problem = Problem::<S>::new(setting);
    let (mut tape, mut hand) = (Tape::new(), ByHand::new(&problem, setting));
    let (parameters, _) = problem.gradient(&mut tape);
    hand.gradient(&problem.theta);
    let pairs = tape.adjoint(parameters).iter().zip(&hand.slope);
    for (a, b) in pairs.flat_map(|(a, b)| (0..S::LANES).map(|lane| (a.lane(lane), b.lane(lane)))) {
        assert!((a - b).abs() <= 1e-12 * a.abs().max(1.0), "{a} on the tape, {b} by hand");
    }
    let (mut of_tape, mut of_hand) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        of_tape.push(microseconds(|| {
            problem.gradient(&mut tape);
        }));
        of_hand.push(microseconds(|| hand.gradient(black_box(&problem.theta))));
    }
    let [tape, hand] = [of_tape, of_hand].map(median);
    let (name, lanes, ratio) = (setting.name, S::LANES, tape / hand);
    println!("{name:<12} {lanes:>6} {tape:>9.2} {hand:>11.2} {ratio:>7.2}");
}

fn microseconds(mut call: impl FnMut()) -> f64 {
    let start = Instant::now();
    (0..CALLS).for_each(|_| call());
    start.elapsed().as_secs_f64() * 1e6 / CALLS as f64
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// One layer: its shape, where its weights begin, and what goes through it.
struct Layer<S> {
    inputs: usize,
    outputs: usize,
    start: usize,
    /// `(rows, outputs)`: the result, after relu in a hidden layer.
    values: Vec<S>,
    /// Its adjoint.
    adjoints: Vec<S>,
}

impl<S> Layer<S> {
    fn weights(&self) -> std::ops::Range<usize> {
        self.start..self.start + self.inputs * self.outputs
    }

    fn biases(&self) -> std::ops::Range<usize> {
        let weights = self.weights();
        weights.end..weights.end + self.outputs
    }
}

struct ByHand<S> {
    rows: usize,
    x: Vec<S>,
    /// 1 where a row has the positive label, and γ / |G| where it is protected.
    labels: Vec<S>,
    members: Vec<S>,
    layers: Vec<Layer<S>>,
    slope: Vec<S>,
}

impl<S: Scalar> ByHand<S> {
    fn new(problem: &Problem<S>, setting: &Setting) -> Self {
        let rows = setting.k;
        let support = |lane: usize| &problem.episodes[lane].support;
        let members = |lane: usize| support(lane).protected().iter().filter(|&&p| p).count();
        let mut start = 0;
        let layers = setting.widths.windows(2).map(|pair| {
            let (inputs, outputs) = (pair[0], pair[1]);
            let (values, adjoints) =
                (vec![S::zero(); rows * outputs], vec![S::zero(); rows * outputs]);
            let layer = Layer { inputs, outputs, start, values, adjoints };
            start += (inputs + 1) * outputs;
            layer
        });
        ByHand {
            rows,
            x: (0..rows * setting.widths[0])
                .map(|i| S::from_lanes(|lane| support(lane).x()[i]))
                .collect(),
            labels: (0..rows)
                .map(|i| S::from_lanes(|lane| f64::from(u8::from(support(lane).positive()[i]))))
                .collect(),
            members: (0..rows)
                .map(|i| {
                    S::from_lanes(|lane| match support(lane).protected()[i] {
                        true => GAMMA / members(lane) as f64,
                        false => 0.0,
                    })
                })
                .collect(),
            layers: layers.collect(),
            slope: vec![S::zero(); problem.theta.len()],
        }
    }

    /// Writes the gradient at `theta` to `slope`.
    fn gradient(&mut self, theta: &[S]) {
        for i in 0..self.layers.len() {
            let (before, rest) = self.layers.split_at_mut(i);
            let input = before.last().map_or(&self.x, |layer| &layer.values);
            forward(input, &mut rest[0], theta, self.rows, i < 2);
        }
        self.head();
        for i in (0..self.layers.len()).rev() {
            let (before, rest) = self.layers.split_at_mut(i);
            backward(&self.x, before.last_mut(), &rest[0], theta, &mut self.slope, self.rows);
        }
    }

    /// The adjoints of the logits: (p − t) / n of the cross-entropy, and of the regularizer
    /// −γ/|G| p₁ ([class = 1] − p₁) for the members of the group.
    fn head(&mut self) {
        let last = self.layers.last_mut().expect("layers");
        let n = S::from_f64(1.0 / self.rows as f64);
        for row in 0..self.rows {
            let p1 = (last.values[2 * row + 1] - last.values[2 * row]).sigmoid();
            let slope = n * (p1 - self.labels[row]) - self.members[row] * p1 * (S::one() - p1);
            last.adjoints[2 * row] = -slope;
            last.adjoints[2 * row + 1] = slope;
        }
    }
}

/// h W + b, and relu.
fn forward<S: Scalar>(input: &[S], layer: &mut Layer<S>, theta: &[S], rows: usize, hidden: bool) {
    let biases = &theta[layer.biases()];
    for row in layer.values.chunks_exact_mut(biases.len()) {
        row.copy_from_slice(biases);
    }
    let (inputs, outputs) = (layer.inputs, layer.outputs);
    let w = Factor::new(&theta[layer.weights()], inputs, outputs);
    S::product(Factor::new(input, rows, inputs), w, &mut layer.values, true);
    if hidden {
        let values = S::flat_mut(&mut layer.values);
        vectorized(
            #[inline(always)]
            move || values.iter_mut().for_each(|h| *h = h.relu()),
        );
    }
}

/// The adjoints of the weights, and of the layer before through its relu.
fn backward<S: Scalar>(
    x: &[S],
    before: Option<&mut Layer<S>>,
    layer: &Layer<S>,
    theta: &[S],
    slope: &mut [S],
    rows: usize,
) {
    let (inputs, outputs) = (layer.inputs, layer.outputs);
    let adjoint = Factor::new(&layer.adjoints[..], rows, outputs);
    let input = Factor::new(before.as_deref().map_or(x, |before| &before.values), rows, inputs);
    S::product(input.transpose(), adjoint, &mut slope[layer.weights()], false);
    let biases = &mut slope[layer.biases()];
    biases.copy_from_slice(&layer.adjoints[..outputs]);
    for row in layer.adjoints.chunks_exact(outputs).skip(1) {
        biases.iter_mut().zip(row).for_each(|(sum, &t)| *sum = *sum + t);
    }
    let Some(before) = before else { return };
    let w = Factor::new(&theta[layer.weights()], inputs, outputs);
    S::product(adjoint, w.transpose(), &mut before.adjoints, false);
    let (adjoints, values) = (S::flat_mut(&mut before.adjoints), S::flat(&before.values));
    vectorized(
        #[inline(always)]
        move || {
            for (t, &h) in adjoints.iter_mut().zip(values) {
                *t = h.where_positive(*t, S::Flat::zero());
            }
        },
    );
}
