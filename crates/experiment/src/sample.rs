//! Plans for tests: those of the paper, as a file has them.

use std::num::NonZeroU64;

use crate::plan::{Plan, Problem};

/// The plans of a full run at the defaults.
const PLANS: &str = include_str!("../testdata/plans.json");

fn plans() -> [Plan; 2] {
    serde_json::from_str(PLANS).expect("two plans")
}

/// The synthetic one of them.
pub fn synthetic() -> Plan {
    let [plan, _] = plans();
    plan
}

/// The one about Communities and Crime.
pub fn communities() -> Plan {
    let [_, plan] = plans();
    plan
}

/// The same with few seeds, iterations, tasks and weights, without variants.
pub fn quick(plan: Plan) -> Plan {
    let mut plan = plan.bare();
    let few = |n| NonZeroU64::new(n).expect("above 0");
    if let Problem::Synthetic { test_tasks, .. } = &mut plan.problem {
        *test_tasks = few(20);
    }
    (plan.seeds, plan.iterations) = (few(2), few(300));
    plan.sweeps.iter_mut().for_each(|sweep| sweep.gammas.truncate(1));
    plan.gamma_shown = plan.sweeps[0].gammas[0];
    plan.scratch.epochs = few(50);
    plan.fine_tuning_gammas = Vec::new();
    if let Some(laftr) = &mut plan.laftr {
        laftr.cap(5);
    }
    plan
}
