//! Jobs: the arms of one seed that are trained together, and their approximate time.

use crate::plan::{Arm, MethodName, Plan};

/// Arms that are trained together: those of one method, then those of methods that share its
/// training.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// In the order of tables.
    pub arms: Vec<Arm>,
}

impl Job {
    /// The number of arms of the trained method; they come first.
    pub fn own(&self) -> usize {
        let method = self.arms[0].method;
        self.arms.iter().take_while(|arm| arm.method == method).count()
    }
}

/// The jobs of one seed of a plan, the longest first.
pub fn jobs(plan: &Plan) -> Vec<Job> {
    let of = |method: MethodName| method.implementation().arms(plan, method);
    let guests_of = |host: MethodName| -> Vec<Arm> {
        let methods = plan.methods.iter().copied();
        methods.filter(|guest| guest.implementation().host() == Some(host)).flat_map(of).collect()
    };
    let mut jobs = Vec::new();
    for &method in plan.methods.iter().filter(|method| method.implementation().host().is_none()) {
        let guests = guests_of(method);
        for mut arms in method.implementation().groups(&of(method)) {
            if arms.contains(&Arm::plain(method)) {
                arms.extend(&guests);
            }
            // A method without targets has no arms.
            if !arms.is_empty() {
                jobs.push(Job { arms });
            }
        }
    }
    jobs.sort_by_key(|job| std::cmp::Reverse(work(plan, job)));
    jobs
}

/// The approximate time of a job, in meta-iterations.
pub fn work(plan: &Plan, job: &Job) -> u64 {
    job.arms[0].method.implementation().work(plan, job.own())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::LANES;
    use crate::sample;

    #[test]
    fn every_arm_has_one_job() {
        let many = sample::with_laftr((1..=17).map(f64::from).collect());
        assert_eq!(many.check(), Ok(()));
        for plan in [sample::synthetic(), sample::communities(), sample::tiny(), many] {
            let jobs = jobs(&plan);
            let mut arms: Vec<Arm> = jobs.iter().flat_map(|job| job.arms.clone()).collect();
            for arm in plan.arms() {
                let place = arms.iter().position(|other| *other == arm);
                arms.remove(place.unwrap_or_else(|| panic!("no job for {arm:?}")));
            }
            assert_eq!(arms, []);
            for job in &jobs {
                // Thresholds use MAML's weights and share its job.
                let (own, guests) = job.arms.split_at(job.own());
                let method = own[0].method;
                let is_guest = |arm: &Arm| arm.method.implementation().host() == Some(method);
                assert!(guests.iter().all(is_guest), "{job:?}");
                let most = match method {
                    MethodName::Laftr | MethodName::Pretrained => LANES,
                    MethodName::Meta | MethodName::Scratch => 1,
                    // There is no training.
                    _ => usize::MAX,
                };
                assert!(own.len() <= most, "{job:?}");
                let mut notions: Vec<_> = own.iter().filter_map(|arm| arm.notion).collect();
                notions.dedup();
                let is_pretrained = method == MethodName::Pretrained;
                assert!(notions.len() < 2 || !is_pretrained, "{job:?}");
            }
            let sizes: Vec<u64> = jobs.iter().map(|job| work(&plan, job)).collect();
            assert!(sizes.is_sorted_by(|a, b| a >= b), "{sizes:?}");
        }
    }

    #[test]
    fn seventeen_arms_of_laftr_in_lanes_of_four() {
        let plan = sample::with_laftr((1..=17).map(f64::from).collect());
        let laftr = |job: &Job| job.arms[0].method == MethodName::Laftr;
        let sizes: Vec<usize> =
            jobs(&plan).iter().filter(|job| laftr(job)).map(|job| job.arms.len()).collect();
        assert_eq!(sizes, [4, 4, 4, 4, 2]);
    }
}
