//! Jobs: the arms of one seed that are trained together, and about how long that takes.

use crate::plan::{Algorithm, Arm, Plan};
use crate::run::adapt::Run;

/// So many arms are trained side by side at most; with eight, parameters and activations leave the
/// first cache.
pub const LANES: usize = 4;

/// Arms that are trained together.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// In the order of tables.
    pub arms: Vec<Arm>,
}

impl Job {
    /// What errors call it; of several arms, the error itself says which.
    pub fn name(&self, plan: &Plan, seed: u64) -> String {
        match self.arms[..] {
            [arm] => Run { plan, arm, seed }.name(),
            _ => format!("{}, {}, seed {seed}", plan.problem.name(), self.arms[0].method()),
        }
    }
}

/// The jobs of one seed of a plan, what takes longest first. Arms that see the same rows and differ
/// in numbers alone march in lanes: LAFTR's, and the pre-trained network's under one notion.
pub fn jobs(plan: &Plan) -> Vec<Job> {
    let arms = plan.arms();
    let of = |algorithm| arms.iter().copied().filter(move |arm| arm.algorithm == algorithm);
    let adversarial: Vec<Arm> = of(Algorithm::Laftr).collect();
    let mut groups: Vec<Vec<Arm>> = adversarial.chunks(LANES).map(<[Arm]>::to_vec).collect();
    let pretrained: Vec<Arm> = of(Algorithm::Pretrained).collect();
    // γ = 0 belongs to no notion and joins the first.
    let notion = |arm: &Arm| arm.notion.or(pretrained.iter().find_map(|arm| arm.notion));
    let under_one_notion = pretrained.chunk_by(|a, b| notion(a) == notion(b));
    groups.extend(under_one_notion.flat_map(|arms| arms.chunks(LANES)).map(<[Arm]>::to_vec));
    let shifted: Vec<Arm> =
        [Algorithm::SharedThreshold, Algorithm::GroupThresholds].into_iter().flat_map(of).collect();
    // Thresholds are those of MAML's weights.
    groups.extend(of(Algorithm::Meta).map(|arm| match arm.notion {
        None => [vec![arm], shifted.clone()].concat(),
        Some(_) => vec![arm],
    }));
    groups.extend(of(Algorithm::Scratch).map(|arm| vec![arm]));
    let untrained = arms.iter().filter(|arm| is_untrained(arm.algorithm)).copied();
    let untrained: Vec<Arm> = untrained.collect();
    groups.extend(untrained.chunk_by(|a, b| a.algorithm == b.algorithm).map(<[Arm]>::to_vec));
    groups.into_iter().map(|arms| Job { arms }).collect()
}

/// Whether nothing is trained on other tasks: see [`rivals`].
fn is_untrained(algorithm: Algorithm) -> bool {
    use Algorithm::*;
    matches!(algorithm, Majority | Coin | Labels | Line | Bayes | OwnNetwork | OwnLogistic)
}

/// About how long a job takes, in meta-iterations.
pub fn work(plan: &Plan, job: &Job) -> u64 {
    let (iterations, arms) = (plan.iterations.get(), job.arms.len() as u64);
    match (job.arms[0].algorithm, &plan.laftr) {
        (Algorithm::Meta, _) => iterations,
        (Algorithm::Pretrained, _) => (1 + arms / 2) * iterations,
        (Algorithm::Laftr, Some(laftr)) => (10 + 5 * arms) * laftr.settings.epochs,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Sweep;
    use crate::sample;
    use fairness::Notion;
    use std::num::NonZeroU64;

    /// Communities and Crime, with next to no training.
    fn tiny() -> Plan {
        let plan = sample::quick(sample::communities());
        Plan { iterations: NonZeroU64::new(2).unwrap(), ..plan }
    }

    fn with_laftr(gammas: Vec<f64>) -> Plan {
        let mut plan = tiny();
        let laftr = plan.laftr.as_mut().unwrap();
        laftr.gamma_shown = gammas[0];
        laftr.sweeps = vec![Sweep { notion: Notion::DEMOGRAPHIC_PARITY, gammas }];
        plan
    }

    #[test]
    fn every_arm_has_one_job() {
        let many = with_laftr((1..=17).map(f64::from).collect());
        assert_eq!(many.check(), Ok(()));
        for plan in [sample::synthetic(), sample::communities(), tiny(), many] {
            let jobs = jobs(&plan);
            let mut arms: Vec<Arm> = jobs.iter().flat_map(|job| job.arms.clone()).collect();
            for arm in plan.arms() {
                let place = arms.iter().position(|other| *other == arm);
                arms.remove(place.unwrap_or_else(|| panic!("no job for {arm:?}")));
            }
            assert_eq!(arms, []);
            for job in &jobs {
                let algorithm = job.arms[0].algorithm;
                if is_untrained(algorithm) {
                    assert!(job.arms.iter().all(|arm| arm.algorithm == algorithm), "{job:?}");
                    continue;
                }
                // Thresholds are those of MAML's weights, and share its job.
                let trained = job.arms.iter().filter(|arm| arm.target.is_none());
                let job = Job { arms: trained.copied().collect() };
                assert!(job.arms.iter().all(|arm| arm.algorithm == algorithm), "{job:?}");
                let in_lanes = matches!(algorithm, Algorithm::Laftr | Algorithm::Pretrained);
                assert!(job.arms.len() <= if in_lanes { LANES } else { 1 }, "{job:?}");
                let mut notions: Vec<_> = job.arms.iter().filter_map(|arm| arm.notion).collect();
                notions.dedup();
                assert!(notions.len() < 2 || algorithm == Algorithm::Laftr, "{job:?}");
            }
        }
    }

    #[test]
    fn seventeen_arms_of_laftr_in_lanes_of_four() {
        let plan = with_laftr((1..=17).map(f64::from).collect());
        let laftr = |job: &Job| job.arms[0].algorithm == Algorithm::Laftr;
        let sizes: Vec<usize> =
            jobs(&plan).iter().filter(|job| laftr(job)).map(|job| job.arms.len()).collect();
        assert_eq!(sizes, [4, 4, 4, 4, 2]);
    }
}
