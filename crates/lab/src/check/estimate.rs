//! What the check of a plan takes in memory and work, estimated before it begins.

use experiment::plan::Plan;
use experiment::run::estimate::of_tasks;
use meta::AnyAlgorithm;
use meta::estimate::Estimate;
use meta::sizes::{LearnerSize, NUMBER, NetworkSize};

use super::CheckSettings;

/// The bytes of the program itself.
const PROGRAM: f64 = 4e7;
/// The vectors of weights at one moment: points, rates, slopes, indices.
const VECTORS: f64 = 30.0;
/// The points at which derivatives are checked.
const POINTS: f64 = 3.0;

/// The estimate of a check of one algorithm under a plan on so many threads.
pub fn estimate(
    plan: &Plan,
    algorithm: AnyAlgorithm,
    settings: &CheckSettings,
    threads: usize,
) -> Estimate {
    let (network, inner) = (NetworkSize::from(&plan.network), plan.inner);
    let (tasks, k) = (plan.tasks_per_batch.get() as f64, plan.k.get() as f64);
    let learner = LearnerSize { network, algorithm, inner, tasks, k, threads: threads as f64 };
    let recording = network.recording(k, 4.0, NUMBER);
    let path = (inner.steps() as f64 + 3.0) * recording;
    let mut estimate = Estimate::default();
    estimate.memory("the program", PROGRAM);
    estimate.memory("tasks × rows", 1.5 * of_tasks(plan));
    estimate
        .memory("meta-learning: parameters × (inner steps + tasks of a batch)", learner.bytes());
    estimate.memory("recordings: parameters × inner steps", path);
    estimate.memory("vectors of parameters", VECTORS * NUMBER * network.parameters);
    estimate
        .work("iterations × tasks of a batch", plan.iterations.get() as f64 * learner.iteration());
    let of_layer = settings.entries as f64 * 2.0 * network.layers;
    let entries = of_layer.min(network.parameters);
    let differences = 2.0 * settings.steps.sizes.len() as f64 * entries;
    let adaptation = (2.0 * inner.steps() as f64 + 2.0) * network.gradient(k);
    estimate.work("differences × inner steps", POINTS * differences * 2.0 * adaptation);
    estimate
}

#[cfg(test)]
mod tests {
    use super::*;
    use meta::algorithm::ALL;
    use meta::estimate::Limits;
    use paper::defaults;

    #[test]
    fn default_checks_are_below_the_limits() {
        for plan in [defaults::synthetic(), defaults::communities()] {
            for algorithm in ALL {
                let found = estimate(&plan, algorithm, &CheckSettings::default(), 64);
                assert_eq!(found.check("it", Limits::default()), Ok(()));
                assert!(found.bytes() < 1e9);
            }
        }
    }
}
