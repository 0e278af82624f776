//! What can be added from outside the crates, one of each, by the traits that our own parts use.

use std::num::NonZeroUsize;

use fairness::{Criterion, Measure, Notion, Reading, Regularizer, Rows};
use meta::{AbsentGroup, AnyAlgorithm, Gamma, InnerLoop, MetaLearner, MetaOptions, MetaSettings};
use mlp::{Activation, Initialization, Network};
use tape::check::{Settings, check};
use tape::{Matrix, Objective, Operation, Recorder, Scalar, Tape, Var};
use tasks::synthetic::SyntheticConfig;
use tasks::{EpisodeOptions, EpisodePool};

/// The squared gap of the groups' mean probabilities of the positive class: unlike equations 3 and
/// 4 it is satisfied by nothing but alike groups.
struct SquaredGap;

impl Criterion for SquaredGap {
    fn name(&self) -> &'static str {
        "squared-gap"
    }

    fn title(&self) -> &'static str {
        "Squared gap of parity"
    }

    fn measure(&self) -> Measure {
        Measure::Parity
    }

    /// Both groups have to be there: a row of one counts where the other has one, too.
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
        let (batch, _) = tape.shape(log_probabilities);
        // 1/n₀ for protected rows, −1/n₁ for the others; 0 where a group is missing.
        let weights = tape.constant(batch, 2, &|i, class, lane| {
            let rows = rows(lane);
            let members = |protected| {
                rows.protected.iter().filter(|&&other| other == protected).count() as f64
            };
            let own = rows.protected[i];
            match (class, self.needs(&rows, i), own) {
                (1, true, true) => 1.0 / members(true),
                (1, true, false) => -1.0 / members(false),
                _ => 0.0,
            }
        });
        let probabilities = tape.exp(log_probabilities);
        let gap = tape.dot(probabilities, weights);
        tape.powi(gap, 2)
    }
}

const SQUARED_GAP: Notion = Notion::of(&SquaredGap);

/// The regularizer as a function of the logits of three rows.
struct OfLogits;

impl Objective for OfLogits {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        let logits = tape.window(parameters, 0, 3, 2);
        let log_probabilities = tape.log_softmax(logits);
        let rows = Rows { positive: &[true, false, true], protected: &[true, false, false] };
        let regularizer = Regularizer { notion: SQUARED_GAP, reading: Reading::GroupMean };
        regularizer.eval(tape, log_probabilities, |_| rows)
    }
}

#[test]
fn a_criterion_is_differentiated_to_second_order() {
    let logits = [0.3, -0.2, 1.0, 0.4, -0.7, 0.9];
    let probability = |row: usize| 1.0 / (1.0 + (logits[2 * row] - logits[2 * row + 1]).exp());
    let gap = probability(0) - (probability(1) + probability(2)) / 2.0;
    let (value, _) = tape::gradient(&OfLogits, &logits);
    assert!((value - gap * gap).abs() < 1e-15);
    assert!(check(&OfLogits, &logits, Settings::default()).is_ok());
}

/// The learner takes it like its own, and lowers it.
#[test]
fn a_criterion_is_learned_with() {
    let synthetic = SyntheticConfig::default();
    let tasks = (0..20).map(|i| synthetic.training_task(0, i)).collect();
    let k = NonZeroUsize::new(20).unwrap();
    let pool = EpisodePool::new(tasks, EpisodeOptions::new(k, None), 0).unwrap();
    let network = Network::new(&[2, 8, 2], Activation::Tanh).unwrap();
    let loss = |gamma: f64| {
        let settings = MetaSettings::try_from(MetaOptions {
            algorithm: AnyAlgorithm::FAIR_MAML,
            inner: InnerLoop::new(0.1, 1).unwrap(),
            meta_rate: 1e-2,
            tasks_per_batch: NonZeroUsize::new(8).unwrap(),
            initialization: Initialization::Glorot,
            regularizer: Some(Regularizer { notion: SQUARED_GAP, reading: Reading::GroupMean }),
            gamma: Gamma::Shared(gamma),
            absent_group: AbsentGroup::Skip,
        })
        .unwrap();
        let mut learner = MetaLearner::<f64>::new(settings, &network, &pool, 0).unwrap();
        let losses: Vec<f64> = (0..150).map(|_| learner.step().unwrap()).collect();
        (losses[0], losses[losses.len() - 1])
    };
    let (first, last) = loss(50.0);
    assert!(last < first, "{first} to {last}");
    // Its weight is in the loss.
    assert_ne!(loss(0.0).0, first);
}

/// The sum of absolute values smoothed by ε: √(x² + ε²), one number.
struct SmoothNorm(f64);

impl Operation for SmoothNorm {
    fn value<T: Scalar>(&self, inputs: &[Matrix<T>]) -> Matrix<T> {
        let epsilon = T::from_f64(self.0 * self.0);
        let terms = inputs[0].data().iter().map(|&x| (x * x + epsilon).sqrt());
        Matrix::new(1, 1, vec![terms.fold(T::zero(), |sum, term| sum + term)])
    }

    fn reverse<T: Scalar>(
        &self,
        inputs: &[Matrix<T>],
        _: &Matrix<T>,
        adjoint: &Matrix<T>,
    ) -> Vec<Matrix<T>> {
        let (epsilon, t) = (T::from_f64(self.0 * self.0), adjoint.data()[0]);
        let slope = |&x: &T| t * x / (x * x + epsilon).sqrt();
        let (rows, columns) = inputs[0].shape();
        vec![Matrix::new(rows, columns, inputs[0].data().iter().map(slope).collect())]
    }
}

/// Twice in one function, once of a result.
struct Norms;

impl Objective for Norms {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        let norm = tape.operation(SmoothNorm(0.1), &[parameters]);
        let curved = tape.sin(parameters);
        let other = tape.operation(SmoothNorm(0.5), &[curved]);
        tape.mul(norm, other)
    }
}

#[test]
fn an_operation_is_differentiated_to_second_order() {
    assert!(check(&Norms, &[0.4, -1.2, 0.0, 2.0], Settings::default()).is_ok());
}
