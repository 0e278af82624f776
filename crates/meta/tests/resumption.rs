//! A training that was stopped and goes on is one that was never stopped.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use fairness::{Notion, Reading, Regularizer};
use meta::algorithm::ALL;
use meta::{
    AbsentGroup, AnyAlgorithm, Gamma, Implicit, InnerLoop, LearnerState, MetaLearner, MetaOptions,
    MetaSettings, Precision,
};
use mlp::{Activation, Initialization, Network};
use proptest::prelude::*;
use tasks::synthetic::SyntheticConfig;
use tasks::{EpisodeOptions, EpisodePool};

fn count(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

fn settings(algorithm: AnyAlgorithm) -> MetaSettings {
    let notion = Notion::DEMOGRAPHIC_PARITY;
    let implicit = Implicit { proximal: 50.0, ..Implicit::default() };
    MetaSettings::try_from(MetaOptions {
        algorithm,
        inner: InnerLoop::new(0.01, 2).unwrap().with_implicit(implicit).unwrap(),
        meta_rate: 1e-2,
        tasks_per_batch: count(3),
        initialization: Initialization::Glorot,
        regularizer: Some(Regularizer { notion, reading: Reading::GroupMean }),
        gamma: Gamma::Shared(1.0),
        absent_group: AbsentGroup::Skip,
    })
    .unwrap()
}

fn pool() -> EpisodePool {
    let generator = SyntheticConfig::default();
    let tasks = (0..5).map(|index| generator.training_task(3, index)).collect();
    // Few rows, so that some batches have no member of the group.
    EpisodePool::new(tasks, EpisodeOptions::new(count(2), None), 3).unwrap()
}

/// Trains for `all` iterations. After each of the iterations in `stops` a new learner goes on with
/// what a file would keep.
fn trained<R: Precision>(
    algorithm: AnyAlgorithm,
    all: u64,
    stops: &[u64],
) -> (Vec<u64>, LearnerState) {
    let (pool, network) = (pool(), Network::new(&[2, 6, 2], Activation::Tanh).unwrap());
    let learner = || MetaLearner::<R>::new(settings(algorithm), &network, &pool, 3).unwrap();
    let mut current = learner();
    let mut losses = Vec::new();
    while current.iterations() < all {
        let left = all - current.iterations();
        let after = |iteration, loss: f64| {
            losses.push(loss.to_bits());
            if stops.contains(&iteration) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        current.train_while(left, after).unwrap();
        let file = serde_json::to_string(&current.state()).unwrap();
        let state: LearnerState = serde_json::from_str(&file).unwrap();
        assert_eq!(state, current.state());
        current = learner().with_state(state).unwrap();
    }
    (losses, current.state())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Every loss, weight, moment and count, for every algorithm, in both precisions.
    #[test]
    fn a_stop_at_any_iteration_changes_no_bit(
        all in 1_u64..12,
        stops in prop::collection::vec(0_u64..12, 0..4),
    ) {
        for algorithm in ALL {
            prop_assert_eq!(
                trained::<f64>(algorithm, all, &stops), trained::<f64>(algorithm, all, &[])
            );
        }
        let algorithm = meta::algorithm::FAIR_MAML;
        prop_assert_eq!(
            trained::<f32>(algorithm, all, &stops), trained::<f32>(algorithm, all, &[])
        );
    }
}

/// The test above would fail if a part of the state were lost.
#[test]
fn each_part_of_the_state_matters() {
    let (pool, network) = (pool(), Network::new(&[2, 6, 2], Activation::Tanh).unwrap());
    let learner = || {
        MetaLearner::<f64>::new(settings(meta::algorithm::FAIR_MAML), &network, &pool, 3).unwrap()
    };
    let mut first = learner();
    first.train(9, |_, _| ()).unwrap();
    let whole = serde_json::to_value(first.state()).unwrap();
    let next = |value: serde_json::Value| {
        let state = serde_json::from_value(value).unwrap();
        let mut learner = learner().with_state(state).unwrap();
        learner.train(1, |_, _| ()).unwrap();
        learner.state()
    };
    let expected = next(whole.clone());
    assert!(expected.iterations() == 10 && learner().absent().absent == 0);
    for path in [
        "/iteration",
        "/learned/0",
        "/powers/0",
        "/powers/1",
        "/moments/0/0",
        "/moments/1/0",
        "/absent/batches",
        "/absent/absent",
    ] {
        let mut other = whole.clone();
        let value = other.pointer_mut(path).unwrap();
        assert_ne!(*value, serde_json::json!(0), "{path}");
        *value = match value.as_u64() {
            // The lowest bit of a number might be lost in a sum.
            Some(bits) if bits > 1 << 40 => (bits ^ (1 << 40)).into(),
            Some(number) => (number + 1).into(),
            None => 0.25.into(),
        };
        assert_ne!(next(other), expected, "{path}");
    }
}

#[test]
fn a_state_of_something_else_is_refused() {
    let (pool, network) = (pool(), Network::new(&[2, 6, 2], Activation::Tanh).unwrap());
    let learner = || {
        MetaLearner::<f64>::new(settings(meta::algorithm::FAIR_MAML), &network, &pool, 3).unwrap()
    };
    let mut first = learner();
    first.train(1, |_, _| ()).unwrap();
    let whole = serde_json::to_value(first.state()).unwrap();
    let refused = |path: &str, to: serde_json::Value| {
        let mut other = whole.clone();
        *other.pointer_mut(path).unwrap() = to;
        let state = serde_json::from_value(other).unwrap();
        let error = learner().with_state(state).err().expect("an error").to_string();
        assert!(error.starts_with("state must be "), "{error}");
    };
    refused("/learned", serde_json::json!([1]));
    refused("/moments/1", serde_json::json!([1]));
    refused("/iteration", serde_json::json!(0));
    refused("/powers/0", serde_json::json!(-0.5));
    assert!(learner().with_state(learner().state()).is_ok());
}
