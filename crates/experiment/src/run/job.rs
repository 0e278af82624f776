//! Jobs: the arms of one seed that are trained together, and their approximate time.

use crate::method::Host;
use crate::plan::{Arm, Plan};

/// Arms that are trained together: those of one method, then their guests, which share a training.
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

    /// The guests, those with the same host together.
    pub fn guests(&self) -> impl Iterator<Item = (Host, &[Arm])> {
        let guests = self.arms[self.own()..].chunk_by(|a, b| host(a) == host(b));
        guests.filter_map(|guests| Some((host(&guests[0])?, guests)))
    }
}

/// The arm whose training an arm shares.
fn host(arm: &Arm) -> Option<Host> {
    arm.method.implementation().host(*arm)
}

/// The jobs of one seed of a plan, the longest first.
pub fn jobs(plan: &Plan) -> Vec<Job> {
    let (guests, hosts): (Vec<Arm>, Vec<Arm>) =
        plan.arms().into_iter().partition(|arm| host(arm).is_some());
    let mut jobs = Vec::new();
    for &method in &plan.methods {
        let own: Vec<Arm> = hosts.iter().filter(|arm| arm.method == method).copied().collect();
        for mut arms in method.implementation().groups(&own) {
            let joins = |guest: &&Arm| host(guest).is_some_and(|host| arms.contains(&host.arm));
            let guests: Vec<Arm> = guests.iter().filter(joins).copied().collect();
            arms.extend(guests);
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
    use crate::plan::MethodName;
    use crate::sample;

    #[test]
    fn every_arm_has_one_job() {
        let many = sample::with_laftr((1..=17).map(f64::from).collect());
        assert_eq!(many.check(), Ok(()));
        let plans = [sample::synthetic(), sample::communities(), sample::tiny(), many];
        for plan in plans.map(sample::with_probes) {
            let jobs = jobs(&plan);
            let mut arms: Vec<Arm> = jobs.iter().flat_map(|job| job.arms.clone()).collect();
            for arm in plan.arms() {
                let place = arms.iter().position(|other| *other == arm);
                arms.remove(place.unwrap_or_else(|| panic!("no job for {arm:?}")));
            }
            assert_eq!(arms, []);
            for job in &jobs {
                // Thresholds and probes use the weights of another arm and share its job.
                let (own, guests) = job.arms.split_at(job.own());
                let method = own[0].method;
                assert!(job.guests().all(|(host, _)| own.contains(&host.arm)), "{job:?}");
                let all: Vec<Arm> = job.guests().flat_map(|(_, arms)| arms.to_vec()).collect();
                assert_eq!(all, guests, "{job:?}");
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
