//! This example defines a fairness criterion that the crate does not have.
//!
//! The crate's gaps are differences of the groups' mean probabilities. The paper's metric is their
//! ratio r, and it is fair at r = 1. This criterion penalizes ln r, squared: it treats r and 1/r
//! alike. A criterion needs an equation that a tape can record. It then works wherever the crate's
//! own criteria work: in a loss, in the inner and outer loop of a meta-learner, and in several
//! lanes.

use fairness::{Criterion, Measure, Notion, Reading, Regularizer, Rows};
use tape::check::{Settings, check};
use tape::{Objective, Recorder, Scalar, Tape, Var, gradient};

/// R = (ln m₀ − ln m₁)², where m₀ is the mean probability of the positive class over the protected
/// rows, and m₁ over the others.
struct SquaredLogRatio;

impl Criterion for SquaredLogRatio {
    fn name(&self) -> &'static str {
        "squared-log-ratio"
    }

    fn title(&self) -> &'static str {
        "Squared logarithm of the parity ratio"
    }

    fn measure(&self) -> Measure {
        Measure::Parity
    }

    /// A ratio needs both groups.
    fn needs(&self, rows: &Rows<'_>, _: usize) -> bool {
        rows.protected.contains(&true) && rows.protected.contains(&false)
    }

    fn eval<'a>(
        &self,
        tape: &mut dyn Recorder,
        log_probabilities: Var,
        rows: &dyn Fn(usize) -> Rows<'a>,
        _: Reading,
    ) -> Var {
        let probabilities = tape.exp(log_probabilities);
        let [protected, others] = [true, false].map(|group| {
            let mean = mean_of(tape, probabilities, group, rows);
            tape.ln(mean)
        });
        let log_ratio = tape.sub(protected, others);
        tape.powi(log_ratio, 2)
    }
}

/// Records the mean probability of the positive class over a group. It is the constant 1 if all
/// rows are of one group: then R and its gradient are 0.
fn mean_of<'a>(
    tape: &mut dyn Recorder,
    probabilities: Var,
    group: bool,
    rows: &dyn Fn(usize) -> Rows<'a>,
) -> Var {
    let (n, _) = tape.shape(probabilities);
    let members = |lane, group| rows(lane).protected.iter().filter(|&&row| row == group).count();
    let has_both = |lane| members(lane, true) > 0 && members(lane, false) > 0;
    let weights = tape.constant(n, 2, &|i, class, lane| {
        let counts = class == 1 && has_both(lane) && rows(lane).protected[i] == group;
        if counts { 1.0 / members(lane, group) as f64 } else { 0.0 }
    });
    let mean = tape.dot(probabilities, weights);
    let without = tape.constant(1, 1, &|_, _, lane| if has_both(lane) { 0.0 } else { 1.0 });
    tape.add(mean, without)
}

/// One feature depends on the label and the group. The other depends only on the label, and less
/// clearly.
const X: [[f64; 2]; 8] = [
    [1.0, 0.6],
    [0.9, 0.5],
    [0.8, 0.7],
    [0.7, -0.4],
    [-0.6, 0.4],
    [-0.8, -0.6],
    [-0.9, -0.5],
    [-1.0, -0.7],
];
const POSITIVE: [bool; 8] = [true, true, true, false, true, false, false, false];
const PROTECTED: [bool; 8] = [false, false, false, false, true, true, true, true];

/// Logistic regression on these rows; the loss is the mean cross-entropy + γ R.
struct Loss {
    gamma: f64,
}

/// ln P of both classes. θ has a weight for each feature and class, and a bias for each class.
fn log_probabilities<S: Scalar>(tape: &mut Tape<S>, theta: Var) -> Var {
    let x = tape.constant_from(8, 2, |i, feature, _lane| X[i][feature]);
    let (weights, bias) = (tape.window(theta, 0, 2, 2), tape.window(theta, 4, 1, 2));
    let logits = tape.affine(x, weights, bias);
    tape.log_softmax(logits)
}

impl Objective for Loss {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, theta: Var) -> Var {
        let log_probabilities = log_probabilities(tape, theta);
        let labels = tape
            .constant_from(8, 2, |i, class, _lane| f64::from((class == 1) == POSITIVE[i]) / -8.0);
        let cross_entropy = tape.dot(log_probabilities, labels);

        let notion = const { Notion::of(&SquaredLogRatio) };
        let regularizer = Regularizer { notion, reading: Reading::GroupMean };
        let rows = Rows { positive: &POSITIVE, protected: &PROTECTED };
        let fairness = regularizer.eval(tape, log_probabilities, |_lane| rows);
        let fairness = tape.scale(fairness, self.gamma);
        tape.add(cross_entropy, fairness)
    }
}

/// The mean probability of the positive class: of the protected rows, and of the others.
fn mean_probabilities(theta: &[f64]) -> [f64; 2] {
    let mut tape = Tape::new();
    let theta = tape.variable(1, 6, theta);
    let log_probabilities = log_probabilities::<f64>(&mut tape, theta);
    let p: Vec<f64> =
        tape.value(log_probabilities).chunks_exact(2).map(|row| row[1].exp()).collect();
    [true, false].map(|group| {
        let members = (0..8).filter(|&i| PROTECTED[i] == group);
        members.map(|i| p[i]).sum::<f64>() / 4.0
    })
}

fn main() {
    // A new equation is a chance to make a mistake, so compare its derivatives with differences.
    let start = [0.1, -0.2, 0.3, 0.1, 0.0, -0.1];
    check(&Loss { gamma: 1.0 }, &start, Settings::default()).expect("right derivatives");

    let mut gaps = Vec::new();
    for gamma in [0.0, 1.0, 10.0] {
        let mut theta = start;
        for _ in 0..2000 {
            let (_, slope) = gradient(&Loss { gamma }, &theta);
            theta.iter_mut().zip(&slope).for_each(|(weight, slope)| *weight -= 0.2 * slope);
        }
        let [protected, others] = mean_probabilities(&theta);
        println!("γ = {gamma:>2}: P(positive) is {protected:.2} if protected, {others:.2} if not");
        gaps.push((protected - others).abs());
    }
    assert!(gaps[0] > 0.4 && gaps[1] < gaps[0] && gaps[2] < gaps[0] / 4.0);
}
