//! Adaptation to a new task, and decisions on it.

use fairness::{Notion, Reading, Regularizer};
use meta::algorithm::{FAIR_MAML, FIRST_ORDER, Reptile};
use meta::{AnyAlgorithm, FairLoss, InnerLoop, adapt_to, decisions, probabilities};
use mlp::{Activation, Initialization, Network};
use tasks::synthetic::SyntheticConfig;
use tasks::{Batch, Episode, Purpose, SupportDraw, stream};

fn episode() -> Episode {
    let task = SyntheticConfig::default().training_task(1, 0);
    task.split(7, SupportDraw::Random, &mut stream(1, Purpose::Support, 0, 0)).unwrap()
}

fn network() -> (Network, Vec<f64>) {
    let network = Network::new(&[2, 4, 2], Activation::Tanh).unwrap();
    let mut rng = stream(1, Purpose::Initialization, 0, 0);
    let theta = network.initialize(Initialization::Glorot, &mut rng);
    (network, theta)
}

/// θ − α ∇[L + γ R] on the support rows, as often as asked, for every algorithm that adapts all
/// weights.
#[test]
fn adaptation_is_descent_on_the_support_rows() {
    let ((network, theta), episode) = (network(), episode());
    let (notion, reading) = (Notion::DEMOGRAPHIC_PARITY, Reading::GroupMean);
    for (regularizer, gamma) in
        [(None, 0.0), (None, 3.0), (Some(Regularizer { notion, reading }), 3.0)]
    {
        let batch = |_| (&episode.support, gamma);
        let support = FairLoss { network: &network, regularizer, batch };
        let mut expected = theta.clone();
        for steps in 0..4 {
            for algorithm in [FAIR_MAML, FIRST_ORDER, AnyAlgorithm::of(&Reptile)] {
                let inner = InnerLoop::new(0.2, steps).unwrap();
                let adapted =
                    adapt_to(&network, regularizer, gamma, algorithm, inner, &theta, &episode)
                        .unwrap();
                let error = adapted.iter().zip(&expected).map(|(a, e)| (a - e).abs());
                assert!(error.fold(0.0, f64::max) < 1e-14, "{steps} steps, gamma {gamma}");
            }
            let (_, gradient) = tape::gradient(&support, &expected);
            expected.iter_mut().zip(gradient).for_each(|(theta, g)| *theta -= 0.2 * g);
        }
    }
}

#[test]
fn without_support_there_is_nothing_to_adapt_to() {
    let ((network, theta), mut episode) = (network(), episode());
    episode.support = episode.support.select(&[]);
    let inner = InnerLoop::new(0.2, 3).unwrap();
    assert_eq!(
        adapt_to(&network, None, 0.0, meta::algorithm::FAIR_MAML, inner, &theta, &episode).unwrap(),
        theta
    );
}

#[test]
fn adaptation_that_runs_away_says_so() {
    let network = Network::new(&[2, 4, 2], Activation::Relu).unwrap();
    let (theta, episode) = (vec![0.5; network.parameter_count()], episode());
    let inner = InnerLoop::new(1e308, 2).unwrap();
    let error = adapt_to(&network, None, 0.5, meta::algorithm::FAIR_MAML, inner, &theta, &episode)
        .unwrap_err();
    assert_eq!((error.rate, error.steps, error.gamma), (1e308, 2, 0.5));
    let said = error.to_string();
    for part in ["not finite", "2 step(s)", "rate 1e308", "gamma 0.5"] {
        assert!(said.contains(part), "{said}");
    }
}

/// One layer, logits (0, x): P(class 1) is the sigmoid of x.
#[test]
fn decisions_by_hand() {
    let network = Network::new(&[1, 2], Activation::Relu).unwrap();
    let theta = [0.0, 1.0, 0.0, 0.0];
    let x = [-800.0, -0.01, 0.0, 0.01, 3f64.ln(), 800.0];
    let p = probabilities(&network, &theta, &x).unwrap();
    assert_eq!((p[0], p[2], p[5]), (0.0, 0.5, 1.0));
    assert!((p[4] - 0.75).abs() < 1e-15, "{}", p[4]);
    assert!(probabilities(&network, &theta, &[]).unwrap().is_empty());

    // Predicted positive are the last three; 1/2 is not enough.
    let positive = vec![true, false, true, true, false, true];
    let protected = vec![true, true, true, false, false, false];
    let batch = Batch::new(1, x.to_vec(), positive, protected).unwrap();
    let metrics = decisions(&network, &theta, &batch).unwrap().metrics();
    assert_eq!(metrics.overall.accuracy, Some(0.5));
    assert_eq!(metrics.protected.positive_rate, Some(0.0));
    assert_eq!(metrics.unprotected.positive_rate, Some(1.0));
    assert_eq!(metrics.protected.true_positive_rate, Some(0.0));
    assert_eq!(metrics.unprotected.false_positive_rate, Some(1.0));
}

