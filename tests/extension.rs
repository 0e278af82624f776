//! What can be added from outside the crates, one of each, by the traits that our own parts use.

use std::num::NonZeroUsize;

use fairness::{Criterion, Measure, Notion, Reading, Regularizer, Rows};
use meta::algorithm::{Algorithm, Cost, InnerProblem, Loss, Moving};
use meta::{
    AbsentGroup, AnyAlgorithm, Gamma, InnerLoop, Losses, MetaGradient, MetaLearner, MetaOptions,
    MetaSettings, Workspace,
};
use mlp::{Activation, Initialization, Network};
use tape::check::{Settings, check};
use tape::{Matrix, Number, Objective, Operation, Recorder, Scalar, Tape, Var};
use tasks::synthetic::SyntheticConfig;
use tasks::{EpisodeOptions, EpisodePool};

/// The squared gap of the groups' mean probabilities of the positive class. It is written
/// independently of the one in `fairness`.
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
struct OfLogits(Notion);

impl Objective for OfLogits {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        let logits = tape.window(parameters, 0, 3, 2);
        let log_probabilities = tape.log_softmax(logits);
        let rows = Rows { positive: &[true, false, true], protected: &[true, false, false] };
        let regularizer = Regularizer { notion: self.0, reading: Reading::GroupMean };
        regularizer.eval(tape, log_probabilities, |_| rows)
    }
}

#[test]
fn a_criterion_is_differentiated_to_second_order() {
    let logits = [0.3_f64, -0.2, 1.0, 0.4, -0.7, 0.9];
    let probability = |row: usize| 1.0 / (1.0 + (logits[2 * row] - logits[2 * row + 1]).exp());
    let gap = probability(0) - (probability(1) + probability(2)) / 2.0;
    let (value, slope) = tape::gradient(&OfLogits(SQUARED_GAP), &logits);
    assert!((value - gap * gap).abs() < 1e-15);
    assert!(check(&OfLogits(SQUARED_GAP), &logits, Settings::default()).is_ok());
    // The crate has the same criterion, written in another way.
    let (ours, our_slope) = tape::gradient(&OfLogits(Notion::DEMOGRAPHIC_PARITY_GAP), &logits);
    assert!((value - ours).abs() < 1e-15);
    assert!(slope.iter().zip(&our_slope).all(|(theirs, ours)| (theirs - ours).abs() < 1e-15));
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
            algorithm: meta::algorithm::FAIR_MAML,
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
    fn value<T: Number>(&self, inputs: &[Matrix<T>]) -> Matrix<T> {
        let epsilon = T::from_f64(self.0 * self.0);
        let terms = inputs[0].data().iter().map(|&x| (x * x + epsilon).sqrt());
        Matrix::new(1, 1, vec![terms.fold(T::zero(), |sum, term| sum + term)])
    }

    fn reverse<T: Number>(
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

    fn kinks<T: Number>(&self, _: &[Matrix<T>]) -> Vec<T> {
        Vec::new()
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

/// Meta-SGD (Li, Zhou, Chen, Li 2017) learns the initial weights θ and an inner rate for each of
/// them: θ_{t+1} = θ_t − rates ∘ ∇S(θ_t). It is written independently of the one in `meta`.
#[derive(Debug)]
struct MetaSgd;

/// The iterates θ_0 … θ_T, and the gradients ∇S(θ_0) … ∇S(θ_{T−1}).
type Path<S> = (Vec<Vec<S>>, Vec<Vec<S>>);

impl MetaSgd {
    fn path<S: Scalar>(inner: &InnerProblem<'_, S>, theta: Vec<S>, rates: &[S]) -> Path<S> {
        let (mut iterates, mut slopes) = (vec![theta], Vec::new());
        for t in 0..inner.inner.steps() {
            let (theta, (_, slope)) = (&iterates[t], gradient(inner.support, &iterates[t]));
            let next = (0..theta.len()).map(|i| theta[i] - rates[i] * slope[i]).collect();
            iterates.push(next);
            slopes.push(slope);
        }
        (iterates, slopes)
    }
}

fn gradient<S: Scalar>(loss: &dyn Loss<S>, at: &[S]) -> (S, Vec<S>) {
    let mut tape = Tape::new();
    let parameters = tape.variable(1, at.len(), at);
    let value = loss.record(&mut tape, parameters);
    tape.backward(value);
    (tape.value(value)[0], tape.adjoint(parameters).to_vec())
}

fn hessian_vector<S: Scalar>(loss: &dyn Loss<S>, at: &[S], v: &[S]) -> Vec<S> {
    let mut tape = Tape::new();
    let parameters = tape.variable(1, at.len(), at);
    let value = loss.record(&mut tape, parameters);
    tape.backward(value);
    tape.hessian_vector(parameters, v, value).to_vec()
}

/// The weights and the rates, in every lane.
fn halves<S: Scalar>(learned: &[S::Flat]) -> (Vec<S>, Vec<S>) {
    let all: Vec<S> = learned.iter().map(|x| S::from_f64(x.lane(0))).collect();
    let (theta, rates) = all.split_at(all.len() / 2);
    (theta.to_vec(), rates.to_vec())
}

impl Algorithm for MetaSgd {
    fn name(&self) -> &'static str {
        "plain-meta-sgd"
    }

    fn cost(&self, inner: InnerLoop) -> Cost {
        let steps = inner.steps();
        Cost {
            gradients: 2 * steps + 1,
            hessian_vector_products: steps,
            moving: Moving::All,
            vectors: 2 * steps + 3,
        }
    }

    fn initial(&self, theta: Vec<f64>, inner: InnerLoop) -> Vec<f64> {
        let rates = vec![inner.rate(); theta.len()];
        [theta, rates].concat()
    }

    fn adapt<S: Scalar>(&self, inner: &InnerProblem<'_, S>, learned: &[S::Flat]) -> Vec<S> {
        let (theta, rates) = halves(learned);
        Self::path(inner, theta, &rates).0.pop().expect("θ_T")
    }

    /// v_t = v_{t+1} − ∇²S(θ_t) (rates ∘ v_{t+1}), and the rates have −Σ_t ∇S(θ_t) ∘ v_{t+1}.
    fn meta_gradient<'w, S: Scalar>(
        &self,
        inner: &InnerProblem<'_, S>,
        query: &dyn Loss<S>,
        learned: &[S::Flat],
        _: &'w mut Workspace<S>,
    ) -> MetaGradient<'w, S> {
        let (theta, rates) = halves(learned);
        let support = (inner.inner.steps() > 0).then(|| gradient(inner.support, &theta).0);
        let (iterates, slopes) = Self::path(inner, theta, &rates);
        let (value, mut v) = gradient(query, &iterates[slopes.len()]);
        let mut of_rates = vec![S::zero(); v.len()];
        for (theta, slope) in iterates.iter().zip(&slopes).rev() {
            let scaled: Vec<S> = rates.iter().zip(&v).map(|(&rate, &v)| rate * v).collect();
            let curvature = hessian_vector(inner.support, theta, &scaled);
            for i in 0..v.len() {
                of_rates[i] = of_rates[i] - slope[i] * v[i];
                v[i] = v[i] - curvature[i];
            }
        }
        MetaGradient::new(Losses { support, query: value }, [v, of_rates].concat())
    }
}