/// One logit x: P(class 1) is its sigmoid, the cross-entropy is the logistic loss, and the
/// regularizer is that of the logits (0, x).
#[test]
fn one_logit_by_hand() {
    let one = Network::new(&[1, 1], Activation::Relu).unwrap();
    let x = [-800.0, -0.01, 0.0, 0.01, 3f64.ln(), 800.0];
    let p = probabilities(&one, &[1.0, 0.0], &x).unwrap();
    assert_eq!((p[0], p[2], p[5]), (0.0, 0.5, 1.0));
    assert!((p[4] - 0.75).abs() < 1e-15, "{}", p[4]);
    assert!(probabilities(&one, &[1.0, 0.0], &[]).unwrap().is_empty());

    let two = Network::new(&[1, 2], Activation::Relu).unwrap();
    let (positive, protected) = (vec![true, false], vec![true, false]);
    let batch = Batch::new(1, vec![3f64.ln(), -1.5], positive, protected).unwrap();
    let counts = decisions(&one, &[1.0, 0.0], &batch).unwrap();
    assert_eq!(counts.overall().accuracy(), Some(1.0));
    let (notion, reading) = (Notion::DEMOGRAPHIC_PARITY, Reading::GroupMean);
    let loss = |network, regularizer, theta: &[f64]| {
        let loss = FairLoss { network, regularizer, batch: |_| (&batch, 2.0) };
        tape::gradient(&loss, theta)
    };
    let (value, slopes) = loss(&one, None, &[1.0, 0.0]);
    // The slopes of both losses in the logits are p − 1 and p.
    let p = [0.75, 1.0 / (1.0 + 1.5f64.exp())];
    let by_hand = [(-0.25 * 3f64.ln() - 1.5 * p[1]) / 2.0, (-0.25 + p[1]) / 2.0];
    assert!((value - ((4.0f64 / 3.0).ln() - (1.0 - p[1]).ln()) / 2.0).abs() < 1e-15);
    for (slope, by_hand) in slopes.iter().zip(by_hand) {
        assert!((slope - by_hand).abs() < 1e-15, "{slopes:?}");
    }
    let regularizer = Some(Regularizer { notion, reading });
    let (fair, slopes) = loss(&one, regularizer, &[1.0, 0.0]);
    let (pair, of_pair) = loss(&two, regularizer, &[0.0, 1.0, 0.0, 0.0]);
    assert_eq!(fair, pair);
    assert_ne!(fair, value);
    assert_eq!(slopes, [of_pair[1], of_pair[3]]);
}

#[test]
#[should_panic(expected = "one or two logits, not 3")]
fn three_logits_are_no_classifier_of_two_classes() {
    let network = Network::new(&[1, 3], Activation::Relu).unwrap();
    let _ = probabilities(&network, &[0.0; 6], &[1.0]);
}

/// Finite weights may have outputs that are not: 1e200 · 1e200 − 1e200 · 1e200 is no number.
#[test]
fn a_row_without_a_probability_is_an_error_and_no_rejection() {
    let network = Network::new(&[2, 2], Activation::Relu).unwrap();
    let theta = [0.0, 1e200, 0.0, -1e200, 0.0, 0.0];
    let x = vec![1.0, 1.0, 1e200, 1e200];
    let error = probabilities(&network, &theta, &x).unwrap_err();
    assert_eq!(error.row, 1);
    assert!(error.value.is_nan());
    let batch = Batch::new(2, x, vec![true; 2], vec![true; 2]).unwrap();
    let said = decisions(&network, &theta, &batch).unwrap_err().to_string();
    assert_eq!(said, "the probability of row 1 is NaN, expected a number from 0 to 1");
}