/// Σ_i sin(θ_i + shift) θ_i
struct Waves(f64);

impl Objective for Waves {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        let shift = tape.scalar(self.0);
        let shifted = tape.add(parameters, shift);
        let waves = tape.sin(shifted);
        tape.dot(waves, parameters)
    }
}

/// The gradient of everything that is learned, against differences of the query loss.
#[test]
fn an_algorithm_is_differentiated_through_its_steps() {
    let (support, query) = (Waves(0.3), Waves(-0.9));
    let learned = [0.4, -1.1, 0.8, 0.1, 0.3, 0.2];
    for steps in 0..4 {
        let inner = InnerProblem::new(InnerLoop::new(0.0, steps).unwrap(), &support);
        let loss = |learned: &[f64]| {
            let adapted: Vec<f64> = MetaSgd.adapt(&inner, learned);
            tape::gradient(&query, &adapted).0
        };
        let mut workspace = Workspace::<f64>::new();
        let found = MetaSgd.meta_gradient(&inner, &query, &learned, &mut workspace);
        assert!((found.losses().query - loss(&learned)).abs() < 1e-14);
        let ours = &mut Workspace::<f64>::new();
        let ours = meta::algorithm::MetaSgd.meta_gradient(&inner, &query, &learned, ours).to_vec();
        let error =
            found.to_vec().iter().zip(&ours).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(error < 1e-13, "{steps} steps: {error:e} from the one in `meta`");
        for (i, found) in found.to_vec().into_iter().enumerate() {
            let nudged = |h: f64| {
                let mut learned = learned;
                learned[i] += h;
                loss(&learned)
            };
            let slope = (nudged(1e-5) - nudged(-1e-5)) / 2e-5;
            assert!((found - slope).abs() < 1e-8, "{steps} steps, {i}: {found} and {slope}");
        }
    }
}

/// The learner takes it like its own: in lanes, and with the same bits on any number of threads.
#[test]
fn an_algorithm_is_trained_in_lanes_and_on_threads() {
    let synthetic = SyntheticConfig::default();
    let tasks = (0..10).map(|i| synthetic.training_task(0, i)).collect();
    let k = NonZeroUsize::new(5).unwrap();
    let pool = EpisodePool::new(tasks, EpisodeOptions::new(k, None), 0).unwrap();
    let network = Network::new(&[2, 4, 2], Activation::Tanh).unwrap();
    let settings = MetaSettings::try_from(MetaOptions {
        algorithm: AnyAlgorithm::of(&MetaSgd),
        inner: InnerLoop::new(0.2, 2).unwrap(),
        meta_rate: 1e-2,
        tasks_per_batch: NonZeroUsize::new(21).unwrap(),
        initialization: Initialization::Glorot,
        regularizer: None,
        gamma: Gamma::Shared(0.0),
        absent_group: AbsentGroup::Skip,
    })
    .unwrap();
    let trained = |threads: usize| {
        let pool_of_threads = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool_of_threads.install(|| {
            let mut learner =
                MetaLearner::<f64>::new(settings.clone(), &network, &pool, 0).unwrap();
            let mut losses = Vec::new();
            learner.train(60, |_, loss| losses.push(loss)).unwrap();
            (learner.learned().to_vec(), losses)
        })
    };
    let (learned, losses) = trained(1);
    assert_eq!((learned.clone(), losses.clone()), trained(3));
    let n = network.parameter_count();
    assert_eq!(learned.len(), 2 * n);
    assert!(learned[n..].iter().all(|rate| *rate != 0.2), "every rate is learned");
    let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
    assert!(mean(&losses[50..]) < mean(&losses[..10]));
}
